"""Servers and channels that went while nobody was here to hear of it.

Rule: an outage takes nothing along. What is not there is looked for again after an hour, and Discord itself is asked; a
server has to be away for a day.
"""

from collections.abc import Awaitable, Iterable

import discord
import structlog

from bot.errors import is_passing
from bot.storage.looks import TwoLooks
from bot.storage.store import Store
from bot.tickets.deletion import Deletion

log = structlog.get_logger(__name__)

SERVER_SECONDS = 24 * 3600.0
ASKED_AT_ONCE = 50  # channels, in one look


class Absence:
    """Looks for what is not there any more."""

    def __init__(self, client: discord.Client, store: Store, deletion: Deletion) -> None:
        self._client, self._store, self._deletion = client, store, deletion
        self._servers, self._channels = TwoLooks[int](), TwoLooks[tuple[int, int]]()

    async def look(self) -> None:
        """Delete what belongs to servers and channels that are gone. Raises what Discord does."""
        if not self._client.is_ready():
            return
        known = {server for server in await self._store.retention.servers() if self._is_ours(server)}
        there = {guild.id: guild for guild in self._client.guilds}
        await self._store.settings.present(known & there.keys())
        for server in self._servers.due(known - there.keys()):
            await self._look_for_server(server)
        missing = [
            (server, channel)
            for server in known & there.keys()
            if not there[server].unavailable
            for channel in await self._store.retention.channels(server)
            if there[server].get_channel_or_thread(channel) is None
        ]
        await self._look_for_channels(self._channels.due(missing))

    def _is_ours(self, server_id: int) -> bool:
        """Whether this process would hear of a server."""
        count = self._client.shard_count or 1
        shards = getattr(self._client, "shards", None)
        return not shards or (server_id >> 22) % count in shards

    async def _look_for_server(self, server_id: int) -> None:
        now = discord.utils.utcnow().timestamp()
        since = await self._store.settings.absent(server_id, now)
        if now < since + SERVER_SECONDS or not await _is_gone(
            self._client.fetch_guild(server_id), discord.NotFound, discord.Forbidden
        ):
            return
        log.info("a server is gone", server=server_id)
        await self._deletion.server_gone(server_id)

    async def _look_for_channels(self, missing: Iterable[tuple[int, int]]) -> None:
        for server, channel in list(missing)[:ASKED_AT_ONCE]:
            if await _is_gone(self._client.fetch_channel(channel), discord.NotFound):
                log.info("a channel is gone", server=server, channel=channel)
                await self._deletion.channel_gone(channel, server)


async def _is_gone(asking: Awaitable[object], *answers: type[discord.HTTPException]) -> bool:
    """Whether Discord answers that there is no such thing (to us). Raises what it does else."""
    try:
        await asking
    except answers:
        return True
    except discord.HTTPException as error:
        if is_passing(error):
            raise
    return False
