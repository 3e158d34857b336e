"""Functions whose minimum is known, and optimisers set to them."""

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from engine.nst.adam import Adam
from engine.nst.lbfgs import Lbfgs


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
