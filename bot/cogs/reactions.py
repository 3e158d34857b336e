"""Paint by reacting: in an art channel, a style's emoji on a picture.

Rule: a member, a message and a style count once, from the moment their ticket is stored, or never if there is
none; the bot's own reactions and those of other bots do not count. A refusal is told in the channel, because
a reaction has no private answer, and the same one to the same member once in a while.
"""

import discord
import structlog
from discord.ext import commands

from bot.answers import Repetitions, explain
from bot.cogs.palette import is_art_channel
from bot.errors import DiscordTrouble, short
from bot.orders import permissions
from bot.orders.attachments import first_picture
from bot.orders.request import StyleRequest
from bot.place import Place
from bot.storage.reactions import Reaction
from bot.studio import Studio
from engine.protocol import StyleCard

log = structlog.get_logger(__name__)

Channel = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread


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
        if style is None:
            return
        reaction = Reaction(event.message_id, member.id, style.name)
        if reaction in self._underway:
            return
        self._underway.add(reaction)
        try:
            if not await self._studio.store.reactions.has_counted(reaction):
                await self._paint(channel, member, event.message_id, style)
        finally:
            self._underway.discard(reaction)

    async def _paint(
        self, channel: Channel, member: discord.Member, message_id: int, style: StyleCard
    ) -> None:
        try:
            permissions.require(channel.permissions_for(member.guild.me), isinstance(channel, discord.Thread))
            message = await channel.fetch_message(message_id)
            picture = first_picture(message.attachments)
            if picture is None:
                return
            request = StyleRequest(
                place=Place(member.guild.id, channel.id),
                user_id=member.id,
                content=picture,
                styles=(style,),
                settings={},
                source_message_id=message_id,
                by_reaction=True,
            )
            await self._studio.desk.accept(request)
        except Exception as error:  # noqa: BLE001 - the boundary of an event; `explain` logs
            sentence = explain(error, message=message_id)
            if self._answered.is_new(channel.id, member.id, sentence):
                await _answer(channel, member, message_id, sentence)


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
