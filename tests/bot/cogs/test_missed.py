"""Stories of reactions that were made while the bot was away."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import discord
import pytest
from simcord import Env

from bot.cogs import missed
from bot.styles import catalogue
from bot.words.errors import sentence
from engine.protocol import ErrorCode, Refusal
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import FINISHED, World, png

FULL = Refusal(ErrorCode.QUEUE_FULL, waiting=100, minutes=7)


async def away(world: World) -> None:
    """The bot's process ends."""
    await world.bot.close()


async def back(world: World, env: Env) -> None:
    """A new one begins."""
    await env.restart_bot(world._new_bot())
    await env.settle()


async def post(world: World) -> discord.Message:
    return await world.bob.send(world.art, "my cat", attachments=[("cat.png", png())])


def react(world: World, member: Any, picture: discord.Message, emoji: str = "🌊") -> None:
    """React behind the back of a bot that is not there."""
    world.env.backend.add_reaction(world.art.id, picture.id, emoji, member.id)


def unreact(world: World, member: Any, picture: discord.Message, emoji: str = "🌊") -> None:
    world.env.backend.remove_reaction(world.art.id, picture.id, emoji, member.id)


def palette(world: World, picture: discord.Message) -> list[str]:
    message = next(each for each in world.messages if each.id == picture.id)
    return [str(reaction.emoji) for reaction in message.reactions]


def painted(engine: FakeEngine) -> list[tuple[str, str | None]]:
    return [(job.request.owner.user, job.request.styles[0].name) for job in engine.jobs]


async def test_a_reaction_made_meanwhile_is_painted_once(world: World, engine: FakeEngine, env: Env) -> None:
    picture = await post(world)
    await away(world)
    react(world, world.alice, picture)
    await back(world, env)
    await world.until(lambda: engine.jobs)
    assert painted(engine) == [(str(world.alice.id), "great_wave")]
    await world.tell(FINISHED)
    result = await world.shows("here it is")
    assert result.reference is not None
    assert result.reference.message_id == picture.id
    await world.restart()
    await env.settle()
    assert len(engine.jobs) == 1


async def test_what_was_seen_before_or_is_none_is_not_counted(
    world: World, engine: FakeEngine, env: Env
) -> None:
    picture = await post(world)
    await world.alice.react(picture, "🌊")
    robot = world.guild.add_member(world.env.create_user("robot", bot=True))
    await away(world)
    react(world, robot, picture)
    react(world, world.alice, picture, "👍")
    react(world, world.bob, picture)
    unreact(world, world.bob, picture)
    await back(world, env)
    await env.advance_time(60)
    assert len(engine.jobs) == 1


async def test_what_was_refused_is_not_counted_again(world: World, engine: FakeEngine, env: Env) -> None:
    picture = await post(world)
    engine.refusals = [FULL]
    await world.alice.react(picture, "🌊")
    await world.shows(sentence(FULL))
    await world.restart()
    await env.advance_time(60)
    assert engine.jobs == []
    await world.alice.unreact(picture, "🌊")
    await world.alice.react(picture, "🌊")
    assert len(engine.jobs) == 1


async def test_a_full_queue_is_waited_for_in_silence(world: World, engine: FakeEngine, env: Env) -> None:
    picture = await post(world)
    await away(world)
    for member in (world.alice, world.bob):
        react(world, member, picture)
    engine.refusals = [FULL, FULL]
    await back(world, env)
    await world.until(lambda: not engine.refusals)
    assert engine.jobs == []
    unreact(world, world.bob, picture)
    await world.later(missed.RETRY_SECONDS)
    await world.until(lambda: engine.jobs)
    assert painted(engine) == [(str(world.alice.id), "great_wave")]
    assert [message for message in world.messages if sentence(FULL) in message.content] == []


async def test_who_has_as_many_as_they_may_holds_up_nobody_else(
    world: World, engine: FakeEngine, env: Env
) -> None:
    await world.set_server(open_per_member=1)
    pictures = [await post(world) for _ in range(3)]
    await away(world)
    for picture in pictures:
        react(world, world.bob, picture)
    react(world, world.alice, pictures[0])
    engine.refusals = [FULL] * 4
    await back(world, env)
    await world.until(lambda: not engine.refusals)
    await world.later(missed.RETRY_SECONDS + 10)  # one go, not two
    assert sorted(painted(engine)) == sorted(
        (str(member.id), "great_wave") for member in (world.alice, world.bob)
    )


@pytest.mark.parametrize("told", ["ready", "guild_available"])
async def test_a_session_that_could_not_be_resumed_is_made_up_for(
    world: World, engine: FakeEngine, env: Env, told: str
) -> None:
    picture = await post(world)
    line = env.backend.subscribers.copy()
    env.backend.subscribers.clear()
    react(world, world.alice, picture)
    env.backend.subscribers.extend(line)
    about = () if told == "ready" else (world.bot.guilds[0],)
    world.bot.dispatch(told, *about)  # as after a session that Discord did not take up again, or an outage
    await world.until(lambda: engine.jobs)
    world.bot.dispatch(told, *about)
    await env.advance_time(60)
    assert len(engine.jobs) == 1


