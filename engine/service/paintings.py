"""The files of paintings that are finished: the result, its snapshots, the time-lapse, and what was painted.

Rule: only what is on the disk counts. A job's record says which files there are; the time-lapse is made of
the snapshots when somebody asks for it, and kept.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import structlog

from engine.painting import timelapse
from engine.protocol import CrashPoint, ErrorCode, JobState, Refusal, reach
from engine.storage.files import CONTENT, TIMELAPSE, result_file, snapshot_file
from engine.storage.jobs import JobRecord, JobStore

log = structlog.get_logger()

T = TypeVar("T")


class Paintings:
    """Those of one store.

    Every call raises Refusal NOT_FOUND, and NOT_PAINTED_YET while the job is not over.
    """

    def __init__(self, store: JobStore) -> None:
        self._store = store
        self._files = store.files
        self._making = asyncio.Lock()

    async def result(self, job_id: str) -> Path:
        """Return the file of a painting."""
        record = await self.painted(job_id)
        path = self._files.path(job_id, result_file(record.outcome.format))
        if not await asyncio.to_thread(path.exists):
            # Whoever sends the job again, as the bot does, would be told for ever that it is painted.
            log.error("a painting is missing, so its job is forgotten", job=job_id)
            await self._store.forget(job_id)
            raise Refusal(ErrorCode.NOT_FOUND)
        return path

    async def snapshot(self, job_id: str, number: int) -> Path:
        """Return the file of a snapshot, counted from 1."""
        if not 1 <= number <= (await self.painted(job_id)).outcome.moments:
            raise Refusal(ErrorCode.NOT_FOUND)
        return self._files.path(job_id, snapshot_file(number))

    async def snapshots(self, job_id: str) -> list[Path]:
        """Return the files of all snapshots, of which there is one at least."""
        count = (await self.painted(job_id)).outcome.moments
        if not count:
            raise Refusal(ErrorCode.NOT_FOUND)
        return [self._files.path(job_id, snapshot_file(number + 1)) for number in range(count)]

    async def content(self, job_id: str) -> Path:
        """Return the file of what was painted. Raises Refusal CONTENT_GONE besides."""
        await self.painted(job_id)
        path = self._files.path(job_id, CONTENT)
        if not await asyncio.to_thread(path.exists):
            raise Refusal(ErrorCode.CONTENT_GONE)
        return path

    async def timelapse(self, job_id: str) -> Path:
        """Return the file of a painting's time-lapse, made if nobody has asked for it before.

        Raises Refusal STORAGE_FULL besides.
        """
        await self.require_picture(job_id)
        snapshots = await self.snapshots(job_id)
        path = self._files.path(job_id, TIMELAPSE)
        await self.in_turn(lambda: self._make_timelapse(job_id, path, snapshots))
        return path

    async def in_turn(self, work: Callable[[], T]) -> T:
        """Make something in a thread, one at a time, as the workers need the processors.

        Whoever does not wait for it any more loses the place in the queue; what has begun is ended all the same.
        """
        async with self._making:
            working = asyncio.create_task(asyncio.to_thread(work), name="making a picture")
            try:
                return await asyncio.shield(working)
            finally:
                await asyncio.gather(working, return_exceptions=True)

    def _make_timelapse(self, job_id: str, path: Path, stills: list[Path]) -> None:
        if path.exists():
            return
        try:
            self._files.add(job_id, TIMELAPSE, timelapse.timelapse_of(stills))
        except FileNotFoundError as error:  # its time was over just now
            raise Refusal(ErrorCode.NOT_FOUND) from error
        reach(CrashPoint.TIMELAPSE_WRITTEN)

    async def require_picture(self, job_id: str) -> None:
        """See that it is one picture, and not the sheet of an audition."""
        if (await self.painted(job_id)).request.audition:
            raise Refusal(ErrorCode.NOT_FOUND)

    async def painted(self, job_id: str) -> JobRecord:
        """Return the record of a finished job."""
        record = await self._store.by_id(job_id)
        if record is None:
            raise Refusal(ErrorCode.NOT_FOUND)
        if not record.state.is_final:
            raise Refusal(ErrorCode.NOT_PAINTED_YET)
        if record.state is not JobState.FINISHED:
            raise Refusal(ErrorCode.NOT_FOUND)
        return record
