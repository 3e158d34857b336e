"""Where pictures come from: a message, a link, an emoji, a member become pictures that can be painted.

Rule: each one is found with whose it is, whether it was hidden and whether it is age-restricted, before a byte of it is
fetched. Nothing of another bot's is ever found, nor of ours what is not finished. Whose a forwarded picture is, its
original tells, if it can be read; whose a proxy's is, the message that it was made of (`bot.orders.proxies`); otherwise
its author is unknown, and so is what they would say. What is there for all to use (emoji, stickers) has no author.
"""

import re
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, replace

import discord

from bot.errors import BotError, BotErrorCode
from bot.orders.authors import Authors
from bot.orders.pictures import UNKNOWN_AUTHOR, Kind, SourcePicture
from bot.orders.proxies import Proxies
from bot.orders.venue import Channel, Venue, is_nsfw, is_restricted
from bot.storage.store import Store
from bot.storage.tickets import Ticket
from bot.words.result import ticket_of
from engine.protocol import MIN_SIDE, ErrorCode, Refusal

LOOKED_AT = 50  # messages of a channel, the newest, in which a picture is looked for
MOST = 25  # pictures of a message: as many as Discord's menus have room for
NEWEST = 10  # pictures of a channel to choose from; whose each forwarded one is, costs a request
AVATAR_SIDE = 1024  # pixels
EMOJI_BYTES, STICKER_BYTES = 256 * 2**10, 512 * 2**10  # at most, as Discord takes them

_EMOJI = re.compile(r"<(a?):(\w{2,32}):(\d{15,20})>")
_LINK = re.compile(
    r"https://(?:\w+\.)?discord(?:app)?\.com/channels/(@me|\d{15,20})/(\d{15,20})/(\d{15,20})/?"
)
_IDS = re.compile(
    r"(?:(\d{15,20})-)?(\d{15,20})"
)  # as Discord copies them: of a message, or of its channel too
_TICKET = re.compile(r"[0-9a-f]{20}")
_HIDDEN = re.compile(r"\|\|.*\|\|", re.DOTALL)

_Shown = discord.Message | discord.MessageSnapshot
# What a channel is in which a message can be looked up.
_Readable = discord.abc.Messageable


@dataclass(frozen=True)
class _Whose:
    """Of whom the pictures of a message are, and whether they are from where there is an age restriction."""

    author_id: int
    nsfw: bool
    is_ours: bool = False


