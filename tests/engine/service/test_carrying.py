"""What a job costs the service, counted: it is to be carried among ten thousand, by one process."""

import asyncio
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from engine import images
from engine.images import Picture
from engine.service.app import STORE
from engine.service.connection import MOST_CONNECTIONS, most_connections
from engine.storage.jobs import open_store
from tests.engine.engine_process import request
from tests.engine.scripted import record
from tests.engine.service.served import serve

PICTURE = images.encode_quickly(Picture(np.full((64, 64, 3), 128, np.uint8)))


@contextmanager
def statements(engine: Any) -> Iterator[list[str]]:
    """Those that are made meanwhile."""
    made: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        made.append(statement)

    sa.event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield made
    finally:
        sa.event.remove(engine.sync_engine, "before_cursor_execute", note)


async def test_a_job_that_comes_is_looked_for_once_and_stored_once(tmp_path: Path) -> None:
    async with serve(tmp_path / "data") as served:
        with statements(served.app[STORE]._engine) as made:
            await served.client.submit(request(), {"content": PICTURE, "style-1": PICTURE}, "key")
        assert sum('WHERE jobs."key" = ' in each for each in made) == 1
        assert sum("INSERT INTO jobs" in each for each in made) == 1


async def test_a_key_that_was_looked_for_is_found_once_it_is_there(tmp_path: Path) -> None:
    store = await open_store(tmp_path)
    job = record(key="key")
    assert [await store.by_key("key") for _ in range(2)] == [None, None]
    await asyncio.gather(store.insert(job), *(store.by_key("key") for _ in range(8)))
    found = await store.by_key("key")
    assert found is not None
    assert found.id == job.id
    await store.forget(job.id)
    assert await store.by_key("key") is None
    await store.close()


@pytest.mark.parametrize(
    ("files", "hard", "jobs", "connections", "raised"),
    [
        (20_000, 20_000, 10_000, 10_000 + MOST_CONNECTIONS, None),
        (1024, 500_000, 10_000, 10_000 + MOST_CONNECTIONS, 11_000),
        (1024, 4096, 10_000, 4096 - 600, 4096),
        (1024, 1024, 100, 500, None),
        (1024, 1024, 1000, 512, None),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, 10_000, 10_000 + MOST_CONNECTIONS, None),
    ],
)
def test_whoever_follows_a_job_that_may_be_open_has_a_connection(
    files: int, hard: int, jobs: int, connections: int, raised: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As far as the system lets this process have so many files open; and where not, it is said."""
    set_to: list[int] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (files, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: set_to.append(limits[0]))
    with capture_logs() as logs:
        assert most_connections(jobs) == connections
    assert set_to == ([] if raised is None else [raised])
    assert bool(logs) is (connections < jobs + MOST_CONNECTIONS)
