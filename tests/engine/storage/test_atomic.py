"""Files that are written whole or not at all."""

from pathlib import Path

import pytest

from engine.storage.atomic import write_whole


def test_a_file_and_its_folder_are_written_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "not" / "yet" / "there"
    for data in (b"first", b"second"):
        write_whole(path, data)
        assert path.read_bytes() == data
    assert list(path.parent.iterdir()) == [path]


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "file"
    (path / "in the way").mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        write_whole(path, b"data")
    assert list(tmp_path.iterdir()) == [path]
