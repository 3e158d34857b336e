"""One network for all tests of the maths: loading it is what takes time."""

import gc
from collections.abc import Iterator
from functools import cache

import keras
import pytest
import tensorflow as tf

from engine.nst import PACKAGED, losses, vgg
from engine.nst.losses import StyleStatistics
from engine.nst.stylize import Level, Targets
from engine.painting.session import Studio
from engine.planning import planner

KEPT_LOOPS = 6


@pytest.fixture(scope="session", autouse=True)
def loaded_once() -> Iterator[None]:
    """Whoever loads the packaged weights gets the same network, which stays as it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vgg, "load", cache(vgg.load))
        yield


@pytest.fixture(scope="module", autouse=True)
def forgotten() -> Iterator[None]:
    """What a module has compiled is gone after it: compiled functions are in circles, and some hundred MB large."""
    yield
    vgg.features_of.cache_clear()
    gc.collect()


@pytest.fixture(scope="session")
def network(loaded_once: None) -> keras.Model:
    return vgg.load(PACKAGED)


@pytest.fixture(scope="module")
def studio(loaded_once: None) -> Iterator[Studio]:
    """It keeps few compiled loops, so that a test more does not take its memory until the end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planner, "KEPT_BYTES", KEPT_LOOPS * planner.kept_bytes(96, 64))
        yield Studio()


def targets_of(level: Level, content: tf.Tensor, style: tf.Tensor, strength: float = 50) -> Targets:
    """What an image (1, H, W, 3) is compared with, for one style image of any size, everywhere."""
    statistics = [
        layer for octave in level.recipe.octaves for layer in level.objective.style_of(style, octave)
    ]
    stacked = [StyleStatistics(moments[None], spread[None]) for moments, spread in statistics]
    return level.objective.targets(
        stacked, level.content_targets(content), tf.constant([strength], tf.float32)
    )


def seen_of(features: tf.Tensor) -> vgg.Seen:
    """What `engine.nst.vgg` gives beside features (B, h, w, C)."""
    return vgg.Seen(features, tf.reduce_sum(tf.cast(features, tf.float32), [1, 2]))


def moments(features: tf.Tensor) -> tf.Tensor:
    """See `losses.Located`."""
    return losses.located(seen_of(features), cells=False, border=False).moments
