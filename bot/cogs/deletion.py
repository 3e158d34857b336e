"""What goes when something goes: listens to what is deleted, left and taken away, and offers "Delete this result".

Rule: whoever may delete a message may stop what is made of it; the rest is `bot.tickets.deletion`.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

import discord
import structlog
from discord import app_commands
from discord.ext import commands
from sqlalchemy.exc import DBAPIError

from bot.cogs.reach import WHERE_IT_IS
from bot.errors import short
from bot.orders.sources import identities
from bot.studio import Studio
from bot.tickets.pauses import pauses
from bot.words import deletion as words

DRAIN_SECONDS = 5.0  # for what is being deleted to be stored, when the process is told to stop

log = structlog.get_logger(__name__)


class Deletion(commands.Cog):
    """Deletes what belongs to what was deleted.

    That a member has left is told to bots with the members intent only, which this one does without: it hears of bans,
    and of others when Discord says that it does not know them.
    """

    def __init__(self, studio: Studio, client: discord.Client, tree: app_commands.CommandTree[Any]) -> None:
        self._studio, self._client, self._tree = studio, client, tree
        self._menu = app_commands.ContextMenu(
            name=words.DELETE_MENU.localised(), callback=self._delete, allowed_contexts=WHERE_IT_IS
        )
        self._finding: asyncio.Task[None] | None = None
        self._underway: set[asyncio.Task[None]] = set()

    async def cog_load(self) -> None:
        """Offer the menu, and look for what a former process has posted without noting it."""
        self._tree.add_command(self._menu)
        self._finding = asyncio.create_task(self._find_drafts(), name="drafts of a former process")

    async def cog_unload(self) -> None:
        """Take the menu along."""
        self._tree.remove_command(self._menu.name, type=self._menu.type)
        if self._finding is not None:
            self._finding.cancel()
            await asyncio.gather(self._finding, return_exceptions=True)
        if self._underway:  # of which no next process would hear
            await asyncio.wait(self._underway, timeout=DRAIN_SECONDS)

    async def _drained(self, deleting: Coroutine[Any, Any, None]) -> None:
        """Store what goes before the process ends."""
        task = asyncio.create_task(deleting, name="deleting")
        self._underway.add(task)
        task.add_done_callback(self._underway.discard)
        await task

    async def _find_drafts(self) -> None:
        for pause in pauses():
            try:
                if await self._studio.deletion.find_drafts():
                    return
            except DBAPIError as error:
                log.warning("drafts not looked for", error=short(error))
            await asyncio.sleep(pause)

    async def _delete(self, interaction: discord.Interaction, message: discord.Message) -> None:
        await self._studio.removal.ask(interaction, message)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """One message is gone."""
        await self._drained(self._studio.deletion.messages_gone([payload.message_id]))

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """The channel was swept."""
        await self._drained(self._studio.deletion.messages_gone(payload.message_ids))

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """A picture may have been taken out of its message, as far as Discord shows what is in messages."""
        if self._client.intents.message_content and payload.message.author != self._client.user:
            left = identities(payload.message)
            await self._drained(self._studio.deletion.message_edited(payload.message_id, left))

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """A channel is gone; of its threads discord.py tells likewise."""
        await self._drained(self._studio.deletion.channel_gone(channel.id, channel.guild.id))

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """A thread is gone."""
        await self._drained(self._studio.deletion.channel_gone(payload.thread_id, payload.guild_id))

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was sent away; of a server that is only out of reach discord.py tells otherwise."""
        await self._drained(self._studio.deletion.server_gone(guild.id))

    @commands.Cog.listener()
    async def on_raw_member_remove(self, payload: discord.RawMemberRemoveEvent) -> None:
        """Somebody has left."""
        await self._drained(self._studio.deletion.member_gone(payload.guild_id, payload.user.id))

    @commands.Cog.listener()
    async def on_member_ban(self, guild: discord.Guild, user: discord.abc.User) -> None:
        """Somebody was sent away."""
        await self._drained(self._studio.deletion.member_gone(guild.id, user.id))
