"""Watching a job of the engine's until it ends: its events are read, and those shown that are worth an edit.

Rule: whoever reads is never kept waiting by what is shown: of what has come meanwhile only the newest is. Nor is the end:
an update that Discord holds back goes on beside the delivery.
"""

import asyncio
from contextlib import aclosing, suppress
from typing import Protocol

import structlog

from bot.engine_client import Ending, Late, Update, Waiting
from bot.errors import EngineUnreachable
from bot.storage.tickets import Ticket
from bot.tickets.mailbox import Mailbox
from bot.tickets.pauses import pauses
from bot.tickets.progress import ChannelPace, MessagePace
from bot.tickets.services import Services
from engine.protocol import Cancelled, Event, JobState, Refusal

log = structlog.get_logger(__name__)


class Watched(Protocol):
    """Whoever has a job watched."""

    ticket: Ticket

    @property
    def must_end(self) -> bool:
        """Whether it ends without a picture, whatever the engine says."""

    def heard(self, event: Event) -> None:
        """The engine has told this."""

    async def show(self, update: Update) -> None:
        """Have its message show an update."""

    async def carry_out_stop(self) -> None:
        """Tell the engine of a stop, if there is one. Raises Refusal, EngineUnreachable."""

    async def nap(self, seconds: float) -> None:
        """Wait, but not longer than until there is something to do."""


class Watch:
    """One job, watched for one ticket."""

    def __init__(self, services: Services, job: str, of: Watched, channel: ChannelPace) -> None:
        self._services, self._job, self._of, self._channel = services, job, of, channel
        self._mailbox = Mailbox()
        self._showing: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Look anew whether it must end."""
        self._mailbox.wake()

    async def close(self) -> None:
        """Let nothing be shown any more that has not been yet."""
        if self._showing is not None:
            self._showing.cancel()
            await asyncio.gather(self._showing, return_exceptions=True)

    async def ending(self) -> Ending:
        """What the job came to; what it tells until then is shown. Raises what ends the reading of it."""
        now, mailbox = asyncio.get_running_loop().time, self._mailbox
        request = self._of.ticket.request
        tiles = len(request.styles) if request.audition else 0
        pace = MessagePace(self._channel, now(), tiles)
        reader = asyncio.create_task(self._read(), name=f"events of ticket {self._of.ticket.id}")
        reader.add_done_callback(lambda _: mailbox.wake())
        try:
            while True:
                update: Update | Ending | None = mailbox.peek() if not self._of.must_end else Cancelled()
                if isinstance(update, Ending):
                    return update
                if reader.done():
                    reader.result()  # raises what ended it
                if update is None and now() >= pace.late_at:
                    pace.late_at = float("inf")  # until something is shown
                    await self._be_late()
                    continue
                pause = (pace.late_at if update is None else pace.due(update)) - now()
                if update is None or pause > 0:
                    until = pause if pause < float("inf") else None
                    await self._services.external_wait(mailbox.wait(until), "news of a ticket")
                    continue
                mailbox.empty()
                pace.note(update, now())  # before it is shown, or all tickets of a channel take the same turn
                await self._show(update)
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    async def _show(self, update: Update) -> None:
        """Show an update, or leave it being shown once the end has come."""
        showing = asyncio.create_task(self._of.show(update), name=f"frame of ticket {self._of.ticket.id}")
        self._showing = showing
        showing.add_done_callback(lambda _: self._mailbox.wake())
        while not (showing.done() or self._of.must_end or isinstance(self._mailbox.peek(), Ending)):
            await self._mailbox.wait(None)
        if showing.done():
            await showing  # raises what nobody foresaw

    async def _be_late(self) -> None:
        """Say that a picture is not ready by when it was promised, unless there are news of it meanwhile."""
        late = Late(None)
        with suppress(EngineUnreachable, Refusal):  # whoever reads the events will say so
            view = await self._services.engine.job(self._job)
            if view.state is JobState.QUEUED and view.eta_seconds is None:
                return  # paused, which it is about to tell
            late = Late(view.eta_seconds)
        if self._mailbox.peek() is None:
            self._mailbox.put(late)

    async def _read(self) -> None:
        """Put every event into the mailbox, over as many connections as it takes."""
        after: int | None = None
        retries = pauses()
        while True:
            try:
                await self._of.carry_out_stop()
                async with aclosing(self._services.engine.events(self._job, after)) as events:
                    async for envelope in events:
                        self._mailbox.put(envelope.event)
                        self._of.heard(envelope.event)
                        after, retries = envelope.id, pauses()
                        if isinstance(envelope.event, Ending):
                            return
            except EngineUnreachable as error:
                log.warning("engine away", ticket=self._of.ticket.id, detail=error.detail)
                self._mailbox.put(Waiting(error.code))
                after = None  # everything that still matters is told again, and replaces the bad news
            await self._of.nap(next(retries))
