"""What a member wants painted: options and attachments made into one valid request, or one clear sentence.

Rule: whoever holds a StyleRequest knows that its facts were checked; only the bytes are still to be read.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import discord

from bot import attachments, replies
from bot.catalogue import Catalogue
from bot.store import Ticket
from engine.protocol import ErrorCode, JobRequest, Owner, Refusal, StyleCard, StyleChoice

Style = StyleCard | discord.Attachment


@dataclass(frozen=True)
class StyleRequest:
    """A checked request: who asks where, and for what."""

    guild_id: int
    channel_id: int
    user_id: int
    content: discord.Attachment
    styles: tuple[Style, ...]
    knobs: Mapping[str, Any]  # only those that the member has set
    source_message_id: int | None = None
    by_reaction: bool = False  # counted once for each member, message and style

    def __post_init__(self) -> None:
        attachments.check(self.content, "picture")
        if not self.styles:
            raise Refusal(ErrorCode.NO_STYLE)
        for image in self.style_images.values():
            attachments.check(image, "style image")

    @property
    def style_images(self) -> dict[str, discord.Attachment]:
        """The style images that are sent along, by part name."""
        images = (style for style in self.styles if isinstance(style, discord.Attachment))
        return {f"style-{n}": image for n, image in enumerate(images, 1)}

    @property
    def spoiler(self) -> bool:
        """Whether any of the images was hidden by its sender."""
        return any(image.is_spoiler() for image in (self.content, *self.style_images.values()))

    async def images(self) -> AsyncIterator[tuple[str, bytes]]:
        """Part name and bytes of one image after the other. Raises NotFetched, Refusal if one is not an image."""
        yield "content", await attachments.download(self.content, "picture")
        for part, image in self.style_images.items():
            yield part, await attachments.download(image, "style image")

    def ticket(self, now: datetime) -> Ticket:
        """A new ticket for this request."""
        return Ticket(
            guild_id=self.guild_id,
            channel_id=self.channel_id,
            user_id=self.user_id,
            request=self._job(),
            style=replies.style_line(self.styles),
            subject=replies.subject(self.content),
            spoiler=self.spoiler,
            created_at=now.timestamp(),
            source_message_id=self.source_message_id,
        )

    def _job(self) -> JobRequest:
        owner = Owner(guild=str(self.guild_id), user=str(self.user_id))
        parts = iter(self.style_images)
        choices = tuple(
            StyleChoice(name=style.name) if isinstance(style, StyleCard) else StyleChoice(part=next(parts))
            for style in self.styles
        )
        return JobRequest(owner=owner, styles=choices, **self.knobs)


async def chosen_styles(
    catalogue: Catalogue, name: str | None, image: discord.Attachment | None
) -> tuple[Style, ...]:
    """The styles of a command: a bundled one, an image, or both mixed. Raises Refusal, EngineUnreachable."""
    named: tuple[Style, ...] = (await catalogue.named(name),) if name else ()
    return (*named, image) if image is not None else named
