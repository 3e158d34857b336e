"""The optimisers. Each holds the points to evaluate next and moves them when told losses and gradients there.

Several pictures are optimised side by side, a row each; no row hears of another. The state lives in variables
on the device and `advance` is made of tensor operations only, so that it can be compiled together with the
evaluation: nothing has to come back to the host between two evaluations.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import tensorflow as tf


def choose(chosen: tf.Tensor, yes: list[tf.Tensor], no: list[tf.Tensor]) -> list[tf.Tensor]:
    """Rows of each `yes` where `chosen` (pictures,), of its `no` elsewhere; all (pictures, n). Graph code."""

    def row_by_row() -> list[tf.Tensor]:
        return [tf.where(chosen[:, None], *pair) for pair in zip(yes, no, strict=True)]

    if waits_for_branches():
        return row_by_row()
    # Nearly always it is all of them, and nothing has to be copied.
    found: list[tf.Tensor] = tf.cond(tf.reduce_all(chosen), lambda: yes, row_by_row)
    return found


def waits_for_branches() -> bool:
    """Whether the host would have to wait for the device to know which way a branch goes: so it is with a GPU."""
    return bool(tf.config.list_logical_devices("GPU"))


def square(rows: tf.Tensor) -> tf.Tensor:
    """(pictures, ...) -> (pictures,): the sum of the squares of each picture."""
    # Unlike a sum of products this needs no memory for them.
    return tf.stack([2 * tf.nn.l2_loss(row) for row in tf.unstack(rows)])


class Optimiser(Protocol):
    """`point` (pictures, n) is where losses and gradients are wanted next."""

    point: tf.Variable

    @property
    def best(self) -> tf.Tensor:
        """(pictures, n): where the losses were lowest since `reset`."""

    @property
    def state(self) -> dict[str, tf.Variable]:
        """All variables by name: whoever stores and restores them goes on as if nothing had been."""

    def reset(self, start: tf.Tensor) -> None:
        """Begin anew from `start` (pictures, n)."""

    def advance(self, loss: tf.Tensor, gradient: tf.Tensor) -> None:
        """Move `point`, given the losses (pictures,) and gradients (pictures, n) there. Graph code."""


@dataclass(frozen=True)
class AdamSettings:
    """Adam (arXiv:1412.6980) with the tutorial's values as defaults; the learning rate is in grey levels."""

    learning_rate: float = 5.0
    beta1: float = 0.99
    beta2: float = 0.999
    epsilon: float = 1e-1
    lower: tuple[float, ...] | None = None  # per colour, for pixels: the point is clipped after each step
    upper: tuple[float, ...] | None = None

    def build(self, pictures: int, size: int) -> "Adam":
        """An optimiser for `pictures` points of `size` numbers each."""
        return Adam(self, pictures, size)


class Adam:
    """`tf.train.AdamOptimizer`'s form: epsilon is added to the root of the uncorrected second moment."""

    def __init__(self, settings: AdamSettings, pictures: int, size: int) -> None:
        self.settings = settings
        self.point = tf.Variable(tf.zeros([pictures, size]), name="point")
        self._first = tf.Variable(tf.zeros([pictures, size]), name="first_moment")
        self._second = tf.Variable(tf.zeros([pictures, size]), name="second_moment")
        self._steps = tf.Variable(0.0, name="steps")
        self._best = tf.Variable(tf.zeros([pictures, size]), name="best")
        self._best_loss = tf.Variable(tf.zeros([pictures]), name="best_loss")

    @property
    def best(self) -> tf.Tensor:
        """See `Optimiser`."""
        return self._best.read_value()

    @property
    def state(self) -> dict[str, tf.Variable]:
        """See `Optimiser`."""
        return _named(self)

    def reset(self, start: tf.Tensor) -> None:
        """Begin anew from `start`."""
        self.point.assign(start)
        self._best.assign(start)
        self._best_loss.assign(tf.fill(self._best_loss.shape, np.inf))
        for variable in (self._first, self._second, self._steps):
            variable.assign(tf.zeros_like(variable))

    def advance(self, loss: tf.Tensor, gradient: tf.Tensor) -> None:
        """One Adam step."""
        better = loss < self._best_loss
        (best,) = choose(better, [self.point.read_value()], [self._best.read_value()])
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
            moved = tf.reshape(tf.clip_by_value(colours, s.lower, s.upper), moved.shape)
        self.point.assign(moved)


