"""The queue's order is fair, whatever waits and whoever was served before."""

from hypothesis import given
from hypothesis import strategies as st

from engine.service.scheduler import LastServed, QueuedJob, fair_order

owners = st.tuples(st.sampled_from("ABC"), st.sampled_from("xyz"))
waiting = st.lists(st.tuples(owners, st.booleans()), max_size=20).map(
    lambda jobs: [
        QueuedJob(str(number), group, user, 10.0, retry=retry)
        for number, ((group, user), retry) in enumerate(jobs)
    ]
)
histories = st.lists(owners, max_size=20)


def served_after(history: list[tuple[str, str]]) -> LastServed:
    served = LastServed()
    for turn, (group, user) in enumerate(history, 1):
        served.record(group, user, turn)
    return served


@given(waiting, histories)
def test_everybody_is_in_it_once_and_retries_come_first(
    jobs: list[QueuedJob], history: list[tuple[str, str]]
) -> None:
    order = fair_order(jobs, served_after(history))
    assert sorted(job.id for job in order) == sorted(job.id for job in jobs)
    retries = [job for job in jobs if job.retry]
    assert order[: len(retries)] == retries


@given(waiting, histories)
def test_a_users_jobs_stay_in_order(jobs: list[QueuedJob], history: list[tuple[str, str]]) -> None:
    order = [job for job in fair_order(jobs, served_after(history)) if not job.retry]
    for owner in {(job.group, job.user) for job in order}:
        own = [int(job.id) for job in order if (job.group, job.user) == owner]
        assert own == sorted(own)


@given(waiting, histories)
def test_nobody_is_served_twice_while_another_waits(
    jobs: list[QueuedJob], history: list[tuple[str, str]]
) -> None:
    order = [job for job in fair_order(jobs, served_after(history)) if not job.retry]
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


@given(waiting, histories)
def test_who_was_served_longest_ago_is_next(jobs: list[QueuedJob], history: list[tuple[str, str]]) -> None:
    served = served_after(history)
    order = [job for job in fair_order(jobs, served) if not job.retry]
    if order:
        assert served.groups.get(order[0].group, 0) == min(served.groups.get(p.group, 0) for p in order)


@given(waiting, histories)
def test_serving_the_first_leaves_the_rest_as_it_was(
    jobs: list[QueuedJob], history: list[tuple[str, str]]
) -> None:
    served = served_after(history)
    order = fair_order(jobs, served)
    if order:
        first = order[0]
        if not first.retry:
            served.record(first.group, first.user, served.latest + 1)
        assert fair_order([job for job in jobs if job != first], served) == order[1:]
