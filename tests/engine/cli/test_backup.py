"""`python -m engine backup` and `restore`, beside an engine that runs, and without one."""

import asyncio
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from engine.protocol import JobState
from engine.service.config import TOKEN_VARIABLE
from tests.engine.engine_process import TOKEN, request, talk
from tests.engine.test_sketch import sketching

pytestmark = pytest.mark.integration


async def engine_command(*words: str, token: str = TOKEN) -> tuple[int, str]:
    """Run `python -m engine ...` where a proxy is named that is none; returns its exit status and what it said."""
    proxy = "http://127.0.0.1:9"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "engine", *words),
        env=os.environ | {TOKEN_VARIABLE: token, "http_proxy": proxy, "no_proxy": ""},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


def exposed(folder: Path) -> list[Path]:
    """What other accounts could see."""
    seen = []
    for path in (folder, *folder.rglob("*")):
        with suppress(FileNotFoundError):  # what a running engine has renamed meanwhile
            seen += [path] if not path.is_symlink() and stat.S_IMODE(path.stat().st_mode) & 0o077 else []
    return seen


def found(folder: Path, pattern: str) -> list[Path]:
    return [*folder.glob(pattern)]


def configured(folder: Path, data_dir: Path) -> str:
    folder.mkdir(exist_ok=True)
    config = folder / "atelier.toml"
    config.write_text(f"[engine]\ndata_dir = '{data_dir}'\n")
    return str(config)


async def test_a_backup_of_a_running_engine_is_what_a_new_one_goes_on_from(
    tmp_path: Path, upload: dict[str, bytes]
) -> None:
    config = configured(tmp_path, tmp_path / "data")
    copies = [str(tmp_path / name) for name in ("running", "stopped", "refused")]
    with sketching(tmp_path) as engine:
        engine.ready()
        async with talk(engine) as client:
            done = await client.submit(request("ann"), upload)
            await client.painted(done.id)
            painting = (await client.fetch(f"/v1/jobs/{done.id}/result"))[2]
            waiting = [
                await client.submit(request(f"user-{n}", "oaks", evaluations=500), upload) for n in range(3)
            ]
            assert await engine_command("backup", copies[0], "--config", config) == (0, "")
            status, said = await engine_command("backup", copies[2], "--config", config, token="wrong")  # noqa: S106
            assert (status, "token is missing or wrong" in said) == (1, True)
            status, said = await engine_command("jobs", "--config", config)
            assert (status, waiting[0].id[:8] in said, done.id[:8] in said) == (0, True, True)
            last = [envelope.id async for envelope in client.events(done.id)][-1]
        assert found(tmp_path, "data/backup-*") == []
        assert exposed(tmp_path / "data") == []
        engine.kill()
    assert await engine_command("backup", copies[1], "--config", config) == (0, "")
    assert found(tmp_path, "refused*") == []
    assert [exposed(Path(copy)) for copy in copies[:2]] == [[], []]
    new = tmp_path / "new" / "data"
    assert await engine_command("restore", copies[0], "--config", configured(new.parent, new)) == (0, "")
    with sketching(new.parent) as engine:
        async with talk(engine) as client:
            assert (await client.fetch(f"/v1/jobs/{done.id}/result"))[2] == painting
            assert [envelope.id async for envelope in client.events(done.id)][-1] > last
            for job in waiting:
                assert (await client.view(job.id)).state in (
                    JobState.QUEUED,
                    JobState.RUNNING,
                    JobState.FINISHED,
                )
