"""What can be pressed beneath the styles: another page, one of them large, and the form with that one chosen.

Rule: a page is a number in a custom id and a style its name, so that both outlive the process.
"""

import re
from collections.abc import Sequence
from typing import Any

import discord

from bot.answers import answering
from bot.buttons.paint import PaintButton
from bot.storage.interactions import Manner
from bot.studio import studio_of
from bot.styles.exhibition import ExhibitionPage
from bot.styles.menu import menu_emoji
from bot.words import exhibition as words
from bot.words.catalogue import Phrase
from engine.protocol import StyleCard


class StylesPageButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"styles:page:(?P<page>\d{1,4})"
):
    """Turn to a page."""

    def __init__(self, page: int, label: Phrase = words.BACK) -> None:
        super().__init__(discord.ui.Button(label=label(), custom_id=f"styles:page:{page}"))
        self._page = page

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "StylesPageButton":
        """The button of a message, perhaps of a former process."""
        return cls(int(match["page"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Show it in place of what is there."""
        await studio_of(interaction).exhibition.show_page(interaction, self._page, Manner.CLICK)


class LookMenu(discord.ui.DynamicItem[discord.ui.Select[Any]], template=r"styles:look:(?P<page>\d{1,4})"):
    """See one of a page's styles large."""

    def __init__(self, page: int, options: Sequence[discord.SelectOption] = ()) -> None:
        super().__init__(
            discord.ui.Select(
                placeholder=words.LOOK_AT(), options=[*options], custom_id=f"styles:look:{page}"
            )
        )
        self._page = page

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "LookMenu":
        """The menu of a message, perhaps of a former process."""
        return cls(int(match["page"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Show it in place of the page, with a way back."""
        async with answering(interaction, studio_of(interaction).store.owed):
            exhibition = studio_of(interaction).exhibition
            await exhibition.show_style(interaction, self._page, self.item.values[0])


def exhibition_page(page: ExhibitionPage) -> discord.ui.View:
    """What is beneath a page."""
    view = discord.ui.View(timeout=None).add_item(_menu(page))
    if page.number > 0:
        view.add_item(StylesPageButton(page.number - 1, words.PREVIOUS))
    if page.number + 1 < page.of:
        view.add_item(StylesPageButton(page.number + 1, words.NEXT))
    return view


def exhibited_style(page: ExhibitionPage, style: StyleCard) -> discord.ui.View:
    """What is beneath one of a page's styles."""
    view = discord.ui.View(timeout=None).add_item(_menu(page))
    return view.add_item(PaintButton(style.name)).add_item(StylesPageButton(page.number))


def _menu(page: ExhibitionPage) -> LookMenu:
    options = [
        words.look_choice(style, number, menu_emoji(style))
        for number, style in enumerate(page.styles, page.first)
    ]
    return LookMenu(page.number, options)
