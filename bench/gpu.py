"""What a GPU paints in what time: `python -m bench.gpu` (`make bench-gpu`).

At 512 and 1024 pixels: the tutorial's steps, `standard` and the tiles of an audition, for 1 and for 8 pictures side by side, in
each precision; and once more told to repeat itself (`deterministic = true`). Each line is a process of its own, so that the
allocator's peak is the line's, and a card that dies of one goes on with the next. Prints seconds and evaluations, memory, the
share of what products of large matrices reach here in the same numbers, whether two paintings are alike to the last bit,
and how far the picture is from the processor's after a few evaluations at each level: after many, what is rounded otherwise has
grown into other strokes. Compiling is not counted.

`--cpu` shows that it runs, at a small size, and tells what repeating itself costs a processor; its seconds say nothing of a GPU.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bench import flops, report
from bench.scenes import (
    COFFEE,
    PAINTINGS,
    STARRY_NIGHT,
    Pair,
    Subject,
    brief,
    load,
    single_level,
    stretched,
    usual,
)
from engine.devices.device import Device, show, take
from engine.devices.names import CPU
from engine.devices.trial import end_with_parent, try_out
from engine.painting.precisions import settle
from engine.painting.scene import Scene, Style
from engine.planning.auditions import plan_audition
from engine.planning.cost_model import Speed
from engine.planning.memory import peak_bytes
from engine.protocol import Plan, Precision, RecipeName, Settings

if TYPE_CHECKING:
    from engine.nst.vgg import Network

ROW_SECONDS = 3600.0
CHECKED = 2  # evaluations at each level that are compared with the processor's
# Grey levels between the means over all pixels: what the numbers of the network round away, and what nobody sees.
ALIKE = {Precision.FLOAT32: 0.5, Precision.TENSORFLOAT32: 1.0, Precision.BFLOAT16: 2.0}
SIDES, SMALL_SIDES = (4096, 8192), (512, 1024)  # of the matrices whose product is the peak
TYPICAL = Speed(0.004, 0.15)  # whose audition is painted, wherever it is


@dataclass(frozen=True)
class Row:
    """A line of the table. method: "tutorial", "standard" or "audition"."""

    method: str
    size: int
    pictures: int
    precision: Precision = Precision.FLOAT32
    device: str = "gpu:0"
    steps: int = 1000
    deterministic: bool = False
    only_check: bool = False

    @property
    def name(self) -> str:
        """As the table calls it."""
        return f"{self.method}, {self.precision}" + (", deterministic" if self.deterministic else "")


@dataclass(frozen=True)
class Figures:
    """What a process has found of its line. peak, rate: floating-point operations in a second."""

    device: str
    seconds: float = 0.0
    evaluations: int = 0  # of all pictures
    memory: int = 0
    rate: float = 0.0
    peak: float = 1.0
    repeats: bool = False


def rows_at(size: int, batches: Sequence[int], *, steps: int, device: str) -> Iterator[Row]:
    """All lines at one size."""
    at = partial(Row, size=size, steps=steps, device=device)
    precisions = (Precision.FLOAT32, Precision.BFLOAT16) if device == CPU else tuple(Precision)
    yield at("tutorial", pictures=1)
    for precision in precisions:
        for pictures in batches:
            yield at("standard", pictures=pictures, precision=precision)
    yield at("standard", pictures=1, deterministic=True)
    for pictures in batches:
        yield at("audition", pictures=pictures, precision=precisions[-1])


# --- in the process of a line -----------------------------------------------------------------------------


def plan_of(row: Row, subject: Subject) -> Plan:
    """How its pictures are painted."""
    if row.method == "tutorial":
        return single_level(subject, RecipeName.TUTORIAL, row.steps)
    plan = usual(subject, RecipeName.STANDARD).model_copy(update={"precision": row.precision})
    return plan_audition(plan, len(PAINTINGS), TYPICAL).tile if row.method == "audition" else plan


def scenes_of(row: Row, subject: Subject) -> list[Scene]:
    """What is painted side by side: one pair, or for an audition the pair's content in one style after the other."""
    if row.method == "tutorial":
        return [Scene(subject.content, [Style(subject.study)])]
    if row.method == "standard":
        return [subject.scene] * row.pictures
    names = (PAINTINGS * row.pictures)[: row.pictures]
    return [load(Pair(COFFEE, name, row.size)).scene for name in names]


def measure(row: Row, folder: Path) -> None:
    """Paint a line, and leave what was found in a folder."""
    show(row.device)
    from engine.painting.session import Session

    device = take(row.device)
    session = Session(precision=row.precision, arithmetic=settle(device, deterministic=row.deterministic))
    subject = load(Pair(COFFEE, STARRY_NIGHT, row.size))
    plan, scenes = plan_of(row, subject), scenes_of(row, subject)
    paint = partial(_paint, session, scenes)
    few = stretched(brief(plan), CHECKED)
    checked = paint(few)
    np.savez(folder / "picture.npz", picture=checked[0])
    found = Figures(device.label)
    if not row.only_check:
        repeats = all(np.array_equal(*pair) for pair in zip(paint(few), checked, strict=True))
        session.warm_up()  # several evaluations to a call, as the speed allows
        paint(brief(plan))
        start = time.perf_counter()
        paint(plan)
        seconds = time.perf_counter() - start
        memory = _peak_memory(device)
        operations = len(scenes) * _operations(session.network, plan)
        found = Figures(
            device.label,
            seconds,
            len(scenes) * plan.evaluations,
            memory,
            operations / seconds,
            _peak_rate(row.precision, SIDES if device.is_gpu else SMALL_SIDES),
            repeats,
        )
    (folder / "figures.json").write_text(json.dumps(asdict(found)))


