"""Stories over the real wire, with the real network: a painting develops, is gone on with, and watched in the making."""

import io
import os
import re
from pathlib import Path

import pytest
from PIL import Image, ImageSequence
from simcord.backend.models import Message
from simcord.results import InteractionResult, ResponseMessage

from demo.processes import Child, Crew
from engine.protocol import MAX_SNAPSHOTS
from engine.styles.catalogue import cards
from tests.bot.world import shown
from tests.wire.conftest import Scene, likeness, mentions_alice, photo


@pytest.fixture
def crew_and_engine(painter: tuple[Crew, Child]) -> tuple[Crew, Child]:
    """The engine that paints."""
    return painter


def memory(pid: int) -> int:
    """The resident memory of a process, in bytes."""
    pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGESIZE")


async def test_two_attachments_become_a_painting_that_develops(scene: Scene) -> None:
    answer = await scene.stylize()
    await scene.framed()
    assert shown(answer).attachments[0].description, "the ticket shows the frames"
    message = await scene.painted()
    painting = scene.album.paintings[0].read_bytes()
    with Image.open(io.BytesIO(painting)) as image:
        assert image.size == (96, 64)
    assert likeness(painting, photo("chelsea.png")[1]) > 0.5
    assert abs(likeness(painting, photo("coffee.png")[1])) < 0.5
    assert mentions_alice(scene, message)
    assert answer.followups == [], "the ticket is gone"
    assert memory(scene.bot.pid) < 150 * 2**20


async def test_a_result_is_painted_anew_watched_and_asked(scene: Scene) -> None:
    alice, studio = scene.discord.alice, scene.discord.studio
    await scene.stylize()
    first = in_channel(scene, await scene.painted())

    await alice.click(first, label="More style")
    await scene.until(lambda: scene.tickets)
    message = await scene.painted(2)
    second = in_channel(scene, message)
    assert "made from [this result]" in second.content
    assert message.reference is not None
    assert message.reference["message_id"] == str(first.id)
    before, after = await likeness_told(scene, first), await likeness_told(scene, second)
    assert after["way to the style"] >= before["way to the style"]
    assert after["picture’s shapes kept"] < before["picture’s shapes kept"]

    film = await alice.click(await panel(scene, second), label="Time-lapse")
    answer = await answered(scene, film, "How <@")
    sheet = await answered(
        scene, await alice.click(answer, label="Earlier moment"), "These are earlier moments"
    )
    (menu,) = sheet.components[0]["components"]
    with Image.open(io.BytesIO(bytes_of(scene, answer))) as moving:
        frames = [as_png(frame) for frame in ImageSequence.Iterator(moving)]
    # WebP makes one of neighbours that look the same, as where an evaluation found nothing better.
    assert 2 <= len(frames) <= len(menu["options"]) + 1 <= MAX_SNAPSHOTS
    assert likeness(frames[0], bytes_of(scene, first)) > 0.95 > likeness(frames[0], photo("chelsea.png")[1])

    option = menu["options"][1]
    await alice.select(sheet, [option["value"]])
    moment = in_channel(scene, await scene.painted(3))
    assert "an earlier moment of your picture" in moment.content
    assert bytes_of(scene, moment) != bytes_of(scene, second)

    for picture, is_whole in ((second, True), (moment, False)):
        told = await alice.context_menu(studio, "How was this painted?", picture)
        recipe = (await answered(scene, told, "Painted by Atelier")).content
        assert "recipe **draft**, strength 80, 96 × 64 px" in recipe
        assert "It went on from an earlier result" in recipe
        assert ("before the painting was finished" not in recipe) is is_whole


async def test_all_styles_are_tried_out_and_one_is_finished(scene: Scene) -> None:
    asked = {"content": photo("chelsea.png"), "recipe": "draft", "size": 96}
    await scene.discord.alice.slash(scene.discord.studio, "audition", **asked)
    await scene.framed()
    sheet = in_channel(scene, await scene.painted())
    (menu,) = sheet.components[0]["components"]
    assert [option["label"] for option in menu["options"]] == [
        f"{n}. {card.title}" for n, card in enumerate(cards(), 1)
    ]
    await scene.discord.bob.select(sheet, ["2"])
    whole = in_channel(scene, await scene.painted(2))
    assert f"in the style of “{cards()[1].title}”" in whole.content
    assert "made from [this result]" in whole.content
    assert "painted afresh" not in whole.content, "it goes on from its small picture"
    with Image.open(io.BytesIO(bytes_of(scene, whole))) as image:
        assert image.size == (96, 64)


def in_channel(scene: Scene, message: Message) -> ResponseMessage:
    """A message in the channel, as something to click on."""
    return ResponseMessage(scene.discord.world, message)


async def answered(scene: Scene, result: InteractionResult, text: str) -> ResponseMessage:
    """Wait for a private answer that begins with `text`."""
    await scene.until(lambda: result.response and result.response.content.startswith(text))
    assert result.response is not None
    assert result.response.ephemeral
    return result.response


def bytes_of(scene: Scene, message: ResponseMessage) -> bytes:
    """The one file of a message."""
    (attachment,) = message.attachments
    data = scene.discord.world.cdn.get(attachment.url)
    assert data is not None
    return data


async def panel(scene: Scene, result: ResponseMessage) -> ResponseMessage:
    """What is behind "More…" under a result."""
    return await answered(scene, await scene.discord.alice.click(result, label="More…"), "What else")


async def likeness_told(scene: Scene, result: ResponseMessage) -> dict[str, int]:
    """What came out of a painting, in percent, told to whoever asks how it was painted."""
    asked = await scene.discord.alice.click(await panel(scene, result), label="How was this painted?")
    text = (await answered(scene, asked, "Painted by Atelier")).content
    told = re.findall(r"(\d+)% of (?:the )?(way to the style|picture’s shapes kept)", text)
    assert len(told) == 2
    return {name: int(value) for value, name in told}


def as_png(image: Image.Image) -> bytes:
    """An image as a file."""
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "PNG")
    return buffer.getvalue()
