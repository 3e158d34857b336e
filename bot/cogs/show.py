"""`/show`: a finished picture once more, with its buttons, wherever its message has gone."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.reach import everywhere
from bot.studio import Studio
from bot.words import album as words
from bot.words.catalogue import localised

_LONGEST = 200  # of a link


class Show(commands.Cog):
    """What brings pictures back."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    @app_commands.command(description=words.SHOW.localised())
    @everywhere
    @app_commands.describe(**localised(words.SHOW_OPTIONS))
    async def show(
        self,
        interaction: discord.Interaction,
        picture: app_commands.Range[str, 1, _LONGEST],
        post: bool = False,
    ) -> None:
        """Show it, privately unless it is to be posted."""
        await self._studio.album.show(interaction, picture, post)
