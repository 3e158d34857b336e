"""Makes up for stars that were given or taken back while nobody listened: the bot was away, or there was no gallery yet.

Rule: looked for in the background, slowly, and within bounds: the newest pictures of art channels, the newest entries and what
they show. A message with stars, or that had some, costs a request or two; one without costs none.
"""

import asyncio
from asyncio import sleep as pause
from datetime import timedelta

import discord
import structlog
from sqlalchemy.exc import DBAPIError

from bot.errors import DiscordTrouble, short
from bot.gallery.galleries import Galleries
from bot.orders.sources import identities
from bot.orders.venue import Channel, is_nsfw, settings_id
from bot.storage import gallery
from bot.storage.store import Store
from bot.tickets.deletion import Deletion

log = structlog.get_logger(__name__)

MESSAGES = 100  # of a channel, the newest
AGE = timedelta(days=3)  # of a message
CHANNELS = 50  # those in which something was posted last
ENTRIES = 50  # of a server, the newest
REQUESTS = 50  # at once; each further one of these waits for PAUSE_SECONDS
PAUSE_SECONDS = 2.0
_TROUBLE = (DBAPIError, *DiscordTrouble)


class Looks:
    """Works while there is a server to look at; `begin` whenever something may have been missed."""

    def __init__(
        self, client: discord.Client, store: Store, galleries: Galleries, deletion: Deletion
    ) -> None:
        self._client, self._store, self._galleries, self._deletion = client, store, galleries, deletion
        self._due: dict[int, None] = {}  # servers
        self._looking: asyncio.Task[None] | None = None
        self._requests = 0

    def begin(self, *server_ids: int) -> None:
        """Something may have been missed in these servers."""
        self._due |= dict.fromkeys(server_ids)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="missed stars")

    async def close(self) -> None:
        """Look no further; the next process begins anew."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def _look(self) -> None:
        self._requests = 0
        new: dict[int, None] = {}
        while self._due or new:
            while self._due:  # what can be told without asking Discord comes first
                server_id = next(iter(self._due))
                del self._due[server_id]
                if await self._is_decided(server_id):
                    new[server_id] = None
            if new:
                server_id = next(iter(new))
                del new[server_id]
                await self._look_at(server_id)

    async def _is_decided(self, server_id: int) -> bool:
        """Have what is known be as it should be; whether there is more to find out."""
        guild = self._client.get_guild(server_id)
        if guild is None or guild.unavailable:
            return False
        try:
            await self._galleries.note_restrictions(guild.channels)
            if not self._galleries.is_on(server_id):
                return False
            for restricted in filter(is_nsfw, guild.channels):
                await self._galleries.channel_changed(restricted)
            await self._galleries.reconsider(server_id)
        except DBAPIError as error:
            log.warning("gallery not looked at", server=server_id, error=short(error))
        return True

    async def _look_at(self, server_id: int) -> None:
        guild = self._client.get_guild(server_id)
        if guild is None:
            return
        for channel in self._channels(guild):
            await self._look_at_channel(channel)
        await self._look_at_entries(guild)

    def _channels(self, guild: discord.Guild) -> list[Channel]:
        """The art channels with their threads, and the galleries; those first in which something was posted last."""
        known = self._store.settings
        galleries = known.galleries(guild.id)
        found = [
            channel
            for channel in (*guild.channels, *guild.threads)
            if isinstance(channel, Channel)
            and (channel.id in galleries or known.channel(settings_id(channel)).is_art)
            if channel.permissions_for(guild.me).read_message_history
        ]
        return sorted(found, key=lambda channel: channel.last_message_id or 0, reverse=True)[:CHANNELS]

    async def _look_at_channel(self, channel: Channel) -> None:
        oldest = discord.utils.utcnow() - AGE
        try:
            await self._turn(1)
            async for message in channel.history(limit=MESSAGES, after=oldest, oldest_first=False):
                await self._turn(await self._galleries.recount(message, channel))
        except _TROUBLE as error:
            log.info("stars not looked at", channel=channel.id, error=short(error))

    async def _look_at_entries(self, guild: discord.Guild) -> None:
        """What hangs in the gallery, and what it shows, further back than channels are read."""
        entries = await self._store.gallery.of(gallery.table.c.server_id == guild.id)
        for entry in entries[:ENTRIES]:
            piece = await self._store.stars.find(entry.piece_id)
            if piece is None:
                continue
            shown = [] if piece.gone else [(piece.channel_id, piece.message_id)]
            is_post = isinstance(guild.get_channel(entry.channel_id), discord.ForumChannel)
            for channel_id, message_id in (
                (entry.message_id if is_post else entry.channel_id, entry.message_id),
                *shown,
            ):
                if channel_id is not None and message_id is not None:
                    await self._look_at_message(guild, channel_id, message_id)

    async def _look_at_message(self, guild: discord.Guild, channel_id: int, message_id: int) -> None:
        try:
            channel = await self._channel(guild, channel_id)
            if channel is None:
                return
            await self._turn(1)
            message = await channel.fetch_message(message_id)
            if self._client.intents.message_content and message.author != self._client.user:
                await self._deletion.message_edited(message.id, identities(message))
            await self._turn(await self._galleries.recount(message, channel))
        except discord.NotFound:
            await self._deletion.messages_gone([message_id])
        except _TROUBLE as error:
            log.info("stars not looked at", message=message_id, error=short(error))

    async def _channel(self, guild: discord.Guild, channel_id: int) -> Channel | None:
        """A channel, or a thread though it is archived. Raises what Discord does."""
        channel = guild.get_channel_or_thread(channel_id)
        if channel is None:
            await self._turn(1)
            channel = await guild.fetch_channel(channel_id)
        return channel if isinstance(channel, Channel) else None

    async def _turn(self, requests: int) -> None:
        """Wait for the turn to ask so much of Discord."""
        self._requests += requests
        if requests and self._requests > REQUESTS:
            await pause(PAUSE_SECONDS * requests)
