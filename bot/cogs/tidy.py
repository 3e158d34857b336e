"""Keep nothing for longer than its time: images of finished pictures, tokens, rows, and what belongs to places that are gone."""

import discord
import structlog
from discord.ext import commands, tasks
from sqlalchemy.exc import DBAPIError

from bot.errors import DiscordTrouble, short
from bot.storage.looks import TwoCutoffs
from bot.studio import Studio
from bot.tickets.absence import Absence

log = structlog.get_logger(__name__)


DAY_SECONDS = 24 * 3600.0


class Tidy(commands.Cog):
    """Looks at all that is kept, every hour."""

    def __init__(self, studio: Studio, client: discord.Client) -> None:
        self._studio = studio
        self._absence = Absence(client, studio.store, studio.deletion)
        self._cutoffs = TwoCutoffs()

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
        self._studio.deletion.resume()
        try:
            await self._forget()
            await self._absence.look()
        except (DBAPIError, *DiscordTrouble) as error:
            log.warning("not tidied", error=short(error))

    async def _forget(self) -> None:
        now, store = discord.utils.utcnow(), self._studio.store
        await store.owed.forget_late(now)
        agreed = self._cutoffs.agreed(now.timestamp())
        if agreed is not None:
            await store.retention.forget(agreed - self._studio.config.forget_days * DAY_SECONDS, agreed)
        await store.retention.overwrite()
