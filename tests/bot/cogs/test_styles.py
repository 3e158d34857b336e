"""Stories of `/styles`: the paintings as pictures, page by page, one of them large, and the form that paints with it."""

from typing import Any

import discord
import pytest

from bot.words import exhibition as words
from engine.protocol import StyleCard
from engine.styles.catalogue import cards
from tests.bot.fake_engine import STARRY, FakeEngine
from tests.bot.world import World, png, said


@pytest.fixture
def engine(engine: FakeEngine) -> FakeEngine:
    """One with all the studies that there are."""
    engine.styles = cards()
    return engine


def labels(shown: Any) -> list[str]:
    return [item["label"] for row in shown.components for item in row["components"] if item["type"] == 2]


async def test_a_page_is_a_picture_with_names_and_numbers(world: World, engine: FakeEngine) -> None:
    answer = await world.alice.slash(world.art, "styles")
    page = said(answer)
    assert page.ephemeral
    assert page.content.splitlines()[:2] == [
        "The paintings that you can choose a style from (page 1 of 2):",
        "1. 🌌 **The Starry Night**, Vincent van Gogh, 1889",
    ]
    [sheet] = page.attachments
    assert await sheet.read() == engine.sheet
    assert sheet.description is not None
    assert sheet.description.startswith("Paintings, numbered. 1: The Starry Night by Vincent van Gogh, 2:")
    assert engine.wishes == [("styles", {str(n): card.name for n, card in enumerate(cards()[:6], 1)})]
    assert labels(page) == ["Next"]


async def test_paintings_are_called_as_their_reader_calls_them(world: World, engine: FakeEngine) -> None:
    world.set_locale(world.bob, discord.Locale.german)
    page = said(await world.bob.slash(world.art, "styles"))
    assert page.content.splitlines()[1:3] == [
        "1. 🌌 **Sternennacht**, Vincent van Gogh, 1889",
        "2. 🌊 **Die große Welle vor Kanagawa**, Katsushika Hokusai, um 1831",
    ]
    assert (page.attachments[0].description or "").startswith(
        "Gemälde, nummeriert. 1: Sternennacht von Vincent van Gogh"
    )
    _, drawn = engine.wishes[0]
    assert drawn["3"] == "Der Schrei"
    [choice] = await world.bob.autocomplete(world.art, "stylize", "style", "seerosen")
    assert choice == {"name": "Seerosen - Claude Monet", "value": "water_lilies"}
    await world.stylize(world.alice, style="der schrei")
    assert engine.jobs[0].request.styles[0].name == "the_scream"
    assert await world.shows("In the style of “The Scream”"), "all read it, in the server's language"


async def test_pages_are_turned_also_after_a_restart(world: World, engine: FakeEngine) -> None:
    page = said(await world.alice.slash(world.art, "styles"))
    await world.restart()
    await world.alice.click(page, label="Next")
    assert "7. 💃 **Udnie**" in page.content
    assert "Starry" not in page.content
    assert engine.wishes[-1] == ("styles", {str(n): card.name for n, card in enumerate(cards()[6:], 7)})
    assert labels(page) == ["Back"]
    await world.alice.click(page, label="Back")
    assert "1. 🌌" in page.content


async def test_one_is_shown_large_and_painted_with(world: World, engine: FakeEngine) -> None:
    page = said(await world.alice.slash(world.art, "styles"))
    await world.alice.click(page, label="Next")
    await world.alice.select(page, ["shipwreck"])
    assert page.content == (
        "⛵ **The Wreck of a Transport Ship**\nJ. M. W. Turner, c. 1810\n"
        "-# In the public domain: the artist died in 1851. What you see is a study made from it.\n"
        "-# The original: Calouste Gulbenkian Museum, Lisbon."
    )
    assert await page.attachments[0].read() == engine.study
    assert page.attachments[0].filename == "shipwreck.jpeg"
    await world.restart()
    form = await world.alice.click(page, label=words.PAINT_WITH())
    assert form.modal is not None
    await world.alice.submit_modal(form, {"picture": ("cat.png", png()), "style": ["shipwreck"]})
    assert engine.jobs[0].request.styles[0].name == "shipwreck"
    await world.alice.click(page, label=words.BACK())
    assert "7. 💃 **Udnie**" in page.content, "the page that it was on"


async def test_the_form_has_the_style_chosen_already(world: World) -> None:
    page = said(await world.alice.slash(world.art, "styles"))
    await world.alice.select(page, ["the_scream"])
    form = await world.alice.click(page, label=words.PAINT_WITH())
    assert form.modal is not None
    [options] = [
        label["component"]["options"]
        for label in form.modal["components"]
        if label["component"].get("custom_id") == "style"
    ]
    assert [option["value"] for option in options if option.get("default")] == ["the_scream"]
    assert options[0]["value"] == "the_scream", "so that it is there however many there are"


async def test_what_is_not_verified_is_not_said(world: World) -> None:
    page = said(await world.alice.slash(world.art, "styles"))
    await world.alice.click(page, label="Next")
    await world.alice.select(page, ["cherry_tree"])
    assert "the artist had died by 1829" in page.content
    assert "original" not in page.content
    assert "verified" not in page.content


async def test_without_the_engine_the_words_come_alone(world: World, engine: FakeEngine) -> None:
    engine.go_down()
    page = said(await world.alice.slash(world.art, "styles"))
    assert "1. 🌌 **The Starry Night**" in page.content
    assert page.attachments == []
    await world.alice.select(page, ["the_scream"])
    assert "Edvard Munch, 1893" in page.content
    assert page.attachments == []
    engine.come_back()
    await world.alice.click(page, label=words.BACK())
    assert len(page.attachments) == 1


async def test_a_style_that_is_gone_is_told(world: World, engine: FakeEngine) -> None:
    page = said(await world.alice.slash(world.art, "styles"))
    engine.styles = (STARRY,)
    await world.learn_styles()
    await world.alice.select(page, ["the_scream"])
    assert "1. 🌌" in page.content
    await world.alice.click(page, label="Next")
    assert page.content.startswith("The paintings that you can choose a style from:\n1. 🌌")
    assert labels(page) == []


def test_every_style_is_told_in_a_message() -> None:
    many = tuple(
        StyleCard(
            name=f"style_{n}",
            title="A long title of it" * 4,
            artist="x" * 60,
            year="1900",
            emoji="🌌",
            colours=(),
        )
        for n in range(9)
    )
    assert len(words.page(many, 91, 11, 12)) < 2000
    assert words.look_choice(many[0], 100, "🌌").label.startswith("100. A long title")
    assert words.one(many[0]).count("\n") == 1, "of an engine that does not say why"
