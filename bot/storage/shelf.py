"""The images of delivered tickets, kept for a while so that their pictures can be painted anew.

Rule: bounded twice, by bytes (the oldest go first) and by age; whoever comes too late is told so, and nothing
that goes wrong here touches a ticket, because its result is already delivered.
"""

import asyncio
import os
import shutil
import time
from pathlib import Path

import structlog

from bot.storage.looks import TwoLooks

log = structlog.get_logger(__name__)

_NEVER_AGAIN = "previous"  # whoever goes on from a result brings that result


class Shelf:
    """Image files by ticket and part name, each ticket's in the folder that it had in the inbox."""

    def __init__(self, root: Path, max_bytes: int, max_seconds: float) -> None:
        self._root, self._max_bytes, self._max_seconds = root, max_bytes, max_seconds
        self._tidying = asyncio.Lock()
        self._looks = TwoLooks[Path]()

    async def keep(self, ticket: str, source: str) -> None:
        """Take over the folder of a delivered ticket; harmless if it is not there. Never raises OSError."""
        async with self._tidying:
            await asyncio.to_thread(self._keep, ticket, Path(source))
            await asyncio.to_thread(self._trim)

    async def drop(self, ticket: str) -> None:
        """Forget the images of a ticket; harmless if there are none."""
        async with self._tidying:
            await asyncio.to_thread(shutil.rmtree, self._root / ticket, ignore_errors=True)

    def place(self, ticket: str, part: str = "") -> str:
        """The path of an image, or of all of a ticket, if they are still kept."""
        return str(self._root / ticket / part)

    async def has(self, ticket: str) -> bool:
        """Whether there is any image of a ticket."""
        return await asyncio.to_thread((self._root / ticket).exists)

    async def read(self, ticket: str, part: str) -> bytes:
        """An image. Raises FileNotFoundError."""
        return await asyncio.to_thread((self._root / ticket / part).read_bytes)

    async def trim(self) -> None:
        """Remove what is too old or too much. Never raises OSError."""
        async with self._tidying:
            await asyncio.to_thread(self._trim)

    def _keep(self, ticket: str, folder: Path) -> None:
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            (folder / _NEVER_AGAIN).unlink(missing_ok=True)
            os.utime(folder)
            folder.rename(self._root / ticket)
        except OSError as error:
            log.warning("images not kept", ticket=ticket, error=str(error))
            shutil.rmtree(folder, ignore_errors=True)

    def _trim(self) -> None:
        oldest, room = time.time() - self._max_seconds, self._max_bytes
        try:
            since = {folder: folder.stat().st_mtime for folder in self._root.glob("*/")}
            too_old = self._looks.due(folder for folder in since if since[folder] < oldest)
            for folder in sorted(since, key=since.__getitem__, reverse=True):
                room -= sum(file.stat().st_size for file in folder.iterdir())
                if room < 0 or folder in too_old:
                    shutil.rmtree(folder, ignore_errors=True)
        except OSError as error:
            log.warning("kept images not trimmed", error=str(error))
