"""Paints a set and leaves its pictures for `bench.subject` and `bench.blind`: `python -m bench.gallery FOLDER`.

Each is PHOTO-PAINTING-SIZE-METHOD.png; METHOD is what you call the engine at hand. What is there already stays, so that
a run that was stopped goes on.
"""

import argparse
from pathlib import Path

from bench.scenes import PAINTINGS, PICTURES, Pair, load, pairs, shortened, usual, various
from engine import images
from engine.painting.session import Session
from engine.protocol import ImageFormat, RecipeName, Settings


def chosen(sizes: list[int], only: list[str] | None, *, is_various: bool) -> list[Pair]:
    """The set, or the various kinds, at each size; `only` names some as PHOTO-PAINTING."""
    found = [
        pair for size in sizes for pair in (various(size) if is_various else pairs(size, PICTURES, PAINTINGS))
    ]
    return [pair for pair in found if not only or f"{pair.photo.stem}-{pair.painting}" in only]


def paint(
    session: Session, pair: Pair, recipe: RecipeName, evaluations: float | None, settings: Settings
) -> bytes:
    """One picture as PNG; at most `evaluations` full-size equivalents, else what the recipe wants."""
    subject = load(pair)
    plan = shortened(subject, recipe, evaluations) if evaluations else usual(subject, recipe)
    *_, last = session.paint(subject.scene, plan, settings)
    return images.encode(last.picture(), ImageFormat.PNG)


def main() -> None:
    """Paint what is not there yet."""
    parser = argparse.ArgumentParser(description="Paint a set for those who judge.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--method", default="standard", help="what the pictures are called by")
    parser.add_argument("--sizes", type=int, nargs="+", default=[256], help="long sides in pixels")
    parser.add_argument("--recipe", type=RecipeName, choices=list(RecipeName), default=RecipeName.STANDARD)
    parser.add_argument("--evaluations", type=float, help="full-size equivalents at most")
    parser.add_argument("--strength", type=int, help="other than the default")
    parser.add_argument("--various", action="store_true", help="the kinds of pictures that nobody tuned to")
    parser.add_argument("--only", nargs="+", metavar="PAIR", help="of the set, as PHOTO-PAINTING")
    options = parser.parse_args()
    found = chosen(options.sizes, options.only, is_various=options.various)
    if not found:
        parser.error("no pair is called so")
    settings = Settings() if options.strength is None else Settings(strength=options.strength)
    options.folder.mkdir(parents=True, exist_ok=True)
    session = Session()
    for pair in found:
        path = options.folder / f"{pair}-{options.method}.png"
        if not path.exists():
            path.write_bytes(paint(session, pair, options.recipe, options.evaluations, settings))
            print(path.name, flush=True)


if __name__ == "__main__":
    main()