def _paint(session: "object", scenes: Sequence[Scene], plan: Plan) -> list[NDArray[np.uint8]]:
    """Each with its own seed; waits for the device."""
    from engine.painting.session import Session

    assert isinstance(session, Session)  # noqa: S101 - narrows
    jobs = [(scene, plan, Settings(seed=seed)) for seed, scene in enumerate(scenes)]
    *_, steps = session.paint_batch(jobs)
    return [step.picture().rgb for step in steps]


def _operations(network: "Network", plan: Plan) -> float:
    from engine.nst.recipes import RECIPES

    return sum(
        level.evaluations * flops.of_evaluation(network, RECIPES[plan.recipe], level.width, level.height)
        for level in plan.levels
    )


def _peak_memory(device: Device) -> int:
    """By TensorFlow's allocator; of a processor what the process has had."""
    from tensorflow.config.experimental import get_memory_info

    return int(get_memory_info("GPU:0")["peak"]) if device.is_gpu else peak_bytes() or 0


def _peak_rate(precision: Precision, sides: Sequence[int]) -> float:
    """Of products of large matrices, the fastest."""
    from bench.throughput import multiplication, seconds

    found = 0.0
    for side in sides:
        product = multiplication(side, precision)
        product()
        found = max(found, *(2 * side**3 / seconds(product, times=3) for _ in range(3)))
    return found


# --- in the process that prints ---------------------------------------------------------------------------


def told(row: Row) -> tuple[Figures | None, NDArray[np.uint8] | None, str]:
    """What a process of its own finds of a line, and its picture; or why there is none."""
    with tempfile.TemporaryDirectory(prefix="atelier-gpu-") as folder:
        outcome = try_out("bench.gpu", ("--row", json.dumps(asdict(row)), "--folder", folder), ROW_SECONDS)
        if outcome.why is not None:
            return None, None, outcome.why
        figures = Figures(**json.loads((Path(folder) / "figures.json").read_text()))
        with np.load(Path(folder) / "picture.npz") as archive:
            return figures, archive["picture"], ""


def line(row: Row, figures: Figures, picture: NDArray[np.uint8], ours: NDArray[np.uint8] | None) -> str:
    """Of the table; ours: the processor's picture."""
    cells = [
        row.name,
        str(row.pictures),
        f"{figures.seconds / row.pictures:.2f}",
        f"{figures.evaluations / figures.seconds:.1f}",
        f"{figures.memory / 2**20:.0f}",
        f"{figures.rate / figures.peak:.0%}",
        "yes" if figures.repeats else "no",
    ]
    if ours is None:
        return report.line(*cells, "-")
    difference = float(np.abs(picture.astype(int) - ours).mean())
    return report.line(
        *cells,
        f"{difference:.3f}, goal {ALIKE[row.precision]:g}: {report.met(difference <= ALIKE[row.precision])}",
    )


def table(size: int, rows: Sequence[Row]) -> Iterator[str]:
    """All lines at one size, each as soon as it is known."""
    header = (
        "method",
        "pictures",
        "seconds a picture",
        "evaluations/s",
        "MB",
        "of peak",
        "repeats",
        "from the processor's",
    )
    yield f"\n{size} pixels\n\n{report.table(header, [])}"
    processors: dict[str, NDArray[np.uint8] | None] = {}
    for row in rows:
        if row.method not in processors:
            check = Row(row.method, size, 1, device=CPU, steps=row.steps, only_check=True)
            processors[row.method] = told(check)[1]
        figures, picture, why = told(row)
        if figures is None or picture is None:
            yield report.line(row.name, str(row.pictures), why)
        else:
            yield line(row, figures, picture, processors[row.method])


def main() -> None:
    """Run the bench, or a line of it."""
    parser = argparse.ArgumentParser(description="Tell what a GPU paints in what time.")
    parser.add_argument("--cpu", action="store_true", help="at a small size, only to see that it runs")
    parser.add_argument("--row", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.row:
        end_with_parent()
        row = json.loads(options.row)
        measure(Row(**row | {"precision": Precision(row["precision"])}), options.folder)
        sys.stdout.flush()
        os._exit(0)
    sizes, batches, steps, device = (
        ((96,), (1, 2), 10, CPU) if options.cpu else ((512, 1024), (1, 8), 1000, "gpu:0")
    )
    first = Row("standard", 64, 1, device=device, only_check=True)
    figures, _, why = told(first)
    if figures is None:
        raise SystemExit(
            f"No GPU can be used here ({why}); `python -m engine doctor` says why, --cpu shows that it runs."
        )
    print(f"device: {figures.device}", flush=True)
    for size in sizes:
        for each in table(size, list(rows_at(size, batches, steps=steps, device=device))):
            print(each, flush=True)


if __name__ == "__main__":
    main()
