"""Which worker paints which of the jobs that are next, so that what one has at hand is not made anew by another.

Rule: a preference costs nobody their turn. Among workers that are idle, any may be chosen. Among jobs, only one of those that are
equals in turn (`FairQueue.equals`), and only where another worker suits the job better whose turn it is. A job waits for half as
many turns of others more than it had to as there are workers, some half a picture's time, and then is the next. With one worker
the order is what it is without all this. Pure: nobody is asked anything here.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from engine.planning.placement import shape_of
from engine.service.scheduler import QueuedJob
from engine.storage.jobs import JobRecord
from engine.workers.ipc import AtHand

LOOK_AHEAD = 32  # equals that are looked at

W = TypeVar("W")  # a worker, told apart by its identity


@dataclass(frozen=True)
class Needs:
    """What a job is quicker with. A shape takes longer to make than the statistics of styles."""

    shape: str
    styles: tuple[str, ...]

    @classmethod
    def of(cls, record: JobRecord) -> "Needs":
        """Of a sheet of tiles, what these need."""
        return cls(shape_of(record.plan), record.sources)


class Placement(Generic[W]):
    """What the workers have that are there, and how many turns each job has let go by."""

    def __init__(self) -> None:
        self._at_hand: dict[W, AtHand] = {}
        self._holders: dict[str, set[W]] = {}  # of each shape and style
        self._let_by: Counter[str] = Counter()

    @property
    def patience(self) -> int:
        """How many turns a job lets go by."""
        return len(self._at_hand) // 2

    def note(self, worker: W, at_hand: AtHand) -> None:
        """A worker is there, with this."""
        if self._at_hand.get(worker) is at_hand:
            return
        self.forget(worker)
        self._at_hand[worker] = at_hand
        for name in (*at_hand.shapes, *at_hand.styles):
            self._holders.setdefault(name, set()).add(worker)

    def forget(self, worker: W) -> None:
        """A worker is not there any more."""
        at_hand = self._at_hand.pop(worker, AtHand())
        for name in {*at_hand.shapes, *at_hand.styles}:
            self._holders[name].discard(worker)
            if not self._holders[name]:
                del self._holders[name]

    def choose(
        self, worker: W, equals: Sequence[QueuedJob], groups: int, needs: Callable[[QueuedJob], Needs]
    ) -> QueuedJob:
        """The job that a worker takes, of these equals in turn, the first being whose turn it is.

        groups: how many of these wait. Another job of one's own group costs as many turns, one of another group costs one.
        """
        for number, job in enumerate(equals):
            if self._is_better_off(worker, needs(job)):
                continue
            before = _turns(job, equals[:number], groups)
            if all(self._let_by[other] + turns <= self.patience for other, turns in before.items()):
                return job
        return equals[0]

    def take(self, job: str, equals: Sequence[QueuedJob], groups: int) -> None:
        """A job waits no longer, as it is painted; those of its equals that come before it have let it by."""
        for number, each in enumerate(equals):
            if each.id == job:
                self._let_by.update(_turns(each, equals[:number], groups))
        self.settle(job)

    def settle(self, job: str) -> None:
        """A job waits no longer."""
        self._let_by.pop(job, None)

    def ranked(self, idle: Iterable[W], needs: Needs, seconds: Callable[[W, bool], float]) -> list[W]:
        """Some workers that are idle, the one that suits a job best first; equals as they came.

        seconds: what it takes on one, with or without the shape at hand.
        """

        def rank(worker: W) -> tuple[float, bool]:
            has_shape, has_styles = self._suits(worker, needs)
            return seconds(worker, has_shape), not has_styles

        return sorted(idle, key=rank)

    def _suits(self, worker: W, needs: Needs) -> tuple[bool, bool]:
        """The greater, the better."""
        return worker in self._having(needs.shape), all(worker in self._having(each) for each in needs.styles)

    def _is_better_off(self, worker: W, needs: Needs) -> bool:
        """Whether another worker suits a job better."""
        match self._suits(worker, needs):
            case True, True:
                return False
            case has_shape, has_styles:
                shaped = self._having(needs.shape)
                styled = self._having(needs.styles[0]).intersection(*map(self._having, needs.styles[1:]))
                if not shaped.isdisjoint(styled):
                    return True
                return not has_shape and bool(shaped or (styled and not has_styles))

    def _having(self, name: str) -> set[W]:
        return self._holders.get(name, set())


def _turns(job: QueuedJob, before: Sequence[QueuedJob], groups: int) -> dict[str, int]:
    """How many turns each lets by if a job that comes after it is painted first."""
    return {other.id: groups if other.group == job.group else 1 for other in before}
