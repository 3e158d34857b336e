"""Stories of a style of the week: announced, painted in, and shown as one collage in the end."""

import copy
from dataclasses import replace
from typing import Any

import discord
import pytest
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from bot.errors import BotError, BotErrorCode
from bot.storage.consents import Answer
from bot.storage.museum import State
from bot.storage.timers import Timer, TimerKind
from bot.storage.weeks import Week, WeekState
from bot.week import sheets
from bot.week.weekly import LATE_SECONDS
from bot.words import gallery as gallery_words
from bot.words import week as words
from bot.words.errors import sentence
from tests.bot.fake_engine import FakeEngine
from tests.bot.museum import test_museum as museum
from tests.bot.world import FINISHED, World, png, said

HOUR, DAY = 3600.0, 24 * 3600.0


@pytest.fixture
def mia(world: World) -> MemberActor:
    """She manages the server."""
    managing = world.guild.create_role(
        "Staff", permissions=discord.Permissions(manage_guild=True, manage_messages=True)
    )
    return world.guild.add_member(world.env.create_user("mia"), roles=[managing])


@pytest.fixture
async def weekly(world: World) -> ChannelHandle:
    """The channel with the style of the week."""
    channel = world.guild.create_text_channel("weekly")
    await world.set_server(week_channel_id=channel.id)
    await world.bot.studio.weekly.settle(world.guild.id)
    return channel


async def begin(world: World, mia: MemberActor, style: str = "great_wave") -> None:
    answer = said(await mia.slash(world.art, "week style", style=style, now=True))
    assert answer.content.startswith("Announced: https://discord.com/channels/")


async def end(world: World, mia: MemberActor) -> str:
    return said(await mia.slash(world.art, "week end")).content


async def week_of(world: World) -> Week:
    week = await world.bot.studio.store.weeks.running(world.guild.id)
    assert week is not None
    return week


async def painted(world: World, member: MemberActor, **options: Any) -> discord.Message:
    await world.env.advance_time(1)
    return await world.result(member=member, **options)


def collage(channel: ChannelHandle) -> discord.Message:
    return next(message for message in channel.history() if "collage-" in _files(message))


def _files(message: discord.Message) -> str:
    return " ".join(each.filename for each in message.attachments)


async def test_a_week_from_its_announcement_to_its_collage(
    world: World, engine: FakeEngine, mia: MemberActor
) -> None:
    weekly = world.guild.create_text_channel("weekly")
    panel = said(await mia.slash(world.art, "setup"))
    await mia.select(panel, ["week"], custom_id="setup:jump")
    assert "Style of the week: none" in panel.content
    await mia.select(panel, [weekly], custom_id="setup:week")
    await mia.select(panel, ["Europe/Berlin"], custom_id="setup:set:week_zone:0")
    assert "Time zone: UTC → **Berlin**" in panel.content
    timer = await world.bot.studio.store.timers.find(TimerKind.WEEK_BEGINS, str(world.guild.id))
    assert timer is not None
    await world.timers(timer.due - world.bot.studio.alarms.clock())
    [announced] = weekly.history()
    week = await week_of(world)
    assert announced.content.startswith("🖼️ **Style of the week: “The ")
    assert [each.filename for each in announced.attachments] == [f"week-{week.id}.jpeg"]
    assert world.rung_by(announced) == []
    world.ahead = 0.0  # as what is painted goes by another clock
    await world.bot.studio.store.weeks.save(replace(week, begins=1.0), "begins")
    first = await painted(world, world.alice, style=week.style)
    second = await painted(world, world.bob, style=week.style)
    shown = said(await world.bob.click(announced, label=words.MINE()))
    assert shown.ephemeral
    assert "2 members take part so far" in shown.content
    assert second.jump_url in shown.content
    await world.timers(week.ends - world.bot.studio.alarms.clock())
    posted = collage(weekly)
    assert engine.collages == [{1: engine.result, 2: engine.result}]
    assert f"**1** <@{world.alice.id}> · **2** <@{world.bob.id}>" in posted.content
    assert "by 2 members**" in posted.content
    assert world.rung_by(posted) == []
    assert posted.thread is not None or world.env.backend.channels.get(posted.id) is not None
    assert first.id != second.id
    again = said(await world.bob.click(announced, label=words.MINE()))
    assert again.content == sentence(BotError(BotErrorCode.WEEK_OVER))
    following = await world.bot.studio.store.timers.find(TimerKind.WEEK_BEGINS, str(world.guild.id))
    assert following is not None
    assert following.due == timer.due + 7 * DAY


