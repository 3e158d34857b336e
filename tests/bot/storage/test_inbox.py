"""The images of unfinished tickets outlive the process, and those of none are not removed at once."""

import os
from pathlib import Path

import pytest

from bot.storage import looks
from bot.storage.inbox import ORPHAN_SECONDS, Inbox


async def filled(tmp_path: Path) -> Inbox:
    inbox = Inbox(tmp_path / "inbox", tmp_path / "orphans")
    for name in ("a", "b", "c"):
        await inbox.put(name, "content", name.encode())
        await inbox.put(name, "style-1", b"s")
    return inbox


async def test_images_are_kept_until_dropped(tmp_path: Path) -> None:
    inbox = await filled(tmp_path)
    assert await inbox.names("d") == set()
    await inbox.drop("a")
    await inbox.drop("a")
    async with Inbox(tmp_path / "inbox", tmp_path / "orphans").opened("b") as parts:
        assert {part: path.read_bytes() for part, path in parts.items()} == {"content": b"b", "style-1": b"s"}
    assert sorted(await inbox.owners()) == ["b", "c"]


async def test_images_of_no_ticket_are_moved_aside_and_swept_a_week_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = await filled(tmp_path)
    await inbox.set_aside(["a", "b"])
    await inbox.sweep()
    assert await inbox.owners() == ["c"]
    assert sorted(folder.name for folder in (tmp_path / "orphans").iterdir()) == ["a", "b"]
    week_ago = (tmp_path / "orphans" / "a").stat().st_mtime - ORPHAN_SECONDS - 1
    os.utime(tmp_path / "orphans" / "a", (week_ago, week_ago))
    await inbox.sweep()
    assert sorted(folder.name for folder in (tmp_path / "orphans").iterdir()) == ["a", "b"]
    monkeypatch.setattr(looks, "BETWEEN_SECONDS", 0.0)
    await inbox.sweep()
    assert [folder.name for folder in (tmp_path / "orphans").iterdir()] == ["b"]
