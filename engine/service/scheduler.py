"""The order in which waiting jobs are painted, and which go together.

Rule: groups take turns, within a group its users take turns, and a user's own jobs come in the order they
were sent. Whoever was served longest ago is next, so nobody gains by sending many. A job whose attempt was
lost has had its turn and goes first. The order is kept and not made anew, and is read only as far as somebody needs
it: a change costs about as much among ten thousand jobs as among ten.

A round is over when everybody who waits has had a turn in it. Within one, who is first is a matter of courtesy and not of
fairness: whichever of the `equals` is taken next, all have had as many turns when it is over.
"""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, takewhile
from operator import attrgetter

from engine.planning.batching import can_be_batched
from engine.planning.planner import TILE_PIXELS
from engine.storage.jobs import JobRecord

LOOK_AHEAD = 256  # jobs among which the rest of a batch is looked for: none overtakes more

_arrival = attrgetter("arrival")


@dataclass(frozen=True)
class QueuedJob:
    """A waiting job as the queue sees it.

    seconds: what its plan takes. arrival: a number that grows from job to job. retry: an attempt of it was lost.
    """

    id: str
    group: str
    user: str
    seconds: float
    arrival: int
    retry: bool = False


class FairQueue:
    """All waiting jobs. Iterating gives them in their order, which is to end before the next change."""

    def __init__(self) -> None:
        self.latest_turn = 0  # turns are growing numbers; 0 is never
        self.seconds = 0.0  # of all jobs together
        self._count = 0
        self._retries: list[QueuedJob] = []  # by arrival
        self._groups: dict[str, _Group] = {}  # that have fresh jobs
        self._ring = _Ring()  # of these groups
        self._turns: dict[str, int] = {}  # in which each group was served last
        self._user_turns: dict[tuple[str, str], int] = {}

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[QueuedJob]:
        yield from self._retries
        yield from _round_robin(iter(self._groups[name]) for name in self._ring)

    def add(self, job: QueuedJob) -> None:
        """Take a job in that waits from now on."""
        self._count, self.seconds = self._count + 1, self.seconds + job.seconds
        if job.retry:
            insort(self._retries, job, key=_arrival)
        else:
            self._groups.setdefault(job.group, _Group()).add(job)
            self._place(job.group, job.user)

    def remove(self, job: QueuedJob) -> None:
        """Let a job go that waits no longer."""
        self._count, self.seconds = self._count - 1, self.seconds - job.seconds
        if job.retry:
            self._retries.remove(job)
        else:
            self._groups[job.group].remove(job)
            self._place(job.group, job.user)

    def record_turn(self, group: str, user: str, turn: int) -> None:
        """Note that a user was served at `turn`."""
        self.latest_turn = max(self.latest_turn, turn)
        self._turns[group] = max(self._turns.get(group, 0), turn)
        self._user_turns[group, user] = max(self._user_turns.get((group, user), 0), turn)
        if group in self._groups:
            self._place(group, user)

    @property
    def groups(self) -> int:
        """How many have jobs that wait and that no worker had yet."""
        return len(self._groups)

    def equals(self, most: int) -> list[QueuedJob]:
        """At most so many jobs of which any may be the next, as all of them are of this round; the first is whose turn it is.

        One of each user at most, each their first.
        """
        if self._retries:
            return self._retries[:1]
        of_groups = (self._groups[name].equals() for name in self._ring.equals())
        return list(islice(_round_robin(of_groups), most))

    def position(self, job: QueuedJob) -> int:
        """Where a job stands, 1 being the next."""
        if job.retry:
            return bisect_left(self._retries, job.arrival, key=_arrival) + 1
        within = self._groups[job.group].rank(job)
        return len(self._retries) + self._ring.rank(job.group, within) + 1

    def _place(self, name: str, user: str) -> None:
        """Give a group and its user the place that they have now."""
        group = self._groups[name]
        group.place(user, self._user_turns.get((name, user), 0))
        size = len(group.arrivals)
        self._ring.place(name, self._turns.get(name, 0), group.arrivals[0] if size else 0, size)
        if not size:
            del self._groups[name]


