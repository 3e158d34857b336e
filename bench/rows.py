"""What the quality bench measures: one picture of one pair, judged."""

from dataclasses import dataclass, fields

from bench.measures import Quality

GOAL = 30  # full-size-equivalent evaluations with which `standard` is to beat the tutorial's longest run
MEASURES = tuple(field.name for field in fields(Quality))
GUARDS = ("evenness",)  # printed, but no goal: to look alike everywhere is no merit
JUDGED = tuple(name for name in MEASURES if name not in GUARDS)
ARTEFACTS = ("noise", "border", "clipped")


@dataclass(frozen=True)
class Row:
    """One picture judged.

    equivalents: full-size-equivalent evaluations of the network that it was painted with, the whole one or the one of
    low rank, and `tflop`, what these are in 10^12 floating-point operations. seconds: of painting it, in the run of the
    bench.
    """

    pair: str
    size: int
    method: str
    equivalents: float
    tflop: float
    seconds: float
    quality: Quality

    @property
    def is_tutorial(self) -> bool:
        """Whether the tutorial painted it."""
        return self.method.startswith("tutorial")

    @property
    def is_ours(self) -> bool:
        """Whether one of our recipes painted it."""
        return self.equivalents > 0 and not self.is_tutorial

    def beats(self, other: "Row", measure: str) -> bool:
        """Whether it is better by one measure."""
        return self.quality.faults[measure] < other.quality.faults[measure]


def references(rows: list[Row]) -> dict[str, Row]:
    """Of each pair the tutorial's longest run."""
    theirs = sorted((row for row in rows if row.is_tutorial), key=lambda row: row.equivalents)
    return {row.pair: row for row in theirs}
