"""Functions whose minimum is known, and optimisers set to them."""

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from engine.nst.adam import Adam
from engine.nst.lbfgs import Lbfgs, LbfgsSettings


def minimise(
    optimiser: Lbfgs | Adam, function: object, starts: list[list[float]], evaluations: int
) -> NDArray[np.float32]:
    """The losses seen: (evaluations, pictures)."""
    assert callable(function)
    optimiser.reset(tf.constant(starts))

    def evaluate() -> tf.Tensor:
        point = optimiser.point.read_value()
        with tf.GradientTape() as tape:
            tape.watch(point)
            loss = function(point)
        optimiser.advance(loss, tape.gradient(loss, point))
        return loss

    compiled = tf.function(evaluate, autograph=False)
    return np.array([compiled().numpy() for _ in range(evaluations)])


def rosenbrock(points: tf.Tensor) -> tf.Tensor:
    """Of points (pictures, n): (pictures,), 0 at (1, 1, ...)."""
    valley = 100 * (points[:, 1:] - points[:, :-1] ** 2) ** 2 + (1 - points[:, :-1]) ** 2
    return tf.reduce_sum(valley, axis=1)


def branches(optimiser: Lbfgs | Adam) -> bool:
    """Whether `advance` has control flow in its graph."""
    numbers = tf.TensorSpec([2]), tf.TensorSpec([2, 4])
    graph = tf.function(optimiser.advance, autograph=False).get_concrete_function(*numbers).graph
    return any("If" in operation.type or operation.type == "Switch" for operation in graph.get_operations())


def on_a_quadratic(
    settings: LbfgsSettings, steps: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], Lbfgs]:
    """The points that were evaluated, the gradients there, and the optimiser that has been told."""
    random = np.random.default_rng(steps)
    curvature = random.uniform(0.5, 4.0, 6)
    optimiser = settings.build(1)
    optimiser.reset(tf.constant(random.normal(size=(1, 6)), tf.float32))
    points: list[NDArray[np.float64]] = []
    for _ in range(steps):
        points.append(optimiser.point.numpy()[0].astype(np.float64))
        loss = 0.5 * np.sum(curvature * points[-1] ** 2)
        optimiser.advance(
            tf.constant([loss], tf.float32), tf.constant((curvature * points[-1])[None], tf.float32)
        )
    return np.array(points), curvature * np.array(points), optimiser
