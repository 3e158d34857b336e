"""The pages for members and for those who run a server: both languages name every command and menu, and each picture is there."""

import re
from pathlib import Path

import discord
import pytest

from bot.languages import Language, speaking
from bot.words import audition, commands, museum
from bot.words import help as help_words
from demo.camera import SIZES
from demo.operating import PICTURES as OPERATING
from demo.screenshots import CHOSEN, EXPERIENCES
from tests.bot.world import World

DOCS = Path(__file__).parents[3] / "docs"
PAGES = {Language.ENGLISH: ("members.md", "owners.md"), Language.GERMAN: ("members.de.md", "owners.de.md")}


def text_of(language: Language) -> str:
    return " ".join(" ".join((DOCS / name).read_text(encoding="utf-8").split()) for name in PAGES[language])


def test_there_are_pages_in_each_language() -> None:
    assert set(PAGES) == set(Language)


@pytest.mark.parametrize("language", Language)
async def test_every_command_is_named(world: World, language: Language) -> None:
    text, tree = text_of(language), world.bot.tree
    with speaking(language):
        names = [
            commands.command_name(each.name)
            for each in tree.get_commands(type=discord.AppCommandType.chat_input)
        ]
    assert [name for name in names if f"`/{name}" not in text] == []


@pytest.mark.parametrize("language", Language)
def test_menus_are_called_by_their_names(language: Language) -> None:
    text = text_of(language)
    with speaking(language):
        menus = [help_words.STYLIZE_MENU(), help_words.AVATAR_MENU(), audition.MENU(), museum.MENU()]
        assert [menu for menu in menus if menu not in text] == []


@pytest.mark.parametrize(
    "name", [*(name for names in PAGES.values() for name in names), "operating.md", "screenshots.md"]
)
def test_links_lead_somewhere(name: str) -> None:
    page = (DOCS / name).read_text(encoding="utf-8")
    targets = [each.partition("#")[0] for each in re.findall(r"\]\(([^)]+)\)", page)]
    assert [each for each in targets if each and not (DOCS / each).exists()] == []


def test_each_experience_is_shown_at_both_widths() -> None:
    page = (DOCS / "screenshots.md").read_text(encoding="utf-8")
    shown = re.findall(r"\]\(screenshots/([^)]+)\.jpg\)", page)
    assert shown == [f"{name}-{width}" for name in EXPERIENCES for width in SIZES]
    assert {path.stem for path in (DOCS / "screenshots").iterdir()} == {*CHOSEN, *OPERATING}
    assert set(re.findall(r"\]\(screenshots/([^)]+)\.jpg\)", (DOCS / "operating.md").read_text())) == set(
        OPERATING
    )
