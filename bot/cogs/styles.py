"""Find out what there is: `/styles` and `/help`."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.studio import StudioClient
from bot.words import replies


class Styles(commands.Cog):
    """The commands that explain."""

    def __init__(self, client: StudioClient) -> None:
        self._studio = client.studio

    @app_commands.command(description="The paintings whose style a picture can take.")
    async def styles(self, interaction: discord.Interaction) -> None:
        """Only the asker sees the list."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        styles = await self._studio.catalogue.styles()
        text = replies.catalogue(styles) if styles else replies.NO_STYLES
        await interaction.edit_original_response(content=text)

    @app_commands.command(description="How to get a picture painted.")
    async def help(self, interaction: discord.Interaction) -> None:
        """Only the asker sees the guide."""
        await interaction.response.send_message(replies.guide(), ephemeral=True)
