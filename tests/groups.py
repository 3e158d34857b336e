"""Which tests go to one process, told by the processes that collect them to the one that deals them out.

pytest-xdist 3.8 writes the group of a test behind its id, which pytest 9.2 does not let it: `--dist loadgroup` deals out each
test by itself then, and every process makes what the tests of a module share. To be removed once it is mended there.
"""

import json
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from engine.storage.atomic import write_whole

GROUPS = "ATELIER_TEST_GROUPS"  # the variable that names the file to all processes of one run


def tell_groups(items: Iterable[pytest.Item]) -> None:
    """Tell the group of each test, by its mark; all processes collect, and so tell, the same."""
    marks = ((item, item.get_closest_marker("xdist_group")) for item in items)
    groups = {item.nodeid: mark.args[0] for item, mark in marks if mark is not None}
    write_whole(Path(os.environ[GROUPS]), json.dumps(groups).encode())


def scheduling_by_groups(config: pytest.Config, log: Any) -> Any:
    """What deals out whole groups, in the order of the tests."""

    @cache
    def groups() -> dict[str, str]:
        told: dict[str, str] = json.loads(Path(os.environ[GROUPS]).read_bytes())
        return told

    scheduling = LoadScopeScheduling(config, log)
    scheduling._split_scope = lambda test: groups()[test]
    return scheduling
