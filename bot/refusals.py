"""Saying no where there is no private answer, as to a reaction: by a reaction of the bot's own.

Rule: one mark a picture, whoever and however many are refused; in words one notice a channel and minute, to whoever was
first. A mark goes when its time is over, or with the last of the reactions that it was for. Those whom the moderators
have blocked are not answered at all.
"""

import asyncio
from collections.abc import Iterable

import discord
import structlog
from sqlalchemy.exc import DBAPIError

from bot.answers import Quiet, explain
from bot.errors import BotError, BotErrorCode, DiscordTrouble, is_passing, short
from bot.languages import speaking
from bot.storage.marks import Mark
from bot.storage.reactions import Reaction
from bot.storage.store import Store
from engine.protocol import CrashPoint, ErrorCode, Refusal, reach

log = structlog.get_logger(__name__)

LATER, NO = "\N{HOURGLASS WITH FLOWING SAND}", "\N{NO ENTRY SIGN}"
WATCH_SECONDS = 60.0  # after which marks are looked at again, since one may have come that goes earlier
LATER_SECONDS, NO_SECONDS = 300.0, 3600.0  # for which a mark stays, where nothing tells how long it is true

ENOUGH = 0.1  # of a mark's time, by which a later one has to outlast it to be kept

PASSING = {  # what is true no more a little later, without anybody doing something about it
    ErrorCode.QUEUE_FULL,
    ErrorCode.USER_QUEUE_FULL,
    ErrorCode.GROUP_QUEUE_FULL,
    ErrorCode.STORAGE_FULL,
    ErrorCode.STORAGE_DAMAGED,
    ErrorCode.NOT_READY,
    ErrorCode.BUSY,
    ErrorCode.DRAINING,
    BotErrorCode.TOO_MANY_OPEN,
    BotErrorCode.COOLING_DOWN,
    BotErrorCode.SERVER_TOO_MANY_OPEN,
    BotErrorCode.MEMBER_DAY_FULL,
    BotErrorCode.SERVER_DAY_FULL,
    BotErrorCode.PERSONAL_DAY_FULL,
    BotErrorCode.NOT_FINISHED,
    BotErrorCode.ENGINE_UNREACHABLE,
    BotErrorCode.ENGINE_BUSY,
    BotErrorCode.ENGINE_FULL,
    BotErrorCode.DISCORD_AWAY,
    BotErrorCode.DISK_FULL,
    BotErrorCode.IMAGES_AWAY,
    BotErrorCode.MEMORY_DAMAGED,
}
_SILENT = {
    BotErrorCode.BLOCKED,
    BotErrorCode.BARRED,
    BotErrorCode.SERVER_BARRED,
    BotErrorCode.ASKED_ENOUGH,
    BotErrorCode.ALREADY_UNDERWAY,
}
# Who may not write here is not to be written to, and who is switched off does not speak up by themselves.
_WORDLESS = {BotErrorCode.MAY_NOT, BotErrorCode.SWITCHED_OFF}


