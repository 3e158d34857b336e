"""One network for all tests of painting: loading it is what takes time."""

from pathlib import Path

import pytest

from engine import images
from engine.devices.onednn import assume_frozen_weights, use_system_allocator
from engine.images import Picture
from engine.styles import catalogue
from tests.engine.network import bounded, forgotten, loaded_once, loops, network, session, uncompiled

CAT = Path("demo/photos/chelsea.png")
__all__ = ["bounded", "forgotten", "loaded_once", "loops", "network", "session", "uncompiled"]


@pytest.fixture(scope="session", autouse=True)
def painting_process() -> None:
    """What is tested is what a process that paints does."""
    assume_frozen_weights()
    use_system_allocator()


@pytest.fixture(scope="module")
def cat() -> Picture:
    return images.decode(CAT.read_bytes(), "content")


@pytest.fixture(scope="module")
def wave() -> Picture:
    return images.decode(catalogue.image_path("great_wave").read_bytes(), "style")


@pytest.fixture(scope="module")
def scream() -> Picture:
    return images.decode(catalogue.image_path("the_scream").read_bytes(), "style")
