"""The galleries in Discord: entries are posted, found, edited.

Rule: an entry is known by the id in its button, so that a process finds what a former one has posted. In a forum each is a
post of its own, which others may answer; everywhere else it is known by the forum's id and the post's. The picture is sent on
as it is: its bytes are fetched when it is posted, from where it is then, for Discord's addresses of files end. One is in memory at a time.
"""

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import AbstractContextManager, suppress
from typing import Any

import discord

from bot.errors import BotError, BotErrorCode
from bot.gallery.exhibits import Exhibits, piece_shown
from bot.gallery.keeper import Found
from bot.languages import speaking
from bot.orders import attachments, permissions
from bot.orders.pictures import SourcePicture
from bot.orders.policy import Policy
from bot.place import Place
from bot.storage.erasures import Erasure, Kind
from bot.storage.gallery import Entry, Standing
from bot.storage.stars import Piece
from bot.storage.store import Store
from bot.tickets.message import EDIT_SECONDS, SEND_SECONDS
from bot.words import gallery as words
from bot.words.result import ticket_of
from engine.protocol import most_bytes

_HISTORY = 200  # messages that are looked at, the first that came after what was known
_FORUM_POSTS = 10  # the newest, which have to be looked into one by one
_UNKNOWN_CHANNEL, _UNKNOWN_MESSAGE, _ARCHIVED_THREAD = 10003, 10008, 50083  # codes of Discord's

Forum = discord.ForumChannel  # media channels are forums too
Buttons = Callable[[str, str | None], discord.ui.View]  # of a picture's id, and where it is


