"""Stop a picture by deleting its ticket, and forget the images of finished ones in time."""

import discord
from discord.ext import commands, tasks

from bot.studio import StudioClient


class Jobs(commands.Cog):
    """What happens to tickets besides their buttons."""

    def __init__(self, client: StudioClient) -> None:
        self._studio = client.studio

    async def cog_load(self) -> None:
        """Begin tidying."""
        self._tidy.start()

    async def cog_unload(self) -> None:
        """Stop tidying."""
        self._tidy.cancel()

    @tasks.loop(hours=1)
    async def _tidy(self) -> None:
        await self._studio.shelf.trim()

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Whoever may delete the ticket may cancel it."""
        await self._studio.desk.message_deleted(payload.message_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """The same for a sweep of the channel."""
        for message_id in payload.message_ids:
            await self._studio.desk.message_deleted(message_id)