async def test_a_member_picks_another_one_or_none(
    world: World, engine: FakeEngine, mia: MemberActor, weekly: ChannelHandle
) -> None:
    await begin(world, mia)
    older = await painted(world, world.alice)
    newer = await painted(world, world.alice)
    shown = said(await world.alice.slash(world.art, "week show"))
    assert newer.jump_url in shown.content
    menu = shown.components[0]["components"][0]
    assert menu["placeholder"] == words.TAKE_THIS()
    await world.alice.select(shown, [menu["options"][1]["value"]], custom_id=menu["custom_id"])
    assert older.jump_url in shown.content
    await world.alice.click(shown, label=words.LEAVE_OUT())
    assert words.IS_OUT() in shown.content
    assert "Nobody takes part yet" in shown.content
    assert await end(world, mia) == words.NOBODY_YET()
    await world.alice.click(shown, label=words.TAKE_PART())
    assert newer.jump_url in shown.content
    assert "The collage is here" in await end(world, mia)
    assert len(engine.collages) == 1


async def test_who_has_nothing_in_it_is_told_how(
    world: World, mia: MemberActor, weekly: ChannelHandle
) -> None:
    nothing = said(await world.bob.slash(world.art, "week show"))
    assert nothing.content == sentence(BotError(BotErrorCode.NO_WEEK_NOW))
    await begin(world, mia)
    await painted(world, world.alice, style="starry_night")
    shown = said(await world.alice.slash(world.art, "week show"))
    assert words.NONE_YET() in shown.content


async def test_what_must_not_be_seen_there_is_not(
    world: World, engine: FakeEngine, mia: MemberActor, weekly: ChannelHandle
) -> None:
    """Deleted, hidden, age-restricted, from a closed channel, of a blocked member, of somebody who did not say yes."""
    await begin(world, mia)
    store = world.bot.studio.store
    entries, week = world.bot.studio.weekly.collages.entries, await week_of(world)
    channel = world.bot.get_channel(weekly.id)
    assert isinstance(channel, discord.TextChannel)

    async def shown() -> list[int]:
        return [ticket.user_id for ticket in await entries.of(week, channel)]

    deleted = await painted(world, world.alice)
    assert await shown() == [world.alice.id]
    await deleted.delete()
    await world.env.settle()
    assert await shown() == []
    await painted(world, world.alice, content=("SPOILER_cat.png", png()))
    assert await shown() == []
    see, unseen = (
        discord.PermissionOverwrite(view_channel=True),
        discord.PermissionOverwrite(view_channel=False),
    )
    assert world.guild.me is not None
    closed: dict[Any, discord.PermissionOverwrite] = {
        world.guild.default_role: unseen,
        world.guild.me: see,
        mia: see,
    }
    hidden = world.guild.create_text_channel("staff", overwrites=closed)
    restricted = world.guild.create_text_channel("night")
    night = world.bot.get_channel(restricted.id)
    assert isinstance(night, discord.TextChannel)
    night.nsfw = True  # which simcord cannot be asked for
    for place in (hidden, restricted):
        ticket = await _ticket(world, mia, place)
        assert await store.tickets.state(ticket) == "delivered"
    assert await shown() == []
    await painted(world, world.bob)
    assert await shown() == [world.bob.id]
    await store.blocks.block(world.guild.id, world.bob.id, mia.id, 1.0)
    assert await shown() == []


