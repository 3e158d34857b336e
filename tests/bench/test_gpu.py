"""What the bench for GPUs measures, and what it says of a picture that is not the processor's."""

import numpy as np

from bench.gpu import Figures, Row, line, rows_at
from engine.protocol import Precision

FIGURES = Figures("A10G", seconds=4.0, evaluations=80, memory=2**30, rate=5e12, peak=2e13, repeats=True)


def test_every_way_of_painting_has_its_lines() -> None:
    rows = list(rows_at(512, (1, 8), steps=1000, device="gpu:0"))
    asked = {(row.method, row.pictures) for row in rows}
    assert asked == {("tutorial", 1), *((m, p) for m in ("standard", "audition") for p in (1, 8))}
    assert {row.precision for row in rows if row.method == "standard"} == set(Precision)
    assert sum(row.deterministic for row in rows) == 1


def test_a_picture_that_is_not_the_processors_misses_its_goal() -> None:
    ours = np.full((8, 8, 3), 100, np.uint8)
    row = Row("standard", 512, 8, Precision.BFLOAT16)
    told = line(row, FIGURES, ours + 1, ours)
    assert told == ("| standard, bfloat16 | 8 | 0.50 | 20.0 | 1024 | 25% | yes | 1.000, goal 2: met |")
    assert "missed" in line(row, FIGURES, ours + 3, ours)
    assert line(row, FIGURES, ours, None).endswith("| - |")
