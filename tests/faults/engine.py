"""Faults of the engine, its worker, its disk and its clock. A stage is `await stage(folder, faults, seed)`.

Each begins with an empty data directory, does harm so many times while members ask for pictures, then lets an unharmed
engine bring everything to its end and counts.
"""

import asyncio
import os
import random
import signal
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from pathlib import Path

from engine.protocol import CrashPoint
from engine.protocol.crash_points import CRASH_VARIABLE, ONCE_VARIABLE
from tests.engine.engine_process import EngineProcess, talk
from tests.engine.sketch.worker import PAUSE_VARIABLE
from tests.faults.ledger import Ledger
from tests.faults.tally import Tally

Stage = Callable[[Path, int, int], Coroutine[None, None, Tally]]

ROUND_SECONDS = 3.0  # for a point that is to be reached
POINTS = [point for point in CrashPoint if point.startswith(("engine", "worker"))]


def sketching(folder: Path, name: str, environment: Mapping[str, str] | None = None) -> EngineProcess:
    """An engine with a worker that sketches, on the stage's data."""
    return EngineProcess(
        folder / "data",
        name,
        program="tests.engine.sketch",
        environment={PAUSE_VARIABLE: "0.01", **(environment or {})},
        batch=1,
        jobs_per_user=10_000,
        jobs_per_group=10_000,
        jobs_total=10_000,
    )


async def killed_at_points(folder: Path, faults: int, seed: int) -> Tally:
    """Engine and worker end at each named point in turn."""
    ledger = Ledger(seed)
    for number in range(faults):
        point, once = POINTS[number % len(POINTS)], folder / f"once-{number}"
        environment = {CRASH_VARIABLE: point.value, ONCE_VARIABLE: str(once)}
        with sketching(folder, f"engine-{number}", environment) as engine:
            await _ask(ledger, engine, ROUND_SECONDS, until=once.exists)
            engine.kill()
        ledger.tally.faults += once.exists()
    return await _audited(ledger, folder)


async def killed_anywhen(folder: Path, faults: int, seed: int) -> Tally:
    """The engine ends in the middle of something."""
    ledger, dice = Ledger(seed), random.Random(seed)  # noqa: S311 - repeatable, not secret
    for number in range(faults):
        with sketching(folder, f"engine-{number}") as engine:
            await _ask(ledger, engine, dice.random() * 1.5)
            engine.kill()
        ledger.tally.faults += 1
    return await _audited(ledger, folder)


async def worker_killed(folder: Path, faults: int, seed: int) -> Tally:
    """Only the worker ends, again and again, in one life of the engine."""
    return await _worker_harmed(folder, faults, seed, signal.SIGKILL)


async def worker_stopped(folder: Path, faults: int, seed: int) -> Tally:
    """The worker stands still and does not come back by itself."""
    return await _worker_harmed(folder, faults, seed, signal.SIGSTOP)


async def _worker_harmed(folder: Path, faults: int, seed: int, harm: signal.Signals) -> Tally:
    ledger, dice = Ledger(seed), random.Random(seed)  # noqa: S311 - repeatable, not secret
    with sketching(folder, "engine") as engine:
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


async def _ask(
    ledger: Ledger, engine: EngineProcess, seconds: float, until: Callable[[], bool] = lambda: False
) -> None:
    """Members ask for so long, or until the engine is gone."""
    with suppress(RuntimeError):  # it ended before it listened
        async with talk(engine.ready()) as client:
            asking = asyncio.create_task(ledger.live(client, seconds), name="members")
            while not asking.done() and not until():  # noqa: ASYNC110 - another process makes the file
                await asyncio.sleep(0.01)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)


async def _audited(ledger: Ledger, folder: Path) -> Tally:
    with sketching(folder, "engine-last") as engine:
        async with talk(engine.ready()) as client:
            await ledger.audit(client)
        engine.stop()
    await ledger.audit_files(folder / "data")
    return ledger.tally


STAGES: dict[str, tuple[Stage, int]] = {  # with how many faults of each are the usual
    "engine and worker killed at named points": (killed_at_points, 120),
    "engine killed at any time": (killed_anywhen, 40),
    "worker killed": (worker_killed, 40),
}
