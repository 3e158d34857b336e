"""What waiting jobs are told of their place: the next at once, those far back a little later, and whoever asks the truth."""

import pytest

from engine.protocol import ErrorCode, Queued, Refusal
from engine.service.config import EngineConfig
from engine.service.event_stream import EventStream
from engine.service.job import Job
from engine.service.open_jobs import FRONT, OpenJobs
from tests.engine.scripted import record

WAITING = 4 * FRONT


class Heard(EventStream):
    """A stream that keeps all that it was told."""

    def __init__(self) -> None:
        super().__init__(0)
        self.positions: list[int] = []

    def publish(self, event: object) -> None:
        assert isinstance(event, Queued)
        self.positions.append(event.position)


@pytest.fixture
def jobs() -> OpenJobs:
    config = EngineConfig(jobs_total=10**6, jobs_per_group=10**6)
    opened = OpenJobs(config)
    for number in range(WAITING):
        opened.add(Job(record(f"user-{number}"), Heard()))
    return opened


def heard(jobs: OpenJobs) -> list[list[int]]:
    return [job.events.positions for job in jobs if isinstance(job.events, Heard)]


def test_the_next_are_told_at_once_and_the_others_later(jobs: OpenJobs) -> None:
    assert jobs.announce_front() == WAITING
    assert heard(jobs) == [[n + 1] for n in range(FRONT)] + [[]] * (WAITING - FRONT)
    assert len([*jobs.announce_all()]) > 1
    assert heard(jobs) == [[n + 1] for n in range(WAITING)]
    jobs.remove(next(jobs.waiting()))
    jobs.announce_front()
    assert sum(len(positions) for positions in heard(jobs)) == WAITING - 1 + FRONT
    assert [*jobs.announce_all()]
    assert [positions[-1] for positions in heard(jobs)] == [*range(1, WAITING)]
    assert not [*jobs.announce_all()]


def test_jobs_that_leave_while_all_are_told_are_not_told(jobs: OpenJobs) -> None:
    jobs.announce_front()
    for _ in jobs.announce_all():
        jobs.remove([*jobs][-1])
    assert all(positions for positions in heard(jobs))


def test_whoever_asks_is_told_the_truth_however_far_back(jobs: OpenJobs) -> None:
    last = [*jobs][-1]
    view = jobs.view(last)
    assert view.position == WAITING
    assert view.eta_seconds == pytest.approx(WAITING * 10)
    jobs.announce_one(last)
    assert heard(jobs)[-1] == [WAITING]


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
