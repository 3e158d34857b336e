"""One contract for images, over a folder, a store in memory, and an S3-compatible server if one is named.

`ATELIER_TEST_S3` is the address of a bucket, as `images` in [bot] has it, whose objects may all be removed; AWS_... says how to
get there. CI has none: see docs/many-bots.md for how these tests were run against one.
"""

import os
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.errors import CannotStart
from bot.storage import bucket, inbox, looks
from bot.storage.bucket import BucketImages, BucketKept, open_bucket, require
from bot.storage.images import Images, Kept
from bot.storage.inbox import Inbox
from bot.storage.shelf import Shelf
from bot.words.errors import sentence

S3 = os.environ.get("ATELIER_TEST_S3", "")


@dataclass
class Rooms:
    """Where images are, one kind of it."""

    images: Images
    kept: Callable[[int, float], Kept]  # of so many bytes and seconds
    orphans: Images  # the same as `images`, of what was moved aside
    opened: Path  # where files are while they are read


@pytest.fixture(params=["folder", "memory", *(["s3"] if S3 else [])])
async def rooms(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rooms]:
    if request.param == "folder":
        orphans = tmp_path / "orphans"
        yield Rooms(
            Inbox(tmp_path / "inbox", orphans),
            lambda most, seconds: Shelf(tmp_path / "kept", most, seconds),
            Inbox(orphans, tmp_path / "nowhere"),
            tmp_path,
        )
        return
    store = open_bucket("memory:///" if request.param == "memory" else S3)
    await require(store)
    for room in ("inbox", "kept", "orphans"):
        left = BucketImages(store, room, "nowhere", tmp_path)
        for owner in await left.owners():
            await left.drop(owner)
    yield Rooms(
        BucketImages(store, "inbox", "orphans", tmp_path),
        lambda most, seconds: BucketKept(store, "kept", most, seconds),
        BucketImages(store, "orphans", "nowhere", tmp_path),
        tmp_path,
    )


async def test_images_are_there_until_they_are_dropped(rooms: Rooms) -> None:
    images = rooms.images
    assert (await images.owners(), await images.names("a"), await images.has("a")) == ([], set(), False)
    with pytest.raises(FileNotFoundError):
        await images.read("a", "content")
    for owner, part in (("a", "content"), ("a", "style-1"), ("ab", "content")):
        await images.put(owner, part, f"{owner} {part}".encode())
    await images.put("a", "content", b"anew")
    await images.copy("b", "content", images.place("a", "style-1"))
    with pytest.raises(FileNotFoundError):
        await images.copy("b", "style-1", images.place("c", "content"))
    assert sorted(await images.owners()) == ["a", "ab", "b"]
    assert (await images.read("a", "content"), await images.read("b", "content")) == (b"anew", b"a style-1")
    async with images.opened("a") as files:
        assert {part: path.read_bytes() for part, path in files.items()} == {
            "content": b"anew",
            "style-1": b"a style-1",
        }
    async with images.opened("c") as files:
        assert files == {}
    assert not any(rooms.opened.glob("opened-*"))  # of what is in a store nothing stays on the disk
    await images.remove("a", "content", "never there")
    assert await images.names("a") == {"style-1"}
    for owner in ("a", "a", "c"):
        await images.drop(owner)
    assert (await images.has("a"), await images.has("ab")) == (False, True)


async def test_images_of_nobody_are_moved_aside_and_swept(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = rooms.images
    for owner in ("a", "b", "c"):
        await images.put(owner, "content", owner.encode())
    await images.set_aside([])
    await images.set_aside(["a", "b"])
    assert (await images.owners(), sorted(await rooms.orphans.owners())) == (["c"], ["a", "b"])
    await images.sweep()
    assert await rooms.orphans.read("a", "content") == b"a"
    await images.drop("a")  # somebody wants it gone, who knows whose it is
    assert await rooms.orphans.owners() == ["b"]
    for module in (bucket, inbox):
        monkeypatch.setattr(module, "ORPHAN_SECONDS", -60.0)
    await images.sweep()
    assert await rooms.orphans.owners() == ["b"]  # a clock says so once
    monkeypatch.setattr(looks, "BETWEEN_SECONDS", 0.0)
    await images.sweep()
    assert (await rooms.orphans.owners(), await images.owners()) == ([], ["c"])


async def test_what_is_kept_is_bounded(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    images, kept = rooms.images, rooms.kept(25, 3600)

    async def deliver(owner: str, where: Kept) -> None:
        for part in ("content", "style-1", "previous"):
            await images.put(owner, part, b"1234567890"[: 10 if part == "content" else 1])
        await where.keep(owner, images.place(owner))

    await deliver("a", kept)
    assert (await images.has("a"), await kept.has("a")) == (False, True)
    assert await kept.read("a", "content") == b"1234567890"
    with pytest.raises(FileNotFoundError):
        await kept.read("a", "previous")  # which whoever goes on from it brings
    await images.copy("again", "content", kept.place("a", "content"))
    assert await images.read("again", "content") == b"1234567890"
    await kept.keep("never there", images.place("never there"))
    await deliver("b", kept)
    await deliver("c", kept)
    assert sum([await kept.has(owner) for owner in "abc"]) == 2
    await kept.drop("c")
    assert not await kept.has("c")
    monkeypatch.setattr(looks, "BETWEEN_SECONDS", 0.0)
    await rooms.kept(1000, -60.0).trim()
    assert [await kept.has(owner) for owner in "abc"] == [False] * 3


async def test_a_store_that_does_not_answer_is_told_as_a_disk_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("ENDPOINT_URL", "http://127.0.0.1:1"),
        ("ACCESS_KEY_ID", "x"),
        ("SECRET_ACCESS_KEY", "y"),
    ):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setattr(bucket, "_RETRY", bucket._RETRY * 0)
    store = open_bucket("s3://pictures/atelier")
    with pytest.raises(CannotStart, match="bad_images_url") as caught:
        await require(store)
    assert "\n" not in sentence(caught.value)
    with pytest.raises(OSError, match="GenericError"):
        await BucketImages(store, "inbox", "orphans", tmp_path).put("a", "content", b"1")
    await BucketImages(store, "inbox", "orphans", tmp_path).sweep()
    await BucketKept(store, "kept", 1, 1.0).keep("a", "inbox/a/")


async def test_without_its_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(CannotStart) as caught:
        open_bucket("s3://pictures")
    assert 'pip install "atelier[s3]"' in sentence(caught.value)
