"""What members still do with a finished picture: have it painted anew, see its painting, take a snapshot.

Rule: everything is looked up when it is asked for: the ticket in the store, its images on the shelf, the
painting in the engine. Whatever is no longer kept is one clear sentence. One picture is in memory at a time,
and a member waits for one at most, or a few clicks of theirs would keep all others waiting.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import discord

from bot.answers import working
from bot.consent.inquiries import Inquiries
from bot.engine_client import EngineClient
from bot.errors import BotError, BotErrorCode
from bot.orders.attachments import first_picture
from bot.orders.policy import Action, Policy
from bot.orders.remake import Change, Remake
from bot.orders.venue import Venue, actor_of
from bot.place import Place
from bot.storage.interactions import Manner
from bot.storage.posts import Role
from bot.storage.store import Store
from bot.storage.tickets import Ticket, TicketState
from bot.tickets.asked import Asked
from bot.tickets.deletion import Deletion
from bot.tickets.delivery import Delivery, message_of, posted
from bot.tickets.views import Views
from bot.words import result as words
from engine.protocol import CrashPoint, ErrorCode, Refusal, reach

FETCH_SECONDS = 180.0  # for a picture of the engine to be in Discord, or others would wait in vain


class ResultActions:
    """The finished pictures."""

    def __init__(
        self,
        store: Store,
        engine: EngineClient,
        policy: Policy,
        inquiries: Inquiries,
        deletion: Deletion,
        views: Views,
    ) -> None:
        self._store, self._engine, self._policy, self._views = store, engine, policy, views
        self._inquiries, self._deletion = inquiries, deletion
        self._fetching = asyncio.Lock()
        self._waiting: set[int] = set()  # members

    async def remake(self, interaction: discord.Interaction, ticket_id: str, change: Change) -> None:
        """Hand in what a button asks, as a picture for whoever pressed it. Raises BotError, Refusal."""
        ticket = _not_deleted(await self._store.tickets.find(ticket_id))
        message = interaction.message
        result = first_picture(message) if message is not None else None
        if ticket is None or message is None or result is None:
            raise BotError(BotErrorCode.PICTURE_GONE)
        remake = Remake(ticket, change, Place.of(interaction), interaction.user.id, result, message.id)
        asked = Asked(interaction, Manner.CLICK)
        text = await self._inquiries.take(actor_of(interaction), Venue.of(interaction), remake, asked)
        if text is not None:
            await interaction.followup.send(text, ephemeral=True)

    async def _require(
        self, interaction: discord.Interaction, action: Action, ticket: Ticket | None = None
    ) -> None:
        """Ask the policy, for the picture that a ticket's line began with. Raises BotError."""
        author, nsfw = (ticket.author_id, ticket.nsfw) if ticket is not None else (None, False)
        await self._policy.require(actor_of(interaction), Venue.of(interaction), action, author, nsfw)

    async def show_timelapse(self, interaction: discord.Interaction, ticket_id: str) -> None:
        """Answer with how it was painted, and with its snapshots, or with why not."""
        await self._require(interaction, Action.LOOK)
        async with working(interaction, self._store.owed, Manner.THINKING):
            ticket, job = await self._painted(ticket_id)
            try:
                await self._show_timelapse(interaction, ticket, job)
            except Refusal as refusal:
                raise _gone(refusal) from refusal

    async def _show_timelapse(self, interaction: discord.Interaction, ticket: Ticket, job: str) -> None:
        view = await self._engine.job(job)
        async with self._turn(interaction.user.id):
            post = words.timelapse(ticket, await self._engine.timelapse(job))
            await interaction.edit_original_response(
                content=post.text,
                attachments=post.files(),
                view=self._views.of_timelapse(ticket, view.moments),
            )

    async def post_snapshot(
        self, interaction: discord.Interaction, ticket_id: str, n: int, percent: int
    ) -> None:
        """Post snapshot `n` of a painting into its channel, unless it is there, or say why not.

        Raises BotError MISSING_PERMISSIONS.
        """
        ticket, job = await self._painted(ticket_id)
        await self._require(interaction, Action.POST, ticket)
        async with working(interaction, self._store.owed, Manner.CLICK):
            async with self._turn(interaction.user.id):
                answer = await self._posted(interaction, ticket, job, n, percent)
            await interaction.followup.send(answer, ephemeral=True)

    async def _posted(
        self, interaction: discord.Interaction, ticket: Ticket, job: str, n: int, percent: int
    ) -> str:
        """Where a snapshot is, posted if need be, or why it is not.

        Raises BotError RESULT_DELETED, MOMENT_DELETED: what somebody has deleted is not posted again.
        """
        delivery = Delivery(interaction.client, ticket)
        limit = ticket.place.upload_limit(interaction.client)
        if not await self._is_there(interaction.client, ticket.result_message_id):
            raise BotError(BotErrorCode.RESULT_DELETED)
        known = await self._store.snapshots.message(ticket.id, n)
        if known is not None:
            if (there := await self._post_there(interaction.client, known)) is None:
                raise BotError(BotErrorCode.MOMENT_DELETED)
            return words.snapshot_there(there.jump_url)
        if len(data := await self._snapshot(job, n)) > limit:
            return words.too_large(len(data), limit, ticket.place)
        post = words.snapshot(ticket, n, percent, data, interaction.user.id)
        await self._store.snapshots.begin(ticket.id, n)
        reach(CrashPoint.BOT_SNAPSHOT_BEGUN)
        message = await delivery.post_snapshot(n, post)
        reach(CrashPoint.BOT_SNAPSHOT_POSTED)
        await self._note_snapshot(ticket, n, message)
        return words.snapshot_there(message.jump_url)

    async def _note_snapshot(self, ticket: Ticket, n: int, message: discord.Message) -> None:
        """Raises BotError RESULT_DELETED if it was, meanwhile: then the snapshot goes too."""
        is_noted = await self._deletion.note(posted(message, ticket.id, Role.SNAPSHOT))
        await self._store.snapshots.add(ticket.id, n, message.id)
        reach(CrashPoint.BOT_SNAPSHOT_NOTED)
        if not is_noted:
            raise BotError(BotErrorCode.RESULT_DELETED)

    async def find_snapshots(self, client: discord.Client) -> None:
        """Note those that a former process was about to post, if it has."""
        for ticket_id, n in await self._store.snapshots.begun():
            ticket = await self._store.tickets.find(ticket_id)
            message = await Delivery(client, ticket).find_posted(n) if ticket is not None else None
            if ticket is None or message is None:
                await self._store.snapshots.forget(ticket_id, n)
            else:
                with suppress(BotError):
                    await self._note_snapshot(ticket, n, message)

    async def _is_there(self, client: discord.Client, message_id: int | None) -> bool:
        """Whether a result is still there; one that nobody has noted counts as that."""
        if message_id is None or await self._store.posts.find(message_id) is None:
            return True
        return await self._post_there(client, message_id) is not None

    async def _post_there(self, client: discord.Client, message_id: int) -> discord.Message | None:
        """A message of ours, unless somebody has deleted it, perhaps while nobody was here to hear of it."""
        post = await self._store.posts.find(message_id)
        if post is None:
            return None
        try:
            return await message_of(client, post)
        except discord.NotFound:
            await self._deletion.messages_gone([message_id])
            return None

    @asynccontextmanager
    async def _turn(self, member_id: int) -> AsyncIterator[None]:
        """Wait for the turn to hold a picture, for FETCH_SECONDS at most. Raises BotError STILL_FETCHING."""
        if member_id in self._waiting:
            raise BotError(BotErrorCode.STILL_FETCHING)
        self._waiting.add(member_id)
        try:
            async with self._fetching, asyncio.timeout(FETCH_SECONDS):
                yield
        finally:
            self._waiting.discard(member_id)

    async def _snapshot(self, job: str, n: int) -> bytes:
        try:
            return await self._engine.snapshot(job, n)
        except Refusal as refusal:
            raise _gone(refusal) from refusal

    async def _painted(self, ticket_id: str) -> tuple[Ticket, str]:
        """A ticket and the job that has painted it. Raises BotError PAINTING_GONE, RESULT_DELETED."""
        ticket = _not_deleted(await self._store.tickets.find(ticket_id))
        if ticket is None or ticket.job_id is None:
            raise BotError(BotErrorCode.PAINTING_GONE)
        return ticket, ticket.job_id


def _not_deleted(ticket: Ticket | None) -> Ticket | None:
    """Raises BotError RESULT_DELETED for a ticket whose result was."""
    if ticket is not None and ticket.state is TicketState.DELETED:
        raise BotError(BotErrorCode.RESULT_DELETED)
    return ticket


def _gone(refusal: Refusal) -> Exception:
    return BotError(BotErrorCode.PAINTING_GONE) if refusal.code is ErrorCode.NOT_FOUND else refusal
