"""What is recorded of a painting while it is painted."""

from pathlib import Path

import numpy as np
import pytest

from engine.images import Picture
from engine.workers.recorder import SNAPSHOT_PIXELS, Recorder
from tests.engine.workers.steps import run_of, steps


def test_snapshots_of_a_large_picture_are_bounded(tmp_path: Path) -> None:
    recorder = Recorder(run_of(tmp_path), None)
    grey = Picture(np.full((3072, 4096, 3), 128, np.uint8))
    (step,) = steps(1, [grey])
    recorder.record(step)
    for snapshot in recorder.snapshots(step, grey):
        assert snapshot.picture.width * snapshot.picture.height <= SNAPSHOT_PIXELS
        assert snapshot.picture.width / snapshot.picture.height == pytest.approx(4 / 3, rel=0.01)
