"""The gallery: listens to stars and to what decides who may see which picture, and `/top`.

Rule: what was missed meanwhile is made up for in the background, by `bot.gallery.looks`.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
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
from bot.orders.venue import Channel, Venue, actor_of, is_nsfw
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

TOP = 10  # pictures
_LOOKED_AT = 100  # for as many that a member may see
_DAY_SECONDS = 24 * 3600.0
_SHEET_BYTES, _SHEET_SECONDS = 2**20, 10.0
_TROUBLE = (DBAPIError, *DiscordTrouble)


class Gallery(commands.Cog):
    """What members star."""

    def __init__(self, studio: Studio, client: StudioClient) -> None:
        self._studio, self._client = studio, client
        self._drawing = asyncio.Semaphore(
            1
        )  # as each sheet may ask Discord for as many pictures as there are on it

    # --- stars ------------------------------------------------------------------------------------------------

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        """Somebody has starred something, perhaps."""
        member, galleries = event.member, self._studio.galleries
        if member is None:
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
    async def on_guild_channel_create(self, channel: discord.abc.GuildChannel) -> None:
        """It may have an age restriction from the start."""
        if is_nsfw(channel):
            await self._studio.galleries.note_restrictions([channel])

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """What there is in a new server is to be known."""
        self._studio.looks.begin(guild.id)

    @commands.Cog.listener()
    async def on_guild_role_update(self, before: discord.Role, after: discord.Role) -> None:
        """Who may see what may be others now."""
        flags = [(each.permissions.view_channel, each.permissions.administrator) for each in (before, after)]
        if flags[0] != flags[1]:
            await self._studio.galleries.server_changed(after.guild.id)

    @commands.Cog.listener()
    async def on_guild_role_create(self, role: discord.Role) -> None:
        """Whoever has a new role may see what others do not."""
        await self._studio.galleries.server_changed(role.guild.id)

    # --- what was missed --------------------------------------------------------------------------------------

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """A session has begun; one that was resumed has missed nothing."""
        self._studio.looks.begin(*(guild.id for guild in self._client.guilds))

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """A server is back after an outage, or was slower than the session."""
        self._studio.looks.begin(guild.id)

    async def cog_unload(self) -> None:
        """Look no further; the next process begins anew."""
        await self._studio.looks.close()

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
            if not self._studio.galleries.is_on(guild.id):
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
        exhibit = await self._studio.galleries.exhibits.exhibit(piece)
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
