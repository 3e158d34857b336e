"""The form that takes a picture and a style: its labels, each with a line beneath."""

from collections.abc import Sequence

from bot.words.catalogue import Phrase, or_list, say
from engine.protocol import FORMAT_NAMES

TITLE = Phrase("form-title")
OPEN = Phrase("form-open")
STYLE = (Phrase("form-style"), Phrase("form-style-hint"))
OWN = (Phrase("form-own"), Phrase("form-own-hint"))
IMAGES = (Phrase("form-images"), Phrase("form-images-hint"))
STRENGTH = (Phrase("form-strength"), Phrase("form-strength-hint"))
PICTURE = (Phrase("form-picture"), Phrase("form-picture-hint"))


def formats() -> str:
    """What a picture may be, for the hint."""
    return or_list(FORMAT_NAMES)


def strength(value: int, all_values: Sequence[int]) -> str:
    """One of the strengths that can be chosen."""
    match all_values.index(value):
        case 0:
            return say("form-touch", strength=value)
        case n if n == len(all_values) - 1:
            return say("form-very-strong", strength=value)
        case n if n == len(all_values) // 2:
            return say("form-balanced", strength=value)
        case n if n < len(all_values) // 2:
            return say("form-light", strength=value)
    return say("form-strong", strength=value)
