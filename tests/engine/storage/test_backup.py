"""A backup is whole or absent, and an engine starts on it as on the original."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.protocol import JobState, Outcome
from engine.storage import backup
from engine.storage.backup import BackupError, InUse, copy_closed, link_files, restore
from engine.storage.jobs import JobRecord, JobStore, open_store
from tests.engine.scripted import FILES, record


async def filled(data_dir: Path, *records: JobRecord) -> JobStore:
    store = await open_store(data_dir)
    for one in records:
        await store.insert(one)
        store.files.write(one.id, FILES)
    return store


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def there(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_a_closed_data_directory_is_copied_and_comes_back(tmp_path: Path) -> None:
    jobs = [record(), record(state=JobState.FINISHED, ended=1.0, outcome=Outcome(seconds=1.0))]
    await (await filled(tmp_path / "data", *jobs)).close()
    copy_closed(tmp_path / "data", tmp_path / "copy")
    assert tree(tmp_path / "copy" / "images") == tree(tmp_path / "data" / "images")
    restore(tmp_path / "copy", tmp_path / "new" / "data")
    assert tree(tmp_path / "new" / "data") == tree(tmp_path / "copy")
    store = await open_store(tmp_path / "new" / "data")
    assert [await store.by_id(job.id) for job in jobs] == jobs
    assert store.starts > 10**6  # so that no reader has seen an event of a higher id
    await store.close()


async def test_what_an_engine_has_is_not_copied_behind_its_back(tmp_path: Path) -> None:
    store = await filled(tmp_path / "data", record())
    with pytest.raises(InUse):
        copy_closed(tmp_path / "data", tmp_path / "copy")
    assert there(tmp_path) == ["data"]
    await store.copy(tmp_path / "copied.db")
    await store.insert(record())
    await store.close()
    with sqlite3.connect(tmp_path / "copied.db") as copied:
        assert copied.execute("SELECT count(*) FROM jobs").fetchone() == (1,)
    copied.close()


async def test_nothing_is_written_over_and_what_is_no_backup_is_said(tmp_path: Path) -> None:
    await (await filled(tmp_path / "data", record())).close()
    copy_closed(tmp_path / "data", tmp_path / "copy")
    before = tree(tmp_path)
    acts: list[tuple[Callable[[], None], str]] = [
        (lambda: copy_closed(tmp_path / "data", tmp_path / "copy"), "exists already"),
        (lambda: restore(tmp_path / "copy", tmp_path / "data"), "exists already"),
        (lambda: copy_closed(tmp_path / "none", tmp_path / "other"), "nothing to back up"),
        (lambda: restore(tmp_path / "none", tmp_path / "other"), "no backup"),
    ]
    for act, said in acts:
        with pytest.raises(BackupError, match=said):
            act()
    assert tree(tmp_path) == before


async def test_a_damaged_database_makes_no_backup_and_a_damaged_backup_comes_not_back(tmp_path: Path) -> None:
    await (await filled(tmp_path / "data", record())).close()
    copy_closed(tmp_path / "data", tmp_path / "copy")
    for folder in ("data", "copy"):
        spoil(tmp_path / folder / "jobs.db")
    with pytest.raises(BackupError, match="cannot be copied"):
        copy_closed(tmp_path / "data", tmp_path / "other")
    with pytest.raises(BackupError, match="damaged"):
        restore(tmp_path / "copy", tmp_path / "other")
    assert there(tmp_path) == ["copy", "data", "other"]
    assert there(tmp_path / "other") == []


def spoil(database: Path) -> None:
    content = bytearray(database.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    database.write_bytes(content)


def test_files_are_copied_where_there_are_no_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(_self: Path, _target: Path) -> None:
        raise PermissionError(1, "no links here")

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    (tmp_path / "images" / "job").mkdir(parents=True)
    (tmp_path / "images" / "job" / "a").write_bytes(b"1")
    link_files(tmp_path / "images", tmp_path / "linked", {"job": ["a"]})
    assert tree(tmp_path / "linked") == {"job/a": b"1"}


async def test_a_backup_that_was_cut_off_is_begun_anew(tmp_path: Path) -> None:
    await (await filled(tmp_path / "data", record())).close()
    shutil.copytree(tmp_path / "data", tmp_path / "copy.atelier-part")
    (tmp_path / "copy.atelier-part" / "stray").touch()
    copy_closed(tmp_path / "data", tmp_path / "copy")
    assert there(tmp_path / "copy") == [backup.IMAGES, backup.DATABASE]


async def test_nothing_of_anybody_elses_is_removed_to_make_room(tmp_path: Path) -> None:
    await (await filled(tmp_path / "data", record())).close()
    for suffix in (".part", ".tmp", ".bak", "~"):
        (tmp_path / f"copy{suffix}").mkdir()
        (tmp_path / f"copy{suffix}" / "theirs").touch()
    copy_closed(tmp_path / "data", tmp_path / "copy")
    assert sum(name.endswith("theirs") for name in tree(tmp_path)) == 4


async def test_an_empty_folder_that_one_stands_in_can_be_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await (await filled(tmp_path / "data", record())).close()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    copy_closed(tmp_path / "data", Path())
    assert there(tmp_path / "here") == [backup.IMAGES, backup.DATABASE]


@pytest.mark.parametrize("left", ["jobs.db-wal", "jobs.db-journal", "jobs.db-shm"])
async def test_no_log_of_another_database_is_taken_for_the_restored_ones(tmp_path: Path, left: str) -> None:
    await (await filled(tmp_path / "data", record())).close()
    copy_closed(tmp_path / "data", tmp_path / "copy")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / left).touch()
    with pytest.raises(BackupError, match=left):
        restore(tmp_path / "copy", tmp_path / "new")
    assert there(tmp_path / "new") == [left]
