"""One network for all tests of the maths: loading it is what takes time."""

import keras
import pytest

from engine.nst import vgg
from engine.studio import Studio


@pytest.fixture(scope="session")
def network() -> keras.Model:
    return vgg.load()


@pytest.fixture(scope="session")
def studio() -> Studio:
    return Studio()
