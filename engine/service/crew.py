"""Who paints: the workers that are warm and alive, and what each of them can do.

Rule: a job is planned before anybody knows who will paint it, so a plan has to hold on any worker that is there: it is made
for the slowest at each size, with the memory of the smallest. A fast card beside a processor paints what the processor could
as well, only sooner; whoever wants larger pictures leaves the processor out. A worker that is lost or not yet warm counts for
nothing, unless none is left: then there will be one like those that were.
"""

from collections.abc import Iterator

from engine.planning.abilities import Abilities
from engine.planning.cost_model import Speed, slowest
from engine.service.forecast import TYPICAL_MEGAPIXELS
from engine.workers.interface import Worker

NOTABLE = 0.1  # of the pace of all together: more changes when jobs will be done


class Crew:
    """The workers of one engine, as far as they are known."""

    def __init__(self) -> None:
        self._known: dict[Worker, Abilities] = {}
        self._alive: dict[Worker, Abilities] = {}
        self._speed: Speed | None = None
        self._pace = 0.0  # typical evaluations a second

    def __len__(self) -> int:
        return len(self._alive)

    def __iter__(self) -> Iterator[tuple[Worker, Abilities]]:
        """Those that are warm and alive."""
        return iter(tuple(self._alive.items()))

    def join(self, worker: Worker, abilities: Abilities) -> None:
        """It is warm; or, of one that was, it knows better what it can do."""
        self._known[worker] = self._alive[worker] = abilities
        self._look()

    def leave(self, worker: Worker) -> None:
        """It is lost, or to be replaced."""
        self._alive.pop(worker, None)
        self._look()

    def has_changed_pace(self) -> bool:
        """Whether all together are notably faster or slower than when this was asked last."""
        now = sum(1 / each.speed.at(TYPICAL_MEGAPIXELS) for each in self._alive.values())
        if abs(now - self._pace) <= NOTABLE * self._pace:
            return False
        self._pace = now
        return True

    def abilities(self, worker: Worker) -> Abilities:
        """Of a worker, as it told them last."""
        return self._alive.get(worker) or self._known.get(worker) or worker.abilities

    @property
    def speed(self) -> Speed | None:
        """What plans are made with; None before the first worker is warm."""
        return self._speed

    @property
    def memory(self) -> int | None:
        """Bytes that any of those has for a painting whose device has memory of its own; None if none has."""
        own = [each.memory for each in self._counted if each.memory is not None]
        return min(own, default=None)

    @property
    def sharing(self) -> int:
        """How many of them share this machine's memory."""
        return sum(each.memory is None for each in self._counted)

    @property
    def _counted(self) -> list[Abilities]:
        return list((self._alive or self._known).values())

    def _look(self) -> None:
        self._speed = slowest([each.speed for each in self._counted]) if self._counted else None