class DiscordWall:
    """What the keeper works on; `buttons` are beneath each entry."""

    def __init__(
        self, client: discord.Client, store: Store, policy: Policy, exhibits: Exhibits, buttons: Buttons
    ) -> None:
        self._client, self._store, self._policy = client, store, policy
        self._exhibits, self._buttons = exhibits, buttons
        self._turn = asyncio.Semaphore(1)

    async def is_welcome(self, piece: Piece, entry: Entry | None) -> bool | None:
        """Whether the policy lets a picture be in the gallery; None if nobody can tell at this moment."""
        exhibit = await self._exhibits.exhibit(piece, entry)
        if exhibit is None or (entry is None and self._policy.is_quiet(piece.server_id)):
            return None
        try:
            await self._policy.require_exhibited(exhibit)
        except BotError:
            return False
        return True

    async def left(self, piece: Piece, member_ids: Collection[int]) -> list[int]:
        """Those of them who are not in the server any more. Raises what Discord does."""
        guild, left = self._client.get_guild(piece.server_id), list[int]()
        if guild is None:
            return left
        for each in member_ids:
            try:
                await guild.fetch_member(each)
            except discord.NotFound:
                left.append(each)
        return left

    def place(self, piece: Piece) -> tuple[int, int] | None:
        """The channel in which it would be posted, and the newest message there; None: it cannot be."""
        gallery_id = self._store.settings.gallery_of(piece.server_id, piece.settings_id)
        guild = self._client.get_guild(piece.server_id)
        channel = guild.get_channel(gallery_id) if guild is not None and gallery_id is not None else None
        if not isinstance(channel, discord.TextChannel | Forum) or permissions.lacking_in_gallery(channel):
            return None
        return channel.id, channel.last_message_id or 0

    async def post(self, entry: Entry, standing: Standing) -> int:
        """Post an entry, once however often this is called; its message. Raises what Discord does, BotError, Refusal."""
        piece = standing.piece
        async with self._turn:
            file = await self._file(piece, Place(piece.server_id).upload_limit(self._client))
            text = await self._text(piece, standing.count)
            forum = self._client.get_channel(entry.channel_id)
            with self._speaking(piece.server_id):
                view = self._buttons(piece.id, _link(piece))
            shown: dict[str, Any] = {
                "content": text,
                "files": [file] if file is not None else [],
                "view": view,
                "allowed_mentions": discord.AllowedMentions.none(),
            }
            if isinstance(forum, Forum):
                return await self._open(forum, entry, await self._title(piece), shown)
            channel = self._client.get_partial_messageable(entry.channel_id, guild_id=entry.server_id)
            async with asyncio.timeout(SEND_SECONDS):
                message = await channel.send(nonce=entry.nonce, **shown)
        return message.id

    async def _open(self, forum: Forum, entry: Entry, title: str, shown: Mapping[str, Any]) -> int:
        """Post an entry as a post of a forum, for which Discord knows no nonce: one that came of a repeated request goes."""
        tags = [tag for tag in forum.available_tags if not tag.moderated]
        needed = tags[:1] if forum.flags.require_tag else []
        async with asyncio.timeout(SEND_SECONDS):
            created = await forum.create_thread(name=title, applied_tags=needed, **shown)
        now = discord.utils.utcnow().timestamp()
        async for message in self._posts(forum, entry.after, title):
            if message.id != created.message.id and piece_shown(message) == entry.piece_id:
                await self._store.erasures.add(
                    Erasure(Kind.MESSAGE, "", now, forum.id, message.id, server_id=forum.guild.id)
                )
        return created.message.id

    async def _posts(
        self, forum: Forum, after: int, title: str | None = None
    ) -> AsyncIterator[discord.Message]:
        """What our newest posts of a forum show, those with a title. Raises what Discord does."""
        me = self._client.user.id if self._client.user is not None else 0
        ours = [
            thread
            for thread in await forum.guild.active_threads()
            if (thread.parent_id, thread.owner_id) == (forum.id, me)
            if thread.id > after and title in (None, thread.name)
        ]
        for thread in sorted(ours, key=lambda each: each.id, reverse=True)[:_FORUM_POSTS]:
            with suppress(discord.NotFound):
                yield await thread.fetch_message(thread.id)

    async def find(self, entry: Entry) -> Found:
        """Look for an entry that a former process has posted, perhaps. Raises what Discord does."""
        try:
            channel = await self._client.fetch_channel(entry.channel_id)
        except discord.NotFound:
            return Found(is_deleted=True)
        if isinstance(channel, Forum):
            return await self._find_post(channel, entry)
        if not isinstance(channel, discord.abc.Messageable):
            return Found()
        since, seen = discord.Object(entry.after), {entry.after}
        async for message in channel.history(limit=_HISTORY, after=since, oldest_first=True):
            seen.add(message.id)
            if message.author == self._client.user and piece_shown(message) == entry.piece_id:
                return Found(message.id)
        newest = getattr(channel, "last_message_id", None) or 0
        return Found(is_deleted=newest > entry.after and newest not in seen and len(seen) <= _HISTORY)

    async def _find_post(self, forum: Forum, entry: Entry) -> Found:
        async for message in self._posts(forum, entry.after):
            if piece_shown(message) == entry.piece_id:
                return Found(message.id)
        newest = forum.last_message_id or 0
        if newest <= entry.after:
            return Found()
        try:
            await self._client.fetch_channel(newest)
        except discord.NotFound:
            return Found(is_deleted=True)
        return Found()

    async def show(self, entry: Entry, count: int) -> bool:
        """Have an entry say how many stars there are; False if it is gone. Raises what Discord does."""
        piece = await self._store.stars.find(entry.piece_id)
        if piece is None or entry.message_id is None:
            return True
        is_post = isinstance(self._client.get_channel(entry.channel_id), Forum)
        where = entry.message_id if is_post else entry.channel_id
        channel = self._client.get_partial_messageable(where, guild_id=entry.server_id)
        message, text = channel.get_partial_message(entry.message_id), await self._text(piece, count)
        try:
            await _edit(message, text)
        except discord.NotFound as error:
            return error.code != _UNKNOWN_MESSAGE and not (is_post and error.code == _UNKNOWN_CHANNEL)
        except discord.HTTPException as error:
            if error.code != _ARCHIVED_THREAD:
                raise
            await self._edit_archived(message, text)
        return True

    async def _edit_archived(self, message: discord.PartialMessage, text: str) -> None:
        thread = await self._client.fetch_channel(message.channel.id)
        if isinstance(thread, discord.Thread):
            await thread.edit(archived=False)
            await _edit(message, text)
            await thread.edit(archived=True)

    async def _text(self, piece: Piece, count: int) -> str:
        ticket = await self._store.tickets.find(piece.ticket_id) if piece.ticket_id is not None else None
        star = self._store.settings.server(piece.server_id).star
        with self._speaking(piece.server_id):
            return words.entry(piece, ticket, count, star)

    async def _title(self, piece: Piece) -> str:
        """What an entry is called as a post of a forum."""
        ticket = await self._store.tickets.find(piece.ticket_id) if piece.ticket_id is not None else None
        guild, name = self._client.get_guild(piece.server_id), None
        whose = piece.author_id if piece.asker_id is None else piece.asker_id
        if guild is not None and whose:
            with suppress(discord.HTTPException):
                name = (await guild.fetch_member(whose)).display_name
        with self._speaking(piece.server_id):
            return words.title(ticket, name)

    def _speaking(self, server_id: int) -> AbstractContextManager[None]:
        return speaking(self._store.settings.language(self._client.get_guild(server_id)))

    async def _file(self, piece: Piece, limit: int) -> discord.File | None:
        """The picture as it is where it was posted; None if it is too large. Raises what Discord does, BotError, Refusal."""
        shown = await file_shown(self._client, piece)
        which = "content" if piece.ticket_id is None else "previous"
        if shown.size > min(limit, most_bytes(which)):
            return None
        data = await attachments.download(self._client, shown.url, which)
        return discord.File(io.BytesIO(data), shown.filename, description=shown.description)


async def _edit(message: discord.PartialMessage, text: str) -> None:
    async with asyncio.timeout(EDIT_SECONDS):
        await message.edit(content=text, allowed_mentions=discord.AllowedMentions.none())


async def file_shown(client: discord.Client, piece: Piece) -> discord.Attachment:
    """The file of a picture where it was posted, as it is now. Raises BotError NO_PICTURE, and what Discord does."""
    channel = client.get_partial_messageable(piece.channel_id, guild_id=piece.server_id)
    message = await channel.fetch_message(piece.message_id)
    shown = next((each for each in message.attachments if _is_it(each, piece)), None)
    if shown is None or shown.is_spoiler():
        raise BotError(BotErrorCode.NO_PICTURE)
    return shown


def _is_it(attachment: discord.Attachment, piece: Piece) -> bool:
    if piece.ticket_id is not None:
        return ticket_of(attachment.filename) == piece.ticket_id
    return SourcePicture.of_attachment(attachment).identity == piece.picture


def _link(piece: Piece) -> str | None:
    return Place(piece.server_id, piece.channel_id).link(piece.message_id)
