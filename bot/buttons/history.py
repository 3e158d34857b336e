"""The pages of a member's pictures.

Rule: a page is a number in a custom id; the list is private, so whoever turns its pages is its owner.
"""

import re
from typing import Any

import discord

from bot.answers import answering
from bot.studio import studio_of
from bot.words import album as words


class PageButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"history:(?P<page>\d{1,4})"):
    """Turn to a page."""

    def __init__(self, page: int, label: str = words.NEWER) -> None:
        super().__init__(discord.ui.Button(label=label, custom_id=f"history:{page}"))
        self._page = page

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "PageButton":
        """The button of a message, perhaps of a former process."""
        return cls(int(match["page"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Show the page in place of this one."""
        async with answering(interaction):
            content, view = await studio_of(interaction).album.page(interaction, self._page)
            await interaction.response.edit_message(content=content, view=view)


def history_pages(page: int, has_more: bool) -> discord.ui.View:
    """The buttons beneath page `page` (from 0)."""
    view = discord.ui.View(timeout=None)
    if page > 0:
        view.add_item(PageButton(page - 1, words.NEWER))
    if has_more:
        view.add_item(PageButton(page + 1, words.OLDER))
    return view
