"""Which jobs and files go: what a crash has left behind, at the next start and every hour; what is old after a while.

Rule: a file that a job still needs is never touched; what it needs is `engine.service.job.files_of`.
"""

import asyncio
import time
from collections.abc import Callable

from engine.protocol import CrashPoint, reach
from engine.service.job import files_of
from engine.storage.jobs import JobStore


async def sweep(store: JobStore, is_in_use: Callable[[str], bool] = lambda _job: False) -> None:
    """Remove the files that no job needs, except of jobs that somebody may be writing files of."""
    for job in await asyncio.to_thread(store.files.jobs):
        record = await store.by_id(job)
        if not is_in_use(job):
            await asyncio.to_thread(store.files.keep_only, job, files_of(record) if record else ())


async def expire(store: JobStore, keep_hours: float) -> None:
    """Remove the jobs that were over so many hours ago, and their files."""
    for job in await store.ended_before(time.time() - keep_hours * 3600):
        # Files first: on a full disk only that makes the room in which the row can be removed.
        await asyncio.to_thread(store.files.keep_only, job, ())
        reach(CrashPoint.EXPIRED_FILES_REMOVED)
        await store.forget(job)
        reach(CrashPoint.EXPIRED)
