"""Deleting a result: whose it is, and that it goes.

Rule: whoever asked for it may, whoever made the original, and moderators, of what is where they moderate: of a result that is
elsewhere, its copies there go and no more. Asked at each press, because between two of them a member may have lost a role.
"""

from collections.abc import Callable
from dataclasses import dataclass

import discord

from bot.answers import reply
from bot.errors import BotError, BotErrorCode
from bot.orders.policy import Policy
from bot.orders.venue import actor_of
from bot.place import Place
from bot.storage import tickets
from bot.storage.ledger import Entry, What
from bot.storage.posts import Posted, Role
from bot.storage.store import Store
from bot.storage.tickets import Known, TicketState
from bot.tickets.deletion import Deletion
from bot.tickets.delivery import posted
from bot.words import deletion as words
from bot.words.result import ticket_of


@dataclass(frozen=True)
class Target:
    """What is to be deleted: a ticket's pictures, or else one message of which nothing is known any more."""

    ticket_id: str | None = None
    channel_id: int = 0
    message_id: int = 0


class Removal:
    """Deletes results for whoever may."""

    def __init__(
        self,
        store: Store,
        policy: Policy,
        deletion: Deletion,
        question: Callable[[Target], discord.ui.View],
    ) -> None:
        self._store, self._policy, self._deletion = store, policy, deletion
        self._question = question

    async def ask(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Ask whether what a message shows shall go.

        Raises BotError NOT_A_RESULT, STILL_PAINTING, NOT_YOURS_TO_DELETE, RESULT_DELETED.
        """
        if not Place.of(interaction).is_by_token:
            target = await self._target_of(interaction, message)
            await reply(interaction, words.CONFIRM(), self._question(target))
            return
        # Only a press at the very message can delete it, so it gets the button to be pressed next.
        target = await self._target_here(interaction, message)
        shown = discord.ui.View.from_message(message)
        for item in self._question(target).children:
            if getattr(item, "custom_id", None) not in _ids(shown):
                shown.add_item(item)
        shown.stop()  # its items answer by their custom ids, as everywhere
        await interaction.response.edit_message(view=shown)
        await interaction.followup.send(words.CONFIRM_HERE(), ephemeral=True)

    async def remove_here(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Delete what was asked about, and the message itself, which only this press can delete. Raises BotError."""
        target = await self._target_here(interaction, message)
        await self.remove(interaction, target)
        await interaction.delete_original_response()
        await interaction.followup.send(words.DELETED(), ephemeral=True)

    async def _target_here(self, interaction: discord.Interaction, message: discord.Message) -> Target:
        """What a message shows that only an interaction's token opens. Raises BotError."""
        named = next(filter(None, (ticket_of(each.filename) for each in message.attachments)), None)
        if message.author != interaction.client.user or named is None:
            raise BotError(BotErrorCode.NOT_A_RESULT)
        found = await self._store.tickets.known(tickets.table.c.id == named)
        for ticket in found:
            await self._reach(interaction, ticket)
        if not found:
            self._require_owner(interaction, *message.raw_mentions[:1])
        return Target(named)

    async def _is_known(self, interaction: discord.Interaction, ticket_id: str) -> bool:
        """Whether there is such a ticket. Raises BotError unless it is there to be deleted, by whoever asks."""
        found = await self._store.tickets.known(tickets.table.c.id == ticket_id)
        for ticket in found:
            await self._reach(interaction, ticket)
            if ticket.state == TicketState.DELETED and not await self._store.posts.of_ticket(ticket_id):
                raise BotError(BotErrorCode.RESULT_DELETED)
        return bool(found)

    async def _target_of(self, interaction: discord.Interaction, message: discord.Message) -> Target:
        if message.author != interaction.client.user:
            raise BotError(BotErrorCode.NOT_A_RESULT)
        post = await self._store.posts.find(message.id)
        if post is not None and post.role is Role.PROGRESS:
            raise BotError(BotErrorCode.STILL_PAINTING)
        shown = (ticket_of(each.filename) for each in message.attachments)
        ticket_id = post.ticket_id if post is not None else next(filter(None, shown), None)
        if ticket_id is None:
            raise BotError(BotErrorCode.NOT_A_RESULT)
        if await self._is_known(interaction, ticket_id):
            if post is None:  # a former process did not live to note it
                await self._deletion.note(posted(message, ticket_id, Role.RESULT))
            return Target(ticket_id)
        # Nothing is known of it any more: it is for the member whom it was posted for.
        self._require_owner(interaction, *message.raw_mentions[:1])
        return Target(None, message.channel.id, message.id)

    async def remove(self, interaction: discord.Interaction, target: Target) -> None:
        """Delete it. Raises BotError as `ask`."""
        if target.ticket_id is None:
            there = interaction.client.get_partial_messageable(target.channel_id)
            try:
                target = await self._target_of(interaction, await there.fetch_message(target.message_id))
            except discord.NotFound as error:
                raise BotError(BotErrorCode.RESULT_DELETED) from error
        if target.ticket_id is None:
            await self._deletion.delete_message(interaction.guild_id, target.channel_id, target.message_id)
            return
        is_here = Place.of(interaction).is_by_token  # where what is left of it goes too
        if is_here and await self._store.tickets.state(target.ticket_id) in (None, TicketState.DELETED):
            return
        if not await self._is_known(interaction, target.ticket_id):
            raise BotError(BotErrorCode.RESULT_DELETED)
        [ticket] = await self._store.tickets.known(tickets.table.c.id == target.ticket_id)
        here, told = await self._reach(interaction, ticket), self._told(interaction, ticket)
        if here is None:
            await self._deletion.delete(ticket.id, told)
        else:
            await self._deletion.delete_copies(here)

    async def _reach(self, interaction: discord.Interaction, ticket: Known) -> list[Posted] | None:
        """The messages with a result that somebody may delete; None: it may go wherever it is.

        Raises BotError NOT_YOURS_TO_DELETE.
        """
        actor, server_id = actor_of(interaction), interaction.guild_id
        if actor.id in (ticket.user_id, ticket.author_id):
            return None
        self._require_owner(interaction)
        of_server = server_id is not None and self._policy.moderates(actor)
        if of_server and ticket.server_id == server_id:
            return None
        posts = await self._store.posts.of_ticket(ticket.id)
        here = [post for post in posts if post.channel_id == interaction.channel_id]
        if any(post.role is Role.RESULT for post in here):
            return None
        here = [post for post in posts if post.server_id == server_id] if of_server else here
        if not here and not Place.of(interaction).is_by_token:  # where the message itself is all there is
            raise BotError(BotErrorCode.NOT_YOURS_TO_DELETE)
        return here

    def _told(self, interaction: discord.Interaction, ticket: Known) -> list[Entry]:
        """What moderators are told, if it is one of them who deletes what is somebody else's."""
        by_id, now = interaction.user.id, discord.utils.utcnow().timestamp()
        if by_id in (ticket.user_id, ticket.author_id):
            return []
        return self._store.entries(ticket.server_id, What.REMOVED, by_id, now, ticket.user_id)

    def _require_owner(self, interaction: discord.Interaction, *owners: int | None) -> None:
        refusal = BotErrorCode.NOT_YOURS_TO_DELETE
        self._policy.require_owner(actor_of(interaction), *owners, refusal=refusal)


def _ids(view: discord.ui.View) -> set[str | None]:
    return {getattr(item, "custom_id", None) for item in view.children}
