"""The palette: the emojis of all styles under a picture in an art channel, for members to react with."""

import discord
import structlog
from discord.ext import commands

from bot.config import BotConfig
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
        config = self._studio.config
        wanted = config.seed_palette and not message.author.bot
        if wanted and first_picture(message.attachments) and is_art_channel(config, message.channel):
            await self._seed(message)

    async def _seed(self, message: discord.Message) -> None:
        for style in await self._studio.catalogue.styles():
            try:
                await message.add_reaction(style.emoji)
            except discord.HTTPException as error:
                log.warning("palette not seeded", channel=message.channel.id, code=error.code)
                return


def is_art_channel(config: BotConfig, channel: object) -> bool:
    """Whether the palette counts in a channel: in art channels, and in their threads."""
    if isinstance(channel, discord.Thread):
        return is_art_channel(config, channel.parent)
    if isinstance(channel, discord.abc.GuildChannel):
        return config.is_art_channel(channel.id, channel.name)
    return False
