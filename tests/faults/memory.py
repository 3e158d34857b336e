"""What a bot remembers that is not running, looked into and changed: in its SQLite file, or in a real PostgreSQL.

Rule: every stage has a database of its own, and knows nothing of which kind it is.
"""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.storage.database import is_postgresql, sqlite_url
from tests.postgres import Postgres

SERVER: ContextVar[Postgres | None] = ContextVar("SERVER", default=None)  # in which the stages' bots remember


@dataclass(frozen=True)
class Memory:
    """One bot's, at an SQLAlchemy URL."""

    url: str

    @classmethod
    def of(cls, data: Path) -> "Memory":
        """That of a bot with this data directory."""
        server = SERVER.get()
        return cls(server.create() if server is not None else sqlite_url(data / "bot.sqlite3"))

    @property
    def settings(self) -> dict[str, object]:
        """What the bot's configuration says of it."""
        return {"database_url": self.url} if is_postgresql(self.url) else {}

    async def change(self, *statements: str, **values: object) -> None:
        """Run statements, each of which may use any of the values as `:name`."""
        for statement in statements:
            await self._run(text(statement), values)

    async def rows(self, statement: str) -> Sequence[Row[Any]]:
        """What a query finds."""
        return await self._run(text(statement), {})

    async def count(self, statement: str) -> int:
        """The number that a query finds."""
        ((found,),) = await self.rows(statement)
        return int(found)

    async def _run(self, query: TextClause, values: Mapping[str, object]) -> Sequence[Row[Any]]:
        engine = create_async_engine(self.url, poolclass=NullPool)
        try:
            async with engine.begin() as connection:
                found = await connection.execute(query, dict(values))
                return found.all() if found.returns_rows else []
        finally:
            await engine.dispose()
