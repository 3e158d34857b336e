"""Find out what there is: `/styles` and `/help`."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.studio import Studio
from bot.words import help as words


class Styles(commands.Cog):
    """The commands that explain."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    @app_commands.command(description=words.STYLES)
    async def styles(self, interaction: discord.Interaction) -> None:
        """Only the asker sees the list."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        styles = await self._studio.catalogue.styles()
        await interaction.edit_original_response(content=words.style_list(styles))

    @app_commands.command(description=words.HELP)
    async def help(self, interaction: discord.Interaction) -> None:
        """Only the asker sees the guide."""
        await interaction.response.send_message(words.guide(), ephemeral=True)
