"""Settings for all tests, and which of them are quick.

Rules: hypothesis repeats the same examples every run, and never fails one for being slow. What starts processes or
paints with the network is `integration`, by its fixtures or by its own mark; all else is a unit test, quick enough to be
run while one works. Side by side, each process and what it starts has one core: TensorFlow's threads would wait for each
other's turns. How fast the machine is, is measured once for all processes that paint: `SPEEDS`.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("atelier", derandomize=True, deadline=None)
settings.load_profile("atelier")

if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")  # read when TensorFlow is loaded, here or in a child

SPEEDS = "ATELIER_TEST_SPEEDS"  # the variable that names the folder to all processes of one run

# Fixtures that start processes, or compile what takes seconds.
SLOW = {"crew_and_engine", "session"}


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder of measured speeds, where there is none yet, and remove it in the end."""
    if SPEEDS not in os.environ:
        os.environ[SPEEDS] = folder = tempfile.mkdtemp(prefix="atelier-speeds-")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    """What a test's bot or engine has made private from here on is not for the next test."""
    before = os.umask(0o022)
    os.umask(before)
    yield
    os.umask(before)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test as an integration test or not; these come first, so that no process is left with them at the end."""
    for item in items:
        if isinstance(item, pytest.Function) and SLOW.intersection(item.fixturenames):
            item.add_marker(pytest.mark.integration)
    items.sort(key=lambda item: item.get_closest_marker("integration") is None)
