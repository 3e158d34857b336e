"""Stop a picture by deleting its ticket's message; its buttons are `bot.buttons.ticket`."""

import discord
from discord.ext import commands

from bot.studio import Studio


class Stop(commands.Cog):
    """Whoever may delete a ticket's message may cancel the ticket."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """One message is gone."""
        await self._studio.desk.message_deleted(payload.message_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """The channel was swept."""
        for message_id in payload.message_ids:
            await self._studio.desk.message_deleted(message_id)
