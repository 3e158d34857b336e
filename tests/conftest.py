"""Settings for all tests, and which of them are quick.

Rules: hypothesis repeats the same examples every run, and never fails one for being slow. What starts processes or
paints with the network is `integration`, by its fixtures or by its own mark; all else is a unit test, quick enough to be
run while one works. Side by side, each process and what it starts has one core: TensorFlow's threads would wait for each
other's turns. How fast the machine is, is measured once for all processes that paint: `tests/speeds`. What has the
network, in its own process or in one that it starts, is `network`: it goes first, and by folders, since each such process
takes more than a gigabyte and compiles for itself; all else is dealt out by files. What was imported stays, so garbage is
not looked for in it.
"""

import gc
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import settings

from engine.devices.onednn import use_on_any_x86
from tests.groups import GROUPS, scheduling_by_groups, tell_groups
from tests.speeds import SPEEDS

settings.register_profile("atelier", derandomize=True, deadline=None)
settings.load_profile("atelier")

# Not structlog's own, by rich: to draw the variables of a traceback takes two seconds, in which a bot under test stands still.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)

if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")  # read when TensorFlow is loaded, here or in a child
# As where the engine loads TensorFlow.
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
use_on_any_x86()

# Fixtures that start processes, or compile what takes seconds.
SLOW = {"crew_and_engine", "session"}

# Fixtures of whatever has the network.
NETWORK = {"painter", "painting_process"}


def pytest_configure(config: pytest.Config) -> None:
    """Make what the processes of this run tell each other by, where there is none yet, and remove it in the end."""
    if SPEEDS not in os.environ:
        os.environ[SPEEDS] = _folder(config, "atelier-speeds-")
    if "PYTEST_XDIST_WORKER" not in os.environ:
        os.environ[GROUPS] = str(Path(_folder(config, "atelier-groups-")) / "groups.json")


def _folder(config: pytest.Config, prefix: str) -> str:
    folder = tempfile.mkdtemp(prefix=prefix)
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    return folder


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Deal out the tests by their groups, which pytest-xdist does not find."""
    return scheduling_by_groups(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for garbage only in what comes once all is imported."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    """What a test's bot or engine has made private from here on is not for the next test."""
    before = os.umask(0o022)
    os.umask(before)
    yield
    os.umask(before)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test as an integration test or not; these come first, so that no process is left with them at the end."""
    for item in items:
        fixtures = set(item.fixturenames) if isinstance(item, pytest.Function) else set()
        if SLOW & fixtures:
            item.add_marker(pytest.mark.integration)
        if NETWORK & fixtures:
            item.add_marker(pytest.mark.network)
        group = item.path if item.get_closest_marker("network") is None else item.path.parent
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(str(group)))
    items.sort(key=_turn)
    if "PYTEST_XDIST_WORKER" in os.environ:
        tell_groups(items)


def _turn(item: pytest.Item) -> tuple[bool, bool]:
    return item.get_closest_marker("network") is None, item.get_closest_marker("integration") is None
