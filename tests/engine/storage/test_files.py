"""The files of the jobs: whole or absent, and gone when nothing needs them."""

import errno
import os
import time
from pathlib import Path

import pytest

from engine.protocol import Refusal
from engine.storage.files import JobFiles, full_disk_refused


def test_a_full_disk_is_a_refusal_and_nothing_else_is() -> None:
    for number in (errno.ENOSPC, errno.EDQUOT):
        with pytest.raises(Refusal), full_disk_refused():
            raise OSError(number, "no room")
    with pytest.raises(PermissionError), full_disk_refused():
        raise PermissionError(errno.EACCES, "no")


def test_files_are_whole_and_only_the_kept_remain(tmp_path: Path) -> None:
    files = JobFiles(tmp_path / "images")
    files.write("job", {"a.png": b"1", "b.png": b"2"})
    files.write("job", {"a.png": b"3"})
    files.keep_only("job", {"a.png"})
    assert {path.name: path.read_bytes() for path in (tmp_path / "images" / "job").iterdir()} == {
        "a.png": b"3"
    }
    files.keep_only("job", ())
    assert files.jobs() == []


def test_what_a_worker_has_left_is_taken_over_once(tmp_path: Path) -> None:
    files = JobFiles(tmp_path)
    files.write("job", {"content.png": b"sent"})
    outbox = files.outbox("job", 2)
    outbox.mkdir()
    for name in ("result.png", "moment-01.webp"):
        (outbox / name).write_bytes(name.encode())
    for _ in range(2):  # the second time because the database refused the first
        files.adopt("job", 2, ("result.png", "moment-01.webp"))
    with pytest.raises(FileNotFoundError):
        files.adopt("job", 2, ("result.png", "timelapse.webp"))
    files.keep_only("job", {"result.png", "moment-01.webp"})
    assert {path.name: path.read_bytes() for path in (tmp_path / "job").iterdir()} == {
        "result.png": b"result.png",
        "moment-01.webp": b"moment-01.webp",
    }


def test_a_folder_that_is_removed_does_not_come_back(tmp_path: Path) -> None:
    files = JobFiles(tmp_path)
    files.write("job", {"content.png": b"sent"})
    with files.path("job", "checkpoint.npz.part").open("wb") as late:
        files.keep_only("job", ())
        late.write(b"so far")
    with pytest.raises(FileNotFoundError):
        files.add("job", "checkpoint.npz", b"so far")
    assert list(tmp_path.iterdir()) == []


def test_nothing_behind_a_link_is_read_or_removed(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    (theirs / "folder").mkdir(parents=True)
    for path in (theirs / "precious", theirs / "folder" / "more"):
        path.write_bytes(b"of somebody else")
        os.utime(path.parent, (0, 0))
    there = sorted(theirs.rglob("*"))
    files = JobFiles(tmp_path / "images")
    for kept in (("result.png",), ()):
        files.path("job", "").symlink_to(theirs)
        assert (files.names("job"), files.size("job")) == ([], 0)
        files.keep_only("job", kept)
        files.path("job", "").unlink(missing_ok=True)
    files.orphans.symlink_to(theirs)
    assert files.orphans_before(time.time()) == []
    files.write("job", {"content.png": b"sent"})
    with pytest.raises(NotADirectoryError):
        files.move_aside("job")
    assert sorted(theirs.rglob("*")) == there
    assert files.jobs() == ["job"]


def test_a_file_in_the_place_of_a_folder_is_no_job_and_goes(tmp_path: Path) -> None:
    files = JobFiles(tmp_path)
    (tmp_path / "job").write_bytes(b"of somebody else")
    assert (files.names("job"), files.size("job")) == ([], 0)
    files.keep_only("job", ())
    assert list(tmp_path.iterdir()) == []


def test_what_a_crash_left_half_done_is_removed(tmp_path: Path) -> None:
    files = JobFiles(tmp_path)
    files.write("job", {"content.png": b"sent"})
    (tmp_path / ".removed-1").mkdir()
    (tmp_path / ".removed-1" / "result.png").write_bytes(b"old")
    (tmp_path / ".written-2").write_bytes(b"half")
    assert files.jobs() == ["job"]
    files.remove_unfinished()
    assert [path.name for path in tmp_path.iterdir()] == ["job"]
