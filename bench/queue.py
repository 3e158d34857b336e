"""What a start and a change cost when very much is kept: `python -m bench.queue [--small]`.

Fills a data directory with 20,000 finished jobs, each with its files (`--small`: 2,000), and starts the engine on it as an owner
does, with one worker: processor time of its own process from its beginning until its port takes a connection, the middle of
three. That of the worker and of the decoders' parent, other processes that get ready meanwhile, is not in it. Beside it: the same with
nothing kept, and what is looked through after the port is open. Then lets 10,000 jobs wait (`--small`: 1,000) in three ways of
belonging to somebody, and makes every change of one among them, without the disk. Leaves queue.txt: seconds and milliseconds of
processor time. Goals: a start within 2 s, a change within 2 ms.
"""

import asyncio
import gc
import os
import socket
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from bench.report import arguments, folder, leave, met
from engine.planning import planner
from engine.planning.cost_model import Speed
from engine.protocol import ImageFormat, JobState, Outcome, Settings
from engine.service.config import EngineConfig
from engine.service.event_stream import EventStream
from engine.service.job import Job
from engine.service.open_jobs import FRONT, OpenJobs
from engine.service.retention import Retention
from engine.storage.files import painted_files
from engine.storage.jobs import JOBS, JobRecord, open_store
from tests.engine.engine_process import EngineProcess
from tests.engine.scripted import record

GOAL_START, GOAL_MS = 2.0, 2.0
MOMENTS = 3
ROUNDS = 40
STARTS = 3


def config(most: int) -> EngineConfig:
    """One in which so many jobs may be open."""
    return EngineConfig(jobs_total=2 * most, jobs_per_group=2 * most, jobs_per_user=2 * most)


# --- a start ----------------------------------------------------------------------------------------------


async def fill(data_dir: Path, count: int) -> None:
    """Keep so many finished jobs of some hundred users."""
    store = await open_store(data_dir)
    outcome = Outcome(format=ImageFormat.PNG, moments=MOMENTS, losses={"total": 0.5, "content": 0.25})
    plan = planner.make_plan(Settings(), 1600, 1200, Speed(overhead=0.02, per_megapixel=13.5))
    rows = [
        record(
            f"user-{n % 300}",
            f"group-{n % 40}",
            state=JobState.FINISHED,
            ended=time.time() - count + n,
            plan=plan,
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


def start(data_dir: Path) -> float:
    """Seconds of processor time of an engine's own process until its port took a connection."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        address = free.getsockname()
    with EngineProcess(data_dir, port=address[1]) as engine, closing(socket.socket()) as client:
        while client.connect_ex(address) != 0:
            if engine.process.poll() is not None:
                raise SystemExit(engine.output())
            time.sleep(0.002)
        return processor_seconds(engine.process.pid)


def processor_seconds(pid: int) -> float:
    """Of a process so far, without its children's."""
    facts = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    ticks = int(facts[11]) + int(facts[12])  # utime and stime, see proc_pid_stat(5)
    return ticks / os.sysconf("SC_CLK_TCK")


async def afterwards(data_dir: Path) -> float:
    """Seconds of processor time for the first look of an engine at what is kept."""
    store = await open_store(data_dir)
    retention = Retention(store, 7 * 24 * 3600, 10**12)
    await retention.tidy()
    began = time.process_time()
    await retention.look()
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
    list(jobs.announce(FRONT))
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
        list(jobs.announce(FRONT))
        jobs.view(job)

    def begin() -> None:
        job = next(jobs.waiting())
        of = job.record.request.owner
        turn = jobs.queue.latest_turn + 1
        job.record = job.record.but(state=JobState.RUNNING, attempt=1, turn=turn)
        jobs.place(job)
        jobs.queue.record_turn(of.group, of.user, turn)
        list(jobs.announce(FRONT))

    def cancel() -> None:
        jobs.remove(next(jobs.waiting()))
        list(jobs.announce(FRONT))

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
        seconds, alone = (
            statistics.median(start(Path(name) / data) for _ in range(STARTS)) for data in ("data", "none")
        )
        later = asyncio.run(afterwards(Path(name) / "data"))
    lines = [
        f"start with {kept} kept jobs, imports and all: {seconds:.2f} s"
        f"   goal, {GOAL_START:.0f} s: {met(seconds <= GOAL_START)}",
        f"    with none kept {alone:.2f} s; looked through after the port is open, beside the kept jobs: {later:.2f} s",
    ]
    for owner in ("one user", "users", "groups"):
        jobs = queue_of(owner, open_jobs)
        gc.collect()
        found = changes(jobs, owner)
        told = "   ".join(f"{change} {value:.2f} ms" for change, value in found.items())
        all_told = milliseconds(partial(list, jobs.announce(2 * open_jobs)))
        lines.append(
            f"{open_jobs} waiting, {owner:8}: {told}   goal, {GOAL_MS:.0f} ms: {met(max(found.values()) <= GOAL_MS)}"
            f"   all told, in parts: {all_told:.0f} ms"
        )
    leave("\n".join(lines), folder(options) / "queue.txt")


if __name__ == "__main__":
    main()
