"""The engine's sentences: one for each code, of that code's facts."""

import string

from engine.protocol import ERRORS, IMAGES, NOTES, ErrorCode, NoteCode
from engine.words import ERROR_SENTENCES, IMAGE_NAMES, NOTE_SENTENCES


def test_every_code_has_a_sentence_of_its_facts() -> None:
    assert set(ERROR_SENTENCES) == set(ERRORS) == set(ErrorCode)
    assert set(NOTE_SENTENCES) == set(NOTES) == set(NoteCode)
    assert set(IMAGE_NAMES) == set(IMAGES)
    sentences = [(text, ERRORS[code].facts) for code, text in ERROR_SENTENCES.items()]
    notes = [(text, NOTES[code]) for code, text in NOTE_SENTENCES.items()]
    for text, facts in sentences + notes:
        used = {name for _, name, _, _ in string.Formatter().parse(text) if name}
        assert used <= facts, text
