"""What the paintings are called in each language, and what else is told of them.

Rule: English is what the engine says. Another language has its own words for it where a catalogue has them, and only for
that: what another engine calls something else is shown as it says it. A style of a server is called as its author has it.
"""

from collections.abc import Iterator

from bot.languages import DEFAULT, Language, in_force, speaking
from bot.storage.tickets import BundledStyle
from bot.words.catalogue import Phrase
from engine.protocol import StyleCard

Style = StyleCard | BundledStyle


def title_of(style: Style) -> str:
    """What a style is called."""
    return _called(style, "", style.title)


def artist_of(style: Style) -> str:
    """Who has painted it."""
    return _called(style, "-artist", style.artist)


def year_of(style: Style) -> str:
    """When."""
    return _called(style, "-year", style.year)


def collection_of(style: StyleCard, collection: str) -> str:
    """Where the original is."""
    return _called(style, "-collection", collection)


def titles_of(style: Style) -> Iterator[str]:
    """What it is called in any language, as somebody may name it in theirs."""
    for language in Language:
        with speaking(language):
            yield title_of(style)


def _called(style: Style, part: str, said: str) -> str:
    """In the language in force what the engine has `said`."""
    if in_force() is DEFAULT:
        return said
    phrase = Phrase(f"paintings-{style.name.replace('_', '-')}{part}")
    if not phrase.is_known:
        return said
    with speaking(DEFAULT):
        is_said = phrase() == said
    return phrase() if is_said else said
