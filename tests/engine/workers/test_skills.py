"""A worker learns from what it paints, keeps it, and tells it."""

import sys
from collections.abc import Generator
from typing import NoReturn

import pytest

from engine.painting.progress import ProgressTracker, Step
from engine.painting.stopwatch import Stopwatch
from engine.planning.cost_model import Speed
from engine.planning.measuring import Measured
from engine.protocol import Level, Plan, RecipeName
from engine.workers.skills import ProcessMemory, Skills
from tests.engine.simulated import GB, SimulatedGpu

SPEED = Speed(0.1, 1.0)
LEVELS = (Level(width=64, height=64, evaluations=6), Level(width=128, height=128, evaluations=10))
PLAN = Plan(recipe=RecipeName.STANDARD, levels=LEVELS, seconds=1.0)


class Painted:
    """Steps that take what they are said to; what is done with each takes a second more."""

    def __init__(self, *, compiling: float = 5.0) -> None:
        self.now = 0.0
        self.closed = False
        self._compiling = compiling

    def steps(self) -> Generator[Step, None, None]:
        tracker = ProgressTracker([LEVELS, LEVELS[-1:]])
        try:
            for frame, levels in enumerate((LEVELS, LEVELS[-1:])):
                for number, level in enumerate(levels):
                    self.now += self._compiling
                    for evaluation in range(1, level.evaluations + 1, 2):
                        self.now += 2 * 0.25 * (number + 1)
                        yield tracker.step(
                            frame,
                            number,
                            evaluation,
                            losses={},
                            picture=_unseen,
                            likeness=_unseen,
                            checkpoint=_unseen,
                        )
        finally:
            self.closed = True


def _unseen() -> NoReturn:
    raise AssertionError("nobody looks")


def test_only_what_evaluations_take_is_timed_and_only_of_the_first_frame() -> None:
    painted = Painted()
    stopwatch = Stopwatch(lambda: painted.now)
    for _ in stopwatch.timed(painted.steps()):
        painted.now += 1.0
    assert {number: set(map(round_, times)) for number, times in stopwatch.times.items()} == {
        0: {0.25},
        1: {0.5},
    }
    assert [len(times) for times in stopwatch.times.values()] == [2, 4]


def round_(seconds: float) -> float:
    return round(seconds, 6)


def test_a_step_that_is_said_twice_tells_nothing_and_fails_nothing() -> None:
    """As a worker says it in a test that is to kill it there."""
    painted = Painted()
    stopwatch = Stopwatch(lambda: painted.now)
    twice = (step for step in painted.steps() for _ in range(2))
    assert len([*stopwatch.timed(twice)]) == 2 * len([*Painted().steps()])
    assert [len(times) for times in stopwatch.times.values()] == [2, 4]


def test_who_stops_early_ends_the_painting() -> None:
    painted = Painted()
    for _ in (steps := Stopwatch(lambda: painted.now).timed(painted.steps())):
        break
    steps.close()
    assert painted.closed


def test_what_it_learns_is_told_and_kept() -> None:
    kept: list[Measured] = []
    painted, gpu = Painted(), SimulatedGpu(memory=10 * GB)
    skills = Skills(
        Measured(SPEED, 1.5, GB), kept.append, batch=4, label="card", gauge=gpu, clock=lambda: painted.now
    )
    before = skills.abilities
    assert (before.batch, before.device, before.appetite) == (4, "card", 1.5)
    assert before.room == int((int((gpu.left() or 0) * 0.9) - GB) / 1.5)
    with skills.practising(PLAN) as stopwatch:
        for _ in stopwatch.timed(painted.steps()):
            pass
    after = skills.abilities
    assert after.speed.seconds(128, 128) > before.speed.seconds(128, 128)
    assert after.speed.seconds(64, 64) == pytest.approx(
        before.speed.seconds(64, 64), rel=0.01
    )  # too little was seen
    assert [each.speed for each in kept] == [after.speed]
    with pytest.raises(ValueError, match="it breaks off"), skills.practising(PLAN):
        raise ValueError("it breaks off")
    assert len(kept) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")
def test_a_process_knows_what_it_has_taken_since() -> None:
    memory = ProcessMemory()
    ballast = bytearray(2**27)
    assert memory.peak() >= len(ballast) * 0.9
    del ballast
    memory.reset()
    assert memory.peak() < 2**26
    assert memory.left() is None
