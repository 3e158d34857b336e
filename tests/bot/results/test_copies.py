"""Stories of pictures taken home: a copy by direct message, and the whole file by a private link."""

from typing import Any

import pytest
from simcord import Env

from bot.errors import BotErrorCode
from bot.words import links as words
from bot.words.deletion import CONFIRMED, DELETE
from bot.words.errors import BOT_SENTENCES
from tests.bot.fake_engine import FakeEngine
from tests.bot.results.test_actions import labels
from tests.bot.tickets.test_drafts import cut_off
from tests.bot.world import World, said, told

ADDRESS = "https://art.example.org"
LARGE = b"\x89PNG\r\n\x1a\n" + bytes(26 * 2**20)  # more than Discord takes


@pytest.fixture
def settings() -> dict[str, Any]:
    return {"links": {"address": ADDRESS, "port": 0, "hours": 2}}


def address_of(components: Any) -> str:
    """The address of the one link that a message has."""
    buttons = [item for row in components for item in row["components"] if item.get("url")]
    assert [button["label"] for button in buttons] == [words.OPEN]
    return str(buttons[0]["url"])


async def test_a_picture_that_discord_takes_has_no_link(world: World) -> None:
    assert words.FULL_SIZE not in labels(await world.result())


@pytest.mark.parametrize("settings", [{}])
async def test_without_an_address_there_is_no_link(world: World, engine: FakeEngine) -> None:
    engine.result = LARGE
    result = await world.result()
    assert words.FULL_SIZE not in labels(result)
    assert "Send me a copy" in str(said(await world.alice.click(result, label="More…")).components)


async def test_a_picture_too_large_for_discord_comes_by_a_private_link(
    world: World, engine: FakeEngine
) -> None:
    engine.result = LARGE
    result = await world.result()
    assert await result.attachments[0].read() == engine.fitted
    await world.restart()
    answer = await world.bob.click(result, label=words.FULL_SIZE)
    assert answer.ephemeral
    assert "96 × 64 pixels, PNG, 27 MB" in said(answer).content
    assert "whoever has it can fetch the picture until <t:" in said(answer).content
    assert address_of(said(answer).components).startswith(f"{ADDRESS}/p/")
    assert ADDRESS not in "".join(message.content for message in world.messages), "only Bob has it"


async def test_a_copy_comes_with_the_link(world: World, engine: FakeEngine) -> None:
    engine.result = LARGE
    await world.more(await world.result(), "Send me a copy")
    copy = world.alice.user.dm_channel.last_message
    assert copy is not None
    assert copy.content.startswith("Here is your copy")
    assert words.OPEN in labels(copy)


async def test_a_copy_where_direct_messages_are_closed_has_it_too(
    world: World, engine: FakeEngine, env: Env
) -> None:
    engine.result = LARGE
    result = await world.result()
    env.inject_error("POST", "/channels/*/messages", status=403, code=50007)
    answer = await world.more(result, "Send me a copy")
    assert "closed to me" in said(answer).content
    assert address_of(said(answer).components).startswith(ADDRESS)


async def copied(world: World) -> tuple[Any, Any]:
    """A picture of Alice's, of which Bob has had a copy sent; the picture, and what is in his direct messages."""
    result = await world.result()
    await world.more(result, "Send me a copy", world.bob)
    return result, world.bob.user.dm_channel


async def deleted(world: World, result: Any) -> None:
    asked = await world.alice.click(result, label=DELETE())
    await world.alice.click(said(asked), label=CONFIRMED())


async def test_a_copy_goes_with_its_picture(world: World) -> None:
    result, direct = await copied(world)
    assert len(direct.history()) == 1
    await deleted(world, result)
    await world.until(lambda: direct.history() == [])


async def test_a_copy_that_a_former_process_has_sent_goes_with_its_picture(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.tickets.deletion.Deletion.note", cut_off)
    result, direct = await copied(world)
    monkeypatch.undo()
    await world.restart()
    await deleted(world, result)
    await world.until(lambda: direct.history() == [])


async def test_a_copy_keeps_nothing_of_a_channel_that_is_gone(world: World) -> None:
    _, direct = await copied(world)
    world.env.backend.delete_channel(world.art.id)
    await world.until(lambda: direct.history() == [])


async def test_a_deleted_picture_has_no_link(world: World, engine: FakeEngine) -> None:
    engine.result = LARGE
    result = await world.result()
    await world.bot.studio.store.deletions.erase([engine.jobs[0].key], 0.0)
    refused = await world.bob.click(result, label=words.FULL_SIZE)
    assert told(refused) == [BOT_SENTENCES[BotErrorCode.RESULT_DELETED]]


async def test_who_is_blocked_gets_no_link(world: World, engine: FakeEngine) -> None:
    engine.result = LARGE
    result = await world.result()
    await world.bot.studio.store.blocks.block(world.guild.id, world.bob.id, world.alice.id, 0.0)
    refused = await world.bob.click(result, label=words.FULL_SIZE)
    assert told(refused) == [BOT_SENTENCES[BotErrorCode.BLOCKED]]


async def test_a_button_that_outlives_its_address_says_how_else(world: World, engine: FakeEngine) -> None:
    engine.result = LARGE
    result = await world.result()
    world._settings["links"] = {}
    await world.restart()
    assert said(await world.bob.click(result, label=words.FULL_SIZE)).content == words.NO_LINKS
