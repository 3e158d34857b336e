"""How the bench goes on from the network of low rank to the whole one."""

import numpy as np
import pytest
import tensorflow as tf

from bench.objective import renewed
from engine.nst.lbfgs import Lbfgs, LbfgsSettings
from tests.engine.nst.minimisation import minimise

pytestmark = pytest.mark.network


def test_keeps_the_curvature_for_another_loss() -> None:
    """A quadratic of the same curvature is at its minimum after a step; without it, far from that."""
    scales = tf.constant(np.geomspace(1, 10, 6), tf.float32)
    second = []
    for keep in (True, False):
        optimiser = Lbfgs(LbfgsSettings(pairs=6, first_step=0.1), 1)
        minimise(optimiser, lambda x: tf.reduce_sum(scales * x * x, axis=1), [[1.0] * 6], 8)
        if keep:
            for name, value in renewed(optimiser.state).items():
                optimiser.state[name].assign(value)
        else:
            optimiser.reset(optimiser.best)
        losses = []
        for _ in range(2):
            away = optimiser.point.read_value() - 1
            losses.append(float(tf.reduce_sum(scales * away * away)))
            optimiser.advance(tf.constant(losses[-1:]), 2 * scales * away)
        second.append(losses[1] / losses[0])
    assert second[0] < 0.05
    assert second[1] > 0.5
