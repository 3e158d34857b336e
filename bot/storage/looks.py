"""Nothing is removed for its age because a clock says so once: clocks jump.

Rule: what is too old is looked at twice, with an hour in between by a clock that nobody sets.
"""

import time
from collections import deque
from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

BETWEEN_SECONDS = 3600.0

Key = TypeVar("Key", bound=Hashable)


class TwoLooks(Generic[Key]):
    """What was found too old, or gone, and since when."""

    def __init__(self) -> None:
        self._since: dict[Key, float] = {}

    def due(self, late: Iterable[Key]) -> list[Key]:
        """Those that were too old an hour ago already, and at every look since."""
        now = time.monotonic()
        self._since = {key: self._since.get(key, now) for key in late}
        return [key for key, since in self._since.items() if now >= since + BETWEEN_SECONDS]


class TwoCutoffs:
    """Before when something is too old, which needs no list of what is."""

    def __init__(self) -> None:
        self._looks: deque[tuple[float, float]] = deque()  # when, and before when it was too old then

    def agreed(self, cutoff: float) -> float | None:
        """Before when it was too old an hour ago already, and at every look since; None if nobody looked then."""
        now = time.monotonic()
        self._looks.append((now, cutoff))
        while len(self._looks) > 1 and self._looks[1][0] <= now - BETWEEN_SECONDS:
            self._looks.popleft()
        if self._looks[0][0] > now - BETWEEN_SECONDS:
            return None
        return min(each for _, each in self._looks)
