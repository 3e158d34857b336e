"""One ticket's way from the inbox to its result: submit, watch, show, deliver.

Rule: whatever fails is tried again or told; a follower ends only when its ticket is delivered or closed. It
can be stopped at any moment and begun anew from the stored ticket, and the result is still posted once.
"""

import asyncio
import random
from collections.abc import Iterator
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import Any

import discord
import structlog

from bot.answers import log_refusal
from bot.engine_client import Ending, EngineAway, EngineClient, ExternalWait, Update
from bot.errors import EngineUnreachable, is_passing
from bot.place import Place
from bot.storage.inbox import Inbox
from bot.storage.shelf import Shelf
from bot.storage.store import Store
from bot.storage.tickets import StopRequest, Ticket, TicketState
from bot.tickets.delivery import Delivery
from bot.tickets.mailbox import Mailbox
from bot.tickets.message import Poster, TicketMessage
from bot.tickets.progress import ChannelPace, MessagePace
from bot.tickets.views import Views
from bot.words import result as result_words
from bot.words import ticket as words
from bot.words.errors import APOLOGY, sentence
from bot.words.post import Post
from engine.protocol import (
    Cancelled,
    ErrorCode,
    Event,
    Failed,
    Finished,
    JobState,
    JobView,
    Preview,
    Problem,
    Queued,
    Refusal,
    Started,
)

log = structlog.get_logger(__name__)

LONGEST_PAUSE = 60.0
TRIES = 3  # after an error that nobody foresaw


@dataclass(frozen=True)
class Services:
    """What the desk and every follower work with; the Studio, with the desk, is for whatever members do."""

    client: discord.Client
    store: Store
    inbox: Inbox
    shelf: Shelf
    engine: EngineClient
    views: Views
    external_wait: ExternalWait


def pauses() -> Iterator[float]:
    """Seconds to wait between tries: doubling up to LONGEST_PAUSE, with jitter so that tickets spread."""
    pause = 1.0
    while True:
        yield pause * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing
        pause = min(2 * pause, LONGEST_PAUSE)


