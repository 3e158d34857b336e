"""Whatever has happened to the database: the engine starts or says why not, nothing is deleted, no loss goes unsaid."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError
from structlog.testing import capture_logs

from engine.protocol import ErrorCode, JobState, Outcome, Refusal
from engine.storage.jobs import JobRecord, StoreError, open_store
from tests.engine.damage import spoil
from tests.engine.scripted import FILES, ids, record

FIRST_VERSION = Path(__file__).with_name("v0001.sql")


async def filled(data_dir: Path, *records: JobRecord) -> None:
    """A data directory that was closed in order."""
    store = await open_store(data_dir)
    for one in records:
        await store.insert(one)
    await store.close()
    for one in records:
        (data_dir / "images" / one.id).mkdir()
        for name, data in FILES.items():
            (data_dir / "images" / one.id / name).write_bytes(data)


def copy_database(source: Path, target: Path) -> None:
    target.mkdir()
    for path in source.glob("jobs.db*"):
        shutil.copy(path, target)


def kept_folders(data_dir: Path) -> list[str]:
    """Of jobs, wherever they were moved."""
    return sorted(path.name for path in data_dir.glob("images*/*"))


def read(path: str) -> bytes:
    return Path(path).read_bytes()


async def killed(data_dir: Path, *records: JobRecord) -> None:
    """A data directory as a killed engine leaves it."""
    store = await open_store(data_dir.with_name("live"))
    for one in records:
        await store.insert(one)
    copy_database(data_dir.with_name("live"), data_dir)
    await store.close()


def change(data_dir: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(data_dir / "jobs.db") as database:
        database.execute(statement, values)
    database.close()


# --- a row ------------------------------------------------------------------------------------------------

DAMAGE = [
    ("outcome", "{"),
    ("outcome", '{"moments": "many"}'),
    ("request", "[]"),
    ("request", b"\xff\xfe\x00"),
    ("request", "[" * 100_000),
    ("plan", ""),
    ("error", '{"code": "of another engine"}'),
    ("state", "dreaming"),
    ("created", "yesterday"),
    ("attempt", None),
]


@pytest.mark.parametrize(("column", "value"), DAMAGE)
async def test_a_row_that_cannot_be_read_is_said_and_left_alone(
    tmp_path: Path, column: str, value: object
) -> None:
    damaged = record(state=JobState.FINISHED, turn=3, ended=5.0, outcome=Outcome(seconds=1.0))
    sound = record("bob", turn=4, state=JobState.RUNNING)
    await filled(tmp_path, damaged, sound)
    with sqlite3.connect(tmp_path / "jobs.db") as database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        if value is None:
            database.execute("PRAGMA writable_schema = ON")
            database.execute(
                "UPDATE sqlite_master SET sql = replace(sql, 'attempt INTEGER NOT NULL', 'attempt')"
            )
            database.execute("PRAGMA writable_schema = RESET")
        update = f"UPDATE jobs SET {column} = ? WHERE id = ?"  # noqa: S608 - the names are above
        database.execute(update, [value, damaged.id])
    database.close()
    store = await open_store(tmp_path)
    with capture_logs() as logs:
        assert ids(await store.open_jobs()) == [sound.id]
        assert ("oaks", "bob", 4) in await store.last_turns()
        assert await store.latest() in (damaged.created, sound.created)
        assert len(await store.outlines()) == 2
        for _ in range(2):
            assert await store.by_id(damaged.id) is None
            assert await store.by_key(damaged.key) is None
    assert [line["job"] for line in logs if line["log_level"] == "error"] == [damaged.id]
    again = record(key=damaged.key)
    await store.insert(again)
    assert await store.by_key(damaged.key) == again
    await store.close()
    with sqlite3.connect(tmp_path / "jobs.db") as database:
        assert database.execute("SELECT count(*) FROM jobs WHERE id = ?", [damaged.id]).fetchone() == (1,)
    database.close()


async def test_a_row_that_cannot_be_read_is_said_before_anybody_asks(tmp_path: Path) -> None:
    damaged = record(state=JobState.FINISHED, ended=5.0, outcome=Outcome(seconds=1.0))
    await filled(tmp_path, damaged)
    change(tmp_path, "UPDATE jobs SET plan = '{'")
    store = await open_store(tmp_path)
    with capture_logs() as logs:
        await store.outlines()
    assert [line["job"] for line in logs] == [damaged.id]
    await store.close()


async def test_what_members_sent_is_in_no_error_of_the_database(tmp_path: Path) -> None:
    await filled(tmp_path)
    change(tmp_path, "CREATE TRIGGER no BEFORE INSERT ON jobs BEGIN SELECT raise(ABORT, 'no'); END")
    store = await open_store(tmp_path)
    with pytest.raises(IntegrityError) as told:
        await store.insert(record("a member's name"))
    assert "a member" not in str(told.value)
    await store.close()


async def test_a_row_that_cannot_be_read_does_not_stop_a_migration(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "jobs.db") as database:
        database.executescript(FIRST_VERSION.read_text())
        database.execute("UPDATE jobs SET request = '{', losses = '{' WHERE id = 'queued'")
        database.execute("UPDATE jobs SET error = '[]' WHERE id = 'failed'")
    database.close()
    store = await open_store(tmp_path)
    assert ids(await store.open_jobs()) == ["running"]
    assert len(await store.outlines()) == 4
    await store.close()


async def test_an_id_that_is_none_leads_nowhere_else(tmp_path: Path) -> None:
    await filled(tmp_path, record(state=JobState.FAILED, ended=1.0))
    for name in ("", ".", "..", "../images", "a/b"):
        change(tmp_path, "UPDATE jobs SET id = ?", name)
        store = await open_store(tmp_path)
        (job,) = await store.ended_before(2.0)
        store.files.keep_only(job, ())
        assert (store.files.size(job), store.files.names(job)) == (0, [])
        with pytest.raises(FileNotFoundError):
            store.files.add(job, "file", b"")
        assert len(store.files.jobs()) == 1
        await store.close()


# --- the file ---------------------------------------------------------------------------------------------


def emptied(database: Path) -> None:
    database.write_bytes(b"")


def removed(database: Path) -> None:
    database.unlink()


@pytest.mark.parametrize("damage", [emptied, removed])
async def test_an_empty_database_beside_jobs_is_said(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    job = record()
    await filled(tmp_path, job)
    damage(tmp_path / "jobs.db")
    with capture_logs() as logs:
        store = await open_store(tmp_path)
    (said,) = [line for line in logs if line["log_level"] == "critical"]
    assert said["folders"] == 1
    assert store.files.jobs() == [job.id]
    await store.close()


@pytest.mark.parametrize("length", [1, 50, 99, 100, 512, 4096, 4097, 8192, -4096, -1])
async def test_a_truncated_database_is_never_used_in_silence(tmp_path: Path, length: int) -> None:
    jobs = [record() for _ in range(20)]
    await filled(tmp_path, *jobs)
    path = tmp_path / "jobs.db"
    path.write_bytes(path.read_bytes()[:length])
    with capture_logs() as logs:
        store = await open_store(tmp_path)
        there = await store.open_jobs()
    await store.close()
    assert len(there) < 20
    assert {line["log_level"] for line in logs} & {"critical", "error"}
    assert kept_folders(tmp_path) == sorted(ids(jobs))


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM starts",
        "DROP TABLE starts",
        "DROP TABLE jobs",
        "ALTER TABLE jobs DROP COLUMN reached",
        "DELETE FROM alembic_version",
        "UPDATE alembic_version SET version_num = 'of tomorrow'",
    ],
)
async def test_a_database_of_other_tables_is_one_sentence(tmp_path: Path, statement: str) -> None:
    await filled(tmp_path, record())
    change(tmp_path, statement)
    for _ in range(2):
        with pytest.raises(StoreError, match=r"^The database in .*\.$"):
            await open_store(tmp_path)


async def test_a_folder_in_the_databases_place_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "jobs.db").mkdir()
    with pytest.raises(StoreError, match=r"jobs\.db is a folder, where the database should be"):
        await open_store(tmp_path)


async def test_a_file_in_the_images_place_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "images").write_text("in the way")
    with pytest.raises(StoreError, match=r"cannot be used: .*images: .*\.$"):
        await open_store(tmp_path)


def modes(data_dir: Path) -> set[int]:
    return {path.stat().st_mode & 0o777 for path in (data_dir, *data_dir.rglob("*"))}


def expose(data_dir: Path) -> None:
    for path in (data_dir, *data_dir.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


async def test_what_others_could_read_is_private_after_a_start(tmp_path: Path) -> None:
    await filled(tmp_path, record())
    expose(tmp_path)
    store = await open_store(tmp_path)
    await store.close()
    assert modes(tmp_path) == {0o700, 0o600}


# --- the write-ahead log ----------------------------------------------------------------------------------


@pytest.mark.parametrize("back", [4120 * 3, 4120 + 4000, 300])
async def test_a_loss_by_a_bit_in_the_log_is_said_and_the_log_kept(tmp_path: Path, back: int) -> None:
    data_dir = tmp_path / "data"
    jobs = [record() for _ in range(4)]
    await killed(data_dir, *jobs)
    path = data_dir / "jobs.db-wal"
    damaged = bytearray(path.read_bytes())
    damaged[-back] ^= 1
    path.write_bytes(damaged)
    with capture_logs() as logs:
        store = await open_store(data_dir)
    there = await store.open_jobs()
    await store.close()
    assert len(there) < 4
    (said,) = [line for line in logs if line["log_level"] in ("critical", "error")]
    assert read(said["log_kept"]) == damaged
    assert store.starts == 2


async def test_a_kill_alone_is_no_damage(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    await killed(data_dir, *(record() for _ in range(4)))
    with capture_logs() as logs:
        store = await open_store(data_dir)
    assert len(await store.open_jobs()) == 4
    await store.close()
    assert logs == []


# --- while it runs ----------------------------------------------------------------------------------------


async def test_damage_that_shows_later_ends_all_use(tmp_path: Path) -> None:
    await filled(tmp_path, *(record() for _ in range(10)))
    store = await open_store(tmp_path)
    await spoil(store, tmp_path)
    with capture_logs() as logs:
        for call in (store.open_jobs(), store.insert(record()), store.forget("none"), store.outlines()):
            with pytest.raises(Refusal) as refusal:
                await call
            assert refusal.value.code is ErrorCode.STORAGE_DAMAGED
    assert store.is_damaged
    assert [line["log_level"] for line in logs] == ["critical"]
    await store.close()
    after = await open_store(tmp_path)
    assert await after.open_jobs() == []
    await after.close()
    assert len(kept_folders(tmp_path)) == 10
