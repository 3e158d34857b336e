"""The palette: the emojis of all styles under a picture in an art channel, for members to react with."""

import discord
import structlog
from discord.ext import commands

from bot.config import BotConfig
from bot.errors import DiscordTrouble, short
from bot.orders.attachments import first_picture
from bot.studio import Studio

log = structlog.get_logger(__name__)


class Palette(commands.Cog):
    """Seeds the palette; what it does is `bot.cogs.reactions`."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Seed the palette on a picture that a member posts in an art channel."""
        if is_art_channel(self._studio.config, message.channel) and self.is_missing(message):
            await self.seed(message)

    def is_missing(self, message: discord.Message) -> bool:
        """Whether a message of an art channel should have a palette, and has nothing of it."""
        wanted = self._studio.config.seed_palette and not message.author.bot
        has_some = any(reaction.me for reaction in message.reactions)
        return wanted and first_picture(message.attachments) is not None and not has_some

    async def seed(self, message: discord.Message) -> None:
        """Put the emojis of all styles under a message, or as many as Discord lets the bot."""
        for style in await self._studio.catalogue.styles():
            try:
                await message.add_reaction(style.emoji)
            except DiscordTrouble as error:
                log.warning("palette not seeded", channel=message.channel.id, error=short(error))
                return


def is_art_channel(config: BotConfig, channel: object) -> bool:
    """Whether the palette counts in a channel: in art channels, and in their threads."""
    if isinstance(channel, discord.Thread):
        return is_art_channel(config, channel.parent)
    if isinstance(channel, discord.abc.GuildChannel):
        return config.is_art_channel(channel.id, channel.name)
    return False
