"""Finished pictures, fetched for whoever wants to see one: found by their tickets, fitted to what takes them.

Rule: whatever is no longer kept is one clear sentence. One picture is in memory at a time, and a member waits for one
at most, or a few clicks of theirs would keep all others waiting.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager

import discord

from bot.engine_client import EngineClient
from bot.errors import BotError, BotErrorCode, is_passing
from bot.languages import speaking
from bot.orders.policy import Action, Policy
from bot.orders.venue import Venue, actor_of, is_restricted
from bot.place import Place
from bot.storage.drafts import Draft, snapshot_nonce
from bot.storage.posts import Posted, Role
from bot.storage.store import Store
from bot.storage.tickets import FINISHED, Ticket, TicketState
from bot.tickets.deletion import Deletion
from bot.tickets.delivery import Delivery, message_of, posted
from bot.tickets.message import fields
from bot.words.post import Post
from engine.protocol import CrashPoint, ErrorCode, JobView, Refusal, reach

FETCH_SECONDS = 180.0  # for a picture of the engine to be in Discord, or others would wait in vain


class FinishedPictures:
    """What was painted, and who may have it."""

    def __init__(self, store: Store, engine: EngineClient, policy: Policy, deletion: Deletion) -> None:
        self.store, self.engine, self.deletion, self._policy = store, engine, deletion, policy
        self._fetching = asyncio.Lock()
        self._waiting: set[int] = set()  # members

    async def require(
        self, interaction: discord.Interaction, action: Action, ticket: Ticket | None = None
    ) -> None:
        """Ask the policy, for the picture that a ticket's line began with. Raises BotError."""
        actor, venue = actor_of(interaction), Venue.of(interaction)
        if ticket is None:
            await self._policy.require(actor, venue, action)
            return
        root_id, nsfw = ticket.root_id or ticket.id, is_restricted(interaction.client, ticket)
        await self._policy.require(actor, venue, action, ticket.author_id, nsfw, root_id)

    async def require_shown(self, interaction: discord.Interaction, action: Action, ticket: Ticket) -> None:
        """Ask the policy only whether a ticket's picture may be shown by this. Raises BotError."""
        actor, venue, root_id = actor_of(interaction), Venue.of(interaction), ticket.root_id or ticket.id
        nsfw = is_restricted(interaction.client, ticket)
        await self._policy.require_picture(actor, venue, action, ticket.author_id, nsfw, root_id)

    def speaking_to_all(self, interaction: discord.Interaction) -> AbstractContextManager[None]:
        """Say everything as all read it where a member clicks, and not they alone."""
        return speaking(self.store.settings.language(Place.of(interaction).server(interaction.client)))

    async def is_shown(self, interaction: discord.Interaction, action: Action, ticket: Ticket) -> bool:
        """Whether the policy lets a ticket's picture be shown by this."""
        try:
            await self.require_shown(interaction, action, ticket)
        except BotError:
            return False
        return True

    async def painted(
        self, interaction: discord.Interaction, ticket_id: str, action: Action
    ) -> tuple[Ticket, str]:
        """A ticket and the job that has painted it, for what somebody wants to do with its picture: whoever fetches one
        asks this first, and so the policy. Raises BotError, PAINTING_GONE and RESULT_DELETED too.
        """
        ticket = await self.find(ticket_id)
        if ticket is None or ticket.job_id is None or ticket.state not in FINISHED:
            raise BotError(BotErrorCode.PAINTING_GONE)
        await self.require_shown(interaction, action, ticket)
        return ticket, ticket.job_id

    async def find(self, ticket_id: str) -> Ticket | None:
        """A ticket, if it is known. Raises BotError RESULT_DELETED."""
        ticket = await self.store.tickets.find(ticket_id)
        if ticket is not None and ticket.state is TicketState.DELETED:
            raise BotError(BotErrorCode.RESULT_DELETED)
        return ticket

    async def require_there(self, client: discord.Client, ticket: Ticket) -> None:
        """Whether a ticket's result was not deleted, perhaps while nobody was here to hear of it; one that nobody has
        noted counts as there. Raises BotError RESULT_DELETED, and what Discord does."""
        message_id = ticket.result_message_id
        if message_id is None or await self.store.posts.find(message_id) is None:
            return
        if await self.post_there(client, message_id) is None:
            raise BotError(BotErrorCode.RESULT_DELETED)

    async def post_there(self, client: discord.Client, message_id: int) -> Posted | None:
        """What is noted of a message of ours, unless somebody has deleted it. Raises what Discord does."""
        post = await self.store.posts.find(message_id)
        if post is None:
            return None
        try:
            await message_of(client, post)
        except discord.NotFound:
            await self.deletion.messages_gone([message_id])
            return None
        return post

    async def post(
        self,
        interaction: discord.Interaction,
        ticket: Ticket,
        post: Post,
        role: Role,
        buttons: discord.ui.View | None = None,
        snapshot: int | None = None,
    ) -> discord.Message:
        """Post something of a ticket where a member clicks, and note it; a `snapshot` by its number.

        Raises BotError RESULT_DELETED: it was meanwhile, and both go; and what Discord does.
        """
        if Place.of(
            interaction
        ).is_by_token:  # by which it is shown, and nothing else can be done with it later
            return await interaction.followup.send(wait=True, **fields(post, buttons))
        nonce = f"{interaction.id}p" if snapshot is None else snapshot_nonce(ticket.id, snapshot)
        delivery = Delivery.at(interaction, ticket)
        draft = await delivery.draft(nonce, role)
        return await self._posted(draft, lambda: delivery.post_beneath(post, nonce, buttons))

    async def send(
        self, interaction: discord.Interaction, ticket: Ticket, post: Post, buttons: discord.ui.View | None
    ) -> None:
        """Send a copy of a ticket's picture to whoever clicks, and note it. Raises as `post`."""
        direct = await interaction.user.create_dm()
        # It comes after the click, whose id is as old as that is.
        draft = Draft(f"{interaction.id}c", ticket.id, direct.id, None, Role.COPY, interaction.id)
        await self._posted(draft, lambda: direct.send(nonce=draft.nonce, **fields(post, buttons)))

    async def _posted(
        self, draft: Draft, posting: Callable[[], Awaitable[discord.Message]]
    ) -> discord.Message:
        await self.store.drafts.begin(draft)
        try:
            message = await posting()
        except discord.HTTPException as error:
            if not is_passing(error):  # then it may be there all the same
                await self.store.drafts.done(draft.nonce)
            raise
        reach(CrashPoint.BOT_COPY_POSTED)
        is_noted = await self.deletion.note(posted(message, draft.ticket_id, draft.role))
        if is_noted and draft.snapshot is not None:
            await self.store.snapshots.add(draft.ticket_id, draft.snapshot, message.id)
        await self.store.drafts.done(draft.nonce)
        reach(CrashPoint.BOT_COPY_NOTED)
        if not is_noted:
            raise BotError(BotErrorCode.RESULT_DELETED)
        return message

    async def view(self, job: str) -> JobView | None:
        """A job as the engine knows it; None if it no longer does. Raises Refusal, EngineUnreachable."""
        try:
            return await self.engine.job(job)
        except Refusal as refusal:
            if refusal.code is ErrorCode.NOT_FOUND:
                return None
            raise

    @asynccontextmanager
    async def turn(self, member_id: int) -> AsyncIterator[None]:
        """Wait for the turn to hold a picture, for FETCH_SECONDS at most.

        What the engine no longer keeps is PAINTING_GONE. Raises BotError STILL_FETCHING too.
        """
        if member_id in self._waiting:
            raise BotError(BotErrorCode.STILL_FETCHING)
        self._waiting.add(member_id)
        try:
            async with self._fetching, asyncio.timeout(FETCH_SECONDS):
                yield
        except Refusal as refusal:
            if refusal.code is ErrorCode.NOT_FOUND:
                raise BotError(BotErrorCode.PAINTING_GONE) from refusal
            raise
        finally:
            self._waiting.discard(member_id)


async def show(interaction: discord.Interaction, post: Post, view: discord.ui.View | None = None) -> None:
    """Answer with a picture, where something was promised. Raises what Discord does."""
    await interaction.edit_original_response(content=post.text, attachments=post.files(), view=view)
