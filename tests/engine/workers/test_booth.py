"""Who may have a booth, and that nobody who comes is its end; without Ray, and with a painter that never gets ready."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.workers.cluster import booth as room
from engine.workers.cluster.booth import Booth, LeaseError
from engine.workers.cluster.scratch import Scratch
from engine.workers.cluster.wire import Hello, Here, Leave, Put, dump, read_word
from tests.engine.sketch import HANGING
from tests.engine.workers.hands import LONG, post

pytestmark = pytest.mark.integration


@pytest.fixture
async def left() -> asyncio.Event:
    """Whether the booth has ended by itself."""
    return asyncio.Event()


@pytest.fixture
async def scratch(tmp_path: Path) -> Scratch:
    return Scratch(tmp_path)


@pytest.fixture
async def booth(
    scratch: Scratch, left: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Booth]:
    monkeypatch.setattr(room, "BEAT_SECONDS", 0.02)
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "1")
    booth = Booth(post(program=HANGING), scratch, left.set)
    yield booth
    await booth.close()


async def test_nobody_who_comes_is_its_end_and_nothing_stays(
    booth: Booth, scratch: Scratch, left: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "LINGER_SECONDS", 0.1)
    await asyncio.wait_for(left.wait(), LONG)
    assert not scratch.folder.exists()


async def test_whoever_has_the_lease_is_heard_and_no_other(
    booth: Booth, scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = booth.attend("lease-1", "an engine", fresh=False)
    assert isinstance(read_word(await anext(first)), Here)
    with pytest.raises(LeaseError, match="another engine"):
        await anext(booth.attend("lease-2", "another", fresh=False))
    await booth.answer("lease-1", dump(Hello()), b"")
    again = booth.attend("lease-3", "an engine", fresh=False)  # it was restarted
    assert isinstance(read_word(await anext(again)), Here)
    with pytest.raises(LeaseError):
        async for _ in first:
            pass
    with pytest.raises(LeaseError):
        await booth.answer("lease-1", dump(Put(name="sent-1", is_last=True)), b"late")
    monkeypatch.setattr(room, "LEASE_SECONDS", 0.0)  # nothing was heard of it for so long
    other = booth.attend("lease-2", "another", fresh=False)
    assert isinstance(read_word(await anext(other)), Here)
    assert not [*scratch.folder.iterdir()]
    await booth.answer("lease-2", dump(Leave()), b"")
