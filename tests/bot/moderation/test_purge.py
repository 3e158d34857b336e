"""Stories of moderators who sweep away what one member had painted."""

from typing import Any

import discord
import pytest
from simcord import Env
from simcord.actors import MemberActor
from simcord.backend.models.channel import Overwrite
from simcord.enums import OverwriteType

from bot.storage.duels import DuelState
from bot.storage.museum import State
from bot.storage.settings import Output
from bot.words import museum as museum_words
from bot.words import purge as words
from bot.words.purge import Purged
from tests.bot.fake_engine import FakeEngine
from tests.bot.museum.test_museum import offered, posted, styles
from tests.bot.world import FINISHED, World, png, preview, said


@pytest.fixture
def carol(world: World) -> MemberActor:
    """A moderator."""
    role = world.guild.create_role("moderators", permissions=discord.Permissions(manage_messages=True))
    return world.guild.add_member(world.env.create_user("carol"), roles=[role])


async def painted(world: World, member: Any, channel: Any = None, **options: Any) -> discord.Message:
    """A finished picture, wherever it was asked for."""
    where = channel or world.art
    before = {message.id for message in where.history()}
    if "picture" not in options:
        options["content"] = ("cat.png", png())
    await member.slash(where, "stylize", style="great_wave", **options)
    await world.tell(FINISHED, len(world.engine.jobs) - 1)

    def found() -> list[discord.Message]:
        return [m for m in where.history() if m.id not in before and "here it is" in m.content]

    await world.until(found)
    return found()[0]


async def let_moderate(world: World, may: bool) -> None:
    """Let the bot delete others' messages in #art, or not."""
    assert world.guild.me is not None
    flag = discord.Permissions(manage_messages=True).value
    given = (flag, 0) if may else (0, flag)
    world.env.backend.set_overwrite(world.art.id, Overwrite(world.guild.me.id, OverwriteType.MEMBER, *given))
    await world.env.settle()


def results(channel: Any) -> list[discord.Message]:
    return [message for message in channel.history() if message.attachments]


async def test_a_sweep_shows_how_much_it_is_and_leaves_the_rest(
    world: World, engine: FakeEngine, carol: MemberActor
) -> None:
    picture = await world.bob.send(world.talk, "my cat", attachments=[("cat.png", png())])
    await painted(world, world.bob)
    await painted(world, world.bob, world.talk)
    of_bobs = await painted(world, world.alice, picture=picture.jump_url)
    own = await painted(world, world.alice)
    await world.stylize(world.bob)
    asked = said(await carol.slash(world.art, "purge member", member=world.bob))
    assert asked.ephemeral
    assert "3 results in 2 channels and 1 picture not finished yet" in asked.content
    await carol.click(asked, label=words.KEEP())
    assert asked.content == words.KEPT()
    assert len(results(world.art)) == 3
    asked = said(await carol.slash(world.art, "purge member", member=world.bob, results="asked"))
    assert "2 results in 2 channels" in asked.content
    await carol.click(asked, label=words.CONFIRM())
    await world.until(lambda: asked.content == words.done(Purged(2, 2, 1), 0))
    assert [each.id for each in results(world.art)] == [of_bobs.id, own.id]
    assert [each.id for each in results(world.talk)] == [picture.id]
    await world.until(lambda: engine.jobs[4].key in engine.deleted)
    asked = said(await carol.slash(world.art, "purge member", member=world.bob))
    await carol.click(asked, label=words.CONFIRM())
    await world.until(lambda: len(results(world.art)) == 1)
    nothing = said(await carol.slash(world.art, "purge member", member=world.bob, since="ever"))
    assert nothing.content.startswith("There is nothing to delete")
    assert nothing.components == []


async def test_what_is_older_than_asked_for_stays(world: World, carol: MemberActor) -> None:
    await painted(world, world.bob)
    await world.later(2 * 3600)
    newer = await painted(world, world.bob)
    asked = said(await carol.slash(world.art, "purge member", member=world.bob, since="hour"))
    assert "1 result in 1 channel" in asked.content
    await carol.click(asked, label=words.CONFIRM())
    await world.until(lambda: newer.id not in [each.id for each in results(world.art)])
    assert len(results(world.art)) == 1


async def test_a_sweep_goes_on_after_a_restart(
    world: World, env: Env, engine: FakeEngine, carol: MemberActor
) -> None:
    await let_moderate(world, may=False)
    for _ in range(3):
        result = await painted(world, world.bob)
        path = f"/channels/{world.art.id}/messages/{result.id}"
        env.inject_error("DELETE", path, status=500, times=1)
    asked = said(await carol.slash(world.art, "purge member", member=world.bob))
    await carol.click(asked, label=words.CONFIRM())
    assert len(results(world.art)) == 3
    assert asked.content == words.underway(3, 0)
    await world.restart()
    await world.until(lambda: results(world.art) == [])
    assert await world.bot.studio.store.owed.all() == []


