"""L-BFGS (Nocedal 1980) for several pictures side by side, in its compact form.

Rule: a step is bound by how often the long vectors are read and written, see `Lbfgs`.
"""

from dataclasses import dataclass
from typing import NamedTuple

import tensorflow as tf

from engine.nst.exact import times
from engine.nst.optimiser import variables_of
from engine.nst.rows import any_length, dot, dots, empty, lengths, select, squared_norm


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

    def build(self, pictures: int) -> "Lbfgs":
        """An optimiser for `pictures` points."""
        return Lbfgs(self, pictures)


class Pair(NamedTuple):
    """A step s and the change y of the gradient (pictures, n) along it, with s y and y y (pictures,)."""

    step: tf.Tensor
    change: tf.Tensor
    product: tf.Tensor
    square: tf.Tensor


class CompactForm(NamedTuple):
    """The inverse Hessian of pairs with steps S and changes Y (pictures, m, n), and the gradient g.

    gamma: (pictures,), the initial inverse Hessian, times the identity. triangle: R (pictures, m, m), the
    upper one of S Y^T. diagonal: that of D (pictures, m), the same one's. changes_changes: Y Y^T.
    along_steps, along_changes: S g and Y g (pictures, m).
    """

    gamma: tf.Tensor
    triangle: tf.Tensor
    diagonal: tf.Tensor
    changes_changes: tf.Tensor
    along_steps: tf.Tensor
    along_changes: tf.Tensor


