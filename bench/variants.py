"""What each choice in the recipe `standard` is worth: `python -m bench.variants [NAME...]`.

Paints the pairs of `bench.quality` at 192 pixels with one thing changed at a time and prints the mean of each
measure, as in FINDINGS.md. The evaluation counts are the same for all but those that are named after theirs.
"""

import argparse
from dataclasses import astuple, dataclass, fields, replace

import numpy as np

from bench.measures import Judge, Quality
from bench.quality import PAIRS, PHOTOS
from engine import catalogue, images
from engine.images import Picture, resize
from engine.nst import planning
from engine.nst.optimise import LbfgsSettings
from engine.nst.recipes import STANDARD, Recipe
from engine.protocol import Level
from engine.studio import Studio

SIZE = 192


@dataclass(frozen=True)
class Variant:
    """A recipe with its pyramid: (long side, evaluations) of each level."""

    recipe: Recipe = STANDARD
    pyramid: tuple[tuple[int, int], ...] = ((96, 45), (192, 20))


VARIANTS = {
    "standard": Variant(),
    "1 correction level": Variant(replace(STANDARD, laplacian_depth=1)),
    "2 correction levels": Variant(replace(STANDARD, laplacian_depth=2)),
    "5 correction levels": Variant(replace(STANDARD, laplacian_depth=5)),
    "plain pixels": Variant(replace(STANDARD, laplacian_depth=0)),
    "content weight 20": Variant(replace(STANDARD, content_weight=20.0)),
    "content weight 100": Variant(replace(STANDARD, content_weight=100.0)),
    "shallow layers favoured": Variant(replace(STANDARD, layer_weights=(0.3, 0.25, 0.2, 0.15, 0.1))),
    "deep layers favoured": Variant(replace(STANDARD, layer_weights=(0.1, 0.15, 0.2, 0.25, 0.3))),
    "6 pairs": Variant(replace(STANDARD, optimiser=LbfgsSettings(pairs=6))),
    "20 pairs": Variant(replace(STANDARD, optimiser=LbfgsSettings(pairs=20))),
    "no noise": Variant(replace(STANDARD, noise=0.0)),
    "noise 10": Variant(replace(STANDARD, noise=10.0)),
    "style at 2 octaves": Variant(replace(STANDARD, octaves=2)),
    "full size only, 31": Variant(pyramid=((192, 31),)),
    "48-96-192: 60, 40, 20": Variant(pyramid=((48, 60), (96, 40), (192, 20))),
    "96-192: 30, 15": Variant(pyramid=((96, 30), (192, 15))),
    "96-192: 60, 12": Variant(pyramid=((96, 60), (192, 12))),
    "96-192: 90, 60": Variant(pyramid=((96, 90), (192, 60))),
}


def levels_for(content: Picture, variant: Variant) -> list[Level]:
    """The pyramid's levels for a picture's shape."""
    return [
        Level(width=w, height=h, evaluations=evaluations)
        for (w, h), evaluations in (
            (planning.fit(content.width, content.height, side, grid=8), count)
            for side, count in variant.pyramid
        )
    ]


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(description="Measure variants of the recipe `standard`.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(VARIANTS)}")
    names = parser.parse_args().names or list(VARIANTS)
    studio = Studio()
    scenes = []
    for photo, name in PAIRS:
        content = images.decode((PHOTOS / photo).read_bytes(), "picture")
        style = images.decode(catalogue.image_path(name).read_bytes(), "style image")
        scaled = resize(content, *planning.fit(content.width, content.height, SIZE, grid=8))
        target = resize(style, *planning.fit(style.width, style.height, SIZE, grid=1))
        scenes.append((content, style, Judge(studio.network, scaled, target)))
    columns = [field.name for field in fields(Quality)]
    print("| variant | evaluations | " + " | ".join(columns) + " |\n" + "|---" * (len(columns) + 2) + "|")
    for name in names:
        variant = VARIANTS[name]
        measured = []
        for content, style, judge in scenes:
            levels = levels_for(content, variant)
            *_, last = studio.paint_with(variant.recipe, content, [(style, 1.0)], levels, strength=50, seed=0)
            measured.append(astuple(judge.measure(last.picture())))
        cost = sum(count * (side / SIZE) ** 2 for side, count in variant.pyramid)
        means = " | ".join(f"{mean:.3f}" for mean in np.mean(measured, axis=0))
        print(f"| {name} | {cost:.1f} | {means} |", flush=True)


if __name__ == "__main__":
    main()
