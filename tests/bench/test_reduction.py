"""What the network of low rank is fitted by, and how many operations it saves."""

import numpy as np
import pytest
import tensorflow as tf

from bench import flops
from bench.reduction import MULTIPLE, regress
from engine.nst import vgg
from engine.nst.recipes import Recipe

pytestmark = pytest.mark.network


def test_regression_finds_a_linear_dependence_of_low_rank() -> None:
    random = np.random.default_rng(0)
    given = random.normal(size=(1, 16, 16, 32))
    matrix = random.normal(size=(32, 2)) @ random.normal(size=(2, 32))
    wanted = given @ matrix + 3
    narrow, wide, offset = regress([(tf.constant(wanted), tf.constant(given))], kept=0.999)
    assert narrow.shape == (32, MULTIPLE)
    np.testing.assert_allclose(offset + given @ narrow @ wide, wanted, atol=0.05)


def test_an_evaluation_is_half_as_many_operations() -> None:
    network = vgg.load()
    recipe = Recipe(reduced=True)
    reduced, whole = (flops.of_evaluation(network, each, 256, 192) for each in (recipe, Recipe()))
    assert 0.3 < reduced / whole < 0.55
