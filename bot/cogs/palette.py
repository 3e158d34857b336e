"""The palette: the emojis of some styles under a picture in an art channel, and one for all, for members to react with."""

import asyncio

import discord
import structlog
from discord.ext import commands

from bot.errors import DiscordTrouble, short
from bot.orders.pictures import UNKNOWN_AUTHOR
from bot.orders.venue import is_nsfw, settings_id
from bot.storage.settings import Consent
from bot.studio import Studio

log = structlog.get_logger(__name__)

# Of the requests that Discord takes in a second, most are to be left to what somebody waits for.
SEEDED_AT_ONCE = 2


class Palette(commands.Cog):
    """Seeds the palette; what it does is `bot.cogs.reactions`."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._turn = asyncio.Semaphore(SEEDED_AT_ONCE)

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Seed the palette on a picture that a member posts in an art channel."""
        if self.is_missing(message) and await self._is_welcome(message):
            await self.seed(message)

    def is_missing(self, message: discord.Message) -> bool:
        """Whether a message should have a palette, and has nothing of it."""
        settings = self._studio.store.settings.channel(settings_id(message.channel))
        if message.guild is None or not (settings.is_art and settings.seeds_palette):
            return False
        if self._studio.policy.is_quiet(message.guild.id):
            return False
        has_some = any(reaction.me for reaction in message.reactions)
        return self._studio.sources.shows_a_members(message) and not has_some

    async def _is_welcome(self, message: discord.Message) -> bool:
        """Whether anybody could have it painted: not if it is forwarded from nobody knows whom, who would be asked."""
        if not message.message_snapshots or message.guild is None:
            return True
        first = await self._studio.sources.first(message)
        is_open = self._studio.store.settings.server(message.guild.id).consent is Consent.OPEN
        return first is not None and (is_open or first.author_id != UNKNOWN_AUTHOR)

    async def seed(self, message: discord.Message) -> None:
        """Put the palette of the channel under a message, or as much of it as Discord lets the bot."""
        if message.guild is None:
            return
        settings = self._studio.store.settings.channel(settings_id(message.channel))
        emojis = await self._studio.palettes.emojis(message.guild.id, settings, nsfw=is_nsfw(message.channel))
        async with self._turn:
            try:
                for emoji in emojis:
                    await message.add_reaction(emoji)
            except DiscordTrouble as error:
                log.warning("palette not seeded", channel=message.channel.id, error=short(error))
