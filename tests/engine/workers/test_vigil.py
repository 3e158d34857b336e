"""How a worker's silence is counted, whatever happens to the time."""

from pathlib import Path

import pytest

from engine.painting.pulse import Activity
from engine.workers.vigil import LIMITS, Patience, Starvation, Vigil


def painting(seconds: float = 0.0) -> Vigil:
    vigil = Vigil(Patience())
    vigil.expect(Activity.PAINTING, seconds)
    return vigil


def test_fifteen_seconds_without_a_sign_are_a_death_and_a_sign_begins_them_anew() -> None:
    vigil = painting()
    for _ in range(15):
        vigil.wait(1.0)
    assert not vigil.is_dead
    vigil.hear()
    vigil.wait(15.0)
    assert not vigil.is_dead
    vigil.wait(1.0)
    assert vigil.is_dead


@pytest.mark.parametrize("activity", Activity)
def test_everything_has_a_bound(activity: Activity) -> None:
    vigil = Vigil(Patience())
    vigil.expect(activity, 1e9)
    vigil.wait(Patience().most + LIMITS[activity] + 1)
    assert vigil.is_dead


def test_what_is_said_to_take_long_may_take_several_times_as_long() -> None:
    vigil = painting(seconds=4.0)
    vigil.wait(39.0)
    assert not vigil.is_dead
    vigil.expect(Activity.PAINTING)
    assert vigil.is_dead


def test_while_others_have_the_processor_no_time_goes_by() -> None:
    vigil = painting()
    for _ in range(60):
        vigil.wait(1.0, starved=0.9)
    assert not vigil.is_dead
    assert not painting().is_long


def test_one_that_somebody_has_stopped_is_dead_after_fifteen_seconds_whatever_it_is_at() -> None:
    vigil = Vigil(Patience())
    vigil.begin()
    vigil.expect(Activity.ENCODING)
    for _ in range(15):
        vigil.wait(1.0, stopped=True)
    vigil.wait(1.0)
    for _ in range(15):
        vigil.wait(1.0, stopped=True)
    assert not vigil.is_dead
    vigil.wait(1.0, stopped=True)
    assert vigil.is_dead


def test_a_cancel_has_five_seconds_and_only_while_its_run_goes_on() -> None:
    vigil = painting()
    vigil.cancel(0)
    vigil.wait(3.0)
    vigil.cancel(0)  # again, by somebody who is impatient
    vigil.wait(2.0)
    assert not vigil.is_disobeyed
    vigil.hear()
    vigil.wait(1.0)
    assert vigil.is_disobeyed
    vigil.settle(0)
    assert not vigil.is_disobeyed
    vigil.cancel(0)
    vigil.wait(60.0)
    assert not vigil.is_disobeyed
    vigil.begin()
    vigil.cancel(0)
    vigil.wait(6.0)
    assert vigil.is_disobeyed


def waits(root: Path, **seconds: float) -> None:
    """Let these threads have waited for so long altogether."""
    for task, waited in seconds.items():
        folder = root / "proc/7/task" / task
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "schedstat").write_text(f"123 {int(waited * 1e9)} 4\n")


def test_the_thread_that_waited_most_tells_how_much_a_process_was_starved(tmp_path: Path) -> None:
    starvation = Starvation(7, tmp_path)
    waits(tmp_path, a=10.0, b=20.0)
    assert starvation.since_last() == 0
    waits(tmp_path, a=10.5, b=20.25, c=100.0)
    assert starvation.since_last() == pytest.approx(0.5)
    (tmp_path / "proc/7/task/a/schedstat").write_text("not counted")
    assert starvation.since_last() == 0
    starvation.forget()
    waits(tmp_path, a=50.0)
    assert starvation.since_last() == 0


def test_where_nothing_is_known_a_process_was_not_starved(tmp_path: Path) -> None:
    starvation = Starvation(7, tmp_path)
    assert [starvation.since_last() for _ in range(2)] == [0, 0]
