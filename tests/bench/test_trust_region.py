"""L-BFGS within a trust region, against matrices that are written out."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.trust_region import TrustRegionSettings
from engine.nst import rows
from tests.engine.nst.minimisation import branches, minimise, on_a_quadratic, rosenbrock

pytestmark = pytest.mark.network

TRUSTED = TrustRegionSettings(pairs=4, first_step=0.3, stretch=2.0, guesses=3, longest=0.2)


def test_no_picture_hears_of_the_others() -> None:
    starts = [[-1.2, 1, -1.2, 1], [3.0, -2, 1, 0.5]]
    together = minimise(TRUSTED.build(2), rosenbrock, starts, 25)
    for number, start in enumerate(starts):
        alone = minimise(TRUSTED.build(1), rosenbrock, [start], 25)
        assert np.any(np.diff(alone[:, 0]) > 0)
        np.testing.assert_allclose(together[:15, number], alone[:15, 0], rtol=1e-3)


def test_on_a_gpu_it_goes_the_same_way_without_a_branch(monkeypatch: pytest.MonkeyPatch) -> None:
    starts = [[-1.2, 1, -1.2, 1], [3.0, -2, 1, 0.5]]
    branching = minimise(TRUSTED.build(2), rosenbrock, starts, 25)
    assert branches(TRUSTED.build(2))
    monkeypatch.setattr(rows, "waits_for_branches", lambda: True)
    np.testing.assert_array_equal(minimise(TRUSTED.build(2), rosenbrock, starts, 25), branching)
    assert not branches(TRUSTED.build(2))


def test_a_trust_region_reaches_the_minimum_in_short_steps() -> None:
    optimiser = replace(TRUSTED, pairs=6, first_step=0.1).build(1)
    assert minimise(optimiser, rosenbrock, [[-1.2, 1, -1.2, 1]], 160).min() < 1e-6


@pytest.mark.parametrize("longest", [0.02, 0.2, 2.0])
@pytest.mark.parametrize("steps", [2, 3, 5, 9])
def test_a_step_is_the_trust_regions_best(steps: int, longest: float) -> None:
    """-(B + k)^-1 g by matrices that are written out, with the k that makes it as long as it may be."""
    settings = replace(TRUSTED, longest=longest)
    points, gradients, optimiser = on_a_quadratic(settings, steps)
    taken, changes = np.diff(points, axis=0), np.diff(gradients, axis=0)
    curvature = np.linalg.inv(bfgs(taken[-4:], changes[-4:], settings))
    length = longest * np.sqrt(6)

    def step(k: float) -> NDArray[np.float64]:
        return -np.linalg.solve(curvature + k * np.eye(6), gradients[-1])

    low, high = 0.0, 1e9
    for _ in range(200):
        k = (low + high) / 2
        low, high = (k, high) if np.linalg.norm(step(k)) > length else (low, k)
    found = optimiser.point.numpy()[0] - points[-1]
    np.testing.assert_allclose(found, step(high), rtol=5e-3, atol=5e-4)
    assert np.linalg.norm(found) < 1.001 * length


def bfgs(
    steps: NDArray[np.float64], changes: NDArray[np.float64], settings: TrustRegionSettings
) -> NDArray[np.float64]:
    """The inverse Hessian's estimate, by the textbook's rule for one pair after the other."""
    each = [s @ y / (y @ y) for s, y in zip(steps, changes, strict=True)][-settings.guesses :]
    one = np.eye(steps.shape[1])
    found: NDArray[np.float64] = settings.stretch * sorted(each)[len(each) // 2] * one
    for s, y in zip(steps, changes, strict=True):
        across = one - np.outer(s, y) / (s @ y)
        found = across @ found @ across.T + np.outer(s, s) / (s @ y)
    return found
