"""What our optimiser is worth by itself: `python -m bench.objective [--small] [--variants]`.

The objective is the tutorial's own: its losses and its weights. Counted are the full-size-equivalent
evaluations that L-BFGS needs to reach the loss that the tutorial's Adam ends with, on a pair of each
painting. The way begins with the picture of `standard` without its further terms, and goes on with the
tutorial's objective as the network of low rank sees it, whose curvature is kept when the whole network takes
over. All of it counts by its operations. Goal: at least 8 times fewer. Leaves objective.md.

`--variants` tries what is in VARIANTS on the first pair.
"""

import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from bench import flops
from bench.loops import prepare
from bench.report import arguments, folder, leave, met, table
from bench.scenes import PAINTINGS, PICTURES, Pair, Subject, hard, load, single_level
from bench.trust_region import TrustRegionSettings
from bench.tutorials import KEPT, tutorial
from engine.nst import pixels
from engine.nst.lbfgs import LbfgsSettings
from engine.nst.level import Checkpoint
from engine.nst.recipes import RECIPES, Octave
from engine.painting.scene import Scene, Style
from engine.painting.session import Session
from engine.planning import planner
from engine.protocol import Level, Plan, Precision, RecipeName, Settings

GOAL = 8.0  # times fewer evaluations
MOST = 500.0  # equivalents after which it is given up
STEPS = (100, 300, 1000)  # of the tutorial, as the quality bench keeps them


BEFORE = replace(
    RECIPES[RecipeName.STANDARD],
    octaves=(Octave(),),
    loosest=0.74,
    border=0.0,
    structure=(),
    tones=0.0,
    layout=0.0,
    bounds=0.0,
)
BEFORE_STRENGTH = 70
BEFORE_EVALUATIONS = (40, 40, 17)  # at a quarter, half and all of the size

TRUSTED = TrustRegionSettings(pairs=96, first_step=0.5, stretch=3.0, guesses=30, longest=0.5)


@dataclass(frozen=True)
class Variant:
    """How the tutorial's objective is optimised.

    reduced: evaluations with the network of low rank, before those with the whole one. curvature: whether the
    optimiser's pairs are kept then.
    """

    optimiser: LbfgsSettings = TRUSTED
    depth: int = 1
    after_standard: bool = True
    reduced: int = 100
    curvature: bool = True


BEST = Variant()
PLAIN = LbfgsSettings(pairs=96, first_step=1.0, stretch=1.5)
VARIANTS = {
    "best": BEST,
    "the whole network from the first": replace(BEST, reduced=0),
    "no trust region": replace(BEST, optimiser=PLAIN),
    "no trust region, the whole network from the first": replace(BEST, optimiser=PLAIN, reduced=0),
    "curvature forgotten": replace(BEST, curvature=False),
    "50 evaluations reduced": replace(BEST, reduced=50),
    "150 evaluations reduced": replace(BEST, reduced=150),
    "48 pairs": replace(BEST, optimiser=replace(TRUSTED, pairs=48)),
    "2 corrections": replace(BEST, depth=2),
    "from the content": replace(BEST, after_standard=False),
}


