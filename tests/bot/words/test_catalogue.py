"""The catalogues: every sentence is there, is said, and says in each language what it is about."""

import ast
import asyncio
from collections.abc import Iterator, Set
from functools import cache
from importlib.resources import files
from pathlib import Path

import discord
import pytest
from fluent.syntax import FluentParser
from fluent.syntax.ast import Junk, Message, VariableReference
from fluent.syntax.visitor import Visitor

from bot.languages import DEFAULT, Language, in_force, language_of, speaking
from bot.words import album
from bot.words.catalogue import and_list, or_list, say

ROOT = Path(__file__).parents[3]
LOCALES = files("bot.words").joinpath("locales")


class Variables(Visitor):
    """Collects the facts that a sentence is made of."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: VariableReference) -> None:  # noqa: N802 - the library's name
        self.names.add(node.id.name)


@cache
def messages(language: Language) -> dict[str, Message]:
    """All sentences of a language by their ids; each file's begin with its name."""
    found: dict[str, Message] = {}
    for file in LOCALES.joinpath(language.value).iterdir():
        for entry in FluentParser().parse(file.read_text(encoding="utf-8")).body:
            assert not isinstance(entry, Junk), f"{file.name}: {entry.content}"
            if isinstance(entry, Message):
                assert entry.id.name.startswith(f"{file.name.removesuffix('.ftl')}-"), entry.id.name
                assert entry.id.name not in found, entry.id.name
                found[entry.id.name] = entry
    return found


def variables(message: Message) -> Set[str]:
    seen = Variables()
    seen.visit(message)
    return seen.names


def said_ids() -> Iterator[str]:
    """The ids that the code says."""
    for path in sorted((ROOT / "bot").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name("say" | "Phrase"), args=[ast.Constant(str(message_id)), *_]):
                    yield message_id


def test_every_sentence_is_said_and_every_one_that_is_said_is_there() -> None:
    assert set(said_ids()) == set(messages(DEFAULT))


@pytest.mark.parametrize("language", [each for each in Language if each is not DEFAULT])
def test_every_language_says_all_of_the_same_facts(language: Language) -> None:
    ours, theirs = messages(DEFAULT), messages(language)
    assert set(ours) == set(theirs)
    assert {name: variables(each) for name, each in ours.items()} == {
        name: variables(each) for name, each in theirs.items()
    }


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


def test_discords_locales() -> None:
    assert language_of(discord.Locale.german) is Language.GERMAN
    assert {language_of(each) for each in discord.Locale if each is not discord.Locale.german} == {DEFAULT}
