"""Paint by reacting: in an art channel, a style's emoji on a picture.

Rule: a member, a message and a style count once, from the moment their ticket is stored, or never if there is
none; the bot's own reactions and those of other bots do not count. A refusal is told in the channel, because
a reaction has no private answer, and the same one to the same member once in a while.
"""

import discord
import structlog
from discord.ext import commands
from sqlalchemy.exc import DBAPIError

from bot.answers import Repetitions, explain
from bot.cogs.palette import settings_of
from bot.errors import BotError, BotErrorCode, DiscordTrouble, short
from bot.orders.policy import Action
from bot.orders.request import StyleRequest
from bot.orders.restyle import Restyle
from bot.orders.venue import Channel, Venue, actor_in
from bot.storage.reactions import Reaction
from bot.studio import Studio
from engine.protocol import CrashPoint, ErrorCode, Refusal, StyleCard, reach

log = structlog.get_logger(__name__)

_FULL = (ErrorCode.QUEUE_FULL, ErrorCode.USER_QUEUE_FULL, ErrorCode.GROUP_QUEUE_FULL)


class Reactions(commands.Cog):
    """What the palette under pictures does."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._underway: set[Reaction] = set()  # counted, but not yet stored
        self._answered = Repetitions()

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        """Paint the picture under the reaction, once."""
        member, emoji = event.member, event.emoji
        if member is None or member.bot or not emoji.is_unicode_emoji():
            return
        channel = member.guild.get_channel_or_thread(event.channel_id)
        settings = settings_of(self._studio.store, channel)
        if not isinstance(channel, Channel) or settings is None or not settings.is_art:
            return
        style = self._studio.catalogue.by_emoji(emoji.name)
        if style is not None:
            await self.paint(channel, member, event.message_id, style)

    async def paint(
        self,
        channel: Channel,
        member: discord.Member,
        message_id: int,
        style: StyleCard,
        may_wait: bool = False,
    ) -> bool:
        """Paint the picture of a message for whoever has reacted, unless that has counted, or say why not.

        False if it `may_wait` for a place in the queue and there is none, of which nothing is said.
        """
        reaction = Reaction(message_id, member.id, style.name)
        settings = settings_of(self._studio.store, channel)
        if settings is None or not settings.offers(style.name):
            return True
        if reaction in self._underway:
            return True
        self._underway.add(reaction)
        try:
            if not await self._studio.store.reactions.has_counted(reaction):
                await self._accept(channel, member, message_id, style)
        except Exception as error:  # noqa: BLE001 - the boundary of an event; `explain` logs
            if may_wait and isinstance(error, Refusal) and error.code in _FULL:
                return False
            if not (isinstance(error, BotError) and error.code is BotErrorCode.STOPPING):
                await self._refuse(channel, member, reaction, error)
        finally:
            self._underway.discard(reaction)
        return True

    async def _accept(
        self, channel: Channel, member: discord.Member, message_id: int, style: StyleCard
    ) -> None:
        venue, actor, policy = Venue.of_channel(channel), actor_in(channel, member), self._studio.policy
        await policy.require(actor, venue, Action.REACT)
        try:
            message = await channel.fetch_message(message_id)
        except discord.NotFound:  # deleted in between
            return
        order = await self._order(venue, member, message, style)
        if order is not None:
            ticket = order.ticket(discord.utils.utcnow())
            await policy.require(actor, venue, Action.REACT, ticket.author_id, ticket.nsfw)
            await self._studio.desk.accept(order)

    async def _order(
        self, venue: Venue, member: discord.Member, message: discord.Message, style: StyleCard
    ) -> StyleRequest | Restyle | None:
        """What a reaction asks for: of a result the picture that it was painted from. None if there is nothing."""
        output = self._studio.policy.settings(venue)[1].output
        painted = await self._studio.sources.painted_in(message)
        if painted is not None:
            return Restyle(painted, style, venue.place, member.id, message.id, output)
        picture = await self._studio.sources.first(message)
        if picture is None:
            return None
        return StyleRequest(
            place=venue.place,
            user_id=member.id,
            content=picture,
            styles=(style,),
            settings={},
            source_message_id=message.id,
            by_reaction=True,
            output=output,
        )

    async def _refuse(
        self, channel: Channel, member: discord.Member, reaction: Reaction, error: Exception
    ) -> None:
        sentence = explain(error, message=reaction.message_id)
        if self._answered.is_new(channel.id, member.id, sentence):
            await _answer(channel, member, reaction.message_id, sentence)
        reach(CrashPoint.BOT_REFUSAL_TOLD)
        try:
            await self._studio.store.reactions.refuse(reaction)
        except DBAPIError as failure:  # so it may be told once more
            log.warning("refusal not stored", message=reaction.message_id, error=short(failure))


async def _answer(channel: Channel, member: discord.Member, message_id: int, sentence: str) -> None:
    only_them = discord.AllowedMentions(users=[member])
    try:
        await channel.send(
            f"{member.mention} {sentence}",
            allowed_mentions=only_them,
            reference=discord.MessageReference(
                message_id=message_id, channel_id=channel.id, fail_if_not_exists=False
            ),
            mention_author=False,
        )
    except DiscordTrouble as error:
        log.warning("refusal not delivered", channel=channel.id, error=short(error))
