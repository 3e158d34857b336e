"""How much of Discord's pictures is in memory at once, and whose turn it is.

Rule: bounded by bytes, not by one at a time: what does not come keeps nobody else waiting. Those who wait take turns by
server, of which none has more than its share, and nothing small overtakes something large for long.
"""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from engine.protocol import MAX_RESULT_BYTES

BYTES_AT_ONCE = 2 * MAX_RESULT_BYTES  # of all pictures on their way from Discord
BYTES_OF_A_GROUP = MAX_RESULT_BYTES  # of a server's, or of a member's in direct messages


class ByteBudget:
    """Room for so many bytes at once, of which a group has a share; whoever finds none waits in turn, group by group."""

    def __init__(self, total: int = BYTES_AT_ONCE, share: int = BYTES_OF_A_GROUP) -> None:
        self._free, self._share = total, min(share, total)
        self._held: Counter[str] = Counter()
        # The group whose turn is next comes first.
        self._waiting: OrderedDict[str, deque[tuple[int, asyncio.Future[None]]]] = OrderedDict()

    @asynccontextmanager
    async def hold(self, size: int, group: str) -> AsyncIterator[None]:
        """Have room for `size` bytes; of more than a share, as much as that is."""
        size = min(size, self._share)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(group, deque()).append((size, turn))
        self._admit()
        try:
            await turn
            yield
        finally:
            self._leave(size, turn, group)

    def _leave(self, size: int, turn: "asyncio.Future[None]", group: str) -> None:
        """Give back what was held, or the place among those who wait."""
        queue = self._waiting.get(group, deque())
        if (size, turn) in queue:
            queue.remove((size, turn))
            if not queue:
                del self._waiting[group]
        else:
            self._free += size
            self._held[group] -= size
            self._held += Counter()  # drops what is zero
        self._admit()

    def _admit(self) -> None:
        """Let in whoever is next, for as long as there is room for them: nothing small overtakes something large."""
        while (group := self._next()) is not None:
            size, turn = self._waiting[group][0]
            if size > self._free:
                return
            self._waiting[group].popleft()
            self._waiting.move_to_end(group)
            if not self._waiting[group]:
                del self._waiting[group]
            self._free -= size
            self._held[group] += size
            if not turn.done():
                turn.set_result(None)

    def _next(self) -> str | None:
        """The first group that has room in its share."""
        return next(
            (
                group
                for group, queue in self._waiting.items()
                if self._held[group] + queue[0][0] <= self._share
            ),
            None,
        )
