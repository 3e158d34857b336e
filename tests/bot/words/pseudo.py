"""A language that nobody speaks, made of English: accents, a third longer, in brackets.

What a member reads without brackets is held outside the catalogues, and what breaks by its length would in Finnish too.
"""

import re
from collections.abc import Iterator

from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax import FluentSerializer
from fluent.syntax.ast import Message, Pattern, Placeable, Resource, StringLiteral, TextElement
from fluent.syntax.visitor import Transformer

from bot.languages import DEFAULT
from bot.words import catalogue
from tests.bot.words.catalogues import entries

OPEN, CLOSE = "⟦", "⟧"
_ACCENTS = str.maketrans("aeiouyAEIOUYcnCN", "àéîöûýÀÉÎÖÛÝçñÇÑ")
# What is read by Discord or by a program, and so stays as it is.
_KEPT = re.compile(r"(`[^`]*`|<[^>]*>|:\w*:|\*+|-# |\]\(|https?://\S+)")
_WHOLE = ("guide-",)  # what fits into a message by a test of its own: not longer
_NAMES = ("commands-", "expressions-name", "privacy-file", "help-activity")


class _Pseudo(Transformer):
    def __init__(self, longer: bool) -> None:
        self._longer = longer

    def visit_TextElement(self, node: TextElement) -> TextElement:  # noqa: N802 - the library's name
        parts = _KEPT.split(node.value)
        node.value = "".join(part if n % 2 else self._said(part) for n, part in enumerate(parts))
        return node

    def _said(self, text: str) -> str:
        letters = sum(letter.isalpha() for letter in text)
        more = "·" * (letters // 3) if self._longer else ""
        return text.translate(_ACCENTS).rstrip() + more + text[len(text.rstrip()) :] if letters else text


def bundle() -> FluentBundle:
    """All sentences of English in it."""
    resource = Resource([*_entries()])
    made = FluentBundle(["en-GB"], catalogue.functions_of(DEFAULT), use_isolating=False)
    made.add_resource(FluentResource(FluentSerializer().serialize(resource)))
    return made


def _entries() -> Iterator[Message]:
    for _, entry in entries(DEFAULT):
        if not isinstance(entry, Message) or entry.value is None:
            continue
        if not entry.id.name.startswith(_NAMES):
            _Pseudo(not entry.id.name.startswith(_WHOLE)).visit(entry)
            inside = entry.value.elements
            entry.value = Pattern([_literal(OPEN), *inside, _literal(CLOSE)])
        yield entry


def _literal(text: str) -> Placeable:
    return Placeable(StringLiteral(text))
