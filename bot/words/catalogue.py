"""The catalogues of sentences: a Fluent file for each module of `bot.words` in each language.

Rule: a sentence is made when it is shown, in the language in force, and never at an import. English is whole; what
another language lacks is said in English. Numbers are written as the language writes them; what is a number by its
looks only (a seed, an id) is given as a text.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from typing import Any

from babel.lists import format_list
from babel.units import format_unit
from discord.app_commands import locale_str
from fluent.runtime import FluentBundle, FluentResource
from fluent.runtime.types import fluent_number

from bot.languages import DEFAULT, Language, in_force

Fact = str | int | float

_TIMES = (
    ("duration-day", 86400.0),
    ("duration-hour", 3600.0),
    ("duration-minute", 60.0),
    ("duration-second", 1.0),
)
_BABEL = {Language.ENGLISH: "en-GB", Language.GERMAN: "de-DE"}


@dataclass(frozen=True)
class Phrase:
    """A sentence by its id: a constant that is said when it is called, with the facts that it is about."""

    id: str

    def __call__(self, **facts: Fact) -> str:
        """The sentence in the language in force."""
        return say(self.id, **facts)

    def __str__(self) -> str:
        return self()

    @property
    def is_known(self) -> bool:
        """Whether it is in the catalogue of the language in force."""
        return bundle_of(in_force()).has_message(self.id)

    def localised(self, **facts: Fact) -> locale_str:
        """The sentence for a command's name, description or choice: in English, and for Discord's locales by its id."""
        return locale_str(_said(DEFAULT, self.id, facts), id=self.id, facts=facts)


def localised(phrases: Mapping[str, Phrase]) -> dict[str, locale_str]:
    """The same of the descriptions of a command's options."""
    return {name: phrase.localised() for name, phrase in phrases.items()}


def say(message_id: str, **facts: Fact) -> str:
    """A sentence in the language in force. Raises KeyError if English lacks it, LookupError if a fact is missing."""
    return _said(in_force(), message_id, facts)


def and_list(names: Sequence[str]) -> str:
    """Several names in one: "a, b and c"."""
    return format_list(list(names), "standard", _locale(in_force()))


def or_list(names: Sequence[str]) -> str:
    """Several names in one: "a, b or c"."""
    return format_list(list(names), "or", _locale(in_force()))


@cache
def bundle_of(language: Language) -> FluentBundle:
    """All sentences in a language, read at their first use."""
    bundle = FluentBundle([_BABEL[language]], functions_of(language), use_isolating=False)
    folder = files("bot.words").joinpath("locales", language.value)
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        bundle.add_resource(FluentResource(file.read_text(encoding="utf-8")))
    return bundle


def _said(language: Language, message_id: str, facts: Mapping[str, Fact]) -> str:
    bundle = bundle_of(language)
    if language is not DEFAULT and not bundle.has_message(message_id):
        return _said(DEFAULT, message_id, facts)
    pattern = bundle.get_message(message_id).value
    if pattern is None:
        raise KeyError(message_id)
    text, errors = bundle.format_pattern(pattern, {name: _plain(fact) for name, fact in facts.items()})
    for error in errors:
        raise LookupError(message_id) from error
    return str(text)


def _megabytes(size: float, *, round: str = "up") -> object:  # noqa: A002 - as a catalogue writes it
    """Rounded up, so never "20, and the limit is 20"; what may be is rounded down."""
    if round == "down":
        return _plain(int(size) // 2**20)
    return fluent_number(math.ceil(10 * size / 2**20) / 10, minimumFractionDigits=1)


def _duration(seconds: float, *, round: str = "up", locale: str) -> str:  # noqa: A002
    """In the largest unit of which it is two or more; what may be is rounded down."""
    name, unit = next(((name, unit) for name, unit in _TIMES if seconds >= 2 * unit), _TIMES[-1])
    count = math.floor(seconds / unit) if round == "down" else math.ceil(seconds / unit)
    return format_unit(count, name, locale=locale)


_UNITS: dict[str, Callable[..., Any]] = {
    "MEGABYTES": _megabytes,
    "KILOBYTES": lambda size: _plain(math.ceil(size / 2**10)),
    "MEGAPIXELS": lambda pixels: _plain(pixels / 10**6),
}


def functions_of(language: Language) -> dict[str, Callable[..., Any]]:
    """What a catalogue can call: MEGABYTES($size), MEGABYTES($limit, round: "down"), DURATION($seconds)."""
    return {**_UNITS, "DURATION": partial(_duration, locale=_locale(language))}


def _plain(fact: Fact) -> object:
    """A number without separators of thousands, unless its sentence asks for them: most are pixels."""
    return fluent_number(fact, useGrouping=False) if isinstance(fact, int | float) else fact


def _locale(language: Language) -> str:
    return _BABEL[language].replace("-", "_")
