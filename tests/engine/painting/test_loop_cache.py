"""Which compiled loops are kept between jobs."""

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest
import tensorflow as tf

from engine.nst import vgg
from engine.nst.level import WholeLevel, structure_of
from engine.nst.recipes import RECIPES
from engine.painting.loop_cache import LoopCache, LoopKey
from engine.planning import planner
from engine.protocol import Precision, RecipeName
from tests.engine.nst.targets import targets_of

SIDE = 32


@pytest.fixture(scope="module")
def network() -> vgg.Network:
    return vgg.load()


def key(pictures: int = 1, width: int = SIDE) -> LoopKey:
    return LoopKey(RECIPES[RecipeName.STANDARD], width, SIDE, pictures, Precision.FLOAT32)


def test_levels_of_one_recipe_have_one_loop_but_beyond_its_view(network: vgg.Network) -> None:
    cache = LoopCache(network)
    assert cache.get(key()) is cache.get(key(width=SIDE + 16))
    assert key(width=SIDE + 32) in cache
    assert LoopKey(RECIPES[RecipeName.FINE], SIDE, SIDE, 1, Precision.FLOAT32) in cache
    for other in (
        key(width=512),
        key(2),
        LoopKey(RECIPES[RecipeName.TUTORIAL], SIDE, SIDE, 1, Precision.FLOAT32),
    ):
        assert other not in cache


def test_those_not_used_for_longest_go_first(network: vgg.Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "KEPT_BYTES", 2 * planner.BYTES_OF_LOOP)
    cache, keys = LoopCache(network), [key(1), key(2), key(3)]
    first = cache.get(keys[0])
    cache.get(keys[1])
    assert cache.get(keys[0]) is first
    cache.get(keys[2])
    assert [each in cache for each in keys] == [True, False, True]


def test_the_last_is_kept_whatever_it_takes(network: vgg.Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "KEPT_BYTES", 1)
    cache = LoopCache(network)
    assert cache.get(key()) is cache.get(key())
    other = cache.get(key(2))
    assert cache.loops == [other]


def test_before_a_picture_is_painted_others_loops_make_room_for_it(
    network: vgg.Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As much as it takes itself, and its own are kept, used lately or not."""
    monkeypatch.setattr(planner, "KEPT_BYTES", 4 * planner.BYTES_OF_LOOP)
    cache, keys = LoopCache(network), [key(1 + number) for number in range(4)]
    monkeypatch.setattr(planner, "painting_bytes", lambda _: 0)
    for each in keys:
        cache.get(each)
    cache.make_room(keys[:1])
    assert [each in cache for each in keys] == [True] * 4
    monkeypatch.setattr(planner, "painting_bytes", lambda pixels: pixels)
    cache.make_room(keys[:1])
    assert [each in cache for each in keys] == [True, False, True, True]
    monkeypatch.setattr(planner, "painting_bytes", lambda _: planner.KEPT_BYTES)
    cache.make_room([keys[0], key(5)])
    assert [each in cache for each in keys] == [True, False, False, False]


@pytest.mark.parametrize(("painting", "kept"), [(0, [False, False, True]), (10**12, [False, True, True])])
def test_a_process_that_is_to_stay_small_lets_go_levels_that_are_done_but_of_a_picture_that_fills_it(
    network: vgg.Network, monkeypatch: pytest.MonkeyPatch, painting: int, kept: list[bool]
) -> None:
    cache, keys = LoopCache(network, most=10**12), [key(1 + number) for number in range(3)]
    for each in keys:
        cache.get(each)
    monkeypatch.setattr(LoopCache, "_bytes_over", lambda *_: 2**40)
    monkeypatch.setattr(planner, "painting_bytes", lambda _: painting)
    cache.make_room(keys[2:], keys[1:2])
    assert [each in cache for each in keys] == kept


def test_loops_go_until_there_is_room_whatever_they_were_thought_to_take(
    network: vgg.Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, keys = LoopCache(network, most=10**12), [key(1 + number) for number in range(4)]
    for each in keys:
        cache.get(each)
    found = iter([1, 1, 0])
    monkeypatch.setattr(LoopCache, "_bytes_over", lambda *_: next(found))
    cache.make_room(keys[3:])
    assert [each in cache for each in keys] == [False, False, True, True]


def test_one_for_a_picture_in_tiles_is_made_for_one_job(
    network: vgg.Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner, "TILE_PIXELS", 1)
    cache = LoopCache(network)
    assert cache.get(key()) is not cache.get(key())
    assert cache.loops == []


def test_threads_that_ask_for_one_loop_get_the_same(network: vgg.Network) -> None:
    cache = LoopCache(network)
    with ThreadPoolExecutor(4) as pool:
        loops = list(pool.map(cache.get, [key()] * 4))
    assert len(set(map(id, loops))) == 1


def test_a_loop_that_is_let_go_lets_go_its_graph(network: vgg.Network) -> None:
    loop = WholeLevel(network, structure_of(RECIPES[RecipeName.STANDARD], (SIDE, SIDE)))
    content = tf.zeros([1, SIDE, SIDE, 3])
    targets = targets_of(loop, content, content)
    strips = loop.objective.border_strips(content, targets)
    function = loop.evaluate.get_concrete_function(content, targets, strips, tf.constant(1))
    graph = weakref.ref(function.graph)
    del loop, function
    gc.collect()
    assert graph() is None
