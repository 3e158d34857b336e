"""Whatever the steps of a painting and wherever it ends, its moments tell of it evenly."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engine.painting.snapshots import Moment, Moments, durations

MOST = st.integers(2, 24)
STEPS = st.lists(st.floats(0, 1), min_size=1, max_size=300).map(sorted)


def watch(moments: Moments[int], steps: list[float]) -> tuple[Moment[int], ...]:
    """What is kept of steps with these progresses, as the worker does it; each is known by its number."""
    for number, progress in enumerate(steps):
        if moments.wants(progress):
            moments.take(progress, number)
    return moments.end(steps[-1], len(steps) - 1)


@given(MOST, STEPS)
def test_first_and_last_are_there_and_no_progress_twice(most: int, steps: list[float]) -> None:
    moments = watch(Moments(most), steps)
    assert len(moments) <= most
    progresses = [moment.progress for moment in moments]
    assert all(before < after for before, after in pairwise(progresses))
    assert (progresses[0], progresses[-1]) == (steps[0], steps[-1])
    assert moments[-1].what == len(steps) - 1
    assert all(steps[moment.what] == moment.progress for moment in moments)


@given(MOST, st.integers(200, 2000), st.floats(0.05, 1))
def test_a_painting_of_many_steps_is_told_evenly(most: int, count: int, end: float) -> None:
    steps = [end * (number + 1) / count for number in range(count)]
    moments = watch(Moments(most), steps)
    gaps = [after.progress - before.progress for before, after in pairwise(moments)]
    step = end / count
    typical = sorted(gaps)[len(gaps) // 2]
    assert max(gaps) <= 1.5 * typical + 2 * step
    assert min(gaps[:-1], default=typical) >= typical - 2 * step


@given(MOST, st.integers(200, 2000))
def test_a_whole_painting_fills_the_places(most: int, count: int) -> None:
    steps = [(number + 1) / count for number in range(count)]
    assert len(watch(Moments(most), steps)) >= most - 1


@given(MOST, STEPS, st.data())
def test_going_on_from_earlier_moments_changes_nothing(
    most: int, steps: list[float], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(steps) - 1))
    before: Moments[int] = Moments(most)
    watch(before, steps[: cut + 1])
    after = Moments(most, before.kept, before.spacing)
    for number, progress in list(enumerate(steps))[cut + 1 :]:
        if after.wants(progress):
            after.take(progress, number)
    assert after.end(steps[-1], len(steps) - 1) == watch(Moments(most), steps)


def test_the_end_is_held_longer() -> None:
    *others, last = durations(5)
    assert len(others) == 4
    assert last > max(others)
    assert durations(1) == (last,)
