"""How fast this device is, measured while a worker warms up: what plans and estimates are made from.

Rule: whatever else runs only slows, so the fastest of several turns counts.
"""

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing

import keras
import numpy as np
import tensorflow as tf

from engine.images import Picture
from engine.nst import vgg
from engine.nst.noise import AMPLITUDE, noise
from engine.nst.objective import layers_of
from engine.nst.recipes import RECIPES
from engine.painting.progress import Step
from engine.painting.scene import Scene, Style
from engine.planning.cost_model import Speed
from engine.protocol import Level, Plan, Precision, RecipeName, Settings

SIDES = (64, 192)  # two points make the line that `Speed` is
TURNS = 4

Paint = Callable[[Scene, Plan, Settings], Generator[Step, None, None]]


def faster_precision(network: keras.Model, precisions: Sequence[Precision]) -> Precision:
    """The precision in which the network's convolutions are faster on this device."""
    return min(precisions, key=lambda precision: _seconds_of_network(network, precision))


def measure_speed(paint: Paint, precision: Precision) -> Speed:
    """The line through evaluations at two sizes, of levels that `paint` has not compiled yet."""
    (_, small), (first, large) = (_seconds_of_evaluation(paint, precision, side) for side in SIDES)
    pixels = [side * side / 1e6 for side in SIDES]
    per_megapixel = max((large - small) / (pixels[1] - pixels[0]), 1e-6)
    overhead = max(small - per_megapixel * pixels[0], 0.0)
    # Of the second, as with the first there is more to load that is loaded once.
    return Speed(overhead, per_megapixel, precision, compiling=max(first - large, 0.0))


def _seconds_of_network(network: keras.Model, precision: Precision) -> float:
    """Forward and back, without all that a level has besides, which takes long to compile."""
    recipe = RECIPES[RecipeName.STANDARD]
    layers = tuple(layers_of(recipe.octaves[0], recipe))
    features = vgg.features_of(network, layers, precision, reduced=recipe.reduced)

    def gradient(image: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(image)
            sums = tf.add_n([tf.reduce_sum(layer.sums) for layer in features(image)])
        return tape.gradient(sums, image)

    compiled = tf.function(gradient, autograph=False)
    image = noise((SIDES[-1], SIDES[-1]), AMPLITUDE, 0)
    compiled(image)
    return min(_seconds(lambda: compiled(image).numpy()) for _ in range(TURNS))


def _seconds_of_evaluation(paint: Paint, precision: Precision, side: int) -> tuple[float, float]:
    """Of the first, compiling included, and of the fastest after it."""
    grey = Picture(np.random.default_rng(0).integers(0, 255, (side, side, 3), np.uint8))
    level = Level(width=side, height=side, evaluations=1 + TURNS)
    plan = Plan(recipe=RecipeName.STANDARD, levels=(level,), seconds=0, precision=precision)
    with closing(paint(Scene(grey, [Style(grey)]), plan, Settings())) as steps:
        first, *others = (_seconds(lambda: next(steps)) for _ in range(level.evaluations))
    return first, min(others)


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
