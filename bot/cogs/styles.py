"""Find out what there is: `/styles` and `/help`."""

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.words import replies

if TYPE_CHECKING:
    from bot.app import Atelier


class Styles(commands.Cog):
    """The commands that explain."""

    def __init__(self, bot: "Atelier") -> None:
        self._bot = bot

    @app_commands.command(description="The paintings whose style a picture can take.")
    async def styles(self, interaction: discord.Interaction[Any]) -> None:
        """Only the asker sees the list."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        styles = await self._bot.catalogue.styles()
        text = replies.catalogue(styles) if styles else replies.NO_STYLES
        await interaction.edit_original_response(content=text)

    @app_commands.command(description="How to get a picture painted.")
    async def help(self, interaction: discord.Interaction[Any]) -> None:
        """Only the asker sees the guide."""
        await interaction.response.send_message(replies.guide(), ephemeral=True)
