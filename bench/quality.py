"""How good a picture is after how many evaluations and seconds: `python -m bench.quality`.

Paints three photos in the style of five paintings with the recipes and with the 2018 tutorial, and judges all by
`bench.measures`. Cost is given in full-size-equivalent evaluations (one loss and gradient at the full size) and in
floating-point operations, which do not depend on the machine, and in seconds of this run. Leaves quality.json,
quality.md, a contact sheet and plots. `--small` takes minutes instead of half an hour or more.
"""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bench import flops, tables
from bench.measures import Judge
from bench.plots import plot
from bench.report import arguments, folder
from bench.rows import GOAL, Row
from bench.scenes import (
    PAINTINGS,
    PICTURES,
    Pair,
    Subject,
    brief,
    equivalents_of,
    load,
    pairs,
    shortened,
    single_level,
    usual,
)
from bench.sheet import sheet
from bench.tutorials import KEPT, tutorial
from engine.images import Picture, resize
from engine.nst.recipes import RECIPES
from engine.painting.session import Session
from engine.protocol import Plan, RecipeName, Settings

SIZE, LARGE = 256, 512
IMAGES = (".png", ".jpg", ".jpeg", ".webp")
SHOWN = (
    "content untouched",
    "style itself",
    "tutorial, {last} steps",
    "standard, 8",
    "standard, 15",
    "standard, 30",
    "fine",
)


@dataclass(frozen=True)
class Scale:
    """What a run of the bench paints: pairs, steps of the tutorial, lengths of `standard`, and whether `fine`."""

    pairs: Sequence[Pair]
    steps: tuple[int, ...] = (100, 300, 1000)
    equivalents: tuple[int, ...] = (8, 15, GOAL, 60)
    fine: bool = True


@dataclass(frozen=True)
class Painted:
    """A picture and what it cost, see `Row`."""

    method: str
    equivalents: float
    tflop: float
    seconds: float
    picture: Picture


def full(photos: Sequence[Path]) -> Scale:
    """The set, with further photos; one pair at twice the size."""
    return Scale([*pairs(SIZE, photos), Pair(PICTURES[1], PAINTINGS[0], LARGE)])


def small() -> Scale:
    """Enough to see that all of it works, and roughly where things stand."""
    return Scale(pairs(128, PICTURES[:2], PAINTINGS[:1]), (30, 100), (8, 15, GOAL), fine=False)


def painted_by(session: Session, subject: Subject, method: str, plan: Plan) -> Painted:
    """Carry out a plan; its seconds are those of a shape that was seen before."""
    for _ in session.paint(subject.scene, brief(plan), Settings()):
        pass
    start = time.perf_counter()
    *_, last = session.paint(subject.scene, plan, Settings())
    picture = last.picture()
    return Painted(
        method, equivalents_of(plan), tflop_of(session, plan), time.perf_counter() - start, picture
    )


def tflop_of(session: Session, plan: Plan) -> float:
    """What a plan's evaluations are, in 10^12 operations."""
    recipe = RECIPES[plan.recipe]
    return sum(
        level.evaluations * flops.of_evaluation(session.network, recipe, level.width, level.height) / 1e12
        for level in plan.levels
    )


def methods(session: Session, subject: Subject, scale: Scale, kept: Path) -> Iterator[Painted]:
    """All pictures of one pair: anchors, ours, the tutorial's."""
    content = subject.content
    yield Painted("content untouched", 0.0, 0.0, 0.0, content)
    yield Painted("style itself", 0.0, 0.0, 0.0, resize(subject.style, content.width, content.height))
    for equivalents in scale.equivalents:
        plan = shortened(subject, RecipeName.STANDARD, equivalents)
        yield painted_by(session, subject, f"standard, {equivalents}", plan)
    if scale.fine:
        yield painted_by(session, subject, "fine", usual(subject, RecipeName.FINE))
    theirs = tutorial(session, subject, scale.steps, kept)
    for steps, picture in theirs.pictures.items():
        tflop = tflop_of(session, single_level(subject, RecipeName.TUTORIAL, steps))
        seconds = steps * theirs.seconds_of_step
        yield Painted(f"tutorial, {steps} steps", float(steps), tflop, seconds, picture)


def photos_in(directory: Path | None) -> list[Path]:
    """The image files of a directory, if there is one."""
    return sorted(path for path in directory.iterdir() if path.suffix.lower() in IMAGES) if directory else []


def write(rows: list[Row], out: Path) -> None:
    """The figures, as they are and as tables and plots."""
    recipes = {str(name): repr(RECIPES[name]) for name in (RecipeName.STANDARD, RecipeName.FINE)}
    figures = {"recipes": recipes, "rows": [asdict(row) for row in rows]}
    (out / "quality.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    (out / "quality.md").write_text(tables.report(rows), encoding="utf-8")
    plot(rows, out / "quality.png")


def main() -> None:
    """Run the bench."""
    parser = arguments(
        "Judge the recipes against the 2018 tutorial.",
        small="two pairs, 128 pixels, 100 steps of the tutorial",
    )
    parser.add_argument("--folder", type=Path, help="with further photos")
    parser.add_argument("--only", nargs="+", metavar="PAIR", help="of the set, as PHOTO-PAINTING-SIZE")
    parser.add_argument("--kept", type=Path, default=KEPT, help="where the tutorial's pictures are kept")
    parser.add_argument("--brief", action="store_true", help="15 and 30 evaluations only, and no `fine`")
    options = parser.parse_args()
    scale = small() if options.small else full([*PICTURES, *photos_in(options.folder)])
    if options.brief:
        scale = replace(scale, equivalents=(15, GOAL), fine=False)
    chosen = [pair for pair in scale.pairs if not options.only or str(pair) in options.only]
    if not chosen:
        parser.error(f"the pairs are: {', '.join(map(str, scale.pairs))}")
    out = folder(options)
    session = Session()
    rows: list[Row] = []
    shown: list[list[Picture]] = []
    names = [name.format(last=scale.steps[-1]) for name in SHOWN]
    for pair in chosen:
        subject = load(pair)
        judge = Judge(session.network, subject.content, subject.style)
        pictures = {}
        for each in methods(session, subject, scale, options.kept):
            pictures[each.method] = each.picture
            measured = judge.measure(each.picture)
            cost = each.equivalents, each.tflop, each.seconds
            rows.append(Row(str(pair), pair.size, each.method, *cost, measured))
        shown.append([pictures[name] for name in names if name in pictures])
        write(rows, out)  # after each pair: a long run that is stopped leaves something
        print(f"{pair}: done", flush=True)
    sheet(shown, [name for name in names if name in pictures]).save(out / "quality.jpg", quality=80)
    print(tables.report(rows))


if __name__ == "__main__":
    main()
