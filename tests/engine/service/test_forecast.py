"""When a job will be done is told from what is planned and what was seen, and is never less than it takes."""

import pytest

from engine.planning.cost_model import Speed
from engine.protocol import Audition, Level, Plan, RecipeName
from engine.service.forecast import (
    LEAST_SECONDS,
    Free,
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


SLOW, FAST = Speed(1.0, 0.0), Speed(0.25, 0.0)
QUEUED = [QueuedJob(name, "A", "x", 40.0, arrival) for arrival, name in enumerate("abcd")]


def on(job: QueuedJob, speed: Speed | None) -> float:
    """What was planned is what it takes on the slow one."""
    return job.seconds * (speed or SLOW).overhead


def ends(*free: Free) -> list[float | None]:
    found = dict(forecasts(QUEUED, free, on))
    assert [each.position for each in found.values()] == [1, 2, 3, 4]
    return [each.eta_seconds for each in found.values()]


def test_each_job_goes_to_whoever_is_free_first() -> None:
    assert ends(Free(8.0, SLOW)) == ends(Free(8.0)) == [48.0, 88.0, 128.0, 168.0]
    assert ends(Free(8.0, SLOW), Free(4.0, SLOW)) == [44.0, 48.0, 84.0, 88.0]
    assert dict(forecasts([], [Free(8.0)], on)) == {}


def test_a_fast_card_beside_a_processor_takes_most_of_them_and_each_in_its_own_time() -> None:
    assert ends(Free(0.0, SLOW), Free(0.0, FAST)) == [10.0, 40.0, 20.0, 30.0]
    assert ends(Free(5.0, FAST), Free(90.0, SLOW)) == [15.0, 25.0, 35.0, 45.0]


@pytest.mark.parametrize(
    "free",
    [
        [Free(8.0, SLOW)],
        [Free(8.0, FAST), Free(30.0, SLOW), Free(0.0, SLOW)],
        [Free(2.0 * n, FAST if n % 3 else SLOW) for n in range(20)],
    ],
)
def test_one_that_is_far_back_is_told_about_the_same(free: list[Free]) -> None:
    many = [QueuedJob(str(n), "A", "x", 40.0, n) for n in range(1000)]
    exact = dict(forecasts(many, free, on))
    for position in (65, 300, 1000):
        job = many[position - 1]
        rough = rough_forecast(position, job, 1000, 40_000.0, free, on)
        assert rough.position == position
        assert rough.eta_seconds == pytest.approx(exact[job.id].eta_seconds, rel=0.25)


def test_a_worker_is_busy_until_the_last_of_its_jobs_is_done() -> None:
    assert busy_seconds([("a", 5.0), ("b", 7.0), ("a", 90.0)]) == {"a": 90.0, "b": 7.0}
    assert [minutes_until_free(busy) for busy in ([], [7.0, 90.0], [90.0, 200.0])] == [1, 1, 2]


def test_before_anything_is_seen_it_takes_what_was_planned_and_what_has_to_be_compiled() -> None:
    assert seconds_left(PLAN, 10.0, (3.0, 3.0), 4.0, None, None) == 12.0
    assert seconds_left(PLAN, 10.0, (0.0, 0.0), 99.0, None, None) == LEAST_SECONDS


def test_then_the_pace_tells_for_what_is_done_and_the_plan_for_the_rest() -> None:
    seen = progress(0.5, 5)
    assert seconds_left(PLAN, 10.0, (0.0, 0.0), 20.0, seen, seen) == pytest.approx((20 + 5) * 0.5)
    # Of the twenty seconds the first level's compiling took three; the second's is to come.
    assert seconds_left(PLAN, 10.0, (3.0, 3.0), 20.0, seen, seen) == pytest.approx((17 + 5) * 0.5 + 3)


def test_what_an_earlier_attempt_did_tells_nothing_of_the_pace() -> None:
    first, latest = progress(0.5, 5, taken_over=5), progress(0.6, 6, taken_over=5)
    assert seconds_left(PLAN, 10.0, (0.0, 0.0), 1.0, first, latest) == pytest.approx((1 + 9) * 0.4)


def test_an_audition_compiles_its_levels_in_its_first_tile_only() -> None:
    plan = PLAN.model_copy(update={"audition": Audition(tiles=4, finished=PLAN)})
    first, second = progress(0.1, 5), progress(0.3, 25)
    assert seconds_left(plan, 10.0, (3.0, 3.0), 5.0, first, first) == pytest.approx((2 + 9) * 0.9 + 3)
    assert seconds_left(plan, 10.0, (3.0, 3.0), 10.0, first, second) == pytest.approx((4 + 7) * 0.7)
