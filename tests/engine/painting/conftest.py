"""One network for all tests of painting: loading it is what takes time."""

import pytest

from engine.nst.onednn import assume_frozen_weights
from tests.engine.network import forgotten, loaded_once, network, session

__all__ = ["forgotten", "loaded_once", "network", "session"]


@pytest.fixture(scope="session", autouse=True)
def painting_process() -> None:
    """What is tested is what a process that paints does."""
    assume_frozen_weights()
