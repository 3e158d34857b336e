"""What every place of images can do, whether it is a folder (`inbox`, `shelf`) or in an S3-compatible store (`bucket`).

Rule: an image is there entirely or not at all, and on the disk, or kept by the store, once it is said to be; it is read by
nobody but this bot's processes; what is dropped is gone. An owner is a ticket, or a style of a server's.
"""

from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol


class Place(Protocol):
    """Images by owner and part name ("content", "style-1", ...)."""

    def place(self, owner: str, part: str = "") -> str:
        """Where an image is, or all of an owner: for another place of the same kind, to copy it from."""

    async def has(self, owner: str) -> bool:
        """Whether there is any image of an owner."""

    async def read(self, owner: str, part: str) -> bytes:
        """An image. Raises FileNotFoundError."""

    async def drop(self, owner: str) -> None:
        """Forget the images of an owner, also those that were moved aside; harmless if there are none."""


class Images(Place, Protocol):
    """What is kept for as long as somebody needs it."""

    async def put(self, owner: str, part: str, data: bytes) -> None:
        """Keep an image; it is there for good when this returns."""

    async def copy(self, owner: str, part: str, source: str) -> None:
        """Keep an image that is in such a place already. Raises FileNotFoundError."""

    async def names(self, owner: str) -> set[str]:
        """The part names of an owner's images."""

    def opened(self, owner: str) -> AbstractAsyncContextManager[Mapping[str, Path]]:
        """The images of an owner as files by part name, to be read for as long as this lasts."""

    async def remove(self, owner: str, *parts: str) -> None:
        """Forget some images of an owner; harmless if there are none."""

    async def owners(self) -> list[str]:
        """Whoever has images here."""

    async def set_aside(self, owners: Iterable[str]) -> None:
        """Move images away, of which nobody knows whose they are."""

    async def sweep(self) -> None:
        """Forget what was moved aside a week ago. Never raises OSError."""


class Kept(Place, Protocol):
    """The images of delivered tickets, within bounds of bytes and age."""

    async def keep(self, owner: str, source: str) -> None:
        """Take over the images of a delivered ticket; harmless if there are none. Never raises OSError."""

    async def trim(self) -> None:
        """Remove what is too old or too much. Never raises OSError."""
