"""Paint by reacting: in an art channel, a style's emoji on a picture, or the one for all styles.

Rule: a member, a message and a style count once, from the moment their ticket is stored, or never if there is
none; the bot's own reactions and those of other bots do not count. Nothing is fetched before there is a place for it,
and a message once for all who react to it, if it is not known already. One that is taken back before painting began is not painted.
"""

import asyncio
from weakref import WeakValueDictionary

import discord
import structlog
from cachetools import TTLCache
from discord.ext import commands

from bot.consent.wishes import Wish, sheet_of
from bot.errors import BotError, BotErrorCode
from bot.orders.audition import Audition, Finishing, outlet
from bot.orders.policy import Action
from bot.orders.request import StyleRequest
from bot.orders.restyle import Restyle
from bot.orders.venue import Channel, Venue, actor_in, is_nsfw, is_restricted, settings_id
from bot.refusals import is_passing_refusal
from bot.storage.reactions import Reaction
from bot.storage.settings import ChannelSettings
from bot.storage.tickets import Ticket
from bot.studio import Studio
from bot.styles.palette import Tap
from engine.protocol import Owner

log = structlog.get_logger(__name__)

_KEPT, _KEPT_SECONDS = 500, 10.0  # messages that several react to at once
_POSTED_SECONDS = 600.0  # for which a picture is known as it was posted, if nothing has happened to it since
# Where a reaction asks for nothing, and what the next process sees to.
_UNANSWERED = (BotErrorCode.NO_PICTURE, BotErrorCode.STOPPING)


