"""Copies that a running engine makes for whoever asks: few at a time, none on a full disk, by whatever token."""

import os
from pathlib import Path

from engine.protocol import ErrorBody, ErrorCode
from engine.service.app import STORE
from engine.service.backups import ABANDONED_SECONDS, MOST
from engine.storage.backup import ADDRESS, DATABASE
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


async def test_the_command_knows_a_token_of_any_letters(tmp_path: Path) -> None:
    token = "schlüssel für 5 €"  # noqa: S105
    async with serve(tmp_path, token=token) as served:
        (tmp_path / ADDRESS).write_text(f"http://{served.host}:{served.port}")
        config = configured(tmp_path / "config", tmp_path)
        copy = tmp_path.with_name(f"{tmp_path.name}-copy")
        assert await engine_command("backup", str(copy), "--config", config, token=token) == (0, "")
        inside = str(tmp_path / "backup-of-monday")
        status, said = await engine_command("backup", inside, "--config", config, token=token)
        assert (status, said.count("\n"), "choose another place" in said) == (1, 1, True)
    assert (copy / DATABASE).is_file()
