"""The compiled loops of levels, kept between jobs within a bound of memory.

Rule: what several threads ask for is made by one of them, and the others wait. The last loop is kept whatever it
takes, but one for a picture in tiles never is: it holds gigabytes.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Condition
from typing import NamedTuple

import keras
from cachetools import LRUCache, cached
from cachetools.keys import hashkey

from engine.nst.level import Loop, WholeLevel
from engine.nst.recipes import Recipe
from engine.nst.tiled_level import TiledLevel
from engine.planning import planner
from engine.protocol import Level, Precision


@dataclass(frozen=True)
class LoopKey:
    """What a loop is compiled for."""

    recipe: Recipe
    width: int
    height: int
    pictures: int
    precision: Precision

    @property
    def is_tiled(self) -> bool:
        """Whether it is too large to be painted in one piece."""
        return self.width * self.height > planner.TILE_PIXELS


def keys_of(recipe: Recipe, levels: Sequence[Level], pictures: int, precision: Precision) -> list[LoopKey]:
    """One for each level, for so many pictures at once."""
    return [LoopKey(recipe, level.width, level.height, pictures, precision) for level in levels]


class LoopCache:
    """The loops of one network; those not used for longest go first."""

    def __init__(self, network: keras.Model) -> None:
        self._network = network
        self._kept: LRUCache[tuple[Hashable, ...], _SizedLoop] = LRUCache(
            planner.KEPT_BYTES, lambda kept: kept.bytes
        )
        self._change = Condition()
        self._get = cached(self._kept, condition=self._change)(partial(_sized_loop, network))

    def __contains__(self, key: LoopKey) -> bool:
        return hashkey(key) in self._kept

    @property
    def loops(self) -> list[Loop]:
        """Those that are kept."""
        with self._change:
            return [self._kept[key].loop for key in self._kept]

    def get(self, key: LoopKey) -> Loop:
        """The loop, made if it is not there."""
        return _make_loop(self._network, key) if key.is_tiled else self._get(key).loop


class _SizedLoop(NamedTuple):
    """A loop, and how many bytes it takes while nobody paints."""

    loop: Loop
    bytes: int


def _sized_loop(network: keras.Model, key: LoopKey) -> _SizedLoop:
    size = planner.kept_bytes(key.width, key.height, key.pictures)
    return _SizedLoop(_make_loop(network, key), min(size, planner.KEPT_BYTES))


def _make_loop(network: keras.Model, key: LoopKey) -> Loop:
    shape = key.height, key.width
    if key.is_tiled:
        return TiledLevel(network, key.recipe, shape, precision=key.precision)
    return WholeLevel(network, key.recipe, shape, pictures=key.pictures, precision=key.precision)
