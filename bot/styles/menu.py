"""The styles as options of Discord's menus."""

import discord

from bot.styles.catalogue import ShownStyle
from engine.protocol import StyleCard

MENU_OPTIONS = 25  # that Discord allows in a menu
_TEXT_LIMIT = 100  # characters of an option, and of the line beneath it


def menu_emoji(style: StyleCard) -> str:
    """What stands for it where only this application writes."""
    return style.study if isinstance(style, ShownStyle) else style.emoji


def style_option(style: StyleCard, *, is_chosen: bool = False) -> discord.SelectOption:
    """A style, whose name is what is chosen."""
    return discord.SelectOption(
        label=style.title[:_TEXT_LIMIT],
        value=style.name,
        description=style.artist[:_TEXT_LIMIT] or None,
        emoji=menu_emoji(style),
        default=is_chosen,
    )
