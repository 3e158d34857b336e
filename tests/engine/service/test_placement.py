"""What a worker has at hand decides who paints what, and costs nobody their turn."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.service.placement import LOOK_AHEAD, Needs, Placement
from engine.service.scheduler import FairQueue, QueuedJob
from engine.workers.ipc import AtHand
from tests.engine.lines import lines_run

NEEDS = [Needs(shape, (style,)) for shape in ("wide", "tall") for style in ("wave", "night")]


@dataclass
class Shop:
    """A queue, workers that have what they painted last, and a notebook; a claim is a turn."""

    placement: Placement[str] = field(default_factory=Placement[str])
    queue: FairQueue = field(default_factory=FairQueue)
    needs: dict[str, Needs] = field(default_factory=dict)
    taken: list[QueuedJob] = field(default_factory=list)

    def hire(self, *workers: str) -> None:
        for worker in workers:
            self.placement.note(worker, AtHand())

    def admit(self, group: str, user: str, needs: Needs) -> QueuedJob:
        job = QueuedJob(f"job-{len(self.needs)}", group, user, 10.0, len(self.needs))
        self.needs[job.id] = needs
        self.queue.add(job)
        return job

    def claim(self, worker: str) -> QueuedJob:
        equals = self.queue.equals(LOOK_AHEAD)
        job = self.placement.choose(worker, equals, self.queue.groups, lambda each: self.needs[each.id])
        assert job in equals
        self.placement.take(job.id, equals, self.queue.groups)
        self.queue.remove(job)
        self.queue.record_turn(job.group, job.user, len(self.taken) + 1)
        needs = self.needs[job.id]
        self.placement.note(worker, AtHand(shapes=(needs.shape,), styles=needs.styles))
        self.taken.append(job)
        return job


def test_a_worker_takes_what_it_has_at_hand_before_what_another_has() -> None:
    shop = Shop()
    shop.hire("a", "b")
    shop.admit("1", "x", NEEDS[0])
    shop.admit("2", "x", NEEDS[3])
    assert shop.claim("a").group == "1"
    assert shop.claim("b").group == "2"
    shop.admit("3", "x", NEEDS[3])
    shop.admit("4", "x", NEEDS[0])
    assert shop.claim("a").group == "4"
    assert shop.claim("b").group == "3"


def test_what_nobody_has_is_painted_by_whoever_is_free() -> None:
    shop = Shop()
    shop.hire("a", "b")
    for number, needs in enumerate((NEEDS[0], NEEDS[3], NEEDS[0])):
        shop.admit(str(number), "x", needs)
    assert [shop.claim("a").group for _ in range(3)] == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("has", "other_has", "is_left"),
    [
        (AtHand(), AtHand(shapes=("wide",)), True),
        (AtHand(), AtHand(styles=("wave",)), True),
        (AtHand(styles=("wave",)), AtHand(shapes=("wide",)), True),
        (AtHand(shapes=("wide",)), AtHand(styles=("wave",)), False),
        (AtHand(shapes=("wide",)), AtHand(shapes=("wide",), styles=("wave",)), True),
        (AtHand(shapes=("wide",), styles=("wave",)), AtHand(shapes=("wide",), styles=("wave",)), False),
        (AtHand(shapes=("tall",)), AtHand(shapes=("tall",)), False),
    ],
)
def test_a_shape_counts_more_than_a_style(has: AtHand, other_has: AtHand, is_left: bool) -> None:
    shop = Shop()
    shop.placement.note("a", has)
    shop.placement.note("b", other_has)
    shop.admit("1", "x", NEEDS[0])
    shop.admit("2", "x", Needs("new", ("new",)))
    assert (shop.claim("a").group == "2") is is_left


def test_of_idle_workers_the_one_that_suits_best_is_called() -> None:
    placement = Placement[str]()
    for worker, at_hand in {
        "a": AtHand(),
        "b": AtHand(styles=("wave",)),
        "c": AtHand(shapes=("wide",)),
        "d": AtHand(shapes=("wide",), styles=("wave",)),
    }.items():
        placement.note(worker, at_hand)

    def ranked(idle: str, needs: Needs, **speeds: float) -> str:
        rank = placement.ranked(
            idle, needs, lambda worker, shaped: 30 / speeds.get(worker, 1.0) + 5 * (not shaped)
        )
        return "".join(rank)

    assert ranked("abcd", NEEDS[0]) == "dcba"
    assert ranked("ba", NEEDS[3]) == "ba"  # who waits longest
    assert ranked("abcd", NEEDS[0], a=2.0) == "adcb"  # it compiles in less time than the others take longer
    assert ranked("abcd", NEEDS[0], a=1.1) == "dcab"
    placement.forget("d")
    placement.note("c", AtHand())
    assert ranked("abc", NEEDS[0]) == "bac"


# --- nobody's turn ----------------------------------------------------------------------------------------

jobs = st.lists(
    st.tuples(st.sampled_from("ABCDE"), st.sampled_from("xyz"), st.sampled_from(NEEDS)),
    min_size=1,
    max_size=60,
)
workers = st.lists(st.sampled_from("abcdef"), max_size=60)


@given(jobs, workers)
def test_no_group_that_waits_gets_a_turn_less_than_another(
    sent: Sequence[tuple[str, str, Needs]], claims: Sequence[str]
) -> None:
    """Nor does a user of one group: between two moments, turns of those who waited all the while differ by one at most."""
    shop = Shop()
    shop.hire(*"abcdef")
    for group, user, needs in sent:
        shop.admit(group, user, needs)
    left_groups = Counter(group for group, _, _ in sent)
    left_users = Counter((group, user) for group, user, _ in sent)
    turns: Counter[object] = Counter()
    for worker in claims[: len(sent)]:
        taken = shop.claim(worker)
        turns.update((taken.group, (taken.group, taken.user)))
        left_groups[taken.group] -= 1
        left_users[taken.group, taken.user] -= 1
        waiting = [turns[group] for group, left in left_groups.items() if left]
        assert not waiting or max(waiting) - min(waiting) <= 1
        for name in "ABCDE":
            mates = [turns[owner] for owner, left in left_users.items() if left and owner[0] == name]
            assert not mates or max(mates) - min(mates) <= 1


@given(jobs, workers, st.integers(1, 6))
def test_no_job_lets_more_turns_by_than_half_the_workers(
    sent: Sequence[tuple[str, str, Needs]], claims: Sequence[str], hired: int
) -> None:
    """As plainly as can be: those behind that were taken before, each as many turns as its group's next one is away."""
    shop = Shop()
    shop.hire(*"abcdef"[:hired])
    for group, user, needs in sent:
        shop.admit(group, user, needs)
    let_by: Counter[str] = Counter()
    for worker in claims[: len(sent)]:
        groups, equals = shop.queue.groups, shop.queue.equals(LOOK_AHEAD)
        taken = shop.claim("abcdef"[ord(worker) % hired])
        for job in equals[: equals.index(taken)]:
            let_by[job.id] += groups if job.group == taken.group else 1
    assert max(let_by.values(), default=0) <= hired // 2


