"""`/history`: a member's own pictures, listed for them alone."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.reach import everywhere
from bot.storage.interactions import Manner
from bot.studio import Studio
from bot.words import album as words


class History(commands.Cog):
    """What was painted for whoever asks."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    @app_commands.command(description=words.HISTORY.localised())
    @everywhere
    async def history(self, interaction: discord.Interaction) -> None:
        """List the newest."""
        await self._studio.album.show_page(interaction, 0, Manner.THINKING)
