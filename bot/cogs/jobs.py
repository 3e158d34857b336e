"""Stop a picture by deleting its ticket, and forget the images of finished ones in time."""

from typing import TYPE_CHECKING

import discord
from discord.ext import commands, tasks

if TYPE_CHECKING:
    from bot.app import Atelier


class Jobs(commands.Cog):
    """What happens to tickets besides their buttons."""

    def __init__(self, bot: "Atelier") -> None:
        self._bot = bot

    async def cog_load(self) -> None:
        """Begin tidying."""
        self._tidy.start()

    async def cog_unload(self) -> None:
        """Stop tidying."""
        self._tidy.cancel()

    @tasks.loop(hours=1)
    async def _tidy(self) -> None:
        await self._bot.shelf.trim()

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Whoever may delete the ticket may cancel it."""
        await self._bot.desk.message_deleted(payload.message_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """The same for a sweep of the channel."""
        for message_id in payload.message_ids:
            await self._bot.desk.message_deleted(message_id)
