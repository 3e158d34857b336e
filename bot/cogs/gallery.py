"""The gallery: listens to stars, makes up for those that were given while the bot was away, and `/top`.

Rule: what is missed is looked for in the background, slowly, and within bounds: the newest pictures of art channels, the newest
entries and what they show. A message with stars, or that had some, costs a request or two; one without costs none.
"""

import asyncio
from asyncio import sleep as pause
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial

import discord
import structlog
from discord import app_commands
from discord.ext import commands
from sqlalchemy.exc import DBAPIError

from bot.answers import working
from bot.errors import BotError, DiscordTrouble, short
from bot.gallery.givers import Giver
from bot.gallery.wall import file_shown
from bot.orders import attachments
from bot.orders.audience import may_see
from bot.orders.policy import Action
from bot.orders.venue import Channel, Venue, actor_of, is_nsfw, settings_id
from bot.storage import gallery
from bot.storage.interactions import Manner
from bot.storage.settings import ChannelSettings
from bot.storage.stars import Cleared, Piece, Rules, Taken
from bot.storage.tickets import Ticket
from bot.studio import Studio, StudioClient
from bot.week.sheets import RESULT_BYTES, SIDE
from bot.words import gallery as words
from bot.words.catalogue import localised
from bot.words.gallery import Since
from bot.words.post import Picture, Post
from engine.protocol import Refusal

log = structlog.get_logger(__name__)

MESSAGES = 100  # of a channel, the newest
AGE = timedelta(days=3)  # of a message
CHANNELS = 50  # those in which something was posted last
ENTRIES = 50  # of a server, the newest
REQUESTS = 50  # at once; each further one of these waits for PAUSE_SECONDS
PAUSE_SECONDS = 2.0
TOP = 10  # pictures
_LOOKED_AT = 100  # for as many that a member may see
_DAY_SECONDS = 24 * 3600.0
_SHEET_BYTES, _SHEET_SECONDS = 2**20, 10.0
_TROUBLE = (DBAPIError, *DiscordTrouble)


