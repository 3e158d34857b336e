"""One network for all tests of the maths: loading it is what takes time."""

import pytest

from engine.devices.onednn import assume_frozen_weights, use_system_allocator
from tests.engine.network import bounded, forgotten, loaded_once, loops, network, session, uncompiled

__all__ = ["bounded", "forgotten", "loaded_once", "loops", "network", "session", "uncompiled"]


@pytest.fixture(scope="session", autouse=True)
def painting_process() -> None:
    """What is tested is what a process that paints does."""
    assume_frozen_weights()
    use_system_allocator()
