"""L-BFGS (Nocedal 1980) for several pictures side by side, in its compact form.

Rule: a step is bound by how often the long vectors are read and written, see `Lbfgs`.
"""

from dataclasses import dataclass

import tensorflow as tf

from engine.nst import trust
from engine.nst.optimiser import variables_of
from engine.nst.rows import choose, dot, dots, square


@dataclass(frozen=True)
class LbfgsSettings:
    """L-BFGS: how many (step, gradient change) pairs are kept, and how far the very first step goes.

    first_step: root mean square of the first step, in grey levels; without it the first step would have to be
    guessed from a gradient whose scale says nothing. sufficient: Armijo's constant. stretch: multiplies the
    curvature's usual guess (Nocedal and Wright, eq. 7.20) in the directions that no pair knows of. guesses: of how
    many pairs, the newest, that guess is the median. longest: root mean square of a step at most, in grey levels, by
    a trust region.
    """

    pairs: int = 5
    first_step: float = 0.5
    stretch: float = 1.0
    sufficient: float = 1e-4
    guesses: int = 1
    longest: float | None = None

    def build(self, pictures: int, size: int) -> "Lbfgs":
        """An optimiser for `pictures` points of `size` numbers each."""
        return Lbfgs(self, pictures, size)


class Lbfgs:
    """Limited-memory BFGS (Nocedal 1980) with backtracking: one evaluation a step unless the loss rises.

    The step is -H g, where H is the inverse Hessian estimate of the stored pairs in its compact form (Byrd,
    Nocedal and Schnabel 1994, eq. 3.13). A step is bound by how often the long vectors are read and written: each
    pair is read twice and written never, as a vector that moves up a place is only known by another name then, and
    no product is formed that follows from others.

    A trust region makes it -(B + k)^-1 g, where B is the inverse of H and k makes the step as long as is allowed
    (Moré and Sorensen 1983): of a step that is too long the uncertain directions, in which it goes furthest, are
    shortened most. It reads the pairs once more.
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
        # What only a trust region needs: S S^T and Y S^T, likewise.
        self._trusted = [
            tf.Variable(numbers(m, m), name=f"{rows}_steps")
            for rows in (("steps", "changes") if settings.longest else ())
        ]
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

    def reset(self, start: tf.Tensor) -> None:
        """Begin anew from `start`."""
        self.point.assign(start)
        self._accepted.assign(start)
        self._held.assign(tf.zeros_like(self._held))
        self._begun.assign(False)

    def renew(self) -> None:
        """Forget the loss and its gradient but not the curvature, to go on with a loss that is much like the one before."""
        self.point.assign(self._accepted)
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
        bend, length = dot(step, change), square(change)
        # A pair without positive curvature would make H indefinite; it is left out.
        useful = tf.logical_and(taken, bend > 1e-10 * length)
        self._held.assign(tf.minimum(self._held + tf.cast(useful, tf.int32), self.settings.pairs))
        for rows, newest, along, products, with_change in (
            (self._steps, step, self._along_steps, self._steps_changes, bend),
            (self._changes, change, self._along_changes, self._changes_changes, length),
        ):
            _append(rows, newest, useful)
            now, earlier, old = dots(rows, gradient), along.read_value(), products.read_value()
            # With the change: the difference, but of the newest pair, which has no earlier one.
            column = tf.concat([now[:, :-1] - earlier[:, 1:], with_change[:, None]], 1)
            products.assign(tf.where(useful[:, None, None], _with_column(old, column), old))
            along.assign(tf.where(fell[:, None], now, earlier))
        for rows, products in zip((self._steps, self._changes), self._trusted, strict=False):
            old = products.read_value()
            products.assign(tf.where(useful[:, None, None], _with_column(old, dots(rows, step)), old))
        (kept,) = choose(fell, [gradient], [before])
        self._gradient.assign(kept)

    def _newton(self, gradient: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """(-H g, its slope), where H knows the newest steps; without any, the first step down the gradient."""
        length = square(gradient)
        rms = tf.sqrt(length / gradient.shape[1])
        u, v, scale = self._coefficients(self.settings.first_step / tf.maximum(rms, 1e-20), length)
        newton = -scale[:, None] * gradient
        scaled = scale[:, None] * u
        for k in range(self.settings.pairs):
            newton += scaled[:, k, None] * self._changes[k] - v[:, k, None] * self._steps[k]
        slope = scale * (dot(self._along_changes, u) - length) - dot(self._along_steps, v)
        return newton, slope

    def _coefficients(self, first: tf.Tensor, length: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """(u, v, gamma) such that the step is -gamma (g - Y^T u) - S^T v.

        With R the upper triangle of S Y^T and D its diagonal: u = R^-1 S g and
        v = R^-T ((D + gamma Y Y^T) u - gamma Y g). Rows not in use yet are made the identity's. `first` is
        gamma (B,) while no pair is held, `length` (B,) the gradient's, squared.
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
        own = _symmetric(half)
        scale = tf.where(held[:, 0] > 0, self.settings.stretch * self._guess(diagonal, squares), first)
        triangle = cross + tf.linalg.diag(1 - used)
        sg, yg = used * self._along_steps, used * self._along_changes
        u = tf.linalg.triangular_solve(triangle, sg[:, :, None], lower=False)[:, :, 0]
        right = diagonal * u + scale[:, None] * (tf.linalg.matvec(own, u) - yg)
        v = tf.linalg.triangular_solve(triangle, right[:, :, None], lower=False, adjoint=True)[:, :, 0]
        if self.settings.longest is None:
            return u, v, scale
        steps_steps, changes_steps = (
            tf.linalg.band_part(both * products, 0, -1) for products in self._trusted
        )
        crossed = cross + tf.linalg.matrix_transpose(changes_steps - tf.linalg.diag(diagonal))
        gram = _beside(_symmetric(steps_steps), crossed, tf.linalg.matrix_transpose(crossed), own)
        inverse = tf.linalg.triangular_solve(triangle, tf.eye(m, batch_shape=[sg.shape[0]]), lower=False)
        across = tf.linalg.matrix_transpose(inverse)
        middle = tf.matmul(across, tf.matmul(tf.linalg.diag(diagonal) + scale[:, None, None] * own, inverse))
        # H is gamma + F^T M F with the rows F of S and Y.
        gamma = scale[:, None, None]
        middle = _beside(middle, -gamma * across, -gamma * inverse, tf.zeros_like(middle))
        longest = self.settings.longest * self.point.shape[1] ** 0.5
        weights, scale = trust.shortened(scale, middle, gram, tf.concat([sg, yg], 1), length, longest)
        by_steps, by_changes = tf.split(weights, 2, 1)
        return -by_changes / scale[:, None], by_steps, scale

    def _guess(self, diagonal: tf.Tensor, squares: tf.Tensor) -> tf.Tensor:
        """The median over the newest pairs of how much of a gradient is a step, from S Y^T's and Y Y^T's diagonals."""
        guesses = min(self.settings.guesses, self.settings.pairs)
        each = tf.math.divide_no_nan(diagonal, squares)[:, -guesses:]
        number = tf.minimum(self._held.read_value(), guesses)
        # Rows that are not in use are zero, and come first.
        middle = guesses - 1 - tf.maximum(number - 1, 0) // 2
        return tf.gather(tf.sort(each, 1), middle, axis=1, batch_dims=1)


def _symmetric(upper: tf.Tensor) -> tf.Tensor:
    """(pictures, m, m), of which nothing is below the diagonal."""
    return upper + tf.linalg.matrix_transpose(upper) - tf.linalg.diag(tf.linalg.diag_part(upper))


def _beside(a: tf.Tensor, b: tf.Tensor, c: tf.Tensor, d: tf.Tensor) -> tf.Tensor:
    """Four blocks (pictures, m, m) in one."""
    return tf.concat([tf.concat([a, b], 2), tf.concat([c, d], 2)], 1)


def _with_column(products: tf.Tensor, newest: tf.Tensor) -> tf.Tensor:
    """(pictures, m, m) without its oldest row and column, with a newest column (pictures, m)."""
    moved = tf.pad(products[:, 1:, 1:], [[0, 0], [0, 1], [0, 0]])
    return tf.concat([moved, newest[:, :, None]], 2)


def _append(rows: list[tf.Variable], newest: tf.Tensor, useful: tf.Tensor) -> None:
    """Each picture's rows move up a place where there is a useful one to follow, and the oldest is forgotten."""
    old = [row.read_value() for row in rows]
    for row, value in zip(rows, choose(useful, [*old[1:], newest], old), strict=True):
        row.assign(value)