async def _ticket(world: World, member: MemberActor, place: ChannelHandle) -> str:
    await member.slash(place, "stylize", content=("cat.png", png()), style="great_wave")
    await world.tell(FINISHED, len(world.engine.jobs) - 1)
    await world.until(lambda: any("here it is" in message.content for message in place.history()))
    return world.engine.jobs[-1].key


async def test_others_pictures_only_if_their_author_has_said_always(
    world: World, mia: MemberActor, weekly: ChannelHandle
) -> None:
    await begin(world, mia)
    picture = await world.bob.send(world.art, "my cat", attachments=[("cat.png", png())])
    await world.alice.react(picture, "🌊")
    await world.finish(0)
    assert await end(world, mia) == words.NOBODY_YET()
    consents = world.bot.studio.store.consents
    await consents.remember(world.bob.id, world.guild.id, Answer.ALWAYS, 1.0)
    assert "The collage is here" in await end(world, mia)
    assert f"<@{world.alice.id}> (picture by <@{world.bob.id}>)" in collage(weekly).content
    store = world.bot.studio.store
    await store.members.forget(world.bob.id, False, 1.0)  # who wants results of others to stay
    week = await store.weeks.find(_files(collage(weekly)).removeprefix("collage-").partition(".")[0])
    assert week is not None
    await store.timers.set(Timer(TimerKind.COLLAGE, week.id, 1.0, world.guild.id))
    await world.timers()
    assert collage(weekly).content.endswith(f"**1** <@{world.alice.id}>")


async def test_a_result_that_was_deleted_while_the_bot_was_away_is_not_shown(
    world: World, engine: FakeEngine, mia: MemberActor, weekly: ChannelHandle
) -> None:
    await begin(world, mia)
    gone = await painted(world, world.alice)
    await painted(world, world.bob)
    await world.bot.close()
    await gone.delete()
    await world.env.restart_bot(world._new_bot())
    await end(world, mia)
    assert f"by one member**\n**1** <@{world.bob.id}>" in collage(weekly).content
    assert engine.collages[-1].keys() == {1}


async def test_what_is_deleted_later_leaves_the_collage(
    world: World, engine: FakeEngine, mia: MemberActor, weekly: ChannelHandle
) -> None:
    await begin(world, mia)
    first = await painted(world, world.alice)
    await painted(world, world.bob)
    await end(world, mia)
    await first.delete()
    await world.env.settle()
    await world.timers()
    assert engine.collages[-1].keys() == {2}
    shown = collage(weekly)
    assert f"**1** taken back · **2** <@{world.bob.id}>" in shown.content
    assert str(world.alice.id) not in shown.content
    await world.bot.studio.deletion.delete(world.engine.jobs[1].key)
    await world.timers()
    assert not [message for message in weekly.history() if "collage-" in _files(message)]


async def test_what_is_painted_in_the_thread_of_a_collage_stays_when_that_is_drawn_anew(
    world: World, engine: FakeEngine, mia: MemberActor, weekly: ChannelHandle
) -> None:
    await begin(world, mia)
    first = await painted(world, world.alice)
    await painted(world, world.bob)
    await end(world, mia)
    thread = world.bot.get_partial_messageable(collage(weekly).id, guild_id=world.guild.id)
    ours = await thread.send("**In the style of “The Starry Night”** here it is")
    await first.delete()
    await world.env.settle()
    await world.timers()
    assert engine.collages[-1].keys() == {2}
    assert (await thread.fetch_message(ours.id)).content == ours.content


