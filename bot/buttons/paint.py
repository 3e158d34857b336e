"""A button that opens the form with which pictures are painted, to be put under whatever explains the bot."""

import re
from typing import Any

import discord

from bot.answers import answering
from bot.intake import open_form
from bot.studio import studio_of
from bot.words import form as words


class PaintButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"paint:form"):
    """Paint a picture."""

    def __init__(self) -> None:
        super().__init__(
            discord.ui.Button(
                label=words.OPEN, style=discord.ButtonStyle.primary, emoji="🎨", custom_id="paint:form"
            )
        )

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "PaintButton":
        """The button of a message, perhaps of a former process."""
        return cls()

    async def callback(self, interaction: discord.Interaction) -> None:
        """Open the form."""
        async with answering(interaction):
            studio = studio_of(interaction)
            await open_form(interaction, studio.intake, studio.catalogue, studio.store.owed)