def rest_of_batch(first: JobRecord, waiting: Iterable[JobRecord], most: int) -> list[JobRecord]:
    """Those of the waiting jobs, in their order, that can be painted beside one which has just begun.

    At most `most` at once with the first, of as many pixels together as are painted in one piece. What was
    begun before goes on by itself.
    """
    together = min(most, TILE_PIXELS // (first.plan.levels[-1].width * first.plan.levels[-1].height))
    if first.attempt > 1 or not _can_be_batched(first):
        return []
    fitting = (
        record
        for record in islice(waiting, LOOK_AHEAD)
        if record.attempt == 0 and _can_be_batched(record) and record.plan.batch_key == first.plan.batch_key
    )
    return list(islice(fitting, max(together - 1, 0)))


def _can_be_batched(record: JobRecord) -> bool:
    """As far as can be told before its images are decoded: they may be transparent."""
    is_masked = any(style.mask for style in record.request.styles)
    # What is finished from a tile goes on by itself.
    return record.request.tile is None and can_be_batched(record.request, record.plan, is_guided=is_masked)


class _Group:
    """The fresh jobs of one group, in the order in which its users take turns."""

    def __init__(self) -> None:
        self.arrivals: list[int] = []  # of all its jobs
        self._ring = _Ring()  # of its users
        self._jobs: dict[str, list[QueuedJob]] = {}  # by user, each by arrival

    def __iter__(self) -> Iterator[QueuedJob]:
        return _round_robin(iter(self._jobs[user]) for user in self._ring)

    def equals(self) -> Iterator[QueuedJob]:
        """The first job of each user who is still to have a turn in this round."""
        return (self._jobs[user][0] for user in self._ring.equals())

    def add(self, job: QueuedJob) -> None:
        """Take a job in; its user is to be placed then, as after `remove`."""
        insort(self.arrivals, job.arrival)
        insort(self._jobs.setdefault(job.user, []), job, key=_arrival)

    def remove(self, job: QueuedJob) -> None:
        """Let a job go."""
        del self.arrivals[bisect_left(self.arrivals, job.arrival)]
        jobs = self._jobs[job.user]
        del jobs[bisect_left(jobs, job.arrival, key=_arrival)]

    def place(self, user: str, turn: int) -> None:
        """Give a user who was served at `turn` the place that they have now."""
        if jobs := self._jobs.get(user):
            self._ring.place(user, turn, jobs[0].arrival, len(jobs))
        elif jobs is not None:
            self._ring.place(user, turn, 0, 0)
            del self._jobs[user]

    def rank(self, job: QueuedJob) -> int:
        """How many of the group's jobs come before it."""
        before = bisect_left(self._jobs[job.user], job.arrival, key=_arrival)
        return self._ring.rank(job.user, before)


class _Ring:
    """Those who take turns, in the order of these: first who was served longest ago, then whose job came first."""

    def __init__(self) -> None:
        self._order: list[tuple[int, int, str]] = []  # turn, arrival, name
        self._places: dict[str, tuple[int, int, str]] = {}
        self._sizes: dict[str, int] = {}
        self._several: dict[str, int] = {}  # the sizes of those who have more than one job
        self._larger: list[int] = []  # how many have more than 0, 1, 2, ... jobs
        self._round = 0  # the newest turn when this round began

    def __iter__(self) -> Iterator[str]:
        return (name for _, _, name in self._order)

    def equals(self) -> Iterator[str]:
        """Those who have had no turn in this round, in their order; a new one begins when all have."""
        if self._order and self._order[0][0] > self._round:
            self._round = self._order[-1][0]
        return takewhile(lambda name: self._places[name][0] <= self._round, self)

    def place(self, name: str, turn: int, arrival: int, size: int) -> None:
        """Put somebody where they belong: served at `turn`, with `size` jobs, the first of which came at `arrival`."""
        if (place := self._places.pop(name, None)) is not None:
            del self._order[bisect_left(self._order, place)]
        self._resize(name, size)
        if size:
            self._places[name] = place = (turn, arrival, name)
            insort(self._order, place)

    def rank(self, name: str, before: int) -> int:
        """How many jobs come before the one that has `before` of the same name before it."""
        place = self._places[name]
        if not before:
            return bisect_left(self._order, place)
        ahead = sum(size > before and self._places[other] < place for other, size in self._several.items())
        return sum(self._larger[:before]) + ahead

    def _resize(self, name: str, size: int) -> None:
        old = self._sizes.pop(name, 0)
        self._larger.extend([0] * (size - len(self._larger)))
        for number in range(min(old, size), max(old, size)):
            self._larger[number] += 1 if size > old else -1
        self._several.pop(name, None)
        if size:
            self._sizes[name] = size
        if size > 1:
            self._several[name] = size


def _round_robin(queues: Iterable[Iterator[QueuedJob]]) -> Iterator[QueuedJob]:
    """One of each in turn; none is looked at before its first turn."""
    waiting: deque[Iterator[QueuedJob]] = deque()
    for queue in queues:
        if (job := next(queue, None)) is not None:
            yield job
            waiting.append(queue)
    while waiting:
        queue = waiting.popleft()
        if (job := next(queue, None)) is not None:
            yield job
            waiting.append(queue)
