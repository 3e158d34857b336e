"""Which jobs and files go, and when.

Rule: a file that a job still needs is never touched; what it needs is `engine.service.job.files_of`. At a start, when
nobody else writes, what a crash has left of a job that is open goes at once, and what has no job is moved aside, never
deleted; what it has left of one that is over goes right after, for there may be tens of thousands to look through.
While the engine runs, nothing goes at the first sight: a clock can be wrong for a while, and a file may be on its way.
What is due at two looks, an hour apart by the clock that cannot be set, goes.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache

import structlog

from engine.protocol import MAX_SNAPSHOTS, CrashPoint, ImageFormat, JobState, reach
from engine.service.job import files_of
from engine.storage.files import kept_files
from engine.storage.jobs import JobStore, Outline

log = structlog.get_logger()

LOOKS_APART = 3600.0  # seconds
ORPHAN_SECONDS = 7 * 24 * 3600.0
SPARED_SECONDS = 600.0  # after a job's end, in which its result can be fetched however little may be kept
AT_ONCE = 500  # jobs that a thread looks through, which a stop of the engine waits for
SHOWN = 10  # ids in a line of the log

Clock = Callable[[], float]
Needs = Mapping[str, Collection[str] | None]


class TwoLooks:
    """What was due at every look for LOOKS_APART seconds."""

    def __init__(self, monotonic: Clock) -> None:
        self._monotonic = monotonic
        self._since: dict[str, float] = {}

    def due(self, found: Iterable[str]) -> list[str]:
        """Take in what is found due at this look; returns what is to go."""
        now = self._monotonic()
        self._since = {name: self._since.get(name, now) for name in found}
        return [name for name, since in self._since.items() if now - since >= LOOKS_APART]


class Retention:
    """That of one store: `tidy` before new jobs come in, then a `look` now and then.

    keep_seconds: of a job after its end. keep_bytes: of all paintings together. clock: seconds since the epoch.
    """

    def __init__(
        self,
        store: JobStore,
        keep_seconds: float,
        keep_bytes: int,
        *,
        clock: Clock = time.time,
        monotonic: Clock = time.monotonic,
    ) -> None:
        self._store, self._files = store, store.files
        self._keep_seconds, self._keep_bytes = keep_seconds, keep_bytes
        self._clock, self._monotonic = clock, monotonic
        self._old, self._surplus, self._aside = (TwoLooks(monotonic) for _ in range(3))
        # Jobs that were over at the start, until they are looked at.
        self._over_before: AbstractSet[str] = frozenset()
        self._newest: float | None = None
        self._swept: float | None = None  # when, by the monotonic clock

    async def tidy(self) -> None:
        """Put in order what the last run of the engine has left, as far as nobody may write meanwhile."""
        await asyncio.to_thread(self._files.remove_unfinished)
        jobs, needs = await self._store.ids(), await self._open_needs()
        folders = await asyncio.to_thread(self._files.jobs)
        await asyncio.to_thread(self._move_aside, [job for job in folders if job not in jobs])
        await asyncio.to_thread(self._remove_surplus, needs)
        self._tell_missing(needs, set(folders))
        self._over_before = jobs - needs.keys()
        await self._tell_clock()

    async def look(self) -> None:
        """Remove what is old, then the oldest paintings while they are too many, then what nobody needs."""
        await self._look_back()
        await self._expire()
        await self._keep_within_bytes()
        if self._swept is None or self._monotonic() - self._swept >= LOOKS_APART:
            await self._sweep()
            self._swept = self._monotonic()

    async def make_room(self) -> None:
        """On a full disk, remove at the first sight what is old however wrong the clock is: beside the newest job."""
        newest = await self._newest_stored()
        if newest is not None:
            for job in await self._old_jobs(min(newest, self._clock())):
                await self._forget(job)
        await self.look()

    async def needed_files(self) -> dict[str, list[str]]:
        """Names of all files that are there and needed, by their jobs; of a job that cannot be read, all."""
        needs = await self._needs()
        return await asyncio.to_thread(self._there, needs)

    # --- what a crash has left ----------------------------------------------------------------------------

    async def _look_back(self) -> None:
        """Put in order, once, what was over before the start: nobody writes there any more."""
        over, self._over_before = self._over_before, frozenset()
        if not over:
            return
        # Before the rows: one that is deleted meanwhile misses none.
        folders = await asyncio.to_thread(self._files.jobs)
        needs = {o.id: _needed(o) for o in await self._store.outlines() if o.id in over}
        jobs = [*needs]
        for begin in range(0, len(jobs), AT_ONCE):
            some = jobs[begin : begin + AT_ONCE]
            await asyncio.to_thread(self._remove_surplus, {job: needs[job] for job in some})
        self._tell_missing(needs, set(folders))

    def _remove_surplus(self, needs: Needs) -> None:
        for job, needed in needs.items():
            try:
                if needed is not None and any(name not in needed for name in self._files.names(job)):
                    self._files.keep_only(job, needed)
            except OSError as error:
                log.error("files of a job cannot be seen", job=job, why=error.strerror)

    # --- what is old --------------------------------------------------------------------------------------

    async def _newest_stored(self) -> float | None:
        """When something was stored for the last time, as it was told first: later the clock may have been wrong."""
        if self._newest is None:
            self._newest = await self._store.latest()
        return self._newest

    async def _old_jobs(self, now: float) -> list[str]:
        old = await self._store.ended_before(now - self._keep_seconds)
        ended_here = self._store.ended_here(self._monotonic() - self._keep_seconds)
        return [job for job in old if job not in ended_here]

    async def _expire(self) -> None:
        for job in self._old.due(await self._old_jobs(self._clock())):
            await self._forget(job)
        orphans = await asyncio.to_thread(self._files.orphans_before, self._clock() - ORPHAN_SECONDS)
        for name in self._aside.due(orphans):
            await asyncio.to_thread(self._files.drop_orphan, name)

    async def _keep_within_bytes(self) -> None:
        finished = [o.id for o in await self._store.outlines() if o.state is JobState.FINISHED]
        sizes = await asyncio.to_thread(lambda: [self._files.size(job) for job in finished])
        spared = self._store.ended_here(self._monotonic() - SPARED_SECONDS)
        surplus = sum(sizes) - self._keep_bytes
        gone = 0
        for job, size in zip(finished, sizes, strict=True):
            if surplus <= 0:
                break
            if job not in spared:
                await self._forget(job)
                surplus, gone = surplus - size, gone + 1
        if gone:
            log.info("the oldest paintings were removed, as they are too many", count=gone)

    async def _forget(self, job: str) -> None:
        # Files first: on a full disk only that makes the room in which the row can be removed.
        await asyncio.to_thread(self._files.keep_only, job, ())
        reach(CrashPoint.EXPIRED_FILES_REMOVED)
        await self._store.forget(job)
        reach(CrashPoint.EXPIRED)

    # --- what nobody needs --------------------------------------------------------------------------------

    async def _sweep(self) -> None:
        """Remove what somebody has left behind while the engine ran."""
        for path in self._surplus.due(await self._left_over()):
            job, _, name = path.partition("/")
            if name:
                await asyncio.to_thread(self._files.remove, job, name)
            else:
                await asyncio.to_thread(self._move_aside, [job])

    async def _left_over(self) -> list[str]:
        """As JOB/FILE what no job that is over needs, as JOB what has no job."""
        folders = await asyncio.to_thread(self._files.jobs)
        needs = {outline.id: _needed(outline) for outline in await self._store.outlines()}
        found: list[str] = []
        for job in folders:
            if job not in needs:
                found.append(job)
            elif (needed := needs[job]) is not None:
                names = await asyncio.to_thread(self._files.names, job)
                found += [f"{job}/{name}" for name in names if name not in needed]
        return found

    async def _needs(self) -> Needs:
        """By job the names of the files that it needs; None if that cannot be told, so that nothing of it goes."""
        needs = {outline.id: _needed(outline) for outline in await self._store.outlines()}
        return {**needs, **await self._open_needs()}

    async def _open_needs(self) -> Needs:
        return {record.id: files_of(record) for record in await self._store.open_jobs()}

    def _there(self, needs: Needs) -> dict[str, list[str]]:
        there: dict[str, list[str]] = {}
        for job in self._files.jobs():
            if job in needs:
                names, needed = self._files.names(job), needs[job]
                there[job] = [name for name in names if needed is None or name in needed]
        return there

    def _move_aside(self, jobs: Collection[str]) -> None:
        moved = [job for job in jobs if self._is_moved(job)]
        if moved:
            log.warning(
                "images without a job were moved aside",
                count=len(moved),
                folder=str(self._files.orphans),
                first=moved[:SHOWN],
            )

    def _is_moved(self, job: str) -> bool:
        try:
            self._files.move_aside(job)
        except OSError as error:
            log.error("images without a job cannot be moved aside", job=job, why=error.strerror)
            return False
        reach(CrashPoint.ORPHAN_ASIDE)
        return True

    # --- what an owner should know ------------------------------------------------------------------------

    def _tell_missing(self, needs: Needs, folders: Collection[str]) -> None:
        missing = [job for job, needed in needs.items() if needed and job not in folders]
        if missing:
            log.error("the images of jobs are missing", count=len(missing), first=missing[:SHOWN])

    async def _tell_clock(self) -> None:
        newest = await self._newest_stored()
        if newest is None:
            return
        ahead = self._clock() - newest
        if ahead < 0:
            log.warning("the clock is behind the newest job", seconds=round(-ahead))
        elif ahead > self._keep_seconds:
            log.warning("by the clock all that is kept is old", newest_hours=round(ahead / 3600))


@lru_cache(maxsize=256)
def _painted(image_format: str, moments: int) -> frozenset[str] | None:
    """Names of the files of a painting; None if there is none such."""
    if image_format not in list(ImageFormat) or not 0 <= moments <= MAX_SNAPSHOTS:
        return None
    return frozenset(kept_files(ImageFormat(image_format), moments))


def _needed(outline: Outline) -> Collection[str] | None:
    match outline:
        case Outline(state=JobState.FINISHED, format=str(kind), moments=int(moments)):
            return _painted(kind, moments)
        case Outline(state=JobState.FAILED | JobState.CANCELLED):
            return ()
    return None  # it is open, or cannot be read
