"""One network for all tests of the maths: loading it is what takes time."""

import keras
import pytest

from engine.nst import vgg
from engine.nst.onednn import assume_frozen_weights


@pytest.fixture(scope="session", autouse=True)
def painting_process() -> None:
    """What is tested is what a process that paints does."""
    assume_frozen_weights()


@pytest.fixture(scope="session")
def network() -> keras.Model:
    return vgg.load()
