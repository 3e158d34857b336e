"""What each choice in the recipe `standard` is worth: `python -m bench.variants [NAME...]`.

Paints pairs of the bench's set with one thing changed at a time and prints the mean of each measure, as in
FINDINGS.md. The evaluation counts are the same for all but those that are named after theirs.
"""

import argparse
from collections import deque
from dataclasses import astuple, dataclass, fields, replace

import numpy as np

from bench.measures import Judge, Quality
from bench.scenes import hard, load
from bench.trust_region import TrustRegionSettings
from engine.images import Picture
from engine.nst.lbfgs import LbfgsSettings
from engine.nst.recipes import SHALLOW_LAYERS, STANDARD, Octave, Recipe
from engine.painting.session import Session
from engine.planning import planner
from engine.protocol import Level, Plan, Precision, RecipeName, Settings


@dataclass(frozen=True)
class Variant:
    """A recipe with its pyramid: (long side, evaluations) of each level."""

    recipe: Recipe = STANDARD
    pyramid: tuple[tuple[int, int], ...] = ((64, 40), (128, 40), (256, 17))
    precision: Precision = Precision.FLOAT32
    seed: int = 0
    averaged: int = 1  # of the last pictures, the mean is taken


VARIANTS = {
    "standard": Variant(),
    "another seed": Variant(seed=1),
    "the whole network": Variant(replace(STANDARD, reduced=False)),
    "bfloat16": Variant(precision=Precision.BFLOAT16),
    "Gram matrices' errors alone": Variant(replace(STANDARD, transported=0)),
    "3 layers transported": Variant(replace(STANDARD, transported=3)),
    "transport as heavy as Gram matrices' errors": Variant(replace(STANDARD, transport=1.0)),
    "no grain": Variant(replace(STANDARD, grain=0.0)),
    "grain 0.5": Variant(replace(STANDARD, grain=0.5)),
    "grain 1.2": Variant(replace(STANDARD, grain=1.2)),
    "no structure terms": Variant(replace(STANDARD, structure=())),
    "structure twice as heavy": Variant(
        replace(STANDARD, structure=tuple((name, 2 * weight) for name, weight in STANDARD.structure))
    ),
    "no layout term": Variant(replace(STANDARD, layout=0.0)),
    "5 style layers": Variant(replace(STANDARD, octaves=(Octave(),), transported=5)),
    "no border term": Variant(replace(STANDARD, border=0.0)),
    "no tones term": Variant(replace(STANDARD, tones=0.0)),
    "tones 300": Variant(replace(STANDARD, tones=300.0)),
    "no bounds term": Variant(replace(STANDARD, bounds=0.0)),
    "1 correction level": Variant(replace(STANDARD, laplacian_depth=1)),
    "2 correction levels": Variant(replace(STANDARD, laplacian_depth=2)),
    "4 correction levels": Variant(replace(STANDARD, laplacian_depth=4)),
    "plain pixels": Variant(replace(STANDARD, laplacian_depth=0)),
    "no stretch": Variant(replace(STANDARD, optimiser=LbfgsSettings(pairs=3))),
    "stretch 2, first step 3": Variant(
        replace(STANDARD, optimiser=LbfgsSettings(pairs=3, stretch=2.0, first_step=3.0))
    ),
    "2 pairs": Variant(replace(STANDARD, optimiser=LbfgsSettings(stretch=1.5, pairs=2))),
    "5 pairs": Variant(replace(STANDARD, optimiser=LbfgsSettings(stretch=1.5, pairs=5))),
    "20 pairs": Variant(replace(STANDARD, optimiser=LbfgsSettings(stretch=1.5, pairs=20))),
    "trust region of 1": Variant(
        replace(STANDARD, optimiser=TrustRegionSettings(pairs=3, stretch=3.0, guesses=3, longest=1.0))
    ),
    "trust region of 1, 12 pairs": Variant(
        replace(STANDARD, optimiser=TrustRegionSettings(pairs=12, stretch=3.0, guesses=12, longest=1.0))
    ),
    "content weight instead of distance": Variant(
        replace(STANDARD, kept=None, loosest=None, content_weight=50.0)
    ),
    "style at 2 octaves": Variant(
        replace(
            STANDARD,
            octaves=(Octave(1, SHALLOW_LAYERS), Octave(2, SHALLOW_LAYERS, compares_content=False)),
        )
    ),
    "3 layers at full size, 4 at half": Variant(
        replace(
            STANDARD,
            octaves=(Octave(1, SHALLOW_LAYERS[:3], compares_content=False), Octave(2, SHALLOW_LAYERS)),
        )
    ),
    "last 4 iterates averaged": Variant(averaged=4),
    "128-256: 40, 19": Variant(pyramid=((128, 40), (256, 19))),
    "64-128-256: 40, 22, 9": Variant(pyramid=((64, 40), (128, 22), (256, 9))),
    "64-128-256: 100, 100, 80": Variant(pyramid=((64, 100), (128, 100), (256, 80))),
    "256: 29": Variant(pyramid=((256, 29),)),
}


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(description="Measure variants of the recipe `standard`.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(VARIANTS)}")
    names = parser.parse_args().names or list(VARIANTS)
    session = Session()
    subjects = [load(pair) for pair in hard(256)]
    judges = [Judge(session.network, subject.content, subject.style) for subject in subjects]
    columns = [field.name for field in fields(Quality)]
    header = ["variant", "evaluations", *columns]
    print("| " + " | ".join(header) + " |\n" + "|---" * len(header) + "|")
    for name in names:
        variant = VARIANTS[name]
        measured = []
        for subject, judge in zip(subjects, judges, strict=True):
            levels = [
                Level(width=width, height=height, evaluations=count)
                for side, count in variant.pyramid
                for width, height in [
                    planner.fit(subject.photo.width, subject.photo.height, side, planner.GRID)
                ]
            ]
            plan = Plan(
                recipe=RecipeName.STANDARD,
                levels=tuple(levels),
                seconds=0,
                width=subject.content.width,
                height=subject.content.height,
                precision=variant.precision,
            )
            steps = session.paint_with(variant.recipe, subject.scene, plan, Settings(seed=variant.seed))
            last = deque((step.picture for step in steps), maxlen=variant.averaged)
            mean = np.mean([picture().rgb for picture in last], axis=0)
            picture = Picture(np.rint(mean).astype(np.uint8), None)
            measured.append(astuple(judge.measure(picture)))
        cost = sum(count * (side / variant.pyramid[-1][0]) ** 2 for side, count in variant.pyramid)
        means = " | ".join(f"{mean:.3f}" for mean in np.mean(measured, axis=0))
        print(f"| {name} | {cost:.1f} | {means} |", flush=True)


if __name__ == "__main__":
    main()
