"""Faults of workers by Ray, in a cluster of this machine alone. A stage is `await stage(folder, faults, seed)`.

A cluster of its own stays over the lives of the engine, so that what is found again is found.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from engine.protocol import CrashPoint
from engine.protocol.crash_points import CRASH_VARIABLE, ONCE_VARIABLE
from tests.engine.engine_process import EngineProcess, talk
from tests.engine.sketch.worker import PAUSE_VARIABLE
from tests.engine.workers.clusters import booth_of, cluster_here
from tests.faults.ledger import Ledger
from tests.faults.tally import Tally

WORKERS = 2
ROUND_SECONDS = 6.0
POINTS = [point for point in CrashPoint if point.startswith("ray")]


def sketching(
    folder: Path, name: str, address: str, environment: Mapping[str, str] | None = None
) -> EngineProcess:
    """An engine with workers in the cluster that sketch, on the stage's data."""
    caps = dict.fromkeys(("jobs_per_user", "jobs_per_group", "jobs_total"), 10_000)
    settings: dict[str, Any] = {
        "batch": 1,
        "workers": "ray",
        "devices": ["auto"],
        "ray.address": address,
        "ray.workers": WORKERS,
        "ray.namespace": folder.name,
        **caps,
    }
    return EngineProcess(
        folder / "data", name, program="tests.engine.sketch", environment=environment or {}, **settings
    )


@contextmanager
def _cluster(environment: Mapping[str, str] | None = None) -> Iterator[Any]:
    """Its booths have this in their environment, and the sketches' pace."""
    with cluster_here({PAUSE_VARIABLE: "0.02", **(environment or {})}) as cluster:
        yield cluster


async def painter_killed(folder: Path, faults: int, seed: int) -> Tally:
    """A painter ends, and its booth stays."""
    return await _harmed(folder, faults, seed, EngineProcess.worker)


async def booth_killed(folder: Path, faults: int, seed: int) -> Tally:
    """A booth ends, and its painter with it."""
    return await _harmed(folder, faults, seed, lambda engine: booth_of(engine.worker()))


async def driver_killed(folder: Path, faults: int, seed: int) -> Tally:
    """The driver ends: all workers are lost to the engine, and are found again."""
    return await _harmed(
        folder, faults, seed, lambda engine: int(engine.events("driver was started")[-1]["pid"]), WORKERS
    )


async def _harmed(
    folder: Path, faults: int, seed: int, victim: Callable[[EngineProcess], int], loses: int = 1
) -> Tally:
    """loses: how many workers each fault costs. All are warm before the next, or it would find nobody who paints."""
    ledger = Ledger(seed)
    with _cluster() as cluster, sketching(folder, "engine", cluster.address) as engine:
        async with talk(engine.ready()) as client:
            for _ in range(faults):
                while len(engine.events("worker is warm")) < WORKERS + ledger.tally.faults * loses:  # noqa: ASYNC110 - another process says it
                    await asyncio.sleep(0.02)
                await ledger.live(client, 1.0)
                with suppress(ProcessLookupError, FileNotFoundError):
                    os.kill(victim(engine), signal.SIGKILL)
                    ledger.tally.faults += 1
            await ledger.audit(client)
        engine.stop()
    await ledger.audit_files(folder / "data")
    return ledger.tally


async def engine_killed(folder: Path, faults: int, seed: int) -> Tally:
    """The engine ends in the middle of something, its booths stay for the next."""
    ledger = Ledger(seed)
    with _cluster() as cluster:
        for number in range(faults):
            with sketching(folder, f"engine-{number}", cluster.address) as engine:
                async with talk(engine.ready()) as client:
                    await ledger.live(client, 1.5)
            ledger.tally.faults += 1
        return await _audited(ledger, folder, cluster)


async def killed_at_points(folder: Path, faults: int, seed: int) -> Tally:
    """Engine, driver and booth end at each named point in turn."""
    ledger = Ledger(seed)
    for number in range(faults):
        point, once = POINTS[number % len(POINTS)], folder / f"once-{number}"
        environment = {CRASH_VARIABLE: point.value, ONCE_VARIABLE: str(once)}
        with (
            _cluster(environment) as cluster,
            sketching(folder, f"engine-{number}", cluster.address, environment) as engine,
        ):
            await _ask(ledger, engine, once.exists)
        ledger.tally.faults += once.exists()
    with _cluster() as cluster:
        return await _audited(ledger, folder, cluster)


async def _ask(ledger: Ledger, engine: EngineProcess, until: Callable[[], bool]) -> None:
    """Members ask for a while, or until the point was reached."""
    with suppress(RuntimeError):  # it ended before it listened
        async with talk(engine.ready(to_take_jobs=False)) as client:
            asking = asyncio.create_task(ledger.live(client, ROUND_SECONDS), name="members")
            while not asking.done() and not until():  # noqa: ASYNC110 - another process makes it
                await asyncio.sleep(0.01)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)


async def _audited(ledger: Ledger, folder: Path, cluster: Any) -> Tally:
    with sketching(folder, "engine-last", cluster.address) as engine:
        async with talk(engine.ready()) as client:
            await ledger.audit(client)
        engine.stop()
    await ledger.audit_files(folder / "data")
    return ledger.tally


STAGES = {  # with how many faults of each are the usual
    "Ray: painter killed": (painter_killed, 12),
    "Ray: booth killed": (booth_killed, 12),
    "Ray: driver killed": (driver_killed, 12),
    "Ray: engine killed": (engine_killed, 6),
    "Ray: killed at named points": (killed_at_points, len(POINTS)),
}