class Refusals:
    """What the bot has answered to reactions."""

    def __init__(self, client: discord.Client, store: Store) -> None:
        self._client, self._store = client, store
        self._quiet = Quiet()
        self._turn = asyncio.Lock()  # of marks, so that many at once make one
        # Until when the marks of this process stay, by message and emoji.
        self._until: dict[tuple[int, str], float] = {}
        self._watching: asyncio.Task[None] | None = None

    async def refuse(
        self,
        place: discord.abc.GuildChannel | discord.Thread,
        reaction: Reaction,
        error: Exception,
        counts: bool = True,
    ) -> None:
        """Say no to a reaction in a channel of a server, and why if there is need; counts: there is such a reaction."""
        with speaking(self._store.settings.language(place.guild)):
            sentence, code = explain(error, message=reaction.message_id), _code(error)
        told = []
        if code not in _SILENT:
            if code is not None:
                told.append(await self._mark(place, reaction.message_id, error))
            if code not in _WORDLESS and self._quiet.is_new(place.id):
                told.append(await self._say(place, reaction, sentence))
        reach(CrashPoint.BOT_REFUSAL_TOLD)
        if not counts or (told and not any(told)):  # then it is not seen yet, and the next look finds it
            return
        try:
            await self._store.reactions.refuse(reaction)
        except DBAPIError as failure:  # so it may be told once more
            log.warning("refusal not stored", message=reaction.message_id, error=short(failure))

    async def taken_back(self, reaction: Reaction) -> None:
        """A reaction is taken back; if it was the last that was refused, so are the marks."""
        if await self._store.reactions.take_back(reaction):
            async with self._turn:
                await self._unmark(await self._store.marks.take_of_message(reaction.message_id))

    def watch(self) -> None:
        """Take back marks when their time is over, for as long as there are any."""
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch(), name="marks")

    async def close(self) -> None:
        """Leave the marks to the next process."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)

    async def _watch(self) -> None:
        try:
            while (due := await self._store.marks.earliest()) is not None:
                now = discord.utils.utcnow().timestamp()
                if due > now:
                    await asyncio.sleep(min(due - now, WATCH_SECONDS))
                async with self._turn:
                    now = discord.utils.utcnow().timestamp()
                    await self._unmark(await self._store.marks.take_due(now))
                    self._until = {mark: until for mark, until in self._until.items() if until > now}
        except DBAPIError as error:  # the next mark has them looked at again
            log.warning("marks not looked at", error=short(error))

    async def _mark(
        self, place: discord.abc.GuildChannel | discord.Thread, message_id: int, error: Exception
    ) -> bool:
        """Mark a picture; False if Discord does not let that be done for now."""
        emoji, seconds = _sign(error)
        until = discord.utils.utcnow().timestamp() + seconds
        mark = Mark(message_id, emoji, place.id, place.guild.id, until)
        async with self._turn:
            known = self._until.get((message_id, emoji))
            # Of many who are refused at once, each by a moment later, none but the first has anything written.
            if known is not None and until <= known + seconds * ENOUGH:
                return True
            await self._store.marks.add(mark)
            self._until[message_id, emoji] = until
            if known is not None:
                return True
            reach(CrashPoint.BOT_MARK_STORED)
            self.watch()
            try:  # also if a former process has stored it, and did not live to do this
                await self._message(mark).add_reaction(emoji)
            except DiscordTrouble as trouble:
                log.info("refusal not marked", message=message_id, error=short(trouble))
                del self._until[message_id, emoji]  # the next one tries again
                return not is_passing(trouble)
            return True

    async def _unmark(self, marks: Iterable[Mark]) -> None:
        for mark in marks:
            self._until.pop((mark.message_id, mark.emoji), None)
            me = self._client.user
            if me is None:
                continue
            try:
                await self._message(mark).remove_reaction(mark.emoji, me)
            except DiscordTrouble as trouble:
                log.info("mark not removed", message=mark.message_id, error=short(trouble))

    def _message(self, mark: Mark) -> discord.PartialMessage:
        channel = self._client.get_partial_messageable(mark.channel_id, guild_id=mark.server_id)
        return channel.get_partial_message(mark.message_id)

    async def _say(
        self, place: discord.abc.GuildChannel | discord.Thread, reaction: Reaction, sentence: str
    ) -> bool:
        """Say it; False if Discord does not let that be done for now."""
        channel = self._client.get_partial_messageable(place.id, guild_id=place.guild.id)
        only_them = discord.AllowedMentions(users=[discord.Object(reaction.user_id)])
        try:
            await channel.send(
                f"<@{reaction.user_id}> {sentence}",
                allowed_mentions=only_them,
                reference=discord.MessageReference(
                    message_id=reaction.message_id, channel_id=place.id, fail_if_not_exists=False
                ),
                mention_author=False,
            )
        except DiscordTrouble as error:
            log.warning("refusal not delivered", channel=place.id, error=short(error))
            return not is_passing(error)
        return True


def is_passing_refusal(error: Exception) -> bool:
    """Whether the same may be taken a little later."""
    return _code(error) in PASSING


def _code(error: Exception) -> ErrorCode | BotErrorCode | None:
    return error.code if isinstance(error, Refusal | BotError) else None


def _sign(error: Exception) -> tuple[str, float]:
    """The mark for an answer, and for how many seconds it is true."""
    if not is_passing_refusal(error):
        return NO, NO_SECONDS
    facts = error.facts if isinstance(error, Refusal | BotError) else {}
    match facts:
        case {"seconds": int() | float() as seconds}:
            return LATER, seconds
        case {"at": int() as at}:
            return LATER, max(at - discord.utils.utcnow().timestamp(), 0.0)
        case {"minutes": int() as minutes}:
            return LATER, 60.0 * minutes
        case _:
            return LATER, LATER_SECONDS
