"""The tables of sentences: whole, made of the facts there are, and in words that a member knows."""

import re
from collections.abc import Iterator

import pytest

from bot.errors import FACTS, BotError, BotErrorCode
from bot.languages import DEFAULT
from bot.orders.permissions import INVITED
from bot.words.errors import (
    PERMISSIONS,
    note_sentence,
    phrase_of,
    sentence,
)
from engine.protocol import ERRORS, IMAGES, NOTES, ErrorCode, Fact, Note, NoteCode, Refusal
from tests.bot.words.catalogues import facts_of, messages

# What facts may be, besides the names of images and permissions; whatever else a fact is, it is a number.
TEXTS = {
    "detail": "guild: part of style-1",
    "why": "the group model_weights is missing",
    "path": "/data",
    "folder": "/backup",
    "name": "rococo",
    "preset": "sticker",
    "recipe": "tutorial",
    "other": "draft",
    "reason": "No such file",
    "key": "colour",
    "link": "https://discord.com/oauth2/authorize?client_id=1",
    "variable": "TOKEN",
    "database": "sqlite:///x",
}
NEEDED = [
    *INVITED,
    "create_expressions",  # of members
    "manage_guild",
    "manage_messages",
    "manage_threads",
]
# What `sentence` makes of facts for those that need it.
MADE = {"nth", "called", "own", "count", "formats", "recipes"}
# Parts of a request, the wire's names of things, and codes.
OF_THE_WIRE = re.compile(
    rf"[a-z]-\d|\b(parts?|guild|group|{'|'.join((*ErrorCode, *NoteCode, *BotErrorCode))})\b"
)


def samples(names: frozenset[str]) -> Iterator[dict[str, Fact]]:
    """Facts of these names, one set for each image that they may be about."""
    facts: dict[str, Fact] = {name: TEXTS.get(name, 3 * 2**20) for name in names}
    for image in IMAGES if "image" in names else ("",):
        yield facts | ({"image": image} if image else {})


def test_every_code_has_a_sentence_of_its_facts() -> None:
    """That each language has them all, and of the same facts, is the catalogues' own test."""
    ours = {message_id for message_id in messages(DEFAULT) if message_id.startswith("errors-")}
    codes: dict[ErrorCode | NoteCode | BotErrorCode, frozenset[str]] = {
        **{code: FACTS.get(code, frozenset()) for code in BotErrorCode},
        **{code: ERRORS[code].facts for code in ErrorCode},
        **{code: NOTES[code] for code in NoteCode},
    }
    assert {phrase_of(code).id for code in codes} <= ours
    for code, facts in codes.items():
        assert facts_of(phrase_of(code).id) - MADE <= facts, code


def test_every_permission_that_is_needed_has_a_name() -> None:
    assert set(NEEDED) == set(PERMISSIONS)


@pytest.mark.parametrize("code", ErrorCode)
def test_no_name_of_the_wire_is_in_a_refusal(code: ErrorCode) -> None:
    for facts in samples(ERRORS[code].facts):
        assert not OF_THE_WIRE.search(sentence(Refusal(code, **facts)))


@pytest.mark.parametrize("code", NoteCode)
def test_no_name_of_the_wire_is_in_a_note(code: NoteCode) -> None:
    for facts in samples(NOTES[code]):
        assert not OF_THE_WIRE.search(note_sentence(Note.of(code, **facts)))


@pytest.mark.parametrize("code", BotErrorCode)
def test_no_name_of_the_wire_is_in_an_answer_of_the_bots_own(code: BotErrorCode) -> None:
    names = FACTS.get(code, frozenset())
    for facts in samples(names - {"permissions"}):
        needed = {"permissions": NEEDED} if "permissions" in names else {}
        text = sentence(BotError(code, **facts, **needed))
        assert not OF_THE_WIRE.search(text)
        assert not any(flag in text for flag in NEEDED)
