"""A sheet to vote on without knowing what is what: `python -m bench.blind FOLDER A B`.

Lays out the pictures of two methods for the same pairs, beside their content and style, left and right by chance, and
asks two questions of each pair. FOLDER is as `bench.subject` takes it. Leaves blind.png, and who is who in blind-key.json,
which voters don't get.

Rule: nothing on the sheet tells the methods apart; a row's number is all that it shares with the key.
"""

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from bench.entries import Entry, Sources, entries, fitted, read
from bench.report import folder
from bench.sheet import HEADING, sheet
from engine.images import Picture, resize

QUESTIONS = ("Which keeps the subject?", "Which has more of the style?")
HEADINGS = ("content", "style", "left", "right")
VOTES = 34  # pixels of height, below each row


@dataclass(frozen=True)
class Choice:
    """A row of the sheet: the same pair by two methods."""

    left: Entry
    right: Entry


def choices(found: Sequence[Entry], methods: tuple[str, str], seed: int) -> list[Choice]:
    """The pairs that both methods painted at one size: in random order, each with a random side first."""
    chance = random.Random(seed)  # noqa: S311, a shuffle is no secret
    by_key: dict[tuple[str, str, int], dict[str, Entry]] = {}
    for entry in found:
        by_key.setdefault((entry.photo, entry.painting, entry.size), {})[entry.method] = entry
    first, second = methods
    both = [each for each in by_key.values() if first in each and second in each]
    rows = [chance.sample([each[first], each[second]], 2) for each in both]
    chance.shuffle(rows)
    return [Choice(left, right) for left, right in rows]


def layout(rows: Sequence[Sequence[Picture]]) -> Image.Image:
    """Each row of four pictures with a line to vote on below it."""
    pieces = [sheet([row], HEADINGS) for row in rows]
    width = max(piece.width for piece in pieces)
    board = Image.new("RGB", (width, sum(piece.height + VOTES for piece in pieces)), "white")
    pen = ImageDraw.Draw(board)
    top = 0
    for number, piece in enumerate(pieces, 1):
        board.paste(piece, (0, top))
        top += piece.height
        for line, question in enumerate(QUESTIONS):
            pen.text(
                (4, top + 1 + line * HEADING), f"{number}. {question}  [ ] left  [ ] right", fill="black"
            )
        top += VOTES
    return board


def key(chosen: Sequence[Choice]) -> list[dict[str, str | int]]:
    """What is where, by the sheet's numbers."""
    return [
        {"row": number, "pair": each.left.pair, "left": each.left.method, "right": each.right.method}
        for number, each in enumerate(chosen, 1)
    ]


def pictures(choice: Choice, sources: Sources) -> list[Picture]:
    """What a row shows; of the style as much as fits beside the content."""
    content = fitted(sources.content(choice.left), choice.left.size)
    shown = (resize(read(each), content.width, content.height) for each in (choice.left, choice.right))
    return [content, sources.style(choice.left), *shown]


def main() -> None:
    """Make the sheet and its key."""
    parser = argparse.ArgumentParser(description="Lay out two methods for people to vote on.")
    parser.add_argument("folder", type=Path, help="with PHOTO-PAINTING-SIZE-METHOD.png")
    parser.add_argument("methods", nargs=2, metavar="METHOD")
    parser.add_argument("--photos", type=Path, help="folder of other photos than the bench's own")
    parser.add_argument("--styles", type=Path, help="folder of other styles than the bundled studies")
    parser.add_argument("--seed", type=int, default=0, help="for another order")
    parser.add_argument("--small", action="store_true", help="the first three rows only")
    parser.add_argument("-o", "--out", type=Path, help="default: bench/results")
    options = parser.parse_args()
    first, second = options.methods
    chosen = choices(entries(options.folder), (first, second), options.seed)
    chosen = chosen[:3] if options.small else chosen
    if not chosen:
        parser.error(f"no pair in {options.folder} was painted by both")
    sources = Sources(options.photos, options.styles)
    out = folder(options)
    layout([pictures(each, sources) for each in chosen]).save(out / "blind.png")
    (out / "blind-key.json").write_text(json.dumps(key(chosen), indent=1) + "\n", encoding="utf-8")
    print(f"{len(chosen)} rows in {out / 'blind.png'}")


if __name__ == "__main__":
    main()
