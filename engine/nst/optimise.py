"""The optimisers. Each holds the point to evaluate next and moves it when told loss and gradient there.

The state lives in variables on the device and `advance` is made of tensor operations only, so that it can be
compiled together with the evaluation: nothing has to come back to the host between two evaluations.
"""

from dataclasses import dataclass
from typing import Protocol

import tensorflow as tf


class Optimiser(Protocol):
    """`point` (n,) is where loss and gradient are wanted next."""

    point: tf.Variable

    def reset(self, start: tf.Tensor) -> None:
        """Begin anew from `start` (n,)."""

    def advance(self, loss: tf.Tensor, gradient: tf.Tensor) -> None:
        """Move `point`, given the loss (scalar) and gradient (n,) there. Graph code."""


@dataclass(frozen=True)
class AdamSettings:
    """Adam (arXiv:1412.6980) with the tutorial's values as defaults; the learning rate is in grey levels."""

    learning_rate: float = 5.0
    beta1: float = 0.99
    beta2: float = 0.999
    epsilon: float = 1e-1
    lower: tuple[float, ...] | None = None  # per colour, for pixels: the point is clipped after each step
    upper: tuple[float, ...] | None = None

    def build(self, size: int) -> "Adam":
        """An optimiser for points of `size` numbers."""
        return Adam(self, size)


class Adam:
    """`tf.train.AdamOptimizer`'s form: epsilon is added to the root of the uncorrected second moment."""

    def __init__(self, settings: AdamSettings, size: int) -> None:
        self.settings = settings
        self.point = tf.Variable(tf.zeros([size]), name="point")
        self._first = tf.Variable(tf.zeros([size]), name="first_moment")
        self._second = tf.Variable(tf.zeros([size]), name="second_moment")
        self._steps = tf.Variable(0.0, name="steps")

    def reset(self, start: tf.Tensor) -> None:
        """Begin anew from `start`."""
        self.point.assign(start)
        for variable in (self._first, self._second, self._steps):
            variable.assign(tf.zeros_like(variable))

    def advance(self, loss: tf.Tensor, gradient: tf.Tensor) -> None:
        """One Adam step."""
        del loss
        s = self.settings
        steps = self._steps.assign_add(1.0)
        first = self._first.assign(s.beta1 * self._first + (1 - s.beta1) * gradient)
        second = self._second.assign(s.beta2 * self._second + (1 - s.beta2) * tf.square(gradient))
        rate = s.learning_rate * tf.sqrt(1 - s.beta2**steps) / (1 - s.beta1**steps)
        moved = self.point - rate * first / (tf.sqrt(second) + s.epsilon)
        if s.lower is not None and s.upper is not None:
            colours = tf.reshape(moved, [-1, 3])
            moved = tf.reshape(tf.clip_by_value(colours, s.lower, s.upper), [-1])
        self.point.assign(moved)


@dataclass(frozen=True)
class LbfgsSettings:
    """L-BFGS: how many (step, gradient change) pairs are kept, and how far the very first step goes.

    first_step: root mean square of the first step, in grey levels; without it the first step would have to be
    guessed from a gradient whose scale says nothing. sufficient: Armijo's constant.
    """

    pairs: int = 12
    first_step: float = 1.0
    sufficient: float = 1e-4

    def build(self, size: int) -> "Lbfgs":
        """An optimiser for points of `size` numbers."""
        return Lbfgs(self, size)


