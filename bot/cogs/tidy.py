"""Keep nothing for longer than its time: the images of finished pictures, and tokens, are forgotten."""

import discord
from discord.ext import commands, tasks

from bot.studio import Studio


class Tidy(commands.Cog):
    """Looks at the shelf, at what was moved aside and at tokens, every hour."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    async def cog_load(self) -> None:
        """Begin tidying."""
        self._tidy.start()

    async def cog_unload(self) -> None:
        """Stop tidying."""
        self._tidy.cancel()

    @tasks.loop(hours=1)
    async def _tidy(self) -> None:
        await self._studio.shelf.trim()
        await self._studio.inbox.sweep()
        await self._studio.store.owed.forget_late(discord.utils.utcnow())
