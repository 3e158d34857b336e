"""The tables of sentences: whole, made of the facts there are, and in words that a member knows."""

import re
import string
from collections.abc import Iterator

import pytest

from bot.errors import FACTS, BotError, BotErrorCode
from bot.orders.permissions import INVITED
from bot.words.errors import (
    BOT_SENTENCES,
    ERROR_SENTENCES,
    IMAGE_NAMES,
    NOTE_SENTENCES,
    PERMISSIONS,
    note_sentence,
    sentence,
)
from engine.protocol import ERRORS, IMAGES, NOTES, ErrorCode, Fact, Note, NoteCode, Refusal

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
# Parts of a request, the wire's names of things, and codes.
OF_THE_WIRE = re.compile(
    rf"[a-z]-\d|\b(parts?|guild|group|{'|'.join((*ErrorCode, *NoteCode, *BotErrorCode))})\b"
)


def samples(names: frozenset[str]) -> Iterator[dict[str, Fact]]:
    """Facts of these names, one set for each image that they may be about."""
    facts: dict[str, Fact] = {name: TEXTS.get(name, 3 * 2**20) for name in names}
    for image in IMAGES if "image" in names else ("",):
        yield facts | ({"image": image} if image else {})


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_code_has_a_sentence_of_its_facts() -> None:
    assert set(ERROR_SENTENCES) == set(ERRORS) == set(ErrorCode)
    assert set(NOTE_SENTENCES) == set(NOTES) == set(NoteCode)
    assert set(BOT_SENTENCES) == set(BotErrorCode)
    assert set(IMAGE_NAMES) == set(IMAGES)
    for error, text in ERROR_SENTENCES.items():
        assert fields(text) <= ERRORS[error].facts, text
    for note, text in NOTE_SENTENCES.items():
        assert fields(text) <= NOTES[note], text
    for own, text in BOT_SENTENCES.items():
        assert fields(text) <= FACTS.get(own, frozenset()), text


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
