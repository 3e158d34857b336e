"""How fast this device is, measured while a worker warms up: what plans and estimates are made from.

Rule: whatever else runs only slows, so the fastest of several turns counts.
"""

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing

import numpy as np
import tensorflow as tf

from engine.devices.memory import Gauge
from engine.images import Picture
from engine.nst import vgg
from engine.nst.noise import AMPLITUDE, noise
from engine.nst.objective import layers_of
from engine.nst.recipes import RECIPES
from engine.painting.progress import Step
from engine.painting.scene import Scene, Style
from engine.planning.measuring import FEWEST, SIDES, TURNS, Measured, Sample, measure_device
from engine.protocol import Level, Plan, Precision, RecipeName, Settings

Paint = Callable[[Scene, Plan, Settings], Generator[Step, None, None]]
Prepare = Callable[[Scene, Plan, Settings], None]


def faster_precision(network: vgg.Network, precisions: Sequence[Precision]) -> Precision:
    """The precision in which the network's convolutions are faster on this device."""
    return min(precisions, key=lambda precision: _seconds_of_network(network, precision))


def measure(paint: Paint, prepare: Prepare, precision: Precision, gauge: Gauge | None) -> Measured:
    """What evaluations take, by one loop that `paint` has not compiled yet; gauge: of a GPU's memory.

    prepare: does all that is before a first evaluation, but does not compile.
    """

    def sample(side: int) -> Sample | None:
        if gauge is not None:
            gauge.reset()
        try:
            first, fastest = _seconds_of_evaluation(paint, precision, side)
        except tf.errors.ResourceExhaustedError:
            return None
        return Sample(first, fastest, None if gauge is None else gauge.peak())

    # Not to be taken for compiling: what is loaded once.
    prepare(*_picture(precision, SIDES[0]))
    return measure_device(
        sample, precision, waits=gauge is not None, memory=None if gauge is None else gauge.left()
    )


def _seconds_of_network(network: vgg.Network, precision: Precision) -> float:
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
    side = SIDES[FEWEST - 1]
    image = noise((side, side), AMPLITUDE, 0)
    compiled(image)
    return min(_seconds(lambda: compiled(image).numpy()) for _ in range(TURNS))


def _seconds_of_evaluation(paint: Paint, precision: Precision, side: int) -> tuple[float, float]:
    """Of the first, compiling included, and of the fastest after it."""
    scene, plan, settings = _picture(precision, side)
    with closing(paint(scene, plan, settings)) as steps:
        first, *others = (_seconds(lambda: next(steps)) for _ in range(plan.evaluations))
    return first, min(others)


def _picture(precision: Precision, side: int) -> tuple[Scene, Plan, Settings]:
    noise = Picture(np.random.default_rng(0).integers(0, 255, (side, side, 3), np.uint8))
    level = Level(width=side, height=side, evaluations=1 + TURNS)
    plan = Plan(recipe=RecipeName.STANDARD, levels=(level,), seconds=0, precision=precision)
    return Scene(noise, [Style(noise)]), plan, Settings()


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
