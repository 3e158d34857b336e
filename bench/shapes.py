"""What a worker's memory comes to when every picture has another shape: `python -m bench.shapes [--small]`.

Gives one worker fifty pictures of fifty shapes (`--small`: twelve), 96 to 512 pixels long, a few evaluations at each
level, and leaves shapes.txt: its resident memory after each, and the most it had on the way. As in the service, one that
has grown is replaced between two pictures. Goal: under 2.5 GB at any time.
"""

import asyncio
import tempfile
from contextlib import aclosing
from pathlib import Path

import numpy as np

from bench.report import arguments, folder, leave, met, table
from engine import images
from engine.images import Picture
from engine.painting.preprocess import provenance_of
from engine.planning.cost_model import Speed
from engine.planning.memory import peak_bytes, resident_bytes
from engine.planning.planner import make_plan
from engine.protocol import ImageFormat, Plan, Precision, Settings
from engine.styles import catalogue
from engine.workers.ipc import Equipment, Failure, Run, WeightedStyle
from engine.workers.subprocess import LocalWorker

GOAL_MEGABYTES = 2500.0
SHAPES, FEW_SHAPES = 50, 12
SIDES = (512, 448, 384, 320, 256, 192, 128, 96)  # the long one
ASPECTS = (1.0, 0.75, 1.4, 0.6, 1.8, 0.5, 1.2)  # width to height
EVALUATIONS = 2  # at each level


def shape_of(number: int) -> tuple[int, int]:
    """(width, height) of a picture; of the first 56 no two are alike."""
    side, aspect = SIDES[number % len(SIDES)], ASPECTS[number % len(ASPECTS)]
    return (side, round(side / aspect)) if aspect >= 1 else (round(side * aspect), side)


def plan_of(width: int, height: int, speed: Speed) -> Plan:
    """The usual levels of a picture, with few evaluations."""
    plan = make_plan(Settings(size=max(width, height)), width, height, speed)
    levels = tuple(level.model_copy(update={"evaluations": EVALUATIONS}) for level in plan.levels)
    return plan.model_copy(update={"levels": levels})


def run_of(number: int, place: Path, speed: Speed) -> Run:
    """A picture of noise in the shape of this number."""
    width, height = shape_of(number)
    content = place / f"content-{number}.png"
    rgb = np.random.default_rng(number).integers(0, 256, (height, width, 3), np.uint8)
    content.write_bytes(images.encode(Picture(rgb), ImageFormat.PNG))
    settings, plan = Settings(size=max(width, height)), plan_of(width, height, speed)
    return Run(
        job=f"job-{number}",
        attempt=1,
        content=str(content),
        styles=(WeightedStyle(image=str(catalogue.image_path("great_wave")), weight=1.0),),
        settings=settings,
        plan=plan,
        outbox=str(place / f"outbox-{number}"),
        provenance=provenance_of(
            content="", styles=[""], weights=[1.0], masks=[], previous=None, settings=settings, plan=plan
        ),
    )


async def paint(worker: LocalWorker, run: Run) -> None:
    """Have it painted. Ends the process where it is not."""
    async with aclosing(worker.run([run])) as reports:
        async for _, report in reports:
            if isinstance(report, Failure):
                raise SystemExit(f"{run.job} failed: {report.error}")


async def measure(shapes: int) -> str:
    """Paint them all by one worker; the table and the goal."""
    worker = LocalWorker(Equipment(weights="packaged", device="cpu", precision=Precision.FLOAT32))
    rows, most, replaced = [], 0.0, 0
    with tempfile.TemporaryDirectory() as name:
        speed = (await worker.start()).speed
        try:
            for number in range(shapes):
                if worker.is_spent:
                    replaced += 1
                    speed = (await worker.start()).speed
                await paint(worker, run_of(number, Path(name), speed))
                resident, peak = (of(process=str(worker.pid)) or 0 for of in (resident_bytes, peak_bytes))
                most = max(most, peak / 1e6)
                sides = "{} x {}".format(*shape_of(number))
                rows.append(
                    (str(number + 1), sides, f"{resident / 1e6:.0f}", f"{peak / 1e6:.0f}", str(worker.pid))
                )
                print(*rows[-1], sep="\t", flush=True)
        finally:
            await worker.close()
    goal = f"Goal, at most {GOAL_MEGABYTES:.0f} MB: {met(most <= GOAL_MEGABYTES)} with {most:.0f} MB."
    goal += f" Replaced {replaced} times."
    return (
        table(("picture", "pixels", "MB after it", "MB at most meanwhile", "process"), rows) + "\n\n" + goal
    )


def main() -> None:
    """Run the measurement."""
    options = arguments("Measure a worker's memory over many shapes.", small="twelve shapes").parse_args()
    report = asyncio.run(measure(FEW_SHAPES if options.small else SHAPES))
    leave(report, folder(options) / "shapes.txt")


if __name__ == "__main__":
    main()