async def test_a_session_that_begins_while_something_waits_is_looked_at_too(
    world: World, engine: FakeEngine, env: Env
) -> None:
    first, second = await post(world), await post(world)
    await away(world)
    react(world, world.alice, first)
    engine.refusals = [FULL]
    await back(world, env)
    await world.until(lambda: not engine.refusals)
    line = env.backend.subscribers.copy()
    env.backend.subscribers.clear()
    react(world, world.bob, second)
    env.backend.subscribers.extend(line)
    world.bot.dispatch("ready")
    await world.later(missed.RETRY_SECONDS)
    await world.until(lambda: len(engine.jobs) == 2)
    assert sorted(painted(engine)) == sorted(
        (str(member.id), "great_wave") for member in (world.alice, world.bob)
    )


async def test_what_is_given_again_while_it_waits_counts_once(
    world: World, engine: FakeEngine, env: Env
) -> None:
    picture = await post(world)
    await away(world)
    react(world, world.alice, picture)
    engine.refusals = [FULL]
    await back(world, env)
    await world.until(lambda: not engine.refusals)
    await world.alice.unreact(picture, "🌊")
    await world.alice.react(picture, "🌊")
    await world.finish(0)
    await world.later(missed.RETRY_SECONDS)
    await world.alice.unreact(picture, "🌊")
    await world.alice.react(picture, "🌊")
    assert len(engine.jobs) == 1
    assert len(world.messages) == 2  # the picture and what became of it


async def test_trouble_with_discord_makes_what_waits_wait_on(
    world: World, engine: FakeEngine, env: Env
) -> None:
    picture = await post(world)
    await away(world)
    react(world, world.alice, picture)
    engine.refusals = [FULL]
    await back(world, env)
    await world.until(lambda: not engine.refusals)
    env.inject_error("GET", "/channels/*/messages/*", status=403, code=50001)
    await world.later(missed.RETRY_SECONDS)
    await world.later(missed.RETRY_SECONDS)
    await world.until(lambda: engine.jobs)


async def test_a_channel_that_discord_does_not_tell_of_for_now_is_looked_at_again(
    world: World, engine: FakeEngine, env: Env
) -> None:
    picture = await post(world)
    await away(world)
    react(world, world.alice, picture)
    env.inject_error("GET", "/channels/*/messages", status=503)
    await back(world, env)
    assert engine.jobs == []
    await world.later(missed.RETRY_SECONDS)
    await world.until(lambda: engine.jobs)
    assert painted(engine) == [(str(world.alice.id), "great_wave")]


async def test_pictures_posted_meanwhile_get_their_palette(
    world: World, env: Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(missed, "PALETTES", 2)
    await away(world)
    pictures = [await post(world) for _ in range(3)]
    await back(world, env)
    await world.until(lambda: all(palette(world, picture) == ["🌌", "🌊"] for picture in pictures[1:]))
    assert palette(world, pictures[0]) == []
    assert await world.bot.studio.store.tickets.unfinished() == []


async def test_what_comes_before_the_styles_are_known_is_made_up_for(
    world: World, engine: FakeEngine, env: Env, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(missed, "PALETTES", 2)
    await away(world)
    (tmp_path / "bot" / "catalogue.json").unlink()
    engine.go_down()
    await back(world, env)
    pictures = [await post(world) for _ in range(3)]
    await world.alice.react(pictures[0], "🌊")
    assert [palette(world, picture) for picture in pictures] == [["🌊"], [], []]
    engine.come_back()
    await env.advance_time(catalogue.RETRY_SECONDS)
    await world.until(lambda: all(palette(world, picture) == ["🌌", "🌊"] for picture in pictures[1:]))
    await world.until(lambda: engine.jobs)
    assert painted(engine) == [(str(world.alice.id), "great_wave")]
    assert palette(world, pictures[0]) == ["🌊"], "beyond the bound"


@pytest.mark.parametrize(("bound", "value"), [("MESSAGES", 1), ("CHANNELS", 0), ("AGE", timedelta(0))])
async def test_there_are_bounds(
    world: World, engine: FakeEngine, env: Env, monkeypatch: pytest.MonkeyPatch, bound: str, value: Any
) -> None:
    monkeypatch.setattr(missed, bound, value)
    picture = await post(world)
    await post(world)
    await away(world)
    react(world, world.alice, picture)
    await back(world, env)
    await env.advance_time(60)
    assert engine.jobs == []


async def test_the_bot_asks_slowly(
    world: World, engine: FakeEngine, env: Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.set_channel(seeds_palette=False)  # simcord's history hides whose the palette is
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(missed, "REQUESTS", 2)
    monkeypatch.setattr(missed, "pause", pause)
    pictures = [await post(world) for _ in range(3)]
    await away(world)
    for picture in pictures:
        react(world, world.alice, picture)
    await back(world, env)
    await world.until(lambda: len(engine.jobs) == 3)
    # Five requests: the channel, the reactions of three pictures, and who has reacted.
    assert pauses == [missed.PAUSE_SECONDS] * 3
