"""The compiled loops of levels, kept between jobs within a bound of memory.

One paints levels of any shape, so a recipe has few. Rule: what several threads ask for is made by one of them, and the others wait. Before a picture is painted, loops that
it has no use for go until there is room for what it takes itself; and where the process is to stay below a bound, those
of its own levels that are done. One for a picture in tiles is never kept: it holds gigabytes.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Condition
from typing import NamedTuple

from cachetools import Cache, LRUCache, cached
from cachetools.keys import hashkey

from engine.nst import vgg
from engine.nst.level import Loop, Structure, WholeLevel, structure_of
from engine.nst.recipes import Recipe
from engine.nst.tiled_level import TiledLevel
from engine.painting import heap
from engine.planning import planner
from engine.planning.memory import resident_bytes
from engine.protocol import Level, Precision


@dataclass(frozen=True)
class LoopKey:
    """A level that a loop is wanted for."""

    recipe: Recipe
    width: int
    height: int
    pictures: int
    precision: Precision

    @property
    def is_tiled(self) -> bool:
        """Whether it is too large to be painted in one piece."""
        return self.width * self.height > planner.TILE_PIXELS

    @property
    def loop(self) -> "LoopName":
        """The one loop for this level and for all that are like it."""
        return LoopName(structure_of(self.recipe, (self.height, self.width)), self.pictures, self.precision)


class LoopName(NamedTuple):
    """What a loop is compiled for."""

    structure: Structure
    pictures: int
    precision: Precision


def keys_of(recipe: Recipe, levels: Sequence[Level], pictures: int, precision: Precision) -> list[LoopKey]:
    """One for each level, for so many pictures at once."""
    return [LoopKey(recipe, level.width, level.height, pictures, precision) for level in levels]


class LoopCache:
    """The loops of one network; those not used for longest go first.

    beat: is called between the tiles of a picture that is painted in tiles. most: bytes below which this process is to
    stay, as far as that is for loops to decide; None leaves it at KEPT_BYTES of loops.
    """

    def __init__(
        self, network: vgg.Network, beat: Callable[[], None] = lambda: None, most: int | None = None
    ) -> None:
        self._network = network
        self._beat = beat
        self._most = most
        self._loop_bytes = min(planner.BYTES_OF_LOOP, planner.KEPT_BYTES)
        self._kept: LRUCache[tuple[Hashable, ...], Loop] = LRUCache(
            planner.KEPT_BYTES, lambda _: self._loop_bytes
        )
        self._change = Condition()
        self._get = cached(self._kept, condition=self._change)(partial(whole_level, network))

    def __contains__(self, key: LoopKey) -> bool:
        return not key.is_tiled and hashkey(key.loop) in self._kept

    @property
    def loops(self) -> list[Loop]:
        """Those that are kept; to be looked at is not to be used."""
        with self._change:
            return [Cache.__getitem__(self._kept, key) for key in self._kept]

    def get(self, key: LoopKey) -> Loop:
        """The loop that paints such a level, made if it is not there."""
        if key.is_tiled:
            shape = key.height, key.width
            return TiledLevel(self._network, key.recipe, shape, precision=key.precision, beat=self._beat)
        return self._get(key.loop)

    @property
    def kept_bytes(self) -> int:
        """What all that are kept take while nobody paints."""
        return sum(self._loop_bytes * max(_graphs_of(loop), 1) for loop in self.loops)

    def make_room(self, ahead: Sequence[LoopKey], behind: Sequence[LoopKey] = ()) -> None:
        """Let go of loops, as far as their memory is needed for the next levels of a picture, `ahead`.

        Those of other pictures go first. Then, in a process that is to stay below a bound, those of its levels `behind`;
        of a picture that takes most of what there may be by itself, they are kept for the next.
        """
        # What letting go gives back is not what was estimated, so there it is looked at again.
        while self._let_go(ahead, behind) and self._most is not None:
            pass

    def _let_go(self, ahead: Sequence[LoopKey], behind: Sequence[LoopKey]) -> int:
        """The bytes of the loops that went, as they were estimated."""
        wanted = _names(ahead)
        done = [name for name in _names(behind) if name not in wanted]
        largest = max((key.width * key.height * key.pictures for key in ahead), default=0)
        with self._change:
            # In this order they are used now, so they are the last to go, those that are done before the others.
            past, next_ = (
                self._loop_bytes * sum(self._kept.get(name) is not None for name in names)
                for names in (done, wanted)
            )
            new = self._loop_bytes * len(wanted) - next_
            painting = planner.painting_bytes(largest)
            over, most = self._bytes_over(new + painting), int(self._kept.currsize) - next_
            if self._most is None or painting > self._most / 2:
                most -= past
            gone = 0
            while gone < min(over, most):
                self._kept.popitem()
                gone += self._loop_bytes
        if gone:
            heap.give_back()
        return gone

    def _bytes_over(self, more: int) -> int:
        """By how much there would be too much with so many bytes more."""
        resident = None if self._most is None else resident_bytes()
        if self._most is None or resident is None:
            return self.kept_bytes + more - planner.KEPT_BYTES
        if resident + more > self._most:
            heap.give_back()
            resident = resident_bytes() or resident
        return resident + more - self._most


def _graphs_of(loop: Loop) -> int:
    return loop.graphs if isinstance(loop, WholeLevel) else 0


def whole_level(network: vgg.Network, name: LoopName) -> WholeLevel:
    """The loop of this name, not compiled yet."""
    return WholeLevel(network, name.structure, pictures=name.pictures, precision=name.precision)


def _names(keys: Sequence[LoopKey]) -> list[tuple[Hashable, ...]]:
    """What the loops of these levels are kept as, each once."""
    return list(dict.fromkeys(hashkey(key.loop) for key in keys if not key.is_tiled))
