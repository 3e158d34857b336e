"""Adam (Kingma and Ba, arXiv:1412.6980), as the tutorial uses it."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from engine.nst.optimiser import variables_of
from engine.nst.rows import any_length, empty, select


@dataclass(frozen=True)
class AdamSettings:
    """Adam (arXiv:1412.6980) with the tutorial's values as defaults; the learning rate is in grey levels."""

    learning_rate: float = 5.0
    beta1: float = 0.99
    beta2: float = 0.999
    epsilon: float = 1e-1
    lower: tuple[float, ...] | None = None  # per colour, for pixels: the point is clipped after each step
    upper: tuple[float, ...] | None = None

    def build(self, pictures: int) -> "Adam":
        """An optimiser for `pictures` points."""
        return Adam(self, pictures)


class Adam:
    """`tf.train.AdamOptimizer`'s form: epsilon is added to the root of the uncorrected second moment."""

    def __init__(self, settings: AdamSettings, pictures: int) -> None:
        self.settings = settings
        self.point = any_length(pictures, "point")
        self._first = any_length(pictures, "first_moment")
        self._second = any_length(pictures, "second_moment")
        self._steps = tf.Variable(0.0, name="steps")
        self._best = any_length(pictures, "best")
        self._best_loss = tf.Variable(tf.zeros([pictures]), name="best_loss")

    @property
    def best(self) -> tf.Tensor:
        """See `Optimiser`."""
        return self._best.read_value()

    @property
    def state(self) -> dict[str, tf.Variable]:
        """See `Optimiser`."""
        return variables_of(self)

    @property
    def settled(self) -> tuple[str, ...]:
        """See `Optimiser`."""
        return ("_best",)

    def reset(self, start: tf.Tensor) -> None:
        """Begin anew from `start`."""
        self.point.assign(start)
        self._best.assign(start)
        self._best_loss.assign(tf.fill(self._best_loss.shape, np.inf))
        self._first.assign(tf.zeros_like(start))
        self._second.assign(tf.zeros_like(start))
        self._steps.assign(0.0)

    def release(self) -> None:
        """See `Optimiser`."""
        empty(self.point, self._first, self._second)

    def advance(self, loss: tf.Tensor, gradient: tf.Tensor) -> None:
        """One Adam step."""
        better = loss < self._best_loss
        (best,) = select(better, [self.point.read_value()], [self._best.read_value()])
        self._best.assign(best)
        self._best_loss.assign(tf.where(better, loss, self._best_loss))
        s = self.settings
        steps = self._steps.assign_add(1.0)
        first = self._first.assign(s.beta1 * self._first + (1 - s.beta1) * gradient)
        second = self._second.assign(s.beta2 * self._second + (1 - s.beta2) * tf.square(gradient))
        rate = s.learning_rate * tf.sqrt(1 - s.beta2**steps) / (1 - s.beta1**steps)
        moved = self.point - rate * first / (tf.sqrt(second) + s.epsilon)
        if s.lower is not None and s.upper is not None:
            colours = tf.reshape(moved, [-1, 3])
            moved = tf.reshape(tf.clip_by_value(colours, s.lower, s.upper), tf.shape(moved))
        self.point.assign(moved)
