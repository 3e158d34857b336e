"""Tutorial against ours on a GPU: `python -m bench.gpu` (`make bench-gpu`).

In one run, at 512 and 1024 pixels: the tutorial's steps one picture at a time, and `standard` for 1 and for 8
pictures side by side, in float32 and in bfloat16. Prints the device, seconds for a picture, evaluations per second
and the measures of `bench.measures`. Compiling is not counted: each loop runs once before it is timed.

`--cpu` only shows that it runs, at a small size; its seconds say nothing of a GPU.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from bench import report
from bench.measures import Judge
from bench.rows import MEASURES
from bench.scenes import PAINTINGS, PICTURES, Pair, Subject, brief, equivalents_of, load, single_level, usual
from engine.images import Picture
from engine.painting.scene import Scene, Style
from engine.painting.session import Session
from engine.protocol import Plan, Precision, RecipeName, Settings


@dataclass(frozen=True)
class Scale:
    """What a run paints."""

    sizes: Sequence[int] = (512, 1024)
    batches: Sequence[int] = (1, 8)
    steps: int = 1000


@dataclass(frozen=True)
class Timed:
    """Pictures of the same pair, painted together."""

    pictures: list[Picture]
    seconds: float
    evaluations: int  # of each picture


def timed(session: Session, scenes: Sequence[Scene], plan: Plan) -> Timed:
    """Paint side by side, each with its own seed; once briefly to compile, then to be timed."""
    for _ in session.paint_batch([(scene, brief(plan), Settings()) for scene in scenes]):
        pass
    start = time.perf_counter()
    *_, steps = session.paint_batch([(scene, plan, Settings(seed=seed)) for seed, scene in enumerate(scenes)])
    pictures = [step.picture() for step in steps]  # waits for the device
    return Timed(pictures, time.perf_counter() - start, steps[0].evaluations)


def line(name: str, batch: int, judge: Judge, plan: Plan, painted: Timed) -> str:
    """A line of the table: the means of the pictures' measures."""
    qualities = [judge.measure(picture) for picture in painted.pictures]
    measures = [np.mean([getattr(quality, measure) for quality in qualities]) for measure in MEASURES]
    cells = [
        name,
        str(batch),
        f"{equivalents_of(plan):.0f}",
        f"{painted.seconds / batch:.2f}",
        f"{painted.evaluations * batch / painted.seconds:.1f}",
        *(f"{value:.3f}" for value in measures),
    ]
    return report.line(*cells)


def lines(session: Session, subject: Subject, scale: Scale) -> Iterator[str]:
    """All methods at one size."""
    judge = Judge(session.network, subject.content, subject.style)
    resized = Scene(subject.content, [Style(subject.study)])
    works = [("tutorial", [resized], single_level(subject, RecipeName.TUTORIAL, scale.steps))]
    for precision in Precision:
        plan = usual(subject, RecipeName.STANDARD).model_copy(update={"precision": precision})
        works += [(f"standard, {precision}", [subject.scene] * batch, plan) for batch in scale.batches]
    for name, scenes, plan in works:
        try:
            painted = timed(session, scenes, plan)
        except tf.errors.ResourceExhaustedError:
            yield report.line(name, str(len(scenes)), "more memory needed than the device has")
        else:
            yield line(name, len(scenes), judge, plan, painted)


def device_name() -> str | None:
    """What the GPU is called, if TensorFlow sees one."""
    devices = tf.config.list_physical_devices("GPU")
    if not devices:
        return None
    return str(tf.config.experimental.get_device_details(devices[0]).get("device_name", devices[0].name))


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(description="Compare the tutorial with ours on a GPU.")
    parser.add_argument("--cpu", action="store_true", help="at a small size, only to see that it runs")
    options = parser.parse_args()
    name = device_name()
    if options.cpu:
        tf.config.set_visible_devices([], "GPU")
        name = "CPU, to see that it runs"
    elif name is None:
        raise SystemExit(
            "TensorFlow sees no GPU here; install the extra engine-gpu, or see that it runs with --cpu."
        )
    scale = Scale((96,), (1, 2), 10) if options.cpu else Scale()
    print(f"device: {name}")
    session = Session()
    session.warm_up()  # several evaluations to a call, as the speed allows
    print(f"warm-up finds {session.precision} faster")
    header = ("method", "pictures", "equivalents", "seconds a picture", "evaluations/s", *MEASURES)
    for size in scale.sizes:
        subject = load(Pair(PICTURES[1], PAINTINGS[0], size))
        print(f"\n{subject.content.width} x {subject.content.height} pixels\n")
        print(report.table(header, []))
        for each in lines(session, subject, scale):
            print(each, flush=True)


if __name__ == "__main__":
    main()
