"""Results as one picture: their files are brought together, and the engine draws.

Rule: what is not in Discord any more is not shown, whoever was here to hear of its deletion. A file is on the disk without a
name for as long as it takes, and one result is in memory at a time.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

import discord
import structlog

from bot.engine_client import EngineClient, Rendered
from bot.errors import BotError, EngineUnreachable, is_passing
from bot.orders import attachments
from bot.storage.posts import Posted
from bot.storage.tickets import Ticket
from bot.tickets.deletion import Deletion
from bot.tickets.delivery import message_of
from bot.words.result import result_stem
from engine.protocol import MAX_BODY_BYTES, ErrorCode, Refusal

log = structlog.get_logger(__name__)

SHEET_BYTES = 4 * 2**20
SIDE = 512  # pixels of a result, of which less is shown
RESULT_BYTES = 2**19  # of it
_ROOM = MAX_BODY_BYTES - 2**20  # for all files together


@dataclass(frozen=True)
class Wanted:
    """A result, and the message that shows it."""

    ticket: Ticket
    post: Posted


@dataclass(frozen=True)
class Sheets:
    """What has sheets drawn."""

    client: discord.Client
    engine: EngineClient
    deletion: Deletion
    folder: Path

    async def draw(
        self, wanted: Mapping[int, Wanted], places: int, max_bytes: int
    ) -> tuple[Rendered, set[int]] | None:
        """One picture of results in their places, and which are on it; None if there is none of them any more.

        Raises EngineUnreachable, and what Discord does: a later try may succeed.
        """
        brought = {number: partial(self._bring, each) for number, each in wanted.items()}
        return await self.draw_brought(brought, places, max_bytes)

    async def draw_brought(
        self, wanted: Mapping[int, Callable[[], Awaitable[bytes | None]]], places: int, max_bytes: int
    ) -> tuple[Rendered, set[int]] | None:
        """The same of whatever is brought, one after the other. Raises what bringing does."""
        with ExitStack() as files:
            brought: dict[int, IO[bytes]] = {}
            room = _ROOM
            for number, bring in wanted.items():
                data = await bring()
                if data is None or len(data) > room:
                    continue
                room -= len(data)
                brought[number] = files.enter_context(await asyncio.to_thread(self._keep, data))
            if not brought:
                return None
            try:
                drawn = await self.engine.collage(brought, places, max_bytes=min(max_bytes, SHEET_BYTES))
            except Refusal as refusal:  # as none of them can be read
                log.warning("sheet not drawn", code=refusal.code)
                return None
        return drawn, {*brought}

    async def _bring(self, wanted: Wanted) -> bytes | None:
        """A result's file, small if the engine still has it, or as it is in Discord; None if it is gone."""
        try:
            message = await message_of(self.client, wanted.post)
        except discord.NotFound:
            await self.deletion.messages_gone([wanted.post.message_id])
            return None
        except discord.Forbidden:
            return None
        try:
            small = await self.engine.result(
                wanted.ticket.job_id or "-", max_side=SIDE, max_bytes=RESULT_BYTES
            )
        except Refusal as refusal:
            if refusal.code is not ErrorCode.NOT_FOUND:
                log.warning("result not brought", ticket=wanted.ticket.id, code=refusal.code)
            return await self._download(message, wanted.ticket)
        return small.data

    async def _download(self, message: discord.Message, ticket: Ticket) -> bytes | None:
        stem = result_stem(ticket)
        found = next((each for each in message.attachments if stem in each.filename), None)
        if found is None:
            return None
        try:
            return await attachments.download(self.client, found.url, "previous")
        except (BotError, Refusal) as error:
            if isinstance(error, EngineUnreachable) or is_passing(error):
                raise
            return None

    def _keep(self, data: bytes) -> IO[bytes]:
        file = tempfile.TemporaryFile(dir=self.folder)  # noqa: SIM115 - whoever keeps it closes it
        try:
            file.write(data)
        except OSError:
            file.close()
            raise
        return file
