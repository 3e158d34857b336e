"""Paint by a message to the bot: "@Atelier scream" with a picture, or in reply to one; in a direct message just "scream".

Rule: Discord shows the bot every message that mentions it or is sent to it alone, so this needs no intent; in a server the
mention has to be written, since a reply alone rings too. What is said is said in reply, and the same to the same member once in a while: a message has no
private answer. What passes by itself, as a full queue does, is said to many by a mark and to one in words, as to reactions.
Whoever only speaks of the bot is left alone, but in direct messages, where they speak to it.
"""

import re

import discord
import structlog
from discord.ext import commands

from bot.answers import Repetitions, explain
from bot.errors import BotError, BotErrorCode, DiscordTrouble, short
from bot.intake import Asking, Wish
from bot.languages import DEFAULT, Language, speaking
from bot.orders.pictures import Kind, SourcePicture
from bot.orders.venue import Actor, Channel, Venue, actor_in
from bot.refusals import is_passing_refusal
from bot.storage.reactions import Reaction
from bot.studio import Studio, StudioClient
from bot.styles.picker import Beneath
from bot.words import audition
from bot.words import sources as words
from engine.protocol import StyleCard

log = structlog.get_logger(__name__)

_NAME_WORDS = 3  # that nobody knows may be meant for the name of a style; more are talk
# Who is blocked is not told so where all read it; and what the next process sees to.
_UNANSWERED = (
    BotErrorCode.BLOCKED,
    BotErrorCode.BARRED,
    BotErrorCode.SERVER_BARRED,
    BotErrorCode.STOPPING,
)
_NO_WORDS = re.compile(r"<a?:\w+:\d+>|https?://\S+")  # emoji and links


class Mention(commands.Cog):
    """Listens for its name."""

    def __init__(self, studio: Studio, client: StudioClient) -> None:
        self._studio, self._client = studio, client
        self._answered = Repetitions()

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Paint what a message that mentions the bot asks for, or say why not."""
        me = message.guild.me if message.guild is not None else self._client.user
        asking = _asking(message)
        if asking is None or me is None or message.author.bot or message.author.system:
            return
        mentions = re.compile(rf"<@!?{me.id}>")
        if message.guild is not None and not mentions.search(message.content):
            return
        wanted = " ".join(_NO_WORDS.sub(" ", mentions.sub(" ", message.content)).split())
        with speaking(await self._language(message)):
            await self._hear(message, asking, wanted)

    async def _language(self, message: discord.Message) -> Language:
        """That of the server; in a direct message, that in which whoever writes had their newest picture."""
        tickets, settings = self._studio.store.tickets, self._studio.store.settings
        theirs = await tickets.delivered_to(message.author.id, None, 1) if message.guild is None else []
        return settings.language(message.guild, (theirs[0].language if theirs else None) or DEFAULT)

    async def _hear(self, message: discord.Message, asking: Asking, wanted: str) -> None:
        try:
            await self._answer(message, asking, wanted)
        except Exception as error:  # noqa: BLE001 - the boundary of an event; `explain` logs
            channel = message.channel
            # Which may be so for many at once.
            if is_passing_refusal(error) and isinstance(channel, Channel):
                reaction = Reaction(message.id, asking.actor.id, "")
                await self._studio.refusals.refuse(channel, reaction, error, counts=False)
            elif not (isinstance(error, BotError) and error.code in _UNANSWERED):
                await self._say(message, explain(error, message=message.id))

    async def _answer(self, message: discord.Message, asking: Asking, wanted: str) -> None:
        is_all = audition.is_all(wanted)
        offer = self._studio.catalogue.offer(asking.venue)
        styles = [] if is_all else offer.meant(wanted)
        try:
            await self._studio.intake.require(asking)
        except BotError:
            if message.guild is None or styles or is_all or not wanted or self._shows_a_picture(message):
                raise
            return
        answered = await _answered(message)
        pictures = await self._pictures(message, answered)
        if pictures and is_all:
            wish = self._studio.intake.tries(asking)
            await self._paint_or_offer(message, asking, pictures, wish)
        elif pictures:
            offer.require_there(wanted, styles)
            await self._paint(message, asking, pictures, styles, wanted)
        elif styles or is_all or not wanted:
            if answered is not None:
                await self._studio.sources.of_message(answered)  # raises why it has none
            await self._say(message, words.NOTHING_TO_PAINT())
        elif message.guild is None:
            await self._say(message, words.SPOKEN_TO())

    def _shows_a_picture(self, message: discord.Message) -> bool:
        """Whether there is a picture to be meant, as far as is known without asking Discord."""
        answered = message.reference.resolved if message.reference is not None else None
        there = [message, answered] if isinstance(answered, discord.Message) else [message]
        return any(self._studio.sources.shows_a_members(each) for each in there)

    async def _pictures(
        self, message: discord.Message, answered: discord.Message | None
    ) -> list[SourcePicture]:
        """The pictures of a message, or of the one that it answers."""
        own = await self._studio.sources.pictures(message)
        sent = [picture for picture in own if picture.kind is not Kind.EMOJI]
        theirs = await self._studio.sources.pictures(answered) if answered is not None and not sent else []
        return sent or theirs or own

    async def _paint(
        self,
        message: discord.Message,
        asking: Asking,
        pictures: list[SourcePicture],
        styles: list[StyleCard],
        wanted: str,
    ) -> None:
        wish = Wish(tuple(styles)) if len(styles) == 1 else Wish()
        is_name = 0 < len(wanted.split()) <= _NAME_WORDS
        text = words.no_style_meant(wanted) if is_name and not styles else None
        await self._paint_or_offer(message, asking, pictures, wish, text)

    async def _paint_or_offer(
        self,
        message: discord.Message,
        asking: Asking,
        pictures: list[SourcePicture],
        wish: Wish,
        text: str | None = None,
    ) -> None:
        """Paint what is clear; let whoever has written choose what is not."""
        intake = self._studio.intake
        if len(pictures) == 1 and wish.styles:
            await intake.take(asking, pictures[0], wish)
        else:
            await intake.offer(Beneath(message), asking, pictures, wish, text=text)

    async def _say(self, message: discord.Message, sentence: str) -> None:
        if not self._answered.is_new(message.channel.id, message.author.id, sentence):
            return
        try:
            await message.reply(sentence, mention_author=True)
        except DiscordTrouble as error:
            log.warning("answer not delivered", channel=message.channel.id, error=short(error))


def _asking(message: discord.Message) -> Asking | None:
    """Who asks where, if it is somebody who can be answered there."""
    member, channel = message.author, message.channel
    if isinstance(channel, discord.DMChannel):
        limit = discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES
        return Asking(Actor(member.id, discord.Permissions.none()), Venue.of_direct(channel.id), limit)
    if isinstance(channel, Channel) and isinstance(member, discord.Member):
        return Asking(actor_in(channel, member), Venue.of_channel(channel), channel.guild.filesize_limit)
    return None


async def _answered(message: discord.Message) -> discord.Message | None:
    """The message that a message replies to, if it is still there."""
    reference = message.reference
    if reference is None or reference.message_id is None or message.message_snapshots:
        return None
    if isinstance(reference.resolved, discord.Message):
        return reference.resolved
    try:
        return await message.channel.fetch_message(reference.message_id)
    except (discord.NotFound, discord.Forbidden):
        return None
