"""Whatever the steps of a painting and wherever it ends, its snapshots tell of it evenly."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.images import Picture
from engine.painting.snapshots import Snapshot, SnapshotSampler

MOST = st.integers(2, 24)
STEPS = st.lists(st.floats(0, 1), min_size=1, max_size=300).map(sorted)


PICTURE = Picture(np.zeros((1, 1, 3), np.uint8))


def watch(sampler: SnapshotSampler, steps: list[float], first: int = 0) -> tuple[Snapshot, ...]:
    """What is kept of steps with these progresses, as the worker does it; each is known by its number."""
    for number, progress in list(enumerate(steps))[first:]:
        if sampler.wants(progress):
            sampler.add(Snapshot(progress, number, PICTURE))
    return sampler.end(Snapshot(steps[-1], len(steps) - 1, PICTURE))


def numbers(snapshots: tuple[Snapshot, ...]) -> list[int]:
    return [snapshot.evaluation for snapshot in snapshots]


@given(MOST, STEPS)
def test_first_and_last_are_there_and_no_progress_twice(most: int, steps: list[float]) -> None:
    snapshots = watch(SnapshotSampler(most), steps)
    assert len(snapshots) <= most
    progresses = [snapshot.progress for snapshot in snapshots]
    assert all(before < after for before, after in pairwise(progresses))
    assert (progresses[0], progresses[-1]) == (steps[0], steps[-1])
    assert snapshots[-1].evaluation == len(steps) - 1
    assert all(steps[snapshot.evaluation] == snapshot.progress for snapshot in snapshots)


@given(MOST, st.integers(200, 2000), st.floats(0.05, 1))
def test_a_painting_of_many_steps_is_told_evenly(most: int, count: int, end: float) -> None:
    steps = [end * (number + 1) / count for number in range(count)]
    snapshots = watch(SnapshotSampler(most), steps)
    gaps = [after.progress - before.progress for before, after in pairwise(snapshots)]
    step = end / count
    between = gaps[:-1] or gaps  # the last one is what was left
    typical = sorted(between)[len(between) // 2]
    assert max(gaps) <= 1.5 * typical + 2 * step
    assert min(between) >= typical - 2 * step


@given(MOST, st.integers(200, 2000))
def test_a_whole_painting_fills_the_places(most: int, count: int) -> None:
    steps = [(number + 1) / count for number in range(count)]
    assert len(watch(SnapshotSampler(most), steps)) >= most - 1


@given(MOST, STEPS, st.data())
def test_going_on_from_earlier_snapshots_changes_nothing(
    most: int, steps: list[float], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(steps) - 1))
    before = SnapshotSampler(most)
    watch(before, steps[: cut + 1])
    after = watch(SnapshotSampler(most, before.kept, before.spacing), steps, cut + 1)
    assert numbers(after) == numbers(watch(SnapshotSampler(most), steps))
