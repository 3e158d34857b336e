"""What many hand in at once is kept in one transaction: while some of it is being kept, the rest gathers.

Rule: nobody is told that something is kept before it is; what cannot be kept along with others is tried by itself, so that
nobody fails for somebody else. Whoever hands something in may be cut off at any time: what is being kept is kept to its end.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class Batch(Generic[T]):
    """Those who wait for `keep`, which keeps all or none of what it is given, and raises DBAPIError."""

    def __init__(self, keep: Callable[[Sequence[T]], Awaitable[None]]) -> None:
        self._keep = keep
        self._waiting: list[tuple[T, asyncio.Future[None]]] = []
        self._turn = asyncio.Lock()
        self._keeping: asyncio.Task[None] | None = None

    async def add(self, item: T) -> None:
        """Have something kept. Raises DBAPIError."""
        mine = (item, asyncio.get_running_loop().create_future())
        self._waiting.append(mine)
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(self._keep_all(), name="batch")
        try:
            await mine[1]
        finally:
            if mine in self._waiting:  # whoever wants it is gone
                self._waiting.remove(mine)

    async def idle(self) -> None:
        """Wait until nothing is being kept. Nobody adds anything any more."""
        if self._keeping is not None:
            await asyncio.wait({self._keeping})

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """For as long as this lasts nothing is kept, and what was being kept is, or is not."""
        async with self._turn:
            yield

    def waits(self, which: Callable[[T], bool]) -> bool:
        """Whether such a thing is still to be kept."""
        return any(which(item) for item, _ in self._waiting)

    def drop(self, item: T) -> bool:
        """Let a thing that is still to be kept not be, of which whoever waits for it hears nothing; whether it was."""
        dropped = [each for each in self._waiting if each[0] == item]
        for each in dropped:
            self._waiting.remove(each)
            each[1].set_result(None)
        return bool(dropped)

    async def _keep_all(self) -> None:
        while self._waiting:
            async with self._turn:
                together, self._waiting = self._waiting, []
                if not together:  # whoever wanted it is gone
                    break
                await self._keep_each([together])
                await self._keep_each([each] for each in together if not each[1].done())

    async def _keep_each(self, groups: Iterable[Sequence[tuple[T, asyncio.Future[None]]]]) -> None:
        for group in groups:
            try:
                await self._keep([item for item, _ in group])
            except Exception as error:  # noqa: BLE001 - the boundary of a task; whoever waits is told
                if len(group) == 1 and not group[0][1].done():
                    group[0][1].set_exception(error)
            else:
                for _, kept in group:
                    if not kept.done():
                        kept.set_result(None)