@given(jobs, workers)
def test_with_one_worker_the_order_is_the_fair_one(
    sent: Sequence[tuple[str, str, Needs]], claims: Sequence[str]
) -> None:
    shop = Shop()
    shop.hire("a")
    for group, user, needs in sent:
        shop.admit(group, user, needs)
    for _ in claims[: len(sent)]:
        first = next(iter(shop.queue))
        assert shop.claim("a") == first


def test_a_lost_job_is_the_next_whoever_is_free() -> None:
    shop = Shop()
    shop.hire("a", "b", "c", "d")
    shop.placement.note("b", AtHand(shapes=("wide",)))
    shop.admit("1", "x", NEEDS[3])
    lost = QueuedJob("lost", "2", "x", 10.0, 0, retry=True)
    shop.needs["lost"] = NEEDS[0]
    shop.queue.add(lost)
    assert shop.claim("a") == lost


def test_a_claim_costs_little_more_among_ten_thousand_jobs_and_hundreds_of_workers() -> None:
    costs = []
    for size in (100, 10_000):
        shop = Shop()
        shop.hire(*(f"worker-{n}" for n in range(size // 20)))
        shop.placement.note("worker-0", AtHand(shapes=("wide",), styles=("wave",)))
        for number in range(size):
            shop.admit(str(number), "x", NEEDS[0])
        costs.append(lines_run(partial(shop.claim, "worker-1")))
    assert costs[1] < 1.5 * costs[0]
