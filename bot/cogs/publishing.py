"""Tell Discord which commands there are, when they are others than before.

Rule: after all else has begun, and nothing ends for it: what Discord refuses for now is tried again later. Discord
keeps the commands of a bot that is away, and takes two hundred changes a day.
"""

import asyncio
import hashlib
import json
from asyncio import sleep as pause
from http import HTTPStatus
from pathlib import Path
from typing import Any

import discord
import structlog
from discord import app_commands
from discord.ext import commands

from bot.errors import DiscordTrouble, short
from bot.studio import Studio, StudioClient
from engine.protocol import CrashPoint, reach

log = structlog.get_logger(__name__)

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 30.0, 3600.0
FILE = "commands.sha256"  # in the data directory: of those that Discord knows


class Publishing(commands.Cog):
    """Compares the commands with those that were published last, by a hash."""

    def __init__(self, studio: Studio, client: StudioClient) -> None:
        self._client, self._file = client, studio.config.data_dir.resolve() / FILE
        self._is_mine = studio.store.shards.have_first  # one of several processes does it for all
        self._publishing: asyncio.Task[None] | None = None

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """A session has begun."""
        application_id = self._client.application_id
        if self._is_mine and application_id and (self._publishing is None or self._publishing.done()):
            self._publishing = asyncio.create_task(self._publish(application_id), name="publish commands")

    async def cog_unload(self) -> None:
        """Try no further; the next process begins anew."""
        if self._publishing is not None:
            self._publishing.cancel()
            await asyncio.gather(self._publishing, return_exceptions=True)

    async def _publish(self, application_id: int) -> None:
        seconds = FIRST_PAUSE_SECONDS
        known = await asyncio.to_thread(_read, self._file)
        told = await described(self._client.tree)
        wanted = fingerprint(told, application_id)
        while wanted != known:
            try:
                # As the tree's own `sync` does, but for translating all of it a second time.
                await self._client.http.bulk_upsert_global_commands(application_id, told)
                reach(CrashPoint.BOT_COMMANDS_PUBLISHED)
                known = wanted
                await asyncio.to_thread(self._file.write_text, wanted, encoding="utf-8")
                log.info("commands published", commands=len(told))
            except DiscordTrouble as error:
                if isinstance(error, discord.HTTPException) and error.status == HTTPStatus.BAD_REQUEST:
                    log.exception("commands not published, and never will be like this")
                    return
                log.warning("commands not published yet", error=short(error), again_in=seconds)
                await pause(seconds)
                seconds = min(2 * seconds, LONGEST_PAUSE_SECONDS)


async def described(tree: app_commands.CommandTree[Any]) -> list[dict[str, Any]]:
    """All that Discord is told of the commands, in every language."""
    translator = tree.translator
    return [
        command.to_dict(tree)
        if translator is None
        else await command.get_translated_payload(tree, translator)
        for command in tree.get_commands()
    ]


def fingerprint(told: list[dict[str, Any]], application_id: int) -> str:
    """A hash of what Discord is told of the commands, and of whose they are."""
    text = json.dumps([application_id, told], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _read(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
