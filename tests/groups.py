"""Which tests go to one process, told by the processes that collect them to the one that deals them out.

pytest-xdist 3.8 writes the group of a test behind its id, which pytest 9.2 does not let it: `--dist loadgroup` deals out each
test by itself then, and every process makes what the tests of a module share. To be removed once it is mended there.
"""

import json
import os
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

from engine.storage.atomic import write_whole

GROUPS = "ATELIER_TEST_GROUPS"  # the variable that names the file to all processes of one run


def tell_groups(items: Iterable[pytest.Item]) -> None:
    """Tell the group of each test, by its mark; all processes collect, and so tell, the same."""
    marks = ((item, item.get_closest_marker("xdist_group")) for item in items)
    groups = {item.nodeid: mark.args[0] for item, mark in marks if mark is not None}
    write_whole(Path(os.environ[GROUPS]), json.dumps(groups).encode())


class GroupScheduling(LoadScopeScheduling):
    """Deals out whole groups, in the order of the tests."""

    def _split_scope(self, nodeid: str) -> str:
        return self._groups[nodeid]

    @cached_property
    def _groups(self) -> dict[str, str]:
        told: dict[str, str] = json.loads(Path(os.environ[GROUPS]).read_bytes())
        return told
