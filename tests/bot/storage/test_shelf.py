"""The images of delivered tickets are kept, within bounds."""

import os
import time
from pathlib import Path

import pytest

from bot.storage import looks
from bot.storage.inbox import Inbox
from bot.storage.shelf import Shelf


async def shelve(shelf: Shelf, tmp_path: Path, ticket: str, age: float = 0) -> None:
    """Deliver a ticket with 10 bytes of images, so many seconds ago."""
    inbox = Inbox(tmp_path / "inbox", tmp_path / "orphans")
    await inbox.put(ticket, "content", b"12345")
    await inbox.put(ticket, "style-1", b"67890")
    await inbox.put(ticket, "previous", b"not wanted again")
    await shelf.keep(ticket, inbox.place(ticket))
    folder = tmp_path / "kept" / ticket
    os.utime(folder, (folder.stat().st_mtime - age,) * 2)


def kept(tmp_path: Path) -> set[str]:
    return {f"{file.parent.name}/{file.name}" for file in (tmp_path / "kept").glob("*/*")}


async def test_images_of_delivered_tickets_are_bounded_by_bytes(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "kept", max_bytes=25, max_seconds=3600)
    await shelve(shelf, tmp_path, "a", age=30)
    await shelve(shelf, tmp_path, "b", age=20)
    assert kept(tmp_path) == {"a/content", "a/style-1", "b/content", "b/style-1"}
    await shelve(shelf, tmp_path, "c")
    assert kept(tmp_path) == {"b/content", "b/style-1", "c/content", "c/style-1"}
    await shelf.keep("never there", str(tmp_path / "inbox" / "never there"))


async def test_images_of_delivered_tickets_are_bounded_by_age(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf(tmp_path / "kept", max_bytes=1000, max_seconds=3600)
    await shelf.trim()
    await shelve(shelf, tmp_path, "a", age=4000)
    await shelve(shelf, tmp_path, "b", age=3000)
    await shelf.trim()
    monkeypatch.setattr(looks, "BETWEEN_SECONDS", 0.0)
    await shelf.trim()
    assert kept(tmp_path) == {"b/content", "b/style-1"}


async def test_a_clock_that_jumps_ahead_removes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf(tmp_path / "kept", max_bytes=1000, max_seconds=3600)
    await shelve(shelf, tmp_path, "a")
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 9 * 24 * 3600)
    await shelf.trim()
    await shelf.trim()
    monkeypatch.undo()
    await shelf.trim()
    monkeypatch.setattr(looks, "BETWEEN_SECONDS", 0.0)
    await shelf.trim()
    assert kept(tmp_path) == {"a/content", "a/style-1"}
