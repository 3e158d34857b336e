"""How fast the engine answers while it paints: `python -m bench.responsiveness`.

Starts a real engine, gives it a picture of the default recipe to paint, and asks for /healthz and the job's
state all the while. Prints the 50th and 99th percentile and the slowest answer; the goal is 100 ms at the 99th
percentile of /healthz.
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import aiohttp

from engine.protocol import JobRequest, JobState, Owner, StyleChoice
from tests.engine.engine_process import Client, EngineProcess, talk

PHOTOS = Path(__file__).parents[1] / "demo" / "photos"
PAUSE = 0.02
GOAL_MS = 100.0


async def milliseconds(session: aiohttp.ClientSession, path: str) -> float:
    """Time one answer."""
    start = time.perf_counter()
    async with session.get(path) as answer:
        await answer.read()
        answer.raise_for_status()
    return (time.perf_counter() - start) * 1000


async def ask_while_painting(client: Client, job: str) -> dict[str, list[float]]:
    """Ask again and again until the job is over."""
    times: dict[str, list[float]] = {"/healthz": [], f"/v1/jobs/{job}": []}
    while not (await client.view(job)).state.is_final:
        for path, values in times.items():
            values.append(await milliseconds(client.session, path))
        await asyncio.sleep(PAUSE)
    return times


def summary(name: str, values: list[float]) -> str:
    """One line of figures."""
    middle, late = statistics.median(values), statistics.quantiles(values, n=100)[98]
    return f"{name:12} {len(values):6} answers   p50 {middle:6.1f} ms   p99 {late:6.1f} ms   max {max(values):6.1f} ms"


async def measure(engine: EngineProcess) -> None:
    """Paint one picture and print how fast the engine answered meanwhile."""
    request = JobRequest(owner=Owner(guild="bench", user="bench"), styles=(StyleChoice(part="style-1"),))
    images = {
        name: (PHOTOS / f"{file}.png").read_bytes()
        for name, file in (("content", "chelsea"), ("style-1", "coffee"))
    }
    async with talk(engine) as client:
        job = await client.submit(request, images)
        health, view = (await ask_while_painting(client, job.id)).values()
        done = await client.view(job.id)
    if done.state is not JobState.FINISHED:
        raise SystemExit(f"the job is {done.state}: {done.error}")
    print(f"painted {done.width} x {done.height} in {done.seconds:.1f} s, planned {done.plan.seconds:.1f} s")
    print(summary("healthz", health))
    print(summary("job's state", view))
    print("goal met" if statistics.quantiles(health, n=100)[98] <= GOAL_MS else "goal missed")


def main() -> None:
    """Run the measurement."""
    with tempfile.TemporaryDirectory() as folder, EngineProcess(Path(folder) / "data") as engine:
        asyncio.run(measure(engine.ready()))


if __name__ == "__main__":
    main()