async def test_what_is_age_restricted_by_now_leaves_the_collage(
    world: World, engine: FakeEngine, mia: MemberActor, weekly: ChannelHandle
) -> None:
    await begin(world, mia)
    await painted(world, world.alice)
    await end(world, mia)
    known = world.bot.get_channel(world.art.id)
    assert isinstance(known, discord.TextChannel)
    before = copy.copy(known)
    known.nsfw = True  # which simcord cannot be asked for
    world.bot.dispatch("guild_channel_update", before, known)
    await world.until(lambda: not [each for each in weekly.history() if "collage-" in _files(each)])


async def test_whoever_deletes_their_data_leaves_it(
    world: World, mia: MemberActor, weekly: ChannelHandle
) -> None:
    await begin(world, mia)
    await painted(world, world.alice)
    await painted(world, world.bob)
    await end(world, mia)
    answer = said(await world.alice.slash(world.art, "privacy delete"))
    await world.alice.click(answer, label="Delete my results too")
    await world.alice.click(answer, label="Delete my data")
    await world.timers()
    assert str(world.alice.id) not in collage(weekly).content


async def test_results_that_the_engine_has_no_more_come_from_discord(
    world: World, engine: FakeEngine, mia: MemberActor, weekly: ChannelHandle
) -> None:
    await begin(world, mia)
    await painted(world, world.alice)
    engine.forget()
    await end(world, mia)
    assert engine.collages == [{1: engine.result}]


async def test_a_collage_waits_for_the_engine(
    world: World, engine: FakeEngine, mia: MemberActor, weekly: ChannelHandle
) -> None:
    await begin(world, mia)
    await painted(world, world.alice)
    engine.go_down()
    week = await week_of(world)
    world.ahead = week.ends - world.bot.studio.alarms.clock()
    world.bot.studio.alarms.wake()
    await world.env.settle()
    assert (await week_of(world)).state is WeekState.ENDING
    engine.come_back()
    await world.env.advance_time(61)
    await world.timers()
    assert collage(weekly)


async def test_nobody_took_part_and_nothing_is_said(
    world: World, mia: MemberActor, weekly: ChannelHandle
) -> None:
    await begin(world, mia)
    week = await week_of(world)
    await world.timers(week.ends - world.bot.studio.alarms.clock())
    assert len(weekly.history()) == 1
    assert await world.bot.studio.store.weeks.running(world.guild.id) is None


@pytest.mark.parametrize("late", [HOUR, 6 * DAY, LATE_SECONDS + HOUR])
async def test_a_bot_that_was_away_makes_up_for_a_week_at_most(
    world: World, mia: MemberActor, weekly: ChannelHandle, late: float
) -> None:
    await begin(world, mia)
    await painted(world, world.alice)
    week = await week_of(world)
    await world.bot.close()
    world.ahead = week.ends + late - discord.utils.utcnow().timestamp()
    await world.env.restart_bot(world._new_bot())
    await world.timers()
    assert len([m for m in weekly.history() if "collage-" in _files(m)]) == (late < LATE_SECONDS)
    assert await world.bot.studio.store.weeks.running(world.guild.id) is None


async def test_moderators_alone_choose(world: World, mia: MemberActor, weekly: ChannelHandle) -> None:
    for command, options in (("week style", {"now": True}), ("week end", {})):
        refused = said(await world.bob.slash(world.art, command, **options))
        assert "Manage Server" in refused.content
    planned = said(await mia.slash(world.art, "week style", style="starry"))
    assert "The next style of the week is “The Starry Night”" in planned.content
    timer = await world.bot.studio.store.timers.find(TimerKind.WEEK_BEGINS, str(world.guild.id))
    assert timer is not None
    await world.timers(timer.due - world.bot.studio.alarms.clock())
    [announced] = weekly.history()
    assert "The Starry Night" in announced.content
    assert f"Chosen by <@{mia.id}>" in announced.content


async def test_it_is_another_style_each_week(world: World, mia: MemberActor, weekly: ChannelHandle) -> None:
    seen = []
    for _ in range(4):
        await world.env.advance_time(1)
        await mia.slash(world.art, "week style", now=True)
        seen.append((await week_of(world)).style)
    assert seen[:2] == seen[2:], "there are two"
    assert seen[0] != seen[1]