class Sources:
    """Finds pictures; asks Discord where it has to, and the bot's memory."""

    def __init__(self, client: discord.Client, store: Store, proxies: Proxies, authors: Authors) -> None:
        self._client, self._store, self.proxies, self._authors = client, store, proxies, authors

    # --- messages -----------------------------------------------------------------------------------------

    async def of_message(self, message: discord.Message, nsfw: bool = False) -> list[SourcePicture]:
        """All pictures of a message, its files first. Raises BotError, Refusal: it has none, and why.

        nsfw: that there is an age restriction where it is, as an interaction tells of channels that the bot is not in.
        """
        pictures = await self.pictures(message)
        if not pictures:
            raise self._why_none(message)
        return [replace(picture, nsfw=True) for picture in pictures] if nsfw else pictures

    async def pictures(self, message: discord.Message) -> list[SourcePicture]:
        """All pictures of a message, perhaps none."""
        shown: _Shown = message
        if message.message_snapshots:
            shown = message.message_snapshots[0]
        found = list(_shown(shown))
        whose = await self._whose(message) if found else None
        if whose is None:
            return []
        self._authors.note(message)
        owned = [_owned(picture, message, whose) for picture in found]
        if whose.is_ours:
            owned = [await self._result(picture) for picture in owned if ticket_of(picture.name)]
        return owned[:MOST]

    def shows_a_members(self, message: discord.Message) -> bool:
        """Whether a message shows a member's own or forwarded picture, as far as is known without asking anybody."""
        if message.author.bot and self.proxies.member_behind(message) is None:
            return False
        shown: _Shown = message.message_snapshots[0] if message.message_snapshots else message
        return any(True for _ in _files(shown.attachments))

    async def first(self, message: discord.Message) -> SourcePicture | None:
        """The picture that a reaction to a message means: neither its emoji nor its stickers."""
        found = await self.pictures(message)
        return next((each for each in found if each.kind not in (Kind.EMOJI, Kind.STICKER)), None)

    async def painted_in(self, message: discord.Message) -> Ticket | None:
        """The ticket of a finished picture in a message of ours."""
        if message.author != self._client.user:
            return None
        named = (ticket_of(attachment.filename) for attachment in message.attachments)
        ticket_id = next(filter(None, named), None)
        return await self._store.tickets.find(ticket_id) if ticket_id is not None else None

    async def newest(self, interaction: discord.Interaction, venue: Venue) -> list[SourcePicture]:
        """The pictures of a channel, the newest first, but members' before results. Raises BotError if there are none."""
        channel = interaction.channel
        if venue.place.channel_id is None or not isinstance(channel, _Readable):
            raise BotError(BotErrorCode.PICTURES_NOT_SEEN)
        if interaction.guild is not None and not interaction.permissions.read_message_history:
            raise BotError(BotErrorCode.MESSAGE_NOT_SEEN)
        found = [picture async for picture in self._newest(channel)]
        if not found:
            seen = self._client.intents.message_content
            raise BotError(BotErrorCode.NO_PICTURE_HERE if seen else BotErrorCode.PICTURES_NOT_SEEN)
        return sorted(found, key=lambda picture: picture.kind is Kind.RESULT)

    async def _newest(self, channel: _Readable) -> AsyncIterator[SourcePicture]:
        found = 0
        async for message in channel.history(limit=LOOKED_AT):
            for picture in await self.pictures(message):
                if picture.kind in (Kind.FILE, Kind.PREVIEW, Kind.RESULT):
                    found += 1
                    yield picture
                if found >= NEWEST:
                    return

    async def _whose(self, message: discord.Message) -> _Whose | None:
        """Whose the pictures of a message are; None if they are another bot's."""
        nsfw = is_nsfw(message.channel)
        if message.message_snapshots and (reference := message.reference) is not None:
            original = await self._original(reference)
            nsfw = nsfw or is_nsfw(self._client.get_channel(reference.channel_id))
            whose = await self._whose(original) if original is not None else _Whose(UNKNOWN_AUTHOR, nsfw)
            return whose and replace(whose, nsfw=nsfw or whose.nsfw)
        if message.author == self._client.user:
            return _Whose(UNKNOWN_AUTHOR, nsfw, is_ours=True)
        if message.webhook_id is not None and message.webhook_id != message.application_id:
            return _Whose(self.proxies.member_behind(message) or UNKNOWN_AUTHOR, nsfw)
        return None if message.author.bot else _Whose(message.author.id, nsfw)

    async def _original(self, reference: discord.MessageReference) -> discord.Message | None:
        """The message that was forwarded, if the bot can read it."""
        channel = self._client.get_channel(reference.channel_id)
        if reference.message_id is None or not isinstance(channel, Channel):
            return None
        try:
            original = await channel.fetch_message(reference.message_id)
        except discord.HTTPException:
            return None
        return original if not original.message_snapshots else None

    async def _result(self, picture: SourcePicture) -> SourcePicture:
        """A picture of ours: as whose it counts, and hidden, like the one that it was made of."""
        ticket_id = ticket_of(picture.name)
        ticket = await self._store.tickets.find(ticket_id) if ticket_id is not None else None
        if ticket is None:
            return replace(picture, kind=Kind.RESULT)
        return replace(
            picture,
            kind=Kind.RESULT,
            author_id=ticket.author_id,
            spoiler=picture.spoiler or ticket.spoiler,
            nsfw=picture.nsfw or is_restricted(self._client, ticket),
            description=ticket.description,
            ticket_id=ticket.id,
            root_id=ticket.root_id or ticket.id,
        )

    def _why_none(self, message: discord.Message) -> BotError | Refusal:
        """Why there is nothing to paint in a message."""
        own = message.author == self._client.user
        shown: _Shown = message.message_snapshots[0] if message.message_snapshots else message
        if list(_shown(shown)):
            return BotError(BotErrorCode.NOT_FINISHED if own else BotErrorCode.OF_ANOTHER_BOT)
        if any(sticker.format is discord.StickerFormatType.lottie for sticker in shown.stickers):
            return BotError(BotErrorCode.DRAWN_STICKER)
        if shown.attachments:
            return Refusal(ErrorCode.NOT_AN_IMAGE, image="content")
        unseen = not self._client.intents.message_content and not message.content
        return BotError(BotErrorCode.PICTURES_NOT_SEEN if unseen and not own else BotErrorCode.NO_PICTURE)

    # --- what a member has written ------------------------------------------------------------------------

    async def named(self, interaction: discord.Interaction, text: str) -> list[SourcePicture]:
        """The pictures that a member means: a message by its link or id, a result by its id, an emoji.

        Raises BotError, Refusal.
        """
        text = text.strip()
        if emoji := _EMOJI.fullmatch(text):
            return [_emoji(emoji)]
        if link := _LINK.fullmatch(text):
            return await self._linked(interaction, int(link[2]), int(link[3]))
        if ids := _IDS.fullmatch(text):
            return await self._linked(interaction, int(ids[1] or interaction.channel_id or 0), int(ids[2]))
        if _TICKET.fullmatch(text):
            return await self._by_ticket(interaction, text)
        is_address = text.startswith(("http://", "https://"))
        raise BotError(BotErrorCode.FOREIGN_ADDRESS if is_address else BotErrorCode.NO_SUCH_SOURCE)

    async def _by_ticket(self, interaction: discord.Interaction, ticket_id: str) -> list[SourcePicture]:
        ticket = await self._store.tickets.find(ticket_id)
        if ticket is None or ticket.result_message_id is None:
            raise BotError(BotErrorCode.NO_SUCH_SOURCE)
        post = await self._store.posts.find(
            ticket.result_message_id
        )  # it may be in a thread or the results channel
        channel_id = post.channel_id if post is not None else ticket.place.channel_id
        if channel_id is None:
            raise BotError(BotErrorCode.NO_SUCH_SOURCE)
        return await self._linked(interaction, channel_id, ticket.result_message_id)

    async def _linked(
        self, interaction: discord.Interaction, channel_id: int, message_id: int
    ) -> list[SourcePicture]:
        """The pictures of a message that whoever asks could read by themselves. Raises BotError."""
        channel = await self._readable(interaction, channel_id)
        try:
            message = await channel.fetch_message(message_id)
        except (discord.NotFound, discord.Forbidden) as error:
            raise BotError(BotErrorCode.MESSAGE_NOT_SEEN) from error
        return await self.of_message(message)

    async def _readable(self, interaction: discord.Interaction, channel_id: int) -> _Readable:
        """A channel that both the bot and whoever asks can read. Raises BotError MESSAGE_NOT_SEEN."""
        guild = interaction.guild
        if guild is None and channel_id == interaction.channel_id:
            return interaction.client.get_partial_messageable(channel_id)
        channel = guild.get_channel_or_thread(channel_id) if guild is not None else None
        member = interaction.user
        if not isinstance(channel, Channel) or not isinstance(member, discord.Member):
            raise BotError(BotErrorCode.MESSAGE_NOT_SEEN)
        if not await may_read(channel, member):
            raise BotError(BotErrorCode.MESSAGE_NOT_SEEN)
        return channel

    def avatar(self, user: discord.Member | discord.User) -> SourcePicture:
        """The avatar of somebody, in this server if they have one of their own here. Raises BotError."""
        if user.bot:
            raise BotError(BotErrorCode.OF_ANOTHER_BOT)
        if user.display_avatar == user.default_avatar:
            raise BotError(BotErrorCode.NO_AVATAR)
        avatar = user.display_avatar.with_size(AVATAR_SIDE).with_static_format("png")
        return SourcePicture(
            url=avatar.url,
            content_type="image/gif" if avatar.is_animated() else "image/png",
            author_id=user.id,
            kind=Kind.AVATAR,
            name=user.display_name,
        )


