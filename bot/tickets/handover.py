"""Brings a finished picture to its member: where it is wanted, or else as near to that as Discord lets it come.

Rule: a picture that is painted is never lost because a place does not take it. It is fitted into what a place takes,
the next place is tried with the reason said, and the last one is the member's direct messages.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import discord
import structlog

from bot.engine_client import EngineClient, Rendered
from bot.errors import Hindrance, hindrance_of, short
from bot.storage.posts import Role
from bot.storage.settings import Output
from bot.storage.store import Store
from bot.storage.tickets import Ticket
from bot.tickets.delivery import Delivery, To
from bot.tickets.lineage import lineage_of
from bot.tickets.message import TicketMessage
from bot.tickets.views import Views
from bot.words import result as words
from engine.protocol import Finished

log = structlog.get_logger(__name__)

LEAST_LIMIT = discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES  # that every place takes


@dataclass(frozen=True)
class _Way:
    to: To
    limit: int  # bytes


class Handover:
    """One finished picture on its way to its member."""

    def __init__(
        self,
        ticket: Ticket,
        finished: Finished,
        delivery: Delivery,
        engine: EngineClient,
        store: Store,
        views: Views,
        limit: int,
        shown: TicketMessage | None = None,
    ) -> None:
        self._ticket, self._finished, self._delivery = ticket, finished, delivery
        self._engine, self._store, self._views = engine, store, views
        self._limit, self._shown = limit, shown
        self._rendered: Rendered | None = None
        self._failed: _Way | None = None  # the last that was tried, and why it failed
        self._why: Hindrance | None = None
        self.hindrance: Hindrance | None = None  # why it is not where it was wanted
        self.is_by_token = False  # where it is

    async def fetch(self) -> None:
        """Have the picture as the first place takes it. Raises Refusal, EngineUnreachable."""
        if (way := next(self._ways(), None)) is not None:
            await self._fit(way.limit)

    async def post(self) -> discord.Message | None:
        """Post the picture, once; None if nobody takes it. Raises what a later try may mend."""
        for way in self._ways():
            if self._is_pointless(way):
                continue
            try:
                if await self._delivery.may_show(way.to):
                    if (message := await self._post(way)) is not None:
                        self.is_by_token = way.to is To.TOKEN
                        return message
                    hindrance = Hindrance.TOO_LATE
                else:
                    hindrance = Hindrance.AGE_RESTRICTED
            except discord.HTTPException as error:
                if (known := hindrance_of(error)) is None:
                    raise
                hindrance = known
                log.warning("result not posted", ticket=self._ticket.id, to=way.to.name, error=short(error))
            self._failed, self._why = way, hindrance
            self.hindrance = self.hindrance or hindrance
        return None

    def _ways(self) -> Iterator[_Way]:
        """Where it may go, the best first."""
        place = self._ticket.place
        if place.is_by_token:
            yield from self._ways_by_token()
            return
        if self._ticket.output is Output.RESULTS:
            yield _Way(To.RESULTS, self._limit)
        yield from self._fitting(To.HOME)
        if place.server_id is not None:
            yield _Way(To.OWNER, LEAST_LIMIT)

    def _ways_by_token(self) -> Iterator[_Way]:
        """The same where no channel is open: the message that shows the ticket, or else its member's direct messages."""
        if self._shown is not None and self._shown.is_by_token:
            yield from self._fitting(To.TOKEN)
        if not self._ticket.nsfw:
            yield _Way(To.HOME, LEAST_LIMIT)

    def _fitting(self, to: To) -> Iterator[_Way]:
        yield _Way(to, self._limit)
        if self._limit > LEAST_LIMIT:
            yield _Way(to, LEAST_LIMIT)

    def _is_pointless(self, way: _Way) -> bool:
        """Whether it is the same place again, which would not take it for another reason than its size."""
        again = self._failed is not None and self._failed.to is way.to
        return again and self._why is not Hindrance.TOO_LARGE

    async def _post(self, way: _Way) -> discord.Message | None:
        """Post it there; None if it is too late for that."""
        rendered = await self._fit(way.limit)
        lineage = await lineage_of(self._store, self._ticket)
        post = words.result(self._ticket, self._finished, rendered, lineage, self.hindrance)
        buttons = (
            self._views.of_sheet(self._ticket, self._finished.moments)
            if self._ticket.request.audition
            else self._views.of_result(self._ticket, rendered.about)
        )
        if way.to is To.TOKEN:  # the same again however often it is done
            return await self._shown.become(post, buttons) if self._shown is not None else None
        draft = await self._delivery.draft(self._ticket.id, Role.RESULT, way.to)
        await self._store.drafts.begin(draft)
        match way.to:
            case To.RESULTS:
                return await self._delivery.post_to_results(post, buttons)
            case To.HOME:
                return await self._delivery.post_result(post, buttons)
            case _:
                return await self._delivery.post_privately(post)

    async def _fit(self, limit: int) -> Rendered:
        if self._rendered is None or len(self._rendered.data) > limit:
            job = self._ticket.job_id or ""
            self._rendered = await self._engine.result(job, max_bytes=limit)
        return self._rendered
