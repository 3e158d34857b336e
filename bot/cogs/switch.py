"""`/off` and `/on`: whoever manages a server stops everything in it at once, and lets it go on."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.buttons.switch import switch
from bot.storage.interactions import Manner
from bot.storage.settings import Work
from bot.words import switch as words


class Switch(commands.Cog):
    """What they do is `bot.buttons.switch`."""

    @app_commands.command(description=words.OFF)
    @app_commands.describe(**words.OFF_OPTIONS)
    @app_commands.choices(
        painting=[app_commands.Choice(name=text, value=work.value) for work, text in words.PAINTING.items()]
    )
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.default_permissions(manage_guild=True)
    async def off(self, interaction: discord.Interaction, painting: str = Work.FINISH.value) -> None:
        """Only the asker sees the answer."""
        await switch(interaction, Work(painting), Manner.THINKING)

    @app_commands.command(description=words.ON)
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.default_permissions(manage_guild=True)
    async def on(self, interaction: discord.Interaction) -> None:
        """Only the asker sees the answer."""
        await switch(interaction, Work.ON, Manner.THINKING)
