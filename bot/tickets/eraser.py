"""Erases outside of the database what was deleted in it: messages, images, what the engine keeps.

Rule: what cannot be erased for now is tried again until it can, over restarts too; nothing waits for it, and one thing
that fails keeps no other from being erased: what Discord is asked for keeps nothing of the engine's waiting, nor of the
disk. Many messages of a channel go by one request where Discord lets the bot.
"""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

import discord
import structlog
from sqlalchemy.exc import DBAPIError

from bot.engine_client import EngineClient, ExternalWait
from bot.errors import DiscordTrouble, EngineUnreachable, is_passing, short
from bot.languages import speaking
from bot.storage.erasures import Erasure, Kind
from bot.storage.images import Images, Kept
from bot.storage.museum import DIGEST, IMAGE, THUMBNAIL
from bot.storage.store import Store
from bot.tickets.pauses import pauses
from bot.words import deletion as words
from engine.protocol import CrashPoint, ErrorCode, Refusal, reach

log = structlog.get_logger(__name__)

ERASE_SECONDS = 60.0  # for one thing, after which it is another one's turn
SWEPT_AGE = timedelta(
    days=13, hours=23
)  # of a message: Discord deletes none that is older than 14 days along with others
_AT_ONCE = 100  # as many as Discord takes in one request
_ARCHIVED_THREAD = 50083
# By who is asked. A style goes once nothing is painted in it any more, so it stays behind the jobs.
_LANES = ((Kind.MESSAGE,), (Kind.IMAGES,), (Kind.JOB, Kind.STYLE))