def plan_before(subject: Subject) -> Plan:
    """What `standard` paints first."""
    last = single_level(subject, RecipeName.STANDARD, BEFORE_EVALUATIONS[-1])
    size, top = subject.pair.size, len(BEFORE_EVALUATIONS) - 1
    levels = []
    for number, evaluations in enumerate(BEFORE_EVALUATIONS[:-1]):
        sides = (subject.photo.width, subject.photo.height, size // 2 ** (top - number), planner.GRID)
        width, height = planner.fit(*sides)
        levels.append(Level(width=width, height=height, evaluations=evaluations))
    return last.model_copy(update={"levels": (*levels, *last.levels)})


def evaluations_in(session: Session, plan: Plan) -> float:
    """How many evaluations of the tutorial's at the full size a plan for BEFORE has the operations of."""
    width, height = plan.result_size
    theirs = flops.of_evaluation(session.network, RECIPES[RecipeName.TUTORIAL], width, height)
    ours = (
        level.evaluations * flops.of_evaluation(session.network, BEFORE, level.width, level.height)
        for level in plan.levels
    )
    return sum(ours) / theirs


def renewed(state: Mapping[str, tf.Variable]) -> dict[str, NDArray[Any]]:
    """The state of an `Lbfgs` with its curvature but without its loss, to go on with one much alike."""
    kept = {name: variable.numpy() for name, variable in state.items()}
    return {**kept, "point": kept["_accepted"], "_begun": np.array(False)}


def losses_on_the_way(session: Session, subject: Subject, variant: Variant) -> Iterator[tuple[float, float]]:
    """(equivalents so far, the tutorial's loss) after each evaluation by the whole network."""
    recipe = replace(RECIPES[RecipeName.TUTORIAL], laplacian_depth=variant.depth, optimiser=variant.optimiser)
    width, height = size = subject.content.width, subject.content.height
    whole, work = prepare(session, recipe, subject, (height, width), Precision.FLOAT32)
    change, before = tf.zeros_like(work.content), 0.0
    if variant.after_standard:
        plan = plan_before(subject)
        scene = Scene(subject.content, [Style(subject.study)])
        *_, last = session.paint_with(BEFORE, scene, plan, Settings(strength=BEFORE_STRENGTH))
        change = pixels.to_tensor(last.picture().rgb) - work.content
        before = evaluations_in(session, plan)
    resume: Checkpoint | None = None
    if variant.reduced:
        rough = replace(recipe, reduced=True)
        reduced, as_seen = prepare(session, rough, subject, (height, width), Precision.FLOAT32)
        *_, (_, losses, best) = reduced.run(replace(as_seen, evaluations=variant.reduced), change)
        operations = [flops.of_evaluation(session.network, each, *size) for each in (rough, recipe)]
        before += variant.reduced * operations[0] / operations[1]
        change = best - work.content
        if variant.curvature:
            resume = {**renewed(reduced.state), "evaluation": np.array(0), "losses": losses}
    for done, losses, _ in whole.run(replace(work, evaluations=int(MOST)), change, resume):
        if done:  # a checkpoint's own comes first
            yield before + done, float(losses[0][0])


def needed(session: Session, subject: Subject, variant: Variant, loss: float) -> float | None:
    """Equivalents until the loss is reached; None if it is given up."""
    for equivalents, reached in losses_on_the_way(session, subject, variant):
        if reached <= loss:
            return equivalents
    return None


def row(name: str, equivalents: float | None, steps: int) -> tuple[str, str, str]:
    """A line of the table."""
    if equivalents is None:
        return name, f"more than {MOST:.0f}", ""
    return name, f"{equivalents:.0f}", f"{steps / equivalents:.1f}"


def main() -> None:
    """Run the bench."""
    parser = arguments(
        "Count evaluations until the tutorial's own loss is reached.",
        small="one pair, 128 pixels, 100 steps of the tutorial",
    )
    parser.add_argument("--variants", action="store_true", help="try variants on the first pair")
    parser.add_argument("--kept", type=Path, default=KEPT, help="where the tutorial's pictures are kept")
    options = parser.parse_args()
    chosen = [Pair(PICTURES[0], PAINTINGS[0], 128)] if options.small else hard(256)
    kept = (30, 100) if options.small else STEPS
    steps = kept[-1]
    session = Session()
    rows = []
    found: list[float | None] = []
    for pair in chosen[:1] if options.variants else chosen:
        subject = load(pair)
        loss = tutorial(session, subject, kept, options.kept).losses[-1]
        variants = VARIANTS if options.variants else {str(pair): BEST}
        for name, variant in variants.items():
            found.append(needed(session, subject, variant, loss))
            rows.append(row(name, found[-1], steps))
            print(*rows[-1], flush=True)
    text = table((f"to the tutorial's loss after {steps} steps", "evaluations", "times fewer"), rows)
    if not (options.small or options.variants):  # the goal is for the tutorial's full length
        fewer = [steps / each if each else 0.0 for each in found]
        median, verdict = statistics.median(fewer), met(min(fewer) >= GOAL)
        text += f"\n\nMedian {median:.1f} times fewer; goal, {GOAL:.0f} times on each pair: {verdict}."
    leave(text, folder(options) / ("objective-variants.md" if options.variants else "objective.md"))


if __name__ == "__main__":
    main()
