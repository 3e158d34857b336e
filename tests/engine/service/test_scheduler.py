"""The queue's order is fair, whatever waits and whoever was served before, and is kept at little cost."""

from collections import deque
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.service.scheduler import FairQueue, QueuedJob
from tests.engine.lines import lines_run

owners = st.tuples(st.sampled_from("ABC"), st.sampled_from("xyz"))
waiting = st.lists(st.tuples(owners, st.booleans()), max_size=20).map(
    lambda jobs: [
        QueuedJob(str(number), group, user, 10.0, number, retry=retry)
        for number, ((group, user), retry) in enumerate(jobs)
    ]
)
histories = st.lists(owners, max_size=20)
# What happens to a queue: a job comes, or the one at this place goes, or the one at this place is painted.
happenings = st.lists(
    st.one_of(
        st.tuples(st.just("comes"), st.tuples(owners, st.booleans())),
        st.tuples(st.sampled_from(["goes", "is painted"]), st.integers(0, 5)),
    ),
    max_size=40,
)


def queue_after(jobs: Sequence[QueuedJob], history: Sequence[tuple[str, str]]) -> FairQueue:
    queue = FairQueue()
    for job in jobs:
        queue.add(job)
    for turn, (group, user) in enumerate(history, 1):
        queue.record_turn(group, user, turn)
    return queue


def fair_order(jobs: Sequence[QueuedJob], history: Sequence[tuple[str, str]]) -> list[QueuedJob]:
    return [*queue_after(jobs, history)]


# --- the same order made anew, as plainly as can be --------------------------------------------------------


def order_made_anew(jobs: Sequence[QueuedJob], history: Sequence[tuple[str, str]]) -> list[QueuedJob]:
    """What is kept has to be the same as this, which goes through all jobs for every group and user."""
    fresh = [job for job in jobs if not job.retry]
    turns = {group: turn for turn, (group, _) in enumerate(history, 1)}
    groups = sorted(dict.fromkeys(job.group for job in fresh), key=lambda group: turns.get(group, 0))
    return [job for job in jobs if job.retry] + [
        *round_robin([of_group(group, fresh, history) for group in groups])
    ]


def of_group(
    group: str, jobs: Sequence[QueuedJob], history: Sequence[tuple[str, str]]
) -> Iterator[QueuedJob]:
    turns = {owner: turn for turn, owner in enumerate(history, 1)}
    own = [job for job in jobs if job.group == group]
    users = sorted(dict.fromkeys(job.user for job in own), key=lambda user: turns.get((group, user), 0))
    return round_robin([iter([job for job in own if job.user == user]) for user in users])


def round_robin(queues: Sequence[Iterator[QueuedJob]]) -> Iterator[QueuedJob]:
    left = deque(queues)
    while left:
        queue = left.popleft()
        if (job := next(queue, None)) is not None:
            yield job
            left.append(queue)


@given(happenings)
def test_the_order_that_is_kept_is_the_one_that_would_be_made(
    happens: list[tuple[str, tuple[tuple[str, str], bool] | int]],
) -> None:
    queue, jobs, history = FairQueue(), list[QueuedJob](), list[tuple[str, str]]()
    for arrival, (what, which) in enumerate(happens):
        if isinstance(which, tuple):
            (group, user), retry = which
            jobs.append(QueuedJob(str(arrival), group, user, float(arrival), arrival, retry=retry))
            queue.add(jobs[-1])
        elif which < len(jobs):
            job = [*queue][which] if what == "is painted" else jobs[which]
            jobs.remove(job)
            queue.remove(job)
            if what == "is painted":
                history.append((job.group, job.user))
                queue.record_turn(job.group, job.user, len(history))
        expected = order_made_anew(jobs, history)
        assert [*queue] == expected
        assert len(queue) == len(expected)
        assert [queue.position(job) for job in expected] == [*range(1, len(expected) + 1)]
        assert queue.seconds == sum(job.seconds for job in jobs)


