"""The quality bench's figures as Markdown: means, and on how many pairs ours beats the tutorial's longest run."""

from collections.abc import Iterable

import numpy as np

from bench.report import line
from bench.rows import ARTEFACTS, GOAL, JUDGED, MEASURES, Row, references

TOGETHER = ("style", "content", *ARTEFACTS)


def report(rows: list[Row]) -> str:
    """All tables."""
    parts = []
    for size in dict.fromkeys(row.size for row in rows):
        of_size = [row for row in rows if row.size == size]
        count = len({row.pair for row in of_size})
        parts.append(f"Means at {size} pixels, {count} pair{'s' * (count > 1)}:\n\n{means(of_size)}")
    last = max(row.equivalents for row in rows if row.is_tutorial)
    parts.append(f"Pairs on which ours is better than the tutorial's {last:.0f} steps:\n\n{verdicts(rows)}")
    if any(row.method == f"standard, {GOAL}" for row in rows):
        parts.append(
            f"`standard` with at most {GOAL} evaluations, measure by measure:\n\n{worst_pairs(rows)}"
        )
    return "\n\n".join(parts) + "\n"


def means(rows: list[Row]) -> str:
    """Means over the pairs, a method a line."""
    lines = [line("method", "evaluations", "TFLOP", "seconds", *MEASURES), "|---" * (len(MEASURES) + 4) + "|"]
    for method, of_method in _by_method(rows):
        costs = (np.mean([getattr(row, each) for row in of_method]) for each in ("equivalents", "tflop"))
        seconds = np.mean([row.seconds for row in of_method])
        values = (np.mean([getattr(row.quality, name) for row in of_method]) for name in MEASURES)
        equivalents, tflop = (f"{cost:.{places}f}" for cost, places in zip(costs, (1, 2), strict=True))
        measures = (f"{value:.3f}" for value in values)
        lines.append(line(method, equivalents, tflop, f"{seconds:.1f}", *measures))
    return "\n".join(lines)


def verdicts(rows: list[Row]) -> str:
    """On how many pairs each of our methods is better, by each measure and by several at once."""
    theirs = references(rows)
    columns = [*JUDGED, "style, content and artefacts"]
    lines = [line("method", *columns), "|---" * (len(columns) + 1) + "|"]
    for method, of_method in _by_method(row for row in rows if row.is_ours):
        won = [[row.beats(theirs[row.pair], name) for row in of_method] for name in JUDGED]
        together = [all(row.beats(theirs[row.pair], name) for name in TOGETHER) for row in of_method]
        cells = (f"{sum(each)} of {len(each)}" for each in (*won, together))
        lines.append(line(method, *cells))
    return "\n".join(lines)


def worst_pairs(rows: list[Row]) -> str:
    """For each measure the pair on which ours compares worst."""
    theirs = references(rows)
    ours = [row for row in rows if row.method == f"standard, {GOAL}"]
    lines = [line("measure", "better on", "worst pair", "ours", "tutorial"), "|---" * 5 + "|"]
    for name in JUDGED:
        better = sum(row.beats(theirs[row.pair], name) for row in ours)
        worst = max(ours, key=lambda row: _ratio(row, theirs[row.pair], name))
        values = (getattr(row.quality, name) for row in (worst, theirs[worst.pair]))
        lines.append(
            line(name, f"{better} of {len(ours)}", worst.pair, *(f"{value:.3f}" for value in values))
        )
    return "\n".join(lines)


def _ratio(ours: Row, theirs: Row, name: str) -> float:
    return ours.quality.faults[name] / max(theirs.quality.faults[name], 1e-6)


def _by_method(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.method, []).append(row)
    return list(found.items())
