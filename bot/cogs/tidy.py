"""Keep nothing for longer than its time: images of finished pictures, tokens, rows, and what belongs to places that are gone."""

import discord
import structlog
from discord.ext import commands, tasks
from sqlalchemy.exc import DBAPIError

from bot.errors import DiscordTrouble, short
from bot.storage.counted import KEPT_SECONDS
from bot.storage.looks import TwoCutoffs
from bot.storage.posts import Role
from bot.studio import Studio
from bot.tickets.absence import Absence
from bot.tickets.delivery import posted, ticket_shown

log = structlog.get_logger(__name__)


DAY_SECONDS = 24 * 3600.0


class Tidy(commands.Cog):
    """Looks at all that is kept, every hour, and at tickets as they are shown, lest one is twice."""

    def __init__(self, studio: Studio, client: discord.Client) -> None:
        self._studio, self._client = studio, client
        self._absence = Absence(client, studio.store, studio.deletion)
        self._cutoffs = TwoCutoffs()

    async def cog_load(self) -> None:
        """Begin tidying."""
        self._tidy.start()

    async def cog_unload(self) -> None:
        """Stop tidying."""
        self._tidy.cancel()

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Of two messages that show one ticket, one goes: discord.py sends again if Discord's answer is lost."""
        ticket_id = ticket_shown(message) if message.author == self._client.user else None
        if ticket_id is None:
            return
        try:
            await self._studio.desk.seen(ticket_id, posted(message, ticket_id, Role.PROGRESS))
        except DBAPIError as error:
            log.warning("double not deleted", ticket=ticket_id, error=short(error))

    @tasks.loop(hours=1)
    async def _tidy(self) -> None:
        is_mine = self._studio.store.shards.have_first  # what is of all processes, one of them tidies
        if is_mine:
            await self._studio.shelf.trim()
            await self._studio.inbox.sweep()
        self._studio.deletion.resume()
        try:
            if is_mine:
                await self._forget()
            await self._absence.look()
        except (DBAPIError, *DiscordTrouble) as error:
            log.warning("not tidied", error=short(error))

    async def _forget(self) -> None:
        now, store = discord.utils.utcnow(), self._studio.store
        await store.owed.forget_late(now)
        await store.ledger.forget(now.timestamp() - DAY_SECONDS)
        await store.counts.forget(now.timestamp() - KEPT_SECONDS)
        agreed = self._cutoffs.agreed(now.timestamp())
        if agreed is not None:
            await store.retention.forget(agreed - self._studio.config.forget_days * DAY_SECONDS, agreed)
            await store.museum.read_anew()
        await store.retention.overwrite()
