"""One ticket's way to its result: fetch its images, submit, watch, show, deliver.

Rule: whatever fails is tried again or told; a follower ends only when its ticket is delivered or closed. It
can be stopped at any moment and begun anew from the stored ticket, and the result is still posted once.
"""

import asyncio
from collections.abc import Collection
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import Any

import discord
import structlog
from sqlalchemy.exc import DBAPIError

from bot import metrics
from bot.answers import log_refusal
from bot.engine_client import Ending, Update, Waiting
from bot.errors import (
    BotError,
    BotErrorCode,
    DiscordTrouble,
    EngineUnreachable,
    ImagesAway,
    NamedRefusal,
    is_disk_full,
    is_passing,
    short,
)
from bot.orders.admission import Hold
from bot.place import Place
from bot.storage.erasures import Erasure, Kind
from bot.storage.ledger import Entry, What
from bot.storage.museum import IMAGE
from bot.storage.posts import Posted, Role, erasure_of
from bot.storage.reactions import Spent
from bot.storage.settings import Output
from bot.storage.tickets import StopRequest, Ticket, TicketState, parts_of
from bot.tickets.asked import Asked
from bot.tickets.delivery import Delivery, posted
from bot.tickets.drafts import Look, look_for
from bot.tickets.handover import Handover
from bot.tickets.lineage import link_of
from bot.tickets.message import TicketMessage
from bot.tickets.outlet import shown_in
from bot.tickets.pauses import pauses
from bot.tickets.progress import ChannelPace
from bot.tickets.services import Services
from bot.tickets.watch import Watch
from bot.words import result as result_words
from bot.words import ticket as words
from bot.words.catalogue import Phrase
from bot.words.errors import APOLOGY, sentence
from bot.words.post import Post
from engine.protocol import (
    Cancelled,
    CrashPoint,
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
    Start,
    Started,
    reach,
)

log = structlog.get_logger(__name__)

FIT_SECONDS = 180.0  # of a token's life that no forecast may need: they err, and others come in between
MOVE_SECONDS = 120.0  # before a token is over, its member is told where their picture goes
TRIES = 3  # after an error that nobody foresaw
FETCH_SECONDS = 24 * 3600.0  # for Discord to hand out an attachment, after which it has none to hand out


