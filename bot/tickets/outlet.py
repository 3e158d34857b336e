"""Where what is posted for a ticket goes: beneath its picture, into a thread under it, or into the results channel.

Rule: what a server has chosen is settled when the ticket is taken, while Discord has just told of the place. A picture has
one thread, to which Discord gives the id of the picture's message, so it is found again without anything remembered. Of many
that are asked for at once only a few threads are opened at first, as Discord takes so many requests a second from a bot and no
more: the other tickets are shown beneath their pictures at once, and the threads are opened for their results.
"""

import asyncio
from collections import deque
from dataclasses import replace
from weakref import WeakValueDictionary

import discord
import structlog

from bot.errors import is_passing, short
from bot.orders.authors import Authors
from bot.orders.venue import is_nsfw, is_restricted
from bot.place import Place
from bot.storage.settings import Output, Settings
from bot.storage.tickets import Ticket
from bot.words.result import thread_name
from engine.protocol import CrashPoint, reach

log = structlog.get_logger(__name__)

_HAS_THREAD = 160004
AT_ONCE, AT_ONCE_SECONDS = 2, 1.0  # threads that are opened before the tickets that want them are shown


def settled(ticket: Ticket, client: discord.Client, settings: Settings) -> Ticket:
    """A new ticket with where its result will be posted, how many bytes that may have there, and who may see it."""
    output, output_id = ticket.output, ticket.output_id
    channel = client.get_channel(ticket.place.channel_id) if ticket.place.channel_id is not None else None
    if output is Output.RESULTS:
        output_id = _results(ticket, client, channel, settings)
        output = Output.RESULTS if output_id is not None else Output.CHANNEL
    elif output is Output.THREAD and (ticket.source_message_id is None or not _has_threads(channel)):
        output = Output.CHANNEL
    limit = max(ticket.upload_limit or 0, ticket.place.upload_limit(client))
    nsfw = is_restricted(client, ticket)
    return replace(ticket, output=output, output_id=output_id, upload_limit=limit, nsfw=nsfw)


def shown_in(ticket: Ticket) -> Place:
    """Where a ticket is shown, and its result unless that goes to the results channel."""
    if ticket.output is Output.THREAD and ticket.output_id is not None:
        return Place(ticket.place.server_id, ticket.output_id)
    return ticket.place


class Threads:
    """Opens the threads under pictures."""

    def __init__(self, client: discord.Client, authors: Authors) -> None:
        self._client, self._authors = client, authors
        # By picture: of many who react to one, only one opens its thread.
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._opened: deque[float] = deque(maxlen=AT_ONCE)  # when the last ones were begun

    def must_wait(self, ticket: Ticket) -> bool:
        """Whether so many are being opened that a ticket had better be shown before the thread under its picture is."""
        message_id = ticket.source_message_id
        if ticket.output is not Output.THREAD or message_id is None or self._is_there(message_id):
            return False
        if message_id in self._turns or len(self._opened) < AT_ONCE:
            return False
        return asyncio.get_running_loop().time() < self._opened[0] + AT_ONCE_SECONDS

    async def open(self, ticket: Ticket) -> int | None:
        """The thread under a ticket's picture, made if it is missing; None if there can be none.

        Raises what a later try may mend.
        """
        channel_id, message_id = ticket.place.channel_id, ticket.source_message_id
        if channel_id is None or message_id is None:
            return None
        async with self._turns.setdefault(message_id, asyncio.Lock()):
            if self._is_there(message_id):
                return message_id
            self._opened.append(asyncio.get_running_loop().time())
            return await self._open(ticket, channel_id, message_id)

    def _is_there(self, message_id: int) -> bool:
        return isinstance(self._client.get_channel(message_id), discord.Thread)

    async def _open(self, ticket: Ticket, channel_id: int, message_id: int) -> int | None:
        try:
            author = self._authors.of(message_id)
            if author is None:
                picture = await self._client.get_partial_messageable(channel_id).fetch_message(message_id)
                if picture.flags.has_thread:
                    return message_id
                author = picture.author.display_name
            name = thread_name(author, ticket.description)
            await self._client.http.start_thread_with_message(
                channel_id, message_id, name=name, auto_archive_duration=1440
            )
            reach(CrashPoint.BOT_THREAD_OPENED)
        except discord.HTTPException as error:
            if is_passing(error):
                raise
            if error.code != _HAS_THREAD:  # by somebody who was quicker
                log.warning("thread not opened", ticket=ticket.id, error=short(error))
                return None
        return message_id


def _has_threads(channel: object) -> bool:
    """Whether messages of a channel can have threads that the bot may write into; one that is not known may."""
    if not isinstance(channel, discord.TextChannel):
        return channel is None
    return channel.permissions_for(channel.guild.me).send_messages_in_threads


def _results(ticket: Ticket, client: discord.Client, channel: object, settings: Settings) -> int | None:
    """The results channel of a ticket's server, unless it was asked for there, or the picture must not be seen there."""
    if ticket.place.server_id is None:
        return None
    results_id = settings.server(ticket.place.server_id).results_id
    parent_id = channel.parent_id if isinstance(channel, discord.Thread) else None
    if results_id is None or results_id in (ticket.place.channel_id, parent_id):
        return None
    is_restricted = ticket.nsfw or is_nsfw(channel)
    if is_restricted and not is_nsfw(client.get_channel(results_id)):
        return None
    return results_id
