"""What was painted for a member: listed, and shown again with its buttons.

Rule: whoever sees a picture again could see it before: it is theirs, or in a channel that they can read. What was
deleted is not shown again.
"""

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress

import discord

from bot.answers import working
from bot.errors import BotError, BotErrorCode, EngineUnreachable
from bot.orders.policy import Action
from bot.orders.sources import may_read
from bot.orders.venue import Channel
from bot.place import Place
from bot.results.pictures import FinishedPictures, show
from bot.storage.interactions import Manner
from bot.storage.posts import Role
from bot.storage.tickets import Ticket
from bot.tickets.lineage import lineage_of, result_link
from bot.tickets.views import Views
from bot.words import album as words
from bot.words import result as result_words
from bot.words.post import Picture, Post
from engine.protocol import Refusal

PAGE = 8  # pictures
SHEET_BYTES = 2**20  # of their thumbnails
SHEET_SECONDS = 10.0  # to wait for these, before the list comes without
_NO_JOB = "-"  # is nobody's id
_LINK = re.compile(r"https://(?:\w+\.)?discord(?:app)?\.com/channels/(?:@me|\d+)/\d+/(?P<message>\d+)/?")
_MESSAGE = re.compile(r"\d{15,20}")
_TICKET = re.compile(r"[0-9a-f]{20}")


class Album:
    """The finished pictures of members."""

    def __init__(self, pictures: FinishedPictures, views: Views) -> None:
        self._pictures, self._store, self._views = pictures, pictures.store, views

    async def show_page(self, interaction: discord.Interaction, page: int, manner: Manner) -> None:
        """Show page `page` (from 0) of the pictures of whoever asks, privately, in place of another one or anew."""
        async with working(interaction, self._store.owed, manner):
            found = await self._store.tickets.delivered_to(
                interaction.user.id, Place.of(interaction).home_id, PAGE + 1, page * PAGE
            )
            tickets = found[:PAGE]
            shown = [(ticket, await result_link(self._store, ticket)) for ticket in tickets]
            view = self._views.of_history(page, tickets, len(found) > PAGE)
            seen = [await self._pictures.is_shown(interaction, Action.LOOK, ticket) for ticket in tickets]
            sheet = await self._sheet(tickets, seen, page)
            post = Post(words.history(shown, page), sheet)
            await show(interaction, post, view if view.children else None)

    async def _sheet(self, tickets: Sequence[Ticket], seen: Sequence[bool], page: int) -> Picture | None:
        """The pictures of a page on one, those that may be `seen`, in one call of the engine; None if it keeps none of them,
        or is away."""
        jobs = [(shown and ticket.job_id) or _NO_JOB for ticket, shown in zip(tickets, seen, strict=True)]
        if not any(seen):
            return None
        with suppress(Refusal, EngineUnreachable, TimeoutError):
            async with asyncio.timeout(SHEET_SECONDS):
                sheet = await self._pictures.engine.sheet(jobs, max_bytes=SHEET_BYTES)
            return words.sheet(tickets, page, sheet.data)
        return None

    async def show(self, interaction: discord.Interaction, what: str, post: bool) -> None:
        """Show a picture again, privately or for all. Raises BotError."""
        ticket = await self._find(interaction, what)
        await self._pictures.require(interaction, Action.POST if post else Action.LOOK, ticket)
        async with (
            working(interaction, self._store.owed, Manner.THINKING),
            self._pictures.turn(interaction.user.id),
        ):
            await (self._post if post else self._show)(interaction, ticket)

    async def _show(self, interaction: discord.Interaction, ticket: Ticket) -> None:
        post, view = await self._again(interaction, ticket, Action.LOOK, interaction.filesize_limit)
        await interaction.edit_original_response(content=post.text, attachments=post.files(), view=view)

    async def _post(self, interaction: discord.Interaction, ticket: Ticket) -> None:
        place = Place.of(interaction)
        limit = interaction.filesize_limit if place.is_by_token else place.upload_limit(interaction.client)
        with self._pictures.speaking_to_all(interaction):
            post, view = await self._again(interaction, ticket, Action.POST, limit)
        message = await self._pictures.post(interaction, ticket, post, Role.COPY, view)
        await interaction.edit_original_response(content=result_words.posted(message.jump_url))

    async def _again(
        self, interaction: discord.Interaction, ticket: Ticket, action: Action, limit: int
    ) -> tuple[Post, discord.ui.View]:
        ticket, job = await self._pictures.painted(interaction, ticket.id, action)
        await self._pictures.require_there(interaction.client, ticket)
        rendered = await self._pictures.engine.result(job, max_bytes=limit)
        lineage = await lineage_of(self._store, ticket)
        if not ticket.request.audition:
            return result_words.again(ticket, rendered, lineage), self._views.of_result(
                ticket, rendered.about
            )
        tiles = (await self._pictures.engine.job(job)).moments
        return result_words.again(ticket, rendered, lineage, tiles), self._views.of_sheet(ticket, tiles)

    async def _find(self, interaction: discord.Interaction, what: str) -> Ticket:
        """The ticket of a picture that a member may see, by its id or a message. Raises NO_SUCH_PICTURE."""
        wanted = what.strip().strip("<>`")
        ticket_id = wanted if _TICKET.fullmatch(wanted) else None
        link = _LINK.fullmatch(wanted)
        message_id = link["message"] if link else wanted if _MESSAGE.fullmatch(wanted) else None
        if ticket_id is None and message_id is not None:
            post = await self._store.posts.find(int(message_id))
            ticket_id = post.ticket_id if post is not None else None
        ticket = await self._store.tickets.find(ticket_id) if ticket_id is not None else None
        if ticket is None or not await self._may_see(interaction, ticket):
            raise BotError(BotErrorCode.NO_SUCH_PICTURE)
        return ticket

    async def _may_see(self, interaction: discord.Interaction, ticket: Ticket) -> bool:
        """Whether it is theirs, or its result is in a channel of this server that they can read."""
        if ticket.user_id == interaction.user.id:
            return True
        if interaction.guild is None or not isinstance(interaction.user, discord.Member):
            return False
        for post in await self._store.posts.of_ticket(ticket.id):
            channel = interaction.guild.get_channel_or_thread(post.channel_id)
            if post.role not in (Role.RESULT, Role.COPY) or not isinstance(channel, Channel):
                continue
            if await may_read(channel, interaction.user):
                return True
        return False
