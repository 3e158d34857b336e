"""The verdicts as Markdown."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields

import numpy as np

from bench.report import table
from bench.subject.verdicts import FaceVerdict, Verdict

COLUMNS = tuple(field.name for field in fields(Verdict))
PLACES = {"rank5": 1}


@dataclass(frozen=True)
class Line:
    """One picture of one pair, judged; style and content are `bench.measures`' distances."""

    pair: str
    method: str
    verdict: Verdict
    style: float
    content: float
    face: FaceVerdict | None = None  # where the content has one

    @property
    def values(self) -> dict[str, float]:
        """By column."""
        return dict(zip(COLUMNS, astuple(self.verdict), strict=True)) | {
            "style": self.style,
            "content": self.content,
        }


def by_method(lines: Sequence[Line]) -> str:
    """Means over the pairs (of rank5 the geometric one), and the pair with the worst rank5."""
    methods = dict.fromkeys(line.method for line in lines)
    rows = []
    for method in methods:
        of_method = [line for line in lines if line.method == method]
        worst = max(of_method, key=lambda line: line.verdict.rank5)
        rows.append(
            [method, str(len(of_method)), *_cells(of_method), f"{worst.verdict.rank5:.0f} ({worst.pair})"]
        )
    return table(["method", "pairs", *_header(), "worst rank5"], rows)


def faces(lines: Iterable[Line]) -> str:
    """Means over the contents that have a face; nothing where none has."""
    found: dict[str, list[FaceVerdict]] = {}
    for line in lines:
        if line.face is not None:
            found.setdefault(line.method, []).append(line.face)
    rows = [
        [
            method,
            str(len(verdicts)),
            *(f"{mean:.3f}" for mean in np.mean([astuple(each) for each in verdicts], axis=0)),
        ]
        for method, verdicts in found.items()
    ]
    return table(["method", "pairs", *(field.name for field in fields(FaceVerdict))], rows) if rows else ""


def by_pair(lines: Iterable[Line]) -> str:
    """Each picture."""
    return table(
        ["pair", "method", *_header()], [[line.pair, line.method, *_cells([line])] for line in lines]
    )


def _header() -> list[str]:
    return [*COLUMNS, "style", "content"]


def _cells(lines: Sequence[Line]) -> list[str]:
    return [
        f"{_mean(name, [line.values[name] for line in lines]):.{PLACES.get(name, 3)}f}" for name in _header()
    ]


def _mean(name: str, values: Sequence[float]) -> float:
    return float(np.exp(np.mean(np.log(values))) if name == "rank5" else np.mean(values))
