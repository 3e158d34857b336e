"""How good a picture is after how many evaluations: `python -m bench.quality [--size 256] [--pairs 5] [-o FOLDER]`.

Paints the same pairs with the recipes and with the 2018 tutorial, and judges all by `bench.measures`. Cost is
given in full-size-equivalent evaluations (one loss and gradient at the full size), which do not depend on the
machine. Leaves quality.json, quality.md and a contact sheet. `--small` takes minutes instead of an hour.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
from PIL import Image

from bench.measures import Judge, Quality
from engine import catalogue, images
from engine.images import Picture, resize
from engine.nst import planning
from engine.nst.recipes import STANDARD
from engine.nst.speed import Speed
from engine.protocol import JobRequest, Level, Owner, Plan, RecipeName, StyleChoice
from engine.studio import Studio

PHOTOS = Path(__file__).parents[1] / "demo" / "photos"
PAIRS: tuple[tuple[str, str], ...] = (
    ("chelsea.png", "great_wave"),
    ("coffee.png", "composition_vii"),
    ("rocket.jpg", "starry_night"),
    ("astronaut.png", "the_scream"),
    ("coffee.png", "starry_night"),
)
TUTORIAL_STEPS: tuple[int, ...] = (100, 300, 1000)
FINEST = (5, 10, 20, 30)  # evaluations at the full size, of `standard`


@dataclass(frozen=True)
class Row:
    """One picture judged."""

    pair: str
    method: str
    equivalents: float
    quality: Quality


def paint_standard(
    studio: Studio, content: Picture, style: Picture, size: int
) -> Iterator[tuple[str, float, Picture]]:
    """(method, equivalents, picture) of `standard` with more and more evaluations."""
    for finest in FINEST:
        request = JobRequest(
            owner=Owner(guild="", user=""),
            styles=(StyleChoice(part="style-1"),),
            size=size,
            evaluations=finest,
        )
        plan = planning.make_plan(request, content.width, content.height, Speed(0.0, 0.001))
        *_, last = studio.paint(content, [(style, 1.0)], plan, strength=50, seed=0)
        yield f"standard, {finest} at full size", planning.equivalent_evaluations(plan.levels), last.picture()


def paint_tutorial(
    studio: Studio, content: Picture, style: Picture, steps: tuple[int, ...]
) -> Iterator[tuple[str, float, Picture]]:
    """The same of the tutorial, at several moments of one run; the content has the wanted size."""
    level = Level(width=content.width, height=content.height, evaluations=steps[-1])
    plan = Plan(recipe=RecipeName.TUTORIAL, levels=(level,), seconds=0)
    for step in studio.paint(content, [(style, 1.0)], plan, strength=50, seed=0):
        if step.evaluation in steps:
            yield f"tutorial, {step.evaluation} steps", float(step.evaluation), step.picture()


def judge_pair(
    studio: Studio, photo: str, painting: str, size: int, steps: tuple[int, ...]
) -> Iterator[tuple[Row, Picture]]:
    """All methods on one pair, with the content and the style themselves as anchors."""
    original = images.decode((PHOTOS / photo).read_bytes(), "picture")
    study = images.decode(catalogue.image_path(painting).read_bytes(), "style image")
    content = resize(original, *planning.fit(original.width, original.height, size, grid=8))
    style = resize(study, *planning.fit(study.width, study.height, size, grid=1))
    judge = Judge(studio.network, content, style)
    pair = f"{Path(photo).stem} x {painting}"
    anchors = [
        ("content untouched", 0.0, content),
        ("style itself", 0.0, resize(style, content.width, content.height)),
    ]
    painted = paint_standard(studio, content, study, size), paint_tutorial(studio, content, study, steps)
    for group in (anchors, *painted):
        for method, equivalents, picture in group:
            yield Row(pair, method, equivalents, judge.measure(picture)), picture


def table(rows: list[Row]) -> str:
    """Means over the pairs, a method a line, as Markdown."""
    names = [field.name for field in fields(Quality)]
    lines = ["| method | evaluations | " + " | ".join(names) + " |", "|---" * (len(names) + 2) + "|"]
    for method in dict.fromkeys(row.method for row in rows):
        of_method = [row for row in rows if row.method == method]
        means = [np.mean([getattr(row.quality, name) for row in of_method]) for name in names]
        cost = np.mean([row.equivalents for row in of_method])
        lines.append(f"| {method} | {cost:.1f} | " + " | ".join(f"{mean:.3f}" for mean in means) + " |")
    return "\n".join(lines)


def sheet(pictures: list[list[Picture]]) -> Image.Image:
    """A row a pair, a column a method, all cells of one height."""
    height = min(picture.height for row in pictures for picture in row)
    rows = [
        np.concatenate(
            [resize(each, round(each.width * height / each.height), height).rgb for each in row], axis=1
        )
        for row in pictures
    ]
    width = max(row.shape[1] for row in rows)
    padded = [np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0)), constant_values=255) for row in rows]
    return Image.fromarray(np.concatenate(padded))


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(description="Judge the recipes against the 2018 tutorial.")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--pairs", type=int, default=len(PAIRS))
    parser.add_argument("--small", action="store_true", help="two pairs, 128 pixels, 100 tutorial steps")
    parser.add_argument("-o", "--out", type=Path, default=Path("bench/results"))
    options = parser.parse_args()
    size, pairs, steps = options.size, PAIRS[: options.pairs], TUTORIAL_STEPS
    if options.small:
        size, pairs, steps = 128, PAIRS[:2], (100,)
    studio = Studio()
    rows: list[Row] = []
    pictures: list[list[Picture]] = []
    for photo, painting in pairs:
        judged = list(judge_pair(studio, photo, painting, size, steps))
        rows += [row for row, _ in judged]
        pictures.append([picture for _, picture in judged])
        print(table(rows), flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "quality.json").write_text(
        json.dumps({"size": size, "recipe": repr(STANDARD), "rows": [asdict(row) for row in rows]}, indent=1)
        + "\n"
    )
    (options.out / "quality.md").write_text(table(rows) + "\n")
    sheet(pictures).save(options.out / "quality.jpg", quality=85)


if __name__ == "__main__":
    main()
