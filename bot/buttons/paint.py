"""A button that opens the form with which pictures are painted, to be put under whatever explains the bot."""

import re
from typing import Any

import discord

from bot.answers import answering
from bot.intake import open_form
from bot.studio import studio_of
from bot.words import form as words
from bot.words.exhibition import PAINT_WITH


class PaintButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"paint:form(?::(?P<style>[a-z0-9_]{1,64}))?"
):
    """Paint a picture, with a style that is chosen already if there is one."""

    def __init__(self, style: str | None = None) -> None:
        super().__init__(
            discord.ui.Button(
                label=words.OPEN() if style is None else PAINT_WITH(),
                style=discord.ButtonStyle.primary,
                emoji="🎨",
                custom_id="paint:form" if style is None else f"paint:form:{style}",
            )
        )
        self._style = style

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "PaintButton":
        """The button of a message, perhaps of a former process."""
        return cls(match["style"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Open the form."""
        async with answering(interaction):
            studio = studio_of(interaction)
            await open_form(interaction, studio.intake, studio.catalogue, studio.store.owed, self._style)
