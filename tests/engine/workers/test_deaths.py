"""What an end of a process says of the picture that it was painting."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

from engine.workers.deaths import Witness, is_stopped


async def child(program: str = "input()") -> Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdin=PIPE)


@pytest.mark.parametrize(
    ("end", "blames"),
    [
        ("import os; os.abort()", True),
        ("import os; os._exit(1)", True),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", True),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", False),
    ],
)
async def test_an_end_of_its_own_may_be_the_pictures_fault(end: str, blames: bool) -> None:
    witness = Witness()
    process = await child(end)
    assert witness.blames_work(await process.wait()) is blames


async def test_one_that_others_killed_is_not_to_blame(monkeypatch: pytest.MonkeyPatch) -> None:
    witness = Witness()
    process = await child()
    process.kill()
    status = await process.wait()
    assert not witness.blames_work(status)
    monkeypatch.setattr("engine.workers.deaths.kills_for_memory", lambda: 10**9)
    assert witness.blames_work(status)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="nothing tells of processes here")
async def test_one_that_others_stopped_is_told_apart() -> None:
    process = await child()
    assert not is_stopped(process)
    process.send_signal(signal.SIGSTOP)
    async with asyncio.timeout(60):
        while not is_stopped(process):  # noqa: ASYNC110 - a state of another process has no event
            await asyncio.sleep(0.01)
    process.kill()
    await process.wait()
