"""Settings for all tests, and which of them belong together.

Rules: hypothesis repeats the same examples every run, and never fails one for being slow. What starts processes or
paints with the network is `integration`, by its fixtures or its module's own mark; all else is a unit test, quick enough
to be run while one works. Side by side (`-n 2 --dist loadgroup`), the tests of a file stay on one process, as do all
those that share an engine.
"""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("atelier", derandomize=True, deadline=None)
settings.load_profile("atelier")

SHARED = {("engine", "engine"), ("wire", "crew_and_engine")}  # room and fixture: an engine for the session
PAINTING = {"studio"}  # fixtures that compile what takes seconds


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks for the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test as an integration test or not, and with its group; the longest come first."""
    for item in items:
        assert isinstance(item, pytest.Function)
        place = item.path.relative_to(Path(__file__).parent)
        shared = [name for room, name in SHARED if room == place.parts[0] and name in item.fixturenames]
        item.add_marker(pytest.mark.xdist_group(shared[0] if shared else str(place)))
        if shared or PAINTING.intersection(item.fixturenames):
            item.add_marker(pytest.mark.integration)
    items.sort(key=lambda item: item.get_closest_marker("integration") is None)
