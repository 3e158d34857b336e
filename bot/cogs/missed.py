"""Make up for the time while the bot was away: the newest pictures of art channels are looked at.

Rule: in the background, slowly, and within bounds, so that neither a start nor a channel feels it. A reaction counts
only if nobody has seen it yet, and if it is still there when its turn comes; what finds the queue full waits. Pictures
without a palette get theirs, after all that was asked for. Nothing is looked at before the styles are known, so what was
posted until then is made up for too.
"""

import asyncio
from asyncio import sleep as pause
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import discord
import structlog
from discord.ext import commands
from sqlalchemy.exc import DBAPIError

from bot.cogs.palette import Palette
from bot.cogs.reactions import Reactions
from bot.errors import DiscordTrouble, is_passing, short
from bot.orders.venue import Channel, is_nsfw, settings_id
from bot.storage.reactions import Reaction
from bot.studio import Studio, StudioClient
from bot.styles import catalogue, palette
from bot.styles.palette import Tap

log = structlog.get_logger(__name__)

MESSAGES = 100  # of a channel, the newest
CHANNELS = 50  # those in which something was posted last
AGE = timedelta(days=3)  # of a message
USERS = 25  # of a reaction
PALETTES = 20  # the newest pictures without one
REQUESTS = 50  # at once; each further one of these waits for PAUSE_SECONDS
PAUSE_SECONDS = 2.0
RETRIES, RETRY_SECONDS = 60, 60.0  # for a place in the queue, or for Discord to tell what is in a channel
REFUSED = 3  # members in one go, after whom the queue counts as full for everybody
_TROUBLE = (DBAPIError, *DiscordTrouble)


@dataclass(frozen=True)
class _Missed:
    """A reaction that nobody has seen yet."""

    channel: Channel
    message_id: int
    member: discord.Member
    emoji: str
    tap: Tap


