"""What a member wants painted: options and attachments made into one valid request, or one clear sentence.

Rule: whoever holds a StyleRequest knows that its facts were checked; only the bytes are still to be read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any, Protocol

from bot.errors import NamedRefusal
from bot.orders import attachments
from bot.orders.pictures import SourcePicture
from bot.place import Place
from bot.storage.museum import ServerStyleCard
from bot.storage.settings import Output
from bot.storage.tickets import BundledStyle, GivenImage, Source, Ticket
from engine.protocol import ErrorCode, JobRequest, Owner, Refusal, StyleCard, StyleChoice, image_of

Style = ServerStyleCard | StyleCard | SourcePicture
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
        named = zip(parts_of_styles(self.styles), self.styles, strict=True)
        return {part: style for part, style in named if part and isinstance(style, SourcePicture)}

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
            styles=named_styles(self.styles),
            description=self.content.description,
            spoiler=self.spoiler,
            created_at=now.timestamp(),
            source_message_id=self.source_message_id,
            source_channel_id=self.content.channel_id,
            sources=tuple(Source(part, url=image.url, size=image.size) for part, image in images),
            author_id=self.content.author_id,
            parent_id=self.content.ticket_id,
            root_id=self.content.root_id,
            nsfw=self.content.nsfw or is_restricted(self.styles),
            output=self.output,
            upload_limit=self.upload_limit,
            images=(
                *(GivenImage(part, image.name, image.identity, image.kind) for part, image in images),
                *given_styles(self.styles),
            ),
        )

    def _job(self) -> JobRequest:
        owner = Owner(group=self.place.group(self.user_id), user=str(self.user_id))
        first, *others = choices(self.styles)
        if self.mask is not None:
            first = first.model_copy(update={"mask": _MASK})
        return JobRequest(owner=owner, styles=(first, *others), **self.settings)


# --- styles, whatever they are: the engine's by name, a member's image, a picture of the server's museum ------


def parts_of_styles(styles: Sequence[Style]) -> list[str | None]:
    """What each is called among the images that the engine is sent; None of the engine's own."""
    numbers = count(1)
    return [f"style-{next(numbers)}" if is_sent(style) else None for style in styles]


def is_sent(style: Style) -> bool:
    """Whether it is an image that the engine has to be sent."""
    return isinstance(style, SourcePicture | ServerStyleCard)


def is_restricted(styles: Sequence[Style]) -> bool:
    """Whether any is from where there is an age restriction."""
    return any(isinstance(style, SourcePicture | ServerStyleCard) and style.nsfw for style in styles)


def choices(styles: Sequence[Style]) -> tuple[StyleChoice, ...]:
    """What the engine is told of them."""
    named = zip(parts_of_styles(styles), styles, strict=True)
    return tuple(StyleChoice(part=part) if part else StyleChoice(name=style.name) for part, style in named)


def given_styles(styles: Sequence[Style]) -> tuple[GivenImage, ...]:
    """What tells those of the server's museum from each other."""
    named = zip(parts_of_styles(styles), styles, strict=True)
    return tuple(
        GivenImage(part, style.title, style.name)
        for part, style in named
        if part and isinstance(style, ServerStyleCard)
    )


def named_styles(styles: Sequence[Style]) -> tuple[BundledStyle | None, ...]:
    """What a ticket keeps of them: how they were called; None of a member's image."""
    return tuple(_named(style) for style in styles)


def _named(style: Style) -> BundledStyle | None:
    if isinstance(style, SourcePicture):
        return None
    author_id = style.author_id if isinstance(style, ServerStyleCard) else None
    return BundledStyle(style.name, style.title, style.artist, style.year, style.emoji, author_id)