class Lbfgs:
    """Limited-memory BFGS (Nocedal 1980) with backtracking: one evaluation a step unless the loss rises.

    The step is -H g, where H is the inverse Hessian estimate of the stored pairs in its compact form (Byrd,
    Nocedal and Schnabel 1994, eq. 3.13). A step is bound by how often the long vectors are read and written:
    each pair is read twice and written never, as a vector that moves up a place is only known by another name
    then, and no product is formed that follows from others.
    """

    def __init__(self, settings: LbfgsSettings, pictures: int) -> None:
        self.settings = settings
        m = settings.pairs

        def numbers(*shape: int) -> tf.Tensor:
            return tf.zeros([pictures, *shape])

        self.point = any_length(pictures, "point")
        self._accepted = any_length(pictures, "accepted")
        self._gradient = any_length(pictures, "gradient")  # at the accepted point
        # The pairs, the newest last.
        self._steps = [any_length(pictures, "steps") for _ in range(m)]  # S
        self._changes = [any_length(pictures, "changes") for _ in range(m)]  # Y: of the gradient
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
        return variables_of(self)

    @property
    def settled(self) -> tuple[str, ...]:
        """See `Optimiser`."""
        return ("_accepted",)

    def reset(self, start: tf.Tensor) -> None:
        """Begin anew from `start`."""
        self.point.assign(start)
        self._accepted.assign(start)
        nothing = tf.zeros_like(start)
        for vector in (self._gradient, *self._steps, *self._changes):
            vector.assign(nothing)
        self._held.assign(tf.zeros_like(self._held))
        self._begun.assign(False)

    def release(self) -> None:
        """See `Optimiser`."""
        empty(self.point, self._gradient, *self._steps, *self._changes)

    def advance(self, loss: tf.Tensor, gradient: tf.Tensor) -> None:
        """Take each point whose loss fell enough, and go back along the same direction with the others."""
        begun, point, before = self._begun.read_value(), self.point.read_value(), self._accepted.read_value()
        fell = tf.logical_or(
            tf.logical_not(begun), loss <= self._loss + self.settings.sufficient * self._slope
        )
        step = point - before
        self._update(step, gradient, fell, tf.logical_and(fell, begun))
        newton, slope = self._quasi_newton_step(gradient)
        shorter = self._backtracking(loss)
        self._slope.assign(tf.where(fell, slope, shorter * self._slope))
        self._loss.assign(tf.where(fell, loss, self._loss))
        self._begun.assign(True)
        accepted, step = select(fell, [point, newton], [before, shorter[:, None] * step])
        self._accepted.assign(accepted)
        self.point.assign(accepted + step)

    def _backtracking(self, loss: tf.Tensor) -> tf.Tensor:
        """The share of the step (B,), at most half, that minimises the parabola by losses and slope."""
        minimum = -self._slope / (2 * (loss - self._loss - self._slope))
        minimum = tf.where(tf.math.is_finite(minimum), minimum, 0.0)
        return tf.clip_by_value(minimum, 0.1, 0.5)

    def _update(self, step: tf.Tensor, gradient: tf.Tensor, fell: tf.Tensor, taken: tf.Tensor) -> None:
        """Keep the pairs of the steps that were taken, and the gradients where the loss fell."""
        before = self._gradient.read_value()
        change = gradient - before
        pair = Pair(step, change, dot(step, change), squared_norm(change))
        # A pair without positive curvature would make H indefinite; it is left out.
        useful = tf.logical_and(taken, pair.product > 1e-10 * pair.square)
        self._held.assign(tf.minimum(self._held + tf.cast(useful, tf.int32), self.settings.pairs))
        self._store(pair, gradient, useful, fell)
        (kept,) = select(fell, [gradient], [before])
        self._gradient.assign(kept)

    def _store(self, pair: Pair, gradient: tf.Tensor, useful: tf.Tensor, fell: tf.Tensor) -> None:
        """Keep the pairs where they are useful, and their products with the gradients where the loss fell."""
        for rows, newest, along, products, with_change in (
            (self._steps, pair.step, self._along_steps, self._steps_changes, pair.product),
            (self._changes, pair.change, self._along_changes, self._changes_changes, pair.square),
        ):
            _append(rows, newest, useful)
            now, earlier, old = dots(rows, gradient), along.read_value(), products.read_value()
            # With the change: the difference, but of the newest pair, which has no earlier one.
            column = tf.concat([now[:, :-1] - earlier[:, 1:], with_change[:, None]], 1)
            products.assign(tf.where(useful[:, None, None], with_column(old, column), old))
            along.assign(tf.where(fell[:, None], now, earlier))

    def _quasi_newton_step(self, gradient: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """(-H g, its slope) by the newest pairs; without any, the first step down the gradient."""
        length = squared_norm(gradient)
        u, v, scale = self._coefficients(length)
        newton = -scale[:, None] * gradient
        scaled = scale[:, None] * u
        for k in range(self.settings.pairs):
            newton += scaled[:, k, None] * self._changes[k] - v[:, k, None] * self._steps[k]
        slope = scale * (dot(self._along_changes, u) - length) - dot(self._along_steps, v)
        return newton, slope

    def _coefficients(self, length: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """(u, v, gamma) such that the step is -gamma (g - Y^T u) - S^T v; length: (B,), squared, of g.

        u = R^-1 S g and v = R^-T ((D + gamma Y Y^T) u - gamma Y g), in the terms of `CompactForm`.
        """
        form = self._compact(length)
        u = _solve(form.triangle, form.along_steps)
        right = form.diagonal * u + form.gamma[:, None] * (
            times(form.changes_changes, u) - form.along_changes
        )
        return u, _solve(form.triangle, right, adjoint=True), form.gamma

    def _compact(self, length: tf.Tensor) -> CompactForm:
        """Rows not in use are made the identity's; while no pair is held, gamma makes the first step."""
        m = self.settings.pairs
        held = self._held.read_value()[:, None]
        used = tf.cast(tf.range(m) >= m - held, tf.float32)
        both = used[:, :, None] * used[:, None, :]
        cross, half = (
            tf.linalg.band_part(both * products, 0, -1)
            for products in (self._steps_changes, self._changes_changes)
        )
        diagonal, squares = tf.linalg.diag_part(cross), tf.linalg.diag_part(half)
        rms = tf.sqrt(length / lengths(self.point.read_value()))
        first = self.settings.first_step / tf.maximum(rms, 1e-20)
        gamma = tf.where(
            held[:, 0] > 0, self.settings.stretch * self._initial_scale(diagonal, squares), first
        )
        return CompactForm(
            gamma,
            cross + tf.linalg.diag(1 - used),
            diagonal,
            symmetric(half),
            used * self._along_steps,
            used * self._along_changes,
        )

    def _initial_scale(self, diagonal: tf.Tensor, squares: tf.Tensor) -> tf.Tensor:
        """s y / y y of the newest pair (B,), from the diagonals of S Y^T and Y Y^T."""
        return tf.math.divide_no_nan(diagonal[:, -1], squares[:, -1])


def symmetric(upper: tf.Tensor) -> tf.Tensor:
    """(pictures, m, m), zero below the diagonal."""
    return upper + tf.linalg.matrix_transpose(upper) - tf.linalg.diag(tf.linalg.diag_part(upper))


def _solve(triangle: tf.Tensor, right: tf.Tensor, *, adjoint: bool = False) -> tf.Tensor:
    """R^-1 x, or R^-T x, for upper triangles R (pictures, m, m) and x (pictures, m)."""
    return tf.linalg.triangular_solve(triangle, right[:, :, None], lower=False, adjoint=adjoint)[:, :, 0]


def with_column(products: tf.Tensor, newest: tf.Tensor) -> tf.Tensor:
    """(pictures, m, m) without its oldest row and column, with a newest column (pictures, m)."""
    moved = tf.pad(products[:, 1:, 1:], [[0, 0], [0, 1], [0, 0]])
    return tf.concat([moved, newest[:, :, None]], 2)


def _append(rows: list[tf.Variable], newest: tf.Tensor, useful: tf.Tensor) -> None:
    """Where a picture's newest row is useful, the others move up a place and the oldest is forgotten."""
    old = [row.read_value() for row in rows]
    for row, value in zip(rows, select(useful, [*old[1:], newest], old), strict=True):
        row.assign(value)
