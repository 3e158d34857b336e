"""Which picture a starred message shows, and what the policy needs to know of it.

Rule: a result is one picture in however many messages; what is chosen from, compared or still being painted is none. Of what
members post themselves only files in art channels are, of which it is known whose they are: what is forwarded is none, as it
is shown and starred where it was posted.
"""

import discord
from sqlalchemy import or_

from bot.orders.audience import is_seen_by_all
from bot.orders.pictures import Kind
from bot.orders.sources import Sources
from bot.orders.venue import Channel, Exhibit, is_nsfw, is_restricted, settings_id
from bot.storage import tickets
from bot.storage.gallery import Entry
from bot.storage.posts import Posted, Role
from bot.storage.stars import Piece, pieces
from bot.storage.store import Store
from bot.storage.tickets import Ticket, TicketState

OUT_ID = "gallery:out:"  # of the button of an entry, before the picture's id
_OF_RESULTS = (Role.RESULT, Role.COPY)


class Exhibits:
    """Asks the bot's memory, and Discord's cache."""

    def __init__(self, client: discord.Client, store: Store, sources: Sources) -> None:
        self._client, self._store, self._sources = client, store, sources

    async def known(self, message_id: int, server_id: int) -> Piece | None:
        """The picture that a message of a server shows, if it has been starred before; in another server it is none."""
        entry = await self._store.gallery.by_message(message_id)
        piece_id = entry.piece_id if entry is not None else await self._store.stars.starred(message_id)
        if piece_id is None:
            post = await self._store.posts.find(message_id)
            piece_id = post.ticket_id if post is not None and post.role in _OF_RESULTS else str(message_id)
        piece = await self._store.stars.find(piece_id)
        return piece if piece is not None and piece.server_id == server_id else None

    async def may_show_one(self, channel: Channel, message_id: int) -> bool:
        """Whether a message may show a picture, as far as is known without asking Discord."""
        where, known, server_id = settings_id(channel), self._store.settings, channel.guild.id
        if where is None or where in known.galleries(server_id) or known.gallery_of(server_id, where) is None:
            return False
        is_art = known.channel(where).is_art
        return is_art or await self._store.posts.find(message_id) is not None

    async def learn(self, message: discord.Message, channel: Channel) -> Piece | None:
        """The picture that a message shows, which is known from now on; None if it shows none."""
        if piece_shown(message) is not None:
            return None  # an entry of which nothing is known any more
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
        if ticket.state is TicketState.DELETED:  # of which a copy stays, perhaps
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
            restricted=_is_closed(where) or _is_closed(channel) or await self._is_restricted(ticket),
            at=message.created_at.timestamp(),
        )

    async def _is_restricted(self, ticket: Ticket) -> bool:
        """Whether a result is hidden, or it or a picture that it was made of is from where there is an age restriction."""
        of: Ticket | None = ticket
        while of is not None:
            if of.spoiler or is_restricted(self._client, of):
                return True
            places = self._settings_ids(of)
            if await self._store.restrictions.was_in_force(places, of.created_at):
                return True
            of = await self._store.tickets.find(of.parent_id) if of.parent_id is not None else None
        return False

    async def _picture(self, message: discord.Message, channel: Channel) -> Piece | None:
        if message.message_snapshots or not self._store.settings.channel(settings_id(channel)).is_art:
            return None
        picture = await self._sources.first(message)
        if picture is None or picture.kind is not Kind.FILE:
            return None
        at = message.created_at.timestamp()
        was_restricted = await self._store.restrictions.was_in_force([settings_id(channel)], at)
        return Piece(
            id=str(message.id),
            server_id=channel.guild.id,
            channel_id=channel.id,
            settings_id=settings_id(channel) or channel.id,
            message_id=message.id,
            author_id=picture.author_id,
            asker_id=None,
            ticket_id=None,
            restricted=picture.nsfw or picture.spoiler or _is_closed(channel) or was_restricted,
            at=at,
            picture=picture.identity,
        )

    async def exhibit(self, piece: Piece, entry: Entry | None = None) -> Exhibit | None:
        """What holds for a picture where it hangs, or in the gallery that it would come into.

        None if there is none, or one of the channels is not known at this moment.
        """
        gallery_id = self._store.settings.gallery_of(piece.server_id, piece.settings_id)
        gallery_id = entry.channel_id if entry is not None else gallery_id
        guild = self._client.get_guild(piece.server_id)
        if guild is None or guild.unavailable or gallery_id is None:
            return None
        source, gallery = guild.get_channel(piece.settings_id), guild.get_channel(gallery_id)
        if gallery is None or (source is None and not piece.gone):
            return None
        return Exhibit(
            server_id=piece.server_id,
            settings_ids=await self._from(piece),
            author_id=piece.author_id,
            asker_id=piece.asker_id,
            is_restricted=piece.restricted or is_nsfw(source),
            is_for_all=source is None or is_seen_by_all(source, gallery),
        )

    async def _from(self, piece: Piece) -> frozenset[int]:
        ticket = await self._store.tickets.find(piece.ticket_id) if piece.ticket_id is not None else None
        return frozenset({piece.settings_id, *(self._settings_ids(ticket) if ticket is not None else ())})

    def _settings_ids(self, ticket: Ticket) -> list[int]:
        """The channels whose settings hold where a ticket's picture is from, and where it was wanted."""
        known = [each for each in ticket.places if each is not None]
        return [settings_id(self._client.get_channel(each)) or each for each in known]

    async def restrict(self, channel: discord.abc.GuildChannel) -> list[str]:
        """There is an age restriction in a channel now: it stays with its pictures and all that is made of them; these."""
        ids = [channel.id, *(each.id for each in getattr(channel, "threads", ()))]
        of = tickets.table.c
        there = or_(*(column.in_(ids) for column in (of.channel_id, of.output_id, of.source_channel_id)))
        made_of = pieces.c.ticket_id.in_(tickets.all_made_of(there))
        here = or_(pieces.c.settings_id == channel.id, made_of)
        return await self._store.stars.mark(here, pieces.c.restricted.is_(False), restricted=True)


def piece_shown(message: discord.Message) -> str | None:
    """The id of the picture that an entry of ours shows, by its button; None if it is no entry."""
    rows = (row.children for row in message.components if isinstance(row, discord.ActionRow))
    ids = (item.custom_id or "" for row in rows for item in row if isinstance(item, discord.Button))
    return next((each.removeprefix(OUT_ID) for each in ids if each.startswith(OUT_ID)), None)


def _is_closed(channel: Channel) -> bool:
    """Whether nothing that is in a channel is shown elsewhere, whoever may see that."""
    return is_nsfw(channel) or (isinstance(channel, discord.Thread) and channel.is_private())
