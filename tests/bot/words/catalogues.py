"""The catalogues as their files have them, for the tests that hold them against the code and against each other."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from fluent.syntax import FluentParser, FluentSerializer
from fluent.syntax.ast import BaseNode, Junk, Message, MessageReference, VariableReference
from fluent.syntax.visitor import Visitor

from bot.languages import DEFAULT, Language

LOCALES = files("bot.words").joinpath("locales")


class _References(Visitor):
    """Collects the facts that a sentence is made of, and the other sentences in it."""

    def __init__(self) -> None:
        self.facts: set[str] = set()
        self.messages: set[str] = set()

    def visit_VariableReference(self, node: VariableReference) -> None:  # noqa: N802 - the library's name
        self.facts.add(node.id.name)

    def visit_MessageReference(self, node: MessageReference) -> None:  # noqa: N802
        self.messages.add(node.id.name)


def entries(language: Language) -> Iterator[tuple[str, BaseNode]]:
    """What there is in each file, and the file's name without its end."""
    for file in LOCALES.joinpath(language.value).iterdir():
        for entry in FluentParser().parse(file.read_text(encoding="utf-8")).body:
            yield file.name.removesuffix(".ftl"), entry


@cache
def messages(language: Language) -> dict[str, Message]:
    """All sentences of a language by their ids; each file's begin with its name."""
    found: dict[str, Message] = {}
    for name, entry in entries(language):
        assert not isinstance(entry, Junk), f"{name}: {entry.content}"
        if isinstance(entry, Message):
            assert entry.id.name.startswith(f"{name}-"), entry.id.name
            assert entry.id.name not in found, entry.id.name
            found[entry.id.name] = entry
    return found


def references(message_id: str, language: Language = DEFAULT) -> set[str]:
    """The sentences that are in a sentence."""
    return _seen(message_id, language).messages


def facts_of(message_id: str, language: Language = DEFAULT) -> set[str]:
    """The facts that a sentence is made of, with those of the sentences in it."""
    seen = _seen(message_id, language)
    return seen.facts.union(*(facts_of(other, language) for other in seen.messages))


@cache
def _seen(message_id: str, language: Language) -> _References:
    seen = _References()
    seen.visit(messages(language)[message_id])
    return seen


def text_of(message_id: str, language: Language) -> str:
    """All that a sentence may say, as its file writes it."""
    return FluentSerializer().serialize_entry(messages(language)[message_id])
