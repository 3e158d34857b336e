"""What several bot processes over one database tell each other: that something was changed which another has in memory.

Rule: told in the transaction of the change, so nothing is told that did not come to be, and nothing that did is not. What is
told names rows and never says what is in them: whoever hears it reads them anew. A process that was cut off for a moment
hears of everything (None), so that nothing hangs on a message that was lost. Alone, nobody is told anything.
"""

import json
import secrets
from collections.abc import Awaitable, Callable, Collection
from enum import StrEnum

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import short

log = structlog.get_logger(__name__)

CHANNEL = "atelier"
_AT_ONCE = 200  # ids in one message, of which PostgreSQL takes 8000 bytes

Ids = list[int] | list[str]


class News(StrEnum):
    """What was changed."""

    SETTINGS = "settings"  # of servers, by their ids
    BLOCKS = "blocks"
    MUSEUM = "museum"
    TICKETS = "tickets"  # stopped or deleted, perhaps by another process than the one that follows them; by their ids
    OWED = "owed"  # something waits for the process whose it is: to be erased, told to moderators, drawn anew, painted


Hearing = Callable[[Ids | None], Awaitable[None]]
_ANYBODY = ""


async def stir(connection: AsyncConnection) -> None:
    """Something is owed: have whoever's it is look, once the transaction is committed; this process is one of them."""
    if connection.dialect.name == "postgresql":
        text = json.dumps([_ANYBODY, News.OWED, []])
        await connection.execute(select(func.pg_notify(CHANNEL, text)))


class Others:
    """The other processes; `is_alone`: there are none, and there cannot be."""

    def __init__(self, *, is_alone: bool) -> None:
        self.is_alone = is_alone
        self._me = secrets.token_hex(4)
        self._hearing: dict[News, list[Hearing]] = {news: [] for news in News}

    async def tell(
        self, connection: AsyncConnection, news: News, ids: Collection[int] | Collection[str] = ()
    ) -> None:
        """Have the others hear of it, once the transaction is committed."""
        every = [*ids]
        if self.is_alone:
            return
        for start in range(0, max(len(every), 1), _AT_ONCE):
            text = json.dumps([self._me, news, every[start : start + _AT_ONCE]])
            await connection.execute(select(func.pg_notify(CHANNEL, text)))

    def hear(self, news: News, hearing: Hearing) -> None:
        """Have somebody told what the others tell."""
        self._hearing[news].append(hearing)

    async def told(self, text: str) -> None:
        """Another process, or this one, has told something."""
        try:
            who, news, ids = json.loads(text)
            known = News(news)
        except ValueError:  # of another version
            log.warning("not understood", told=text[:100])
            return
        if who != self._me:
            await self._pass_on(known, ids)

    async def told_all(self) -> None:
        """Whatever the others have told for some time was not heard."""
        for news in News:
            await self._pass_on(news, None)

    async def _pass_on(self, news: News, ids: Ids | None) -> None:
        for hearing in self._hearing[news]:
            try:
                await hearing(ids)
            except DBAPIError as error:  # then the session is lost too, and all is heard of once it is back
                log.warning("not read anew", news=news, error=short(error))