async def test_a_channel_that_lacks_a_permission_is_told_before(world: World, mia: MemberActor) -> None:
    channel = world.channel_without("weekly", "create_public_threads")
    panel = said(await mia.slash(world.art, "setup"))
    await mia.select(panel, ["week"], custom_id="setup:jump")
    await mia.select(panel, [channel], custom_id="setup:week")
    assert f"In <#{channel.id}> I still need: Create Public Threads" in panel.content
    checked = said(await mia.slash(world.art, "check"))
    assert "For the style of the week I need “Create Public Threads”" in checked.content
    refused = said(await mia.slash(world.art, "week style", now=True))
    assert "Create Public Threads" in refused.content
    await mia.click(panel, label="Undo")
    refused = said(await mia.slash(world.art, "week style", now=True))
    assert refused.content == sentence(BotError(BotErrorCode.NO_WEEK))


async def test_the_channel_goes_and_so_does_the_week(
    world: World, mia: MemberActor, weekly: ChannelHandle
) -> None:
    await begin(world, mia)
    await world.bot.studio.deletion.channel_gone(weekly.id, world.guild.id)
    assert world.bot.studio.store.settings.server(world.guild.id).week_channel_id is None
    assert await world.bot.studio.store.weeks.running(world.guild.id) is None
    await world.timers(8 * DAY)


async def test_another_time_for_the_collage_is_told(
    world: World, mia: MemberActor, weekly: ChannelHandle
) -> None:
    await begin(world, mia)
    before = await week_of(world)
    panel = said(await mia.slash(world.art, "setup"))
    await mia.select(panel, ["week"], custom_id="setup:jump")
    await mia.select(panel, [str(before_other(before))], custom_id="setup:set:week_ends:0")
    after = await week_of(world)
    assert after.ends != before.ends
    [announced] = weekly.history()
    assert f"<t:{after.ends:.0f}:F>" in announced.content
    timer = await world.bot.studio.store.timers.find(TimerKind.WEEK_ENDS, str(world.guild.id))
    assert timer is not None
    assert timer.due == after.ends


def before_other(_week: Week) -> int:
    return 3 * 24 + 18


async def test_a_style_of_the_server_is_the_style_of_the_week_until_it_is_taken_back(
    world: World, engine: FakeEngine, mia: MemberActor, weekly: ChannelHandle
) -> None:
    style = await museum.shown(world, mia)
    found = await mia.autocomplete(world.art, "week style", "style", "harb")
    assert [choice["value"] for choice in found] == [style]
    await begin(world, mia, style="night harbour")
    [announced] = weekly.history()
    assert f"*Night harbour* by <@{world.bob.id}>" in announced.content
    assert announced.attachments == []
    assert f"/{world.art.id}/" in announced.content
    mine = await painted(world, world.alice, style=style)
    assert mine.jump_url in said(await world.alice.click(announced, label=words.MINE())).content
    planned = said(await mia.slash(world.art, "week style", style=style))
    assert "Night harbour" in planned.content
    await museum.taken_back(world)
    await world.timers()
    [announced] = weekly.history()
    assert announced.content == words.WITHDRAWN()
    assert announced.components == []
    store = world.bot.studio.store.weeks
    assert (await store.running(world.guild.id), await store.planned(world.guild.id)) == (None, None)
    await world.timers(5 * DAY)
    assert len(weekly.history()) == 1
    await begin(world, mia)


async def test_a_collage_in_a_style_of_the_server_credits_its_author(
    world: World, engine: FakeEngine, mia: MemberActor, weekly: ChannelHandle
) -> None:
    style = await museum.shown(world, mia)
    await begin(world, mia, style=style)
    await painted(world, world.alice, style=style)
    await painted(world, mia, style=style)
    await end(world, mia)
    assert f"*Night harbour* by <@{world.bob.id}>" in collage(weekly).content
    await museum.taken_back(world)
    await world.bot.studio.store.museum.forget(style)
    await world.bot.studio.deletion.delete(engine.jobs[0].key)
    await world.timers()
    assert "Night harbour" in collage(weekly).content
    assert str(world.alice.id) not in collage(weekly).content


