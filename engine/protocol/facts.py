"""Facts: what an error or a note is about, as plain values that whoever shows it puts into a sentence.

Rule: a fact is a number or a name and never words: pixels, bytes, counts, the key of a style, which of a request's
images it was. Units are the smallest (bytes, pixels); a template spells them by its format, so that no two sentences
round differently.
"""

import math
import string
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, StrictFloat, StrictInt, StrictStr

from engine.protocol import limits
from engine.protocol.settings import Preset, RecipeName

SHOWN_CHARACTERS = 40

Fact = str | int | float
# As it comes over the wire: neither truth values nor numbers that JSON has no digits for.
StrictFact = StrictStr | StrictInt | Annotated[StrictFloat, Field(allow_inf_nan=False)]

_UNITS = (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0), ("seconds", 1.0))

# What the fact `image` may be: an image of a request (one of several has its number), the whole request, or a file
# that only the command line takes.
IMAGES = (
    "content",
    *(
        name
        for kind, most in (("style", limits.MAX_AUDITION), ("mask", limits.MAX_STYLES))
        for name in (kind, *(f"{kind}-{n}" for n in range(1, most + 1)))
    ),
    "previous",
    "request",
    "painting",
    "study",
    "snapshot",
)


def shown(text: str) -> str:
    """As much as a sentence repeats of what a client has sent: a few characters, and only printable ones."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:SHOWN_CHARACTERS])


def image_of(part: str, parts: Iterable[str]) -> str:
    """The fact `image` for a multipart part: "style-2" of several style images, "style" if it is the only one."""
    kind = part.partition("-")[0]
    alone = sum(other.startswith(f"{kind}-") for other in parts) <= 1
    return kind if alone else part


def image_names(kinds: Mapping[str, str], ordinals: Sequence[str]) -> dict[str, str]:
    """A name for each of IMAGES, from those of their kinds and the words for 1st, 2nd, ..."""

    def name(image: str) -> str:
        kind, _, number = image.partition("-")
        return f"{ordinals[int(number) - 1]} {kinds[kind]}" if number else kinds[kind]

    return {image: name(image) for image in IMAGES}


# What facts are that are not numbers: names, of a few or of any kind.
_NAMES: dict[str, frozenset[str]] = {
    "image": frozenset(IMAGES),
    "preset": frozenset(Preset),
    "recipe": frozenset(RecipeName),
    "other": frozenset(RecipeName),
}
_TEXTS = {"detail", "name", "path", "why"}


def strangers_facts(facts: Mapping[str, Fact]) -> Iterator[str]:
    """Names of the facts that are not what their names say, so that no sentence could be made of them."""
    for name, fact in facts.items():
        is_text = isinstance(fact, str)
        if is_text is not (name in _TEXTS or name in _NAMES) or fact not in _NAMES.get(name, {fact}):
            yield name


class _Spelled(string.Formatter):
    """Formats {size:MB}, {limit:MB limit} and {size:KB} (bytes), {limit:MP} (pixels), {seconds:time},
    {limit:time limit} and {image:image} (its name).
    """

    def __init__(self, images: Mapping[str, str]) -> None:
        self._images = images

    def format_field(self, value: Any, format_spec: str) -> str:
        match format_spec:
            case "MB":  # rounded up, so never "20, and the limit is 20"
                return f"{math.ceil(10 * value / 2**20) / 10:.1f}"
            case "MB limit":  # what may be is rounded down
                return f"{value // 2**20}"
            case "time":  # rounded up, so never "2 h, and 2 h are allowed"
                return _time(value, math.ceil)
            case "time limit":
                return _time(value, math.floor)
            case "KB":
                return f"{math.ceil(value / 2**10)}"
            case "MP":
                return f"{value / 10**6:g}"
            case "image":
                return self._images[value]
        return str(super().format_field(value, format_spec))


def _time(seconds: float, rounded: Callable[[float], int]) -> str:
    """In the largest unit of which it is two or more."""
    name, unit = next(((name, unit) for name, unit in _UNITS if seconds >= 2 * unit), _UNITS[-1])
    return f"{rounded(seconds / unit)} {name}"


def spell(template: str, facts: Mapping[str, Fact], images: Mapping[str, str]) -> str:
    """A template with its facts filled in; `images` names each of IMAGES. Raises KeyError if a fact is missing."""
    return _Spelled(images).vformat(template, (), dict(facts))
