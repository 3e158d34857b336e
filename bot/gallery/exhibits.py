"""Which picture a starred message shows, and what the policy needs to know of it.

Rule: a result is one picture in however many messages; what is chosen from, compared or still being painted is none. Of what
members post themselves only files in art channels are, of which it is known whose they are.
"""

import discord

from bot.orders.audience import is_seen_by_all
from bot.orders.pictures import Kind
from bot.orders.sources import Sources
from bot.orders.venue import Channel, Exhibit, is_nsfw, settings_id
from bot.storage.posts import Posted, Role
from bot.storage.stars import Piece, pieces
from bot.storage.store import Store
from bot.storage.tickets import Ticket

_OF_RESULTS = (Role.RESULT, Role.COPY)


class Exhibits:
    """Asks the bot's memory, and Discord's cache."""

    def __init__(self, client: discord.Client, store: Store, sources: Sources) -> None:
        self._client, self._store, self._sources = client, store, sources

    async def known(self, message_id: int) -> Piece | None:
        """The picture that a message shows, if it has been starred before."""
        entry = await self._store.gallery.by_message(message_id)
        piece_id = entry.piece_id if entry is not None else await self._store.stars.starred(message_id)
        if piece_id is None:
            post = await self._store.posts.find(message_id)
            piece_id = post.ticket_id if post is not None and post.role in _OF_RESULTS else str(message_id)
        return await self._store.stars.find(piece_id)

    async def may_show_one(self, channel: Channel, message_id: int) -> bool:
        """Whether a message may show a picture, as far as is known without asking Discord."""
        where = settings_id(channel)
        if where is None or where == self._store.settings.server(channel.guild.id).gallery_id:
            return False
        is_art = self._store.settings.channel(where).is_art
        return is_art or await self._store.posts.find(message_id) is not None

    async def learn(self, message: discord.Message, channel: Channel) -> Piece | None:
        """The picture that a message shows, which is known from now on; None if it shows none."""
        ticket = await self._sources.painted_in(message)
        if ticket is not None:
            piece = await self._result(ticket, message, channel)
        elif message.author == self._client.user:
            piece = None
        else:
            piece = await self._picture(message, channel)
        if piece is not None:
            await self._store.stars.add(piece)
        return piece

    async def _result(self, ticket: Ticket, message: discord.Message, channel: Channel) -> Piece | None:
        if ticket.request.audition or ticket.place.server_id != channel.guild.id:
            return None
        post = await self._store.posts.find(message.id)
        is_result = post is None or post.role in _OF_RESULTS
        first: Posted | None = None
        if is_result and ticket.result_message_id is not None:
            first = await self._store.posts.find(ticket.result_message_id)
        where = channel.guild.get_channel_or_thread(first.channel_id) if first is not None else channel
        if first is None or not isinstance(where, Channel):
            first, where = None, channel
        return Piece(
            id=ticket.id if is_result else str(message.id),
            server_id=channel.guild.id,
            channel_id=where.id,
            settings_id=settings_id(where) or where.id,
            message_id=first.message_id if first is not None else message.id,
            author_id=ticket.author_id,
            asker_id=ticket.user_id,
            ticket_id=ticket.id,
            restricted=ticket.nsfw or ticket.spoiler or _is_closed(where) or _is_closed(channel),
            at=message.created_at.timestamp(),
        )

    async def _picture(self, message: discord.Message, channel: Channel) -> Piece | None:
        if not self._store.settings.channel(settings_id(channel)).is_art:
            return None
        picture = await self._sources.first(message)
        if picture is None or picture.kind is not Kind.FILE:
            return None
        return Piece(
            id=str(message.id),
            server_id=channel.guild.id,
            channel_id=channel.id,
            settings_id=settings_id(channel) or channel.id,
            message_id=message.id,
            author_id=picture.author_id,
            asker_id=None,
            ticket_id=None,
            restricted=picture.nsfw or picture.spoiler or _is_closed(channel),
            at=message.created_at.timestamp(),
            picture=picture.identity,
        )

    def exhibit(self, piece: Piece, gallery_id: int | None) -> Exhibit | None:
        """What holds for a picture in a gallery; None if one of the channels is not known at this moment."""
        guild = self._client.get_guild(piece.server_id)
        if guild is None or guild.unavailable or gallery_id is None:
            return None
        source, gallery = guild.get_channel(piece.settings_id), guild.get_channel(gallery_id)
        if gallery is None or (source is None and not piece.gone):
            return None
        return Exhibit(
            server_id=piece.server_id,
            settings_id=piece.settings_id,
            author_id=piece.author_id,
            asker_id=piece.asker_id,
            is_restricted=piece.restricted or is_nsfw(source),
            is_for_all=source is None or is_seen_by_all(source, gallery),
        )

    async def restrict(self, channel_id: int) -> list[Piece]:
        """There is an age restriction in a channel now, which stays with its pictures; the pictures."""
        here = pieces.c.settings_id == channel_id
        await self._store.stars.mark(here, restricted=True)
        return await self._store.stars.of(here)


def _is_closed(channel: Channel) -> bool:
    """Whether nothing that is in a channel is shown elsewhere, whoever may see that."""
    return is_nsfw(channel) or (isinstance(channel, discord.Thread) and channel.is_private())