class Lbfgs:
    """Limited-memory BFGS (Nocedal 1980) with backtracking: one evaluation a step unless the loss rises.

    The step is -H g, where H is the inverse Hessian estimate of the stored pairs in its compact form (Byrd,
    Nocedal and Schnabel 1994, eq. 3.13): the long vectors are read twice a step, whatever the number of pairs.
    """

    def __init__(self, settings: LbfgsSettings, size: int) -> None:
        self.settings = settings
        m = settings.pairs
        self.point = tf.Variable(tf.zeros([size]), name="point")
        self._accepted = tf.Variable(tf.zeros([size]), name="accepted")
        self._gradient = tf.Variable(tf.zeros([size]), name="gradient")
        self._direction = tf.Variable(tf.zeros([size]), name="direction")
        self._steps = tf.Variable(tf.zeros([m, size]), name="steps")  # S: a ring of rows
        self._changes = tf.Variable(tf.zeros([m, size]), name="changes")  # Y: of the gradient
        self._steps_changes = tf.Variable(tf.zeros([m, m]), name="steps_changes")  # S Y^T
        self._changes_changes = tf.Variable(tf.zeros([m, m]), name="changes_changes")  # Y Y^T
        self._loss = tf.Variable(0.0, name="loss")
        self._length = tf.Variable(1.0, name="length")
        self._slope = tf.Variable(0.0, name="slope")
        self._stored = tf.Variable(0, name="stored")  # pairs, ever
        self._begun = tf.Variable(False, name="begun")

    def reset(self, start: tf.Tensor) -> None:
        """Begin anew from `start`."""
        self.point.assign(start)
        self._stored.assign(0)
        self._begun.assign(False)

    def advance(self, loss: tf.Tensor, gradient: tf.Tensor) -> None:
        """Take the point if the loss fell enough, else go back along the same direction."""
        enough = self._loss + self.settings.sufficient * self._length * self._slope
        fell = tf.logical_or(tf.logical_not(self._begun), loss <= enough)
        tf.cond(fell, lambda: self._accept(loss, gradient), lambda: self._backtrack(loss))

    def _accept(self, loss: tf.Tensor, gradient: tf.Tensor) -> tf.Tensor:
        direction = tf.cond(self._begun, lambda: self._newton(gradient), lambda: self._steepest(gradient))
        self._accepted.assign(self.point)
        self._gradient.assign(gradient)
        self._loss.assign(loss)
        self._direction.assign(direction)
        self._slope.assign(tf.tensordot(direction, gradient, 1))
        self._length.assign(1.0)
        self._begun.assign(True)
        return self.point.assign_add(direction)

    def _backtrack(self, loss: tf.Tensor) -> tf.Tensor:
        """To the minimum of the parabola through both losses and the slope, but by a half at least."""
        t = self._length
        minimum = -self._slope * t * t / (2 * (loss - self._loss - self._slope * t))
        minimum = tf.where(tf.math.is_finite(minimum), minimum, 0.0)
        self._length.assign(tf.clip_by_value(minimum, 0.1 * t, 0.5 * t))
        return self.point.assign(self._accepted + self._length * self._direction)

    def _steepest(self, gradient: tf.Tensor) -> tf.Tensor:
        rms = tf.sqrt(tf.reduce_mean(tf.square(gradient)))
        return gradient * (-self.settings.first_step / tf.maximum(rms, 1e-20))

    def _newton(self, gradient: tf.Tensor) -> tf.Tensor:
        m = self.settings.pairs
        step = self.point - self._accepted
        change = gradient - self._gradient
        # A pair without positive curvature would make H indefinite; it is left out.
        useful = tf.tensordot(step, change, 1) > 1e-10 * tf.tensordot(change, change, 1)
        row = self._stored % m
        tf.cond(useful, lambda: self._store(row, step, change), lambda: self._stored)
        on_steps = tf.linalg.matmul(self._steps, tf.stack([change, gradient]), transpose_b=True)
        on_changes = tf.linalg.matmul(self._changes, tf.stack([step, change, gradient]), transpose_b=True)
        tf.cond(useful, lambda: self._store_products(row, on_steps, on_changes), lambda: self._stored)
        u, v, scale = self._coefficients(on_steps[:, 1], on_changes[:, 2])
        return scale * (tf.linalg.matvec(self._changes, u, transpose_a=True) - gradient) - tf.linalg.matvec(
            self._steps, v, transpose_a=True
        )

    def _store(self, row: tf.Tensor, step: tf.Tensor, change: tf.Tensor) -> tf.Tensor:
        self._steps.scatter_nd_update([[row]], step[None])
        self._changes.scatter_nd_update([[row]], change[None])
        return self._stored.assign_add(1)

    def _store_products(self, row: tf.Tensor, on_steps: tf.Tensor, on_changes: tf.Tensor) -> tf.Tensor:
        """The new pair's row and column of S Y^T and Y Y^T."""
        here = tf.one_hot(row, self.settings.pairs)
        column, line = here[None, :], here[:, None]
        outside = (1 - column) * (1 - line)
        cross = self._steps_changes * outside + on_steps[:, :1] * column
        cross += (line * on_changes[None, :, 0]) * (1 - column)
        self._steps_changes.assign(cross)
        own = self._changes_changes * outside + on_changes[:, 1:2] * column
        own += (line * on_changes[None, :, 1]) * (1 - column)
        self._changes_changes.assign(own)
        return self._stored

    def _coefficients(self, sg: tf.Tensor, yg: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """(u, v, gamma) such that H g = gamma (g - Y^T u) + S^T v, rows in the order they are stored in.

        With R the upper triangle of S Y^T (oldest pair first) and D its diagonal: u = R^-1 S g and
        v = R^-T ((D + gamma Y Y^T) u - gamma Y g). Rows not in use yet are made the identity's.
        """
        m = self.settings.pairs
        held = tf.minimum(self._stored, m)
        order = (self._stored - held + tf.range(m)) % m
        used = tf.cast(tf.range(m) < held, tf.float32)
        both = used[:, None] * used[None, :]

        def ordered(matrix: tf.Tensor) -> tf.Tensor:
            return tf.gather(tf.gather(matrix, order), order, axis=1) * both

        cross, own = ordered(self._steps_changes), ordered(self._changes_changes)
        diagonal = tf.linalg.diag_part(cross)
        newest = tf.maximum(held - 1, 0)
        scale = tf.math.divide_no_nan(diagonal[newest], own[newest, newest])
        scale = tf.where(held > 0, scale, 1.0)
        upper = tf.linalg.band_part(cross, 0, -1) + tf.linalg.diag(1 - used)
        sg, yg = tf.gather(sg, order) * used, tf.gather(yg, order) * used
        u = tf.linalg.triangular_solve(upper, sg[:, None], lower=False)
        right = diagonal[:, None] * u + scale * tf.matmul(own, u) - scale * yg[:, None]
        v = tf.linalg.triangular_solve(upper, right, lower=False, adjoint=True)
        back = tf.math.invert_permutation(order)
        return tf.gather(u[:, 0], back), tf.gather(v[:, 0], back), scale
