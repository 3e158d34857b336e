"""The catalogues: every sentence is there, is said, and says in each language what it is about."""

import ast
import asyncio
import re
from pathlib import Path

import discord
import pytest

from bot.errors import BotErrorCode
from bot.findings import Finding
from bot.languages import DEFAULT, Language, asked_for, in_force, language_of, speaking
from bot.storage.settings import Zone
from bot.words import album, setup
from bot.words.catalogue import and_list, bundle_of, or_list, say
from bot.words.errors import phrase_of
from bot.words.guide import _SECTIONS
from engine.protocol import ErrorCode, NoteCode
from tests.bot.words.catalogues import facts_of, messages, references, text_of

ROOT = Path(__file__).parents[3]
# Facts that some language needs to put its words right, and English does not.
GRAMMAR = {"consent-question": {"askers"}}


ID = re.compile(r"[a-z]+(?:-[a-z0-9]+)+")
# Sentences whose ids are made of something else, by what says them.
FAMILIES = {
    "errors-": [phrase_of(code).id for kind in (BotErrorCode, ErrorCode, NoteCode) for code in kind],
    "check-": [f"check-{finding.replace('_', '-')}" for finding in Finding],
    "guide-": [f"guide-{name}" for title, lines in _SECTIONS.items() for name in (title, *lines)],
    "setup-": [
        *(f"setup-zone-{setup._key(zone)}" for zone in Zone),
        *(f"setup-{day}" for day in setup._DAYS),
    ],
    "paintings-": [message_id for message_id in messages(DEFAULT) if message_id.startswith("paintings-")],
    "commands-": [message_id for message_id in messages(DEFAULT) if message_id.startswith("commands-")],
}


def said_ids() -> set[str]:
    """The ids that the code says: as they are, by their families, or in other sentences."""
    found = {message_id for family in FAMILIES.values() for message_id in family}
    for path in sorted((ROOT / "bot").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name("say" | "Phrase"), args=[ast.Constant(str(text)), *_]):
                    found.add(text)
                case ast.Constant(str(text)) if ID.fullmatch(text) and text in messages(DEFAULT):
                    found.add(text)
    return found | {other for message_id in messages(DEFAULT) for other in references(message_id)}


def test_every_sentence_is_said_and_every_one_that_is_said_is_there() -> None:
    assert said_ids() == set(messages(DEFAULT))


@pytest.mark.parametrize("language", [each for each in Language if each is not DEFAULT])
def test_every_language_says_all_of_the_same_facts(language: Language) -> None:
    assert set(messages(language)) == set(messages(DEFAULT))
    more = {name: facts_of(name, language) - facts_of(name) for name in messages(DEFAULT)}
    assert {name: facts for name, facts in more.items() if facts - GRAMMAR.get(name, set())} == {}
    less = {name: facts_of(name) - facts_of(name, language) for name in messages(DEFAULT)}
    assert {name: facts for name, facts in less.items() if facts} == {}


@pytest.mark.parametrize("language", Language)
def test_apostrophes_are_typographers(language: Language) -> None:
    ours = {
        each: re.sub(r"(?m)^#.*$", "", text_of(each, language))
        for each in messages(language)
        if not each.startswith("help-")  # which are the protocol's own
    }
    assert {each: text for each, text in ours.items() if re.search(r"\w'\w|\}'s|s' ", text)} == {}


def test_plurals_and_numbers_are_the_languages_own() -> None:
    with speaking(Language.GERMAN):
        assert say("album-elsewhere", count=1) == "Und noch eins in einem anderen Kanal dieses Servers."
        assert say("album-elsewhere", count=2000) == "Und noch 2000 in anderen Kanälen dieses Servers."
        assert and_list(["a", "b", "c"]) == "a, b und c"
        assert or_list(["a", "b"]) == "a oder b"
        assert say("album-number", number=1.5) == "Nummer 1,5"
    assert say("album-number", number=1.5) == "Number 1.5"
    assert and_list(["a", "b", "c"]) == "a, b and c"


def test_what_is_missing_is_told_to_whoever_writes_it() -> None:
    with pytest.raises(LookupError):
        say("album-elsewhere")
    with pytest.raises(KeyError):
        say("album-nothing-of-the-kind")


async def test_a_task_keeps_the_language_that_it_was_begun_in() -> None:
    async def later() -> str:
        await asyncio.sleep(0)
        return album.NEWER()

    with speaking(Language.GERMAN):
        task = asyncio.create_task(later())
    assert (in_force(), await task) == (Language.ENGLISH, "Neuere")


@pytest.mark.parametrize(
    ("header", "spoken"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", Language.GERMAN),
        ("fr, de;q=0.5, en;q=0.3", Language.GERMAN),
        ("en-US,de;q=0.5", Language.ENGLISH),
        ("*", DEFAULT),
        ("", DEFAULT),
        (",;,--q", DEFAULT),
    ],
)
def test_a_browser_says_what_it_would_like_to_read(header: str, spoken: Language) -> None:
    assert asked_for(header) is spoken


def test_discords_locales() -> None:
    assert language_of(discord.Locale.german) is Language.GERMAN
    assert {language_of(each) for each in discord.Locale if each is not discord.Locale.german} == {DEFAULT}


def test_a_catalogue_is_read_once_and_only_when_it_is_spoken() -> None:
    bundle_of.cache_clear()
    say("album-newer")
    say("errors-apology")
    assert bundle_of.cache_info().misses == 1
    with speaking(Language.GERMAN):
        say("album-newer")
        say("errors-apology")
    assert bundle_of.cache_info().misses == 2
