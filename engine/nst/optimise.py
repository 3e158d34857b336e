"""The optimisers. Each holds the points to evaluate next and moves them when told losses and gradients there.

Several pictures are optimised side by side, a row each; no row hears of another. The state lives in variables
on the device and `advance` is made of tensor operations only, so that it can be compiled together with the
evaluation: nothing has to come back to the host between two evaluations.
"""

from dataclasses import dataclass
from typing import Protocol

import tensorflow as tf


def choose(chosen: tf.Tensor, yes: tf.Tensor, no: tf.Tensor) -> tf.Tensor:
    """Rows of `yes` where `chosen` (pictures,), of `no` elsewhere; both of one shape, a row a picture."""
    # Flat, or broadcasting the choice over more axes takes twice as long.
    rows = [tf.reshape(each, [yes.shape[0], -1]) for each in (yes, no)]
    return tf.reshape(tf.where(chosen[:, None], *rows), yes.shape)


def square(rows: tf.Tensor) -> tf.Tensor:
    """(pictures, ...) -> (pictures,): the sum of the squares of each picture."""
    # Unlike a sum of products this needs no memory for them.
    return tf.stack([2 * tf.nn.l2_loss(row) for row in tf.unstack(rows)])


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
    Nocedal and Schnabel 1994, eq. 3.13). A step is bound by how often the long vectors are read and written: the
    pairs are read three times and written once, and no product is formed that follows from others.
    """

    def __init__(self, settings: LbfgsSettings, pictures: int, size: int) -> None:
        self.settings = settings
        self._pictures = pictures
        m = settings.pairs

        def numbers(*shape: int) -> tf.Tensor:
            return tf.zeros([pictures, *shape])

        self.point = tf.Variable(numbers(size), name="point")
        self._accepted = tf.Variable(numbers(size), name="accepted")
        self._gradient = tf.Variable(numbers(size), name="gradient")  # at the accepted point
        # Rings of m rows.
        self._steps = tf.Variable(numbers(m, size), name="steps")  # S
        self._changes = tf.Variable(numbers(m, size), name="changes")  # Y: of the gradient
        self._along_steps = tf.Variable(numbers(m), name="along_steps")  # S g, at the accepted point
        self._along_changes = tf.Variable(numbers(m), name="along_changes")  # Y g
        self._steps_changes = tf.Variable(numbers(m, m), name="steps_changes")  # S Y^T where S is not newer
        self._changes_changes = tf.Variable(numbers(m, m), name="changes_changes")  # Y Y^T, likewise
        self._loss = tf.Variable(numbers(), name="loss")
        self._slope = tf.Variable(numbers(), name="slope")  # along the whole step from the accepted point
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
        begun, point, before = self._begun.read_value(), self.point.read_value(), self._accepted.read_value()
        fell = tf.logical_or(
            tf.logical_not(begun), loss <= self._loss + self.settings.sufficient * self._slope
        )
        step = point - before
        self._learn(step, gradient, fell, tf.logical_and(fell, begun))
        newton, slope = self._newton(gradient)
        shorter = self._shorter(loss)
        step = choose(fell, newton, shorter[:, None] * step)
        accepted = choose(fell, point, before)
        self._slope.assign(tf.where(fell, slope, shorter * self._slope))
        self._loss.assign(tf.where(fell, loss, self._loss))
        self._begun.assign(True)
        self._accepted.assign(accepted)
        self.point.assign(accepted + step)

    def _shorter(self, loss: tf.Tensor) -> tf.Tensor:
        """How much of the step leads to the minimum of the parabola through both losses and the slope; at most half."""
        minimum = -self._slope / (2 * (loss - self._loss - self._slope))
        minimum = tf.where(tf.math.is_finite(minimum), minimum, 0.0)
        return tf.clip_by_value(minimum, 0.1, 0.5)

    def _learn(self, step: tf.Tensor, gradient: tf.Tensor, fell: tf.Tensor, taken: tf.Tensor) -> None:
        """Keep the pairs of the steps that were taken, and the gradients where the loss fell."""
        m = self.settings.pairs
        before = self._gradient.read_value()
        change = gradient - before
        bend, length = _dot(step, change), square(change)
        # A pair without positive curvature would make H indefinite; it is left out.
        useful = tf.logical_and(taken, bend > 1e-10 * length)
        here = tf.one_hot(tf.where(useful, self._stored % m, m), m, on_value=True, off_value=False)
        self._stored.assign_add(tf.cast(useful, tf.int32))
        for ring, newest, along, products, with_change in (
            (self._steps, step, self._along_steps, self._steps_changes, bend),
            (self._changes, change, self._along_changes, self._changes_changes, length),
        ):
            # Not scattered into place: from then on a variable is copied whenever it is read.
            ring.assign(tf.where(here[:, :, None], newest[:, None], ring))
            now, earlier = tf.linalg.matvec(ring, gradient), along.read_value()
            # With the change: the difference, but of the newest pair, which has no earlier one.
            column = tf.where(here, with_change[:, None], now - earlier)
            products.assign(tf.where(here[:, None, :], column[:, :, None], products))
            along.assign(choose(fell, now, earlier))
        self._gradient.assign(choose(fell, gradient, before))

    def _newton(self, gradient: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """(-H g, its slope), where H knows the newest steps; without any, the first step down the gradient."""
        length = square(gradient)
        rms = tf.sqrt(length / gradient.shape[1])
        u, v, scale = self._coefficients(self.settings.first_step / tf.maximum(rms, 1e-20))
        known = tf.linalg.matvec(self._changes, scale[:, None] * u, transpose_a=True)
        known -= tf.linalg.matvec(self._steps, v, transpose_a=True)
        slope = scale * (_dot(self._along_changes, u) - length) - _dot(self._along_steps, v)
        return known - scale[:, None] * gradient, slope

    def _coefficients(self, first: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """(u, v, gamma) such that H g = gamma (g - Y^T u) + S^T v, of rows in the order they are stored in.

        With R the upper triangle of S Y^T (oldest pair first) and D its diagonal: u = R^-1 S g and
        v = R^-T ((D + gamma Y Y^T) u - gamma Y g). Rows not in use yet are made the identity's. `first` is
        gamma (B,) while no pair is held.
        """
        m = self.settings.pairs
        held = tf.minimum(self._stored, m)[:, None]  # with the newest pair
        order = (self._stored[:, None] - held + tf.range(m)) % m
        used = tf.cast(tf.range(m) < held, tf.float32)
        both = used[:, :, None] * used[:, None, :]

        def upper(matrix: tf.Tensor) -> tf.Tensor:
            rows = tf.gather(matrix, order, batch_dims=1)
            return tf.linalg.band_part(tf.gather(rows, order, axis=2, batch_dims=1) * both, 0, -1)

        cross, half = upper(self._steps_changes), upper(self._changes_changes)
        diagonal, squares = tf.linalg.diag_part(cross), tf.linalg.diag_part(half)
        own = half + tf.linalg.matrix_transpose(half) - tf.linalg.diag(squares)
        newest = tf.one_hot(held[:, 0] - 1, m)  # nothing at all while no pair is held
        scale = tf.math.divide_no_nan(_dot(diagonal, newest), _dot(squares, newest))
        scale = tf.where(held[:, 0] > 0, self.settings.stretch * scale, first)
        triangle = cross + tf.linalg.diag(1 - used)
        sg = tf.gather(self._along_steps, order, batch_dims=1) * used
        yg = tf.gather(self._along_changes, order, batch_dims=1) * used
        u = tf.linalg.triangular_solve(triangle, sg[:, :, None], lower=False)[:, :, 0]
        right = diagonal * u + scale[:, None] * (tf.linalg.matvec(own, u) - yg)
        v = tf.linalg.triangular_solve(triangle, right[:, :, None], lower=False, adjoint=True)[:, :, 0]
        back = tf.argsort(order, axis=1)
        return tf.gather(u, back, batch_dims=1), tf.gather(v, back, batch_dims=1), scale


def _named(optimiser: object) -> dict[str, tf.Variable]:
    return {name: value for name, value in vars(optimiser).items() if isinstance(value, tf.Variable)}


def _dot(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """Of each row."""
    return tf.reduce_sum(a * b, axis=1)
