"""Whether there is room on the disk, on a real small one: it is noticed, the reserve helps, and it is noticed again."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.storage import room
from engine.storage.room import RESERVE, SHARE, Room
from tests.engine.small_disk import SmallDisk, small_disk


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallDisk]:
    monkeypatch.setattr(room, "CALM_SECONDS", 0.0)
    with small_disk(tmp_path / "disk") as disk:
        yield disk


def test_the_reserve_is_made_and_is_a_small_part(disk: SmallDisk) -> None:
    assert not Room(disk.path).look()
    assert (disk.path / RESERVE).stat().st_size == 8 * 2**20 // SHARE


def test_a_disk_that_fills_up_is_noticed_before_and_after(disk: SmallDisk) -> None:
    here = Room(disk.path)
    here.look()
    disk.fill()
    assert here.look()
    disk.clear()
    assert not here.look()


def test_the_reserve_is_room_until_nothing_is_left_of_it(disk: SmallDisk) -> None:
    here = Room(disk.path)
    here.look()
    disk.fill()
    lent = 0
    while here.lend():
        (disk.path / f"change-{lent}").write_bytes(bytes(2**15))
        lent += 1
    assert lent >= 8
    assert here.look()
    disk.clear()
    assert not here.look()
    assert (disk.path / RESERVE).stat().st_size == 8 * 2**20 // SHARE


def test_a_reserve_that_does_not_fit_takes_nothing(disk: SmallDisk) -> None:
    disk.fill()
    here = Room(disk.path)
    assert here.look()
    assert not here.lend()
    disk.clear()
    assert not here.look()


def test_a_refusal_is_believed_until_something_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Room(tmp_path)
    assert not here.look()
    here.note_full()
    assert here.look()  # only just
    monkeypatch.setattr(room, "CALM_SECONDS", 0.0)
    with monkeypatch.context() as quota:
        quota.setattr(Path, "write_bytes", _over_quota)
        assert here.look()
        assert here.is_lacking(OSError(errno.EDQUOT, "quota"))
    assert not here.look()
    assert [path.name for path in tmp_path.iterdir()] == [RESERVE]


def _over_quota(_path: Path, _data: bytes) -> int:
    raise OSError(errno.EDQUOT, "Disk quota exceeded")


def test_what_stands_in_the_place_of_the_reserve_is_said_or_replaced(tmp_path: Path) -> None:
    (tmp_path / RESERVE).mkdir()
    with pytest.raises(FileExistsError, match="it is no file"):
        Room(tmp_path)
    (tmp_path / RESERVE).rmdir()
    (tmp_path / RESERVE).touch(mode=0o400)
    assert not Room(tmp_path).look()
    assert os.access(tmp_path / RESERVE, os.W_OK)