class Gallery(commands.Cog):
    """What members star."""

    def __init__(self, studio: Studio, client: StudioClient) -> None:
        self._studio, self._client = studio, client
        self._looking: asyncio.Task[None] | None = None
        self._requests = 0
        self._drawing = asyncio.Semaphore(
            1
        )  # as each sheet may ask Discord for as many pictures as there are on it

    # --- stars ------------------------------------------------------------------------------------------------

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        """Somebody has starred something, perhaps."""
        member, galleries = event.member, self._studio.galleries
        if member is None or not galleries.is_on(member.guild.id):
            return
        emoji = str(event.emoji)
        channel = member.guild.get_channel_or_thread(event.channel_id)
        if not isinstance(channel, Channel) or not galleries.is_star(member.guild.id, emoji):
            return
        try:
            await galleries.starred(channel, event.message_id, Giver.of(member), emoji, event.burst)
        except _TROUBLE as error:  # it is counted when it is looked at again
            log.warning("star not counted", message=event.message_id, error=short(error))

    @commands.Cog.listener()
    async def on_raw_reaction_remove(self, event: discord.RawReactionActionEvent) -> None:
        """And has taken it back."""
        if event.guild_id is not None:
            taken = Taken(event.message_id, event.user_id, str(event.emoji), event.burst)
            await self._studio.galleries.unstarred(event.guild_id, taken)

    @commands.Cog.listener()
    async def on_raw_reaction_clear(self, event: discord.RawReactionClearEvent) -> None:
        """A moderator has removed all reactions to a message."""
        if event.guild_id is not None:
            await self._studio.galleries.cleared(event.guild_id, Cleared(event.message_id))

    @commands.Cog.listener()
    async def on_raw_reaction_clear_emoji(self, event: discord.RawReactionClearEmojiEvent) -> None:
        """A moderator has removed all reactions to a message that are of one emoji."""
        if event.guild_id is not None:
            cleared = Cleared(event.message_id, str(event.emoji))
            await self._studio.galleries.cleared(event.guild_id, cleared)

    @commands.Cog.listener()
    async def on_guild_channel_update(
        self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        """Who may see it may be others now, or it has an age restriction."""
        if is_nsfw(before) != is_nsfw(after) or before.overwrites != after.overwrites:
            await self._studio.galleries.channel_changed(after)

    @commands.Cog.listener()
    async def on_guild_role_update(self, before: discord.Role, after: discord.Role) -> None:
        """Who may see what may be others now."""
        if before.permissions.view_channel != after.permissions.view_channel:
            await self._studio.galleries.server_changed(after.guild.id)

    # --- what was missed --------------------------------------------------------------------------------------

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """A session has begun; one that was resumed has missed nothing."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="missed stars")

    async def cog_unload(self) -> None:
        """Look no further; the next process begins anew."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def _look(self) -> None:
        self._requests = 0
        for guild in self._client.guilds:
            if not self._studio.galleries.is_on(guild.id):
                continue
            for restricted in filter(is_nsfw, guild.channels):
                await self._studio.galleries.channel_changed(restricted)
            for channel in self._channels(guild):
                await self._look_at_channel(channel)
            await self._look_at_entries(guild)
            await self._studio.galleries.server_changed(guild.id)

    def _channels(self, guild: discord.Guild) -> list[Channel]:
        """The art channels with their threads, and the gallery; those first in which something was posted last."""
        known = self._studio.store.settings
        gallery_id = known.server(guild.id).gallery_id
        found = [
            channel
            for channel in (*guild.channels, *guild.threads)
            if isinstance(channel, Channel)
            and (channel.id == gallery_id or known.channel(settings_id(channel)).is_art)
            if channel.permissions_for(guild.me).read_message_history
        ]
        return sorted(found, key=lambda channel: channel.last_message_id or 0, reverse=True)[:CHANNELS]

    async def _look_at_channel(self, channel: Channel) -> None:
        oldest = discord.utils.utcnow() - AGE
        try:
            await self._turn(1)
            async for message in channel.history(limit=MESSAGES, after=oldest, oldest_first=False):
                await self._turn(await self._studio.galleries.recount(message, channel))
        except _TROUBLE as error:
            log.info("stars not looked at", channel=channel.id, error=short(error))

    async def _look_at_entries(self, guild: discord.Guild) -> None:
        """What hangs in the gallery, and what it shows, further back than channels are read."""
        entries = await self._studio.store.gallery.of(gallery.table.c.server_id == guild.id)
        for entry in entries[:ENTRIES]:
            piece = await self._studio.store.stars.find(entry.piece_id)
            if piece is None:
                continue
            for channel_id, message_id in (
                (entry.channel_id, entry.message_id),
                (piece.channel_id, piece.message_id),
            ):
                await self._look_at_message(guild, channel_id, message_id)

    async def _look_at_message(self, guild: discord.Guild, channel_id: int, message_id: int | None) -> None:
        channel = guild.get_channel_or_thread(channel_id)
        if not isinstance(channel, Channel) or message_id is None:
            return
        try:
            await self._turn(1)
            message = await channel.fetch_message(message_id)
            await self._turn(await self._studio.galleries.recount(message, channel))
        except discord.NotFound:
            await self._studio.deletion.messages_gone([message_id])
        except _TROUBLE as error:
            log.info("stars not looked at", message=message_id, error=short(error))

    async def _turn(self, requests: int) -> None:
        """Wait for the turn to ask so much of Discord."""
        self._requests += requests
        if requests and self._requests > REQUESTS:
            await pause(PAUSE_SECONDS * requests)

    # --- who is on top ----------------------------------------------------------------------------------------

    @app_commands.command(description=words.TOP.localised())
    @app_commands.describe(**localised(words.TOP_OPTIONS))
    @app_commands.choices(time=[words.choice(each) for each in Since])
    @app_commands.guild_only()
    async def top(self, interaction: discord.Interaction, time: str = Since.MONTH.value) -> None:
        """Only the asker sees it, and nothing that they could not see anyway."""
        async with working(interaction, self._studio.store.owed, Manner.THINKING):
            actor, venue = actor_of(interaction), Venue.of(interaction)
            await self._studio.policy.require(actor, venue, Action.LOOK)
            guild, member = interaction.guild, interaction.user
            if guild is None or not isinstance(member, discord.Member):
                return
            server = self._studio.store.settings.server(guild.id)
            if server.gallery_id is None:
                await interaction.edit_original_response(content=words.NO_GALLERY())
                return
            since = Since(time)
            days, now = words.DAYS[since], discord.utils.utcnow().timestamp()
            counted = await self._studio.store.stars.top(
                guild.id,
                now - days * _DAY_SECONDS if days is not None else 0.0,
                Rules.of(server, ChannelSettings()),
                _LOOKED_AT,
            )
            found: list[tuple[Piece, int, Ticket | None]] = []
            for piece, count in counted:
                if len(found) < TOP and await self._is_shown(guild, member, piece):
                    found.append((piece, count, await self._ticket(piece)))
            post = Post(words.top(found, since, server.star), await self._sheet(found))
            await interaction.edit_original_response(content=post.text, attachments=post.files())

    async def _is_shown(self, guild: discord.Guild, member: discord.Member, piece: Piece) -> bool:
        """Whether a member may see a picture where it is, and the policy lets it be among the most starred."""
        channel = guild.get_channel(piece.settings_id)
        if channel is None or is_nsfw(channel) or not may_see(member, channel):
            return False
        gallery_id = self._studio.store.settings.server(guild.id).gallery_id
        exhibit = self._studio.galleries.exhibits.exhibit(piece, gallery_id)
        if exhibit is None:
            return False
        with suppress(BotError):  # nobody else sees the list
            await self._studio.policy.require_exhibited(replace(exhibit, is_for_all=True))
            return True
        return False

    async def _ticket(self, piece: Piece) -> Ticket | None:
        return await self._studio.store.tickets.find(piece.ticket_id) if piece.ticket_id is not None else None

    async def _sheet(self, found: Sequence[tuple[Piece, int, Ticket | None]]) -> Picture | None:
        """All of them on one sheet; None if one cannot be had, or the engine is away."""
        wanted = {n: partial(self._bring, piece, ticket) for n, (piece, _, ticket) in enumerate(found, 1)}
        with suppress(BotError, Refusal, TimeoutError, *DiscordTrouble):
            async with asyncio.timeout(_SHEET_SECONDS), self._drawing:
                drawn = await self._studio.sheets.draw_brought(wanted, len(wanted), _SHEET_BYTES)
            if drawn is not None and drawn[1] == {*wanted}:
                return words.sheet(found, drawn[0].data)
        return None

    async def _bring(self, piece: Piece, ticket: Ticket | None) -> bytes:
        """What was painted here, small, from the engine, and a member's own as it is in Discord. Raises what they do."""
        with suppress(Refusal):  # as it is kept no longer
            if ticket is not None and ticket.job_id is not None:
                small = await self._studio.engine.result(ticket.job_id, max_side=SIDE, max_bytes=RESULT_BYTES)
                return small.data
        shown = await file_shown(self._client, piece)
        return await attachments.download(self._client, shown.url, "content")
