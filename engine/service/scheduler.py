"""The order in which waiting jobs are painted, and which go together: pure functions.

Rule: groups take turns, within a group its users take turns, and a user's own jobs come in the order they
were sent. Whoever was served longest ago is next, so nobody gains by sending many. A job whose attempt was
lost has had its turn and goes first.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from engine.planning.batching import can_be_batched
from engine.planning.planner import TILE_PIXELS
from engine.storage.jobs import JobRecord


@dataclass(frozen=True)
class QueuedJob:
    """A waiting job as the queue sees it; `seconds` is what its plan takes."""

    id: str
    group: str
    user: str
    seconds: float
    retry: bool = False


@dataclass
class LastServed:
    """Who was served when, as growing turn numbers; 0 is never."""

    latest: int = 0
    groups: dict[str, int] = field(default_factory=dict)
    users: dict[tuple[str, str], int] = field(default_factory=dict)

    def record(self, group: str, user: str, turn: int) -> None:
        """Note that the user was served at `turn`."""
        self.latest = max(self.latest, turn)
        self.groups[group] = max(self.groups.get(group, 0), turn)
        self.users[group, user] = max(self.users.get((group, user), 0), turn)


def fair_order(waiting: Sequence[QueuedJob], served: LastServed) -> list[QueuedJob]:
    """Sort jobs, given by arrival, into the order in which they will be painted."""
    retries = [job for job in waiting if job.retry]
    fresh = [job for job in waiting if not job.retry]
    groups = sorted(dict.fromkeys(job.group for job in fresh), key=lambda group: served.groups.get(group, 0))
    return retries + list(_round_robin([_of_group(group, fresh, served) for group in groups]))


def rest_of_batch(first: JobRecord, waiting: Sequence[JobRecord], most: int) -> list[JobRecord]:
    """Those of the waiting jobs, in their order, that can be painted beside one which has just begun.

    At most `most` at once with the first, of as many pixels together as are painted in one piece. What was
    begun before goes on by itself.
    """
    together = min(most, TILE_PIXELS // (first.plan.levels[-1].width * first.plan.levels[-1].height))
    if first.attempt > 1 or not _can_be_batched(first):
        return []
    fitting = (
        record
        for record in waiting
        if record.attempt == 0 and _can_be_batched(record) and record.plan.batch_key == first.plan.batch_key
    )
    return list(islice(fitting, max(together - 1, 0)))


def _can_be_batched(record: JobRecord) -> bool:
    """As far as can be told before its images are decoded: they may be transparent."""
    is_masked = any(style.mask for style in record.request.styles)
    return can_be_batched(record.request, record.plan, is_guided=is_masked)


def _of_group(group: str, waiting: Sequence[QueuedJob], served: LastServed) -> Iterator[QueuedJob]:
    users: dict[str, list[QueuedJob]] = {}
    for job in waiting:
        if job.group == group:
            users.setdefault(job.user, []).append(job)
    order = sorted(users, key=lambda user: served.users.get((group, user), 0))
    return _round_robin([iter(users[user]) for user in order])


def _round_robin(queues: Sequence[Iterator[QueuedJob]]) -> Iterator[QueuedJob]:
    waiting = deque(queues)
    while waiting:
        queue = waiting.popleft()
        if (job := next(queue, None)) is not None:
            yield job
            waiting.append(queue)
