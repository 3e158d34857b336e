"""What happens to stars, handed on to whoever keeps the galleries.

Rule: what is said of one message is taken in one after the other, or a star that is taken back at once would stay. A message that
nobody has starred before is read once, with the stars that it has by then.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from weakref import WeakValueDictionary

import discord
from cachetools import TTLCache

from bot.gallery.exhibits import Exhibits
from bot.gallery.givers import Giver
from bot.gallery.keeper import Keeper
from bot.orders.policy import DAY_SECONDS, Policy
from bot.orders.venue import Channel, is_nsfw
from bot.storage import gallery
from bot.storage.ledger import What
from bot.storage.stars import Cleared, Out, Piece, Recounted, Star, Taken, pieces
from bot.storage.store import Store
from bot.styles.search import plain_emoji
from engine.protocol import CrashPoint, reach

USERS = 500  # of a reaction, that are asked for; one of more is not counted anew
MOST_WAITING = 200  # pictures that are taken up at once, the newest
_MEMBERS = 50  # that are asked for in a look at one message
_WITHOUT, _WITHOUT_SECONDS = 10_000, 600.0  # messages without a picture


class _Given:
    """The stars of a message as they are known, to be found by whoever has given them."""

    def __init__(self, stars: Collection[Star]) -> None:
        self.emojis = {star.emoji for star in stars}
        self._named = {(star.user_id, star.emoji, star.burst): star for star in stars}
        self._nameless = [star for star in stars if star.user_id < 0]

    def of(self, user_id: int, emoji: str, burst: bool) -> Star | None:
        """The star of somebody; of whom nothing is known, perhaps it is one whose giver was forgotten, and stays so."""
        if (star := self._named.get((user_id, emoji, burst))) is not None:
            return star
        same = [each for each in self._nameless if (each.emoji, each.burst) == (emoji, burst)]
        if same:
            self._nameless.remove(same[0])
        return same[0] if same else None


class Galleries:
    """The stars of all servers that have a gallery."""

    def __init__(
        self, client: discord.Client, store: Store, policy: Policy, exhibits: Exhibits, keeper: Keeper
    ) -> None:
        self._client, self._store, self._policy = client, store, policy
        self.exhibits, self._keeper = exhibits, keeper
        self._without: TTLCache[int, None] = TTLCache(_WITHOUT, _WITHOUT_SECONDS)
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def is_on(self, server_id: int) -> bool:
        """Whether a server has a gallery."""
        return bool(self._store.settings.galleries(server_id))

    def is_star(self, server_id: int, emoji: str) -> bool:
        """Whether an emoji is what a server stars with, in whichever colour of skin."""
        return named(emoji) == named(self._store.settings.server(server_id).star)

    async def starred(self, channel: Channel, message_id: int, giver: Giver, emoji: str, burst: bool) -> None:
        """A member has starred a message. Raises what Discord does."""
        if giver.is_bot:
            return
        emoji = kept(emoji)
        async with self._turn(message_id):
            piece = await self._piece(channel, message_id)
            if piece is None:
                return
            star = giver.star(piece, message_id, emoji, burst, _now())
            if star is not None:
                await self._store.stars.change(star)
                reach(CrashPoint.BOT_STAR_STORED)
        self._keeper.wake(piece.server_id, [piece.id])

    async def unstarred(self, server_id: int, taken: Taken) -> None:
        """A star is taken back, or a reaction that was none."""
        await self._changed(server_id, replace(taken, emoji=kept(taken.emoji)))

    async def cleared(self, server_id: int, cleared: Cleared) -> None:
        """A moderator has taken away the reactions of a message."""
        emoji = kept(cleared.emoji) if cleared.emoji is not None else None
        await self._changed(server_id, replace(cleared, emoji=emoji))

    async def _changed(self, server_id: int, change: Taken | Cleared) -> None:
        async with self._turn(change.message_id):
            piece_id = await self._store.stars.starred(change.message_id)
            if piece_id is not None:
                await self._store.stars.change(change)
                self._keeper.wake(server_id, [piece_id])

    def _turn(self, message_id: int) -> asyncio.Lock:
        return self._turns.setdefault(message_id, asyncio.Lock())

    async def _piece(self, channel: Channel, message_id: int) -> Piece | None:
        piece = await self.exhibits.known(message_id, channel.guild.id)
        if piece is not None or message_id in self._without:
            return piece
        if not (self.is_on(channel.guild.id) and await self.exhibits.may_show_one(channel, message_id)):
            return None
        try:
            message = await channel.fetch_message(message_id)
        except discord.NotFound:
            return None
        piece = await self.exhibits.learn(message, channel)
        if piece is None:
            self._without[message_id] = None
        else:
            await self._recount(message, piece)
        return piece

    async def recount(self, message: discord.Message, channel: Channel) -> int:
        """Have the stars of a message be those that it has now; how many requests that took. Raises what Discord does."""
        server_id = channel.guild.id
        async with self._turn(message.id):
            piece = await self.exhibits.known(message.id, server_id)
            has_any = any(self.is_star(server_id, str(each.emoji)) for each in message.reactions)
            if piece is None and has_any and await self.exhibits.may_show_one(channel, message.id):
                piece = await self.exhibits.learn(message, channel)
            if piece is None:
                return 0
            requests = await self._recount(message, piece)
        self._keeper.wake(server_id, [piece.id])
        return requests

    async def _recount(self, message: discord.Message, piece: Piece) -> int:
        given = await self._store.stars.given(message.id)
        known = _Given(given)
        asked = _MEMBERS
        found: list[Star] = []
        requests = 0
        for reaction in message.reactions:
            emoji = kept(str(reaction.emoji))
            if not (self.is_star(piece.server_id, str(reaction.emoji)) or emoji in known.emojis):
                continue
            if reaction.count > USERS:
                return requests
            for burst, count in ((False, reaction.normal_count), (True, reaction.burst_count)):
                if not count:
                    continue
                kind = discord.ReactionType.burst if burst else discord.ReactionType.normal
                requests += 1
                async for user in reaction.users(limit=count, type=kind):
                    if user.bot:
                        continue
                    star = known.of(user.id, emoji, burst)
                    if star is None and asked:
                        asked -= 1
                        requests += 1
                        star = await self._star_of(user, piece, message.id, emoji, burst)
                    found += [star] if star is not None else []
        if set(found) != set(given):
            await self._store.stars.change(Recounted(message.id, tuple(found)))
        return requests

    async def _star_of(
        self, user: discord.abc.User, piece: Piece, message_id: int, emoji: str, burst: bool
    ) -> Star | None:
        """The star of somebody who gave it while nobody was here; None if they have left."""
        guild = self._client.get_guild(piece.server_id)
        if guild is None:
            return None
        try:
            member = user if isinstance(user, discord.Member) else await guild.fetch_member(user.id)
        except discord.NotFound:
            return None
        return Giver.of(member).star(piece, message_id, emoji, burst, _now())

    # --- places, members --------------------------------------------------------------------------------------

    async def channel_changed(self, channel: discord.abc.GuildChannel) -> None:
        """Perhaps not everybody may see it any more, or it has an age restriction now."""
        await self.note_restrictions([channel])
        found = {*(await self.exhibits.restrict(channel) if is_nsfw(channel) else ())}
        here = pieces.c.settings_id == channel.id
        found |= {piece.id for piece in await self._store.stars.of(here)}
        found |= {
            entry.piece_id for entry in await self._store.gallery.of(gallery.table.c.channel_id == channel.id)
        }
        self._keeper.wake(channel.guild.id, found)

    async def note_restrictions(self, channels: Sequence[discord.abc.GuildChannel]) -> None:
        """Remember in which channels of a server there is an age restriction now, and that in the others there is none."""
        by_kind: dict[bool, list[int]] = {True: [], False: []}
        for each in channels:
            by_kind[is_nsfw(each)].append(each.id)
        if channels:
            server_id = channels[0].guild.id
            await self._store.restrictions.note(server_id, by_kind[True], by_kind[False], _now())

    async def server_changed(self, server_id: int) -> None:
        """Its roles, or the bot was away: look at all that hangs in its gallery."""
        entries = await self._store.gallery.of(gallery.table.c.server_id == server_id)
        self._keeper.wake(server_id, [entry.piece_id for entry in entries])

    async def reconsider(self, server_id: int) -> None:
        """A process begins, its settings are others, or it has the bot work again.

        Also what hangs nowhere may have enough stars now, or had before anybody could post it.
        """
        await self.server_changed(server_id)
        known, guild = self._store.settings, self._client.get_guild(server_id)
        server, channels = known.server(server_id), guild.channels if guild is not None else ()
        chosen = [known.channel(channel.id).stars_needed for channel in channels]
        needed = min([server.stars_needed, *(each for each in chosen if each is not None)])
        since = _now() - server.stars_newest_days * DAY_SECONDS if server.stars_newest_days else 0.0
        waiting = await self._store.gallery.waiting(server_id, needed, since, MOST_WAITING)
        self._keeper.wake(server_id, waiting)

    async def member_changed(self, server_id: int, member_id: int) -> None:
        """Whether their stars count is another question now, and whether their pictures are shown."""
        theirs = (pieces.c.author_id == member_id) | (pieces.c.asker_id == member_id)
        found = {piece.id for piece in await self._store.stars.of(pieces.c.server_id == server_id, theirs)}
        self._keeper.wake(server_id, found | {*await self._store.stars.pieces_of(member_id, server_id)})

    # --- by whoever's picture it is ---------------------------------------------------------------------------

    async def take_out(self, piece: Piece, out: Out, by_id: int) -> None:
        """A picture is to be in the gallery no more; what a moderator has said stays said."""
        if piece.out is not Out.MODERATOR:
            whose = piece.author_id if piece.asker_id is None else piece.asker_id
            about = (piece.server_id, What.ENTRY_OUT, by_id, _now(), whose)
            told = self._store.entries(*about) if out is Out.MODERATOR else ()
            await self._store.stars.mark(pieces.c.id == piece.id, told=told, out=out)
        self._keeper.wake(piece.server_id, [piece.id])

    async def put_back(self, piece: Piece) -> None:
        """It may be there again. Raises BotError."""
        exhibit = await self.exhibits.exhibit(piece)
        if exhibit is not None:
            await self._policy.require_exhibited(exhibit)
        await self._store.stars.mark(pieces.c.id == piece.id, out=None)
        self._keeper.wake(piece.server_id, [piece.id])

    async def refuse(self, member_id: int, server_id: int) -> None:
        """A member wants to be in no gallery of a server, or of any (0)."""
        await self._store.gallery.refuse(member_id, server_id, _now())
        await self.consent_changed(member_id)

    async def allow(self, member_id: int, server_id: int) -> None:
        """They may be again."""
        await self._store.gallery.allow(member_id, server_id)
        await self.consent_changed(member_id)

    async def consent_changed(self, member_id: int) -> None:
        """A member has said something else to what is painted of theirs, or shown."""
        theirs = (pieces.c.author_id == member_id) | (pieces.c.asker_id == member_id)
        for piece in await self._store.stars.of(theirs):
            self._keeper.wake(piece.server_id, [piece.id])


def kept(emoji: str) -> str:
    """What a star's emoji is kept as: of a server's own, its id, for its name changes; of others each colour is another."""
    custom = discord.PartialEmoji.from_str(emoji)
    return str(custom.id) if custom.id is not None else emoji


def named(emoji: str) -> str:
    """What tells an emoji from others, in whichever colour of skin."""
    return plain_emoji(kept(emoji))


def _now() -> float:
    return discord.utils.utcnow().timestamp()
