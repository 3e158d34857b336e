"""Stories of moderators: who is kept from having pictures painted, and let in again."""

from typing import Any

import discord
import pytest
from simcord import Env

from bot.errors import BotError, BotErrorCode
from bot.storage.settings import Consent, Output
from bot.words import moderation as words
from bot.words.errors import sentence
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import World, png, preview, said

BLOCKED = sentence(BotError(BotErrorCode.BLOCKED))


@pytest.fixture
async def carol(world: World, env: Env) -> Any:
    """A moderator."""
    role = world.guild.create_role("moderators", permissions=discord.Permissions(manage_messages=True))
    return world.guild.add_member(env.create_user("carol"), roles=[role])


async def test_a_blocked_member_can_have_nothing_painted(
    world: World, engine: FakeEngine, carol: Any, fetched: list[str]
) -> None:
    result = await world.result()
    answer = await carol.slash(world.art, "block", member=world.bob)
    assert said(answer).ephemeral
    assert said(answer).content == words.is_blocked(world.bob.id, is_new=True)
    del fetched[:]
    refused = await world.stylize(world.bob)
    assert (said(refused).content, said(refused).ephemeral) == (BLOCKED, True)
    pressed = await world.bob.click(result, label="More style")
    assert [each.content for each in (pressed.response, *pressed.followups) if each] == [BLOCKED]
    picture = await world.bob.send(world.art, "my cat", attachments=[("cat.png", png())])
    menu = await world.bob.context_menu(world.art, "Stylize this image", picture)
    assert said(menu).content == BLOCKED
    how = await world.bob.context_menu(world.art, "How was this painted?", result)
    assert said(how).content == BLOCKED
    world.sentences()
    assert len(engine.jobs) == 1
    assert fetched == []


async def test_a_block_is_undone_by_its_button_and_that_too(
    world: World, engine: FakeEngine, carol: Any
) -> None:
    answer = await carol.slash(world.art, "block", member=world.bob)
    await world.restart()
    undone = await carol.click(said(answer), label="Undo")
    assert words.is_unblocked(world.bob.id, is_new=True) in _texts(undone)
    await world.stylize(world.bob)
    assert len(engine.jobs) == 1
    await carol.click(said(answer), label="Undo")
    assert world.bot.studio.store.blocks.blocked(world.guild.id) == [world.bob.id]


def _texts(result: Any) -> list[str]:
    answers = [result.response, *result.followups, getattr(result, "message", None)]
    return [answer.content for answer in answers if answer is not None]


async def test_unblock_and_the_list(world: World, carol: Any) -> None:
    assert said(await carol.slash(world.art, "blocked")).content == words.NOBODY()
    await carol.slash(world.art, "block", member=world.bob)
    assert said(await carol.slash(world.art, "block", member=world.bob)).content == words.is_blocked(
        world.bob.id, is_new=False
    )
    assert f"<@{world.bob.id}>" in said(await carol.slash(world.art, "blocked")).content
    assert said(await carol.slash(world.art, "unblock", member=world.bob)).content == words.is_unblocked(
        world.bob.id, is_new=True
    )
    assert said(await carol.slash(world.art, "unblock", member=world.bob)).content == words.is_unblocked(
        world.bob.id, is_new=False
    )
    assert said(await carol.slash(world.art, "blocked")).content == words.NOBODY()


async def allow(world: World, member: Any) -> None:
    """An administrator lets a member see the commands, as the integration's settings can."""
    for command in await world.bot.tree.fetch_commands():
        if command.name in ("block", "unblock", "blocked"):
            world.guild.set_command_permissions(command, {member: True})


async def test_only_moderators_block(world: World) -> None:
    await allow(world, world.alice)
    for command, options in (
        ("block", {"member": world.bob}),
        ("unblock", {"member": world.bob}),
        ("blocked", {}),
    ):
        answer = await world.alice.slash(world.art, command, **options)
        assert said(answer).ephemeral
        assert said(answer).content == "You need the permission “Manage Messages” here for that."
    world.sentences()
    assert world.bot.studio.store.blocks.blocked(world.guild.id) == []


async def test_who_manages_the_server_a_bot_or_oneself_cannot_be_blocked(
    world: World, env: Env, carol: Any
) -> None:
    role = world.guild.create_role("owners", permissions=discord.Permissions(manage_guild=True))
    dave = world.guild.add_member(env.create_user("dave"), roles=[role])
    robot = world.guild.add_member(env.create_user("robot", bot=True))
    for member in (dave, robot, carol):
        answer = await carol.slash(world.art, "block", member=member)
        assert said(answer).content == sentence(BotError(BotErrorCode.CANNOT_BE_BLOCKED))
    world.sentences()
    await allow(world, dave)
    assert said(await dave.slash(world.art, "block", member=world.bob)).content == words.is_blocked(
        world.bob.id, is_new=True
    )


async def test_who_is_blocked_may_still_stop_their_own(world: World, carol: Any) -> None:
    await world.stylize(world.bob)
    await world.tell(preview(1, 0.3))
    await carol.slash(world.art, "block", member=world.bob)
    await world.bob.click(await world.shows("30%"), label="Cancel")
    await world.shows("Stopped: nothing was kept")


async def test_what_the_blocked_wait_for_is_not_begun(world: World, engine: FakeEngine, carol: Any) -> None:
    await world.stylize(world.bob)
    await world.stylize(world.alice)
    await carol.slash(world.art, "block", member=world.bob)
    await world.shows("Stopped: nothing was kept")
    assert "cancel" in engine.jobs[0].calls
    assert "cancel" not in engine.jobs[1].calls


def test_a_long_list_fits_a_message() -> None:
    members = [10**18 + n for n in range(500)]
    text = words.blocked(members)
    assert len(text) <= 2000
    assert text.count("<@") + int(text.rsplit(" ", 2)[1]) == 500


async def test_a_blocked_member_who_mentions_the_bot_is_not_answered_where_all_read(
    world: World, engine: FakeEngine
) -> None:
    await world.bot.studio.store.blocks.block(world.guild.id, world.bob.id, world.alice.id, 0.0)
    me = world.guild.me
    assert me is not None
    await world.bob.send(world.art, f"<@{me.id}> wave", attachments=[("cat.png", png())])
    assert [message for message in world.messages if message.author == world.bot.user] == []
    assert engine.jobs == []


async def test_a_block_is_answered_before_the_questions_of_the_blocked_go(
    world: World, carol: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.set_server(consent=Consent.ASK)
    picture = await world.alice.send(world.art, "my cat", attachments=[("cat.png", png())])
    await world.bob.react(picture, "🌊")
    there, seen = len(world.messages), list[int]()
    send = discord.InteractionResponse.send_message

    async def noting(*arguments: Any, **options: Any) -> Any:
        seen.append(len(world.messages))
        return await send(*arguments, **options)

    monkeypatch.setattr(discord.InteractionResponse, "send_message", noting)
    await carol.slash(world.art, "block", member=world.bob)
    assert seen == [there]
    assert len(world.messages) == there - 1


async def test_the_questions_of_the_blocked_go_in_every_channel(world: World, carol: Any) -> None:
    await world.set_server(consent=Consent.ASK)
    await world.set_channel(world.talk, is_art=True, output=Output.CHANNEL)
    for channel in (world.art, world.talk):
        picture = await world.alice.send(channel, "my cat", attachments=[("cat.png", png())])
        await world.bob.react(picture, "🌊")
        assert len(channel.history()) == 2
    await carol.slash(world.art, "block", member=world.bob)
    assert [len(channel.history()) for channel in (world.art, world.talk)] == [1, 1]
