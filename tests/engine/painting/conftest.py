"""One warm studio for all tests of painting: loading its network is what takes time."""

import pytest

from engine.nst.onednn import assume_frozen_weights
from engine.painting.session import Session


@pytest.fixture(scope="session")
def studio() -> Session:
    assume_frozen_weights()
    return Session()
