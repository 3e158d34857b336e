"""Posting where a ticket belongs so that everything appears there exactly once.

Rule: every post carries a nonce made of the ticket's id, which Discord remembers for some minutes; for later,
the result's file name carries the id, so a restarted bot finds what it had posted before it was cut off.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import discord
import structlog

from bot.storage.posts import Posted, Role
from bot.storage.tickets import Ticket
from bot.tickets.message import SEND_SECONDS, TicketMessage, fields
from bot.words.post import Post
from bot.words.result import delivered_privately, result_stem, snapshot_stem

log = structlog.get_logger(__name__)

_HISTORY = 200  # messages that are searched for a result, the newest first: it was posted just before a crash


def posted(message: discord.Message, ticket_id: str, role: Role) -> Posted:
    """What is noted of a message of ours."""
    server_id = message.guild.id if message.guild is not None else None
    at = message.created_at.timestamp()
    return Posted(message.id, message.channel.id, server_id, ticket_id, role, at)


async def message_of(client: discord.Client, post: Posted) -> discord.Message:
    """A message of ours as it is now. Raises what Discord does."""
    channel = client.get_partial_messageable(post.channel_id, guild_id=post.server_id)
    return await channel.fetch_message(post.message_id)


class Delivery:
    """The channel of one ticket, or its member's direct messages where the bot has none to write into."""

    def __init__(self, client: discord.Client, ticket: Ticket) -> None:
        self._client, self._ticket = client, ticket
        self._channel = ticket.place.channel(client)

    async def post_ticket(self, post: Post, buttons: discord.ui.View) -> TicketMessage:
        """Show the ticket. Raises discord.HTTPException."""
        message = await self._send(f"{self._ticket.id}t", **fields(post, buttons))
        channel = self._client.get_partial_messageable(message.channel.id)
        return TicketMessage(message.id, channel.get_partial_message(message.id))

    async def find_ticket(self) -> TicketMessage | None:
        """The message that shows the ticket, if a former process has posted one; it has the ticket's buttons."""
        found = await self._find(self._ticket.source_message_id, self._shows_ticket)
        if found is None:
            return None
        channel = self._client.get_partial_messageable(found.channel.id)
        return TicketMessage(found.id, channel.get_partial_message(found.id))

    async def post_result(self, post: Post, buttons: discord.ui.View) -> discord.Message:
        """Post the result and mention its owner; privately to them if the channel is closed to the bot.

        Where the channel is closed, it comes without buttons: a snapshot would be posted into that channel.
        """
        mentions = discord.AllowedMentions(users=[discord.Object(self._ticket.user_id)])
        shown = fields(post, buttons) | {"allowed_mentions": mentions}
        try:
            return await self._send(self._ticket.id, **shown)
        except (discord.Forbidden, discord.NotFound) as error:
            log.warning("result not posted in its channel", ticket=self._ticket.id, code=error.code)
            return await self._post_privately(post)

    async def post_snapshot(self, n: int, post: Post) -> discord.Message:
        """Post snapshot `n` beneath its result. Raises what Discord does.

        It rings for nobody: whoever picks snapshots is there, and may not be the owner.
        """
        nonce = f"{self._ticket.id}m{n}"
        return await self._send(nonce, self._ticket.result_message_id, **fields(post))

    async def find_posted(self, n: int) -> discord.Message | None:
        """Snapshot `n`, if it is in the channel."""
        stem = snapshot_stem(self._ticket, n)

        def shows_it(message: discord.Message) -> bool:
            return any(stem in attachment.filename for attachment in message.attachments)

        return await self._find(self._ticket.result_message_id, shows_it)

    async def find_result(self) -> discord.Message | None:
        """The result if it is already in the channel; None also if the channel is closed to the bot."""
        return await self._find(self._ticket.message_id or self._ticket.source_message_id, self._shows_result)

    async def _find(
        self, earlier: int | None, is_it: Callable[[discord.Message], bool]
    ) -> discord.Message | None:
        after = discord.Object(earlier) if earlier is not None else None
        try:
            channel = await self._destination()
            async for message in channel.history(limit=_HISTORY, after=after, oldest_first=False):
                if message.author == self._client.user and is_it(message):
                    return message
        except (discord.Forbidden, discord.NotFound) as error:
            log.warning("channel not searched", ticket=self._ticket.id, code=error.code)
        return None

    def _shows_ticket(self, message: discord.Message) -> bool:
        rows = (row.children for row in message.components if isinstance(row, discord.ActionRow))
        buttons = any((item.custom_id or "").endswith(f":{self._ticket.id}") for row in rows for item in row)
        return buttons and not self._shows_result(message)

    def _shows_result(self, message: discord.Message) -> bool:
        return any(result_stem(self._ticket) in attachment.filename for attachment in message.attachments)

    async def _send(self, nonce: str, answered: int | None = None, **shown: Any) -> discord.Message:
        answered = answered or self._ticket.source_message_id
        channel_id = self._ticket.place.channel_id
        if answered is not None and channel_id is not None:
            shown["reference"] = discord.MessageReference(
                message_id=answered, channel_id=channel_id, fail_if_not_exists=False
            )
            shown["mention_author"] = False
        async with asyncio.timeout(SEND_SECONDS):
            return await (await self._destination()).send(nonce=nonce, **shown)

    async def _destination(self) -> discord.abc.Messageable:
        return self._channel or await self._client.fetch_user(self._ticket.user_id)

    async def _post_privately(self, post: Post) -> discord.Message:
        shown = fields(delivered_privately(post))
        async with asyncio.timeout(SEND_SECONDS):
            user = await self._client.fetch_user(self._ticket.user_id)
            return await user.send(nonce=self._ticket.id, **shown)
