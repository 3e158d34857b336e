"""Faults of the engine, its worker, its disk and its clock. A stage is `await stage(folder, faults, seed)`.

Each begins with an empty data directory, does harm so many times while members ask for pictures, then lets an unharmed
engine bring everything to its end and counts. The worker sketches, but in the stages with the real network.
"""

import asyncio
import os
import random
import signal
import sqlite3
from collections.abc import Callable, Coroutine, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from engine.protocol import CrashPoint
from engine.protocol.crash_points import CRASH_VARIABLE, ONCE_VARIABLE
from tests.engine.engine_process import EngineProcess, talk
from tests.engine.sketch import CLOCK_VARIABLE
from tests.engine.sketch.worker import PAUSE_VARIABLE
from tests.engine.small_disk import small_disk
from tests.engine.storage.test_migrations import FIRST_VERSION, killed_starts
from tests.faults.ledger import Ledger
from tests.faults.tally import Tally

Stage = Callable[[Path, int, int], Coroutine[None, None, Tally]]

ROUND_SECONDS = 3.0  # for a point that is to be reached
SHORT_ROUND_SECONDS = 1.5
DISK_MEGABYTES = 64
DAY = 86400.0
ELSEWHERE = {  # what takes a life without HTTP to reach: tests/engine/service/test_crashes.py kills there
    CrashPoint.FAILURE_STORED,
    CrashPoint.EXPIRED_FILES_REMOVED,
    CrashPoint.EXPIRED,
    CrashPoint.DELETED_FILES_REMOVED,
    CrashPoint.DELETED,
    CrashPoint.RESERVE_LENT,
    CrashPoint.ORPHAN_ASIDE,
    CrashPoint.DATABASE_ASIDE,
    CrashPoint.FLOW_STORED,
}
POINTS = [point for point in CrashPoint if point.startswith(("engine", "worker")) and point not in ELSEWHERE]
AT_THE_END = (CrashPoint.DRAINED, CrashPoint.JOB_PUT_BACK)


def sketching(folder: Path, name: str, environment: Mapping[str, str] | None = None) -> EngineProcess:
    """An engine with a worker that sketches, on the stage's data."""
    return _serving(folder, name, "tests.engine.sketch", {PAUSE_VARIABLE: "0.01", **(environment or {})})


def painting(folder: Path, name: str) -> EngineProcess:
    """An engine with the real network."""
    return _serving(folder, name, "engine", {})


def _serving(folder: Path, name: str, program: str, environment: Mapping[str, str]) -> EngineProcess:
    caps = dict.fromkeys(("jobs_per_user", "jobs_per_group", "jobs_total"), 10_000)
    settings: dict[str, Any] = {"batch": 1, **caps}
    return EngineProcess(folder / "data", name, program=program, environment=environment, **settings)


async def killed_at_points(folder: Path, faults: int, seed: int) -> Tally:
    """Engine and worker end at each named point in turn."""
    ledger = Ledger(seed)
    for number in range(faults):
        point, once = POINTS[number % len(POINTS)], folder / f"once-{number}"
        environment = {CRASH_VARIABLE: point.value, ONCE_VARIABLE: str(once)}
        with sketching(folder, f"engine-{number}", environment) as engine:
            seconds = SHORT_ROUND_SECONDS if point in AT_THE_END else ROUND_SECONDS
            await _ask(
                ledger, engine, seconds, until=once.exists, backs_up=point is CrashPoint.BACKUP_DATABASE
            )
            if point in AT_THE_END:
                engine.stop()
        ledger.tally.faults += once.exists()
    return await _audited(ledger, folder)


async def killed_anywhen(folder: Path, faults: int, seed: int) -> Tally:
    """The engine ends in the middle of something."""
    return await _ended_anywhen(folder, faults, seed, sketching)


async def painter_killed_anywhen(folder: Path, faults: int, seed: int) -> Tally:
    """The same with the real network."""
    return await _ended_anywhen(folder, faults, seed, painting)


async def _ended_anywhen(
    folder: Path, faults: int, seed: int, serving: Callable[[Path, str], EngineProcess]
) -> Tally:
    ledger, dice = Ledger(seed), _dice(seed)
    for number in range(faults):
        with serving(folder, f"engine-{number}") as engine:
            await _ask(ledger, engine, dice.random() * SHORT_ROUND_SECONDS)
        ledger.tally.faults += 1
    return await _audited(ledger, folder, serving)


async def worker_killed(folder: Path, faults: int, seed: int) -> Tally:
    """Only the worker ends, again and again, in one life of the engine."""
    return await _worker_harmed(folder, faults, seed, signal.SIGKILL, sketching)


async def painter_worker_killed(folder: Path, faults: int, seed: int) -> Tally:
    """The same with the real network."""
    return await _worker_harmed(folder, faults, seed, signal.SIGKILL, painting)


async def worker_stopped(folder: Path, faults: int, seed: int) -> Tally:
    """The worker stands still and does not come back by itself."""
    return await _worker_harmed(folder, faults, seed, signal.SIGSTOP, sketching)


async def _worker_harmed(
    folder: Path,
    faults: int,
    seed: int,
    harm: signal.Signals,
    serving: Callable[[Path, str], EngineProcess],
) -> Tally:
    ledger, dice = Ledger(seed), _dice(seed)
    with serving(folder, "engine") as engine:
        async with talk(engine.ready()) as client:
            for number in range(faults):
                await ledger.live(client, 0.2 + dice.random() * 0.8)
                while len(engine.events("worker is warm")) <= number:  # noqa: ASYNC110 - another process says it
                    await asyncio.sleep(0.02)
                with suppress(ProcessLookupError):
                    os.kill(engine.worker(), harm)
                ledger.tally.faults += 1
            await ledger.audit(client)
        engine.stop()
    await ledger.audit_files(folder / "data")
    return ledger.tally


