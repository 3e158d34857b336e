"""L-BFGS against functions whose minimum is known, and against the textbook two-loop recursion."""

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from engine.nst import rows
from engine.nst.lbfgs import Lbfgs, LbfgsSettings
from tests.engine.nst.minimisation import branches, minimise, on_a_quadratic, rosenbrock


def test_reaches_the_minimum_of_rosenbrocks_valley() -> None:
    optimiser = Lbfgs(LbfgsSettings(pairs=6, first_step=0.1), 1)
    assert minimise(optimiser, rosenbrock, [[-1.2, 1, -1.2, 1]], 120).min() < 1e-6


def test_an_ill_conditioned_quadratic_takes_few_evaluations() -> None:
    scales = tf.constant(np.geomspace(1, 1000, 10), tf.float32)
    optimiser = Lbfgs(LbfgsSettings(pairs=10, first_step=0.1), 1)
    losses = minimise(optimiser, lambda x: tf.reduce_sum(scales * x * x, axis=1), [[1.0] * 10], 60)
    assert losses.min() < 1e-8 * losses[0]


def test_goes_back_when_the_loss_rises() -> None:
    """A first step that is far too long is shortened instead of taken."""
    optimiser = Lbfgs(LbfgsSettings(pairs=3, first_step=1000.0), 1)
    losses = minimise(optimiser, lambda x: tf.reduce_sum(x**4, axis=1), [[1.0]], 25)
    assert losses[1] > losses[0]
    assert losses.min() < losses[0] / 10


def test_reset_forgets_everything() -> None:
    optimiser = Lbfgs(LbfgsSettings(pairs=4, first_step=0.1), 1)
    first = minimise(optimiser, rosenbrock, [[-1.2, 1, 0.5, 2]], 20)
    np.testing.assert_array_equal(minimise(optimiser, rosenbrock, [[-1.2, 1, 0.5, 2]], 20), first)


def test_no_picture_hears_of_the_others() -> None:
    """Two that backtrack and store at different times go the way that each goes alone."""
    settings = LbfgsSettings(pairs=3, first_step=0.5)
    starts = [[-1.2, 1, -1.2, 1], [3.0, -2, 1, 0.5]]
    together = minimise(Lbfgs(settings, 2), rosenbrock, starts, 25)
    for number, start in enumerate(starts):
        alone = minimise(Lbfgs(settings, 1), rosenbrock, [start], 25)
        assert np.any(np.diff(alone[:, 0]) > 0)
        np.testing.assert_allclose(together[:15, number], alone[:15, 0], rtol=1e-3)


def test_on_a_gpu_it_goes_the_same_way_without_a_branch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The host would have to wait for it, at each evaluation."""
    settings = LbfgsSettings(pairs=3, first_step=0.5)
    starts = [[-1.2, 1, -1.2, 1], [3.0, -2, 1, 0.5]]
    branching = minimise(settings.build(2), rosenbrock, starts, 25)
    assert branches(settings.build(2))
    monkeypatch.setattr(rows, "waits_for_branches", lambda: True)
    np.testing.assert_array_equal(minimise(settings.build(2), rosenbrock, starts, 25), branching)
    assert not branches(settings.build(2))


def test_goes_on_from_a_stored_state() -> None:
    settings = LbfgsSettings(pairs=3, first_step=0.1)
    whole = minimise(Lbfgs(settings, 1), rosenbrock, [[-1.2, 1, 0.5, 2]], 12)
    first, second = Lbfgs(settings, 1), Lbfgs(settings, 1)
    minimise(first, rosenbrock, [[-1.2, 1, 0.5, 2]], 6)
    for name, variable in second.state.items():
        variable.assign(first.state[name])
    rest = []
    for _ in range(6):
        point = second.point.read_value()
        with tf.GradientTape() as tape:
            tape.watch(point)
            loss = rosenbrock(point)
        second.advance(loss, tape.gradient(loss, point))
        rest.append(loss.numpy())
    np.testing.assert_allclose(rest, whole[6:], rtol=1e-4)


@pytest.mark.parametrize("steps", [2, 3, 5, 9])
def test_direction_equals_the_two_loop_recursion(steps: int) -> None:
    """Also where the oldest are forgotten: 4 pairs are kept, up to 8 are made."""
    points, gradients, optimiser = on_a_quadratic(LbfgsSettings(pairs=4, first_step=0.3), steps)
    expected = points[-1] - two_loop(
        np.diff(points, axis=0)[-4:], np.diff(gradients, axis=0)[-4:], gradients[-1]
    )
    np.testing.assert_allclose(optimiser.point.numpy()[0], expected, rtol=2e-3, atol=2e-4)


def two_loop(
    steps: NDArray[np.float64], changes: NDArray[np.float64], gradient: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Nocedal and Wright, algorithm 7.4."""
    direction, alphas = gradient.copy(), []
    for s, y in zip(steps[::-1], changes[::-1], strict=True):
        alphas.append(s @ direction / (s @ y))
        direction -= alphas[-1] * y
    direction *= steps[-1] @ changes[-1] / (changes[-1] @ changes[-1])
    for s, y, alpha in zip(steps, changes, alphas[::-1], strict=True):
        direction += s * (alpha - y @ direction / (s @ y))
    return direction