def identities(message: discord.Message) -> set[str]:
    """Which pictures there are in a message, of whomever."""
    all_shown: tuple[_Shown, ...] = (message, *message.message_snapshots)
    return {picture.identity for shown in all_shown for picture in _shown(shown)}


async def may_read(channel: Channel, member: discord.Member) -> bool:
    """Whether a member, and the bot, can read what was written in a channel."""
    for reader in (member, channel.guild.me):
        given = channel.permissions_for(reader)
        if not (given.view_channel and given.read_message_history):
            return False
    if not isinstance(channel, discord.Thread) or not channel.is_private():
        return True
    if channel.permissions_for(member).manage_threads:
        return True
    try:
        await channel.fetch_member(member.id)
    except (discord.NotFound, discord.Forbidden):
        return False
    return True


def _owned(picture: SourcePicture, message: discord.Message, whose: _Whose) -> SourcePicture:
    """One of the pictures of a message, as somebody's; nobody is asked for emoji and stickers."""
    return replace(
        picture,
        author_id=None if picture.kind in (Kind.EMOJI, Kind.STICKER) else whose.author_id,
        nsfw=whose.nsfw,
        message_id=message.id,
        channel_id=message.channel.id,
        jump_url=message.jump_url,
    )


def _shown(shown: _Shown) -> Iterator[SourcePicture]:
    """What there is to paint in a message or a snapshot of one, its files first; each picture once."""
    hidden = _HIDDEN.search(shown.content) is not None  # by which a link is hidden, and then its preview
    seen = set()
    for picture in (
        *_files(shown.attachments),
        *(each for component in shown.components for each in _media(component)),
        *(
            replace(each, spoiler=each.spoiler or hidden)
            for embed in shown.embeds
            for each in _embedded(embed)
        ),
        *_stickers(shown.stickers),
        *(_emoji(found, hidden) for found in _EMOJI.finditer(shown.content)),
    ):
        if picture.identity not in seen:
            seen.add(picture.identity)
            yield picture


