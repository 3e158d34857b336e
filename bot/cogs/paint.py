"""Paint by a form: `/paint`; a button that opens the same is `bot.buttons.paint`."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.reach import everywhere
from bot.intake import open_form
from bot.studio import Studio
from bot.words import help as words


class Paint(commands.Cog):
    """The form, by a command."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    @app_commands.command(description=words.PAINT.localised())
    @everywhere
    async def paint(self, interaction: discord.Interaction) -> None:
        """Open it, which needs no more than memory."""
        studio = self._studio
        await open_form(interaction, studio.intake, studio.catalogue, studio.store.owed)
