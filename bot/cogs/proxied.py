"""Remember who is behind a proxy's message, by the message of theirs that it is made of."""

import discord
from discord.ext import commands

from bot.studio import Studio


class Proxied(commands.Cog):
    """Sees every message first."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Note it; nothing is awaited, so whoever is told of it next can ask already."""
        self._studio.sources.proxies.note(message)
