"""Posting where a ticket belongs so that everything appears there exactly once.

Rule: every post carries a nonce made of the ticket's id, which Discord remembers for some minutes; for later,
the result's file name carries the id, so a restarted bot finds what it had posted before it was cut off.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from enum import Enum, auto
from typing import Any

import discord
import structlog

from bot.orders.venue import is_nsfw
from bot.place import Place
from bot.storage.drafts import Draft
from bot.storage.posts import Posted, Role
from bot.storage.settings import Output
from bot.storage.tickets import Ticket
from bot.tickets.message import SEND_SECONDS, TicketMessage, fields
from bot.tickets.outlet import Threads, shown_in
from bot.words.post import Post
from bot.words.result import post_title, result_stem

log = structlog.get_logger(__name__)

_HISTORY = 200  # messages that are searched for a result, the newest first: it was posted just before a crash
_FORUM_POSTS = 10  # of a forum, which have to be looked into one by one
_CANCEL = "ticket:cancel:"
_UNKNOWN_MESSAGE = 10008
Forum = discord.ForumChannel  # media channels are forums too


class To(Enum):
    """Where something goes."""

    RESULTS = auto()
    HOME = auto()
    OWNER = auto()
    TOKEN = auto()  # the message that shows the ticket, by an interaction's token


def posted(message: discord.Message, ticket_id: str, role: Role) -> Posted:
    """What is noted of a message of ours."""
    server_id = message.guild.id if message.guild is not None else None
    at = message.created_at.timestamp()
    return Posted(message.id, message.channel.id, server_id, ticket_id, role, at)


def ticket_shown(message: discord.Message) -> str | None:
    """The id of the open ticket that a message of ours shows, by its buttons; None if it shows none."""
    rows = (row.children for row in message.components if isinstance(row, discord.ActionRow))
    ids = (item.custom_id or "" for row in rows for item in row if isinstance(item, discord.Button))
    return next((each.removeprefix(_CANCEL) for each in ids if each.startswith(_CANCEL)), None)


async def message_of(client: discord.Client, post: Posted) -> discord.Message:
    """A message of ours as it is now. Raises what Discord does."""
    channel = client.get_partial_messageable(post.channel_id, guild_id=post.server_id)
    return await channel.fetch_message(post.message_id)


class Delivery:
    """The channel of one ticket, or its member's direct messages where the bot has none to write into.

    `output` and `output_id` are what came of where the result was wanted.
    """

    def __init__(self, client: discord.Client, ticket: Ticket, threads: Threads | None = None) -> None:
        self._client, self._ticket, self._threads = client, ticket, threads
        self.output, self.output_id = ticket.output, ticket.output_id
        self._home: Place | None = None
        self._user: discord.User | None = None

    async def draft(self, nonce: str, role: Role, to: To = To.HOME) -> Draft:
        """What is to be kept of a message before it is posted. Raises what Discord does."""
        place = Place(self._ticket.place.server_id, self._ticket.output_id)
        if to is not To.RESULTS:
            place = await self.home() if to is To.HOME else Place()
        server_id, channel_id = place.server_id, place.channel_id
        if channel_id is None:
            server_id, channel_id = None, (await (await self._owner()).create_dm()).id
        known = getattr(self._client.get_channel(channel_id), "last_message_id", None)
        earlier = self._ticket.message_id or self._ticket.source_message_id
        after = max(known or 0, earlier or 0)
        return Draft(nonce, self._ticket.id, channel_id, server_id, role, after)

    async def post_ticket(self, post: Post, buttons: discord.ui.View) -> TicketMessage:
        """Show the ticket; beneath its picture if its thread has to wait. Raises discord.HTTPException."""
        home = self._ticket.place if self._must_wait() else await self.home()
        message = await self._send(home, f"{self._ticket.id}t", **fields(post, buttons))
        channel = self._client.get_partial_messageable(message.channel.id)
        return TicketMessage(message.id, channel.get_partial_message(message.id))

    async def find_ticket(self) -> TicketMessage | None:
        """The message that shows the ticket, if a former process has posted one; it has the ticket's buttons."""
        places = [await self.home()]
        if self._ticket.output is Output.THREAD:
            places.append(self._ticket.place)  # where it was shown if its thread had to wait
        for place in dict.fromkeys(places):
            found = await self._find(place, self._ticket.source_message_id, self._shows_ticket)
            if found is not None:
                break
        else:
            return None
        channel = self._client.get_partial_messageable(found.channel.id)
        return TicketMessage(found.id, channel.get_partial_message(found.id))

    async def post_result(self, post: Post, buttons: discord.ui.View) -> discord.Message:
        """Post the result where the ticket is shown, and mention its owner. Raises what Discord does."""
        return await self._send(await self.home(), self._ticket.id, **self._result(post, buttons))

    async def post_to_results(self, post: Post, buttons: discord.ui.View) -> discord.Message:
        """Post the result into the results channel; in a forum as a post of its own. Raises what Discord does."""
        channel = await self._results_channel()
        async with asyncio.timeout(SEND_SECONDS):
            if not isinstance(channel, Forum):
                return await channel.send(nonce=self._ticket.id, **self._result(post, buttons))
            tags = [tag for tag in channel.available_tags if not tag.moderated]
            needed = tags[:1] if channel.flags.require_tag else []
            created = await channel.create_thread(
                name=post_title(self._ticket), applied_tags=needed, **self._result(post, buttons)
            )
            return created.message

    async def post_privately(self, post: Post) -> discord.Message:
        """Send the result to its owner. Raises what Discord does, as where their direct messages are closed.

        It comes without buttons, which would ask for what its channel is closed to.
        """
        async with asyncio.timeout(SEND_SECONDS):
            return await (await self._owner()).send(nonce=self._ticket.id, **fields(post))

    @classmethod
    def at(cls, interaction: discord.Interaction, ticket: Ticket) -> "Delivery":
        """That of a ticket as if it had been asked for where a member clicks."""
        place = Place.of(interaction)
        return cls(interaction.client, replace(ticket, place=place, output=Output.CHANNEL, output_id=None))

    async def post_beneath(
        self, post: Post, nonce: str, buttons: discord.ui.View | None = None
    ) -> discord.Message:
        """Post something beneath the result; it rings for nobody. Raises what Discord does."""
        home = await self.home()
        return await self._send(home, nonce, self._ticket.result_message_id, **fields(post, buttons))

    async def find_result(self) -> discord.Message | None:
        """The result if it is already posted; None also if its channel is closed to the bot."""
        earlier = self._ticket.message_id or self._ticket.source_message_id
        found = await self._find(await self.home(), earlier, self._shows_result)
        if found is not None or self._ticket.output is not Output.RESULTS:
            return found
        try:
            async for message in self._results_messages():
                if message.author == self._client.user and self._shows_result(message):
                    return message
        except (discord.Forbidden, discord.NotFound) as error:
            log.warning("results channel not searched", ticket=self._ticket.id, code=error.code)
        return None

    def settled(self) -> Ticket:
        """The ticket with what came of where its result was wanted."""
        return replace(self._ticket, output=self.output, output_id=self.output_id)

    @property
    def is_in_its_channel(self) -> bool:
        """Whether the ticket is to be shown in the channel that it was asked for in."""
        return self.output is not Output.THREAD or self._must_wait()

    async def home(self) -> Place:
        """Where the result is posted: its channel, or the thread under its picture. Raises what may be mended."""
        if self._home is None:
            if self.output is Output.THREAD and self.output_id is None and self._threads is not None:
                self.output_id = await self._threads.open(self._ticket)
                if self.output_id is None:
                    self.output = Output.CHANNEL
            self._home = shown_in(self.settled())
        return self._home

    async def may_show(self, to: To) -> bool:
        """Whether a picture may be seen where it goes to: what is age-restricted only where that is so still.

        Raises what Discord does.
        """
        if not self._ticket.nsfw or to is To.TOKEN:  # which is where it was asked for
            return True
        channel_id = self._ticket.output_id if to is To.RESULTS else self._ticket.place.channel_id
        if to is To.OWNER or channel_id is None:
            return False
        await self._client.wait_until_ready()
        return is_nsfw(self._client.get_channel(channel_id) or await self._client.fetch_channel(channel_id))

    def may_show_frames(self) -> bool:
        """The same of the painting as it develops, as far as is known."""
        channel = self._client.get_channel(self._ticket.place.channel_id or 0)
        return not self._ticket.nsfw or channel is None or is_nsfw(channel)

    def _result(self, post: Post, buttons: discord.ui.View) -> dict[str, Any]:
        mentions = discord.AllowedMentions(users=[discord.Object(self._ticket.user_id)])
        return fields(post, buttons) | {"allowed_mentions": mentions}

    async def _results_channel(self) -> discord.ForumChannel | discord.abc.Messageable:
        results_id = self._ticket.output_id or 0
        channel = self._client.get_channel(results_id) or await self._client.fetch_channel(results_id)
        if isinstance(channel, Forum | discord.abc.Messageable):
            return channel
        return self._client.get_partial_messageable(results_id)

    async def _results_messages(self) -> AsyncIterator[discord.Message]:
        channel = await self._results_channel()
        since = discord.Object(self._ticket.message_id or self._ticket.source_message_id or 0)
        if not isinstance(channel, Forum):
            async for message in channel.history(limit=_HISTORY, after=since, oldest_first=False):
                yield message
            return
        threads = [
            thread for thread in await channel.guild.active_threads() if thread.parent_id == channel.id
        ]
        ours = [thread for thread in threads if self._client.user and thread.owner_id == self._client.user.id]
        for thread in sorted(ours, key=lambda each: each.id, reverse=True)[:_FORUM_POSTS]:
            if thread.id > since.id:
                async for message in thread.history(limit=1, oldest_first=True):
                    yield message

    async def _find(
        self, place: Place, earlier: int | None, is_it: Callable[[discord.Message], bool]
    ) -> discord.Message | None:
        after = discord.Object(earlier) if earlier is not None else None
        try:
            channel = await self._destination(place)
            async for message in channel.history(limit=_HISTORY, after=after, oldest_first=False):
                if message.author == self._client.user and is_it(message):
                    return message
        except (discord.Forbidden, discord.NotFound) as error:
            log.warning("channel not searched", ticket=self._ticket.id, code=error.code)
        return None

    def _shows_ticket(self, message: discord.Message) -> bool:
        return ticket_shown(message) == self._ticket.id and not self._shows_result(message)

    def _shows_result(self, message: discord.Message) -> bool:
        return any(result_stem(self._ticket) in attachment.filename for attachment in message.attachments)

    def _must_wait(self) -> bool:
        is_open = self.output_id is not None
        return not is_open and self._threads is not None and self._threads.must_wait(self._ticket)

    async def _send(
        self, home: Place, nonce: str, answered: int | None = None, **shown: Any
    ) -> discord.Message:
        if answered is None and self._ticket.source_place == self._ticket.place:
            answered = self._ticket.source_message_id
        # In the thread under it the picture stands on top.
        if answered is not None and home.channel_id is not None and home.channel_id != answered:
            shown["reference"] = discord.MessageReference(
                message_id=answered, channel_id=home.channel_id, fail_if_not_exists=False
            )
            shown["mention_author"] = False
        async with asyncio.timeout(SEND_SECONDS):
            destination = await self._destination(home)
            try:
                return await destination.send(nonce=nonce, **shown)
            except discord.NotFound as error:
                if error.code != _UNKNOWN_MESSAGE:
                    raise
            # What had this nonce was deleted since, and is wanted again.
            return await destination.send(**shown)

    async def _destination(self, home: Place) -> discord.abc.Messageable:
        return home.channel(self._client) or await self._owner()

    async def _owner(self) -> discord.User:
        if self._user is None:
            self._user = await self._client.fetch_user(self._ticket.user_id)
        return self._user


def shown_message(client: discord.Client, ticket: Ticket) -> TicketMessage | None:
    """The message that shows a stored ticket, as the bot itself may edit it."""
    if ticket.message_id is None:
        return None
    return TicketMessage(ticket.message_id, shown_in(ticket).message(client, ticket.message_id))
