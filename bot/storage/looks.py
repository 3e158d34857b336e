"""Nothing is removed for its age because a clock says so once: clocks jump.

Rule: what is too old is looked at twice, with an hour in between by a clock that nobody sets.
"""

import time
from collections.abc import Iterable
from pathlib import Path

BETWEEN_SECONDS = 3600.0


class TwoLooks:
    """What was found too old, and since when."""

    def __init__(self) -> None:
        self._since: dict[Path, float] = {}

    def due(self, late: Iterable[Path]) -> list[Path]:
        """Those that were too old an hour ago already, and at every look since."""
        now = time.monotonic()
        self._since = {path: self._since.get(path, now) for path in late}
        return [path for path, since in self._since.items() if now >= since + BETWEEN_SECONDS]
