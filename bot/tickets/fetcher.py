"""Brings the images of a ticket into the inbox, from Discord or from an earlier ticket.

Rule: several at once, for whose bytes a budget has room, so that memory is bounded and an image that does not come
keeps nobody else waiting; those who wait take turns by server, of which none has more than its share. Each image is
fetched once: cut off in between, the next try goes on with those that are missing.
"""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord

from bot.errors import BotError, BotErrorCode
from bot.orders import attachments
from bot.storage.inbox import Inbox
from bot.storage.shelf import Shelf
from bot.storage.tickets import Source, Ticket
from engine.protocol import MAX_RESULT_BYTES, image_of, most_bytes

BYTES_AT_ONCE = 4 * MAX_RESULT_BYTES  # of all images on their way from Discord to the disk
BYTES_OF_A_GROUP = 2 * MAX_RESULT_BYTES  # of a server's, or of a member's in direct messages


class ByteBudget:
    """Room for so many bytes at once, of which a group has a share; whoever finds none waits in turn, group by group."""

    def __init__(self, total: int = BYTES_AT_ONCE, share: int = BYTES_OF_A_GROUP) -> None:
        self._free, self._share = total, min(share, total)
        self._held: Counter[str] = Counter()
        # The group whose turn is next comes first.
        self._waiting: OrderedDict[str, deque[tuple[int, asyncio.Future[None]]]] = OrderedDict()

    @asynccontextmanager
    async def hold(self, size: int, group: str) -> AsyncIterator[None]:
        """Have room for `size` bytes; of more than a share, as much as that is."""
        size = min(size, self._share)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(group, deque()).append((size, turn))
        self._admit()
        try:
            await turn
            yield
        finally:
            self._leave(size, turn, group)

    def _leave(self, size: int, turn: "asyncio.Future[None]", group: str) -> None:
        """Give back what was held, or the place among those who wait."""
        queue = self._waiting.get(group, deque())
        if (size, turn) in queue:
            queue.remove((size, turn))
            if not queue:
                del self._waiting[group]
        else:
            self._free += size
            self._held[group] -= size
            self._held += Counter()  # drops what is zero
        self._admit()

    def _admit(self) -> None:
        """Let in whoever is next, for as long as there is room for them: nothing small overtakes something large."""
        while (group := self._next()) is not None:
            size, turn = self._waiting[group][0]
            if size > self._free:
                return
            self._waiting[group].popleft()
            self._waiting.move_to_end(group)
            if not self._waiting[group]:
                del self._waiting[group]
            self._free -= size
            self._held[group] += size
            if not turn.done():
                turn.set_result(None)

    def _next(self) -> str | None:
        """The first group that has room in its share."""
        return next(
            (
                group
                for group, queue in self._waiting.items()
                if self._held[group] + queue[0][0] <= self._share
            ),
            None,
        )


class Fetcher:
    """What fills the inbox."""

    def __init__(
        self, client: discord.Client, inbox: Inbox, shelf: Shelf, budget: ByteBudget | None = None
    ) -> None:
        self._client, self._inbox, self._shelf = client, inbox, shelf
        self._budget = budget or ByteBudget()

    async def fetch(self, ticket: Ticket) -> None:
        """Have every image of a ticket in the inbox.

        Raises BotError NOT_FETCHED, PICTURE_GONE or Refusal NOT_AN_IMAGE, TOO_MANY_BYTES if one cannot be had, and
        what a later try may mend as it is.
        """
        there = await self._inbox.parts(ticket.id) if ticket.sources else {}
        for source in ticket.sources:
            if source.part not in there:
                await self._bring(ticket, source)

    async def _bring(self, ticket: Ticket, source: Source) -> None:
        if source.earlier:
            await self._copy(ticket, source)
            return
        which = image_of(source.part, [each.part for each in ticket.sources])
        size = most_bytes(which) if source.size is None else source.size
        async with self._budget.hold(size, ticket.request.owner.group):
            data = await attachments.download(self._client, source.url, which)
            await self._inbox.put(ticket.id, source.part, data)

    async def _copy(self, ticket: Ticket, source: Source) -> None:
        """Use an image again; just after the delivery of its ticket it is still in the inbox."""
        for folder in (self._inbox.folder(source.earlier), self._shelf.folder(source.earlier)):
            try:
                await self._inbox.copy(ticket.id, source.part, folder / source.part)
            except FileNotFoundError:
                continue
            return
        raise BotError(BotErrorCode.PICTURE_GONE)
