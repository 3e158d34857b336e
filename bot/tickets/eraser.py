"""Erases outside of the database what was deleted in it: messages, images, what the engine keeps.

Rule: what cannot be erased for now is tried again until it can, over restarts too; nothing waits for it, and one thing
that fails keeps no other from being erased.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

import discord
import structlog
from sqlalchemy.exc import DBAPIError

from bot.engine_client import EngineClient, ExternalWait
from bot.errors import DiscordTrouble, EngineUnreachable, is_passing, short
from bot.storage.erasures import Erasure, Kind
from bot.storage.inbox import Inbox
from bot.storage.shelf import Shelf
from bot.storage.store import Store
from bot.tickets.pauses import pauses
from engine.protocol import CrashPoint, ErrorCode, Refusal, reach

log = structlog.get_logger(__name__)

ERASE_SECONDS = 60.0  # for one thing, after which it is another one's turn
_AT_ONCE = 100
_ARCHIVED_THREAD = 50083


@dataclass
class Eraser:
    """Works while there is something to erase; `wake` it whenever there may be."""

    client: discord.Client
    store: Store
    inbox: Inbox
    shelf: Shelf
    engine: EngineClient
    external_wait: ExternalWait

    def __post_init__(self) -> None:
        self._task: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There is something to erase, perhaps."""
        self._woken.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._erase_all(), name="eraser")

    async def close(self) -> None:
        """Leave the rest to the next process."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _erase_all(self) -> None:
        retries = pauses()
        while self._woken.is_set():
            self._woken.clear()
            try:
                left = await self._erase_once()
            except DBAPIError as error:
                log.warning("nothing erased", error=short(error))
                left = 1
            if left:
                await self.external_wait(self._nap(next(retries)), "the next try to erase")
                self._woken.set()

    async def _nap(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    async def _erase_once(self) -> int:
        """Try everything once; returns how much is left."""
        last = left = 0
        while some := await self.store.erasures.after(last, _AT_ONCE):
            for erasure in some:
                last = erasure.id or 0
                if await self._is_erased(erasure):
                    reach(CrashPoint.BOT_ERASED)
                    await self.store.erasures.done(last)
                else:
                    left += 1
        return left

    async def _is_erased(self, erasure: Erasure) -> bool:
        try:
            async with asyncio.timeout(ERASE_SECONDS):
                await self._erase(erasure)
        except (EngineUnreachable, *DiscordTrouble) as error:
            if is_passing(error):
                log.warning("erased later", what=erasure.kind, ticket=erasure.ticket_id, error=short(error))
                return False
            log.info("not to be erased", what=erasure.kind, ticket=erasure.ticket_id, error=short(error))
        except Refusal as refusal:
            if refusal.code is ErrorCode.BAD_TOKEN:  # for the bot's owner to mend
                log.warning("erased later", what=erasure.kind, ticket=erasure.ticket_id, error=str(refusal))
                return False
            log.error("not to be erased", what=erasure.kind, ticket=erasure.ticket_id, error=str(refusal))
        return True

    async def _erase(self, erasure: Erasure) -> None:
        match erasure:
            case Erasure(kind=Kind.JOB):
                await self.engine.delete(erasure.ticket_id)
            case Erasure(kind=Kind.IMAGES):
                await self.inbox.drop(erasure.ticket_id)
                await self.shelf.drop(erasure.ticket_id)
            case Erasure(channel_id=int(channel), message_id=int(message)):
                await self._delete_message(channel, message)

    async def _delete_message(self, channel_id: int, message_id: int) -> None:
        message = self.client.get_partial_messageable(channel_id).get_partial_message(message_id)
        try:
            await message.delete()
        except discord.HTTPException as error:
            if error.code != _ARCHIVED_THREAD:
                raise
            thread = await self.client.fetch_channel(channel_id)
            if isinstance(thread, discord.Thread):
                await thread.edit(archived=False)
                await message.delete()
                await thread.edit(archived=True)
