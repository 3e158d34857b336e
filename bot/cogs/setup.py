"""`/setup`: whoever manages the server says where the bot paints, with what, for whom, and where results go."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.buttons.setup import PAGES
from bot.words import setup as words


class Setup(commands.Cog):
    """The panel is `bot.buttons.setup`."""

    @app_commands.command(description=words.SETUP.localised())
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.default_permissions(manage_guild=True)
    async def setup(self, interaction: discord.Interaction) -> None:
        """Show the panel privately."""
        await PAGES.open(interaction)
