"""Find out what there is: `/styles` and `/help`."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.answers import reply
from bot.cogs.reach import everywhere
from bot.place import Place
from bot.storage.interactions import Manner
from bot.studio import Studio
from bot.words import help as words
from bot.words.guide import guide


class Styles(commands.Cog):
    """The commands that explain."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    @app_commands.command(description=words.STYLES.localised())
    @everywhere
    async def styles(self, interaction: discord.Interaction) -> None:
        """Only the asker sees them."""
        await self._studio.exhibition.show_page(interaction, 0, Manner.THINKING)

    @app_commands.command(description=words.HELP.localised())
    @everywhere
    async def help(self, interaction: discord.Interaction) -> None:
        """Only the asker sees the guide."""
        place, sees_pictures = Place.of(interaction), interaction.client.intents.message_content
        # Of whoever has installed it for themselves too, Discord's library does not tell what a server lends them.
        is_invited = not interaction.is_user_integration()
        await reply(
            interaction, guide(sees_pictures, place.home_id is not None, place.is_by_token, is_invited)
        )