# --- fair -------------------------------------------------------------------------------------------------


@given(waiting, histories)
def test_everybody_is_in_it_once_and_retries_come_first(
    jobs: list[QueuedJob], history: list[tuple[str, str]]
) -> None:
    order = fair_order(jobs, history)
    assert sorted(job.id for job in order) == sorted(job.id for job in jobs)
    retries = [job for job in jobs if job.retry]
    assert order[: len(retries)] == retries


@given(waiting, histories)
def test_a_users_jobs_stay_in_order(jobs: list[QueuedJob], history: list[tuple[str, str]]) -> None:
    order = [job for job in fair_order(jobs, history) if not job.retry]
    for owner in {(job.group, job.user) for job in order}:
        own = [int(job.id) for job in order if (job.group, job.user) == owner]
        assert own == sorted(own)


@given(waiting, histories)
def test_nobody_is_served_twice_while_another_waits(
    jobs: list[QueuedJob], history: list[tuple[str, str]]
) -> None:
    order = [job for job in fair_order(jobs, history) if not job.retry]
    for first in range(len(order)):
        for second in range(first + 1, len(order)):
            between = order[first + 1 : second]
            later = order[second:]
            if order[first].group == order[second].group:
                others = {job.group for job in later} - {order[second].group}
                assert others <= {job.group for job in between}
            owner = (order[first].group, order[first].user)
            if owner == (order[second].group, order[second].user):
                mates = {job.user for job in later if job.group == owner[0]} - {owner[1]}
                assert mates <= {job.user for job in between if job.group == owner[0]}


@pytest.mark.parametrize("of_one_server", [True, False])
def test_who_has_twenty_does_not_hold_up_who_has_one(of_one_server: bool) -> None:
    """A member in their server, and a server among others: the one comes right after what is painted now."""
    many = [QueuedJob(str(n), "A", "x" if of_one_server else f"x{n}", 10.0, n) for n in range(20)]
    one = QueuedJob("one", "A" if of_one_server else "B", "y", 10.0, 20)
    queue = queue_after([*many, one], [])
    assert queue.position(one) == 2
    queue.remove(many[0])
    queue.record_turn("A", many[0].user, 1)
    assert next(iter(queue)) == one


@given(waiting, histories)
def test_who_was_served_longest_ago_is_next(jobs: list[QueuedJob], history: list[tuple[str, str]]) -> None:
    turns = {group: turn for turn, (group, _) in enumerate(history, 1)}
    order = [job for job in fair_order(jobs, history) if not job.retry]
    if order:
        assert turns.get(order[0].group, 0) == min(turns.get(job.group, 0) for job in order)


@given(waiting, histories)
def test_serving_the_first_leaves_the_rest_as_it_was(
    jobs: list[QueuedJob], history: list[tuple[str, str]]
) -> None:
    order = fair_order(jobs, history)
    if order:
        first = order[0]
        then = history if first.retry else [*history, (first.group, first.user)]
        assert fair_order([job for job in jobs if job != first], then) == order[1:]


# --- cheap ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("owner", ["one of one group", "each of one group", "each of a group of their own"])
def test_a_change_costs_little_more_among_ten_thousand(owner: str) -> None:
    def job(number: int) -> QueuedJob:
        group = str(number) if owner == "each of a group of their own" else ""
        return QueuedJob(str(number), group, str(number) if group or "each" in owner else "", 1.0, number)

    def change(queue: FairQueue, number: int) -> None:
        queue.add(job(number))
        queue.position(job(number))
        first = next(iter(queue))
        queue.remove(first)
        queue.record_turn(first.group, first.user, number)
        assert len([*islice(queue, 10)]) == 10
        assert queue.equals(10)[0] == next(iter(queue))

    costs = []
    for size in (100, 10_000):
        queue = FairQueue()
        for number in range(size):
            queue.add(job(number))
        costs.append(lines_run(partial(change, queue, size)))
    assert costs[1] < 1.5 * costs[0]
