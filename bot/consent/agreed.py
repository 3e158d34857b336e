"""Painting what authors have said yes to, for whoever has asked.

Rule: each picture is painted once, over restarts too, and only if whoever asked still may; what finds no place waits.
"""

import asyncio
from datetime import timedelta

import discord
import structlog
from sqlalchemy.exc import DBAPIError

from bot.consent.wishes import Agreed, Wish, from_text, reaction_of, refreshed, sheet_of
from bot.errors import BotError, BotErrorCode, DiscordTrouble, is_passing
from bot.orders.admission import Admission
from bot.orders.pictures import Kind
from bot.orders.policy import Action, Policy
from bot.orders.request import StyleRequest
from bot.orders.sources import identities
from bot.orders.venue import Channel, Venue, actor_in, channel_in, is_restricted
from bot.refusals import Refusals, is_passing_refusal
from bot.storage.consents import Answer, Question
from bot.storage.reactions import Reaction
from bot.storage.store import Store
from bot.tickets.desk import Desk
from engine.protocol import CrashPoint, Owner, Refusal, reach

log = structlog.get_logger(__name__)

VOID_AFTER = timedelta(days=3)  # of a question, answered or not
RETRY_SECONDS = 60.0  # for a place in the queue


class AgreedPictures:
    """The questions that were answered with yes, and are still to be painted."""

    def __init__(
        self,
        client: discord.Client,
        store: Store,
        policy: Policy,
        admission: Admission,
        desk: Desk,
        refusals: Refusals,
    ) -> None:
        self._client, self._store, self._policy, self._admission = client, store, policy, admission
        self._desk, self._refusals = desk, refusals
        self._painting: asyncio.Task[None] | None = None
        self._is_due = self._is_closing = False

    def paint(self) -> None:
        """Paint what was agreed to, unless that is under way: then that is, too."""
        self._is_due = True
        if not self._is_closing and (self._painting is None or self._painting.done()):
            self._painting = asyncio.create_task(self._paint_all(), name="agreed pictures")

    async def close(self) -> None:
        """Leave what is not painted yet to the next process."""
        self._is_closing = True
        if self._painting is not None:
            self._painting.cancel()
            await asyncio.gather(self._painting, return_exceptions=True)

    async def _paint_all(self) -> None:
        """Paint each picture that was agreed to, and go on while some have to wait for a place."""
        while self._is_due:
            self._is_due = False
            while agreed := await self._store.consents.agreed():
                done = [await self._paint(each) for each in agreed]
                if not any(done):
                    await asyncio.sleep(RETRY_SECONDS)

    async def _paint(self, question: Question) -> bool:
        """Paint one, or say why not; False if it has to wait."""
        guild = self._client.get_guild(question.server_id)
        if guild is not None and guild.unavailable:  # an outage of Discord's takes nothing along
            return False
        channel = channel_in(self._client, question.server_id, question.channel_id)
        order = from_text(question.order)
        is_old = question.at <= (discord.utils.utcnow() - VOID_AFTER).timestamp()
        if channel is not None and order is not None and not is_old:
            try:
                await self._hand_in(channel, question, order)
            except (DBAPIError, BotError, Refusal, *DiscordTrouble) as error:
                if is_passing_refusal(error) or is_passing(error):
                    log.info("agreed picture waits", question=question.id, error=str(error))
                    return False
                await self._refuse(channel, question, order, error)
        reach(CrashPoint.BOT_AGREED_TAKEN)
        await self._store.consents.close(question.id)
        return True

    async def _hand_in(self, channel: Channel, question: Question, order: Wish) -> None:
        """Have it painted for whoever has asked, if they still may, the picture is there, and it was not yet."""
        tickets = self._store.tickets
        is_there = await tickets.state(question.id) is not None and not await tickets.forget_untold(
            question.id
        )
        said = await self._store.consents.answer(question.author_id, question.server_id)
        if is_there or said is Answer.NEVER:
            return
        member = await channel.guild.fetch_member(question.asker_id)
        ticket, venue = order.ticket(discord.utils.utcnow()), Venue.of_channel(channel)
        reaction = reaction_of(order)
        if reaction is not None and await self._store.reactions.has_counted(reaction):
            return
        action = Action.REACT if order.by_reaction else Action.PAINT
        actor, nsfw = actor_in(channel, member), is_restricted(self._client, ticket)
        await self._policy.require(actor, venue, action, nsfw=nsfw, sheet=sheet_of(order))
        try:  # the server may want it otherwise by now
            await self._policy.require_picture(actor, venue, action, ticket.author_id, nsfw, ticket.root_id)
        except BotError as error:
            if error.code is not BotErrorCode.CONSENT_NEEDED:  # which is there
                raise
        owner = Owner(group=venue.place.group(member.id), user=str(member.id))
        with self._admission.hold(owner) as hold:
            await self._admission.grant(hold)
            if ticket.source_message_id is not None:
                there = self._client.get_partial_messageable(ticket.source_place.channel_id or channel.id)
                message = await there.fetch_message(ticket.source_message_id)
                if self._client.intents.message_content and _is_taken_out(order, message):
                    return
                order = refreshed(order, message)
            await self._desk.accept(Agreed(order, question.id), hold=hold)

    async def _refuse(self, channel: Channel, question: Question, order: Wish, error: Exception) -> None:
        """Say why it is not painted, unless the picture or whoever wanted it is gone."""
        reaction = order.ticket(discord.utils.utcnow()).reaction
        if isinstance(error, discord.NotFound):
            return
        if reaction is None:
            reaction = Reaction(question.message_id, question.asker_id, "")
        await self._refusals.refuse(channel, reaction, error, counts=order.by_reaction)


def _is_taken_out(order: Wish, message: discord.Message) -> bool:
    """Whether the picture is no longer in its message."""
    if not isinstance(order, StyleRequest) or order.content.kind is not Kind.FILE:
        return False
    return order.content.identity not in identities(message)
