"""`/duel`: challenge a member with a picture."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.studio import Studio
from bot.words import duel as words
from bot.words.catalogue import localised

HOURS = (1, 6, 24)  # in which is voted


class Duel(commands.Cog):
    """What is pressed afterwards are `bot.buttons.duel`."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    @app_commands.command(description=words.COMMAND.localised())
    @app_commands.guild_only()
    @app_commands.describe(**localised(words.OPTIONS))
    @app_commands.choices(hours=[app_commands.Choice(name=words.hours(each), value=each) for each in HOURS])
    async def duel(
        self,
        interaction: discord.Interaction,
        opponent: discord.Member,
        picture: discord.Attachment,
        hours: int = HOURS[-1],
    ) -> None:
        """Post the challenge."""
        await self._studio.challenges.challenge(interaction, opponent, picture, hours * 3600)
