"""Fixtures for whoever tests with the real network: a conftest imports those that its room needs.

Rule: a process loads the packaged weights once, and what a module has compiled is gone after it, or the tests of one
process take some hundred megabytes more with each module.
"""

import gc
from collections.abc import Iterator
from functools import cache

import keras
import pytest

from engine.nst import PACKAGED, vgg
from engine.painting.session import Session
from engine.planning import planner

KEPT_LOOPS = 3  # the levels that most tests paint, and one more


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
    """What a module has compiled is let go; compiled functions refer to themselves."""
    yield
    vgg.features_of.cache_clear()
    gc.collect()


@pytest.fixture(scope="session")
def network(loaded_once: None) -> keras.Model:
    return vgg.load()


@pytest.fixture(scope="module")
def session(loaded_once: None) -> Iterator[Session]:
    """It keeps few compiled loops, so that those of one test do not take their memory until the end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planner, "KEPT_BYTES", KEPT_LOOPS * planner.kept_bytes(96, 64))
        yield Session()
