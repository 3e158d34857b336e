"""Weeks whose steps cannot be done when they are due, are due twice, or meet what was deleted meanwhile."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord
import pytest
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from sqlalchemy import event

from bot.storage.posts import Posted, Role
from bot.storage.settings import Work
from bot.storage.tickets import new_id
from bot.storage.timers import Timer, TimerKind
from bot.week import own, sheets
from bot.week.weekly import WAIT_SECONDS
from bot.words import week as words
from tests.bot.fake_engine import FakeEngine
from tests.bot.week import test_week as weeks
from tests.bot.week.test_week import DAY, HOUR, begin, collage, end, painted, week_of
from tests.bot.world import World, said

mia, weekly = weeks.mia, weeks.weekly


async def begins_at(world: World) -> float:
    """When the next week begins by itself."""
    timer = await world.bot.studio.store.timers.find(TimerKind.WEEK_BEGINS, str(world.guild.id))
    assert timer is not None
    return timer.due


async def at(world: World, due: float) -> None:
    await world.timers(due - world.bot.studio.alarms.clock())


async def try_at(world: World, due: float) -> None:
    """Let it be so late, and something not be possible that is due."""
    world.ahead += due - world.bot.studio.alarms.clock()
    world.bot.studio.alarms.wake()
    await world.env.settle()


async def all_painted(world: World, *members: MemberActor) -> None:
    for member in members:
        await painted(world, member)


async def names(world: World, weekly: ChannelHandle) -> str:
    """All that is said beneath a collage."""
    texts = [message.content for message in weekly.history() if "Chosen by" not in message.content]
    if (thread := await thread_of(world, weekly)) is not None:
        texts += [message.content async for message in thread.history()]
    return " ".join(texts)


async def thread_of(world: World, weekly: ChannelHandle) -> discord.Thread | None:
    try:
        found = await world.bot.fetch_channel(collage(weekly).id)
    except discord.NotFound:
        return None
    assert isinstance(found, discord.Thread)
    return found


async def test_one_that_ends_when_the_next_begins_ends_only_itself(
    world: World, mia: MemberActor, weekly: ChannelHandle
) -> None:
    await world.set_server(week_begins=12, week_ends=12)
    await world.bot.studio.weekly.settle(world.guild.id)
    await at(world, await begins_at(world))
    first = await week_of(world)
    await at(world, first.ends)
    second = await week_of(world)
    assert second.id != first.id
    assert len(weekly.history()) == 2


async def test_one_that_a_moderator_begins_goes_on_as_long_as_it_says(
    world: World, mia: MemberActor, weekly: ChannelHandle
) -> None:
    usual = await begins_at(world)
    world.ahead = usual - 40 * HOUR - world.bot.studio.alarms.clock()  # on a Saturday evening
    await begin(world, mia)
    week = await week_of(world)
    assert f"<t:{week.ends:.0f}:F>" in weekly.history()[-1].content
    planned = said(await mia.slash(world.art, "week style", style="starry"))
    assert f"<t:{usual + 7 * DAY:.0f}:R>" in planned.content
    await at(world, usual)
    assert await week_of(world) == week
    await at(world, usual + 7 * DAY)
    assert "The Starry Night" in weekly.history()[-1].content


async def test_an_end_that_comes_after_the_next_beginning_is_told_as_it_will_be(
    world: World, mia: MemberActor, weekly: ChannelHandle
) -> None:
    await world.set_server(week_begins=12, week_ends=18)  # both on Monday
    await world.bot.studio.weekly.settle(world.guild.id)
    usual = await begins_at(world)
    await at(world, usual)
    assert f"<t:{usual + 7 * DAY:.0f}:F>" in weekly.history()[-1].content


@pytest.mark.parametrize("late", [3 * DAY, 5 * DAY, 9 * DAY])
async def test_one_begins_late_while_two_days_of_it_are_left(
    world: World, mia: MemberActor, weekly: ChannelHandle, late: float
) -> None:
    due = await begins_at(world)
    await at(world, due + late)
    assert len(weekly.history()) == (late < 4 * DAY)
    assert await begins_at(world) == due + (14 * DAY if late > 7 * DAY else 7 * DAY)


async def test_one_that_is_announced_is_not_begun_again(
    world: World, mia: MemberActor, weekly: ChannelHandle
) -> None:
    due = await begins_at(world)
    await at(world, due)
    week = await week_of(world)
    timer = Timer(TimerKind.WEEK_BEGINS, str(world.guild.id), due, world.guild.id)
    await world.bot.studio.store.timers.set(timer)  # as a process leaves it that ends just then
    await world.timers()
    assert await week_of(world) == week
    assert len(weekly.history()) == 1
    assert await begins_at(world) > due


@pytest.mark.parametrize("how", ["off", "away"])
async def test_a_collage_and_a_beginning_wait_until_they_can_be_posted(
    world: World, mia: MemberActor, weekly: ChannelHandle, how: str
) -> None:
    await world.bot.studio.weekly.settle(world.guild.id)
    await begin(world, mia)
    await painted(world, world.alice)
    week, guild = await week_of(world), world.bot.get_guild(world.guild.id)
    assert guild is not None
    channels = guild._channels
    if how == "off":
        await world.set_server(work=Work.FINISH)
    else:
        guild._channels = {}  # as discord.py has it in an outage
    begins = await begins_at(world)
    await try_at(world, max(week.ends, begins) + HOUR)
    assert len(weekly.history()) == 1
    if how == "off":
        await world.set_server(work=Work.ON)
    else:
        guild._channels = channels
    await world.env.advance_time(WAIT_SECONDS + 1)
    await world.timers()
    assert collage(weekly)
    assert (await week_of(world)).id != week.id
    announced = [each for each in weekly.history() if "Style of the week" in each.content]
    assert len(announced) == 2


async def test_an_end_by_hand_that_is_cut_off_is_gone_on_with(
    world: World, engine: FakeEngine, mia: MemberActor, weekly: ChannelHandle
) -> None:
    await begin(world, mia)
    await painted(world, world.alice)
    engine.go_down()
    assert "here" not in await end(world, mia)
    engine.come_back()
    await world.env.advance_time(61)
    await world.timers()
    assert collage(weekly)


async def test_one_of_which_nothing_is_left_is_not_said_to_go_on(
    world: World, mia: MemberActor, weekly: ChannelHandle
) -> None:
    await begin(world, mia)
    gone = await painted(world, world.alice)
    await world.bot.close()
    await gone.delete()
    await world.env.restart_bot(world._new_bot())
    assert await end(world, mia) == words.NOBODY_LEFT()
    assert await world.bot.studio.store.weeks.running(world.guild.id) is None


async def test_who_has_left_unnoticed_is_not_on_it(
    world: World, mia: MemberActor, weekly: ChannelHandle
) -> None:
    await begin(world, mia)
    await all_painted(world, world.alice, world.bob)
    world.guild.remove_member(world.alice)
    await end(world, mia)
    assert f"**1** <@{world.bob.id}>" in collage(weekly).content
    assert str(world.alice.id) not in collage(weekly).content


async def test_what_is_deleted_while_a_server_is_away_leaves_the_collage(
    world: World, engine: FakeEngine, mia: MemberActor, weekly: ChannelHandle
) -> None:
    await begin(world, mia)
    await all_painted(world, world.alice, world.bob)
    await end(world, mia)
    guild = world.bot.get_guild(world.guild.id)
    assert guild is not None
    channels, guild._channels = guild._channels, {}
    await world.bot.studio.deletion.delete(engine.jobs[0].key)
    await world.env.settle()
    guild._channels = channels
    await world.env.advance_time(61)
    await world.timers()
    assert str(world.alice.id) not in collage(weekly).content


async def test_what_is_deleted_while_it_is_drawn_leaves_the_collage(
    world: World,
    engine: FakeEngine,
    mia: MemberActor,
    weekly: ChannelHandle,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await begin(world, mia)
    await all_painted(world, world.alice, world.bob)
    draw = sheets.Sheets.draw

    async def deleted_meanwhile(self: sheets.Sheets, *arguments: Any) -> Any:
        drawn = await draw(self, *arguments)
        if len(engine.collages) == 1:
            await world.bot.studio.deletion.delete(engine.jobs[0].key)
            timers = world.bot.studio.store.timers
            for _ in range(50):  # for whoever sees to that to look at it
                await asyncio.sleep(0)
                await timers.next_after(0.0)
        return drawn

    monkeypatch.setattr(sheets.Sheets, "draw", deleted_meanwhile)
    await end(world, mia)
    await world.env.advance_time(61)
    await world.timers()
    assert str(world.alice.id) not in collage(weekly).content


@pytest.mark.parametrize("thread", ["deleted", "put away", "never made"])
async def test_whatever_becomes_of_its_thread_all_are_named_until_they_delete(
    world: World,
    engine: FakeEngine,
    mia: MemberActor,
    weekly: ChannelHandle,
    monkeypatch: pytest.MonkeyPatch,
    thread: str,
) -> None:
    monkeypatch.setattr(words, "MESSAGE_LIMIT", 130)
    members: Sequence[MemberActor] = (world.alice, world.bob, mia)
    await begin(world, mia)
    await all_painted(world, *members)
    if thread == "never made":
        world.env.inject_error("POST", "/channels/*/messages/*/threads", status=400, code=160006)
    await end(world, mia)
    said_of = await names(world, weekly)
    assert all(f"<@{each.id}>" in said_of for each in members)
    there = await thread_of(world, weekly)
    assert (there is None) == (thread == "never made")
    if there is not None and thread == "put away":
        await there.edit(archived=True)
    elif there is not None:
        await there.delete()
    for n, each in ((2, mia), (0, world.alice)):
        await world.bot.studio.deletion.delete(engine.jobs[n].key)
        await world.timers()
        assert f"<@{each.id}>" not in await names(world, weekly)
    there = await thread_of(world, weekly)
    assert there is None or there.archived == (thread == "put away")
    opened = [call for call in world.env.http_requests if call.json == {"archived": False}]
    assert bool(opened) == (thread == "put away")


async def test_a_result_that_is_chosen_is_shown_however_old(
    world: World, engine: FakeEngine, mia: MemberActor, weekly: ChannelHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "MOST", 2)
    await begin(world, mia)
    chosen = await painted(world, world.alice)
    await all_painted(world, world.alice, world.alice)
    week = await week_of(world)
    await world.bot.studio.store.weeks.choose(week.id, world.alice.id, engine.jobs[0].key)
    shown = said(await world.alice.slash(world.art, "week show"))
    assert chosen.jump_url in shown.content
    assert len(shown.components[0]["components"][0]["options"]) == 2


async def test_there_is_room_for_files_of_any_size(
    world: World, engine: FakeEngine, mia: MemberActor, weekly: ChannelHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "RESULT_BYTES", 1)
    await begin(world, mia)
    await painted(world, world.alice)
    engine.forget()
    await end(world, mia)
    assert engine.collages == [{1: b"\xff\xd8\xff redrawn " + engine.result}]


async def test_more_results_of_a_member_ask_no_more_of_the_database(
    world: World, engine: FakeEngine, mia: MemberActor, weekly: ChannelHandle
) -> None:
    await begin(world, mia)
    await painted(world, world.alice)
    store, week = world.bot.studio.store, await week_of(world)
    entries, channel = world.bot.studio.weekly.entries, world.bot.get_channel(weekly.id)
    assert isinstance(channel, discord.TextChannel)
    asked: list[str] = []
    event.listen(store.database.sync_engine, "before_cursor_execute", lambda *given: asked.append(given[2]))

    async def questions() -> int:
        asked.clear()
        assert len(await entries.of(week, channel)) == 1
        return len(asked)

    few = await questions()
    one = await store.tickets.find(engine.jobs[0].key)
    assert one is not None
    for n in range(20):
        again = replace(one, id=new_id())
        await store.tickets.add(again)
        await store.posts.add(Posted(1000 + n, world.art.id, world.guild.id, again.id, Role.RESULT, 1.0))
    assert len((await entries.by_member(week, channel))[world.alice.id]) == 21
    assert await questions() == few