class Follower:
    """The owner of one unfinished ticket."""

    def __init__(self, services: Services, ticket: Ticket, channel: ChannelPace) -> None:
        self.ticket = ticket
        self.message: TicketMessage | None = None
        self._services, self._channel = services, channel
        self._delivery = Delivery(services.client, ticket)
        self._nudge = asyncio.Event()
        self._away = False  # and whoever reads the ticket knows
        self._newest_preview: int | None = None  # the newest that the engine has told of

    # --- what others ask of it ----------------------------------------------------------------------------

    async def begin(self) -> Update:
        """Submit once, and say how the ticket stands. Raises Refusal: the engine does not take the job."""
        try:
            update = await self._submit()
        except EngineUnreachable as error:
            log.warning("engine away", ticket=self.ticket.id, detail=error.detail)
            update = EngineAway()
        self._away = isinstance(update, EngineAway)
        return update

    async def show_first(self, post: Post, poster: Poster | None) -> None:
        """Post the ticket, as `poster` does or else into its channel. Raises what Discord does."""
        buttons = self._services.views.of_ticket(self.ticket)
        self.message = await (poster or self._delivery.post_ticket)(post, buttons)
        noted: dict[str, Any] = {"message_id": self.message.id}
        if self.ticket.place.channel_id is None and self.message.channel_id is not None:
            # Written to directly, the member has a channel now, in which the next process finds the ticket.
            noted["place"] = Place(None, self.message.channel_id)
        await self._note(**noted)

    async def stop(self, stop_request: StopRequest) -> None:
        """Carry out what a button asks; if the engine is away, as soon as it is back."""
        await self._note(stop_request=stop_request)
        self._nudge.set()
        with suppress(EngineUnreachable, Refusal):
            await self._pass_on_stop()

    async def abandoned(self) -> None:
        """The ticket's message was deleted, which is a way to cancel."""
        if self.message is not None:
            self.message.gone = True
        await self.stop(StopRequest.CANCEL)

    async def close(self, why: str) -> None:
        """End the ticket without a picture, and say why. Raises what keeps Discord from showing it for now."""
        # Shown before it is noted: cut off in between, the next process closes it once more.
        if self.message is not None:
            await self.message.show(words.closed_ticket(self.ticket, why), None, insist=True)
        if self.ticket.stop_request is StopRequest.NONE and self.ticket.reaction is not None:
            await self._services.store.reactions.release(self.ticket.reaction)
        await self._note(state=TicketState.CLOSED)
        await self._services.inbox.drop(self.ticket.id)

    # --- its own way --------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Follow the ticket to its end."""
        failures = 0
        for pause in pauses():
            try:
                await (self._follow() if failures < TRIES else self.close(APOLOGY))
                return
            except Exception as error:
                if is_passing(error):
                    log.warning("ticket waits", ticket=self.ticket.id, error=repr(error))
                else:
                    log.exception("ticket failed", ticket=self.ticket.id)
                    failures += 1
            await self._nap(pause)

    async def _follow(self) -> None:
        if self.ticket.state is TicketState.DELIVERING and await self._was_delivered():
            return
        try:
            await self._reach_engine()
            await self._conclude(self.ticket.job_id)
        except Refusal as refusal:
            if refusal.code is ErrorCode.BAD_TOKEN:  # for the bot's owner to mend, and then the job goes on
                raise EngineUnreachable(str(refusal)) from refusal
            if refusal.code is ErrorCode.NOT_FOUND and self.ticket.job_id is not None:
                await self._note(job_id=None)  # the engine has lost the job, so it gets it again
                raise EngineUnreachable(f"job lost: {refusal}") from refusal
            await self._refused(refusal)

    async def _conclude(self, job: str | None) -> None:
        ending = await self._watch(job) if job is not None else Cancelled()
        match job, ending:
            case str(), Finished():
                await self._deliver(job, ending)
            case _, Failed():
                await self._refused(ending.error)
            case _:
                await self.close(words.CANCELLED)

    async def _refused(self, refusal: Refusal | Problem) -> None:
        log_refusal(refusal, ticket=self.ticket.id)
        await self.close(sentence(refusal))

    async def _reach_engine(self) -> None:
        """Submit until it succeeds, or until the member no longer wants it."""
        await self._post_if_missing()
        for pause in pauses():
            if self.ticket.job_id is not None or self.ticket.stop_request is not StopRequest.NONE:
                return
            known = self._away
            update = await self.begin()
            if isinstance(update, EngineAway):
                if not known:
                    await self._show(update)
                await self._nap(pause)

    async def _submit(self) -> Update:
        ticket = self.ticket
        parts = await self._services.inbox.parts(ticket.id)
        view = await self._services.engine.submit(ticket.id, ticket.request, parts)
        await self._note(job_id=view.id)
        return _standing(view)

    async def _watch(self, job: str) -> Ending:
        now = asyncio.get_running_loop().time
        pace = MessagePace(self._channel, now())
        mailbox = Mailbox()
        reader = asyncio.create_task(self._read(job, mailbox), name=f"events of ticket {self.ticket.id}")
        reader.add_done_callback(lambda _: mailbox.wake())
        try:
            while True:
                update = mailbox.peek()
                if isinstance(update, Ending):
                    return update
                if reader.done():
                    reader.result()  # raises what ended it
                pause = None if update is None else pace.due(update) - now()
                if update is None or (pause is not None and pause > 0):
                    await self._services.external_wait(mailbox.wait(pause), "news of a ticket")
                    continue
                mailbox.empty()
                pace.note(update, now())  # before it is shown, or all tickets of a channel take the same turn
                await self._show(update)
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    async def _read(self, job: str, mailbox: Mailbox) -> None:
        """Put every event into the mailbox, over as many connections as it takes."""
        after: int | None = None
        retries = pauses()
        while True:
            try:
                await self._pass_on_stop()
                async with aclosing(self._services.engine.events(job, after)) as events:
                    async for envelope in events:
                        self._hear(envelope.event, mailbox)
                        after, retries = envelope.id, pauses()
                        if isinstance(envelope.event, Ending):
                            return
            except EngineUnreachable as error:
                log.warning("engine away", ticket=self.ticket.id, detail=error.detail)
                mailbox.put(EngineAway())
                after = None  # everything that still matters is told again, and replaces the bad news
            await self._nap(next(retries))

    def _hear(self, event: Event, mailbox: Mailbox) -> None:
        if isinstance(event, Preview):
            self._newest_preview = event.n
        mailbox.put(event)

    async def _pass_on_stop(self) -> None:
        job = self.ticket.job_id
        if job is None:
            return
        match self.ticket.stop_request:
            case StopRequest.CANCEL:
                await self._services.engine.cancel(job)
            case StopRequest.FINISH:
                await self._services.engine.finish(job)

    async def _show(self, update: Update) -> None:
        if self.message is None or self.message.gone:
            return
        image = await self._preview(update.n) if isinstance(update, Preview) else None
        if isinstance(update, Preview) and image is None:
            return
        post = words.open_ticket(self.ticket, update, discord.utils.utcnow(), image)
        await self.message.show(post, self._services.views.of_ticket(self.ticket))

    async def _post_if_missing(self) -> None:
        """After a crash between storing and showing, show the ticket after all."""
        if self.message is not None:
            return
        post = words.open_ticket(self.ticket, None, discord.utils.utcnow())
        try:
            await self.show_first(post, None)
        except (discord.Forbidden, discord.NotFound) as error:
            log.warning("ticket not shown", ticket=self.ticket.id, code=error.code)

    async def _deliver(self, job: str, finished: Finished) -> None:
        data = await self._services.engine.result(job)
        note, size, limit = "", len(data), self.ticket.place.upload_limit(self._services.client)
        if size > limit:
            preview = await self._preview(self._newest_preview) if self._newest_preview is not None else None
            if preview is None:
                return await self.close(result_words.too_large(size, limit, self.ticket.place))
            note, data = result_words.only_a_preview(size, limit, self.ticket.place), preview
        await self._note(state=TicketState.DELIVERING)
        post = result_words.result(self.ticket, finished, data, note)
        message = await self._delivery.post_result(
            post, self._services.views.of_result(self.ticket, finished.moments)
        )
        return await self._delivered(message)

    async def _preview(self, n: int) -> bytes | None:
        """Preview `n`, unless the engine has it no more."""
        try:
            return await self._services.engine.preview(self.ticket.job_id or "", n)
        except (Refusal, EngineUnreachable) as error:
            log.info("preview skipped", ticket=self.ticket.id, preview=n, error=str(error))
            return None

    async def _was_delivered(self) -> bool:
        message = await self._delivery.find_result()
        if message is None:
            return False
        await self._delivered(message)
        return True

    async def _delivered(self, message: discord.Message) -> None:
        # Removed before it is noted: cut off in between, the next process finds the result and removes again.
        if self.message is not None:
            await self.message.remove(words.finished_ticket(message.jump_url))
        await self._note(state=TicketState.DELIVERED, result_message_id=message.id)
        await self._services.shelf.keep(self.ticket.id, self._services.inbox.folder(self.ticket.id))

    async def _nap(self, seconds: float) -> None:
        """Wait, but not longer than until a button is pressed."""
        await self._services.external_wait(self._until_nudged(seconds), "the next try")

    async def _until_nudged(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._nudge.wait()
        self._nudge.clear()

    async def _note(self, **values: Any) -> None:
        self.ticket = replace(self.ticket, **values)
        await self._services.store.tickets.save(self.ticket, *values)


def _standing(view: JobView) -> Update:
    eta = view.eta_seconds or 0.0
    if view.state is JobState.QUEUED:
        return Queued(position=view.position or 1, eta_seconds=eta)
    return Started(attempt=1, eta_seconds=eta)
