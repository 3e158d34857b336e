"""What moderators read in the audit channel of a server."""

import re
from dataclasses import replace
from typing import Any

import discord
import pytest
from simcord import Env
from simcord.actors import MemberActor
from simcord.backend.models.channel import Overwrite
from simcord.builders import ChannelHandle
from simcord.enums import OverwriteType

from bot.languages import Language, speaking
from bot.moderation import auditor
from bot.moderation.auditor import RETRY_SECONDS, TURN_SECONDS
from bot.storage.ledger import Entry, What
from bot.storage.members import NOBODY
from bot.storage.museum import State
from bot.storage.stars import Out, Piece
from bot.words import audit, museum
from bot.words.deletion import CONFIRMED
from engine.protocol import CrashPoint
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import FINISHED, World, png, said

TO_SOMEBODY = {
    *(What.BLOCKED, What.UNBLOCKED, What.REMOVED, What.ENTRY_OUT),
    *(What.STYLE_ADDED, What.STYLE_VOTED, What.STYLE_REMOVED),
}


@pytest.fixture
async def log(world: World) -> ChannelHandle:
    """A channel that moderators alone see."""
    hidden: dict[Any, discord.PermissionOverwrite] = {
        world.guild.default_role: discord.PermissionOverwrite(view_channel=False)
    }
    assert world.guild.me is not None
    hidden[world.guild.me] = discord.PermissionOverwrite(view_channel=True, send_messages=True)
    channel = world.guild.create_text_channel("log", overwrites=hidden)
    ledger = world.bot.studio.store.ledger
    await world.set_server(audit_id=channel.id)
    await ledger.done(await ledger.next(channel.id, 10))
    return channel


@pytest.fixture
def carol(world: World) -> MemberActor:
    """A moderator."""
    allowed = discord.Permissions(manage_messages=True, manage_guild=True)
    role = world.guild.create_role("moderators", permissions=allowed)
    return world.guild.add_member(world.env.create_user("carol"), roles=[role])


async def told(world: World, seconds: float = TURN_SECONDS + 1) -> None:
    """Let the lines be posted."""
    await world.later(seconds)
    await world.env.settle()


def lines(channel: ChannelHandle) -> list[str]:
    return [line for message in channel.history() for line in message.content.splitlines()]


async def test_a_painting_is_one_line_with_who_whose_how_and_where(
    world: World, engine: FakeEngine, log: ChannelHandle
) -> None:
    picture = await world.alice.send(world.art, "my cat", attachments=[("cat.png", png())])
    await world.bob.react(picture, "🌊")
    await world.until(lambda: engine.jobs)
    result = await world.finish(0)
    await told(world)
    assert lines(log)[-1] == (
        f"🖌️ <@{world.bob.id}> had <@{world.alice.id}>’s picture painted in the style of “The Great Wave off "
        f"Kanagawa” by Katsushika Hokusai, 1831, recipe standard in <#{world.art.id}>: [the result]({result.jump_url})"
    )
    [*_, newest] = log.history()
    assert newest.attachments == []
    assert world.rung_by(newest) == []
    await world.result()
    await told(world)
    assert "had their own picture painted" in lines(log)[-1]


async def test_many_lines_come_in_one_message(world: World, engine: FakeEngine, log: ChannelHandle) -> None:
    before = len(log.history())
    for member in (world.alice, world.bob, world.alice, world.bob):
        await world.stylize(member)
    for job in range(4):
        await world.tell(FINISHED, job)
    await world.until(lambda: sum("here it is" in each.content for each in world.messages) == 4)
    await told(world)
    assert len(log.history()) == before + 1
    assert len(log.history()[-1].content.splitlines()) == 4


