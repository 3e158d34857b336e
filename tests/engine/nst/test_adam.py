"""Adam on any device; that it is the tutorial's is told by `test_tutorial`."""

import numpy as np
import pytest

from engine.nst import rows
from engine.nst.adam import AdamSettings
from tests.engine.nst.minimisation import branches, minimise, rosenbrock


def test_on_a_gpu_it_goes_the_same_way_without_a_branch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The host would have to wait for it, at each evaluation."""
    settings = AdamSettings(learning_rate=0.1)
    starts = [[-1.2, 1, -1.2, 1], [3.0, -2, 1, 0.5]]
    branching = minimise(settings.build(2), rosenbrock, starts, 25)
    assert branches(settings.build(2))
    monkeypatch.setattr(rows, "waits_for_branches", lambda: True)
    np.testing.assert_array_equal(minimise(settings.build(2), rosenbrock, starts, 25), branching)
    assert not branches(settings.build(2))
