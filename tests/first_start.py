"""A database of the bot as its first start leaves it: to migrate one from nothing takes longer than most tests."""

import asyncio
from pathlib import Path

from bot.storage.backup import DATABASE
from bot.storage.database import sqlite_url
from bot.storage.store import open_store


def first_start(folder: Path) -> Path:
    """Make it in a folder, with nothing in it; where it is."""
    path = folder / DATABASE

    async def start() -> None:
        async with open_store(sqlite_url(path)):
            pass

    asyncio.run(start())
    return path
