"""What the engine needs and how fast it answers while it paints: `python -m bench.service [--small]`.

Starts a real engine, gives it a 512-pixel picture (`--small`: 192) to paint with the default recipe, and asks for /healthz and
the job's state all the while. Leaves service.txt: the 50th and 99th percentile and the slowest answer, how soon the first
frame was there, and the peak memory of both processes. Goals: /healthz within 100 ms at the 99th percentile, the
first frame within 5 s, both processes together within 2.5 GB.
"""

import asyncio
import statistics
import tempfile
import time
from contextlib import aclosing
from pathlib import Path

import aiohttp

from bench.report import arguments, folder, leave, met
from engine.protocol import JobRequest, JobState, Owner, Preview, Started, StyleChoice
from tests.engine.engine_process import Client, EngineProcess, talk

PHOTOS = Path(__file__).parents[1] / "demo" / "photos"
PAUSE = 0.02
GOAL_MS = 100.0
GOAL_FIRST_FRAME = 5.0
GOAL_MEGABYTES = 2500.0


async def milliseconds(session: aiohttp.ClientSession, path: str) -> float:
    """Time one answer."""
    start = time.perf_counter()
    async with session.get(path) as answer:
        await answer.read()
        answer.raise_for_status()
    return (time.perf_counter() - start) * 1000


async def seconds_to_first_frame(client: Client, job: str) -> float:
    """From the job's start to its first frame."""
    started = time.perf_counter()
    async with aclosing(client.events(job)) as events:
        async for envelope in events:
            match envelope.event:
                case Started():
                    started = time.perf_counter()
                case Preview():
                    break
    return time.perf_counter() - started


def peak_megabytes(pid: int) -> float:
    """The most resident memory that a process has had."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1000


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


async def measure(engine: EngineProcess, size: int) -> str:
    """Paint one picture and report how fast the engine answered meanwhile."""
    owner = Owner(group="bench", user="bench")
    request = JobRequest(owner=owner, styles=(StyleChoice(name="great_wave"),), size=size)
    images = {"content": (PHOTOS / "coffee.png").read_bytes()}
    async with talk(engine) as client:
        job = await client.submit(request, images)
        first_frame = asyncio.create_task(seconds_to_first_frame(client, job.id), name="first frame")
        health, view = (await ask_while_painting(client, job.id)).values()
        done = await client.view(job.id)
    if done.state is not JobState.FINISHED:
        raise SystemExit(f"the job is {done.state}: {done.error}")
    service, worker = peak_megabytes(engine.process.pid), peak_megabytes(engine.worker())
    late = statistics.quantiles(health, n=100)[98]
    lines = [
        f"painted {done.width} x {done.height} in {done.seconds:.1f} s, planned {done.plan.seconds:.1f} s",
        summary("healthz", health) + f"   goal, p99 at most {GOAL_MS:.0f}: {met(late <= GOAL_MS)}",
        summary("job's state", view),
        f"first frame after {await first_frame:.1f} s"
        f"   goal, {GOAL_FIRST_FRAME:.0f} s: {met(first_frame.result() <= GOAL_FIRST_FRAME)}",
        f"peak memory: {service:.0f} MB service, {worker:.0f} MB worker"
        f"   goal, {GOAL_MEGABYTES:.0f} MB: {met(service + worker <= GOAL_MEGABYTES)}",
    ]
    return "\n".join(lines)


def main() -> None:
    """Run the measurement."""
    options = arguments("Measure the engine's answers while it paints.", small="192 pixels").parse_args()
    size = 192 if options.small else 512
    with (
        tempfile.TemporaryDirectory() as name,
        EngineProcess(Path(name) / "data") as engine,
    ):
        leave(asyncio.run(measure(engine.ready(), size)), folder(options) / "service.txt")


if __name__ == "__main__":
    main()
