"""What our optimiser is worth by itself: `python -m bench.objective [--small] [--variants]`.

The objective is the tutorial's own: its losses and its weights. Counted are the full-size-equivalent evaluations that
L-BFGS needs to reach the loss that the tutorial's Adam ends with, on a pair of each painting, and as many as `standard`
without its further terms, from whose picture it starts, has the operations of. Goal: at least 8 times fewer. Leaves
objective.md.

`--variants` tries what is in VARIANTS on the first pair.
"""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bench import flops
from bench.report import arguments, folder, leave, met, table
from bench.scenes import PAINTINGS, PICTURES, Pair, Subject, hard, load, single_level
from bench.tutorials import KEPT, tutorial
from engine.nst import planning
from engine.nst.optimise import LbfgsSettings
from engine.nst.recipes import RECIPES
from engine.protocol import Level, Plan, RecipeName, Settings, Start
from engine.scene import Scene, Style
from engine.studio import Studio

GOAL = 8.0  # times fewer evaluations
MOST = 500.0  # equivalents after which it is given up
STEPS = (100, 300, 1000)  # of the tutorial, as the quality bench keeps them


BEFORE = replace(RECIPES[RecipeName.STANDARD], evenness=0.0, border=0.0, tones=0.0, bounds=0.0)
BEFORE_STRENGTH = 70
BEFORE_EVALUATIONS = (40, 40, 17)  # at a quarter, half and all of the size


@dataclass(frozen=True)
class Variant:
    """How the tutorial's objective is optimised: corrections, L-BFGS, and whether from the content."""

    depth: int = 1
    pairs: int = 96
    first_step: float = 1.0
    stretch: float = 1.5
    after_standard: bool = True


BEST = Variant()
VARIANTS = {
    "best": BEST,
    "2 corrections": replace(BEST, depth=2),
    "4 corrections": replace(BEST, depth=4),
    "8 pairs": replace(BEST, pairs=8),
    "20 pairs": replace(BEST, pairs=20),
    "no stretch": replace(BEST, stretch=1.0),
    "from the content": replace(BEST, after_standard=False, depth=2, first_step=5.0),
}


def plan_before(subject: Subject) -> Plan:
    """What `standard` paints first."""
    last = single_level(subject, RecipeName.STANDARD, BEFORE_EVALUATIONS[-1])
    size, top = subject.pair.size, len(BEFORE_EVALUATIONS) - 1
    levels = []
    for number, evaluations in enumerate(BEFORE_EVALUATIONS[:-1]):
        sides = (subject.photo.width, subject.photo.height, size // 2 ** (top - number), planning.GRID)
        width, height = planning.fit(*sides)
        levels.append(Level(width=width, height=height, evaluations=evaluations))
    return last.model_copy(update={"levels": (*levels, *last.levels)})


def evaluations_in(studio: Studio, plan: Plan) -> float:
    """How many evaluations of the tutorial's at the full size a plan for BEFORE has the operations of."""
    width, height = plan.result_size
    theirs = flops.of_evaluation(studio.network, RECIPES[RecipeName.TUTORIAL], width, height)
    ours = (
        level.evaluations * flops.of_evaluation(studio.network, BEFORE, level.width, level.height)
        for level in plan.levels
    )
    return sum(ours) / theirs


def lowest_losses(studio: Studio, subject: Subject, variant: Variant) -> Iterator[tuple[float, float]]:
    """(equivalents so far, lowest loss so far) after each evaluation of the tutorial's objective."""
    recipe = replace(
        RECIPES[RecipeName.TUTORIAL],
        laplacian_depth=variant.depth,
        optimiser=LbfgsSettings(pairs=variant.pairs, first_step=variant.first_step, stretch=variant.stretch),
    )
    scene, settings, before = Scene(subject.content, [Style(subject.study)]), Settings(), 0.0
    if variant.after_standard:
        plan = plan_before(subject)
        *_, last = studio.paint_with(BEFORE, scene, plan, Settings(strength=BEFORE_STRENGTH))
        scene, settings = replace(scene, previous=last.picture()), Settings(start=Start.PREVIOUS)
        before = evaluations_in(studio, plan)
    lowest = float("inf")
    for step in studio.paint_with(
        recipe, scene, single_level(subject, RecipeName.TUTORIAL, int(MOST)), settings
    ):
        lowest = min(lowest, step.losses["total"])
        yield before + step.evaluation, lowest


def needed(studio: Studio, subject: Subject, variant: Variant, loss: float) -> float | None:
    """Equivalents until the loss is reached; None if it is given up."""
    for equivalents, lowest in lowest_losses(studio, subject, variant):
        if lowest <= loss:
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
    studio = Studio()
    rows = []
    found: list[float | None] = []
    for pair in chosen[:1] if options.variants else chosen:
        subject = load(pair)
        loss = tutorial(studio, subject, kept, options.kept).losses[-1]
        variants = VARIANTS if options.variants else {str(pair): BEST}
        for name, variant in variants.items():
            found.append(needed(studio, subject, variant, loss))
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
