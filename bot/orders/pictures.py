"""A picture before its bytes are fetched: where it is, what is said of it, and whose it is.

Rule: whatever a picture comes from (an attachment, an embed, a sticker, an emoji, an avatar, a forwarded message) is
one of these from here on, so that checks, consent and spoilers are the same for all.
"""

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

import discord

from bot.storage.members import NOBODY
from engine.protocol import MEDIA_TYPES

# In place of an author: somebody's, and nobody knows whose, so nobody can be asked. None is what there is for all to use.
UNKNOWN_AUTHOR = NOBODY


class Kind(StrEnum):
    """What a picture is where it was found."""

    FILE = "file"  # attached to a message or sent along
    PREVIEW = "preview"  # of a link, or in an embed
    STICKER = "sticker"
    EMOJI = "emoji"
    AVATAR = "avatar"
    RESULT = "result"  # painted here


@dataclass(frozen=True)
class SourcePicture:
    """A picture that somebody can have painted."""

    url: str = field(repr=False)  # Discord's, signed: whoever has it sees the picture
    content_type: str | None = None
    size: int | None = None  # bytes, if Discord says so, or as many as Discord takes for one of its kind
    width: int | None = None
    height: int | None = None
    description: str | None = None  # by whoever sent it
    spoiler: bool = False
    author_id: int | None = None  # whose picture it is; UNKNOWN_AUTHOR, or None if it is there for all
    message_id: int | None = None  # the message it is in
    nsfw: bool = False  # from where there is an age restriction
    kind: Kind = Kind.FILE
    name: str = ""  # of its file, its sticker, its emoji, its member
    channel_id: int | None = None  # of that message
    jump_url: str | None = None  # of that message
    ticket_id: str | None = None  # of which it is the result
    root_id: str | None = None  # the first ticket of that one's line

    @classmethod
    def of_attachment(
        cls,
        attachment: discord.Attachment,
        author_id: int | None = None,
        message_id: int | None = None,
        nsfw: bool = False,
    ) -> "SourcePicture":
        """An attachment, as Discord describes it."""
        return cls(
            url=attachment.url,
            content_type=attachment.content_type,
            size=attachment.size,
            width=attachment.width,
            height=attachment.height,
            description=attachment.description,
            spoiler=attachment.is_spoiler(),
            author_id=author_id,
            message_id=message_id,
            nsfw=nsfw,
            name=attachment.filename.removeprefix("SPOILER_"),
        )

    @property
    def media_type(self) -> str | None:
        """What it says that it is, without parameters; None if it says nothing."""
        return self.content_type.partition(";")[0].strip().lower() if self.content_type else None

    @property
    def is_readable(self) -> bool:
        """Whether it says that it is of a format that is decoded."""
        return self.media_type in MEDIA_TYPES

    @property
    def identity(self) -> str:
        """Which picture it is, by its address without the signature, which is another each time; not to be read back."""
        return hashlib.blake2s(urlsplit(self.url).path.encode(), digest_size=8).hexdigest()
