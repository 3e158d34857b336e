"""Where the benches leave their figures, and how they write them down."""

import argparse
from collections.abc import Iterable
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


def arguments(description: str, small: str) -> argparse.ArgumentParser:
    """A parser with what all benches have: `--small`, which is described by `small`, and `--out`."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--small", action="store_true", help=small)
    parser.add_argument(
        "-o", "--out", type=Path, help="default: bench/results, with --small bench/results/small"
    )
    return parser


def folder(options: argparse.Namespace) -> Path:
    """Where the results go; made if it is not there."""
    chosen: Path = options.out or (RESULTS / "small" if options.small else RESULTS)
    chosen.mkdir(parents=True, exist_ok=True)
    return chosen


def leave(text: str, path: Path) -> None:
    """Print a report and keep it."""
    path.write_text(text + "\n", encoding="utf-8")
    print(text)


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    columns = list(header)
    return "\n".join([line(*columns), "|---" * len(columns) + "|", *(line(*row) for row in rows)])


def line(*cells: str) -> str:
    """A row of a Markdown table."""
    return "| " + " | ".join(cells) + " |"


def met(is_met: bool) -> str:
    """Whether a goal was."""
    return "met" if is_met else "missed"
