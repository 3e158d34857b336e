"""Which jobs and files go: what a crash has left behind at the next start, what is old after a while.

Rule: a file that a job still needs is never touched; what it needs is `engine.service.job.files_of`.
"""

import asyncio
import time

from engine.service.job import files_of
from engine.storage.jobs import JobStore


async def sweep(store: JobStore) -> None:
    """Remove the files that a crash left behind; to be called before new jobs come in."""
    for job in await asyncio.to_thread(store.files.jobs):
        record = await store.by_id(job)
        await asyncio.to_thread(store.files.keep_only, job, files_of(record) if record else ())


async def expire(store: JobStore, keep_hours: float) -> None:
    """Remove the jobs that were over so many hours ago, and their files."""
    for job in await store.ended_before(time.time() - keep_hours * 3600):
        # Files first: on a full disk only that makes the room in which the row can be removed.
        await asyncio.to_thread(store.files.keep_only, job, ())
        await store.forget(job)
