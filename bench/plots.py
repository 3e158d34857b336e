"""The quality bench's figures as curves: what each operation and each second is worth."""

from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from bench.rows import GOAL, MEASURES, Row, references

OURS, THEIRS, FINE = "tab:blue", "tab:red", "tab:green"
BETTER = {
    "edges": "higher is better",
    "lp": "higher is better",
    "noise": "1 is the style's",
    "evenness": "1 is the style's",
}
AXES: tuple[tuple[str, Callable[[Row], float]], ...] = (
    ("TFLOP", lambda row: row.tflop),
    ("seconds in this run", lambda row: row.seconds),
)


def plot(rows: Sequence[Row], path: Path) -> None:
    """Means over the pairs of the first size, against operations and seconds; style against content."""
    mpl.use("agg")
    of_size = [row for row in rows if row.size == rows[0].size]
    figure = Figure(figsize=(22, 15), layout="constrained")
    grid = figure.subplots(4, 5)
    for half, (label, cost) in enumerate(AXES):
        panels = grid[2 * half : 2 * half + 2].ravel()
        for axes, measure in zip(panels, MEASURES, strict=False):
            _curves(axes, of_size, measure, label, cost)
    _fronts(grid[1, 4], of_size)
    _pairs(grid[3, 4], rows)
    figure.suptitle(
        f"{len({row.pair for row in of_size})} pairs at {rows[0].size} pixels, means; dotted: content untouched"
    )
    figure.savefig(path, dpi=70)


def _groups(rows: Sequence[Row]) -> list[tuple[str, str, list[list[Row]]]]:
    """(label, colour, rows of each method) of the curves."""
    kinds: list[tuple[str, str, Callable[[Row], bool]]] = [
        ("standard", OURS, lambda row: row.method.startswith("standard")),
        ("fine", FINE, lambda row: row.method == "fine"),
        ("tutorial", THEIRS, lambda row: row.is_tutorial),
    ]
    groups = []
    for label, colour, belongs in kinds:
        methods = dict.fromkeys(row.method for row in rows if belongs(row))
        if methods:
            groups.append((label, colour, [[row for row in rows if row.method == name] for name in methods]))
    return groups


def _mean(rows: Sequence[Row], value: Callable[[Row], float]) -> float:
    return float(np.mean([value(row) for row in rows]))


def _value(measure: str) -> Callable[[Row], float]:
    return lambda row: float(getattr(row.quality, measure))


def _curves(axes: Axes, rows: Sequence[Row], measure: str, label: str, cost: Callable[[Row], float]) -> None:
    value = _value(measure)
    for name, colour, methods in _groups(rows):
        costs = [_mean(of_method, cost) for of_method in methods]
        axes.plot(costs, [_mean(of_method, value) for of_method in methods], "o-", color=colour, label=name)
    untouched = [row for row in rows if row.method == "content untouched"]
    if measure not in ("style", "content", "edges"):  # there it would only squeeze the curves
        axes.axhline(_mean(untouched, value), color="grey", linestyle=":")
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_title(f"{measure} ({BETTER.get(measure, 'lower is better')})")
    axes.set_xlabel(label)
    axes.legend()


def _fronts(axes: Axes, rows: Sequence[Row]) -> None:
    """Style against content: lower left is better; each point says its evaluations."""
    for name, colour, methods in _groups(rows):
        points = [(_mean(each, _value("content")), _mean(each, _value("style"))) for each in methods]
        axes.plot([x for x, _ in points], [y for _, y in points], "o-", color=colour, label=name)
        for point, of_method in zip(points, methods, strict=True):
            axes.annotate(f" {_mean(of_method, lambda row: row.equivalents):.0f}", point)
    axes.set(title="style against content", xlabel="content", ylabel="style")
    axes.legend()


def _pairs(axes: Axes, rows: Sequence[Row]) -> None:
    """A line for each pair, from the tutorial's longest run to ours of the goal's length."""
    theirs = references(list(rows))
    content, style = _value("content"), _value("style")
    for row in rows:
        if row.method == f"standard, {GOAL}":
            ends = theirs[row.pair], row
            axes.plot([content(end) for end in ends], [style(end) for end in ends], color="lightgrey")
            for end, colour in zip(ends, (THEIRS, OURS), strict=True):
                axes.plot(content(end), style(end), "o", color=colour)
    axes.set(title=f"every pair: tutorial to standard, {GOAL}", xlabel="content", ylabel="style")