async def test_what_moderators_do_and_what_is_set_is_told(
    world: World, engine: FakeEngine, log: ChannelHandle, carol: MemberActor
) -> None:
    result = await world.result()
    await carol.slash(world.art, "block", member=world.bob)
    await carol.slash(world.art, "unblock", member=world.bob)
    await carol.slash(world.art, "block", member=world.bob)
    await carol.slash(world.art, "off")
    await carol.slash(world.art, "on")
    asked = await carol.context_menu(world.art, "Delete this result", result)
    await carol.click(said(asked), label=CONFIRMED())
    await world.bob.slash(world.art, "stylize", content=("cat.png", png()), style="great_wave")
    await told(world, 30)
    who, whom = f"<@{carol.id}>", f"<@{world.bob.id}>"
    assert lines(log) == [
        f"🖌️ <@{world.alice.id}> had their own picture painted, and it has been deleted since.",
        f"🚫 {who} blocked {whom}.",
        f"🚪 {who} unblocked {whom}.",
        f"🚫 {who} blocked {whom}.",
        f"⚙️ {who} changed the settings: I paint here: yes → **no, but what is being painted is finished**",
        f"⚙️ {who} changed the settings: I paint here: no, but what is being painted is finished → **yes**",
        f"🗑️ {who} deleted a result that <@{world.alice.id}> had asked for.",
    ], "and nothing of whoever is refused"
    world.sentences()


async def test_what_becomes_of_styles_is_told(
    world: World, engine: FakeEngine, log: ChannelHandle, carol: MemberActor
) -> None:
    for name, act, *clicks in (
        ("Harbour", world.bob, museum.TAKE_BACK(), museum.KEEP_RESULTS()),
        ("Ships", carol, museum.REMOVE(), museum.REMOVE_NOW()),
    ):
        picture = await world.bob.send(world.art, name, attachments=[(f"{name}.png", png())])
        opened = await carol.context_menu(world.art, museum.MENU(), picture)
        await carol.submit_modal(opened, {"name": name, "emoji": ""})
        await world.bob.click(await world.shows(f"*{name}*. Is that all right"), label=museum.YES())
        shown = said(await act.slash(world.art, "museum show"))
        [style] = world.bot.studio.store.museum.of_server(world.guild.id, State.SHOWN)
        await act.select(shown, [style.id], custom_id="museum:look:0")
        question = said(await act.click(shown, label=clicks[0]))
        await act.click(question, label=clicks[1])
    await told(world)
    who, whose = f"<@{carol.id}>", f"<@{world.bob.id}>"
    assert lines(log) == [
        f"🎨 {who} added {whose}’s style *Harbour*.",
        f"🎨 {whose} took their style *Harbour* back.",
        f"🎨 {who} added {whose}’s style *Ships*.",
        f"🎨 {who} removed {whose}’s style *Ships*.",
    ]


async def test_what_moderators_do_about_weeks_and_the_gallery_is_told(
    world: World, engine: FakeEngine, log: ChannelHandle, carol: MemberActor
) -> None:
    await world.set_server(week_channel_id=world.talk.id)
    await carol.slash(world.art, "week style", style="great_wave", now=True)
    await world.env.advance_time(1)
    await world.result()
    await carol.slash(world.art, "week end")
    studio = world.bot.studio
    piece = Piece("1", world.guild.id, world.art.id, world.art.id, 1, world.bob.id, None, None, False, 1.0)
    await studio.store.stars.add(piece)
    await studio.galleries.take_out(piece, Out.MODERATOR, carol.id)
    await told(world)
    style = "in the style “The Great Wave off Kanagawa”"
    told_of = [line for line in lines(log) if not line.startswith(("🖌️", "⚙️"))]
    assert told_of == [
        f"🗓️ <@{carol.id}> began a week {style}.",
        f"🗓️ <@{carol.id}> ended the week {style} early.",
        f"🖼️ <@{carol.id}> took a picture of <@{world.bob.id}> out of the gallery.",
    ]


async def test_the_channel_reads_that_it_is_none_any_more(
    world: World, log: ChannelHandle, carol: MemberActor
) -> None:
    opened = said(await carol.slash(world.art, "setup"))
    await carol.select(opened, ["moderation"], custom_id="setup:jump")
    await carol.select(opened, [world.talk], custom_id="setup:audit")
    await told(world)
    change = f"Audit channel: <#{log.id}> → **<#{world.talk.id}>**"
    assert change in lines(log)[-1]
    assert change in lines(world.talk)[-1]


