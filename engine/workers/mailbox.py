"""What was said to somebody who may be busy, until it is fetched.

Rule: whoever speaks is never kept waiting, and what nobody fetches does not pile up: of a kind only the newest is kept.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Messages in the order in which they came; kind: what is the same of two if the later one makes the earlier one old."""

    def __init__(self, kind: Callable[[T], object]) -> None:
        self._kind = kind
        self._held: deque[T] = deque()
        self._news = asyncio.Event()
        self._end: Callable[[], Exception] | None = None

    def __iter__(self) -> Iterator[T]:
        return iter(self._held)

    def put(self, message: T) -> None:
        """Keep it until it is fetched, or grows old; once this is closed it is too late."""
        if self._end is not None:
            return
        kind = self._kind(message)
        self._held = deque(each for each in self._held if self._kind(each) != kind)
        self._held.append(message)
        self._news.set()

    def close(self, end: Callable[[], Exception]) -> None:
        """Nothing more comes: once it is empty, whoever wants something gets what this makes."""
        self._end = end
        self._news.set()

    async def get(self) -> T:
        """The next. Raises what it was closed with."""
        while not self._held:
            if self._end is not None:
                raise self._end()
            self._news.clear()
            await self._news.wait()
        return self._held.popleft()
