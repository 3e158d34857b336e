"""Trying out all styles on one sheet: what it is called, what is chosen from it, and how."""

import discord

from bot.storage.tickets import BundledStyle, Ticket
from bot.words.post import shortened
from bot.words.styles import styles_of
from engine.protocol import Preview

COMMAND = "Try out all paintings on a picture: one sheet of small ones to choose from."
MENU = "Try all styles on this image"
BUTTON = "All styles"
PICK = "Choose one to have at full size"
CHOOSE = "Choose a number below, and I paint that one at full size for you."
CHOOSE_EARLY = "Do you like one already? Choose its number below, and I paint it at full size for you."
SPOKEN = ("all", "all styles", "all of them", "everything")  # what is said for it to whom one mentions
_OPTION_LIMIT = 100  # characters
_NAME = 40  # of a title in the legend, which has to fit into a message with all of them
_OWN = "The attached style image"


def tiles_of(ticket: Ticket, preview: Preview | None) -> int:
    """How many of the small pictures are there, by what the engine has told last."""
    if not ticket.request.audition or preview is None:
        return 0
    return int(preview.progress * len(ticket.styles) + 1e-6)


def no_recipe(ticket: Ticket) -> str:
    """How a sheet was painted."""
    settings = ticket.request
    return (
        f"This sheet tries out {styles_of(ticket)} on one picture, each of them small: recipe **{settings.recipe}**, "
        f"strength {settings.strength}, seed {settings.seed}. Choose a number below it; once that one is painted, ask me "
        "about it."
    )


def no_menu(ticket: Ticket) -> str:
    """How a sheet that could not be posted with its menu is had with it."""
    return f"To choose one, bring it back where you want it: `/show picture:{ticket.id}`."


def legend(ticket: Ticket, tiles: int) -> str:
    """What the numbers of a sheet are, in one small line."""
    named = (f"{n} {_called(style)}" for n, style in enumerate(ticket.styles[:tiles], 1))
    return f"-# {' · '.join(named)}"


def alt(ticket: Ticket, tiles: int) -> str:
    """What the numbers of a sheet are, for those who cannot see it."""
    named = (f"{n}: {style.title if style else _OWN}" for n, style in enumerate(ticket.styles[:tiles], 1))
    return f"Numbered: {', '.join(named)}."


def option(style: BundledStyle | None, number: int) -> discord.SelectOption:
    """One of a sheet in its menu."""
    title, artist = (style.title, style.artist) if style is not None else (_OWN, "")
    return discord.SelectOption(
        label=shortened(f"{number}. {title}", _OPTION_LIMIT),
        value=str(number),
        description=shortened(artist, _OPTION_LIMIT) or None,
        emoji=style.emoji if style is not None and style.emoji else None,
    )


def _called(style: BundledStyle | None) -> str:
    if style is None:
        return _OWN
    return f"{style.emoji} {shortened(style.title, _NAME)}".strip()
