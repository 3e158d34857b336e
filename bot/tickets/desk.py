"""The desk: takes requests in, and owns the follower of every unfinished ticket.

Rule: a ticket is stored before Discord hears that it is taken, and its images before the engine hears of them;
every follower is a task that the desk names, cancels and awaits. What is being taken when the process is told to
stop is stored and acknowledged before it ends; what comes later is told to come again.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Coroutine
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from typing import Any

import discord
import structlog
from sqlalchemy.exc import DBAPIError

from bot import answers
from bot.engine_client import Update
from bot.errors import BotError, BotErrorCode, DiscordTrouble, short
from bot.languages import in_force, speaking
from bot.orders.admission import Hold
from bot.orders.request import Order
from bot.place import Place
from bot.storage.erasures import Kind
from bot.storage.interactions import OwedAnswer
from bot.storage.posts import Posted
from bot.storage.reactions import Reaction
from bot.storage.settings import Work
from bot.storage.tickets import UNFINISHED, StopRequest, Ticket, TicketState
from bot.tickets.asked import Asked
from bot.tickets.delivery import shown_message
from bot.tickets.follower import Follower
from bot.tickets.message import TicketMessage
from bot.tickets.outlet import settled
from bot.tickets.progress import ChannelPace
from bot.tickets.services import Services
from bot.words.errors import RESTARTED, sentence
from bot.words.ticket import open_ticket
from engine.protocol import CrashPoint, Owner, Refusal, asked_as, new_request_id, reach, request_id

log = structlog.get_logger(__name__)

UNSEEN_SECONDS = 0.5  # after which a ticket is shown although its pictures are still on their way
DRAIN_SECONDS = 5.0  # for what is being taken to be stored and acknowledged, when the process is told to stop


@dataclass(frozen=True)
class Open:
    """A ticket that somebody waits for, and the newest that is known of it."""

    ticket: Ticket
    update: Update | None


class Desk:
    """All unfinished tickets."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._followers: dict[str, Follower] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._channels: defaultdict[Place, ChannelPace] = defaultdict(ChannelPace)
        self._being_accepted: set[object] = set()  # what tells a ticket from others
        self._intakes: set[asyncio.Task[None]] = set()  # being stored and acknowledged
        # Whoever waits for the first try with a ticket of theirs.
        self._beginnings: set[asyncio.Task[Any] | None] = set()
        self._apologies: asyncio.Task[None] | None = None
        self._is_closing = False

    async def accept(self, order: Order, asked: Asked | None = None, hold: Hold | None = None) -> None:
        """Store and acknowledge what is asked for, submit and show it, and follow it.

        `hold` is that of whoever has fetched something for it already. Raises BotError, Refusal: it is not taken.
        """
        with asked_as(request_id() or new_request_id()):
            await self._accept(order, asked, hold)

    async def _accept(self, order: Order, asked: Asked | None, hold: Hold | None) -> None:
        if self._is_closing:
            raise BotError(BotErrorCode.STOPPING)
        self._services.store.health.require()
        now = discord.utils.utcnow()
        ticket = settled(order.ticket(now), self._services.client, self._services.store.settings)
        ticket = replace(ticket, request_id=request_id())
        self._services.store.museum.require(ticket)
        if asked is not None or ticket.place.server_id is None:
            ticket = replace(ticket, language=asked.language if asked is not None else in_force())
        if self._is_underway(ticket):
            raise BotError(BotErrorCode.ALREADY_UNDERWAY)
        self._being_accepted.add(ticket.wanted)
        wanting = self._services.admission.hold(ticket.request.owner) if hold is None else nullcontext(hold)
        try:
            with wanting as held:
                await self._drained(self._take(order, ticket, asked))
                if (why := self._void(ticket)) is not None:  # while this was stored
                    await self._services.store.deletions.withdraw([ticket.id], now.timestamp(), why)
                    ticket = replace(ticket, stop_request=why)
                    self._services.eraser.wake()
                elif self._is_off(ticket):  # since this was asked for
                    ticket = replace(ticket, stop_request=StopRequest.SWITCHED_OFF)
                    await self._services.store.tickets.save(ticket, "stop_request")
                if self._is_closing:  # the next process begins with it
                    return
                with self._services.speaking_of(ticket):
                    await self._begin(self._follower(ticket, asked), held)
        finally:
            self._being_accepted.discard(ticket.wanted)

    def _void(self, ticket: Ticket) -> StopRequest | None:
        """Why a ticket ends, if what it is made of has gone a moment ago."""
        if self._services.store.posts.is_gone(ticket.source_message_id):
            return StopRequest.WITHDRAWN
        try:
            self._services.store.museum.require(ticket)
        except BotError:
            return StopRequest.STYLE_GONE
        return None

    async def _take(self, order: Order, ticket: Ticket, asked: Asked | None) -> None:
        """Store a ticket, then tell Discord that it is taken."""
        reaction = ticket.reaction if order.by_reaction else None
        reach(CrashPoint.BOT_ACCEPTED)
        await self._services.store.tickets.add(
            ticket, reaction, asked.owed(ticket.id) if asked is not None else None
        )
        reach(CrashPoint.BOT_TICKET_STORED)
        place = ticket.place
        log.info("ticket taken", ticket=ticket.id, server=place.server_id, channel=place.channel_id)
        if asked is None:
            return
        try:
            await asked.acknowledge()
        except discord.HTTPException:
            await self._services.store.tickets.withdraw(ticket)
            raise
        reach(CrashPoint.BOT_ACKNOWLEDGED)

    async def _drained(self, intake: Coroutine[Any, Any, None]) -> None:
        """Finish an intake even if whoever waits for it is cancelled: the process does not end before."""
        task = asyncio.create_task(intake, name="intake")
        self._intakes.add(task)
        task.add_done_callback(self._intakes.discard)
        await asyncio.shield(task)

    async def _begin(self, follower: Follower, hold: Hold) -> None:
        """Try once to submit and show a ticket, then leave it to its follower. Raises BotError, Refusal.

        Whatever goes wrong, somebody follows it unless it is closed: no next process has to find it.
        """
        beginning, is_closed = asyncio.current_task(), False
        self._beginnings.add(beginning)
        self._followers[follower.ticket.id] = follower
        hold.is_counted = True
        try:
            update = await self._first_try(follower, hold)
            self._services.admission.release(hold)
            if follower.message is None:
                await follower.show_first(open_ticket(follower.ticket, update, discord.utils.utcnow()))
            else:
                await follower.show(update)
        except Refusal as refusal:
            named = follower.named(refusal)
            is_closed = await self._close_at_once(follower, named)
            if is_closed:
                raise named from refusal
        except BotError as refusal:
            is_closed = await self._close_at_once(follower, refusal)
            if is_closed:
                raise
        except (DBAPIError, *DiscordTrouble) as error:
            log.warning("ticket not shown yet", ticket=follower.ticket.id, error=short(error))
        finally:
            self._beginnings.discard(beginning)
            if is_closed:
                del self._followers[follower.ticket.id]
            elif not self._is_closing:
                self._start(follower)

    async def _first_try(self, follower: Follower, hold: Hold) -> Update:
        """Begin; what takes longer is shown meanwhile. Raises BotError, Refusal; and what a later try may mend."""
        trying = asyncio.create_task(follower.begin(hold), name=f"first try of ticket {follower.ticket.id}")
        try:
            waited = discord.utils.utcnow().timestamp() - follower.ticket.created_at
            await asyncio.wait({trying}, timeout=max(UNSEEN_SECONDS - waited, 0.0))
            if not trying.done():
                with suppress(DBAPIError, *DiscordTrouble):  # it is shown with how it stands then
                    await follower.show_first(open_ticket(follower.ticket, None, discord.utils.utcnow()))
            return await trying
        finally:
            trying.cancel()
            await asyncio.wait({trying})  # or it would go on while the store is being closed

    async def _close_at_once(self, follower: Follower, refusal: Refusal | BotError) -> bool:
        """Whether a ticket that nobody has seen is over; if that cannot be stored, its follower will say why."""
        try:
            await follower.close(sentence(refusal))
        except DBAPIError as error:
            log.warning("ticket not closed yet", ticket=follower.ticket.id, error=short(error))
            return False
        return True

    async def resume(self) -> None:
        """Go on with every ticket that a former process has left unfinished, and with the answers it owed."""
        store = self._services.store
        unfinished = await store.tickets.unfinished()
        if store.shards.have_first:  # what lies in the inbox is of all processes
            await self._tidy()
        owed = {answer.ticket_id or str(answer.id): answer for answer in await store.owed.all()}
        for ticket in unfinished:
            answer = owed.pop(ticket.id, None)
            asked = Asked.again(self._services.client, answer) if answer is not None else None
            follower = self._follower(ticket, asked, is_resumed=True)
            follower.message = self._shown(ticket, asked)
            self._start(follower)
        self._apologies = asyncio.create_task(self._apologise(list(owed.values())), name="apologies")
        log.info("desk open", tickets=len(unfinished), owed=len(owed))

    def _shown(self, ticket: Ticket, asked: Asked | None) -> TicketMessage | None:
        """The message that a former process has shown a ticket in, as far as it can still be changed."""
        if not ticket.place.is_by_token:
            return shown_message(self._services.client, ticket)
        is_open = asked is not None and not asked.is_over(discord.utils.utcnow())
        return asked.shown(ticket.message_id) if asked and is_open and ticket.message_id else None

    async def _tidy(self) -> None:
        """Bring the images of tickets that are over to where a former process was about to bring them."""
        inbox, unknown = self._services.inbox, []
        for name in await inbox.owners():
            match await self._services.store.tickets.state(name):
                case None:
                    unknown.append(name)
                case TicketState.OPEN | TicketState.DELIVERING:  # somebody follows it, or nobody can read it
                    continue
                case TicketState.DELIVERED:
                    await self._services.shelf.keep(name, inbox.place(name))
                case _:
                    await inbox.drop(name)
        try:
            await inbox.set_aside(unknown)
        except OSError as error:
            log.warning("images of no ticket not moved aside", error=str(error))

    async def _apologise(self, owed: list[OwedAnswer]) -> None:
        """Answer what a former process has acknowledged, and no ticket stands for."""
        for answer in owed:
            asked = Asked.again(self._services.client, answer)
            if not asked.is_over(discord.utils.utcnow()):
                with speaking(asked.language):
                    text = RESTARTED()
                try:
                    await answers.tell(asked.interaction, text)
                except DiscordTrouble as error:
                    log.warning("restart not told", interaction=answer.id, error=short(error))
            await answers.settle(asked.interaction, self._services.store.owed)

    async def owner_of(self, ticket_id: str) -> int:
        """The member who waits for an unfinished ticket. Raises BotError TICKET_OVER."""
        elsewhere = await self._elsewhere(ticket_id)
        return elsewhere.user_id if elsewhere is not None else self._open(ticket_id).ticket.user_id

    async def _elsewhere(self, ticket_id: str) -> Ticket | None:
        """An unfinished ticket that another process follows."""
        store = self._services.store
        if store.others.is_alone or ticket_id in self._followers:
            return None
        ticket = await store.tickets.find(ticket_id)
        return ticket if ticket is not None and ticket.state in UNFINISHED else None

    async def stop(
        self, ticket_id: str, stop_request: StopRequest, acknowledge: Callable[[], Awaitable[None]]
    ) -> None:
        """Do what a button asks: store it, `acknowledge` it, pass it on. Raises BotError TICKET_OVER.

        What is stored is passed on although Discord may not want to hear of it any more, as after three seconds.
        """
        if await self._elsewhere(ticket_id) is not None:
            await self._services.store.tickets.request_stop(
                ticket_id, stop_request
            )  # whoever follows it hears so
            await acknowledge()
            return
        follower = self._open(ticket_id)
        await follower.request_stop(stop_request)
        try:
            await acknowledge()
        finally:
            await follower.pass_on_stop()

    async def bring(self, ticket: Ticket, acknowledge: Callable[[], Awaitable[None]]) -> None:
        """Post a result that may not have been. Raises BotError: RESULT_DELETED, TICKET_OVER."""
        ticket_id = ticket.id
        is_there = ticket.state is not TicketState.DELIVERED or ticket.result_message_id is not None
        if is_there or ticket_id in self._followers or self._is_closing:
            raise BotError(BotErrorCode.TICKET_OVER)
        follower = self._follower(replace(ticket, state=TicketState.OPEN), None)
        follower.message = shown_message(self._services.client, ticket)
        self._followers[ticket_id], is_kept = follower, False  # or a second press would do the same
        try:
            is_kept = await self._services.store.tickets.save(follower.ticket, "state")
        finally:
            if not is_kept:
                del self._followers[ticket_id]
        if not is_kept:
            raise BotError(BotErrorCode.RESULT_DELETED)
        reach(CrashPoint.BOT_RESULT_WANTED)
        try:
            await acknowledge()
        finally:
            self._start(follower)

    async def take_back(self, reaction: Reaction) -> None:
        """A reaction is taken back: a picture that it has asked for, and that is not begun yet, is not wanted."""
        counted = self._services.store.reactions.has_counted
        for follower in self._waiting():
            # A ticket by a menu may name the same message and style, and is none of this reaction.
            if follower.ticket.reaction == reaction and await counted(reaction):
                await follower.taken_back()

    async def blocked(self, server_id: int) -> None:
        """What those who are blocked in a server have asked for there, and is not begun yet, is not painted."""
        blocked = self._services.store.blocks.blocked(server_id)
        for follower in self._waiting():
            ticket = follower.ticket
            if ticket.place.server_id == server_id and ticket.user_id in blocked:
                await follower.request_stop(StopRequest.CANCEL)
                await follower.pass_on_stop()

    async def switched_off(self, server_id: int) -> None:
        """In a server that is switched off, what is not begun yet is not painted, nor what is, if it wants that too."""
        is_all = self._services.store.settings.server(server_id).work is Work.STOP
        for follower in list(self._followers.values()):
            ticket = follower.ticket
            is_there = ticket.place.server_id == server_id and ticket.state is TicketState.OPEN
            if is_there and (is_all or not await follower.is_painted()):
                await follower.request_stop(StopRequest.SWITCHED_OFF)
                await follower.pass_on_stop()

    def painted_in(self, server_id: int) -> list[Ticket]:
        """What is being painted in a server, and nobody has stopped."""
        found = (each.ticket for each in self._followers.values() if each.has_begun)
        return [
            each
            for each in found
            if each.place.server_id == server_id and each.stop_request is StopRequest.NONE
        ]

    @property
    def followed(self) -> int:
        """How many tickets are followed now."""
        return len(self._followers)

    def _is_off(self, ticket: Ticket) -> bool:
        server_id = ticket.place.server_id
        return server_id is not None and self._services.store.settings.server(server_id).work is not Work.ON

    def _waiting(self) -> list[Follower]:
        """Those whose pictures are not begun yet."""
        return [
            follower
            for follower in self._followers.values()
            if follower.ticket.state is TicketState.OPEN and not follower.has_begun
        ]

    async def messages_deleted(self, message_ids: Collection[int]) -> None:
        """Messages are gone; a ticket that was shown in one is cancelled."""
        for follower in list(self._followers.values()):
            ticket = follower.ticket
            if ticket.message_id in message_ids and ticket.state is TicketState.OPEN:
                await follower.abandoned()

    async def seen(self, ticket_id: str, post: Posted) -> None:
        """Discord tells of a message of ours that shows a ticket."""
        if (follower := self._followers.get(ticket_id)) is not None:
            await follower.seen(post)

    def withdraw(self, ticket_ids: Collection[str], why: StopRequest = StopRequest.WITHDRAWN) -> None:
        """What tickets are made of is gone, and `why`, which is stored: they end."""
        for ticket_id in ticket_ids:
            if (follower := self._followers.get(ticket_id)) is not None:
                follower.withdraw(why)

    def dismiss(self, ticket_ids: Collection[str]) -> None:
        """Tickets are deleted in the store: they end without a word."""
        for ticket_id in ticket_ids:
            if (follower := self._followers.get(ticket_id)) is not None:
                follower.dismiss()

    async def look_again(self, ticket_ids: Collection[object] | None) -> None:
        """Another process has stopped or deleted tickets, of which some may be followed here (None: any)."""
        for ticket_id in [*self._followers]:
            if ticket_ids is None or ticket_id in ticket_ids:
                await self._look_again(ticket_id)

    async def _look_again(self, ticket_id: str) -> None:
        try:
            ticket = await self._services.store.tickets.find(ticket_id)
        except (KeyError, TypeError, ValueError):  # nobody can read it
            return
        follower = self._followers.get(ticket_id)
        if follower is None:  # it has ended meanwhile
            return
        if ticket is None or ticket.state is TicketState.DELETED:
            follower.dismiss()
            ending = asyncio.create_task(self._erase_once_over(ticket_id), name=f"end of ticket {ticket_id}")
            self._intakes.add(ending)
            ending.add_done_callback(self._intakes.discard)
        elif ticket.stop_request is not follower.ticket.stop_request is StopRequest.NONE:
            if ticket.stop_request.is_void:
                follower.withdraw(ticket.stop_request)
            else:
                await follower.request_stop(ticket.stop_request)
                await follower.pass_on_stop()

    async def _erase_once_over(self, ticket_id: str) -> None:
        """What its follower was about to do when another process erased what there was, is erased too."""
        if (task := self._tasks.get(ticket_id)) is not None:
            await asyncio.wait({task})
        now = discord.utils.utcnow().timestamp()
        await self._services.store.deletions.drop([ticket_id], now, Kind.IMAGES, Kind.JOB)
        self._services.eraser.wake()

    async def styles_changed(self) -> None:
        """Another process has changed a museum: what waits for a style that is on offer no more ends."""
        for follower in self._waiting():
            ticket = follower.ticket
            if not ticket.stop_request.is_void and self._void(ticket) is StopRequest.STYLE_GONE:
                now = discord.utils.utcnow().timestamp()
                await self._services.store.deletions.withdraw([ticket.id], now, StopRequest.STYLE_GONE)
                follower.withdraw(StopRequest.STYLE_GONE)
                self._services.eraser.wake()

    def open_of(self, owner: Owner) -> int:
        """How many pictures a member waits for in one group, those included that are just being taken."""
        owners = (follower.ticket.request.owner for follower in self._followers.values())
        followed = sum(each.user == owner.user and each.group == owner.group for each in owners)
        return followed + self._services.admission.wanted_by(owner)

    def open_of_group(self, group: str) -> int:
        """The same of all members of a group."""
        followed = sum(each.ticket.request.owner.group == group for each in self._followers.values())
        return followed + self._services.admission.wanted_in(group)

    async def queue(self, server_id: int | None, user_id: int) -> list[Open]:
        """What is under way as `open_in` has it, and for a member wherever, also that which other processes follow."""
        store, found = self._services.store, self.open_in(server_id, user_id)
        if server_id is not None or store.others.is_alone:
            return found
        all_of_them = await store.tickets.unfinished_of(user_id)
        found += [Open(each, None) for each in all_of_them if each.id not in self._followers]
        return sorted(found, key=lambda each: each.ticket.created_at)

    def open_in(self, server_id: int | None, user_id: int) -> list[Open]:
        """What is under way in a server, oldest first; without one, what is for a member wherever they asked for it."""
        tickets = sorted(self._followers.values(), key=lambda follower: follower.ticket.created_at)
        return [
            Open(follower.ticket, follower.newest)
            for follower in tickets
            if (
                follower.ticket.user_id == user_id
                if server_id is None
                else follower.ticket.place.server_id == server_id
            )
        ]

    async def close(self) -> None:
        """Take nothing more, finish taking what has come, and leave all tickets to the next process."""
        self._is_closing = True
        # Of a result that is cut off on its way, nobody can tell whether it has arrived.
        posting = {task for name, task in self._tasks.items() if self._followers[name].is_posting}
        if self._intakes or posting:
            await asyncio.wait(self._intakes | posting, timeout=DRAIN_SECONDS)
        apologies = {self._apologies} if self._apologies is not None else set()
        tasks = {*self._tasks.values(), *self._intakes, *filter(None, self._beginnings), *apologies}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _open(self, ticket_id: str) -> Follower:
        follower = self._followers.get(ticket_id)
        if follower is None:
            raise BotError(BotErrorCode.TICKET_OVER)
        return follower

    def _is_underway(self, ticket: Ticket) -> bool:
        """Whether the same member waits for the same picture: a second click, not a second order."""
        if ticket.source_message_id is None and ticket.request.tile is None:
            # A picture of a command is a new one each time; one of a sheet is always the same.
            return False
        tickets = (follower.ticket for follower in self._followers.values())
        return ticket.wanted in self._being_accepted or any(
            each.wanted == ticket.wanted
            for each in tickets
            # Cheap to ask of the hundreds that there may be: few are of the same picture and member.
            if (each.source_message_id, each.user_id) == (ticket.source_message_id, ticket.user_id)
            and each.stop_request is not StopRequest.TAKEN_BACK
        )

    def _follower(self, ticket: Ticket, asked: Asked | None, is_resumed: bool = False) -> Follower:
        shared = ticket.place.channel_id is not None
        channel = self._channels[ticket.place] if shared else ChannelPace()
        return Follower(self._services, ticket, channel, asked, is_resumed)

    def _start(self, follower: Follower) -> None:
        name = follower.ticket.id
        self._followers[name] = follower
        task = asyncio.create_task(follower.run(), name=f"ticket {name}")
        self._tasks[name] = task
        task.add_done_callback(lambda _: self._forget(name))

    def _forget(self, name: str) -> None:
        del self._followers[name], self._tasks[name]
