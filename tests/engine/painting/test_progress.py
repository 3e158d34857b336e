"""How far a painting is, counted over levels and frames."""

import numpy as np

from engine.images import Picture
from engine.painting.progress import ProgressTracker, Step
from engine.protocol import Level, Likeness

COARSE, FINE = Level(width=16, height=16, evaluations=4), Level(width=32, height=32, evaluations=2)
LATER = Level(width=32, height=32, evaluations=1)


def step_of(tracker: ProgressTracker, frame: int, level: int, evaluation: int) -> Step:
    return tracker.step(
        frame,
        level,
        evaluation,
        losses={},
        picture=lambda: Picture(np.zeros((32, 32, 3), np.uint8)),
        likeness=lambda: Likeness(style_reached=0, content_kept=100),
        checkpoint=dict,
    )


def test_an_evaluation_counts_by_its_pixels() -> None:
    tracker = ProgressTracker([[COARSE, FINE]])
    step = step_of(tracker, 0, 1, 1)
    assert (step.evaluation, step.evaluations) == (5, 6)
    assert (step.width, step.height) == (32, 32)
    assert step.progress == (4 + 4) / (4 + 2 * 4)


def test_the_last_step_of_the_last_frame_is_the_end() -> None:
    tracker = ProgressTracker([[COARSE, FINE], [LATER]])
    ends = [step_of(tracker, frame, *tracker.end_of(frame)) for frame in (0, 1)]
    assert [(step.frame, step.level, step.evaluation) for step in ends] == [(0, 1, 6), (1, 0, 7)]
    assert ends[1].progress == 1
