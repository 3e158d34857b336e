"""How much of the machine the evaluations use: `python -m bench.throughput [--small]`.

Three goals. An evaluation runs at 85 % or more of the rate at which this machine multiplies matrices, with the whole
network and with the one of low rank. All that is around the evaluations (optimiser, previews, messages, files) takes at
most 3 % of a 384-pixel job. A job whose shapes were seen before has begun within half a second.

Machines are noisy: what is compared is timed in turns. Leaves throughput.md.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from bench import flops
from bench.loops import bare, prepare
from bench.report import arguments, folder, leave, met, table
from bench.scenes import PAINTINGS, PICTURES, Pair, Subject, brief, load, usual
from engine.images import Picture
from engine.nst import PACKAGED
from engine.nst.level import Checkpoint, LevelImages, Loop, WholeLevel
from engine.nst.recipes import RECIPES
from engine.painting.progress import Step
from engine.painting.scene import Scene, Style
from engine.painting.session import MEASURED, Session
from engine.protocol import Plan, Precision, Provenance, RecipeName, Settings
from engine.styles import catalogue
from engine.workers import runner
from engine.workers.checkpoints import Checkpoints
from engine.workers.ipc import Equipment, Run, WeightedStyle, pack

SIZE, SMALL_SIZE = 384, 128
SIDES = (512, 1024, 1536, 2048)  # of the square matrices
IN_A_ROW = 3  # calls of one kind
GOAL_RATE, GOAL_AROUND, GOAL_START = 0.85, 0.03, 0.5


@dataclass(frozen=True)
class Turns:
    """How often each comparison is made."""

    rate: int
    around: int
    start: int


def seconds(call: Callable[[], object], times: int = 1) -> float:
    """Of one call, on the average of `times`."""
    start = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - start) / times


def multiplication(side: int, precision: Precision) -> Callable[[], object]:
    """A product of two square matrices, waited for."""
    random = np.random.default_rng(0)
    a, b = (tf.cast(random.normal(size=(side, side)), precision.numbers) for _ in range(2))
    product = tf.function(tf.matmul, autograph=False)
    return lambda: product(a, b)[0, 0].numpy()


def rates(
    session: Session, subject: Subject, plan: Plan, turns: int, precision: Precision, *, reduced: bool
) -> tuple[str, ...]:
    """The evaluation's rate against that of matrix products, as a line of the table."""
    recipe, last = replace(RECIPES[plan.recipe], reduced=reduced), plan.levels[-1]
    level, work = prepare(session, recipe, subject, (last.height, last.width), precision)
    evaluate = bare(level, work)
    operations = flops.of_evaluation(session.network, recipe, last.width, last.height)
    products = {side: multiplication(side, precision) for side in SIDES}
    for call in (evaluate, *products.values()):
        call()
    # The best size is chosen first: the best of several in each turn would be the luckiest.
    best = max(SIDES, key=lambda side: side**3 / min(seconds(products[side]) for _ in range(3)))
    measured, product = [], []
    for _ in range(turns):
        product.append(2 * best**3 / seconds(products[best], times=2))
        measured.append(operations / seconds(evaluate, times=2))
    # Whatever else runs only slows: the fastest turns are the least disturbed, the median tells how much.
    ratio = max(measured) / max(product)
    by_turns = statistics.median(ours / most for ours, most in zip(measured, product, strict=True))
    return (
        "of low rank" if reduced else "whole",
        precision,
        f"{operations / 1e9:.0f}",
        f"{max(measured) / operations:.2f}",
        f"{max(measured) / 1e9:.0f}",
        f"{max(product) / 1e9:.0f}",
        f"{ratio:.0%}",
        f"{by_turns:.0%}",
        met(ratio >= GOAL_RATE),
    )


