"""Trying out all styles on one sheet: what it is called, what is chosen from it, and how."""

import unicodedata

import discord

from bot.languages import Language, speaking
from bot.storage.tickets import BundledStyle, Ticket
from bot.words.catalogue import Phrase, say
from bot.words.paintings import artist_of, title_of
from bot.words.post import shortened
from bot.words.styles import styles_of
from engine.protocol import Preview

COMMAND = Phrase("audition-command")
MENU = Phrase("audition-menu")
BUTTON, MORE_STYLES = Phrase("audition-button"), Phrase("audition-more-styles")
PICK = Phrase("audition-pick")
CHOOSE = Phrase("audition-choose")
CHOOSE_EARLY = Phrase("audition-choose-early")
_SPOKEN = Phrase("audition-spoken")
_OPTION_LIMIT = 100  # characters
_NAME = 40  # of a title in the legend, which has to fit into a message with all of them
_OWN = Phrase("audition-own")


def is_all(said: str) -> bool:
    """Whether somebody says, in whichever language, all styles instead of the name of one."""
    names: list[str] = []
    for language in Language:
        with speaking(language):
            names += _plain(_SPOKEN()).split(", ")
    return _plain(said) in names


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def tiles_of(ticket: Ticket, preview: Preview | None) -> int:
    """How many of the small pictures are there, by what the engine has told last."""
    if not ticket.request.audition or preview is None:
        return 0
    return int(preview.progress * len(ticket.styles) + 1e-6)


def no_recipe(ticket: Ticket) -> str:
    """How a sheet was painted."""
    settings = ticket.request
    return say(
        "audition-how",
        styles=styles_of(ticket),
        recipe=settings.recipe,
        strength=settings.strength,
        seed=settings.seed,
    )


def no_menu(ticket: Ticket) -> str:
    """How a sheet that could not be posted with its menu is had with it."""
    return say("audition-no-menu", ticket=ticket.id)


def legend(ticket: Ticket, tiles: int) -> str:
    """What the numbers of a sheet are, in one small line."""
    named = (f"{n} {_called(style)}" for n, style in enumerate(ticket.styles[:tiles], 1))
    return f"-# {' · '.join(named)}"


def alt(ticket: Ticket, tiles: int) -> str:
    """What the numbers of a sheet are, for those who cannot see it."""
    named = (
        f"{n}: {title_of(style) if style else _OWN()}" for n, style in enumerate(ticket.styles[:tiles], 1)
    )
    return say("audition-numbered", named=", ".join(named))


def option(style: BundledStyle | None, number: int) -> discord.SelectOption:
    """One of a sheet in its menu."""
    title, artist = (title_of(style), artist_of(style)) if style is not None else (_OWN(), "")
    return discord.SelectOption(
        label=shortened(f"{number}. {title}", _OPTION_LIMIT),
        value=str(number),
        description=shortened(artist, _OPTION_LIMIT) or None,
        emoji=style.emoji if style is not None and style.emoji else None,
    )


def _called(style: BundledStyle | None) -> str:
    if style is None:
        return _OWN()
    return f"{style.emoji} {shortened(title_of(style), _NAME)}".strip()
