"""What placement is worth: `python -m bench.placing`.

The queue and the placement alone, without processes: 100 workers, which keep the newest eight shapes and styles, take 3,000
jobs of 300 servers in ten shapes and twelve bundled styles, in the fair order alone and as they are placed. Prints how
many were begun by a worker that had shape and style at hand, and how many turns a job let by at most.
"""

import random
from collections import Counter, OrderedDict
from collections.abc import Iterable

from engine.service.placement import LOOK_AHEAD, Needs, Placement
from engine.service.scheduler import FairQueue, QueuedJob
from engine.workers.ipc import AtHand

WORKERS, SERVERS, EACH = 100, 300, 10
SHAPES, STYLES, KEPT = 10, 12, 8


class Kept:
    """What a worker keeps of a kind, the newest last."""

    def __init__(self) -> None:
        self._names: OrderedDict[str, None] = OrderedDict()

    def has(self, name: str) -> bool:
        """Whether it does; it does now."""
        had = name in self._names
        self._names[name] = None
        self._names.move_to_end(name)
        if len(self._names) > KEPT:
            self._names.popitem(last=False)
        return had

    @property
    def names(self) -> tuple[str, ...]:
        """All of it."""
        return tuple(self._names)


def measure(*, is_placed: bool) -> str:
    """One line about one way."""
    chance = random.Random(1)  # noqa: S311 - chooses, guards nothing
    queue, placement, needs = FairQueue(), Placement[int](), dict[str, Needs]()
    for number in range(SERVERS * EACH):
        job = QueuedJob(str(number), f"server-{number % SERVERS}", "user", 30.0, number)
        shape, style = chance.randrange(SHAPES), chance.randrange(STYLES)
        needs[job.id] = Needs(f"shape-{shape}", (f"style-{style}",))
        queue.add(job)
    kept = [(Kept(), Kept()) for _ in range(WORKERS)]
    had: Counter[str] = Counter()
    let_by: Counter[str] = Counter()
    for worker in range(WORKERS):
        placement.note(worker, AtHand())
    for turn, worker in enumerate(_whoever_is_free(chance), 1):
        equals = queue.equals(LOOK_AHEAD)
        job = (
            placement.choose(worker, equals, queue.groups, lambda each: needs[each.id])
            if is_placed
            else equals[0]
        )
        let_by.update(each.id for each in equals[: equals.index(job)])
        placement.take(job.id, equals, queue.groups)
        queue.remove(job)
        queue.record_turn(job.group, job.user, turn)
        shapes, styles = kept[worker]
        found = shapes.has(needs[job.id].shape), styles.has(needs[job.id].styles[0])
        had.update(shape=found[0], style=found[1], both=all(found))
        placement.note(worker, AtHand(shapes=shapes.names, styles=styles.names))
    jobs = SERVERS * EACH
    shares = ", ".join(f"{name} {had[name] / jobs:.0%}" for name in ("shape", "style", "both"))
    return f"at hand: {shares}; turns let by: {sum(let_by.values()) / jobs:.1f} a job, {max(let_by.values(), default=0)} at most"


def _whoever_is_free(chance: random.Random) -> Iterable[int]:
    """A worker for each job, in no order."""
    return (chance.randrange(WORKERS) for _ in range(SERVERS * EACH))


if __name__ == "__main__":
    print(f"fair order alone: {measure(is_placed=False)}")
    print(f"placed: {measure(is_placed=True)}")
