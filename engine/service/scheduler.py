"""The order in which waiting jobs are painted, and which go together: pure functions.

Rule: guilds take turns, within a guild its users take turns, and a user's own jobs come in the order they
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
class Place:
    """A waiting job as the queue sees it; `seconds` is what its plan takes."""

    id: str
    guild: str
    user: str
    seconds: float
    retry: bool = False


@dataclass
class Turns:
    """Who was served when, as growing turn numbers; 0 is never."""

    latest: int = 0
    guilds: dict[str, int] = field(default_factory=dict)
    users: dict[tuple[str, str], int] = field(default_factory=dict)

    def record(self, guild: str, user: str, turn: int) -> None:
        """Note that the user was served at `turn`."""
        self.latest = max(self.latest, turn)
        self.guilds[guild] = max(self.guilds.get(guild, 0), turn)
        self.users[guild, user] = max(self.users.get((guild, user), 0), turn)


def fair_order(waiting: Sequence[Place], turns: Turns) -> list[Place]:
    """Sort places, given by arrival, into the order in which they will be painted."""
    retries = [place for place in waiting if place.retry]
    fresh = [place for place in waiting if not place.retry]
    guilds = sorted(
        dict.fromkeys(place.guild for place in fresh), key=lambda guild: turns.guilds.get(guild, 0)
    )
    return retries + list(_take_turns([_of_guild(guild, fresh, turns) for guild in guilds]))


def companions(first: JobRecord, waiting: Sequence[JobRecord], most: int) -> list[JobRecord]:
    """Those of the waiting jobs, in their order, that can be painted beside one which has just begun.

    At most `most` at once with the first, of as many pixels together as are painted in one piece. What was begun
    before goes on by itself.
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


def _of_guild(guild: str, waiting: Sequence[Place], turns: Turns) -> Iterator[Place]:
    users: dict[str, list[Place]] = {}
    for place in waiting:
        if place.guild == guild:
            users.setdefault(place.user, []).append(place)
    order = sorted(users, key=lambda user: turns.users.get((guild, user), 0))
    return _take_turns([iter(users[user]) for user in order])


def _take_turns(lanes: Sequence[Iterator[Place]]) -> Iterator[Place]:
    waiting = deque(lanes)
    while waiting:
        lane = waiting.popleft()
        if (place := next(lane, None)) is not None:
            yield place
            waiting.append(lane)