async def test_where_the_bot_moderates_many_go_by_one_request(
    world: World, engine: FakeEngine, carol: MemberActor
) -> None:
    await let_moderate(world, may=True)
    for _ in range(3):
        await painted(world, world.bob)
    asked = said(await carol.slash(world.art, "purge member", member=world.bob))
    before = len(world.env.http_requests)
    await carol.click(asked, label=words.CONFIRM())
    await world.until(lambda: results(world.art) == [])
    calls = [(each.method, each.path.rpartition("/")[2]) for each in world.env.http_requests[before:]]
    assert calls.count(("POST", "bulk-delete")) == 1
    assert not any(method == "DELETE" for method, _ in calls)


async def test_copies_go_too(world: World, engine: FakeEngine, carol: MemberActor) -> None:
    result = await painted(world, world.bob)
    await world.bob.slash(world.talk, "show", picture=result.jump_url, post=True)
    assert len(results(world.talk)) == 1
    asked = said(await carol.slash(world.art, "purge member", member=world.bob))
    assert "1 result in 2 channels" in asked.content
    await carol.click(asked, label=words.CONFIRM())
    await world.until(lambda: results(world.talk) == [] and results(world.art) == [])


async def test_whoever_moderates_a_channel_only_sweeps_and_blocks_nowhere(world: World) -> None:
    may = discord.Permissions(manage_messages=True).value
    world.env.backend.set_overwrite(world.art.id, Overwrite(world.alice.id, OverwriteType.MEMBER, may, 0))
    result = await painted(world, world.bob)
    for command, options in (
        ("purge member", {"member": world.bob}),
        ("block", {"member": world.bob}),
        ("blocked", {}),
    ):
        refused = said(await world.alice.slash(world.art, command, **options))
        assert refused.content == "You need the permission “Manage Messages” here for that."
    world.sentences()
    assert [each.id for each in results(world.art)] == [result.id]


async def test_a_sweep_is_told_to_the_other_moderators(world: World, carol: MemberActor) -> None:
    await painted(world, world.bob)
    await world.set_server(audit_id=world.talk.id, output=Output.CHANNEL)
    asked = said(await carol.slash(world.art, "purge member", member=world.bob))
    await carol.click(asked, label=words.CONFIRM())
    await world.later(6)
    line = f"🧹 <@{carol.id}> purged <@{world.bob.id}>: 1 result in 1 channel deleted."
    assert world.talk.history()[-1].content.splitlines()[-1] == line


async def test_their_open_challenge_goes_along_and_their_styles_if_they_are_to(
    world: World, engine: FakeEngine, carol: MemberActor
) -> None:
    await world.set_server(audit_id=world.talk.id)
    await world.bob.slash(world.art, "duel", opponent=world.alice, picture=("cat.png", png()))
    [challenge] = [message for message in world.messages if message.attachments]
    await offered(world, carol, await posted(world))
    await world.bob.click(await world.shows("Is that all right"), label=museum_words.YES())
    [style] = styles(world)
    asked = said(await carol.slash(world.art, "purge member", member=world.bob))
    assert "This deletes 1 duel of" in asked.content
    assert "also has a style, which can go too: ⚓ *Night harbour*." in asked.content
    await carol.click(asked, label=words.CONFIRM())
    await world.until(lambda: challenge.id not in {message.id for message in world.messages})
    assert (await world.bot.studio.store.duels.of_member(world.bob.id))[0].state is DuelState.ENDED
    assert styles(world) == [style]
    asked = said(await carol.slash(world.art, "purge member", member=world.bob))
    assert asked.content.startswith("There is nothing to delete")
    await carol.click(asked, label=words.CONFIRM_STYLES())
    assert asked.content == words.done(Purged(0, 0, 0, styles=1), 0)
    assert styles(world)[0].state is State.REMOVED
    await world.later(12)
    told = "\n".join(message.content for message in world.talk.history()).splitlines()
    assert f"🧹 <@{carol.id}> purged <@{world.bob.id}>: 1 duel deleted." in told
    assert sum("purged" in line for line in told) == 1
    assert any(f"<@{carol.id}>" in line and "Night harbour" in line for line in told[-1:])


async def test_a_picture_that_is_painted_is_stopped_without_a_word(
    world: World, engine: FakeEngine, carol: MemberActor
) -> None:
    await world.stylize(world.bob)
    await world.tell(preview(1, 0.3))
    asked = said(await carol.slash(world.art, "purge member", member=world.bob))
    assert "1 picture not finished yet" in asked.content
    await carol.click(asked, label=words.CONFIRM())
    await world.until(lambda: world.messages == [])
    assert await world.bot.studio.store.tickets.unfinished() == []
