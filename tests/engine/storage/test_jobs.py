"""What is on the disk stays, is whole, and belongs to one engine."""

import asyncio
import json
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.exc import IntegrityError

from engine.protocol import (
    Colours,
    ErrorCode,
    ImageFormat,
    JobState,
    Likeness,
    Note,
    NoteCode,
    Outcome,
    Problem,
    Refusal,
)
from engine.storage.database import migrate
from engine.storage.jobs import METADATA, JobRecord, JobStore, StoreError, open_store
from tests.engine.scripted import ids, record

FIRST_VERSION = Path(__file__).with_name("v0001.sql")  # a dump of what the first engine had on its disk


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[JobStore]:
    opened = await open_store(tmp_path / "data")
    yield opened
    await opened.close()


async def pragma(store: JobStore, name: str) -> object:
    async with store._engine.connect() as connection:
        value: object = await connection.scalar(sa.text(f"PRAGMA {name}"))
        return value


async def test_who_waits_while_the_engine_is_stopped_is_served_when_it_goes_on(
    store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = record()
    await store.insert(job)
    loop = asyncio.get_running_loop()
    async with store._engine.connect():  # the only connection
        waiting = asyncio.create_task(store.by_id(job.id))
        for _ in range(10):
            await asyncio.sleep(0)
        now = loop.time
        monkeypatch.setattr(loop, "time", lambda: now() + 3600)
        for _ in range(10):
            await asyncio.sleep(0)
    assert await waiting == job


async def test_a_record_comes_back_as_it_was(store: JobStore) -> None:
    job = record(outcome=Outcome(losses={"total": 0.25}))
    await store.insert(job)
    assert await store.by_id(job.id) == await store.by_key(job.key) == job
    error = Problem(code=ErrorCode.INTERNAL)
    over = job.but(
        state=JobState.FAILED,
        error=error,
        ended=5.0,
        lost=2,
        turn=7,
        outcome=Outcome(
            format=ImageFormat.GIF,
            moments=12,
            likeness=Likeness(style_reached=70, content_kept=40),
            notes=(Note.of(NoteCode.FLAT_STYLE, image="style"),),
        ),
        masks=(None, "sha256:2"),
        previous="sha256:3",
    )
    await store.save(over)
    assert await store.by_id(job.id) == over
    assert await store.open_jobs() == []
    assert await store.last_turns() == [("oaks", "ann", 7)]
    assert (await store.ended_before(5.0), await store.ended_before(5.1)) == ([], [job.id])
    await store.forget(job.id)
    assert await store.by_id(job.id) is None


async def test_jobs_come_in_the_order_of_their_arrival(store: JobStore) -> None:
    jobs = [record(created=float(-n)) for n in range(5)]
    for job in jobs:
        await store.insert(job)
    assert ids(await store.open_jobs()) == ids(jobs)


async def test_a_key_is_there_once(store: JobStore) -> None:
    await store.insert(record(key="k"))
    with pytest.raises(IntegrityError):
        await store.insert(record(key="k"))


async def test_a_final_state_is_written_once(store: JobStore) -> None:
    job = record(state=JobState.RUNNING)
    await store.insert(job)
    await store.save(job.but(state=JobState.FINISHED, outcome=Outcome(seconds=1.0)))
    with pytest.raises(LookupError):
        await store.save(job.but(state=JobState.CANCELLED))
    kept = await store.by_id(job.id)
    assert kept is not None
    assert kept.state is JobState.FINISHED


async def test_every_commit_is_synced_and_the_lock_is_exclusive(store: JobStore) -> None:
    full = 2
    assert await pragma(store, "synchronous") == full
    assert await pragma(store, "journal_mode") == "wal"
    assert await pragma(store, "locking_mode") == "exclusive"


async def test_whoever_leaves_while_it_is_read_costs_nobody_the_lock(store: JobStore) -> None:
    opened: list[object] = []
    sa.event.listen(store._engine.sync_engine, "connect", lambda connection, _: opened.append(connection))
    for steps in range(40):
        reading = asyncio.create_task(store.open_jobs())
        for _ in range(steps % 8):
            await asyncio.sleep(0)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    assert await store.open_jobs() == []
    assert opened == []


async def test_the_migrations_make_the_tables_that_the_code_uses(store: JobStore) -> None:
    def differences(connection: sa.Connection) -> Any:
        return compare_metadata(MigrationContext.configure(connection), METADATA)

    async with store._engine.connect() as connection:
        assert await connection.run_sync(differences) == []


@pytest.mark.parametrize(
    ("error", "notes", "told", "noted"),
    [
        (
            {
                "code": "worker_lost",
                "message": "The painting failed 3 times, so it was given up: please try.",
            },
            [{"code": "flat_style", "message": "The style image has hardly any colour."}],
            Problem(code=ErrorCode.WORKER_LOST, facts={"attempts": 3}),
            [Note.of(NoteCode.FLAT_STYLE, image="style")],
        ),
        (
            {"code": "broken_image", "message": "The style image is damaged and cannot be decoded."},
            [
                {
                    "code": "over_bytes",
                    "message": "It could not be made smaller than 300 KB, and emoji may have 256 KB.",
                },
                {"code": "frames_thinned", "message": "Nobody knows these words."},
            ],
            Problem(code=ErrorCode.BROKEN_IMAGE, facts={"image": "style"}),
            [Note.of(NoteCode.OVER_BYTES, size=300 * 2**10, preset="emoji", limit=2**18)],
        ),
        (
            {"code": "worker_lost", "message": "Nobody knows these words."},
            [
                {
                    "code": "mask_resized",
                    "message": "The mask had another shape than the picture (96 x 64) and was.",
                }
            ],
            Problem(code=ErrorCode.INTERNAL),
            [Note.of(NoteCode.MASK_RESIZED, image="mask", width=96, height=64)],
        ),
    ],
)
async def test_what_was_stored_as_a_sentence_is_read_back_as_facts(
    tmp_path: Path, error: dict[str, str], notes: list[dict[str, str]], told: Problem, noted: list[Note]
) -> None:
    with sqlite3.connect(tmp_path / "jobs.db") as database:
        database.executescript(FIRST_VERSION.read_text())
        database.execute("UPDATE jobs SET error = ? WHERE id = 'failed'", [json.dumps(error)])
        plan = json.loads(database.execute("SELECT plan FROM jobs WHERE id = 'queued'").fetchone()[0])
        database.execute(
            "UPDATE jobs SET plan = ? WHERE id = 'queued'", [json.dumps(plan | {"notes": notes})]
        )
    database.close()
    store = await open_store(tmp_path)
    failed, waiting = await store.by_id("failed"), await store.by_id("queued")
    await store.close()
    assert failed is not None
    assert waiting is not None
    assert failed.error == told
    assert list(waiting.plan.notes) == noted
    assert (waiting.request.owner.group, waiting.digest) == ("oaks", "")


async def test_a_database_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "jobs.db") as database:
        database.executescript(FIRST_VERSION.read_text())
    database.close()
    store = await open_store(tmp_path)
    waiting = await store.open_jobs()
    finished, failed = [await store.by_id(name) for name in ("finished", "failed")]
    assert ids(waiting) == ["queued", "running"]
    assert [(job.attempt, job.lost) for job in waiting] == [(0, 0), (2, 1)]
    assert waiting[0].request.colours is Colours.PAINTED
    assert (waiting[0].content, waiting[0].plan.notes) == ("", ())
    assert (waiting[0].masks, waiting[0].previous) == ((), None)
    assert finished is not None
    assert failed is not None
    assert finished.but(ended=None) == record(
        id="finished",
        key="key-finished",
        digest="",
        request=finished.request,
        created=1.7e9,
        content="",
        state=JobState.FINISHED,
        attempt=1,
        turn=2,
        outcome=Outcome(
            losses={"total": 0.5, "content": 0.25}, seconds=41.5, width=384, height=256, stopped_early=True
        ),
    )
    assert finished.outcome.format is ImageFormat.PNG
    assert failed.error is not None
    painted = Outcome(format=ImageFormat.WEBP, moments=3)
    await store.save(waiting[0].but(state=JobState.FINISHED, outcome=painted, ended=5.0))
    assert store.starts == 2
    await store.close()


