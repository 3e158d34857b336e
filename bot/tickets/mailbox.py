"""A mailbox that holds one update, the newest: whoever reads slowly never finds a backlog."""

import asyncio

from bot.engine_client import Update


class Mailbox:
    """One writer puts updates in; one reader peeks, waits and empties it."""

    def __init__(self) -> None:
        self._update: Update | None = None
        self._woken = asyncio.Event()

    def put(self, update: Update) -> None:
        """Replace what is there and wake the reader."""
        self._update = update
        self._woken.set()

    def wake(self) -> None:
        """Wake the reader although nothing was put in."""
        self._woken.set()

    def peek(self) -> Update | None:
        """What is there; from now on only something newer wakes the reader."""
        self._woken.clear()
        return self._update

    def empty(self) -> None:
        """What was peeked at has been dealt with."""
        self._update = None

    async def wait(self, seconds: float | None) -> None:
        """Wait until the reader is woken, for at most so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return
