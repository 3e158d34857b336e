"""The styles of the week of all servers: each announced in its time, and ended by a collage.

Rule: a step is stored before Discord hears of it and looked for before it is done again, so that everything is posted once.
A week goes on until the time that its announcement says. What cannot be done at its time is done once it can be: a style is
announced while two days are left of its week, and a collage, which members have painted for, until a week later.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from weakref import WeakValueDictionary

import discord
import structlog

from bot.alarms import Alarms, Later
from bot.engine_client import EngineClient
from bot.errors import BotError, BotErrorCode, EngineUnreachable, short
from bot.languages import speaking
from bot.orders import permissions
from bot.place import Place
from bot.storage.ledger import Entry, What
from bot.storage.museum import ServerStyleCard
from bot.storage.settings import ServerSettings
from bot.storage.store import Store
from bot.storage.tickets import BundledStyle
from bot.storage.timers import Timer, TimerKind
from bot.storage.weeks import Week, WeekState
from bot.styles.catalogue import Catalogue
from bot.styles.offer import Offer
from bot.tickets.posting import NOBODY, find, ids_of, send
from bot.week.calendar import next_time, zone_of
from bot.week.collage import Collages
from bot.week.entries import Entries
from bot.words import week as words
from bot.words.paintings import title_of
from bot.words.post import Picture, Post
from engine.protocol import CrashPoint, Refusal, StyleCard, reach

log = structlog.get_logger(__name__)

FRESH_STYLES = 8  # the last ones, of which none is chosen again while there are others
STUDY_BYTES = 2**20
STUDY_SECONDS = 10.0
LEAST_SECONDS = 24 * 3600.0  # that a week lasts
NEXT_SECONDS = 3.5 * 24 * 3600.0  # after a week has begun, in which no other one begins by itself
LATEST_SECONDS = 3600.0  # by which any week may begin late
LEFT_SECONDS = 2 * 24 * 3600.0  # of a week, if it is to begin late
LATE_SECONDS = 7 * 24 * 3600.0  # after its end, in which its collage is still posted
WAIT_SECONDS = 600.0  # between two looks at whether something can be posted


class Ending(NamedTuple):
    """What has become of a week that was to end: whether it has, and where its collage is, if there is one."""

    is_over: bool
    url: str | None = None


@dataclass
class Weekly:
    """What is done for all weeks; `of_announcement` makes what can be pressed beneath one, by the week's id and style."""

    client: discord.Client
    store: Store
    catalogue: Catalogue
    entries: Entries
    collages: Collages
    engine: EngineClient
    alarms: Alarms
    of_announcement: Callable[[str, str], discord.ui.View]
    _turns: WeakValueDictionary[int, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    def __post_init__(self) -> None:
        self.alarms.handlers[TimerKind.WEEK_BEGINS] = self._begins
        self.alarms.handlers[TimerKind.WEEK_ENDS] = self._ends
        self.alarms.handlers[TimerKind.WEEK_GONE] = self._is_gone

    # --- when ---------------------------------------------------------------------------------------------

    async def settle(self, server_id: int) -> None:
        """Let the timers be as a server has set them now, and as the clock goes."""
        settings, now = self.store.settings.server(server_id), self.alarms.clock()
        timers, about = self.store.timers, str(server_id)
        if settings.week_channel_id is None:
            await timers.drop(TimerKind.WEEK_BEGINS, about)
            return
        begins = Timer(TimerKind.WEEK_BEGINS, about, _next(settings.week_begins, settings, now), server_id)
        known = await timers.find(TimerKind.WEEK_BEGINS, about)
        if known is None or (known.due > now and known != begins):
            await timers.set(begins)
        await self._settle_end(server_id, settings, now)
        self.alarms.wake()

    async def _settle_end(self, server_id: int, settings: ServerSettings, now: float) -> None:
        week = await self.store.weeks.running(server_id)
        if week is None:
            return
        ends = _end(settings, week.begins, now)
        if week.state is WeekState.OPEN and week.ends > now and ends != week.ends:
            week = replace(week, ends=ends)
            await self.store.weeks.save(week, "ends")
            await self._tell_end(week)
        timer = Timer(TimerKind.WEEK_ENDS, str(server_id), week.ends, server_id)
        if await self.store.timers.find(timer.kind, timer.about) != timer:
            await self.store.timers.set(timer)

    async def settle_all(self) -> None:
        """The same for all servers that this process hears of."""
        for guild in self.client.guilds:
            if self.store.settings.server(guild.id).week_channel_id is not None:
                await self.settle(guild.id)

    # --- what moderators and members do -------------------------------------------------------------------

    async def plan(self, server_id: int, style: StyleCard | None, by_id: int) -> float:
        """Keep what a moderator has chosen for the next week; when that begins. Raises BotError NO_WEEK."""
        settings, _ = self._set_up(server_id)
        begins = _next(settings.week_begins, settings, self.alarms.clock())
        running = await self.store.weeks.running(server_id)
        if running is not None and running.ends > begins:
            begins = _next(settings.week_begins, settings, running.ends)
        if style is not None:
            channel_id = settings.week_channel_id or 0
            week = Week(server_id, channel_id, style.name, begins, begins, WeekState.PLANNED, by_id)
            await self.store.weeks.add(week)
        else:
            await self.store.weeks.forget_plan(server_id)
        return begins

    async def begin_now(self, server_id: int, style: StyleCard | None, by_id: int) -> str:
        """End the week that there is and begin another; the address of its announcement.

        Raises BotError NO_WEEK, and as `offer` does of a style that has gone meanwhile.
        """
        _, channel = self._set_up(server_id)
        async with self._turn(server_id):
            await self._make_way(server_id, channel)
            week = await self._new_week(server_id, channel, style, by_id, is_told=True)
            message_id = await self._announce(week, channel)
        return Place(server_id, channel.id).link(message_id) or ""

    async def end_now(self, server_id: int, by_id: int) -> Ending:
        """Post the collage of a week now; while nobody takes part, the week goes on. Raises BotError NO_WEEK."""
        _, channel = self._set_up(server_id)
        async with self._turn(server_id):
            week = await self.store.weeks.running(server_id)
            if week is None:
                raise BotError(BotErrorCode.NO_WEEK)
            if not await self.entries.of(week, channel):
                return Ending(is_over=False)
            now = self.alarms.clock()
            week = replace(week, ends=now)
            await self.store.weeks.save(week, "ends")
            # What this is cut off in, the alarms go on with.
            await self.store.timers.set(Timer(TimerKind.WEEK_ENDS, str(server_id), now, server_id))
            told = self._told(week, What.WEEK_ENDED, by_id)
            try:
                week = await self.collages.end(week, channel, told)
                await self.store.timers.drop(TimerKind.WEEK_ENDS, str(server_id))
            finally:
                self.alarms.wake()
        place = Place(server_id, channel.id)
        return Ending(is_over=True, url=place.link(week.collage_id) if week.collage_id else None)

    def offer(self, server_id: int) -> Offer:
        """What moderators choose from: the server's own styles too, but for those that are not for all to see."""
        return self.catalogue.offer_in(server_id, nsfw=False)

    def channel_of(self, server_id: int) -> discord.TextChannel:
        """Where there is a style of the week. Raises BotError NO_WEEK."""
        return self._set_up(server_id)[1]

    def _set_up(self, server_id: int) -> tuple[ServerSettings, discord.TextChannel]:
        settings, guild = self.store.settings.server(server_id), self.client.get_guild(server_id)
        channel = guild.get_channel(settings.week_channel_id or 0) if guild is not None else None
        if not isinstance(channel, discord.TextChannel):
            raise BotError(BotErrorCode.NO_WEEK)
        if lacking := permissions.lacking_for_week(channel):
            raise BotError(BotErrorCode.MISSING_PERMISSIONS, permissions=lacking)
        return settings, channel

    # --- timers -------------------------------------------------------------------------------------------

    async def _begins(self, timer: Timer, _is_stale: bool) -> None:
        server_id = int(timer.about)
        settings, now = self.store.settings.server(server_id), self.alarms.clock()
        if now <= max(_end(settings, timer.due, timer.due) - LEFT_SECONDS, timer.due + LATEST_SECONDS):
            async with self._turn(server_id):
                await self._begin(server_id, timer.due)
        settings, now = self.store.settings.server(server_id), self.alarms.clock()
        if settings.week_channel_id is not None:
            due = _next(settings.week_begins, settings, max(now, timer.due))
            await self.store.timers.set(Timer(timer.kind, timer.about, due, server_id))

    async def _begin(self, server_id: int, due: float) -> None:
        """Begin a week, unless one goes on for longer: a moderator's, or the one that a former process has begun."""
        week = await self.store.weeks.running(server_id)
        if week is not None and week.state is WeekState.OPEN and week.ends > due:
            return
        channel = self._channel(server_id)
        if channel is None:
            return
        if week is None or week.state is not WeekState.BEGUN:
            await self._make_way(server_id, channel)
            week = await self._new_week(server_id, channel, None, None)
        await self._announce(week, channel)

    async def _ends(self, timer: Timer, _is_stale: bool) -> None:
        server_id = int(timer.about)
        async with self._turn(server_id):
            week, now = await self.store.weeks.running(server_id), self.alarms.clock()
            if week is None or week.ends > now:  # it has ended, and another one may have begun
                return
            channel = self._channel(server_id) if now <= week.ends + LATE_SECONDS else None
            if channel is not None:
                await self.collages.end(week, channel)
            else:
                await self.store.weeks.save(replace(week, state=WeekState.OVER), "state")

    async def _is_gone(self, timer: Timer, is_stale: bool) -> None:
        """End a week whose style was taken back or removed: what announces it says so, and there is no collage."""
        async with self._turn(timer.server_id or 0):
            week = await self.store.weeks.find(timer.about)
            if week is None or week.state is not WeekState.WITHDRAWN:
                return
            if week.message_id is not None:
                channel = self.client.get_partial_messageable(week.channel_id)
                with speaking(self.store.settings.language(self.client.get_guild(week.server_id))):
                    text = words.WITHDRAWN()
                try:
                    message = channel.get_partial_message(week.message_id)
                    await message.edit(content=text, view=None, allowed_mentions=NOBODY)
                except discord.NotFound:
                    log.info("announcement gone", server=week.server_id)
                except discord.Forbidden as error:
                    if not is_stale:
                        raise Later(short(error), WAIT_SECONDS) from error
            await self.store.weeks.close(week)

    def _channel(self, server_id: int) -> discord.TextChannel | None:
        """Where there is a style of the week; None if nowhere. Raises Later: `/check` says why nothing is posted."""
        if self.store.settings.server(server_id).week_channel_id is None:
            return None
        if self.entries.policy.is_quiet(server_id):
            raise Later("it is off", WAIT_SECONDS)
        try:
            return self._set_up(server_id)[1]
        except BotError as error:
            raise Later(str(error), WAIT_SECONDS) from error

    # --- beginning ----------------------------------------------------------------------------------------

    async def _make_way(self, server_id: int, channel: discord.TextChannel) -> None:
        """End a week that is still there, as its times were changed."""
        week = await self.store.weeks.running(server_id)
        if week is not None:
            await self.collages.end(week, channel)

    async def _new_week(
        self,
        server_id: int,
        channel: discord.TextChannel,
        style: StyleCard | None,
        by_id: int | None,
        *,
        is_told: bool = False,
    ) -> Week:
        """Keep a new week; `is_told`: moderators are, as one of them has begun it."""
        begun_by = by_id if is_told else None
        settings, now = self.store.settings.server(server_id), self.alarms.clock()
        plan = await self.store.weeks.planned(server_id)
        if style is not None:  # which may have gone while the last week's collage was made
            chosen = self.offer(server_id).named(style.name).name
        else:
            chosen = await self._style(server_id, plan)
        if style is None:
            by_id = plan.by_id if plan is not None and plan.style == chosen else None
        ends = _end(settings, now, now)
        week = Week(server_id, channel.id, chosen, now, ends, by_id=by_id)
        await self.store.weeks.add(week, self._told(week, What.WEEK_BEGUN, begun_by))
        await self.store.timers.set(Timer(TimerKind.WEEK_ENDS, str(server_id), ends, server_id))
        reach(CrashPoint.BOT_WEEK_BEGUN)
        return week

    def _told(self, week: Week, what: What, by_id: int | None) -> list[Entry]:
        """What moderators are told, if it is one of them who begins or ends a week."""
        if by_id is None:
            return []
        with speaking(self.store.settings.language(self.client.get_guild(week.server_id))):
            title = title_of(self.catalogue.known(week.style))
        return self.store.entries(week.server_id, what, by_id, self.alarms.clock(), style=title)

    async def _style(self, server_id: int, plan: Week | None) -> str:
        """The style that was planned, or any of those on offer, but none of the last ones. Raises EngineUnreachable."""
        names = [style.name for style in self.catalogue.styles()]
        if not names:
            raise EngineUnreachable("no catalogue yet")
        if plan is not None and plan.style in {style.name for style in self.offer(server_id).styles}:
            return plan.style
        last = await self.store.weeks.styles(server_id, min(FRESH_STYLES, len(names) - 1))
        return random.choice([name for name in names if name not in last])  # noqa: S311 - no secret

    async def _announce(self, week: Week, channel: discord.TextChannel) -> int:
        """Post what opens a week, unless it is there; the message. Raises what Discord does."""
        message_id = await find(self.client, channel, lambda message: week.id in ids_of(message))
        if message_id is None:
            style = self.catalogue.known(week.style)
            with speaking(self.store.settings.language(channel.guild)):
                text = words.announcement(style, week.ends, week.by_id, self._original(week))
                post = Post(text, await self._study(style, week))
                view = self.of_announcement(week.id, week.style)
            message_id = (await send(channel, f"{week.id}a", post, view)).id
        reach(CrashPoint.BOT_WEEK_ANNOUNCED)
        opened = replace(week, message_id=message_id, state=WeekState.OPEN)
        await self.store.weeks.save(opened, "message_id", "state")
        reach(CrashPoint.BOT_WEEK_OPENED)
        log.info("style of the week announced", server=week.server_id, style=week.style)
        self.alarms.wake()
        return message_id

    async def _study(self, style: StyleCard | BundledStyle, week: Week) -> Picture | None:
        """The picture of a style, or none if the engine does not send it: the words say it too.

        Of a server's own none is posted: its author has said yes to its being painted in.
        """
        if not isinstance(style, StyleCard) or isinstance(style, ServerStyleCard):
            return None
        with suppress(Refusal, EngineUnreachable, TimeoutError):
            async with asyncio.timeout(STUDY_SECONDS):
                study = await self.engine.study(style.name, STUDY_BYTES)
            return words.study(style, study.data, week.id)
        return None

    def _original(self, week: Week) -> str | None:
        """The address of the picture that a server's own style is made of, for those who may see it."""
        own = self.store.museum.find(week.style)
        return Place(own.server_id, own.channel_id).link(own.message_id) if own is not None else None

    async def _tell_end(self, week: Week) -> None:
        """Let the announcement say when the collage comes."""
        if week.message_id is None:
            return
        message = self.client.get_partial_messageable(week.channel_id).get_partial_message(week.message_id)
        style, guild = self.catalogue.known(week.style), self.client.get_guild(week.server_id)
        with speaking(self.store.settings.language(guild)):
            text = words.announcement(style, week.ends, week.by_id, self._original(week))
        try:
            await message.edit(content=text, allowed_mentions=NOBODY)
        except discord.HTTPException as error:
            log.info("announcement not edited", server=week.server_id, code=error.code)

    def _turn(self, server_id: int) -> asyncio.Lock:
        return self._turns.setdefault(server_id, asyncio.Lock())


def _next(hour_of_week: int, settings: ServerSettings, after: float) -> float:
    return next_time(hour_of_week, zone_of(settings.week_zone), after)


def _end(settings: ServerSettings, begins: float, now: float) -> float:
    """When a week ends that began then: at the next time for that, or with the beginning of the next one."""
    ends = _next(settings.week_ends, settings, max(begins + LEAST_SECONDS, now))
    return min(ends, _next(settings.week_begins, settings, max(begins + NEXT_SECONDS, now)))
