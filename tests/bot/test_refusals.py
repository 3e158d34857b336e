"""Every way to be turned down: one sentence, private where it can be, and nothing left behind."""

import errno
from pathlib import Path
from typing import Any

import discord
import pytest
from simcord import Env
from structlog.testing import capture_logs

from bot.errors import BotError, BotErrorCode
from bot.place import Place
from bot.words.errors import APOLOGY, phrase_of, sentence
from engine.protocol import (
    MAX_IMAGE_BYTES,
    MIN_SIDE,
    ErrorCode,
    Failed,
    Problem,
    Refusal,
)
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import World, png, said, shown

FULL = Refusal(ErrorCode.QUEUE_FULL, waiting=100, minutes=7)


async def refused(world: World, **options: Any) -> str:
    """Ask for something that is refused; the sentence, which nobody else sees."""
    answer = await world.stylize(**options)
    text: str = answer.response.content
    assert world.sentences() == [text]
    assert answer.response.ephemeral
    assert answer.followups == []
    assert world.messages == []
    assert await world.bot.studio.store.tickets.unfinished() == []
    return text


async def test_not_an_image_by_its_type(world: World, engine: FakeEngine) -> None:
    assert "The picture is not an image that I can read" in await refused(
        world, content=("notes.txt", b"words")
    )
    assert engine.jobs == []


async def test_a_style_that_is_not_an_image(world: World, engine: FakeEngine) -> None:
    assert "The style image is not" in await refused(world, style_image=("notes.txt", b"words"))
    assert engine.jobs == []


async def test_a_mask_that_is_not_an_image(world: World, engine: FakeEngine) -> None:
    assert "The mask is not an image" in await refused(world, mask=("notes.txt", b"words"))
    assert engine.jobs == []


async def test_not_an_image_by_its_bytes(world: World, engine: FakeEngine) -> None:
    assert "not an image that I can read" in await refused(world, content=("cat.png", b"words"))
    assert engine.jobs == []


async def test_too_many_bytes(world: World) -> None:
    text = await refused(world, content=("cat.png", png() + bytes(MAX_IMAGE_BYTES)))
    assert text == "The picture is 20.1 MB large, and the limit is 20 MB: please try a smaller one."


async def test_what_could_not_be_stored_leaves_no_images(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(world.bot.studio.store.tickets, "add", full)
    assert await refused(world) == sentence(BotError(BotErrorCode.DISK_FULL))
    assert list((tmp_path / "bot").glob("inbox/*")) == []


async def test_too_many_pixels(world: World) -> None:
    assert "the limit is 40 megapixels" in await refused(world, content=("wide.png", png(8000, 5001)))


async def test_a_strip(world: World) -> None:
    assert "at most 128 times as long" in await refused(world, content=("strip.png", png(40_000, 40)))


async def test_too_small(world: World) -> None:
    assert f"each side needs at least {MIN_SIDE}" in await refused(world, content=("dot.png", png(8, 64)))


async def test_unknown_style(world: World) -> None:
    assert "“rococo”" in await refused(world, style="rococo")


async def test_no_picture_on_the_message(world: World) -> None:
    message = await world.bob.send(world.art, "no picture")
    menu = await world.alice.context_menu(world.art, "Stylize this image", message)
    assert menu.ephemeral
    assert world.sentences() == [said(menu).content]
    assert said(menu).content == phrase_of(BotErrorCode.NO_PICTURE)()


async def test_missing_permissions_are_named_before_any_work(world: World, engine: FakeEngine) -> None:
    world.art = world.channel_without("art", "attach_files", "read_message_history")
    text = await refused(world)
    assert "permissions “Attach Files” and “Read Message History” here" in text
    assert [request for request in engine.requests if request.startswith("POST")] == []


async def test_by_an_interactions_token_no_permissions_are_needed(
    world: World, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def by_token(_: discord.Interaction) -> bool:
        return True

    world.art = world.channel_without("art", "view_channel", "send_messages")
    monkeypatch.setattr(discord.Interaction, "is_user_integration", by_token)
    answer = await world.stylize()
    assert "Next in the queue" in shown(answer).content
    (ticket,) = await world.bot.studio.store.tickets.unfinished()
    assert ticket.place == Place(world.guild.id)


@pytest.mark.parametrize("refusal", [FULL, Refusal(ErrorCode.USER_QUEUE_FULL, waiting=3)])
async def test_the_engine_refuses(world: World, engine: FakeEngine, refusal: Refusal) -> None:
    engine.refusals = [refusal]
    assert await refused(world) == sentence(refusal)
    await world.restart()
    assert engine.jobs == []


async def test_the_engine_refuses_after_it_was_away(world: World, engine: FakeEngine) -> None:
    await world.alice.autocomplete(world.art, "stylize", "style", "")
    engine.go_down()
    await world.stylize()
    engine.refusals = [FULL]
    engine.come_back()
    await world.env.advance_time(5)
    assert (await world.shows(sentence(FULL))).components == []


async def test_what_the_engine_says_to_operators_is_logged(world: World, engine: FakeEngine) -> None:
    engine.refusals = [Refusal(ErrorCode.BAD_REQUEST, detail="styles: too short")]
    with capture_logs() as lines:
        await refused(world)
    (line,) = [line for line in lines if line["event"] == "engine refused"]
    assert (line["code"], line["facts"]) == (ErrorCode.BAD_REQUEST, {"detail": "styles: too short"})


async def test_what_a_failed_painting_says_to_operators_is_logged(world: World) -> None:
    await world.stylize()
    reason = Refusal(ErrorCode.BAD_WEIGHTS, path="/vgg19.h5", why="truncated file")
    with capture_logs() as lines:
        await world.tell(Failed(error=Problem.of(reason)))
        await world.shows(sentence(reason))
    (line,) = [line for line in lines if line["event"] == "engine refused"]
    assert (line["code"], line["facts"]) == (reason.code, reason.facts)


async def test_what_a_member_typed_is_not_logged(world: World) -> None:
    with capture_logs() as lines:
        await refused(world, style="rococo")
    assert [line for line in lines if "rococo" in str(line)] == []


async def test_a_picker_is_answered_privately(world: World, engine: FakeEngine) -> None:
    message = await world.bob.send(world.art, "my cat", attachments=[("cat.png", png())])
    menu = await world.alice.context_menu(world.art, "Stylize this image", message)
    engine.refusals = [FULL]
    picked = await world.alice.select(said(menu), ["great_wave"])
    assert [said.content for said in picked.followups if said.ephemeral] == [sentence(FULL)]
    world.sentences()


async def test_a_failed_painting_says_why(world: World) -> None:
    await world.stylize()
    reason = Refusal(ErrorCode.OUT_OF_MEMORY)
    await world.tell(Failed(error=Problem.of(reason)))
    ticket = await world.shows(sentence(reason))
    assert ticket.components == []


async def test_an_attachment_that_discord_does_not_hand_out(world: World, engine: FakeEngine) -> None:
    message = await world.bob.send(world.art, "my cat", attachments=[("cat.png", png())])
    menu = await world.alice.context_menu(world.art, "Stylize this image", message)
    world.env.backend.cdn._blobs.clear()
    picked = await world.alice.select(said(menu), ["great_wave"])
    assert "could not be fetched from Discord" in picked.followups[0].content
    world.sentences()


async def test_what_nobody_foresaw_is_an_apology(world: World, env: Env) -> None:
    env.inject_error("POST", "/interactions/*/*/callback", status=400)
    answer = await world.stylize()
    assert said(answer).content == APOLOGY()
    assert world.sentences() == [None]
