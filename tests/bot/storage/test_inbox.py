"""The images of unfinished tickets outlive the process."""

from pathlib import Path

from bot.storage.inbox import Inbox


async def test_images_are_kept_until_dropped(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path / "inbox")
    assert await inbox.parts("a") == {}
    for name in ("a", "b", "c"):
        await inbox.put(name, "content", name.encode())
        await inbox.put(name, "style-1", b"s")
    await inbox.drop("a")
    await inbox.drop("a")
    await inbox.keep_only(["b"])
    parts = await Inbox(tmp_path / "inbox").parts("b")
    assert {part: path.read_bytes() for part, path in parts.items()} == {"content": b"b", "style-1": b"s"}
    assert [folder.name for folder in (tmp_path / "inbox").iterdir()] == ["b"]
