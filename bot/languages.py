"""The languages that the bot speaks, and the one in force where something is said now.

Rule: which language is in force is decided once for each interaction and each task that writes by itself; what makes
the sentences (`bot.words`) only asks. Every other locale of Discord's hears English.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum

import discord


class Language(StrEnum):
    """A language by its code, which is what is stored; its sentences are in `bot/words/locales`."""

    ENGLISH = "en"
    GERMAN = "de"


DEFAULT = Language.ENGLISH
# Discord's locales, by the language that their members hear from us.
LOCALES: dict[discord.Locale, Language] = {
    discord.Locale.american_english: Language.ENGLISH,
    discord.Locale.british_english: Language.ENGLISH,
    discord.Locale.german: Language.GERMAN,
}
_in_force: ContextVar[Language] = ContextVar("language", default=DEFAULT)


def language_of(locale: discord.Locale) -> Language:
    """What is spoken to whoever has set this locale."""
    return LOCALES.get(locale, DEFAULT)


def in_force() -> Language:
    """The language in which something is said now."""
    return _in_force.get()


def locale_of(language: Language) -> discord.Locale:
    """A locale of Discord's in which this is spoken."""
    return next(locale for locale, spoken in LOCALES.items() if spoken is language)


def asked_for(header: str) -> Language:
    """The first language of ours that a browser names in Accept-Language, which lists the best first."""
    tags = (each.partition(";")[0].strip().lower().partition("-")[0] for each in header.split(","))
    return next((Language(tag) for tag in tags if tag in list(Language)), DEFAULT)


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Say everything in this language, also in the tasks that are begun inside."""
    token = _in_force.set(language)
    try:
        yield
    finally:
        _in_force.reset(token)