async def test_nothing_is_lost_by_a_restart_and_nothing_told_twice(
    world: World, env: Env, engine: FakeEngine, log: ChannelHandle, carol: MemberActor
) -> None:
    before = len(lines(log))
    await carol.slash(world.art, "block", member=world.bob)
    await world.restart()
    await told(world)
    assert lines(log)[before:] == [f"🚫 <@{carol.id}> blocked <@{world.bob.id}>."]
    env.inject_error("POST", f"/channels/{log.id}/messages", status=500, times=1)
    await carol.slash(world.art, "unblock", member=world.bob)
    await told(world)
    await told(world, RETRY_SECONDS)
    assert lines(log)[before + 1 :] == [f"🚪 <@{carol.id}> unblocked <@{world.bob.id}>."]


async def test_what_a_killed_process_has_posted_is_not_told_again(
    world: World, engine: FakeEngine, log: ChannelHandle, carol: MemberActor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await carol.slash(world.art, "block", member=world.bob)
    await told(world)
    before = lines(log)
    reached: list[CrashPoint] = []

    def stop(point: CrashPoint) -> None:
        if point is CrashPoint.BOT_AUDIT_POSTED and not reached:
            reached.append(point)
            raise RuntimeError("the process ends")

    monkeypatch.setattr(auditor, "reach", stop)
    await carol.slash(world.art, "unblock", member=world.bob)
    gone, there = await world.result(), await world.result()
    await told(world)
    assert reached
    posted = lines(log)
    assert len(posted) == len(before) + 3
    await gone.delete()
    await carol.slash(world.art, "block", member=world.bob)
    await world.restart()
    await told(world)
    await told(world)
    assert lines(log) == [*posted, f"🚫 <@{carol.id}> blocked <@{world.bob.id}>."]
    assert there.jump_url in posted[-1]
    world.sentences()


async def test_a_channel_that_takes_none_waits_and_one_that_is_gone_is_let_go(
    world: World, engine: FakeEngine, log: ChannelHandle, carol: MemberActor
) -> None:
    before = len(lines(log))
    asked = len(world.env.http_requests)
    await let_write(world, log, may=False)
    await carol.slash(world.art, "block", member=world.bob)
    await told(world)
    assert lines(log)[before:] == []
    assert [
        call for call in world.env.http_requests[asked:] if str(log.id) in call.path and call.method == "POST"
    ] == []
    await let_write(world, log, may=True)
    await told(world, RETRY_SECONDS)
    assert len(lines(log)) == before + 1
    await carol.slash(world.art, "unblock", member=world.bob)
    world.env.backend.delete_channel(log.id)
    await world.env.settle()
    await told(world, 30)
    assert await world.bot.studio.store.ledger.channels() == []
    assert world.bot.studio.store.settings.server(world.guild.id).audit_id is None


async def let_write(world: World, channel: ChannelHandle, may: bool) -> None:
    """Allow the bot to write in a channel, or not."""
    assert world.guild.me is not None
    both = discord.Permissions(view_channel=True, send_messages=may).value
    denied = discord.Permissions(send_messages=not may).value
    world.env.backend.set_overwrite(
        channel.id, Overwrite(world.guild.me.id, OverwriteType.MEMBER, both, denied)
    )
    await world.env.settle()


async def test_an_age_restricted_picture_is_a_line_too_and_no_picture(
    world: World, engine: FakeEngine, log: ChannelHandle
) -> None:
    restricted = world.guild.create_text_channel("late")
    known = world.bot.get_channel(restricted.id)
    assert isinstance(known, discord.TextChannel)
    known.nsfw = True  # which simcord cannot be asked for
    await world.alice.slash(restricted, "stylize", content=("cat.png", png()), style="great_wave")
    await world.tell(FINISHED)
    await world.until(lambda: any("here it is" in each.content for each in restricted.history()))
    await told(world)
    assert f"(age-restricted) in <#{restricted.id}>" in lines(log)[-1]
    assert all(message.attachments == [] and message.embeds == [] for message in log.history())


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("what", audit._DONE)
def test_what_was_done_to_somebody_who_is_forgotten_is_a_sentence_without_them(
    language: Language, what: What
) -> None:
    style = {"style": "Harbour"} if what.startswith(("style", "week")) else {}
    entry = Entry(1, 2, what, 3, 0.0, NOBODY, style)
    with speaking(language):
        told = audit.done(entry)
        assert audit.done(replace(entry, member_id=5)).count("<@5>") == (what in TO_SOMEBODY)
    assert not re.search(r"nobody|<@0>|  | \.", told), told
