"""What waiting jobs are told of their place: what is worth it, a little later, and whoever asks the truth."""

import math
from itertools import pairwise

import pytest

from engine.protocol import ErrorCode, Queued, Refusal
from engine.service.config import EngineConfig
from engine.service.event_stream import EventStream
from engine.service.job import Job
from engine.service.open_jobs import FRONT, NEXT, WORTH_TELLING, OpenJobs
from tests.engine.lines import lines_run
from tests.engine.scripted import record

WAITING = 4 * FRONT


class Heard(EventStream):
    """A stream that keeps all that it was told."""

    def __init__(self) -> None:
        super().__init__(0)
        self.positions: list[int] = []
        self.times: list[float | None] = []

    def publish(self, event: object) -> None:
        assert isinstance(event, Queued)
        self.positions.append(event.position)
        self.times.append(event.eta_seconds)


@pytest.fixture
def jobs() -> OpenJobs:
    config = EngineConfig(jobs_total=10**6, jobs_per_group=10**6)
    opened = OpenJobs(config)
    for number in range(WAITING):
        opened.add(Job(record(f"user-{number}"), Heard()))
    return opened


def heard(jobs: OpenJobs) -> list[list[int]]:
    return [job.events.positions for job in jobs if isinstance(job.events, Heard)]


def test_as_many_of_the_next_are_told_as_are_to_be(jobs: OpenJobs) -> None:
    assert [*jobs.announce(FRONT)]
    assert heard(jobs) == [[n + 1] for n in range(FRONT)] + [[]] * (WAITING - FRONT)
    assert len([*jobs.announce(WAITING)]) > 1
    assert heard(jobs) == [[n + 1] for n in range(WAITING)]
    assert not [*jobs.announce(WAITING)]  # nobody has moved


def test_each_place_counts_to_the_next_and_to_those_further_back_an_eighth_of_it(jobs: OpenJobs) -> None:
    [*jobs.announce(WAITING)]
    for _ in range(WAITING - 1):
        jobs.remove(next(jobs.waiting()))
        [*jobs.announce(WAITING)]
    (told,) = heard(jobs)
    assert told[-NEXT:] == [*range(NEXT, 0, -1)]
    back = told[:-NEXT]
    assert all(known - then >= known / WORTH_TELLING for known, then in pairwise(back))
    assert len(back) < WORTH_TELLING * math.log(WAITING / NEXT) + 1


def test_a_change_costs_the_same_whoever_waits_and_paints(jobs: OpenJobs) -> None:
    """Nobody is told at a change itself, and neither jobs nor workers are gone through."""
    costs = []
    for _ in range(2):
        job = Job(record("late"), Heard())

        def change(job: Job = job) -> None:
            jobs.check_caps(job.record.request.owner)
            jobs.add(job)
            jobs.remove(job)

        costs.append(lines_run(change))
        for number in range(5 * WAITING):
            jobs.add(Job(record(f"more-{number}"), Heard()))
    assert costs[1] < 1.5 * costs[0]


def test_jobs_that_leave_while_all_are_told_are_not_told(jobs: OpenJobs) -> None:
    for _ in jobs.announce(WAITING):
        jobs.remove([*jobs][-1])
    assert all(positions for positions in heard(jobs))


def test_whoever_asks_is_told_the_truth_however_far_back(jobs: OpenJobs) -> None:
    last = [*jobs][-1]
    view = jobs.view(last)
    assert view.position == WAITING
    assert view.eta_seconds == pytest.approx(WAITING * 10)
    jobs.announce_one(last)
    assert heard(jobs)[-1] == [WAITING]


def test_while_it_is_paused_nobody_is_told_a_time_and_all_hear_when_it_goes_on(jobs: OpenJobs) -> None:
    [*jobs.announce(WAITING)]
    jobs.pause(True)
    [*jobs.announce(WAITING)]
    first, *_, last = jobs
    assert [jobs.view(job).eta_seconds for job in (first, last)] == [None, None]
    assert {forecast.eta_seconds for _, forecast in jobs.front()} == {None}
    jobs.pause(False)
    [*jobs.announce(WAITING)]
    assert all(
        job.events.times == [job.events.times[0], None, job.events.times[0]]
        for job in jobs
        if isinstance(job.events, Heard)
    )
    assert None not in {jobs.view(job).eta_seconds for job in (first, last)}


def test_the_caps_are_counted_as_jobs_come_and_go(jobs: OpenJobs) -> None:
    owner = record("user-1").request.owner
    more = [Job(record("user-1"), Heard()) for _ in range(2)]
    for job in more:
        jobs.check_caps(owner)
        jobs.add(job)
    with pytest.raises(Refusal) as refusal:
        jobs.check_caps(owner)
    assert refusal.value.code is ErrorCode.USER_QUEUE_FULL
    jobs.remove(more[0])
    jobs.check_caps(owner)
