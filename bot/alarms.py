"""Does what is due: waits for the earliest timer, and finds those that were due while nobody was here.

Rule: a timer is done when its handler returns, which may be called for it more than once and so looks first at what is there.
What cannot be done for now is tried again, and keeps nothing else waiting; so does whatever is about a server that Discord
tells nothing of at this moment. The clock on the wall counts, and is looked at again and again, for it may jump.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog
from sqlalchemy.exc import DBAPIError

from bot.engine_client import ExternalWait
from bot.errors import is_passing, short
from bot.storage.timers import Timer, TimerKind, Timers
from engine.protocol import CrashPoint, reach

log = structlog.get_logger(__name__)

LOOK_SECONDS = 3600.0  # at most between two looks at the clock
RETRY_SECONDS = 60.0
STALE_SECONDS = 24 * 3600.0  # after which what was to happen is no news to anybody
HANDLER_SECONDS = 900.0  # for one thing, after which it is tried again
AT_ONCE = 8  # of one kind: many weeks end in the same minute, and no duel waits for them


class Later(Exception):  # noqa: N818 - an answer, not a fault
    """A timer's handler cannot do for now what is due; why, for the log. `seconds` until the next try."""

    def __init__(self, why: str, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(why)


Clock = Callable[[], float]  # seconds since 1970
Handler = Callable[[Timer, bool], Awaitable[None]]  # told whether it is so late that nobody is to hear of it


class Alarms:
    """All timers; who handles which is set before it is started. `is_away`: Discord does not tell of this server for now."""

    def __init__(
        self, timers: Timers, clock: Clock, external_wait: ExternalWait, is_away: Callable[[int], bool]
    ) -> None:
        self._timers, self.clock, self._external_wait = timers, clock, external_wait
        self._is_away = is_away
        self.handlers: dict[TimerKind, Handler] = {}
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._underway: dict[tuple[TimerKind, str], asyncio.Task[None]] = {}
        self._turns = {kind: asyncio.Semaphore(AT_ONCE) for kind in TimerKind}

    def start(self) -> None:
        """Begin, now that the channels are known; again, it looks at once."""
        self._woken.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="alarms")

    def wake(self) -> None:
        """A timer was set, perhaps for now."""
        self._woken.set()

    async def close(self) -> None:
        """Leave the rest to the next process."""
        tasks = [*self._underway.values()]
        tasks += [self._task] if self._task is not None else []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            try:
                pause = await self._look()
            except DBAPIError as error:
                log.warning("timers not looked at", error=short(error))
                pause = RETRY_SECONDS
            await self._external_wait(self._nap(pause), "the next timer")

    async def _look(self) -> float:
        """Begin with all that is due; seconds until there is more."""
        now = self.clock()
        for timer in await self._timers.due(now):
            key = timer.kind, timer.about
            if timer.kind in self.handlers and key not in self._underway:
                ringing = asyncio.create_task(self._ring(timer), name=f"{timer.kind} {timer.about}")
                self._underway[key] = ringing
        following = await self._timers.next_after(now)
        return LOOK_SECONDS if following is None else min(following - now, LOOK_SECONDS)

    async def _nap(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    async def _ring(self, timer: Timer) -> None:
        """Do one thing, as often as it takes, unless it is moved meanwhile."""
        try:
            while await self._timers.find(timer.kind, timer.about) == timer:
                async with self._turns[timer.kind]:
                    pause = await self._try(timer)
                if pause is None:
                    break
                await self._external_wait(asyncio.sleep(pause), "the next try")
        except DBAPIError as error:
            log.warning("timer not looked at", kind=timer.kind, error=short(error))
            await self._external_wait(asyncio.sleep(RETRY_SECONDS), "the next try")
        finally:
            del self._underway[timer.kind, timer.about]
            self._woken.set()  # it may have been moved

    async def _try(self, timer: Timer) -> float | None:
        """Do one thing once; seconds until the next try, None if there is none."""
        if timer.server_id is not None and self._is_away(timer.server_id):
            log.info("timer waits", kind=timer.kind, about=timer.about, why="its server is away")
            return RETRY_SECONDS
        try:
            async with asyncio.timeout(HANDLER_SECONDS):
                await self.handlers[timer.kind](timer, self.clock() > timer.due + STALE_SECONDS)
        except Later as later:
            log.info("timer waits", kind=timer.kind, about=timer.about, why=str(later))
            return later.seconds
        except Exception as error:
            if is_passing(error):
                log.warning("timer waits", kind=timer.kind, about=timer.about, error=short(error))
                return RETRY_SECONDS
            log.error("timer failed", kind=timer.kind, about=timer.about, exc_info=error)
        reach(CrashPoint.BOT_TIMER_RUNG)
        await self._timers.done(timer)
        return None
