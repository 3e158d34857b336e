"""Say whether others may have one's pictures painted: `/consent`; its buttons and menus are `bot.buttons.consent`."""

import asyncio

import discord
import structlog
from discord import app_commands
from discord.ext import commands, tasks
from sqlalchemy.exc import DBAPIError

from bot.answers import answering
from bot.buttons.consent import consent_overview
from bot.cogs.reach import everywhere
from bot.errors import short
from bot.place import Place
from bot.studio import Studio
from bot.words import consent as words

log = structlog.get_logger(__name__)


class Consent(commands.Cog):
    """Shows what somebody has said, and lets go of questions that are void."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    async def cog_load(self) -> None:
        """Begin to look at questions that nobody answers."""
        self._sweep.start()

    async def cog_unload(self) -> None:
        """Look no more."""
        looking = self._sweep.get_task()
        self._sweep.cancel()
        if looking is not None:
            await asyncio.gather(looking, return_exceptions=True)

    @app_commands.command(description=words.COMMAND.localised())
    @everywhere
    async def consent(self, interaction: discord.Interaction) -> None:
        """Only the asker sees it."""
        async with answering(interaction):
            text, view = await consent_overview(
                self._studio, interaction.user.id, Place.of(interaction).home_id
            )
            await interaction.response.send_message(text, view=view, ephemeral=True)

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """The channels are known: go on with what a former process has begun."""
        self._studio.inquiries.resume()

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """One message is gone."""
        await self._studio.inquiries.question_deleted(payload.message_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """The channel was swept."""
        await self._studio.inquiries.question_deleted(*payload.message_ids)

    @tasks.loop(hours=1)
    async def _sweep(self) -> None:
        try:
            await self._studio.inquiries.sweep()
        except DBAPIError as error:
            log.warning("questions not looked at", error=short(error))