def _files(attachments: Iterable[discord.Attachment]) -> Iterator[SourcePicture]:
    found = (SourcePicture.of_attachment(attachment) for attachment in attachments)
    return (picture for picture in found if picture.is_readable)


def _media(component: discord.Component, hidden: bool = False) -> Iterator[SourcePicture]:
    """The pictures of a message that is made of components, in which its files do not stand as attachments."""
    match component:
        case discord.Container() | discord.SectionComponent():
            hidden = hidden or getattr(component, "spoiler", False)
            inner = (*component.children, getattr(component, "accessory", None))
            for child in inner:
                if child is not None:
                    yield from _media(child, hidden)
        case discord.MediaGalleryComponent():
            for item in component.items:
                yield from _medium(item.media, hidden or item.spoiler, item.description)
        case discord.ThumbnailComponent():
            yield from _medium(component.media, hidden or component.spoiler, component.description)
        case discord.FileComponent():
            yield from _medium(component.media, hidden or component.spoiler, None)


def _medium(
    media: discord.UnfurledMediaItem, spoiler: bool, description: str | None
) -> Iterator[SourcePicture]:
    url = media.url if media.attachment_id is not None else media.proxy_url
    picture = SourcePicture(
        url=url or "",
        content_type=media.content_type,
        width=media.width,
        height=media.height,
        description=description,
        spoiler=spoiler or media.flags.spoiler,
        name=(media.url.partition("?")[0].rpartition("/")[2]).removeprefix("SPOILER_"),
        kind=Kind.FILE if media.attachment_id is not None else Kind.PREVIEW,
    )
    if url and (picture.is_readable or media.content_type is None):
        yield picture


def _embedded(embed: discord.Embed) -> Iterator[SourcePicture]:
    """The pictures of an embed or a link's preview, as Discord hands them out itself."""
    for media in (embed.image, embed.thumbnail):
        url, width, height = media.proxy_url, media.width, media.height
        is_icon = bool(width and height and min(width, height) < MIN_SIDE)
        if url and not is_icon:
            yield SourcePicture(
                url=url,
                width=width,
                height=height,
                spoiler=media.flags.spoiler,
                kind=Kind.PREVIEW,
                name=embed.title or (embed.provider.name or ""),
            )


def _stickers(stickers: Iterable[discord.StickerItem]) -> Iterator[SourcePicture]:
    """Stickers of pixels; one of Lottie's is a drawing that nobody has made a picture of."""
    for sticker in stickers:
        if sticker.format is not discord.StickerFormatType.lottie:
            is_gif = sticker.format is discord.StickerFormatType.gif
            yield SourcePicture(
                url=sticker.url,
                content_type="image/gif" if is_gif else "image/png",
                size=STICKER_BYTES,
                kind=Kind.STICKER,
                name=sticker.name,
            )


def _emoji(found: re.Match[str], hidden: bool = False) -> SourcePicture:
    animated, name, emoji_id = bool(found[1]), found[2], int(found[3])
    emoji = discord.PartialEmoji(name=name, animated=animated, id=emoji_id)
    return SourcePicture(
        url=emoji.url,
        content_type="image/webp" if animated else "image/png",
        size=EMOJI_BYTES,
        spoiler=hidden,
        kind=Kind.EMOJI,
        name=name,
    )
