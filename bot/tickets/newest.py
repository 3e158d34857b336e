"""A mailbox for one update: whoever is slow finds the newest, never a backlog."""

import asyncio

from bot.engine_client import Update


class Newest:
    """One writer puts, one reader looks, waits and takes."""

    def __init__(self) -> None:
        self._update: Update | None = None
        self._rung = asyncio.Event()

    def put(self, update: Update) -> None:
        """Replace what is there and wake the reader."""
        self._update = update
        self._rung.set()

    def ring(self) -> None:
        """Wake the reader although nothing was put."""
        self._rung.set()

    def look(self) -> Update | None:
        """What is there; from now on only something newer wakes the reader."""
        self._rung.clear()
        return self._update

    def take(self) -> None:
        """Empty the box: what was looked at has been dealt with."""
        self._update = None

    async def newer(self, seconds: float | None) -> None:
        """Wait until the bell rings, for at most so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return
