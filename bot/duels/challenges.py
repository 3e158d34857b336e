"""What members do with duels: challenge, accept, refuse, call off and vote.

Rule: what a member hands in is theirs, and by handing it in they let it be used for this duel. The policy is asked for each of
the two, of whoever accepts and of whoever has challenged, before anything is painted.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from weakref import WeakValueDictionary

import discord

from bot.alarms import Alarms
from bot.answers import tell, working
from bot.duels.ring import ANSWER_SECONDS
from bot.errors import BotError, BotErrorCode, is_passing
from bot.languages import speaking
from bot.orders import attachments
from bot.orders.authors import Authors
from bot.orders.pictures import Kind, SourcePicture
from bot.orders.policy import DAY_SECONDS, Action, Policy
from bot.orders.sources import Sources
from bot.orders.venue import Channel, Venue, actor_in, actor_of
from bot.place import Place
from bot.storage.consents import Answer
from bot.storage.duels import Duel, DuelState, End
from bot.storage.interactions import Manner
from bot.storage.store import Store
from bot.storage.tickets import new_id
from bot.tickets.message import SEND_SECONDS
from bot.tickets.posting import send
from bot.words import duel as words
from bot.words.post import Picture, Post
from engine.protocol import CrashPoint, ErrorCode, Refusal, reach

NOTED_SECONDS = (
    2 * SEND_SECONDS
)  # after which one that is not noted was not posted, or by a process that has ended
OPEN_CHALLENGES = 3  # that wait for one member's answer in a server
MOST_CHALLENGES = 3  # of one member by another in DAY_SECONDS, and none more after a no


@dataclass
class Challenges:
    """All duels; `buttons` makes what can be pressed at a challenge, by the duel's id."""

    client: discord.Client
    store: Store
    policy: Policy
    sources: Sources
    authors: Authors
    alarms: Alarms
    buttons: Callable[[str], discord.ui.View]

    def __post_init__(self) -> None:
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._challenging: set[tuple[int | None, int]] = set()  # servers and members

    # --- challenging --------------------------------------------------------------------------------------

    async def challenge(
        self,
        interaction: discord.Interaction,
        opponent: discord.Member | discord.User,
        attachment: discord.Attachment,
        seconds: int,
    ) -> None:
        """Challenge a member with a picture."""
        venue, member = Venue.of(interaction), interaction.user.id
        async with working(interaction, self.store.owed, Manner.THINKING), self._one_at_once(venue, member):
            picture = SourcePicture.of_attachment(attachment, member, nsfw=venue.is_nsfw)
            attachments.check(picture, "content")
            await self.policy.require(actor_of(interaction), venue, Action.PAINT, member, picture.nsfw)
            channel = self._channel(interaction)
            await self._require_opponent(channel, member, opponent)
            now = self.alarms.clock()
            duel = Duel(channel.guild.id, channel.id, member, opponent.id, seconds, now)
            file = await self._bring(duel, 1, picture)
            ends = now + ANSWER_SECONDS
            await self.store.duels.add(duel, now + NOTED_SECONDS)
            reach(CrashPoint.BOT_DUEL_STORED)
            rings = discord.AllowedMentions(users=[discord.Object(opponent.id)])
            there = self.client.get_partial_messageable(channel.id, guild_id=channel.guild.id)
            with speaking(self.store.settings.language(channel.guild)):
                post, view = Post(words.challenge(duel, ends), file), self.buttons(duel.id)
            try:
                message = await send(there, f"{duel.id}d", post, view, rings)
            except discord.HTTPException as error:
                if not is_passing(error):  # then it may be there all the same, and is looked for
                    await self.store.duels.forget(duel.id)
                raise
            reach(CrashPoint.BOT_DUEL_SHOWN)
            shown = replace(duel, message_id=message.id)
            if not await self.store.duels.save(shown, "message_id", due=ends, was=DuelState.ASKED):
                await message.delete()
                raise BotError(BotErrorCode.DUEL_OVER)
            self.alarms.wake()
            await interaction.edit_original_response(content=words.posted(message.jump_url))

    @asynccontextmanager
    async def _one_at_once(self, venue: Venue, member: int) -> AsyncIterator[None]:
        """Let a member challenge nobody else in a server meanwhile. Raises BotError DUEL_UNDERWAY."""
        key = (venue.place.server_id, member)
        if key in self._challenging:
            raise BotError(BotErrorCode.DUEL_UNDERWAY)
        self._challenging.add(key)
        try:
            yield
        finally:
            self._challenging.discard(key)

    def _channel(self, interaction: discord.Interaction) -> Channel:
        """Where somebody challenges. Raises BotError SERVER_ONLY."""
        channel = interaction.channel
        if interaction.guild is None or not isinstance(channel, Channel):
            raise BotError(BotErrorCode.SERVER_ONLY)
        return channel

    async def _require_opponent(
        self, channel: Channel, member: int, opponent: discord.Member | discord.User
    ) -> None:
        """Whether somebody may be challenged. Raises BotError."""
        server_id = channel.guild.id
        if opponent.id == member or opponent.bot or not isinstance(opponent, discord.Member):
            raise BotError(BotErrorCode.CANNOT_DUEL)
        given = channel.permissions_for(opponent)
        writes = (
            given.send_messages_in_threads if isinstance(channel, discord.Thread) else given.send_messages
        )
        if not (given.view_channel and writes):
            raise BotError(BotErrorCode.CANNOT_DUEL)
        says_no = await self.store.consents.answer(opponent.id, server_id) is Answer.NEVER
        if says_no or not self.policy.goes_on(server_id, opponent.id):
            raise BotError(BotErrorCode.DUEL_UNWANTED)
        if await self.store.duels.underway(server_id=server_id, challenger_id=member):
            raise BotError(BotErrorCode.DUEL_UNDERWAY)
        await self._require_pause(server_id, member, opponent.id)
        asked = await self.store.duels.underway(server_id=server_id, opponent_id=opponent.id)
        if sum(each.state is DuelState.ASKED for each in asked) >= OPEN_CHALLENGES:
            raise BotError(BotErrorCode.CHALLENGED_ENOUGH)

    async def _require_pause(self, server_id: int, member: int, opponent: int) -> None:
        """Whether somebody has not been challenged by the same member too often. Raises BotError DUEL_LATER."""
        day = self.alarms.clock() - DAY_SECONDS
        lately = [
            each
            for each in await self.store.duels.of_member(member, server_id)
            if each.members == (member, opponent) and each.at > day
        ]
        refused = [each for each in lately if each.end is End.REFUSED]
        counted = refused[-1:] or lately[-MOST_CHALLENGES:]
        if refused or len(counted) == MOST_CHALLENGES:
            raise BotError(BotErrorCode.DUEL_LATER, at=math.ceil(counted[0].at + DAY_SECONDS))

    async def _bring(self, duel: Duel, number: int, picture: SourcePicture) -> Picture:
        """A picture to be shown in the challenge. Raises BotError, Refusal."""
        data = await attachments.download(self.client, picture.url, "content")
        place = Place(duel.server_id, duel.channel_id)
        limit = place.upload_limit(self.client)
        if len(data) > limit:
            raise Refusal(ErrorCode.TOO_MANY_BYTES, image="content", size=len(data), limit=limit)
        with speaking(self.store.settings.language(place.server(self.client))):  # all hear what it shows
            return words.picture(duel, number, data, picture.spoiler)

    # --- answering ----------------------------------------------------------------------------------------

    async def require_asked(self, interaction: discord.Interaction, duel_id: str) -> Duel:
        """A challenge that waits for whoever presses. Raises BotError DUEL_OVER, NOT_YOUR_DUEL, and what policy does."""
        duel = await self._asked(interaction, duel_id)
        if interaction.user.id != duel.opponent_id:
            raise BotError(BotErrorCode.NOT_YOUR_DUEL)
        await self.policy.require(
            actor_of(interaction), Venue.of(interaction), Action.PAINT, interaction.user.id
        )
        return duel

    async def accept(
        self, interaction: discord.Interaction, duel_id: str, attachment: discord.Attachment | None
    ) -> None:
        """Accept with a picture, or with the newest of whoever accepts."""
        async with working(interaction, self.store.owed, Manner.THINKING), self._turn(duel_id):
            duel, member = await self.require_asked(interaction, duel_id), interaction.user.id
            venue, channel = Venue.of(interaction), self._channel(interaction)
            if attachment is not None:
                picture = SourcePicture.of_attachment(attachment, member, nsfw=venue.is_nsfw)
            else:
                picture = await self._newest(interaction, venue)
            attachments.check(picture, "content")
            await self.policy.require_picture(
                actor_of(interaction), venue, Action.PAINT, member, picture.nsfw
            )
            challenger = await self._require_challenger(duel, channel, venue)
            await self._show_both(duel, picture)
            names = f"{challenger.display_name} & {interaction.user.display_name}"
            self.authors.name(duel.message_id or 0, names)  # which their thread is called after
            accepted = replace(
                duel,
                state=DuelState.ACCEPTED,
                source_id=picture.message_id,
                first_ticket=new_id(),
                second_ticket=new_id(),
            )
            changed = ("state", "source_id", "first_ticket", "second_ticket", "message_id")
            now = self.alarms.clock()
            if not await self.store.duels.save(accepted, *changed, due=now, was=DuelState.ASKED):
                await self.store.duels.save(duel, "message_id", due=now)  # which shows no picture any more
                self.alarms.wake()
                raise BotError(BotErrorCode.DUEL_OVER)
            reach(CrashPoint.BOT_DUEL_ACCEPTED)
            self.alarms.wake()
            await interaction.edit_original_response(content=words.ACCEPTED())

    async def _newest(self, interaction: discord.Interaction, venue: Venue) -> SourcePicture:
        """The newest picture of whoever asks in this channel. Raises BotError NO_PICTURE_HERE."""
        found = await self.sources.newest(interaction, venue)
        mine = (each for each in found if each.author_id == interaction.user.id and each.kind is Kind.FILE)
        picture = next(mine, None)
        if picture is None:
            raise BotError(BotErrorCode.NO_PICTURE_HERE)
        return picture

    async def _require_challenger(self, duel: Duel, channel: Channel, venue: Venue) -> discord.Member:
        """Whoever has challenged, if they still may. Raises BotError."""
        try:
            challenger = await channel.guild.fetch_member(duel.challenger_id)
        except discord.NotFound as error:
            raise BotError(BotErrorCode.DUEL_OVER) from error
        actor = actor_in(channel, challenger)
        try:
            await self.policy.require(actor, venue, Action.PAINT, duel.challenger_id, venue.is_nsfw)
        except BotError as error:
            raise BotError(BotErrorCode.CHALLENGER_CANNOT) from error
        return challenger

    async def _show_both(self, duel: Duel, picture: SourcePicture) -> None:
        """Let the challenge show both pictures. Raises BotError DUEL_OVER, and what Discord does."""
        file = await self._bring(duel, 2, picture)
        found = await self.store.duels.find(duel.id)
        if found is None or found.state is not DuelState.ASKED:  # to bring it took its time
            raise BotError(BotErrorCode.DUEL_OVER)
        channel = self.client.get_partial_messageable(duel.channel_id, guild_id=duel.server_id)
        message = await channel.fetch_message(duel.message_id or 0)
        first = [each for each in message.attachments if words.picture_stem(duel, 1) in each.filename]
        await message.edit(attachments=[*first, file.file()])

    async def refuse(self, interaction: discord.Interaction, duel_id: str) -> None:
        """Refuse, for whoever is challenged."""
        async with working(interaction, self.store.owed, Manner.CLICK), self._turn(duel_id):
            duel = await self._asked(interaction, duel_id)
            if interaction.user.id != duel.opponent_id:
                raise BotError(BotErrorCode.NOT_YOUR_DUEL)
            await self._close(duel, End.REFUSED)

    async def cancel(self, interaction: discord.Interaction, duel_id: str) -> None:
        """Call it off, for whoever has challenged, and moderators."""
        async with working(interaction, self.store.owed, Manner.CLICK), self._turn(duel_id):
            duel = await self._asked(interaction, duel_id)
            refusal = BotErrorCode.NOT_YOUR_DUEL
            self.policy.require_owner(actor_of(interaction), duel.challenger_id, refusal=refusal)
            await self._close(duel, End.CANCELLED)

    async def _close(self, duel: Duel, end: End) -> None:
        ended = replace(duel, state=DuelState.ENDED, end=end)
        changed, now = ("state", "end", "message_id"), self.alarms.clock()
        if not await self.store.duels.save(ended, *changed, due=now, was=DuelState.ASKED):
            raise BotError(BotErrorCode.DUEL_OVER)
        self.alarms.wake()

    async def _asked(self, interaction: discord.Interaction, duel_id: str) -> Duel:
        """A challenge that is not answered yet. Raises BotError DUEL_OVER."""
        duel = await self.store.duels.find(duel_id)
        if duel is None or duel.state is not DuelState.ASKED or duel.server_id != interaction.guild_id:
            raise BotError(BotErrorCode.DUEL_OVER)
        shown = interaction.message.id if interaction.message is not None else None
        return replace(duel, message_id=duel.message_id or shown)  # of a process that has not noted it

    # --- voting -------------------------------------------------------------------------------------------

    async def vote(self, interaction: discord.Interaction, duel_id: str, number: int) -> None:
        """Vote for one of the two pictures, in place of an earlier vote."""
        async with working(interaction, self.store.owed, Manner.CLICK), self._turn(duel_id):
            duel = await self.store.duels.find(duel_id)
            if duel is None or duel.state is not DuelState.VOTING:
                raise BotError(BotErrorCode.DUEL_OVER)
            voter = interaction.user.id
            if voter in duel.members:
                raise BotError(BotErrorCode.OWN_DUEL)
            await self.policy.require(actor_of(interaction), Venue.of(interaction), Action.VOTE)
            if not await self.store.duels.vote(duel.id, voter, number, self.alarms.clock()):
                raise BotError(BotErrorCode.DUEL_OVER)
            await tell(interaction, words.voted(duel, number))

    def _turn(self, duel_id: str) -> asyncio.Lock:
        return self._turns.setdefault(duel_id, asyncio.Lock())
