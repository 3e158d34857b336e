"""Leave a sign of life while the line to Discord is open, for `python -m bot healthcheck`."""

import asyncio

import structlog
from discord.ext import commands, tasks

from bot.heartbeat import BEAT_SECONDS, beat
from bot.studio import Studio, StudioClient

log = structlog.get_logger(__name__)


class Heartbeat(commands.Cog):
    """What it leaves is `bot.heartbeat`."""

    def __init__(self, studio: Studio, client: StudioClient) -> None:
        self._data, self._client = studio.config.own_dir, client

    async def cog_load(self) -> None:
        """Begin."""
        self._beat.start()

    async def cog_unload(self) -> None:
        """Stop."""
        self._beat.cancel()

    @tasks.loop(seconds=BEAT_SECONDS)
    async def _beat(self) -> None:
        if not self._client.is_ready():
            return
        try:
            await asyncio.to_thread(beat, self._data)
        except OSError as error:
            log.warning("no sign of life left", error=error.strerror)
