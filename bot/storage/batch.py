"""What many hand in at once is kept in one transaction: whoever comes first keeps all that came meanwhile.

Rule: nobody is told that something is kept before it is; what cannot be kept along with others is tried by itself, so that
nobody fails for somebody else.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

from sqlalchemy.exc import DBAPIError

T = TypeVar("T")


class Batch(Generic[T]):
    """Those who wait for `keep`, which keeps all or none of what it is given, and raises DBAPIError."""

    def __init__(self, keep: Callable[[Sequence[T]], Awaitable[None]]) -> None:
        self._keep = keep
        self._waiting: list[tuple[T, asyncio.Future[None]]] = []
        self._turn = asyncio.Lock()

    async def add(self, item: T) -> None:
        """Have something kept. Raises DBAPIError."""
        mine = (item, asyncio.get_running_loop().create_future())
        self._waiting.append(mine)
        try:
            async with self._turn:
                if not mine[1].done():
                    await self._keep_waiting()
        finally:
            if mine in self._waiting:  # whoever wants it is gone
                self._waiting.remove(mine)
        await mine[1]

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

    async def _keep_waiting(self) -> None:
        together, self._waiting = self._waiting, []
        try:
            await self._keep_each([together])
            await self._keep_each([each] for each in together if not each[1].done())
        finally:  # cut off in between, the next one goes on
            self._waiting = [each for each in together if not each[1].done()] + self._waiting

    async def _keep_each(self, groups: Iterable[Sequence[tuple[T, asyncio.Future[None]]]]) -> None:
        for group in groups:
            try:
                await self._keep([item for item, _ in group])
            except DBAPIError as error:
                if len(group) == 1:
                    group[0][1].set_exception(error)
            else:
                for _, kept in group:
                    kept.set_result(None)
