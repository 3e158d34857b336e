"""What a member wants painted: options and attachments made into one valid request, or one clear sentence.

Rule: whoever holds a StyleRequest knows that its facts were checked; only the bytes are still to be read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.errors import NamedRefusal
from bot.orders import attachments
from bot.orders.pictures import SourcePicture
from bot.place import Place
from bot.storage.settings import Output
from bot.storage.tickets import BundledStyle, GivenImage, Source, Ticket
from engine.protocol import ErrorCode, JobRequest, Owner, Refusal, StyleCard, StyleChoice, image_of

Style = StyleCard | SourcePicture
_MASK = "mask-1"


class Order(Protocol):
    """Something to be painted, its facts checked, as the desk takes it in."""

    @property
    def by_reaction(self) -> bool:
        """Whether it counts once for each member, message and style."""

    def ticket(self, now: datetime) -> Ticket:
        """A new ticket for it, with where its images come from."""


@dataclass(frozen=True)
class StyleRequest:
    """A checked request: who asks where, and for what."""

    place: Place
    user_id: int
    content: SourcePicture
    styles: tuple[Style, ...]
    settings: Mapping[str, Any]  # only those that the member has set
    mask: SourcePicture | None = None  # where the first of the styles goes; the others share the rest
    source_message_id: int | None = None
    by_reaction: bool = False
    output: Output = Output.CHANNEL
    upload_limit: int | None = None

    def __post_init__(self) -> None:
        attachments.check(self.content, "content")
        if not self.styles:
            raise Refusal(ErrorCode.NO_STYLE)
        try:
            for part, image in self.style_images.items():
                attachments.check(image, image_of(part, self.style_images))
        except Refusal as refusal:
            raise NamedRefusal(
                refusal, {part: image.name for part, image in self.images.items()}
            ) from refusal
        if self.mask is not None:
            attachments.check(self.mask, "mask")

    @property
    def style_images(self) -> dict[str, SourcePicture]:
        """The style images that are sent along, by part name."""
        images = (style for style in self.styles if isinstance(style, SourcePicture))
        return {f"style-{n}": image for n, image in enumerate(images, 1)}

    @property
    def images(self) -> dict[str, SourcePicture]:
        """All images that are sent along, by part name."""
        mask = {_MASK: self.mask} if self.mask is not None else {}
        return {"content": self.content, **self.style_images, **mask}

    @property
    def spoiler(self) -> bool:
        """Whether any of the images was hidden by its sender."""
        return any(image.spoiler for image in (self.content, *self.style_images.values()))

    def ticket(self, now: datetime) -> Ticket:
        """A new ticket for this request."""
        images = self.images.items()
        return Ticket(
            place=self.place,
            user_id=self.user_id,
            request=self._job(),
            styles=tuple(bundled(style) for style in self.styles),
            description=self.content.description,
            spoiler=self.spoiler,
            created_at=now.timestamp(),
            source_message_id=self.source_message_id,
            source_channel_id=self.content.channel_id,
            sources=tuple(Source(part, url=image.url, size=image.size) for part, image in images),
            author_id=self.content.author_id,
            parent_id=self.content.ticket_id,
            root_id=self.content.root_id,
            nsfw=any(image.nsfw for image in (self.content, *self.style_images.values())),
            output=self.output,
            upload_limit=self.upload_limit,
            images=tuple(GivenImage(part, image.name, image.identity, image.kind) for part, image in images),
        )

    def _job(self) -> JobRequest:
        owner = Owner(group=self.place.group(self.user_id), user=str(self.user_id))
        parts = iter(self.style_images)
        first, *others = (
            StyleChoice(name=style.name) if isinstance(style, StyleCard) else StyleChoice(part=next(parts))
            for style in self.styles
        )
        if self.mask is not None:
            first = first.model_copy(update={"mask": _MASK})
        return JobRequest(owner=owner, styles=(first, *others), **self.settings)


def bundled(style: Style) -> BundledStyle | None:
    """What a ticket keeps of a style; None of an image."""
    if isinstance(style, SourcePicture):
        return None
    return BundledStyle(style.name, style.title, style.artist, style.year, style.emoji)