class Follower:
    """The owner of one unfinished ticket."""

    def __init__(
        self,
        services: Services,
        ticket: Ticket,
        channel: ChannelPace,
        asked: Asked | None,
        is_resumed: bool = False,
    ) -> None:
        self.ticket = ticket
        self.message: TicketMessage | None = None
        self._services, self._channel, self._asked = services, channel, asked
        # A former process did not live to note what it did, nor whether the engine has taken it.
        self._is_resumed = self._may_be_shown = is_resumed
        self._may_be_taken = is_resumed and not ticket.sources
        self._delivery = Delivery(services.client, ticket, services.threads)
        # A former process was about to post the result: it may be there, or have been.
        self._may_be_gone = is_resumed and ticket.state is TicketState.DELIVERING
        self._nudge = asyncio.Event()
        self._watch: Watch | None = None
        self._fetching: asyncio.Task[None] | None = None
        self._is_dismissed = False  # nothing is kept of the ticket any more
        self._known: Waiting | None = None  # what whoever reads the ticket knows that it waits for
        self.newest: Update | None = None  # that is known of how it stands
        self.has_begun = False  # the painting, as far as the engine has told
        self.is_posting = False  # its result
        self._seen: dict[int, Posted] = {}  # messages that show it, of which Discord has told
        self._preview_seen: Preview | None = None  # of what there is to keep
        self._has_waited = is_resumed  # it was taken, whatever the engine says of the time then
        self._is_moving = False  # to another message, which is none too many
        self._is_told_late = False  # that it cannot be shown any more, and how it is had all the same
        self._turn = asyncio.Lock()  # of what delivers it, or goes on elsewhere

    # --- what others ask of it ----------------------------------------------------------------------------

    async def begin(self, hold: Hold) -> Update:
        """Fetch and submit once, and say how the ticket stands. Raises BotError, Refusal: it cannot be painted.

        Nothing is fetched before `hold` is granted its place.
        """
        try:
            await self._fetch(hold)
            update = await self._submit() if not self.must_end else Waiting()
        except EngineUnreachable as error:
            log.warning("engine away", ticket=self.ticket.id, detail=error.detail)
            update = Waiting(error.code, error.retry_after)
        except (DBAPIError, *DiscordTrouble) as error:
            log.warning("ticket waits", ticket=self.ticket.id, error=short(error))
            update = self._waiting(error)
        self._known = update if isinstance(update, Waiting) else None
        self._has_waited = self._has_waited or self._known is not None
        self.newest = update
        return update

    def _waiting(self, error: Exception) -> Waiting:
        """What a ticket waits for after a passing error in its beginning. Raises BotError NOT_FETCHED."""
        if is_disk_full(error):
            return Waiting(BotErrorCode.DISK_FULL)
        if not is_passing(error) or isinstance(error, DBAPIError):
            raise error
        if isinstance(error, ImagesAway):
            return Waiting(BotErrorCode.IMAGES_AWAY)
        if discord.utils.utcnow().timestamp() > self.ticket.created_at + FETCH_SECONDS:
            raise BotError(BotErrorCode.NOT_FETCHED, image="content") from error
        return Waiting(BotErrorCode.DISCORD_AWAY)

    def named(self, refusal: Refusal | Problem) -> NamedRefusal:
        """A refusal that calls the images of the ticket what its member calls them."""
        return NamedRefusal(refusal, {image.part: image.name for image in self.ticket.images})

    async def show_first(self, post: Post) -> None:
        """Post the ticket: in answer to whoever has asked, or else into its channel. Raises what Discord does."""
        self._is_moving = True  # if there was another message
        self.message = await self._post(post, self._buttons())
        reach(CrashPoint.BOT_TICKET_SHOWN)
        await self._note_message(self.message)

    async def _note_message(self, message: TicketMessage) -> None:
        place = self.ticket.place
        channel_id = message.channel_id or place.channel_id
        if channel_id is not None:  # by an interaction's token alone there is nothing to delete later
            now = discord.utils.utcnow().timestamp()
            server_id = place.server_id if place.channel_id is not None else None
            post = Posted(message.id, channel_id, server_id, self.ticket.id, Role.PROGRESS, now)
            if not await self._is_noted(post):
                message.gone = True
                await self.request_stop(StopRequest.CANCEL)
        reach(CrashPoint.BOT_MESSAGE_NOTED)
        noted: dict[str, Any] = {"message_id": message.id}
        settled = self._delivery.settled()
        if shown_in(settled).channel_id == channel_id:  # not if its thread has to wait
            noted |= {"output": settled.output, "output_id": settled.output_id}
        if self.ticket.place.channel_id is None and message.channel_id is not None:
            # Written to directly, the member has a channel now, in which the next process finds the ticket.
            noted["place"] = Place(None, message.channel_id)
        await self._note(answered=not message.is_by_token, **noted)  # the next process needs the token too
        reach(CrashPoint.BOT_MESSAGE_STORED)
        self._is_moving = False
        await self._drop_doubles()

    async def seen(self, post: Posted) -> None:
        """Discord tells of a message that shows the ticket; of two, which a lost answer makes, one goes."""
        self._seen[post.message_id] = post
        await self._drop_doubles()

    async def _drop_doubles(self) -> None:
        if self.ticket.message_id is None or self._is_moving:
            return
        doubles = [post for post in self._seen.values() if post.message_id != self.ticket.message_id]
        self._seen.clear()
        if doubles:
            log.info("ticket shown twice", ticket=self.ticket.id)
            await self._services.store.erasures.add(*(erasure_of(post, post.at) for post in doubles))
            self._services.eraser.wake()

    async def _is_noted(self, post: Posted) -> bool:
        """Note a message of the ticket's; False if it, or the ticket, was deleted meanwhile: then both go."""
        if self.must_end and post.role is Role.RESULT:  # it was on its way when its source was deleted
            await self._services.store.erasures.add(erasure_of(post, post.at))
        elif await self._services.store.posts.add(post):
            return True
        self._services.eraser.wake()
        return False

    async def _post(self, post: Post, buttons: discord.ui.View) -> TicketMessage:
        asked = self._asked
        if asked is not None and asked.is_over(discord.utils.utcnow()):
            asked = None
        if self._may_be_shown:
            there = await self._delivery.find_ticket()
            if there is not None:
                return there
        self._may_be_shown = True  # from here on, although nothing may be heard of it
        if asked is not None and self._delivery.is_in_its_channel:
            try:
                return await asked.show(self.ticket.place, post, buttons)
            except discord.HTTPException as error:
                if is_passing(error) or self._must_stay:
                    raise
                log.info("ticket not shown by its token", ticket=self.ticket.id, error=short(error))
        self._asked = None
        message = await self._delivery.post_ticket(post, buttons)
        if asked is not None:
            await asked.point_at(replace(self.ticket.place, channel_id=message.channel_id).link(message.id))
        return message

    def _buttons(self) -> discord.ui.View:
        return self._services.views.of_ticket(self.ticket, self._preview_seen)

    async def request_stop(self, stop_request: StopRequest, spent: Spent | None = None) -> None:
        """Keep what a button asks; it is carried out as soon as the engine is there to hear it."""
        if self.must_end:
            return
        try:
            await self._note(stop_request=stop_request, spent=spent)
        except DBAPIError as error:
            if not is_disk_full(error):
                raise
            self.ticket = replace(self.ticket, stop_request=stop_request)  # this process knows at least
        reach(CrashPoint.BOT_STOP_STORED)
        self._nudge.set()

    async def pass_on_stop(self) -> None:
        """Tell the engine what a button has asked for; if it is away, it is told later."""
        with suppress(EngineUnreachable, Refusal):
            await self.carry_out_stop()

    def withdraw(self, why: StopRequest = StopRequest.WITHDRAWN) -> None:
        """What it is made of is gone, and `why`: end as soon as may be, and say so."""
        self.ticket = replace(self.ticket, stop_request=why)
        self._wake()

    def dismiss(self) -> None:
        """Nothing is kept of the ticket any more: end without a word."""
        self._is_dismissed = True
        self._wake()

    def _wake(self) -> None:
        if self._fetching is not None:
            self._fetching.cancel()
        self._nudge.set()
        if self._watch is not None:
            self._watch.wake()

    def heard(self, event: Event) -> None:
        """The engine has told this of its job."""
        self.newest = event
        self.has_begun = self.has_begun or isinstance(event, Started | Preview)

    async def is_painted(self) -> bool:
        """Whether painting has begun, as far as can be told: nobody has told a process that has just started."""
        job = self.ticket.job_id
        if self.has_begun or job is None or isinstance(self.newest, Queued):
            return self.has_begun
        with suppress(EngineUnreachable, Refusal):
            return (await self._services.engine.job(job)).state is not JobState.QUEUED
        return True

    @property
    def _must_stay(self) -> bool:
        """Whether it is shown where it was asked for or nowhere: what is age-restricted goes into no direct message."""
        return self.ticket.place.is_by_token and self.ticket.nsfw

    @property
    def must_end(self) -> bool:
        """Whether it ends without a picture, whatever the engine says."""
        return self._is_dismissed or self.ticket.stop_request.is_void

    async def abandoned(self) -> None:
        """The ticket's message was deleted, which is a way to cancel."""
        if self.message is not None:
            self.message.gone = True
        await self.request_stop(StopRequest.CANCEL)
        await self.pass_on_stop()

    async def taken_back(self) -> None:
        """Whoever has reacted took it back, which is a way to cancel of which nothing is said."""
        reaction = self.ticket.reaction
        spent = Spent(reaction, is_refused=False) if reaction is not None else None
        await self.request_stop(StopRequest.TAKEN_BACK, spent)
        await self.pass_on_stop()

    async def close(self, why: str) -> None:
        """End the ticket without a picture, and say why. Raises what keeps Discord from showing it for now."""
        if self._watch is not None:
            await self._watch.close()  # a frame that is on its way is not to come after the last word
        if self._is_dismissed:
            if self.message is not None and self.message.is_by_token:  # which is in no list of what is to go
                await self.message.remove(words.closed_ticket(self.ticket, words.DELETED()))
            return await self._services.inbox.drop(self.ticket.id)
        # Shown before it is noted: cut off in between, the next process closes it once more.
        if self.message is not None:
            closed = words.closed_ticket(self.ticket, why)
            if self.ticket.stop_request is StopRequest.TAKEN_BACK:
                await self.message.remove(closed)
            else:
                await self.message.show(closed, None, insist=True)
        reach(CrashPoint.BOT_CLOSING)
        may_tap_again = self.ticket.stop_request in (StopRequest.NONE, StopRequest.SWITCHED_OFF)
        # One that was never shown still owes its member the reason, which whoever handed it in will say.
        is_shown, reaction = self.message is not None, self.ticket.reaction
        spent = Spent(reaction, is_refused=is_shown) if may_tap_again and reaction is not None else None
        await self._note(is_shown, spent=spent, state=TicketState.CLOSED, sources=())
        reach(CrashPoint.BOT_CLOSED)
        return await self._services.inbox.drop(self.ticket.id)

    # --- its own way --------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Follow the ticket to its end."""
        with self._services.speaking_of(self.ticket):
            moving = asyncio.create_task(self._move_in_time(), name=f"token of ticket {self.ticket.id}")
        try:
            with self._services.speaking_of(self.ticket):
                await self._run()
        finally:
            moving.cancel()
            (failed,) = await asyncio.gather(moving, return_exceptions=True)
            if isinstance(failed, Exception):
                log.error("ticket not moved", ticket=self.ticket.id, exc_info=failed)
            if self._watch is not None:
                await self._watch.close()

    async def _run(self) -> None:
        failures = 0
        for pause in pauses():
            try:
                await (self._follow() if failures < TRIES else self.close(APOLOGY()))
                return
            except Exception as error:
                if self._services.store.health.is_damaged:  # which is said, and for the next process
                    return
                if is_passing(error):
                    log.warning("ticket waits", ticket=self.ticket.id, error=short(error))
                else:
                    log.exception("ticket failed", ticket=self.ticket.id)
                    failures += 1
            await self.nap(pause)

    async def _move_in_time(self) -> None:
        """Before the token is over by which it is shown, go on where none is needed."""
        asked = self._asked
        if asked is None or not self.ticket.place.is_by_token:
            return
        left = asked.seconds_left(discord.utils.utcnow()) - MOVE_SECONDS
        await self._services.external_wait(asyncio.sleep(max(left, 0.0)), "the end of a token")
        for pause in pauses():
            try:
                async with self._turn:
                    await self._move()
                return
            except (DBAPIError, *DiscordTrouble) as error:
                log.warning("ticket not moved yet", ticket=self.ticket.id, error=short(error))
            if asked.is_over(discord.utils.utcnow()):
                return
            await self._services.external_wait(asyncio.sleep(pause), "the next try to move a ticket")

    async def _move(self) -> None:
        """Go on in the member's direct messages, or say how the picture is had where they are closed.

        Raises what a later try may mend.
        """
        shown, is_wanted = self.message, self.ticket.stop_request is StopRequest.NONE
        if (
            shown is None
            or not shown.is_by_token
            or self.ticket.state is not TicketState.OPEN
            or not is_wanted
        ):
            return
        if self._must_stay:
            await self._tell_late(shown, words.LATE_RESTRICTED)
            return
        now = discord.utils.utcnow()
        self._is_moving = True
        try:
            moved = await self._delivery.find_ticket() if self._is_resumed else None
            if moved is None:
                post = words.open_ticket(self.ticket, self.newest, now)
                moved = await self._delivery.post_ticket(post, self._buttons())
        except discord.HTTPException as error:
            self._is_moving = False
            if is_passing(error):
                raise
            log.info("ticket not moved", ticket=self.ticket.id, error=short(error))
            await self._tell_late(shown, words.LATE)
            return
        reach(CrashPoint.BOT_TICKET_MOVED)
        self.message = moved
        await self._note_message(moved)
        self._delivery = Delivery(self._services.client, self.ticket, self._services.threads)
        link = self.ticket.place.link(moved.id)
        await shown.show(words.moved_ticket(self.ticket, link or ""), None)

    async def _tell_late(self, shown: TicketMessage, why: Phrase) -> None:
        await shown.show(words.late_ticket(self.ticket, why), self._buttons(), insist=True)
        self._is_told_late = True

    async def _follow(self) -> None:
        if self.ticket.state is TicketState.DELIVERING and await self._was_delivered():
            return
        try:
            await self._reach_engine()
            await self._conclude(self.ticket.job_id)
        except EngineUnreachable:
            raise
        except BotError as refusal:
            await self.close(sentence(refusal))
        except Refusal as refusal:
            if self.ticket.job_id is None and self.ticket.stop_request is not StopRequest.NONE:
                await self.close(self._why_stopped())  # the engine does not have it
                return
            if refusal.code is ErrorCode.NOT_FOUND and self.ticket.job_id is not None:
                await self._note(job_id=None)  # the engine has lost the job, so it gets it again
                raise EngineUnreachable(f"job lost: {refusal}") from refusal
            await self._refused(refusal)

    async def _conclude(self, job: str | None) -> None:
        ending = await self._watched(job) if job is not None else Cancelled()
        match job, ending:
            case str(), Finished():
                await self._deliver(job, ending)
            case _, Failed():
                await self._refused(ending.error)
            case _:
                await self.close(self._why_stopped())

    def _why_stopped(self) -> str:
        return words.stopped(self.ticket)

    async def _refused(self, refusal: Refusal | Problem) -> None:
        log.info("ticket refused", ticket=self.ticket.id, code=refusal.code)
        metrics.REFUSED.labels(refusal.code).inc()
        log_refusal(refusal, ticket=self.ticket.id)
        await self.close(sentence(self.named(refusal)))

    async def _reach_engine(self) -> None:
        """Submit until it succeeds, or until the member no longer wants what the engine cannot have."""
        if not self.must_end or self._asked is not None:
            await self._post_if_missing()
        for pause in pauses():
            is_stopped = self.ticket.stop_request is not StopRequest.NONE
            is_over = self.must_end or (is_stopped and not self._may_be_taken)
            if self.ticket.job_id is not None or is_over:
                return
            known = self._known
            with self._services.admission.hold(self.ticket.request.owner, is_counted=True) as hold:
                update = await self.begin(hold)
            if isinstance(update, Waiting):
                if update != known or is_stopped:
                    await self.show(update)
                await self.nap(_at_least(update.seconds, pause))

    async def _fetch(self, hold: Hold) -> None:
        if self.ticket.sources:
            await self._services.admission.grant(hold)
            self._fetching = asyncio.create_task(self._services.fetcher.fetch(self.ticket), name="fetching")
            try:
                await self._fetching
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if not self.must_end or (task is not None and task.cancelling()):
                    raise
                return
            reach(CrashPoint.BOT_IMAGES_FETCHED)
            await self._note(sources=())

    async def _submit(self) -> Update:
        ticket = self.ticket
        self._services.store.museum.require(ticket)
        try:
            view = await self._hand_in()
        except EngineUnreachable as error:
            self._may_be_taken = self._may_be_taken or error.is_unsure
            raise
        except Refusal as refusal:
            fewer = _fewer(refusal)
            if fewer is None or fewer >= len(ticket.styles):
                raise
            return await self._submit_fewer(fewer)
        reach(CrashPoint.BOT_SUBMITTED)
        await self._require_in_time(view)
        await self._note(job_id=view.id)
        reach(CrashPoint.BOT_JOB_STORED)
        return _standing(view)

    async def _hand_in(self) -> JobView:
        """Submit it with its images; of the server's styles there is one copy each, so that nothing is left when it goes."""
        ticket, services = self.ticket, self._services
        previous = {"previous"} if ticket.request.start is Start.PREVIOUS else set()
        needed = parts_of(ticket.request) | previous
        async with AsyncExitStack() as stack:
            parts = dict(await stack.enter_async_context(services.inbox.opened(ticket.id)))
            for part, style in ticket.own_styles.items():
                files = await stack.enter_async_context(services.museum.opened(style))
                parts |= {part: files[IMAGE]} if IMAGE in files else {}
            if not needed <= parts.keys():
                raise BotError(BotErrorCode.PICTURE_GONE)
            return await services.engine.submit(
                ticket.id, ticket.request, {part: parts[part] for part in sorted(needed)}
            )

    async def _require_in_time(self, view: JobView) -> None:
        """See that whoever asks by a token alone has their picture before it is over. Raises BotError TOO_LONG_HERE.

        What was taken once, because the engine was away, goes on elsewhere when it comes to that.
        """
        seconds, asked = view.eta_seconds, self._asked
        if not self.ticket.place.is_by_token or asked is None or seconds is None or self._has_waited:
            return
        now = discord.utils.utcnow()
        if seconds <= asked.seconds_left(now) - FIT_SECONDS:
            return
        await self._services.store.erasures.add(Erasure(Kind.JOB, self.ticket.id, now.timestamp()))
        self._services.eraser.wake()
        raise BotError(BotErrorCode.TOO_LONG_HERE, seconds=seconds)

    async def _submit_fewer(self, styles: int) -> Update:
        """Try out the first of the styles, as many as may be at once: nobody can leave some out by a tap."""
        request = self.ticket.request.model_copy(update={"styles": self.ticket.request.styles[:styles]})
        await self._note(request=request, styles=self.ticket.styles[:styles])
        return await self._submit()

    async def _watched(self, job: str) -> Ending:
        if self._watch is not None:
            await self._watch.close()
        self._watch = Watch(self._services, job, self, self._channel)
        return await self._watch.ending()

    async def carry_out_stop(self) -> None:
        """Tell the engine of a stop, if there is one and a job. Raises Refusal, EngineUnreachable."""
        job = self.ticket.job_id
        if job is None:
            return
        match self.ticket.stop_request:
            case StopRequest.NONE:
                return
            case StopRequest.FINISH:
                await self._services.engine.finish(job)
            case _:
                await self._services.engine.cancel(job)

    async def show(self, update: Update) -> None:
        """Have the ticket's message show an update, if it is there."""
        if self.message is None or self.message.gone or self._is_told_late:
            return
        is_frame = isinstance(update, Preview) and self._delivery.may_show_frames()
        image = await self._preview(update.n) if isinstance(update, Preview) and is_frame else None
        if is_frame and image is None:
            return
        post = words.open_ticket(self.ticket, update, discord.utils.utcnow(), image)
        if isinstance(update, Preview):
            self._preview_seen = update
        await self.message.show(post, self._buttons())

    async def _post_if_missing(self) -> None:
        """After a crash between storing and showing, show the ticket after all; once, though it may be there."""
        if self.message is not None:
            if self.ticket.message_id is None:
                await self._note_message(self.message)
            return
        if self._must_stay and (self._asked is None or self._asked.is_over(discord.utils.utcnow())):
            return
        post = words.open_ticket(self.ticket, self._known, discord.utils.utcnow())
        try:
            await self.show_first(post)
        except discord.HTTPException as error:
            if is_passing(error):
                raise
            log.warning("ticket not shown", ticket=self.ticket.id, code=error.code)

    async def _deliver(self, job: str, finished: Finished) -> None:
        async with self._turn:
            await self._hand_over(finished)

    async def _hand_over(self, finished: Finished) -> None:
        handover = self._handover(finished)
        await handover.fetch()
        reach(CrashPoint.BOT_RESULT_FETCHED)
        if self._is_resumed and await self._was_delivered():  # after the backup that this was restored from
            return None
        await self._note(state=TicketState.DELIVERING)
        if self.must_end:
            return await self._conclude(None)
        reach(CrashPoint.BOT_DELIVERING)
        if self._watch is not None:
            await self._watch.close()  # a frame that Discord still holds back is not to come after the result
        self.is_posting = True
        try:
            message = await handover.post()
            reach(CrashPoint.BOT_RESULT_POSTED)
            if message is not None and handover.is_by_token:
                await self._note(result_message_id=message.id)
                return await self._end()
            if message is not None:
                return await self._delivered(message)
        finally:
            self.is_posting = False
        return await self._undeliverable(result_words.undelivered(handover.hindrance, self.ticket))

    def _handover(self, finished: Finished) -> Handover:
        services, ticket = self._services, self.ticket
        limit = max(ticket.upload_limit or 0, ticket.place.upload_limit(services.client))
        shown = self.message if ticket.place.is_by_token else None
        return Handover(
            ticket, finished, self._delivery, services.engine, services.store, services.views, limit, shown
        )

    async def _undeliverable(self, why: str) -> None:
        """End the ticket with a picture that is kept and shown nowhere, because nobody takes it."""
        if self.message is not None:
            await self.message.show(words.closed_ticket(self.ticket, why), None, insist=True)
        reach(CrashPoint.BOT_UNDELIVERABLE)
        await self._end()

    async def _end(self) -> None:
        """The result is where it is to be, which may be nowhere for now."""
        ticket = self.ticket
        told = []
        if ticket.result_message_id is not None:
            about = (ticket.place.server_id, What.PAINTED, ticket.user_id, discord.utils.utcnow().timestamp())
            told = self._services.store.entries(*about, ticket.author_id, ticket=ticket.id)
        await self._note(state=TicketState.DELIVERED, answered=True, told=told)
        if self._is_dismissed:
            return await self._result_gone()
        reach(CrashPoint.BOT_RESULT_STORED)
        await self._services.store.drafts.done(self.ticket.id)
        return await self._services.shelf.keep(self.ticket.id, self._services.inbox.place(self.ticket.id))

    async def _preview(self, n: int) -> bytes | None:
        """Preview `n`, unless the engine has it no more."""
        try:
            return await self._services.engine.preview(self.ticket.job_id or "", n)
        except (Refusal, EngineUnreachable) as error:
            log.info("preview skipped", ticket=self.ticket.id, preview=n, error=str(error))
            return None

    async def _was_delivered(self) -> bool:
        if self.ticket.result_message_id is not None and self.ticket.place.is_by_token:
            await self._end()
            return True
        if self.ticket.result_message_id is not None:
            post = await self._services.store.posts.find(self.ticket.result_message_id)
            if post is None:  # somebody has deleted it meanwhile
                await self._result_gone()
            else:
                await self._tidy_up(post)
            return True
        draft = await self._services.store.drafts.find(self.ticket.id)
        look = await look_for(self._services.client, draft) if draft is not None else Look()
        message = next(iter(look.messages), None) or await self._delivery.find_result()
        if message is not None:
            await self._delivered(message)
            return True
        if self._may_be_gone and not look.is_sure and self.message is not None:
            await self._offer(self.message)
            return True
        self._may_be_gone = False
        return False

    async def _offer(self, message: TicketMessage) -> None:
        """Let the member say whether the result is to be posted: it may have been, and then somebody has deleted it."""
        log.info("result offered", ticket=self.ticket.id)
        offered = words.closed_ticket(self.ticket, result_words.INTERRUPTED())
        await message.show(offered, self._services.views.of_interrupted(self.ticket), insist=True)
        reach(CrashPoint.BOT_RESULT_OFFERED)
        await self._end()

    async def _delivered(self, message: discord.Message) -> None:
        if not await self._is_noted(posted(message, self.ticket.id, Role.RESULT)):
            return await self._result_gone()
        await self._note(result_message_id=message.id)
        reach(CrashPoint.BOT_RESULT_NOTED)
        post = await self._services.store.posts.find(message.id)
        return await (self._tidy_up(post) if post is not None else self._result_gone())

    async def _tidy_up(self, result: Posted) -> None:
        """What is left to do once the result is there, and noted."""
        # Removed before it is noted: cut off in between, the next process finds the result and removes again.
        if self.message is not None:
            await self._leave(self.message, result)
        reach(CrashPoint.BOT_TICKET_REMOVED)
        return await self._end()

    async def _result_gone(self) -> None:
        """The result was deleted while it was being delivered: it is not posted again."""
        if self.message is not None:
            await self.message.remove(words.closed_ticket(self.ticket, words.DELETED()))
        now = discord.utils.utcnow().timestamp()
        await self._services.store.deletions.erase([self.ticket.id], now)
        await self._services.store.drafts.done(self.ticket.id)
        self._services.eraser.wake()
        await self._services.inbox.drop(self.ticket.id)

    async def _leave(self, shown: TicketMessage, result: Posted) -> None:
        """What becomes of the message that has shown the ticket: where its result is elsewhere, it says where."""
        posts, url = self._services.store.posts, link_of(result)
        is_elsewhere = self.ticket.output is Output.RESULTS and result.channel_id != shown.channel_id
        if is_elsewhere and result.server_id is not None:
            await shown.show(result_words.in_results(self.ticket, url), None)
            if (post := await posts.find(shown.id)) is not None:
                await posts.add(replace(post, role=Role.NOTICE))
            return
        await shown.remove(words.finished_ticket(url))
        if shown.gone:
            await posts.gone(shown.id)
            await posts.forget(shown.id)

    async def nap(self, seconds: float) -> None:
        """Wait, but not longer than until a button is pressed."""
        await self._services.external_wait(self._until_nudged(seconds), "the next try")

    async def _until_nudged(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._nudge.wait()
        self._nudge.clear()

    async def _note(
        self,
        answered: bool = False,
        told: Collection[Entry] = (),
        spent: Spent | None = None,
        **values: Any,
    ) -> None:
        changed = replace(self.ticket, **values)
        save = self._services.store.tickets.save
        if not await save(changed, *values, answered=answered, told=told, spent=spent):
            self.dismiss()
        elif "state" in values:
            waited = discord.utils.utcnow().timestamp() - changed.created_at
            metrics.count_end(changed.state, waited)
            log.info(f"ticket {changed.state}", ticket=changed.id, after_seconds=round(waited, 1))
        self.ticket = replace(self.ticket, **values)  # somebody else may have changed the rest meanwhile


def _fewer(refusal: Refusal) -> int | None:
    """How many styles can be tried out at once, if that is what a refusal says."""
    styles = refusal.facts.get("styles")
    return styles if refusal.code is ErrorCode.AUDITION_TOO_LONG and isinstance(styles, int) else None


def _at_least(seconds: float | None, pause: float) -> float:
    """The pause that the engine asks for, and somewhat more so that tickets spread; else our own."""
    return pause if seconds is None else max(seconds, 1.0) + min(pause, seconds)


def _standing(view: JobView) -> Update:
    if view.state is JobState.QUEUED:
        return Queued(position=view.position or 1, eta_seconds=view.eta_seconds)
    return Started(attempt=1, eta_seconds=view.eta_seconds or 0.0)
