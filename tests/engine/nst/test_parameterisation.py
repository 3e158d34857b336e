"""Points and images: shapes, starting points, and what a correction at each resolution can reach."""

import numpy as np
import pytest
import tensorflow as tf

from engine.nst.parameterisation import Laplacian, Parameterisation, Pixels


@pytest.mark.parametrize(
    "parameterisation", [Pixels((24, 40)), Laplacian((24, 40), 5), Laplacian((17, 23), 3)]
)
def test_start_gives_base_plus_change(parameterisation: Parameterisation) -> None:
    base = tf.random.stateless_normal([2, *parameterisation.shape, 3], (1, 2))
    change = tf.random.stateless_normal([2, *parameterisation.shape, 3], (3, 4))
    point = parameterisation.start(base, change)
    assert point.shape == (2, parameterisation.size)
    np.testing.assert_allclose(parameterisation.image(point, base), base + change, rtol=1e-5, atol=1e-5)


def test_no_correction_is_smaller_than_four_pixels() -> None:
    assert Laplacian((16, 64), 5).shapes == [(4, 16), (8, 32), (16, 64)]
    assert Laplacian((3, 64), 5).shapes == []


def test_a_coarse_correction_moves_everything() -> None:
    laplacian = Laplacian((32, 32), 3)
    coarsest = 3 * 8 * 8
    point = tf.concat([tf.ones([1, coarsest]), tf.zeros([1, laplacian.size - coarsest])], 1)
    np.testing.assert_allclose(laplacian.image(point, tf.zeros([1, 32, 32, 3])), 1.0, rtol=1e-6)