class _Lane:
    """What is erased one after the other."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self.kinds, self.woken = kinds, asyncio.Event()
        self.task: asyncio.Task[None] | None = None


@dataclass
class Eraser:
    """Works while there is something to erase; `wake` it whenever there may be."""

    client: discord.Client
    store: Store
    inbox: Images
    shelf: Kept
    museum: Images
    engine: EngineClient
    external_wait: ExternalWait

    def __post_init__(self) -> None:
        self._lanes = [_Lane(kinds) for kinds in _LANES]
        self._watched: list[Progress] = []

    def wake(self) -> None:
        """There is something to erase, perhaps."""
        for lane in self._lanes:
            lane.woken.set()
            if lane.task is None or lane.task.done():
                lane.task = asyncio.create_task(self._erase_all(lane), name=f"eraser of {lane.kinds[0]}s")

    async def close(self) -> None:
        """Leave the rest to the next process."""
        tasks = [lane.task for lane in self._lanes if lane.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _erase_all(self, lane: _Lane) -> None:
        retries = pauses()
        while lane.woken.is_set():
            lane.woken.clear()
            try:
                left = await self._erase_once(lane.kinds)
            except DBAPIError as error:
                log.warning("nothing erased", error=short(error))
                left = 1
            if left:
                await self.external_wait(_nap(lane, next(retries)), "the next try to erase")
                lane.woken.set()

    @contextmanager
    def watching(self, message_ids: Collection[int]) -> Iterator["Progress"]:
        """Hear of messages that are erased, for as long as this lasts."""
        progress = Progress(set(message_ids), self.external_wait)
        self._watched.append(progress)
        try:
            yield progress
        finally:
            self._watched.remove(progress)

    async def _erase_once(self, kinds: Sequence[Kind]) -> int:
        """Try everything of these kinds once; returns how much is left."""
        last = left = 0
        while some := await self.store.erasures.after(last, _AT_ONCE, kinds):
            last = some[-1].id or 0
            for together in self._together(some):
                done = await self._erased(together)
                left += len(together) - len(done)
                if done:
                    reach(CrashPoint.BOT_ERASED)
                    await self.store.erasures.done(*(each.id for each in done if each.id is not None))
                for each in self._watched:
                    each.hear(done)
        return left

    def _together(self, some: Sequence[Erasure]) -> list[list[Erasure]]:
        """What can be erased by one request each: many messages of a channel in which the bot moderates."""
        groups: list[list[Erasure]] = []
        of_channel: dict[int, list[Erasure]] = {}
        for erasure in some:
            if erasure.channel_id is None or not self._may_sweep(erasure):
                groups.append([erasure])
            elif erasure.channel_id in of_channel:
                of_channel[erasure.channel_id].append(erasure)
            else:
                groups.append(of_channel.setdefault(erasure.channel_id, [erasure]))
        return groups

    def _may_sweep(self, erasure: Erasure) -> bool:
        """Whether a message can be deleted along with others."""
        channel = self.client.get_channel(erasure.channel_id or 0)
        if erasure.message_id is None or not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
            return False
        if isinstance(channel, discord.ForumChannel):  # in which each is a thread
            return False
        is_young = discord.utils.snowflake_time(erasure.message_id) > discord.utils.utcnow() - SWEPT_AGE
        return is_young and channel.permissions_for(channel.guild.me).manage_messages

    async def _erased(self, together: Sequence[Erasure]) -> list[Erasure]:
        """Those of them that are erased."""
        if len(together) > 1 and await self._is_swept(together):
            return [*together]
        return [each for each in together if await self._is_erased(each)]

    async def _is_swept(self, together: Sequence[Erasure]) -> bool:
        """Whether Discord has deleted all of these messages at once; if not, each is tried by itself."""
        message_ids = dict.fromkeys(each.message_id for each in together if each.message_id is not None)
        channel_id = together[0].channel_id
        if len(message_ids) < 2 or channel_id is None:
            return False
        try:
            async with asyncio.timeout(ERASE_SECONDS):
                await self.client.http.delete_messages(channel_id, [*message_ids])
        except DiscordTrouble as error:
            log.info("not swept", channel=channel_id, messages=len(message_ids), error=short(error))
            return False
        return True

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
            case Erasure(kind=Kind.STYLE):
                await self._erase_style(erasure.ticket_id)
            case Erasure(channel_id=int(channel), message_id=int(message)):
                await self._delete_message(channel, message)

    async def _erase_style(self, style_id: str) -> None:
        """The picture goes first; its digest stays until the engine has forgotten what it has measured of it."""
        await self.museum.remove(style_id, IMAGE, THUMBNAIL)
        with suppress(FileNotFoundError):
            await self.engine.forget_style((await self.museum.read(style_id, DIGEST)).decode())
        await self.museum.drop(style_id)

    async def _delete_message(self, channel_id: int, message_id: int) -> None:
        if self.client.get_channel(channel_id) is None:
            await self.client.wait_until_ready()  # what kind of a channel it is, is known then
        if isinstance(self.client.get_channel(channel_id), discord.ForumChannel):
            await self._delete_post(message_id)
            return
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

    async def _delete_post(self, post_id: int) -> None:
        """Delete our post in a forum: what others have said in it stays, and nothing of ours, the title neither."""
        post = await self.client.fetch_channel(post_id)
        if not isinstance(post, discord.Thread):
            return
        said = [message async for message in post.history(limit=1, after=discord.Object(post_id))]
        if not said and post.permissions_for(post.guild.me).manage_threads:
            await post.delete()
            return
        if post.archived:
            await post.edit(archived=False)
        with suppress(discord.NotFound):
            await post.get_partial_message(post_id).delete()
        with speaking(self.store.settings.language(post.guild)):
            await post.edit(name=words.POST_GONE(), archived=True)


async def _nap(lane: _Lane, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await lane.woken.wait()


class Progress:
    """The messages of a sweep that are not erased yet."""

    def __init__(self, left: set[int], external_wait: ExternalWait) -> None:
        self.left, self._external_wait, self._changed = left, external_wait, asyncio.Event()

    def hear(self, erased: Collection[Erasure]) -> None:
        """These are."""
        gone = {each.message_id for each in erased if each.message_id is not None} & self.left
        if gone:
            self.left -= gone
            self._changed.set()

    async def changed(self) -> None:
        """Wait until one more is."""
        await self._external_wait(self._changed.wait(), "a message to be erased")
        self._changed.clear()