async def test_who_wants_to_be_shown_nowhere_is_on_no_collage(
    world: World, mia: MemberActor, weekly: ChannelHandle
) -> None:
    await begin(world, mia)
    await painted(world, world.alice)
    await painted(world, world.bob)
    await say_no(world, world.alice)
    shown = said(await world.alice.slash(world.art, "week show"))
    assert words.SAYS_NO() in shown.content
    assert "One member takes part" in shown.content
    await end(world, mia)
    assert f"**1** <@{world.bob.id}>" in collage(weekly).content
    await say_no(world, world.bob)
    await world.timers()
    assert not [message for message in weekly.history() if "collage-" in _files(message)]


async def say_no(world: World, member: MemberActor) -> None:
    answer = said(await member.slash(world.art, "privacy gallery"))
    await member.click(answer, label=gallery_words.NEVER())


async def test_a_picture_whose_author_takes_back_their_yes_leaves_the_collage(
    world: World, mia: MemberActor, weekly: ChannelHandle
) -> None:
    await begin(world, mia)
    consents = world.bot.studio.store.consents
    await consents.remember(world.bob.id, world.guild.id, Answer.ALWAYS, 1.0)
    picture = await world.bob.send(world.art, "my cat", attachments=[("cat.png", png())])
    await world.alice.react(picture, "🌊")
    await world.finish(0)
    await painted(world, mia)
    await end(world, mia)
    assert f"(picture by <@{world.bob.id}>)" in collage(weekly).content
    await consents.remember(world.bob.id, world.guild.id, Answer.NEVER, 1.0)
    await world.bot.studio.weekly.collages.consent_changed(world.bob.id)
    await world.timers()
    assert str(world.bob.id) not in collage(weekly).content
    assert f"<@{mia.id}>" in collage(weekly).content


async def test_a_style_that_is_taken_back_while_the_collage_is_drawn_is_shown_on_none(
    world: World, engine: FakeEngine, mia: MemberActor, weekly: ChannelHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    style = await museum.shown(world, mia)
    await begin(world, mia, style=style)
    await painted(world, world.alice, style=style)
    draw = sheets.Sheets.draw

    async def taken_back_meanwhile(self: sheets.Sheets, *arguments: Any) -> Any:
        drawn = await draw(self, *arguments)
        own = world.bot.studio.store.museum.find(style)
        assert own is not None
        await world.bot.studio.deletion.end_styles([own], State.TAKEN_BACK)
        return drawn

    monkeypatch.setattr(sheets.Sheets, "draw", taken_back_meanwhile)
    assert await end(world, mia) == words.NOBODY_LEFT()
    await world.timers()
    assert [each.content for each in weekly.history()] == [words.WITHDRAWN()]


async def test_a_style_that_is_taken_back_while_the_last_week_ends_is_not_begun(
    world: World, engine: FakeEngine, mia: MemberActor, weekly: ChannelHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    style = await museum.shown(world, mia)
    await begin(world, mia)
    await painted(world, world.alice)
    draw = sheets.Sheets.draw

    async def taken_back_meanwhile(self: sheets.Sheets, *arguments: Any) -> Any:
        own = world.bot.studio.store.museum.find(style)
        assert own is not None
        await world.bot.studio.deletion.end_styles([own], State.TAKEN_BACK)
        return await draw(self, *arguments)

    monkeypatch.setattr(sheets.Sheets, "draw", taken_back_meanwhile)
    refused = said(await mia.slash(world.art, "week style", style=style, now=True))
    assert "Night harbour" in refused.content
    assert await world.bot.studio.store.weeks.running(world.guild.id) is None