class Reactions(commands.Cog):
    """What the palette under pictures does."""

    def __init__(self, studio: Studio, client: discord.Client) -> None:
        self._studio, self._client = studio, client
        self._underway: set[Reaction] = set()  # counted, but not yet stored
        self._taken_back: set[Reaction] = set()  # of these
        self._messages: TTLCache[int, discord.Message] = TTLCache(_KEPT, _KEPT_SECONDS)
        self._posted: TTLCache[int, discord.Message] = TTLCache(_KEPT, _POSTED_SECONDS)
        self._fetching: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def cog_load(self) -> None:
        """Take back in time what a former process has said no with."""
        self._studio.refusals.watch()

    async def cog_unload(self) -> None:
        """Leave the rest to the next process."""
        await self._studio.refusals.close()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """A session begins: what has happened to messages since the last one nobody tells."""
        self._posted.clear()

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Whoever reacts to it soon need not wait for it to be read."""
        settings = self._studio.store.settings.channel(settings_id(message.channel))
        if settings.is_art and self._studio.sources.shows_a_members(message):
            self._posted[message.id] = message

    @commands.Cog.listener()
    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        """It may be another picture now."""
        self._forget(event.message_id)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        """There is nothing to react to any more."""
        self._forget(event.message_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        """The channel was swept."""
        for message_id in event.message_ids:
            self._forget(message_id)

    def _forget(self, message_id: int) -> None:
        self._posted.pop(message_id, None)
        self._messages.pop(message_id, None)

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        """Paint the picture under the reaction, once."""
        member, emoji = event.member, event.emoji
        if member is None or member.bot:
            return
        channel = member.guild.get_channel_or_thread(event.channel_id)
        settings = self._studio.store.settings.channel(settings_id(channel))
        if not isinstance(channel, Channel) or not settings.is_art:
            return
        tap = self._studio.palettes.tap(str(emoji), member.guild.id, nsfw=is_nsfw(channel))
        if tap is not None:
            self._taken_back.discard(Reaction(event.message_id, member.id, tap.name))
            await self.paint(channel, member, event.message_id, tap)

    @commands.Cog.listener()
    async def on_raw_reaction_remove(self, event: discord.RawReactionActionEvent) -> None:
        """Want a picture no more that is not begun yet."""
        if event.guild_id is None:
            return
        tap = self._studio.palettes.tap(str(event.emoji), event.guild_id)
        if tap is not None:
            await self._removed(Reaction(event.message_id, event.user_id, tap.name))

    @commands.Cog.listener()
    async def on_raw_reaction_clear(self, event: discord.RawReactionClearEvent) -> None:
        """A moderator has removed all reactions to a message."""
        await self._cleared(event.message_id)

    @commands.Cog.listener()
    async def on_raw_reaction_clear_emoji(self, event: discord.RawReactionClearEmojiEvent) -> None:
        """A moderator has removed all reactions to a message that are of one emoji."""
        tap = self._studio.palettes.tap(str(event.emoji), event.guild_id)
        if tap is not None:
            await self._cleared(event.message_id, tap.name)

    async def _cleared(self, message_id: int, style: str | None = None) -> None:
        """The reactions to a message are taken back, for all who gave them."""
        known = {
            *(reaction for reaction in self._underway if reaction.message_id == message_id),
            *await self._studio.store.reactions.to_message(message_id),
            *await self._studio.inquiries.reactions_to(message_id),
        }
        for reaction in known:
            if style in (None, reaction.style):
                await self._removed(reaction)

    async def _removed(self, reaction: Reaction) -> None:
        if reaction in self._underway:
            self._taken_back.add(reaction)
        else:
            await self._take_back(reaction)

    async def _take_back(self, reaction: Reaction) -> None:
        """Undo whatever a reaction has come to: a ticket, a question to an author, or a no."""
        await self._studio.desk.take_back(reaction)
        await self._studio.inquiries.withdraw(reaction)
        await self._studio.refusals.taken_back(reaction)

    async def paint(
        self,
        channel: Channel,
        member: discord.Member,
        message_id: int,
        tap: Tap,
        may_wait: bool = False,
    ) -> bool:
        """Paint the picture of a message for whoever has reacted, unless that has counted, or say why not.

        False if it `may_wait` for what will pass, as a full queue does, of which nothing is said then.
        """
        reaction = Reaction(message_id, member.id, tap.name)
        offers = self._studio.store.settings.channel(settings_id(channel)).offers
        is_offered = tap.style is None or offers(tap.style.name)
        if not is_offered or reaction in self._underway:
            return True
        self._underway.add(reaction)
        try:
            if not await self._studio.store.reactions.has_counted(reaction):
                await self._accept(channel, member, message_id, tap)
        except Exception as error:  # noqa: BLE001 - the boundary of an event; `Refusals` logs
            if may_wait and is_passing_refusal(error):
                return False
            if not (isinstance(error, BotError) and error.code in _UNANSWERED):
                await self._studio.refusals.refuse(channel, reaction, error)
        finally:
            self._underway.discard(reaction)
        if reaction in self._taken_back:
            self._taken_back.discard(reaction)
            await self._take_back(reaction)
        return True

    async def _accept(self, channel: Channel, member: discord.Member, message_id: int, tap: Tap) -> None:
        venue, actor = Venue.of_channel(channel), actor_in(channel, member)
        policy, admission = self._studio.policy, self._studio.admission
        await policy.require(actor, venue, Action.REACT, sheet=message_id)
        with admission.hold(Owner(group=venue.place.group(member.id), user=str(member.id))) as hold:
            await admission.grant(hold)
            order = await self._order(channel, member, message_id, tap)
            ticket = order.ticket(discord.utils.utcnow())
            self._studio.store.museum.require(ticket)
            try:
                await policy.require_picture(
                    actor,
                    venue,
                    Action.REACT,
                    ticket.author_id,
                    is_restricted(self._client, ticket),
                    ticket.root_id,
                    sheet_of(order),
                )
            except BotError as error:
                if error.code is not BotErrorCode.CONSENT_NEEDED or ticket.author_id is None:
                    raise
                await self._studio.inquiries.ask(order, ticket.author_id)
            else:
                await self._studio.desk.accept(order, hold=hold)

    async def _order(self, channel: Channel, member: discord.Member, message_id: int, tap: Tap) -> Wish:
        """What a reaction asks for: of a result the picture that it was painted from.

        Raises BotError, Refusal: there is none; and what Discord does.
        """
        venue = Venue.of_channel(channel)
        try:
            message = await self._message(channel, message_id)
        except discord.NotFound as error:  # deleted in between
            raise BotError(BotErrorCode.NO_PICTURE) from error
        settings = self._studio.policy.settings(venue)[1]
        painted = await self._studio.sources.painted_in(message)
        if painted is not None:
            return self._of_result(painted, venue, member, message, tap, settings)
        picture = await self._studio.sources.first(message)
        if picture is None:
            raise BotError(BotErrorCode.NO_PICTURE)
        is_all = tap.style is None
        return StyleRequest(
            place=venue.place,
            user_id=member.id,
            content=picture,
            styles=self._studio.catalogue.offer(venue).tried(settings) if tap.style is None else (tap.style,),
            settings={"audition": True} if is_all else {},
            source_message_id=message.id,
            by_reaction=True,
            output=outlet(settings.output) if is_all else settings.output,
        )

    def _of_result(
        self,
        painted: Ticket,
        venue: Venue,
        member: discord.Member,
        message: discord.Message,
        tap: Tap,
        settings: ChannelSettings,
    ) -> Restyle | Audition | Finishing:
        """What a reaction to a result asks for: of a sheet, what is on it already is finished."""
        place, channel_id, output = venue.place, message.channel.id, settings.output
        if tap.style is None:
            if painted.request.audition:
                raise BotError(BotErrorCode.NO_PICTURE)  # there they are
            styles = self._studio.catalogue.offer(venue).tried(settings)
            return Audition(
                painted, styles, place, member.id, message.id, output, True, result_channel_id=channel_id
            )
        names = [style.name if style is not None else None for style in painted.styles]
        if painted.request.audition and tap.style.name in names:
            number = names.index(tap.style.name) + 1
            return Finishing(
                painted, number, place, member.id, message.id, output, True, result_channel_id=channel_id
            )
        return Restyle(painted, tap.style, place, member.id, message.id, output, result_channel_id=channel_id)

    async def _message(self, channel: Channel, message_id: int) -> discord.Message:
        lock = self._fetching.setdefault(message_id, asyncio.Lock())
        async with lock:
            message: discord.Message | None = self._posted.get(message_id) or self._messages.get(message_id)
            if message is None:
                message = self._messages[message_id] = await channel.fetch_message(message_id)
            return message