def around_evaluation(level: WholeLevel, work: LevelImages, chunk: int, turns: int) -> tuple[float, float]:
    """(seconds of an evaluation as a job makes it, share of them that is not the evaluation itself).

    A job makes `chunk` evaluations in one call.
    """
    evaluate = bare(level, work)
    change = tf.zeros_like(work.content)
    evaluations = LevelImages(work.content, work.targets, 1 + (1 + turns * IN_A_ROW) * chunk, chunk)
    steps = iter(level.run(evaluations, change))
    evaluate()
    next(steps)
    next(steps)  # the optimiser's usual step is the second
    whole, alone = [], []
    for _ in range(turns):
        # In a row as in a job: the first after the other kind finds its memory cold.
        alone += [seconds(evaluate, chunk) for _ in range(IN_A_ROW)]
        whole += [seconds(lambda: next(steps)) / chunk for _ in range(IN_A_ROW)]
    return statistics.median(whole), 1 - undisturbed(alone) / undisturbed(whole)


def undisturbed(times: list[float]) -> float:
    """The mean of the fastest quarter: whatever else runs only slows."""
    return statistics.mean(sorted(times)[: max(1, len(times) // 4)])


class Watched(Session):
    """A session that notes how long its steps take, as opposed to what is done with them, and when they end.

    prepared: of each level how long it took to get ready for the first evaluation, with the contents that were seen.
    """

    def __init__(self) -> None:
        super().__init__()
        self.in_steps = self.ended = 0.0
        self.prepared: list[tuple[float, Loop, tf.Tensor]] = []

    def _prepare(self, *arguments: Any) -> tuple[Loop, LevelImages]:
        start = time.perf_counter()
        loop, images = super()._prepare(*arguments)
        self.prepared.append((time.perf_counter() - start, loop, images.content))
        return loop, images

    def paint(
        self, scene: Scene, plan: Plan, settings: Settings, *, resume: Checkpoint | None = None
    ) -> Generator[Step, None, None]:
        """See `Session`."""
        steps = super().paint(scene, plan, settings, resume=resume)
        start = time.perf_counter()
        for step in steps:
            self.in_steps += time.perf_counter() - start
            yield step
            start = time.perf_counter()
        self.ended = time.perf_counter()


def job_seconds(session: Watched, subject: Subject, plan: Plan) -> tuple[float, float, float]:
    """(all, in the session's steps, after them) of one job as a worker does it, with all that it leaves."""
    session.in_steps = 0.0
    session.prepared.clear()
    with tempfile.TemporaryDirectory() as name:
        run = run_of(subject, plan, Path(name))
        checkpoints = Checkpoints(
            Path(name) / "checkpoint.npz",
            b"bench",
            Equipment(weights=PACKAGED, device="cpu").checkpoint_seconds,
        )
        start = time.perf_counter()
        for report in runner.paint(session, run, checkpoints, stop=lambda: None, is_over=lambda: False):
            pack(report)
        end = time.perf_counter()
        return end - start, session.in_steps, end - session.ended


def run_of(subject: Subject, plan: Plan, home: Path) -> Run:
    """The order to paint a pair, with its outbox in `home`."""
    style = str(catalogue.image_path(subject.pair.painting))
    provenance = Provenance(
        engine="bench",
        content=subject.pair.photo.name,
        styles=(subject.pair.painting,),
        weights=(1.0,),
        settings=Settings(),
        plan=plan,
        evaluations_done=0,
    )
    return Run(
        job="bench",
        attempt=1,
        content=str(subject.pair.photo),
        styles=(WeightedStyle(image=style, weight=1.0),),
        settings=Settings(),
        plan=plan,
        outbox=str(home / "outbox"),
        provenance=provenance,
    )


def around_job(session: Watched, subject: Subject, plan: Plan, turns: int) -> str:
    """What a job takes besides its evaluations, and its contents' own way through the network."""
    each = inside = 0.0
    for level in plan.levels:
        shape = level.height, level.width
        loop, work = prepare(session, RECIPES[plan.recipe], subject, shape, plan.precision)
        seconds_of_one, share = around_evaluation(loop, work, session.chunk(level), turns)
        each += level.evaluations * seconds_of_one
        inside += level.evaluations * seconds_of_one * (1 - share)
    job_seconds(session, subject, brief(plan))  # so that its shapes were seen before
    whole, in_steps, end = job_seconds(session, subject, plan)
    through_network = sum(
        seconds(partial(loop.content_targets, content)) for _, loop, content in session.prepared
    )
    preparing = sum(taken for taken, _, _ in session.prepared)
    in_calls = in_steps - preparing
    evaluations = in_calls * inside / each + through_network
    parts = {
        "optimiser, losses to the host": in_calls * (1 - inside / each),
        "sizes, targets, start of each level": preparing - through_network,
        "previews, messages, snapshots, checkpoints": whole - in_steps - end,
        "the files at the end": end,
        "together": whole - evaluations,
    }
    header = (f"in a job of {whole:.1f} s, besides the evaluations", "seconds", "share")
    lines = table(header, ((name, f"{part:.2f}", f"{part / whole:.1%}") for name, part in parts.items()))
    return f"{lines}\n\nGoal, at most {GOAL_AROUND:.0%}: {met(whole - evaluations <= GOAL_AROUND * whole)}."


def warm_start(session: Session, subject: Subject, plan: Plan, turns: int) -> str:
    """From the call to the first step, when the shapes were seen before."""
    rows = []
    slowest = 0.0
    for name, is_new in (("seen before", False), ("new", True)):
        taken = list(_seconds_to_start(session, subject, plan, turns, new_style=is_new))
        slowest = max(slowest, *taken)
        rows.append((name, f"{statistics.median(taken):.2f} s", f"{max(taken):.2f} s"))
    lines = table(("style", "median", "slowest"), rows)
    return f"{lines}\n\nGoal, below {GOAL_START} s: {met(slowest < GOAL_START)}."


def _seconds_to_start(
    session: Session, subject: Subject, plan: Plan, turns: int, *, new_style: bool
) -> Iterator[float]:
    for _ in session.paint(subject.scene, brief(plan), Settings()):
        pass  # now the shapes have been seen
    for turn in range(1, turns + 1):
        rgb = np.roll(subject.study.rgb, turn if new_style else 0, axis=1)
        scene = Scene(subject.photo, [Style(Picture(rgb))])
        start = time.perf_counter()
        steps = session.paint(scene, plan, Settings(seed=turn))
        next(steps)
        yield time.perf_counter() - start
        steps.close()


def main() -> None:
    """Run the bench."""
    parser = arguments(
        "Measure how much of the machine the evaluations use.", small=f"{SMALL_SIZE} pixels, few turns"
    )
    options = parser.parse_args()
    size, turns = (SMALL_SIZE, Turns(5, 2, 3)) if options.small else (SIZE, Turns(15, 20, 7))
    session = Watched()
    session.warm_up()
    subject = load(Pair(PICTURES[0], PAINTINGS[0], size))
    plan = usual(subject, RecipeName.STANDARD).model_copy(update={"precision": session.precision})
    header = (
        "network",
        "precision",
        "GFLOP",
        "evaluations/s",
        "GFLOP/s",
        "matrix product",
        "ratio",
        "median of turns",
        f"goal {GOAL_RATE:.0%}",
    )
    width, height = plan.result_size
    parts = [
        f"`standard` at {width} x {height} pixels; {session.precision} is what warm-up found faster here.",
        table(
            header,
            [
                rates(session, subject, plan, turns.rate, precision, reduced=reduced)
                for reduced in (False, True)
                for precision in MEASURED
            ],
        ),
        around_job(session, subject, plan, turns.around),
        warm_start(session, subject, plan, turns.start),
    ]
    leave("\n\n".join(parts), folder(options) / "throughput.md")


if __name__ == "__main__":
    main()
