"""When a job will be done is told from what is planned and what was seen, and is never less than it takes."""

import pytest

from engine.protocol import Audition, Level, Plan, RecipeName
from engine.service.forecast import (
    LEAST_SECONDS,
    Forecast,
    busy_seconds,
    forecasts,
    minutes_until_free,
    rough_forecast,
    seconds_left,
)
from engine.service.scheduler import QueuedJob
from tests.engine.scripted import progress

PLAN = Plan(
    recipe=RecipeName.DRAFT,
    levels=(Level(width=8, height=8, evaluations=10), Level(width=16, height=16, evaluations=10)),
    seconds=10.0,
)


def test_times_add_up_over_the_workers() -> None:
    jobs = [QueuedJob("a", "A", "x", 10.0, 1), QueuedJob("b", "A", "x", 30.0, 2)]
    assert forecasts(jobs, [8.0], 1) == {"a": Forecast(1, 18.0), "b": Forecast(2, 48.0)}
    assert forecasts(jobs, [8.0, 4.0], 2) == {"a": Forecast(1, 16.0), "b": Forecast(2, 41.0)}
    assert forecasts([], [8.0], 1) == {}
    assert rough_forecast(2, jobs[1], 2, 40.0, [8.0], 2) == Forecast(2, (8.0 + 20.0) / 2 + 30.0)


def test_a_worker_is_busy_until_the_last_of_its_jobs_is_done() -> None:
    assert busy_seconds([("a", 5.0), ("b", 7.0), ("a", 90.0)]) == [90.0, 7.0]
    assert [minutes_until_free(busy) for busy in ([], [7.0, 90.0], [90.0, 200.0])] == [1, 1, 2]


def test_before_anything_is_seen_it_takes_what_was_planned_and_what_has_to_be_compiled() -> None:
    assert seconds_left(PLAN, (3.0, 3.0), 4.0, None, None) == 12.0
    assert seconds_left(PLAN, (0.0, 0.0), 99.0, None, None) == LEAST_SECONDS


def test_then_the_pace_tells_for_what_is_done_and_the_plan_for_the_rest() -> None:
    seen = progress(0.5, 5)
    assert seconds_left(PLAN, (0.0, 0.0), 20.0, seen, seen) == pytest.approx((20 + 5) * 0.5)
    # Of the twenty seconds the first level's compiling took three; the second's is to come.
    assert seconds_left(PLAN, (3.0, 3.0), 20.0, seen, seen) == pytest.approx((17 + 5) * 0.5 + 3)


def test_what_an_earlier_attempt_did_tells_nothing_of_the_pace() -> None:
    first, latest = progress(0.5, 5, taken_over=5), progress(0.6, 6, taken_over=5)
    assert seconds_left(PLAN, (0.0, 0.0), 1.0, first, latest) == pytest.approx((1 + 9) * 0.4)


def test_an_audition_compiles_its_levels_in_its_first_tile_only() -> None:
    plan = PLAN.model_copy(update={"audition": Audition(tiles=4, finished=PLAN)})
    first, second = progress(0.1, 5), progress(0.3, 25)
    assert seconds_left(plan, (3.0, 3.0), 5.0, first, first) == pytest.approx((2 + 9) * 0.9 + 3)
    assert seconds_left(plan, (3.0, 3.0), 10.0, first, second) == pytest.approx((4 + 7) * 0.7)
