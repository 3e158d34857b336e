"""Damage to a database that somebody has open, as a disk does it: behind everybody's back."""

from pathlib import Path

import sqlalchemy as sa

from engine.storage.jobs import JobStore


async def spoil(store: JobStore, data_dir: Path) -> None:
    """Overwrite what all tables are stored in, and let nothing of it be remembered."""
    async with store._engine.connect() as connection:
        await connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))
        await connection.execute(sa.text("PRAGMA shrink_memory"))
    _overwrite(data_dir / "jobs.db")


def _overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))
