"""Who paints: the workers that are warm and alive, what each of them can do, and what memory they take.

Rule: a job is planned before anybody knows who will paint it, so a plan has to hold on any worker that is there: it is made
for the slowest at each size, with the memory of the smallest. A fast card beside a processor paints what the processor could
as well, only sooner; whoever wants larger pictures leaves the processor out. A worker that is lost or not yet warm counts for
nothing, unless none is left: then there will be one like those that were. Memory that several share is promised once: to
whoever paints, and to those that wait for it.
"""

from collections.abc import Iterator
from dataclasses import replace
from enum import Enum, auto

from engine.planning.abilities import Abilities
from engine.planning.cost_model import Speed, slowest
from engine.planning.memory import available_bytes
from engine.planning.planner import KEPT_BYTES
from engine.service.forecast import TYPICAL_MEGAPIXELS
from engine.workers.interface import Worker

NOTABLE = 0.1  # of the pace of all together: more changes when jobs will be done
LESS = 0.8  # of what found no room, as what else the device holds is not known


class Fit(Enum):
    """Whether there is memory for a painting."""

    HERE = auto()  # this worker has it now
    LATER = auto()  # it will have it when others that share it are done
    ELSEWHERE = auto()  # another one has
    NOWHERE = auto()  # not one of them


class Crew:
    """The workers of one engine, as far as they are known."""

    def __init__(self) -> None:
        self._known: dict[Worker, Abilities] = {}
        self._alive: dict[Worker, Abilities] = {}
        self._speed: Speed | None = None
        self._pace = 0.0  # typical evaluations a second
        self._limits: dict[Worker, int] = {}  # what a painting may need there, less than it says itself
        self._taken: dict[Worker, int] = {}  # bytes that what each paints needs
        self._at_rest: int | None = None  # that were free when nobody painted who shares them

    def __len__(self) -> int:
        return len(self._alive)

    def __iter__(self) -> Iterator[tuple[Worker, Abilities]]:
        """Those that are warm and alive."""
        return iter(tuple(self._alive.items()))

    def join(self, worker: Worker, abilities: Abilities) -> None:
        """It is warm; or, of one that was, it knows better what it can do."""
        if (limit := self._limits.get(worker)) is not None and abilities.room is not None:
            abilities = replace(abilities, memory=round(min(abilities.room, limit) * abilities.appetite))
        self._known[worker] = self._alive[worker] = abilities
        self._look()

    def leave(self, worker: Worker) -> None:
        """It is lost, or to be replaced."""
        self._alive.pop(worker, None)
        self._limits.pop(worker, None)
        self._look()

    def was_warm(self, worker: Worker) -> bool:
        """Whether it has ever been, by now or before it was lost."""
        return worker in self._known

    def abilities(self, worker: Worker) -> Abilities:
        """Of a worker, as it told them last."""
        return self._alive.get(worker) or self._known.get(worker) or worker.abilities

    # --- speed --------------------------------------------------------------------------------------------

    @property
    def speed(self) -> Speed | None:
        """What plans are made with; None before the first worker is warm."""
        return self._speed

    def last_speed(self, worker: Worker) -> Speed | None:
        """Of a worker, lost or not, as it told it last; None before it was warm."""
        known = self._known.get(worker)
        return known.speed if known else None

    def has_changed_pace(self) -> bool:
        """Whether all together are notably faster or slower than when this was asked last."""
        now = sum(1 / each.speed.at(TYPICAL_MEGAPIXELS) for each in self._alive.values())
        if abs(now - self._pace) <= NOTABLE * self._pace:
            return False
        self._pace = now
        return True

    # --- memory -------------------------------------------------------------------------------------------

    def memory(self, promised: int) -> int | None:
        """Bytes that a painting which comes now may need on any of them; None if nothing is known of it.

        promised: what those that wait or are painted need. On one worker they come one after the other. Several that share
        share evenly, unless the others leave more: a painting that waits for its memory is better than a tiny one.
        """
        limits = [each.room for each in self._counted if each.room is not None]
        sharing = len(self._counted) - len(limits)
        if (sharing or not limits) and (free := self._free()) is not None:
            limits.append(free if sharing < 2 else max(free - promised, free // sharing))
        return min(limits, default=None)

    def fit(self, worker: Worker, needed: int) -> Fit:
        """Whether a worker that is free has memory for a painting that needs so much."""
        own = self.abilities(worker).room
        here = self._free() if own is None else own
        others = 0 if own is not None else self._taken_of_shared(besides=worker)
        if here is None or needed + others <= here:
            return Fit.HERE
        if others:
            return Fit.LATER
        if own is None and needed <= here + KEPT_BYTES:  # loops of other pictures go when they are in the way
            return Fit.HERE
        rooms = [can.room for other, can in self if other is not worker]
        if own is not None and None in rooms:  # all that share have the same
            rooms.append(self._free())
        is_held = any(room is not None and needed <= room for room in rooms)
        return Fit.ELSEWHERE if is_held else Fit.NOWHERE

    def room(self, worker: Worker) -> int | None:
        """Bytes that a painting may need which this worker begins now, while no other of those that share paints."""
        own = self.abilities(worker).room
        return self._free() if own is None else own

    def take(self, worker: Worker, needed: int) -> None:
        """It begins a painting that needs so much."""
        if self.abilities(worker).room is None and not self._taken_of_shared():
            self._at_rest = self._available()
        self._taken[worker] = self._taken.get(worker, 0) + needed

    def taken(self, worker: Worker) -> int:
        """What it has begun needs."""
        return self._taken.get(worker, 0)

    def give_back(self, worker: Worker) -> None:
        """What it has painted is over."""
        self._taken.pop(worker, None)

    def note_exhausted(self, worker: Worker, needed: int) -> None:
        """Its device had less than it said: a painting that needs so much found no room there."""
        known = self.abilities(worker)
        if known.room is not None and worker in self._alive:
            self._limits[worker] = min(known.room, round(needed * LESS))
            self.join(worker, known)

    # --- within -------------------------------------------------------------------------------------------

    @property
    def _counted(self) -> list[Abilities]:
        return list((self._alive or self._known).values())

    def _look(self) -> None:
        self._speed = slowest([each.speed for each in self._counted]) if self._counted else None

    def _free(self) -> int | None:
        """Bytes of this machine that are free when nobody paints on it.

        Those who paint have taken some of what they need: how much of it is not known.
        """
        now, taken = self._available(), self._taken_of_shared()
        if now is None or self._at_rest is None or not taken:
            return now
        return max(now, min(self._at_rest, now + taken))

    def _available(self) -> int | None:
        """Free bytes of this machine, as a painting's need is told in."""
        free = available_bytes()
        appetite = max((each.appetite for each in self._counted if each.memory is None), default=1.0)
        return None if free is None else int(free / appetite)

    def _taken_of_shared(self, besides: Worker | None = None) -> int:
        return sum(
            needed
            for worker, needed in self._taken.items()
            if worker is not besides and self.abilities(worker).memory is None
        )
