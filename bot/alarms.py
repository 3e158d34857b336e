"""Does what is due: one task that waits for the earliest timer, also for one that was due while nobody was here.

Rule: a timer is done when its handler returns, which may be called for it more than once and so looks first at what is there.
What cannot be done for now is tried again, and keeps nothing else waiting. The clock on the wall counts, and is looked at
again and again, for it may jump.
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

Clock = Callable[[], float]  # seconds since 1970
Handler = Callable[[Timer, bool], Awaitable[None]]  # told whether it is so late that nobody is to hear of it


class Alarms:
    """All timers; who handles which is set before it is started."""

    def __init__(self, timers: Timers, clock: Clock, external_wait: ExternalWait) -> None:
        self._timers, self.clock, self._external_wait = timers, clock, external_wait
        self.handlers: dict[TimerKind, Handler] = {}
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, now that the channels are known; again, it looks at once."""
        self._woken.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="alarms")

    def wake(self) -> None:
        """A timer was set, or what one waited for may be there."""
        self._woken.set()

    async def close(self) -> None:
        """Leave the rest to the next process."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            try:
                pause = RETRY_SECONDS if await self._ring() else await self._until_next()
            except DBAPIError as error:
                log.warning("timers not looked at", error=short(error))
                pause = RETRY_SECONDS
            await self._external_wait(self._nap(pause), "the next timer")

    async def _until_next(self) -> float:
        earliest = await self._timers.earliest()
        if earliest is None:
            return LOOK_SECONDS
        return min(max(earliest - self.clock(), 0.0), LOOK_SECONDS)

    async def _nap(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    async def _ring(self) -> bool:
        """Do all that is due, once; whether something is left that has to be tried again."""
        now = self.clock()
        left = False
        for timer in await self._timers.due(now):
            handler = self.handlers.get(timer.kind)
            if handler is not None and not await self._is_done(
                handler, timer, now > timer.due + STALE_SECONDS
            ):
                left = True
                continue
            reach(CrashPoint.BOT_TIMER_RUNG)
            await self._timers.done(timer)
        return left

    async def _is_done(self, handler: Handler, timer: Timer, is_stale: bool) -> bool:
        try:
            await handler(timer, is_stale)
        except Exception as error:
            if is_passing(error):
                log.warning("timer waits", kind=timer.kind, about=timer.about, error=short(error))
                return False
            log.error("timer failed", kind=timer.kind, about=timer.about, exc_info=error)
        return True
