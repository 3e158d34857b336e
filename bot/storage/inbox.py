"""The image bytes of unfinished tickets, one directory each, so that a ticket survives a restart whole.

Rule: a file is written to a temporary name, synced and renamed, so it is there entirely or not at all; all
disk work happens off the event loop.
"""

import asyncio
import io
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO


class Inbox:
    """Image bytes by ticket and part name ("content", "style-1", ...)."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, ticket: str, part: str, data: bytes) -> None:
        """Keep an image of a ticket, on disk when this returns."""
        await asyncio.to_thread(self._write, ticket, part, data)

    async def copy(self, ticket: str, part: str, source: Path) -> None:
        """Keep an image that is a file already, on disk when this returns. Raises FileNotFoundError."""
        await asyncio.to_thread(self._copy, ticket, part, source)

    def folder(self, ticket: str) -> Path:
        """The directory of a ticket's images."""
        return self._root / ticket

    async def parts(self, ticket: str) -> dict[str, Path]:
        """The image files of a ticket by part name."""
        return await asyncio.to_thread(self._find, ticket)

    async def drop(self, ticket: str) -> None:
        """Forget the images of a ticket; harmless if there are none."""
        await asyncio.to_thread(shutil.rmtree, self._root / ticket, ignore_errors=True)

    async def keep_only(self, wanted: Iterable[str]) -> None:
        """Forget the images of all other tickets, such as a crash may have left behind."""
        await asyncio.to_thread(self._sweep, frozenset(wanted))

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

    def _sweep(self, wanted: frozenset[str]) -> None:
        if not self._root.is_dir():
            return
        for folder in self._root.iterdir():
            if folder.name not in wanted:
                shutil.rmtree(folder, ignore_errors=True)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