@dataclass(frozen=True)
class LbfgsSettings:
    """L-BFGS: how many (step, gradient change) pairs are kept, and how far the very first step goes.

    first_step: root mean square of the first step, in grey levels; without it the first step would have to be
    guessed from a gradient whose scale says nothing. sufficient: Armijo's constant. stretch: multiplies the
    curvature's usual guess (Nocedal and Wright, eq. 7.20) in the directions that no pair knows of.
    """

    pairs: int = 5
    first_step: float = 0.5
    stretch: float = 1.0
    sufficient: float = 1e-4

    def build(self, pictures: int, size: int) -> "Lbfgs":
        """An optimiser for `pictures` points of `size` numbers each."""
        return Lbfgs(self, pictures, size)


class Lbfgs:
    """Limited-memory BFGS (Nocedal 1980) with backtracking: one evaluation a step unless the loss rises.

    The step is -H g, where H is the inverse Hessian estimate of the stored pairs in its compact form (Byrd,
    Nocedal and Schnabel 1994, eq. 3.13). A step is bound by how often the long vectors are read and written: each
    pair is read twice and written never, as a vector that moves up a place is only known by another name then, and
    no product is formed that follows from others.
    """

    def __init__(self, settings: LbfgsSettings, pictures: int, size: int) -> None:
        self.settings = settings
        m = settings.pairs

        def numbers(*shape: int) -> tf.Tensor:
            return tf.zeros([pictures, *shape])

        self.point = tf.Variable(numbers(size), name="point")
        self._accepted = tf.Variable(numbers(size), name="accepted")
        self._gradient = tf.Variable(numbers(size), name="gradient")  # at the accepted point
        # The pairs, the newest last.
        self._steps = [tf.Variable(numbers(size), name="steps") for _ in range(m)]  # S
        self._changes = [tf.Variable(numbers(size), name="changes") for _ in range(m)]  # Y: of the gradient
        self._along_steps = tf.Variable(numbers(m), name="along_steps")  # S g, at the accepted point
        self._along_changes = tf.Variable(numbers(m), name="along_changes")  # Y g
        self._steps_changes = tf.Variable(numbers(m, m), name="steps_changes")  # S Y^T where S is not newer
        self._changes_changes = tf.Variable(numbers(m, m), name="changes_changes")  # Y Y^T, likewise
        self._loss = tf.Variable(numbers(), name="loss")
        self._slope = tf.Variable(numbers(), name="slope")  # along the whole step from the accepted point
        self._held = tf.Variable(tf.zeros([pictures], tf.int32), name="held")  # pairs
        self._begun = tf.Variable(False, name="begun")

    @property
    def best(self) -> tf.Tensor:
        """See `Optimiser`: the accepted point, as the loss falls from each to the next."""
        return self._accepted.read_value()

    @property
    def state(self) -> dict[str, tf.Variable]:
        """See `Optimiser`."""
        return _named(self)

    def reset(self, start: tf.Tensor) -> None:
        """Begin anew from `start`."""
        self.point.assign(start)
        self._accepted.assign(start)
        self._held.assign(tf.zeros_like(self._held))
        self._begun.assign(False)

    def advance(self, loss: tf.Tensor, gradient: tf.Tensor) -> None:
        """Take each point whose loss fell enough, and go back along the same direction with the others."""
        begun, point, before = self._begun.read_value(), self.point.read_value(), self._accepted.read_value()
        fell = tf.logical_or(
            tf.logical_not(begun), loss <= self._loss + self.settings.sufficient * self._slope
        )
        step = point - before
        self._learn(step, gradient, fell, tf.logical_and(fell, begun))
        newton, slope = self._newton(gradient)
        shorter = self._shorter(loss)
        self._slope.assign(tf.where(fell, slope, shorter * self._slope))
        self._loss.assign(tf.where(fell, loss, self._loss))
        self._begun.assign(True)
        accepted, step = choose(fell, [point, newton], [before, shorter[:, None] * step])
        self._accepted.assign(accepted)
        self.point.assign(accepted + step)

    def _shorter(self, loss: tf.Tensor) -> tf.Tensor:
        """How much of the step leads to the minimum of the parabola through both losses and the slope; at most half."""
        minimum = -self._slope / (2 * (loss - self._loss - self._slope))
        minimum = tf.where(tf.math.is_finite(minimum), minimum, 0.0)
        return tf.clip_by_value(minimum, 0.1, 0.5)

    def _learn(self, step: tf.Tensor, gradient: tf.Tensor, fell: tf.Tensor, taken: tf.Tensor) -> None:
        """Keep the pairs of the steps that were taken, and the gradients where the loss fell."""
        before = self._gradient.read_value()
        change = gradient - before
        bend, length = _dot(step, change), square(change)
        # A pair without positive curvature would make H indefinite; it is left out.
        useful = tf.logical_and(taken, bend > 1e-10 * length)
        self._held.assign(tf.minimum(self._held + tf.cast(useful, tf.int32), self.settings.pairs))
        for rows, newest, along, products, with_change in (
            (self._steps, step, self._along_steps, self._steps_changes, bend),
            (self._changes, change, self._along_changes, self._changes_changes, length),
        ):
            _append(rows, newest, useful)
            now, earlier, old = _dots(rows, gradient), along.read_value(), products.read_value()
            # With the change: the difference, but of the newest pair, which has no earlier one.
            column = tf.concat([now[:, :-1] - earlier[:, 1:], with_change[:, None]], 1)
            moved = tf.pad(old[:, 1:, 1:], [[0, 0], [0, 1], [0, 0]])
            products.assign(tf.where(useful[:, None, None], tf.concat([moved, column[:, :, None]], 2), old))
            along.assign(tf.where(fell[:, None], now, earlier))
        (kept,) = choose(fell, [gradient], [before])
        self._gradient.assign(kept)

    def _newton(self, gradient: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """(-H g, its slope), where H knows the newest steps; without any, the first step down the gradient."""
        length = square(gradient)
        rms = tf.sqrt(length / gradient.shape[1])
        u, v, scale = self._coefficients(self.settings.first_step / tf.maximum(rms, 1e-20))
        newton = -scale[:, None] * gradient
        scaled = scale[:, None] * u
        for k in range(self.settings.pairs):
            newton += scaled[:, k, None] * self._changes[k] - v[:, k, None] * self._steps[k]
        slope = scale * (_dot(self._along_changes, u) - length) - _dot(self._along_steps, v)
        return newton, slope

    def _coefficients(self, first: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """(u, v, gamma) such that H g = gamma (g - Y^T u) + S^T v.

        With R the upper triangle of S Y^T and D its diagonal: u = R^-1 S g and
        v = R^-T ((D + gamma Y Y^T) u - gamma Y g). Rows not in use yet are made the identity's. `first` is
        gamma (B,) while no pair is held.
        """
        m = self.settings.pairs
        held = self._held.read_value()[:, None]
        used = tf.cast(tf.range(m) >= m - held, tf.float32)
        both = used[:, :, None] * used[:, None, :]
        cross, half = (
            tf.linalg.band_part(both * products, 0, -1)
            for products in (self._steps_changes, self._changes_changes)
        )
        diagonal, squares = tf.linalg.diag_part(cross), tf.linalg.diag_part(half)
        own = half + tf.linalg.matrix_transpose(half) - tf.linalg.diag(squares)
        scale = tf.math.divide_no_nan(diagonal[:, -1], squares[:, -1])
        scale = tf.where(held[:, 0] > 0, self.settings.stretch * scale, first)
        triangle = cross + tf.linalg.diag(1 - used)
        sg, yg = used * self._along_steps, used * self._along_changes
        u = tf.linalg.triangular_solve(triangle, sg[:, :, None], lower=False)[:, :, 0]
        right = diagonal * u + scale[:, None] * (tf.linalg.matvec(own, u) - yg)
        v = tf.linalg.triangular_solve(triangle, right[:, :, None], lower=False, adjoint=True)[:, :, 0]
        return u, v, scale


def _append(rows: list[tf.Variable], newest: tf.Tensor, useful: tf.Tensor) -> None:
    """Each picture's rows move up a place where there is a useful one to follow, and the oldest is forgotten."""
    old = [row.read_value() for row in rows]
    for row, value in zip(rows, choose(useful, [*old[1:], newest], old), strict=True):
        row.assign(value)


def _named(optimiser: object) -> dict[str, tf.Variable]:
    named = {}
    for name, value in vars(optimiser).items():
        if isinstance(value, tf.Variable):
            named[name] = value
        elif isinstance(value, list):
            named |= {f"{name}_{number}": each for number, each in enumerate(value)}
    return named


def _dot(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """Of each row."""
    # As products of matrices: a sum of products would write these down first.
    pairs = zip(tf.unstack(a), tf.unstack(b), strict=True)
    return tf.stack([tf.matmul(x[None], y[None], transpose_b=True)[0, 0] for x, y in pairs])


def _dots(rows: list[tf.Variable], vector: tf.Tensor) -> tf.Tensor:
    """(pictures, n) several times and once more -> (pictures, rows)."""
    return tf.stack([_dot(row, vector) for row in rows], 1)
