"""Brings the images of a ticket into the inbox, from Discord or from an earlier ticket.

Rule: several at once, for whose bytes a budget has room, so that memory is bounded and an image that does not come
keeps nobody else waiting; those who wait take turns by server, of which none has more than its share. Each image is
fetched once: cut off in between, the next try goes on with those that are missing.
"""

import discord

from bot.engine_client import EngineClient
from bot.errors import BotError, BotErrorCode
from bot.orders import attachments
from bot.orders.budget import ByteBudget
from bot.storage.images import Images, Kept
from bot.storage.tickets import Source, Ticket
from engine.protocol import ErrorCode, Refusal, image_of, most_bytes


class Fetcher:
    """What fills the inbox."""

    def __init__(
        self,
        client: discord.Client,
        inbox: Images,
        shelf: Kept,
        engine: EngineClient,
        budget: ByteBudget | None = None,
    ) -> None:
        self._client, self._inbox, self._shelf, self._engine = client, inbox, shelf, engine
        self._budget = budget or ByteBudget()

    async def fetch(self, ticket: Ticket) -> None:
        """Have every image of a ticket in the inbox.

        Raises BotError NOT_FETCHED, PICTURE_GONE or Refusal NOT_AN_IMAGE, TOO_MANY_BYTES if one cannot be had, and
        what a later try may mend as it is.
        """
        there = await self._inbox.names(ticket.id) if ticket.sources else set[str]()
        for source in ticket.sources:
            if source.part not in there:
                await self._bring(ticket, source)

    async def _bring(self, ticket: Ticket, source: Source) -> None:
        if source.earlier:
            await self._copy(ticket, source)
            return
        if source.job and (result := await self._result(source.job)) is not None:
            await self._inbox.put(ticket.id, source.part, result)
            return
        if not source.url:
            raise BotError(BotErrorCode.PICTURE_GONE)
        which = image_of(source.part, [each.part for each in ticket.sources])
        size = most_bytes(which) if source.size is None else source.size
        async with self._budget.hold(size, ticket.request.owner.group):
            data = await attachments.download(self._client, source.url, which)
            await self._inbox.put(ticket.id, source.part, data)

    async def _result(self, job: str) -> bytes | None:
        """What a job has painted, whole; None if the engine has it no more. Raises Refusal, EngineUnreachable."""
        try:
            return (await self._engine.result(job)).data
        except Refusal as refusal:
            if refusal.code is not ErrorCode.NOT_FOUND:
                raise
            return None

    async def _copy(self, ticket: Ticket, source: Source) -> None:
        """Use an image again; just after the delivery of its ticket it is still in the inbox."""
        part = source.named or source.part
        for place in (self._inbox.place(source.earlier, part), self._shelf.place(source.earlier, part)):
            try:
                await self._inbox.copy(ticket.id, source.part, place)
            except FileNotFoundError:
                continue
            return
        raise BotError(BotErrorCode.PICTURE_GONE)
