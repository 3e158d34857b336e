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
from bot.cogs.palette import is_art_channel
from bot.errors import BotError, BotErrorCode, DiscordTrouble, short
from bot.orders import permissions
from bot.orders.attachments import first_picture
from bot.orders.request import StyleRequest
from bot.place import Place
from bot.storage.reactions import Reaction
from bot.studio import Studio
from engine.protocol import CrashPoint, ErrorCode, Refusal, StyleCard, reach

log = structlog.get_logger(__name__)

Channel = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread
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
        if not isinstance(channel, Channel) or not is_art_channel(self._studio.config, channel):
            return
        style = await self._studio.catalogue.by_emoji(emoji.name)
        if style is not None:
            await self.paint(channel, member, event.message_id, style)

    async def paint(
        self,
        channel: Channel,
        member: discord.abc.User,
        message_id: int,
        style: StyleCard,
        may_wait: bool = False,
    ) -> bool:
        """Paint the picture of a message for whoever has reacted, unless that has counted, or say why not.

        False if it `may_wait` for a place in the queue and there is none, of which nothing is said.
        """
        reaction = Reaction(message_id, member.id, style.name)
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
        self, channel: Channel, member: discord.abc.User, message_id: int, style: StyleCard
    ) -> None:
        guild = channel.guild
        permissions.require(channel.permissions_for(guild.me), isinstance(channel, discord.Thread))
        try:
            message = await channel.fetch_message(message_id)
        except discord.NotFound:  # deleted in between
            return
        picture = first_picture(message.attachments)
        if picture is None:
            return
        request = StyleRequest(
            place=Place(guild.id, channel.id),
            user_id=member.id,
            content=picture,
            styles=(style,),
            settings={},
            source_message_id=message_id,
            by_reaction=True,
        )
        await self._studio.desk.accept(request)

    async def _refuse(
        self, channel: Channel, member: discord.abc.User, reaction: Reaction, error: Exception
    ) -> None:
        sentence = explain(error, message=reaction.message_id)
        if self._answered.is_new(channel.id, member.id, sentence):
            await _answer(channel, member, reaction.message_id, sentence)
        reach(CrashPoint.BOT_REFUSAL_TOLD)
        try:
            await self._studio.store.reactions.refuse(reaction)
        except DBAPIError as failure:  # so it may be told once more
            log.warning("refusal not stored", message=reaction.message_id, error=short(failure))


async def _answer(channel: Channel, member: discord.abc.User, message_id: int, sentence: str) -> None:
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
