"""The optimisers. Each holds the points to evaluate next and moves them when told losses and gradients there.

Several pictures are optimised side by side, a row each; no row hears of another. The state lives in variables
on the device and `advance` is made of tensor operations only, so that it can be compiled together with the
evaluation: nothing has to come back to the host between two evaluations.
"""

from dataclasses import dataclass
from typing import Protocol

import tensorflow as tf


class Optimiser(Protocol):
    """`point` (pictures, n) is where losses and gradients are wanted next."""

    point: tf.Variable

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

    @property
    def state(self) -> dict[str, tf.Variable]:
        """See `Optimiser`."""
        return _named(self)

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
    Nocedal and Schnabel 1994, eq. 3.13): the long vectors are read twice a step, whatever the number of pairs.
    """

    def __init__(self, settings: LbfgsSettings, pictures: int, size: int) -> None:
        self.settings = settings
        self._pictures = pictures
        m = settings.pairs

        def numbers(*shape: int) -> tf.Tensor:
            return tf.zeros([pictures, *shape])

        self.point = tf.Variable(numbers(size), name="point")
        self._accepted = tf.Variable(numbers(size), name="accepted")
        self._gradient = tf.Variable(numbers(size), name="gradient")
        self._direction = tf.Variable(numbers(size), name="direction")
        # Rings of m rows.
        self._steps = tf.Variable(numbers(m, size), name="steps")  # S
        self._changes = tf.Variable(numbers(m, size), name="changes")  # Y: of the gradient
        self._steps_changes = tf.Variable(numbers(m, m), name="steps_changes")  # S Y^T
        self._changes_changes = tf.Variable(numbers(m, m), name="changes_changes")  # Y Y^T
        self._loss = tf.Variable(numbers(), name="loss")
        self._length = tf.Variable(numbers(), name="length")
        self._slope = tf.Variable(numbers(), name="slope")
        self._stored = tf.Variable(tf.zeros([pictures], tf.int32), name="stored")  # pairs, ever
        self._begun = tf.Variable(False, name="begun")

    @property
    def state(self) -> dict[str, tf.Variable]:
        """See `Optimiser`."""
        return _named(self)

    def reset(self, start: tf.Tensor) -> None:
        """Begin anew from `start`."""
        self.point.assign(start)
        self._stored.assign(tf.zeros_like(self._stored))
        self._begun.assign(False)

    def advance(self, loss: tf.Tensor, gradient: tf.Tensor) -> None:
        """Take each point whose loss fell enough, and go back along the same direction with the others."""
        begun = self._begun.read_value()
        enough = self._loss + self.settings.sufficient * self._length * self._slope
        fell = tf.logical_or(tf.logical_not(begun), loss <= enough)
        newton = self._newton(gradient, tf.logical_and(fell, begun))
        direction = tf.where(begun, newton, self._steepest(gradient))
        length = tf.where(fell, 1.0, self._shorter(loss))
        self._accepted.assign(_where(fell, self.point, self._accepted))
        self._gradient.assign(_where(fell, gradient, self._gradient))
        self._direction.assign(_where(fell, direction, self._direction))
        self._slope.assign(tf.where(fell, _dot(direction, gradient), self._slope))
        self._loss.assign(tf.where(fell, loss, self._loss))
        self._length.assign(length)
        self._begun.assign(True)
        self.point.assign(self._accepted + length[:, None] * self._direction)

    def _shorter(self, loss: tf.Tensor) -> tf.Tensor:
        """To the minimum of the parabola through both losses and the slope, but by a half at least."""
        t = self._length
        minimum = -self._slope * t * t / (2 * (loss - self._loss - self._slope * t))
        minimum = tf.where(tf.math.is_finite(minimum), minimum, 0.0)
        return tf.clip_by_value(minimum, 0.1 * t, 0.5 * t)

    def _steepest(self, gradient: tf.Tensor) -> tf.Tensor:
        rms = tf.sqrt(tf.reduce_mean(tf.square(gradient), axis=1, keepdims=True))
        return gradient * (-self.settings.first_step / tf.maximum(rms, 1e-20))

    def _newton(self, gradient: tf.Tensor, taken: tf.Tensor) -> tf.Tensor:
        """-H g, where H knows the newest step of the points that were taken."""
        m = self.settings.pairs
        step = self.point - self._accepted
        change = gradient - self._gradient
        # A pair without positive curvature would make H indefinite; it is left out.
        useful = tf.logical_and(taken, _dot(step, change) > 1e-10 * _dot(change, change))
        here = tf.one_hot(tf.where(useful, self._stored % m, m), m)  # of a useless pair: nowhere
        self._stored.assign_add(tf.cast(useful, tf.int32))
        # Not scattered into place: from then on a variable is copied whenever it is read.
        there = tf.cast(here, tf.bool)[:, :, None]
        self._steps.assign(tf.where(there, step[:, None], self._steps))
        self._changes.assign(tf.where(there, change[:, None], self._changes))
        steps, changes = self._steps.read_value(), self._changes.read_value()  # large: read once
        own = tf.linalg.matvec(changes, change)
        _replace(self._steps_changes, here, tf.linalg.matvec(steps, change), tf.linalg.matvec(changes, step))
        _replace(self._changes_changes, here, own, own)
        u, v, scale = self._coefficients(
            tf.linalg.matvec(steps, gradient), tf.linalg.matvec(changes, gradient)
        )
        along_changes = tf.linalg.matvec(changes, u, transpose_a=True)
        along_steps = tf.linalg.matvec(steps, v, transpose_a=True)
        return scale * (along_changes - gradient) - along_steps

    def _coefficients(self, sg: tf.Tensor, yg: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """(u, v, gamma) such that H g = gamma (g - Y^T u) + S^T v, rows in the order they are stored in.

        With R the upper triangle of S Y^T (oldest pair first) and D its diagonal: u = R^-1 S g and
        v = R^-T ((D + gamma Y Y^T) u - gamma Y g). Rows not in use yet are made the identity's.
        """
        m = self.settings.pairs
        held = tf.minimum(self._stored, m)[:, None]
        order = (self._stored[:, None] - held + tf.range(m)) % m
        used = tf.cast(tf.range(m) < held, tf.float32)
        both = used[:, :, None] * used[:, None, :]

        def ordered(matrix: tf.Tensor) -> tf.Tensor:
            rows = tf.gather(matrix, order, batch_dims=1)
            return tf.gather(rows, order, axis=2, batch_dims=1) * both

        cross, own = ordered(self._steps_changes), ordered(self._changes_changes)
        diagonal = tf.linalg.diag_part(cross)
        newest = tf.one_hot(held[:, 0] - 1, m)  # nothing at all while no pair is held
        scale = tf.math.divide_no_nan(_dot(diagonal, newest), _dot(tf.linalg.diag_part(own), newest))
        scale = tf.where(held > 0, self.settings.stretch * scale[:, None], 1.0)
        upper = tf.linalg.band_part(cross, 0, -1) + tf.linalg.diag(1 - used)
        sg = tf.gather(sg, order, batch_dims=1) * used
        yg = tf.gather(yg, order, batch_dims=1) * used
        u = tf.linalg.triangular_solve(upper, sg[:, :, None], lower=False)[:, :, 0]
        right = diagonal * u + scale * tf.linalg.matvec(own, u) - scale * yg
        v = tf.linalg.triangular_solve(upper, right[:, :, None], lower=False, adjoint=True)[:, :, 0]
        back = tf.argsort(order, axis=1)
        return tf.gather(u, back, batch_dims=1), tf.gather(v, back, batch_dims=1), scale


def _replace(products: tf.Variable, here: tf.Tensor, column: tf.Tensor, row: tf.Tensor) -> None:
    """The newest pair's column, then its row, of a matrix (pictures, m, m) of products; `here` marks which."""
    across, down = here[:, None, :], here[:, :, None]
    changed = products * (1 - across) + column[:, :, None] * across
    products.assign(changed * (1 - down) + row[:, None, :] * down)


def _named(optimiser: object) -> dict[str, tf.Variable]:
    return {name: value for name, value in vars(optimiser).items() if isinstance(value, tf.Variable)}


def _dot(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """Of each row."""
    return tf.reduce_sum(a * b, axis=1)


def _where(chosen: tf.Tensor, yes: tf.Tensor, no: tf.Tensor) -> tf.Tensor:
    return tf.where(chosen[:, None], yes, no)
