"""Results as one picture: their files are brought together, and the engine draws.

Rule: what is not in Discord any more is not shown, whoever was here to hear of its deletion. There is room for everybody: each
file is made as small as its share of it. It is on the disk without a name for as long as it takes, and one is in memory at a time.
"""

import os
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import discord
import structlog

from bot.engine_client import EngineClient, Rendered, Sent, opened
from bot.errors import BotError, EngineUnreachable, is_passing
from bot.orders import attachments
from bot.storage.posts import Posted
from bot.storage.tickets import Ticket
from bot.tickets.deletion import Deletion
from bot.tickets.delivery import message_of
from bot.words.result import result_stem
from engine.protocol import MAX_BODY_BYTES, MAX_SHEET, MIN_RENDITION_BYTES, ErrorCode, Refusal

log = structlog.get_logger(__name__)

SHEET_BYTES = 4 * 2**20
SIDE, SMALL_SIDE = 512, 256  # pixels of a result, of which less is shown; the second where there are many
RESULT_BYTES = 2**19  # of it, at most
_ROOM = MAX_BODY_BYTES - 2**20  # for all files together


@dataclass(frozen=True)
class Wanted:
    """A result, and the message that shows it."""

    ticket: Ticket
    post: Posted


@dataclass(frozen=True)
class _Size:
    """What a result may have on a sheet: pixels of its long side, and bytes."""

    side: int
    most: int


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
        share = max(_ROOM // max(len(wanted), 1), MIN_RENDITION_BYTES)
        size = _Size(SIDE if places <= MAX_SHEET else SMALL_SIDE, min(RESULT_BYTES, share))
        brought = {number: partial(self._bring, each, size) for number, each in wanted.items()}
        return await self.draw_brought(brought, places, max_bytes)

    async def draw_brought(
        self, wanted: Mapping[int, Callable[[], Awaitable[bytes | None]]], places: int, max_bytes: int
    ) -> tuple[Rendered, set[int]] | None:
        """The same of whatever is brought, one after the other. Raises what bringing does."""
        with ExitStack() as files:
            brought: dict[int, Sent] = {}
            room = _ROOM
            for number, bring in wanted.items():
                data = await bring()
                if data is None or len(data) > room:
                    continue
                room -= len(data)
                brought[number] = files.enter_context(await opened(partial(self._keep, data)))
            if not brought:
                return None
            try:
                drawn = await self.engine.collage(brought, places, max_bytes=min(max_bytes, SHEET_BYTES))
            except Refusal as refusal:  # as none of them can be read
                log.warning("sheet not drawn", code=refusal.code)
                return None
        return drawn, {*brought}

    async def _bring(self, wanted: Wanted, size: _Size) -> bytes | None:
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
                wanted.ticket.job_id or "-", max_side=size.side, max_bytes=size.most
            )
        except Refusal as refusal:
            if refusal.code is not ErrorCode.NOT_FOUND:
                log.warning("result not brought", ticket=wanted.ticket.id, code=refusal.code)
            return await self._download(message, wanted.ticket, size)
        return small.data

    async def _download(self, message: discord.Message, ticket: Ticket, size: _Size) -> bytes | None:
        stem = result_stem(ticket)
        found = next((each for each in message.attachments if stem in each.filename), None)
        if found is None:
            return None
        try:
            data = await attachments.download(self.client, found.url, "previous")
            return data if len(data) <= size.most else await self._shrunk(data, size)
        except (BotError, Refusal) as error:
            if isinstance(error, EngineUnreachable) or is_passing(error):
                raise
            return None

    async def _shrunk(self, data: bytes, size: _Size) -> bytes:
        """A picture as large as it is shown, if the engine can make it so; raises EngineUnreachable."""
        try:
            return (await self.engine.redrawn(data, size.side, size.most)).data
        except Refusal as refusal:
            log.info("result not made small", code=refusal.code)
            return data

    def _keep(self, data: bytes) -> Sent:
        with tempfile.TemporaryFile(dir=self.folder) as file:
            file.write(data)
            file.flush()
            return Sent(os.dup(file.fileno()))
