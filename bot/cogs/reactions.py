"""Paint by reacting: in an art channel, a style's emoji on a picture.

Rule: a member, a message and a style count once, from the moment their ticket is stored, or never if there is
none; the bot's own reactions and those of other bots do not count. A refusal is told in the channel, because
a reaction has no private answer, and the same one to the same member once in QUIET_SECONDS.
"""

import asyncio

import discord
import structlog
from discord.ext import commands

from bot.answers import explain
from bot.errors import DiscordTrouble
from bot.orders import permissions
from bot.orders.attachments import first_picture
from bot.orders.request import StyleRequest
from bot.place import Place
from bot.storage.reactions import Reaction
from bot.studio import StudioClient
from engine.protocol import StyleCard

log = structlog.get_logger(__name__)

QUIET_SECONDS = 60.0

Channel = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread


class Reactions(commands.Cog):
    """The palette under pictures, and what it does."""

    def __init__(self, client: StudioClient) -> None:
        self._studio = client.studio
        self._underway: set[Reaction] = set()  # counted, but not yet stored
        self._answered_at: dict[tuple[int, int, str], float] = {}  # by channel, member and sentence

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Seed the palette on a picture that a member posts in an art channel."""
        wanted = self._studio.config.seed_palette and not message.author.bot
        if wanted and first_picture(message.attachments) and self._is_art_channel(message.channel):
            await self._seed(message)

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        """Paint the picture under the reaction, once."""
        member, emoji = event.member, event.emoji
        if member is None or member.bot or not emoji.is_unicode_emoji():
            return
        channel = member.guild.get_channel_or_thread(event.channel_id)
        if not isinstance(channel, Channel) or not self._is_art_channel(channel):
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
            if self._is_new(channel.id, member.id, sentence):
                await _answer(channel, member, message_id, sentence)

    def _is_new(self, channel_id: int, member_id: int, sentence: str) -> bool:
        """Whether the member has not read this very sentence here a moment ago."""
        now, key = asyncio.get_running_loop().time(), (channel_id, member_id, sentence)
        self._answered_at = {
            answer: at for answer, at in self._answered_at.items() if now < at + QUIET_SECONDS
        }
        is_new = key not in self._answered_at
        self._answered_at.setdefault(key, now)
        return is_new

    async def _seed(self, message: discord.Message) -> None:
        for style in await self._studio.catalogue.styles():
            try:
                await message.add_reaction(style.emoji)
            except discord.HTTPException as error:
                log.warning("palette not seeded", channel=message.channel.id, code=error.code)
                return

    def _is_art_channel(self, channel: object) -> bool:
        if isinstance(channel, discord.Thread):
            return self._is_art_channel(channel.parent)
        if isinstance(channel, discord.abc.GuildChannel):
            return self._studio.config.is_art_channel(channel.id, channel.name)
        return False


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
        log.warning("refusal not delivered", channel=channel.id, error=repr(error))
