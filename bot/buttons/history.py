"""The pages of a member's pictures, and the menu of what is on one.

Rule: a page is a number in a custom id; the list is private, so whoever turns its pages is its owner.
"""

import re
from collections.abc import Sequence
from typing import Any

import discord

from bot.answers import answering
from bot.storage.interactions import Manner
from bot.storage.tickets import Ticket
from bot.studio import studio_of
from bot.words import album as words
from bot.words.catalogue import Phrase


class PageButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"history:(?P<page>\d{1,4})"):
    """Turn to a page."""

    def __init__(self, page: int, label: Phrase = words.NEWER) -> None:
        super().__init__(discord.ui.Button(label=label(), custom_id=f"history:{page}"))
        self._page = page

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "PageButton":
        """The button of a message, perhaps of a former process."""
        return cls(int(match["page"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Show the page in place of this one."""
        await studio_of(interaction).album.show_page(interaction, self._page, Manner.CLICK)


class ShowMenu(discord.ui.DynamicItem[discord.ui.Select[Any]], template=r"album:show"):
    """Bring one of a page's pictures back."""

    def __init__(self, options: Sequence[discord.SelectOption] = ()) -> None:
        super().__init__(
            discord.ui.Select(placeholder=words.BRING_BACK(), options=[*options], custom_id="album:show")
        )

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "ShowMenu":
        """The menu of a message, perhaps of a former process."""
        return cls()

    async def callback(self, interaction: discord.Interaction) -> None:
        """Show it, privately, as `/show` does."""
        async with answering(interaction, studio_of(interaction).store.owed):
            await studio_of(interaction).album.show(interaction, self.item.values[0], post=False)


def history_pages(page: int, tickets: Sequence[Ticket], has_more: bool) -> discord.ui.View:
    """What is beneath page `page` (from 0), which shows these pictures."""
    view = discord.ui.View(timeout=None)
    if tickets:
        view.add_item(ShowMenu([words.choice(ticket, number) for number, ticket in enumerate(tickets, 1)]))
    if page > 0:
        view.add_item(PageButton(page - 1, words.NEWER))
    if has_more:
        view.add_item(PageButton(page + 1, words.OLDER))
    return view
