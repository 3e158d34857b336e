"""What a start and a change cost when very much is kept: `python -m bench.queue [--small]`.

Fills a data directory with 20,000 finished jobs, each with its files (`--small`: 2,000), and opens it as the engine does before its
port is open. Then lets 10,000 jobs wait (`--small`: 1,000) in three ways of belonging to somebody, and makes every change of
one among them, without the disk. Leaves queue.txt: seconds and milliseconds of processor time. Goals: a start within 2 s,
a change within 2 ms.
"""

import asyncio
import gc
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from bench.report import arguments, folder, leave, met
from engine.protocol import ImageFormat, JobState, Outcome
from engine.service.config import EngineConfig
from engine.service.event_stream import EventStream
from engine.service.job import Job
from engine.service.jobs import Jobs
from engine.service.metrics import Metrics
from engine.service.open_jobs import OpenJobs
from engine.service.retention import Retention
from engine.storage.files import painted_files
from engine.storage.jobs import JOBS, JobRecord, open_store
from tests.engine.scripted import record

GOAL_START, GOAL_MS = 2.0, 2.0
MOMENTS = 3
ROUNDS = 40


def config(most: int) -> EngineConfig:
    """One in which so many jobs may be open."""
    return EngineConfig(jobs_total=2 * most, jobs_per_group=2 * most, jobs_per_user=2 * most)


# --- a start ----------------------------------------------------------------------------------------------


async def fill(data_dir: Path, count: int) -> None:
    """Keep so many finished jobs of some hundred users."""
    store = await open_store(data_dir)
    outcome = Outcome(format=ImageFormat.PNG, moments=MOMENTS, losses={"total": 0.5, "content": 0.25})
    rows = [
        record(
            f"user-{n % 300}",
            f"group-{n % 40}",
            state=JobState.FINISHED,
            ended=time.time() - count + n,
            outcome=outcome,
            turn=n + 1,
        )
        for n in range(count)
    ]
    async with store._engine.begin() as connection:
        await connection.execute(sa.insert(JOBS), [row.model_dump(mode="json") for row in rows])
    await store.close()
    for row in rows:
        (data_dir / "images" / row.id).mkdir()
        for name in painted_files(outcome.format, MOMENTS):
            (data_dir / "images" / row.id / name).touch()


async def start(data_dir: Path) -> float:
    """Seconds of processor time until the port could open."""
    began = time.process_time()
    store = await open_store(data_dir)
    jobs = Jobs(store, config(100), Metrics())
    await jobs.restore()
    await Retention(store, 7 * 24 * 3600, 10**12).tidy()
    taken = time.process_time() - began
    await store.close()
    return taken


# --- a change ---------------------------------------------------------------------------------------------


def waiting(owner: str, number: int) -> JobRecord:
    """A job that waits."""
    group = f"group-{number // 2}" if owner == "groups" else "one"
    user = "one" if owner == "one user" else f"user-{number // 2}"
    return record(user, group)


def queue_of(owner: str, count: int) -> OpenJobs:
    """So many jobs that wait."""
    jobs = OpenJobs(config(count))
    for number in range(count):
        jobs.add(Job(waiting(owner, number), EventStream(0)))
    jobs.announce_front()
    return jobs


def milliseconds(call: Callable[[], object]) -> float:
    """Processor time of a call."""
    began = time.process_time()
    call()
    return (time.process_time() - began) * 1000


def changes(jobs: OpenJobs, owner: str) -> dict[str, float]:
    """Milliseconds that each kind of change takes, told to those it concerns: the median."""
    times: dict[str, list[float]] = {"submit": [], "begin": [], "cancel": []}

    def submit() -> None:
        job = Job(waiting(owner, len(times["submit"])), EventStream(0))
        jobs.check_caps(job.record.request.owner)
        jobs.add(job)
        jobs.announce_front()
        jobs.view(job)

    def begin() -> None:
        job = next(jobs.waiting())
        of = job.record.request.owner
        turn = jobs.queue.latest_turn + 1
        job.record = job.record.but(state=JobState.RUNNING, attempt=1, turn=turn)
        jobs.place(job)
        jobs.queue.record_turn(of.group, of.user, turn)
        jobs.announce_front()

    def cancel() -> None:
        jobs.remove(next(jobs.waiting()))
        jobs.announce_front()

    for _ in range(ROUNDS):  # the same users send more
        for change in (submit, begin, cancel):
            times[change.__name__].append(milliseconds(change))
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> None:
    """Run the measurement."""
    options = arguments("Measure a start and changes when very much is kept.", small="a tenth").parse_args()
    kept, open_jobs = (2_000, 1_000) if options.small else (20_000, 10_000)
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(fill(Path(name) / "data", kept))
        seconds = asyncio.run(start(Path(name) / "data"))
    lines = [
        f"start with {kept} kept jobs: {seconds:.2f} s   goal, {GOAL_START:.0f} s: {met(seconds <= GOAL_START)}"
    ]
    for owner in ("one user", "users", "groups"):
        jobs = queue_of(owner, open_jobs)
        gc.collect()
        found = changes(jobs, owner)
        told = "   ".join(f"{change} {value:.2f} ms" for change, value in found.items())
        all_told = milliseconds(partial(list, jobs.announce_all()))
        lines.append(
            f"{open_jobs} waiting, {owner:8}: {told}   goal, {GOAL_MS:.0f} ms: {met(max(found.values()) <= GOAL_MS)}"
            f"   all told, in parts: {all_told:.0f} ms"
        )
    leave("\n".join(lines), folder(options) / "queue.txt")


if __name__ == "__main__":
    main()
