"""The image bytes of unfinished tickets, one directory each, so that a ticket survives a restart whole.

Rule: a file is written to a temporary name, synced and renamed, so it is there entirely or not at all; all
disk work happens off the event loop. Images of no ticket, as of a database that was lost, are moved aside and
swept a week later, for somebody may want them back.
"""

import asyncio
import io
import os
import shutil
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

import structlog

from bot.storage.looks import TwoLooks

log = structlog.get_logger(__name__)

ORPHAN_SECONDS = 7 * 24 * 3600.0


class Inbox:
    """Image bytes by ticket and part name ("content", "style-1", ...); `orphans` is where those of none go."""

    def __init__(self, root: Path, orphans: Path) -> None:
        self._root, self._orphans = root, orphans
        self._looks = TwoLooks[Path]()

    async def put(self, ticket: str, part: str, data: bytes) -> None:
        """Keep an image of a ticket, on disk when this returns."""
        await asyncio.to_thread(self._write, ticket, part, data)

    async def copy(self, ticket: str, part: str, source: str) -> None:
        """Keep an image that is a file already, on disk when this returns. Raises FileNotFoundError."""
        await asyncio.to_thread(self._copy, ticket, part, Path(source))

    def place(self, ticket: str, part: str = "") -> str:
        """The path of an image, or of all of a ticket."""
        return str(self._root / ticket / part)

    async def has(self, ticket: str) -> bool:
        """Whether there is any image of a ticket."""
        return await asyncio.to_thread((self._root / ticket).exists)

    async def read(self, ticket: str, part: str) -> bytes:
        """An image. Raises FileNotFoundError."""
        return await asyncio.to_thread((self._root / ticket / part).read_bytes)

    async def names(self, ticket: str) -> set[str]:
        """The part names of a ticket's images."""
        return {*await asyncio.to_thread(self._find, ticket)}

    @asynccontextmanager
    async def opened(self, ticket: str) -> AsyncIterator[dict[str, Path]]:
        """The image files of a ticket by part name."""
        yield await asyncio.to_thread(self._find, ticket)

    async def remove(self, ticket: str, *parts: str) -> None:
        """Forget some images of a ticket; harmless if there are none."""
        for part in parts:
            await asyncio.to_thread((self._root / ticket / part).unlink, missing_ok=True)

    async def drop(self, ticket: str) -> None:
        """Forget the images of a ticket, also those that were moved aside; harmless if there are none."""
        for root in (self._root, self._orphans):
            await asyncio.to_thread(shutil.rmtree, root / ticket, ignore_errors=True)

    async def owners(self) -> list[str]:
        """The ids of all tickets that have images here."""
        return await asyncio.to_thread(lambda: [folder.name for folder in self._root.glob("*/")])

    async def set_aside(self, tickets: Iterable[str]) -> None:
        """Move images away, of which nobody knows whose they are."""
        await asyncio.to_thread(self._set_aside, list(tickets))

    async def sweep(self) -> None:
        """Forget what was moved aside a week ago. Never raises OSError."""
        await asyncio.to_thread(self._sweep)

    def _write(self, ticket: str, part: str, data: bytes) -> None:
        self._fill(ticket, part, io.BytesIO(data))

    def _copy(self, ticket: str, part: str, source: Path) -> None:
        with source.open("rb") as file:
            self._fill(ticket, part, file)

    def _fill(self, ticket: str, part: str, source: BinaryIO) -> None:
        folder = self._root / ticket
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".{part}"
        with draft.open("wb") as file:
            shutil.copyfileobj(source, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / part)
        _sync_directory(folder)
        _sync_directory(self._root)

    def _find(self, ticket: str) -> dict[str, Path]:
        return {file.name: file for file in sorted((self._root / ticket).glob("[!.]*"))}

    def _set_aside(self, tickets: list[str]) -> None:
        for ticket in tickets:
            self._orphans.mkdir(exist_ok=True)
            target = self._orphans / ticket
            shutil.rmtree(target, ignore_errors=True)
            (self._root / ticket).rename(target)
            os.utime(target)
        if tickets:
            log.warning("images of no ticket moved aside", count=len(tickets), folder=str(self._orphans))

    def _sweep(self) -> None:
        oldest = time.time() - ORPHAN_SECONDS
        try:
            late = [folder for folder in self._orphans.glob("*/") if folder.stat().st_mtime < oldest]
        except OSError as error:
            log.warning("orphans not swept", error=str(error))
            return
        for folder in self._looks.due(late):
            shutil.rmtree(folder, ignore_errors=True)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
