"""Say hello once in a server that has invited the bot, with the buttons that open `/setup` and the form of `/paint`.

Rule: at most once, so it is noted before it is said; where the bot may write nowhere, it says nothing and the next
session tries again, for as long as the invitation is fresh. Servers that a former version has painted for, which had no
`/setup`, hear once that something is to be chosen now.
"""

from datetime import timedelta

import discord
import structlog
from discord.ext import commands
from sqlalchemy.exc import DBAPIError

from bot.buttons.paint import PaintButton
from bot.buttons.setup import open_view
from bot.errors import DiscordTrouble, short
from bot.languages import speaking
from bot.studio import Studio, StudioClient
from bot.words import setup as words
from bot.words.catalogue import Phrase
from engine.protocol import CrashPoint, reach

log = structlog.get_logger(__name__)

FRESH = timedelta(days=1)  # a server that has known the bot for longer needs no hello


class Hello(commands.Cog):
    """In the channel for the system's messages, or else in the first that it may write to."""

    def __init__(self, studio: Studio, client: StudioClient) -> None:
        self._store, self._client = studio.store, client

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """A server has invited the bot."""
        log.info("invited to a server", server=guild.id, servers=len(self._client.guilds))
        await self._greet(guild, words.HELLO)

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Servers may have invited the bot while it was away, or before there was a `/setup`."""
        since, former = discord.utils.utcnow() - FRESH, await self._of_former_versions()
        for guild in self._client.guilds:
            if guild.unavailable:
                continue
            joined = guild.me.joined_at
            if joined is not None and joined > since:
                await self._greet(guild, words.HELLO)
            elif guild.id in former and not self._store.settings.art_channels(guild.id):
                await self._greet(guild, words.UPDATED)

    async def _of_former_versions(self) -> set[int]:
        try:
            return await self._store.retention.never_greeted()
        except DBAPIError as error:  # the next session hears of it
            log.warning("servers of former versions not known", error=short(error))
            return set()

    async def _greet(self, guild: discord.Guild, hello: Phrase) -> None:
        channel = _channel(guild)
        if channel is None:
            log.info("no channel to say hello in", server=guild.id)
            return
        try:
            if await self._store.settings.greeted(guild.id, discord.utils.utcnow()):
                reach(CrashPoint.BOT_HELLO_STORED)
                with speaking(self._store.settings.language(guild)):
                    text, view = hello(), open_view().add_item(PaintButton())
                await channel.send(text, view=view)
                reach(CrashPoint.BOT_HELLO_SAID)
        except (DBAPIError, *DiscordTrouble) as error:
            log.warning("hello not said", server=guild.id, error=short(error))


def _channel(guild: discord.Guild) -> discord.TextChannel | None:
    """Where the bot may write, those first that server owners expect it in."""
    first = [guild.system_channel] if guild.system_channel is not None else []
    for channel in (*first, *guild.text_channels):
        given = channel.permissions_for(guild.me)
        if given.view_channel and given.send_messages:
            return channel
    return None