async def disk_filled(folder: Path, faults: int, seed: int) -> Tally:
    """The disk is full for a while; every other time the engine is killed meanwhile and starts on the full disk."""
    ledger = Ledger(seed)
    with small_disk(folder / "data", DISK_MEGABYTES) as disk:
        engine = sketching(folder, "engine-0")
        try:
            for number in range(1, faults + 1):
                await _ask(ledger, engine, SHORT_ROUND_SECONDS)
                disk.fill()
                ledger.tally.faults += 1
                await _ask(ledger, engine, SHORT_ROUND_SECONDS)
                if number % 2:
                    engine.kill()
                    engine = sketching(folder, f"engine-{number}")
                    engine.ready(to_take_jobs=False)
                disk.clear()
        finally:
            engine.kill()
        return await _audited(ledger, folder)


async def clock_jumped(folder: Path, faults: int, seed: int) -> Tally:
    """The wall clock is wrong by days, both ways, at a start and while the engine runs."""
    ledger, dice = Ledger(seed), _dice(seed)
    wrong_by = folder / "seconds"
    wrong_by.write_text("0")
    for number in range(faults):
        with sketching(folder, f"engine-{number}", {CLOCK_VARIABLE: str(wrong_by)}) as engine:
            await _ask(ledger, engine, SHORT_ROUND_SECONDS / 2)
            wrong_by.write_text(str(dice.uniform(-30, 30) * DAY))
            await _ask(ledger, engine, SHORT_ROUND_SECONDS / 2)
        ledger.tally.faults += 1
    return await _audited(ledger, folder)


async def database_damaged(folder: Path, faults: int, seed: int) -> Tally:
    """A row that cannot be read, a torn end of the log, no database at all: nothing else is lost, no image is."""
    ledger, dice = Ledger(seed), _dice(seed)
    for number in range(faults):
        with sketching(folder, f"engine-{number}") as engine:
            await _ask(ledger, engine, SHORT_ROUND_SECONDS)
        before: set[str] = set()
        match number % 3:
            case 0:
                _spoil_row(folder / "data" / "jobs.db", ledger, dice)
            case 1:
                with (folder / "data" / "jobs.db-wal").open("ab") as log:
                    log.write(dice.randbytes(3000))
            case _:  # what is known of no job any more has to be there all the same
                before = _pictures(folder / "data")
                for path in (folder / "data").glob("jobs.db*"):
                    path.write_bytes(b"")
                ledger.forget_all()
        with sketching(folder, f"look-{number}") as engine:
            engine.ready()
        ledger.tally.lost += len(before - _pictures(folder / "data"))
        ledger.tally.faults += 1
    return await _audited(ledger, folder)


async def migration_killed(folder: Path, faults: int, seed: int) -> Tally:
    """A first start and one with a database of the first version, each killed at every statement; `faults` is told."""
    del faults, seed
    tally = Tally()
    for number, version in enumerate(("", FIRST_VERSION.read_text())):
        begun = folder / f"begun-{number}"
        begun.mkdir()
        killed, halfway = await killed_starts(begun, version)
        tally.faults += len(killed)
        tally.stuck += len(halfway)
    return tally


def _pictures(data: Path) -> set[str]:
    """The results on the disk, wherever they are, by the job's id."""
    return {path.parent.name for path in data.rglob("result.*") if not path.parent.name.startswith("attempt")}


def _spoil_row(path: Path, ledger: Ledger, dice: random.Random) -> None:
    with closing(sqlite3.connect(path)) as database:
        jobs = [job for (job,) in database.execute("SELECT id FROM jobs WHERE state = 'finished'")]
        if jobs:
            spoilt = dice.choice(jobs)
            column = dice.choice(["request", "plan", "outcome"])
            database.execute(f"UPDATE jobs SET {column} = '{{' WHERE id = ?", (spoilt,))  # noqa: S608 - ours
            database.commit()
            ledger.forget(spoilt)


async def _ask(
    ledger: Ledger,
    engine: EngineProcess,
    seconds: float,
    until: Callable[[], bool] = lambda: False,
    *,
    backs_up: bool = False,
) -> None:
    """Members ask for so long, or until the engine is gone."""
    with suppress(RuntimeError):  # it ended before it listened
        async with talk(engine.ready(to_take_jobs=False)) as client:
            asking = asyncio.create_task(ledger.live(client, seconds), name="members")
            if backs_up:
                await ledger.back_up(client)
            while not asking.done() and not until():  # noqa: ASYNC110 - another process makes the file
                await asyncio.sleep(0.01)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)


async def _audited(
    ledger: Ledger, folder: Path, serving: Callable[[Path, str], EngineProcess] = sketching
) -> Tally:
    with serving(folder, "engine-last") as engine:
        async with talk(engine.ready()) as client:
            await ledger.audit(client)
        engine.stop()
    await ledger.audit_files(folder / "data")
    return ledger.tally


def _dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - repeatable, not secret


STAGES: dict[str, tuple[Stage, int]] = {  # with how many faults of each are the usual
    "engine and worker killed at named points": (killed_at_points, 66),
    "engine killed at any time": (killed_anywhen, 50),
    "worker killed": (worker_killed, 30),
    "worker stopped": (worker_stopped, 4),
    "real network, engine killed at any time": (painter_killed_anywhen, 30),
    "real network, worker killed": (painter_worker_killed, 30),
    "disk filled and freed": (disk_filled, 10),
    "clock wrong by days": (clock_jumped, 10),
    "database damaged": (database_damaged, 12),
    "migration killed at each statement": (migration_killed, 1),
}
