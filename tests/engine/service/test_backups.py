"""Copies that a running engine makes for whoever asks: few at a time, none on a full disk, by whatever token."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from engine.protocol import ErrorBody, ErrorCode
from engine.service.app import STORE
from engine.service.backups import ABANDONED_SECONDS, MOST
from engine.storage.address import ADDRESS, address_of, noted
from engine.storage.backup import DATABASE
from tests.engine.cli.test_backup import configured, engine_command
from tests.engine.service.served import Served, serve


async def asked(served: Served) -> tuple[int, bytes]:
    async with served.client.session.post("/v1/backup") as answer:
        return answer.status, await answer.read()


def copies(folder: Path) -> list[Path]:
    return sorted(folder.rglob(f"backup-*/{DATABASE}"))


async def test_who_asks_again_and_again_does_not_fill_the_disk(tmp_path: Path) -> None:
    async with serve(tmp_path) as served:
        for _ in range(MOST + 2):
            before = copies(tmp_path)
            assert (await asked(served))[0] == 200
        after = copies(tmp_path)
        assert len(after) == MOST
        assert len(set(after) & set(before)) == MOST - 1
        for copy in after:
            os.utime(copy.parent, (0, copy.parent.stat().st_mtime - ABANDONED_SECONDS))
        assert (await asked(served))[0] == 200
        assert len(copies(tmp_path)) == 1


async def test_a_full_disk_is_not_filled_with_copies(tmp_path: Path) -> None:
    async with serve(tmp_path) as served:
        served.app[STORE].room.note_full()
        status, body = await asked(served)
        assert (status, ErrorBody.model_validate_json(body).code) == (507, ErrorCode.STORAGE_FULL)
        assert copies(tmp_path) == []


@asynccontextmanager
async def spy() -> AsyncIterator[tuple[str, list[bytes]]]:
    """A process that is not ours: where it listens, and what it is sent."""
    heard: list[bytes] = []

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(2**16))
        writer.close()

    async with await asyncio.start_server(hear, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        yield f"http://{host}:{port}", heard


async def test_a_killed_engines_address_gets_no_token(tmp_path: Path) -> None:
    """Another listens there by now, and a new engine has the data directory and does not listen yet."""
    copy = tmp_path.with_name(f"{tmp_path.name}-copy")
    async with serve(tmp_path), spy() as (url, heard):
        (tmp_path / ADDRESS).write_text(url)
        config = configured(tmp_path / "config", tmp_path)
        status, said = await engine_command("backup", str(copy), "--config", config)
    assert (status, "does not answer yet" in said, heard) == (1, True, [])


def test_an_address_is_told_as_long_as_somebody_holds_it(tmp_path: Path) -> None:
    assert address_of(tmp_path) is None
    (tmp_path / ADDRESS).write_text("http://127.0.0.1:1 of a killed engine")
    assert address_of(tmp_path) is None
    with noted(tmp_path, "http://127.0.0.1:2"):
        assert address_of(tmp_path) == "http://127.0.0.1:2"
    assert not (tmp_path / ADDRESS).exists()


async def test_the_command_knows_a_token_of_any_letters_and_shows_it_to_no_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = "schlüssel für 5 €"  # noqa: S105
    copy = tmp_path.with_name(f"{tmp_path.name}-copy")
    async with serve(tmp_path, token=token) as served, spy() as (proxy, heard):
        monkeypatch.setenv("http_proxy", proxy)
        config = configured(tmp_path / "config", tmp_path)
        with noted(tmp_path, f"http://{served.host}:{served.port}"):
            assert await engine_command("backup", str(copy), "--config", config, token=token) == (0, "")
            inside = str(tmp_path / "backup-of-monday")
            status, said = await engine_command("backup", inside, "--config", config, token=token)
        assert (status, said.count("\n"), "choose another place" in said) == (1, 1, True)
    assert heard == []
    assert (copy / DATABASE).is_file()
