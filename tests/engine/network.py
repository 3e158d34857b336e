"""Fixtures for whoever tests with the real network: a conftest imports those that its room needs.

Rule: a process loads the packaged weights once, and compiles a loop once for all sessions that paint by it, since that takes
fifty times what an evaluation of so small a picture does. Of what is compiled a bounded number is kept: each takes more
than a hundred megabytes.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from threading import RLock
from typing import TYPE_CHECKING, Any

import pytest
from cachetools import LRUCache, cached

from engine.nst import PACKAGED, vgg
from engine.painting import heap, loop_cache
from engine.painting.session import Session
from engine.planning import planner

if TYPE_CHECKING:
    import keras

KEPT_LOOPS = 3  # by a session: the one that most tests paint by, and two more
KEPT_FUNCTIONS = 4  # by all; six make two gigabytes of a process
MOST_FUNCTIONS = 3  # of one loop: masks make one more, and transparency another

Loops = LRUCache[Any, Any]


@pytest.fixture(scope="session", autouse=True)
def loaded_once() -> Iterator[None]:
    """Whoever loads the packaged weights gets the same network, which nobody changes; a file may be another each time."""
    load, packaged = vgg.load, cache(vgg.load)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            vgg, "load", lambda weights=PACKAGED: packaged() if weights == PACKAGED else load(weights)
        )
        yield


@pytest.fixture(scope="module", autouse=True)
def forgotten() -> Iterator[None]:
    """What looks at features is let go after a module: it is compiled for each size."""
    yield
    vgg.features_of.cache_clear()
    heap.give_back()


def in_keras(network: vgg.Network, layers: Sequence[str] = ()) -> "keras.Model":
    """Keras' own architecture with these weights, which ends at the `layers`, if any are named."""
    import keras

    model = keras.applications.VGG19(include_top=False, weights=None)
    for name, weights in network.layers.items():
        model.get_layer(name).set_weights(weights)
    return keras.Model(model.input, [model.get_layer(name).output for name in layers]) if layers else model


@pytest.fixture(scope="session")
def network(loaded_once: None) -> vgg.Network:
    return vgg.load()


@pytest.fixture(scope="package")
def loops() -> Iterator[Loops]:
    """The loops that the tests of a room have compiled, whichever session did; those not used for longest go."""
    kept: Loops = LRUCache(KEPT_FUNCTIONS)
    yield kept
    kept.clear()
    heap.give_back()


@pytest.fixture(autouse=True)
def bounded(request: pytest.FixtureRequest, loops: Loops) -> Iterator[None]:
    """After each test what is compiled is within its bounds."""
    yield
    before = len(loops)
    for key in [key for key in loops if loops[key].graphs > MOST_FUNCTIONS]:
        del loops[key]
    while sum(loop.graphs for loop in loops.values()) > KEPT_FUNCTIONS:
        loops.popitem()
    if len(loops) < before:
        if "session" in request.fixturenames:
            request.getfixturevalue("session")._loops._kept.clear()
        heap.give_back()


@pytest.fixture(scope="module")
def session(loaded_once: None, loops: Loops) -> Iterator[Session]:
    """A session; what one of a module lets go of is compiled once more only if it is not among the `loops`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planner, "KEPT_BYTES", KEPT_LOOPS * planner.BYTES_OF_LOOP)
        patch.setattr(loop_cache, "whole_level", cached(loops, lock=RLock())(loop_cache.whole_level))
        yield Session()


@pytest.fixture
def uncompiled(session: Session, loops: Loops) -> None:
    """For a test of what is compiled, and when: no other has done it. Or of much that is, beside which nothing has room."""
    loops.clear()
    session._loops._kept.clear()
    heap.give_back()