async def test_what_came_of_a_job_is_gathered_from_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    with sqlite3.connect(path) as database:
        database.executescript(FIRST_VERSION.read_text())
    database.close()
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        migrate(connection, "0004")
        connection.execute(
            sa.text(
                "UPDATE jobs SET format = 'WEBP', moments = 7, notes = :notes, likeness = :likeness"
                " WHERE id = 'finished'"
            ),
            {
                "notes": '[{"code": "flat_style", "facts": {"image": "style"}}]',
                "likeness": '{"style_reached": 80, "content_kept": 60}',
            },
        )
    engine.dispose()
    store = await open_store(tmp_path)
    finished, failed = [await store.by_id(name) for name in ("finished", "failed")]
    await store.close()
    assert finished is not None
    assert finished.outcome == Outcome(
        seconds=41.5,
        width=384,
        height=256,
        format=ImageFormat.WEBP,
        moments=7,
        stopped_early=True,
        losses={"total": 0.5, "content": 0.25},
        likeness=Likeness(style_reached=80, content_kept=60),
        notes=(Note.of(NoteCode.FLAT_STYLE, image="style"),),
    )
    assert failed is not None
    assert failed.outcome == Outcome()


async def test_many_at_once_wait_for_each_other(store: JobStore) -> None:
    jobs = [record() for _ in range(40)]
    await asyncio.gather(*(store.insert(job) for job in jobs))
    assert sorted(ids(await store.open_jobs())) == sorted(ids(jobs))