class Missed(commands.Cog):
    """Looks whenever the gateway begins anew, or a server is back: what happened in between nobody tells."""

    def __init__(self, studio: Studio, client: StudioClient, reactions: Reactions, palette: Palette) -> None:
        self._studio, self._client, self._reactions, self._palette = studio, client, reactions, palette
        self._looking: asyncio.Task[None] | None = None
        self._is_due = False  # a session has begun since the last look did
        self._requests = 0
        self._members: dict[tuple[int, int], discord.Member | None] = {}  # by server, asked for in one look

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """A session has begun; one that was resumed has missed nothing."""
        self._begin()

    @commands.Cog.listener()
    async def on_guild_available(self, _guild: discord.Guild) -> None:
        """A server is back after an outage, or was slower than the session: nobody has told what happened in it."""
        self._begin()

    def _begin(self) -> None:
        self._is_due = True
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_while_due(), name="missed reactions")

    async def cog_unload(self) -> None:
        """Look no further; the next process begins anew."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def _look_while_due(self) -> None:
        while self._is_due:
            if not self._studio.catalogue.styles():  # without which no emoji means anything
                await pause(catalogue.RETRY_SECONDS)
                continue
            self._is_due = False
            await self._look()

    async def _look(self) -> None:
        self._requests = 0
        self._members = {}
        full: deque[_Missed] = deque()
        left = await self._look_at(self._channels(), full)
        for _ in range(RETRIES):
            if not (full or left) or self._is_due:  # the look that is due finds them again
                return
            await pause(RETRY_SECONDS)
            left = await self._look_at(left, full)
            await self._take_in(full)

    async def _look_at(self, channels: Sequence[Channel], full: deque[_Missed]) -> list[Channel]:
        """Paint what was missed in channels; what finds the queue `full` is kept, and the channels are told that
        have to be looked at again."""
        found, left = 0, []
        bare: list[discord.Message] = []
        for channel in channels:
            try:
                async for message in self._pictures(channel):
                    bare += [message] if self._palette.is_missing(message) else []
                    async for missed in self._missed(channel, message):
                        found += 1
                        if not await self._paint(missed) and missed not in full:
                            full.append(missed)
            except _TROUBLE as error:
                log.info("channel not looked at", channel=channel.id, error=short(error))
                left += [channel] if is_passing(error) else []
        if found:
            log.info("missed reactions counted", found=found, full=len(full), requests=self._requests)
        await self._seed(bare)
        return left

    async def _seed(self, bare: list[discord.Message]) -> None:
        for message in sorted(bare, key=lambda message: message.id, reverse=True)[:PALETTES]:
            await self._turn(palette.REQUESTS)
            await self._palette.seed(message)

    async def _take_in(self, full: deque[_Missed]) -> None:
        """Paint what waits; whoever finds no place holds up nobody else, and is tried once each time."""
        refused: set[int] = set()
        for _ in range(len(full)):
            missed = full.popleft()
            if missed.member.id in refused:
                full.append(missed)
                continue
            try:
                is_done = not await self._is_there(missed) or await self._paint(missed)
            except _TROUBLE as error:
                log.info("missed reaction not looked at", message=missed.message_id, error=short(error))
                is_done = False
            if not is_done:
                refused.add(missed.member.id)
                full.append(missed)
                if len(refused) >= REFUSED:
                    return

    def _channels(self) -> list[Channel]:
        """The art channels and their threads, those first in which something was posted last."""
        found = [
            channel
            for guild in self._client.guilds
            if not self._studio.policy.is_quiet(guild.id)
            for channel in (*guild.channels, *guild.threads)
            if isinstance(channel, Channel)
            and self._studio.store.settings.channel(settings_id(channel)).is_art
            if channel.permissions_for(guild.me).read_message_history
        ]
        return sorted(found, key=lambda channel: channel.last_message_id or 0, reverse=True)[:CHANNELS]

    async def _pictures(self, channel: Channel) -> AsyncIterator[discord.Message]:
        """The newest pictures of a channel, the last one first. Raises what Discord does."""
        since = discord.utils.utcnow() - AGE
        await self._turn()
        async for message in channel.history(limit=MESSAGES, after=since, oldest_first=False):
            if await self._studio.sources.first(message) is not None:
                yield message

    async def _missed(self, channel: Channel, message: discord.Message) -> AsyncIterator[_Missed]:
        """The reactions to a picture that nobody has seen. Raises what Discord does, DBAPIError."""
        for reaction in message.reactions:
            emoji = str(reaction.emoji)
            tap = self._studio.palettes.tap(emoji, channel.guild.id, nsfw=is_nsfw(channel))
            if tap is None or reaction.count <= reaction.me:  # none, or the bot's palette alone
                continue
            await self._turn()
            async for user in reaction.users(limit=min(reaction.count, USERS)):
                if user.bot or await self._is_known(message.id, user.id, tap.name):
                    continue
                if (member := await self._member(channel, user)) is not None:
                    yield _Missed(channel, message.id, member, emoji, tap)

    async def _is_known(self, message_id: int, user_id: int, style: str) -> bool:
        return await self._studio.store.reactions.is_known(Reaction(message_id, user_id, style))

    async def _member(self, channel: Channel, user: discord.abc.User) -> discord.Member | None:
        """Who has reacted, with roles; None if they have left."""
        if isinstance(user, discord.Member):
            return user
        key = (channel.guild.id, user.id)
        if key not in self._members:
            await self._turn()
            try:
                self._members[key] = await channel.guild.fetch_member(user.id)
            except discord.NotFound:
                self._members[key] = None
                await self._studio.deletion.member_gone(*key)
        return self._members[key]

    async def _paint(self, missed: _Missed) -> bool:
        """Whether it need not wait for a place in the queue."""
        return await self._reactions.paint(
            missed.channel, missed.member, missed.message_id, missed.tap, may_wait=True
        )

    async def _is_there(self, missed: _Missed) -> bool:
        """Whether a reaction that had to wait was neither seen nor taken back meanwhile. Raises as `_missed`."""
        if await self._is_known(missed.message_id, missed.member.id, missed.tap.name):
            return False
        await self._turn()
        try:
            message = await missed.channel.fetch_message(missed.message_id)
        except discord.NotFound:
            return False
        just_before = discord.Object(missed.member.id - 1)
        for reaction in message.reactions:
            if str(reaction.emoji) == missed.emoji:
                users = reaction.users(limit=1, after=just_before)
                return any([member.id == missed.member.id async for member in users])
        return False

    async def _turn(self, requests: int = 1) -> None:
        """Wait for the turn to ask so much of Discord."""
        self._requests += requests
        if self._requests > REQUESTS:
            await pause(PAUSE_SECONDS * requests)
