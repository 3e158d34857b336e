"""Which compiled loops are kept between jobs."""

from concurrent.futures import ThreadPoolExecutor

import keras
import pytest

from engine.nst import vgg
from engine.nst.recipes import RECIPES
from engine.painting.loop_cache import LoopCache, LoopKey
from engine.planning import planner
from engine.protocol import Precision, RecipeName

SIDE = 32


@pytest.fixture(scope="module")
def network() -> keras.Model:
    return vgg.load()


def key(width: int) -> LoopKey:
    return LoopKey(RECIPES[RecipeName.STANDARD], width, SIDE, 1, Precision.FLOAT32)


def test_those_not_used_for_longest_go_first(network: keras.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "KEPT_BYTES", 2 * planner.kept_bytes(SIDE + 32, SIDE))
    cache, keys = LoopCache(network), [key(SIDE), key(SIDE + 16), key(SIDE + 32)]
    first = cache.get(keys[0])
    cache.get(keys[1])
    assert cache.get(keys[0]) is first
    cache.get(keys[2])
    assert [each in cache for each in keys] == [True, False, True]


def test_the_last_is_kept_whatever_it_takes(network: keras.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "KEPT_BYTES", 1)
    cache = LoopCache(network)
    assert cache.get(key(SIDE)) is cache.get(key(SIDE))
    larger = cache.get(key(SIDE + 16))
    assert cache.loops == [larger]


def test_one_for_a_picture_in_tiles_is_made_for_one_job(
    network: keras.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner, "TILE_PIXELS", 1)
    cache = LoopCache(network)
    assert cache.get(key(SIDE)) is not cache.get(key(SIDE))
    assert cache.loops == []


def test_threads_that_ask_for_one_loop_get_the_same(network: keras.Model) -> None:
    cache = LoopCache(network)
    with ThreadPoolExecutor(4) as pool:
        loops = list(pool.map(cache.get, [key(SIDE)] * 4))
    assert len(set(map(id, loops))) == 1