async def test_a_second_engine_is_kept_out(store: JobStore, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"^Another engine is using the data directory .*\.$"):
        await open_store(tmp_path / "data")
    await store.insert(record())


async def test_starts_are_counted(tmp_path: Path) -> None:
    for start in (1, 2, 3):
        store = await open_store(tmp_path)
        assert store.starts == start
        await store.close()


async def test_an_unusable_directory_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match=r"cannot be used: .*\.$"):
        await open_store(tmp_path / "file" / "data")


async def test_a_database_of_a_newer_engine_is_one_sentence(tmp_path: Path) -> None:
    await (await open_store(tmp_path)).close()
    with sqlite3.connect(tmp_path / "jobs.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    with pytest.raises(StoreError, match=r"^The database in .* was made by a newer engine than this\.$"):
        await open_store(tmp_path)


def garbage(database: Path) -> None:
    database.write_bytes(b"this is no database" * 1000)


def overwritten_page(database: Path) -> None:
    content = bytearray(database.read_bytes())
    content[4096:8192] = b"\xff" * 4096
    database.write_bytes(content)


def read_one(folder: Path, pattern: str) -> bytes:
    (path,) = folder.glob(pattern)
    return path.read_bytes()


@pytest.mark.parametrize("damage", [garbage, overwritten_page])
async def test_a_damaged_database_is_moved_aside_with_its_images(tmp_path: Path, damage: Any) -> None:
    store = await open_store(tmp_path)
    job = record()
    await store.insert(job)
    store.files.write(job.id, {"content.png": b"pixels"})
    await store.close()
    damage(tmp_path / "jobs.db")
    damaged = (tmp_path / "jobs.db").read_bytes()

    store = await open_store(tmp_path)
    await store.insert(record())
    assert ids(await store.open_jobs()) != [job.id]
    await store.close()
    assert read_one(tmp_path, "jobs.db.corrupt-*") == damaged
    assert read_one(tmp_path, f"images.corrupt-*/{job.id}/content.png") == b"pixels"


async def test_a_full_database_refuses_and_recovers(store: JobStore) -> None:
    pages = await pragma(store, "page_count")
    await pragma(store, f"max_page_count = {pages}")
    before: list[JobRecord] = []

    async def fill() -> None:
        while True:
            job = record()
            await store.insert(job)
            before.append(job)

    with pytest.raises(Refusal) as refusal:
        await fill()
    assert refusal.value.code is ErrorCode.STORAGE_FULL
    assert ids(await store.open_jobs()) == ids(before)
    await pragma(store, "max_page_count = 100000")
    await store.insert(record())


async def test_what_was_acknowledged_survives_kill(tmp_path: Path) -> None:
    script = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from engine.storage.jobs import open_store\n"
        "from tests.engine.scripted import record\n"
        "async def main():\n"
        "    store = await open_store(Path(sys.argv[1]))\n"
        "    while True:\n"
        "        job = record()\n"
        "        await store.insert(job)\n"
        "        print(job.id, flush=True)\n"
        "asyncio.run(main())\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    acknowledged = [(await process.stdout.readline()).decode().strip() for _ in range(20)]
    process.kill()
    acknowledged += (await process.stdout.read()).decode().split()
    await process.wait()
    store = await open_store(tmp_path)
    there = ids(await store.open_jobs())
    await store.close()
    assert acknowledged
    assert set(acknowledged) <= set(there)
    assert len(there) - len(acknowledged) <= 1
    with sqlite3.connect(tmp_path / "jobs.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
