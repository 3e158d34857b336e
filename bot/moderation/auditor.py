"""Posts into the audit channels of servers what has happened there, many lines in one message.

Rule: nobody is rung for, and no picture is shown: whoever may see one, sees it where it is. One message a channel and turn,
so that a busy server costs no more than a quiet one. What a channel does not take waits for a day. Lines that were begun
with are looked for before they are posted again: Discord knows a nonce for minutes.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import discord
import structlog
from sqlalchemy.exc import DBAPIError

from bot.engine_client import ExternalWait
from bot.errors import DiscordTrouble, short
from bot.languages import speaking
from bot.orders.permissions import lacking_in_audit
from bot.storage.ledger import Entry, What
from bot.storage.store import Store
from bot.tickets.lineage import result_link
from bot.words import audit as words
from bot.words import purge as purge_words
from bot.words import setup as setup_words
from bot.words.post import MESSAGE_LIMIT, shortened
from engine.protocol import CrashPoint, StyleCard, reach

log = structlog.get_logger(__name__)

TURN_SECONDS = 5.0  # between two messages in a channel, and in which lines gather
RETRY_SECONDS = 300.0  # for a channel that takes none
_LINES = 25  # of a message at most
_LINE_LIMIT = 400  # characters
_SEND_SECONDS = 60.0
_SKEW = timedelta(minutes=1)  # between Discord's clock and this one
_LINK = re.compile(r"/\d+\)$")  # to one result, at the end of a line


class Auditor:
    """Works while there is something to tell."""

    def __init__(
        self,
        client: discord.Client,
        store: Store,
        styles: Callable[[], Sequence[StyleCard]],
        external_wait: ExternalWait,
    ) -> None:
        self._client, self._store, self._styles = client, store, styles
        self._external_wait = external_wait
        self._task: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        store.ledger.listen(self.wake)

    def wake(self) -> None:
        """There is something to tell, perhaps a moment later."""
        self._woken.set()

    def resume(self) -> None:
        """Tell from now on, first what a former process has left."""
        if self._task is None:
            self._task = asyncio.create_task(self._tell_all(), name="audit channels")
            self.wake()

    async def close(self) -> None:
        """Leave the rest to the next process."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _tell_all(self) -> None:
        pause, left = TURN_SECONDS, False
        while True:
            if not left:
                await self._external_wait(self._woken.wait(), "something to tell moderators")
            await self._external_wait(self._nap(pause), "lines for the audit channels")
            self._woken.clear()
            try:
                told, left = await self._tell_once()
            except DBAPIError as error:
                log.warning("nothing told to moderators", error=short(error))
                told, left = False, True
            pause = TURN_SECONDS if told or not left or self._woken.is_set() else RETRY_SECONDS

    async def _nap(self, seconds: float) -> None:
        """Let lines gather; for as long as a channel takes none, until there is something new."""
        if seconds == TURN_SECONDS:
            await asyncio.sleep(seconds)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    async def _tell_once(self) -> tuple[bool, bool]:
        """One message in each channel; whether any was posted, and whether anything is left."""
        told = False
        for channel_id in await self._store.ledger.channels():
            told = await self._tell(channel_id) or told
        return told, bool(await self._store.ledger.channels())

    async def _tell(self, channel_id: int) -> bool:
        """Post the next lines of a channel; whether it was done."""
        entries = await self._store.ledger.next(channel_id, _LINES)
        channel = self._client.get_channel(channel_id)
        if not entries:
            return False
        if channel is None and self._is_gone(entries[0]):
            await self._store.ledger.done(entries)
            return True
        if not isinstance(channel, discord.TextChannel) or lacking_in_audit(channel):
            return False
        begun = entries[0].batch is not None
        with speaking(self._store.settings.language(channel.guild)):
            entries, text = await self._text(entries)
        if begun and await self._is_posted(channel, entries, text):
            await self._store.ledger.done(entries)
            return True
        batch = await self._store.ledger.begin(entries)
        reach(CrashPoint.BOT_AUDIT_BEGUN)
        try:
            async with asyncio.timeout(_SEND_SECONDS):
                await channel.send(
                    text,
                    nonce=_nonce(batch, entries[0]),
                    suppress_embeds=True,
                    silent=True,
                    allowed_mentions=discord.AllowedMentions.none(),
                )
        except DiscordTrouble as error:
            log.warning("audit line not posted", channel=channel_id, error=short(error))
            return False
        reach(CrashPoint.BOT_AUDIT_POSTED)
        await self._store.ledger.done(entries)
        return True

    async def _is_posted(self, channel: discord.TextChannel, entries: Sequence[Entry], text: str) -> bool:
        """Whether lines that were begun with are in their channel; they may say otherwise by now of what is gone."""
        since = datetime.fromtimestamp(min(each.at for each in entries), UTC) - _SKEW
        led = {line for line in text.splitlines() if _LINK.search(line)}
        try:
            async for message in channel.history(limit=None, after=since):
                shown = message.content
                if message.author == self._client.user and (shown == text or led & {*shown.splitlines()}):
                    return True
        except DiscordTrouble as error:
            log.info("audit channel not read", channel=channel.id, error=short(error))
        return False

    def _is_gone(self, entry: Entry) -> bool:
        """Whether a channel that is not known is none any more: the server is there, and does not have it."""
        guild = self._client.get_guild(entry.server_id)
        return self._client.is_ready() and (guild is None or not guild.unavailable)

    async def _text(self, entries: Sequence[Entry]) -> tuple[list[Entry], str]:
        """As many of the lines as fit in a message, and these."""
        told, text = list[Entry](), ""
        for entry in entries:
            line = shortened(await self._line(entry), _LINE_LIMIT)
            if told and len(text) + 1 + len(line) > MESSAGE_LIMIT:
                break
            told.append(entry)
            text = f"{text}\n{line}" if text else line
        return told, text

    async def _line(self, entry: Entry) -> str:
        match entry.what:
            case What.PAINTED:
                ticket = await self._store.tickets.find(str(entry.facts["ticket"]))
                if ticket is None or ticket.result_message_id is None:
                    return words.painted_and_gone(entry)
                return words.painted(entry, ticket, await result_link(self._store, ticket))
            case What.CHANGED:
                changes = await self._store.settings.act(entry.facts["act"], entry.server_id)
                return words.changed(entry, setup_words.changed(changes, self._styles()))
            case What.PURGED:
                return words.purged(entry, purge_words.in_audit(**entry.facts))
            case _:
                return words.done(entry)


def _nonce(batch: int, first: Entry) -> str:
    """What makes a message of a batch the same one: when its first line was written too, as numbers come again."""
    return f"audit-{batch:x}-{int(first.at * 1000):x}"
