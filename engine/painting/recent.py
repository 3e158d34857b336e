"""What was used last, within a bound. Free of TensorFlow: a worker's parent keeps account of what that keeps.

Rule: what several threads ask for is made by one of them, and the others wait.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """A bounded cache that forgets what was not used for longest; `weigh` says how much of the bound an entry takes."""

    def __init__(self, capacity: int, weigh: Callable[[K], int] = lambda _: 1) -> None:
        self._capacity, self._weigh = capacity, weigh
        self._entries: OrderedDict[K, V] = OrderedDict()
        self._lock = Lock()

    def __contains__(self, key: K) -> bool:
        return key in self._entries

    @property
    def entries(self) -> list[V]:
        """What is kept, least recently used first."""
        with self._lock:
            return list(self._entries.values())

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The entry, made if it is not there."""
        with self._lock:
            if key not in self._entries:
                self._entries[key] = make()
            self._entries.move_to_end(key)
            while len(self._entries) > 1 and sum(map(self._weigh, self._entries)) > self._capacity:
                self._entries.popitem(last=False)
            return self._entries[key]
