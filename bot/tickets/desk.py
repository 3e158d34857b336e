"""The desk: takes requests in, owns the follower of every unfinished ticket, and decides who may stop one.

Rule: a ticket and its images are stored before the engine hears of them; every follower is a task that the
desk names, cancels and awaits.
"""

import asyncio
from collections import defaultdict
from datetime import datetime

import discord
import structlog

from bot.errors import BotError, BotErrorCode, DiscordTrouble
from bot.orders.request import Order
from bot.place import Place
from bot.storage.tickets import StopRequest, Ticket, TicketState
from bot.tickets.follower import Follower, Services
from bot.tickets.message import Poster, TicketMessage
from bot.tickets.progress import ChannelPace
from bot.words.errors import sentence
from bot.words.ticket import open_ticket
from engine.protocol import JobRequest, Refusal

log = structlog.get_logger(__name__)


class Desk:
    """All unfinished tickets."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._followers: dict[str, Follower] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._channels: defaultdict[Place, ChannelPace] = defaultdict(ChannelPace)
        self._intake = asyncio.Lock()  # one image in memory at a time
        self._being_accepted: set[tuple[int | None, JobRequest]] = set()

    async def accept(self, order: Order, poster: Poster | None = None) -> None:
        """Store, submit and show what is asked for (by `poster`, or else in its channel), and follow it.

        Raises BotError, Refusal: it is not taken.
        """
        now = discord.utils.utcnow()
        ticket = order.ticket(now)
        wanted = (ticket.source_message_id, ticket.request)
        if self._is_underway(*wanted):
            raise BotError(BotErrorCode.ALREADY_UNDERWAY)
        self._being_accepted.add(wanted)
        try:
            await self._accept(order, ticket, poster, now)
        finally:
            self._being_accepted.discard(wanted)

    async def _accept(self, order: Order, ticket: Ticket, poster: Poster | None, now: datetime) -> None:
        follower = self._follower(ticket)
        await self._keep(order, ticket)
        try:
            update = await follower.begin()
        except Refusal as refusal:
            await follower.close(sentence(refusal))
            raise
        self._followers[ticket.id] = follower
        try:
            await follower.show_first(open_ticket(follower.ticket, update, now), poster)
        except DiscordTrouble as error:
            log.warning("ticket not shown yet", ticket=ticket.id, error=repr(error))
        finally:
            self._start(follower)

    async def resume(self) -> None:
        """Go on with every ticket that a former process has left unfinished."""
        unfinished = await self._services.store.tickets.unfinished()
        await self._services.inbox.keep_only(ticket.id for ticket in unfinished)
        for ticket in unfinished:
            follower = self._follower(ticket)
            if ticket.message_id is not None:
                message = ticket.place.message(self._services.client, ticket.message_id)
                follower.message = TicketMessage(ticket.message_id, message)
            self._start(follower)
        log.info("desk open", tickets=len(unfinished))

    async def stop(self, ticket_id: str, stop_request: StopRequest, user_id: int, may_manage: bool) -> None:
        """Do what a button asks. Raises BotError: TICKET_OVER, NOT_YOURS."""
        follower = self._followers.get(ticket_id)
        if follower is None:
            raise BotError(BotErrorCode.TICKET_OVER)
        if user_id != follower.ticket.user_id and not may_manage:
            raise BotError(BotErrorCode.NOT_YOURS)
        await follower.stop(stop_request)

    async def message_deleted(self, message_id: int) -> None:
        """A message is gone; if it showed a ticket, the ticket is cancelled."""
        for follower in list(self._followers.values()):
            ticket = follower.ticket
            if ticket.message_id == message_id and ticket.state is TicketState.OPEN:
                await follower.abandoned()

    async def close(self) -> None:
        """Leave all tickets as they are, for the next process."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _is_underway(self, source: int | None, request: JobRequest) -> bool:
        """Whether the same member waits for the same picture: a second click, not a second order."""
        if source is None:  # a picture of a command is a new one each time
            return False
        tickets = (follower.ticket for follower in self._followers.values())
        open_ = {(ticket.source_message_id, ticket.request) for ticket in tickets}
        return (source, request) in self._being_accepted | open_

    async def _keep(self, order: Order, ticket: Ticket) -> None:
        """Store the images, then the ticket that needs them."""
        inbox = self._services.inbox
        try:
            async with self._intake:
                if order.earlier is not None:
                    await self._copy(order.earlier, ticket)
                async for part, data in order.images():
                    await inbox.put(ticket.id, part, data)
            await self._services.store.tickets.add(ticket, ticket.reaction if order.by_reaction else None)
        except Exception:
            await inbox.drop(ticket.id)
            raise

    async def _copy(self, earlier: str, ticket: Ticket) -> None:
        """Use the images of an earlier ticket again; just after its delivery they are still in the inbox."""
        styles = ticket.request.styles
        parts = {"content", *(style.part for style in styles), *(style.mask for style in styles)} - {None}
        inbox, shelf = self._services.inbox, self._services.shelf
        try:
            for part in filter(None, parts):
                try:
                    await inbox.copy(ticket.id, part, inbox.folder(earlier) / part)
                except FileNotFoundError:
                    await inbox.copy(ticket.id, part, shelf.folder(earlier) / part)
        except FileNotFoundError as error:
            raise BotError(BotErrorCode.PICTURE_GONE) from error

    def _follower(self, ticket: Ticket) -> Follower:
        shared = ticket.place.channel_id is not None
        return Follower(self._services, ticket, self._channels[ticket.place] if shared else ChannelPace())

    def _start(self, follower: Follower) -> None:
        name = follower.ticket.id
        self._followers[name] = follower
        task = asyncio.create_task(follower.run(), name=f"ticket {name}")
        self._tasks[name] = task
        task.add_done_callback(lambda _: self._forget(name))

    def _forget(self, name: str) -> None:
        del self._followers[name], self._tasks[name]
