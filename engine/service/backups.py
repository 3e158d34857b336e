"""Backups of a running engine, which alone can read its database.

Rule: what is stored stands still only while the database is copied and the files get a second name; to copy these takes as
long as it takes, and is for whoever has asked (`engine.storage.backup`).
"""

import asyncio
import shutil
import time
import uuid
from pathlib import Path

from engine.protocol import CrashPoint, ErrorCode, Refusal, reach
from engine.service.jobs import Jobs
from engine.service.retention import Retention
from engine.storage import backup
from engine.storage.files import full_disk_refused
from engine.storage.jobs import JobStore

ABANDONED_SECONDS = 24 * 3600.0  # after which nobody copies any more
MOST = 3  # copies that are there at once, so that asking again and again does not fill the disk


class Backups:
    """Those of one data directory."""

    def __init__(self, data_dir: Path, store: JobStore, jobs: Jobs, retention: Retention) -> None:
        self._data_dir = data_dir.resolve()
        self._store, self._jobs, self._retention = store, jobs, retention
        self._making = asyncio.Lock()

    async def make(self) -> Path:
        """Copy the database and link the files; returns the folder, which whoever asked removes. Raises Refusal."""
        folder = self._data_dir / f"{backup.STAGING}{uuid.uuid4().hex}"
        async with self._making:
            await asyncio.to_thread(self._begin, folder)
            try:
                async with self._jobs.at_rest():
                    await self._store.copy(folder / backup.DATABASE)
                    reach(CrashPoint.BACKUP_DATABASE)
                    names = await self._retention.needed_files()
                    await asyncio.to_thread(self._link, folder, names)
            except BaseException:
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
                raise
        return folder

    def _begin(self, folder: Path) -> None:
        if self._store.room.is_full:
            raise Refusal(ErrorCode.STORAGE_FULL)
        since = {old: old.stat().st_mtime for old in self._data_dir.glob(f"{backup.STAGING}*")}
        newest = sorted(since, key=since.__getitem__)[1 - MOST :]
        for old, when in since.items():
            if old not in newest or when < time.time() - ABANDONED_SECONDS:
                shutil.rmtree(old, ignore_errors=True)
        with full_disk_refused():
            folder.mkdir()

    def _link(self, folder: Path, names: dict[str, list[str]]) -> None:
        with full_disk_refused():
            backup.link_files(self._data_dir / backup.IMAGES, folder / backup.IMAGES, names)
