"""A picture before its bytes are fetched: where it is, what is said of it, and whose it is.

Rule: whatever a picture comes from (an attachment, an embed, a sticker, an emoji, an avatar, a forwarded message) is
one of these from here on, so that checks, consent and spoilers are the same for all.
"""

from dataclasses import dataclass, field

import discord


@dataclass(frozen=True)
class SourcePicture:
    """A picture that somebody can have painted."""

    url: str = field(repr=False)  # Discord's, signed: whoever has it sees the picture
    content_type: str | None = None
    size: int | None = None  # bytes, if Discord says so
    width: int | None = None
    height: int | None = None
    description: str | None = None  # by whoever sent it
    spoiler: bool = False
    author_id: int | None = None  # whose picture it is, if that is known
    message_id: int | None = None  # the message it is in
    nsfw: bool = False  # from where there is an age restriction

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
        )

    @property
    def says_image(self) -> bool:
        """Whether it says that it is an image."""
        return (self.content_type or "").startswith("image/")
