"""The styles as options of Discord's menus."""

from collections.abc import Iterator, Sequence

import discord

from bot.styles.catalogue import ShownStyle
from bot.words.paintings import artist_of, title_of
from engine.protocol import StyleCard

MENU_OPTIONS = 25  # that Discord allows in a menu
MENUS = 3  # of styles in a message: more than there are in a server
_TEXT_LIMIT = 100  # characters of an option, and of the line beneath it


def menu_emoji(style: StyleCard) -> str:
    """What stands for it where only this application writes."""
    return style.study if isinstance(style, ShownStyle) else style.emoji


def style_option(style: StyleCard, *, is_chosen: bool = False) -> discord.SelectOption:
    """A style, whose name is what is chosen."""
    return discord.SelectOption(
        label=title_of(style)[:_TEXT_LIMIT],
        value=style.name,
        description=artist_of(style)[:_TEXT_LIMIT] or None,
        emoji=menu_emoji(style),
        default=is_chosen,
    )


def by_menu(styles: Sequence[StyleCard]) -> Iterator[Sequence[StyleCard]]:
    """The styles, as many at once as a menu has room for."""
    for start in range(0, min(len(styles), MENUS * MENU_OPTIONS), MENU_OPTIONS):
        yield styles[start : start + MENU_OPTIONS]
