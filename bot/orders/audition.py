"""A picture tried out in many styles, small, on one sheet; and one of these finished.

Rule: a sheet is one painting like any other. What is finished from it has its picture, settings and seed, so that it is
the one that was chosen; it belongs to whoever has chosen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.orders.child import afresh, child
from bot.orders.request import choices, given_styles, is_restricted, named_styles
from bot.place import Place
from bot.storage.museum import ServerStyleCard
from bot.storage.settings import Output
from bot.storage.tickets import GivenImage, Source, Ticket
from engine.protocol import KNOBS, JobRequest, RecipeName, StyleCard, StyleChoice, Tile

_CONTENT, _STYLE = "content", "style-1"


def can_be_tried(settings: Mapping[str, Any]) -> bool:
    """Whether many styles can be tried out with these settings: for no purpose, and by what begins small."""
    return settings.get("preset") is None and settings.get("recipe") != RecipeName.TUTORIAL


def outlet(output: Output) -> Output:
    """Where a sheet goes where results go there: what is chosen from is no result for the results channel."""
    return Output.CHANNEL if output is Output.RESULTS else output


@dataclass(frozen=True)
class Audition:
    """The picture that a delivered ticket was painted from, tried out."""

    of: Ticket
    styles: tuple[ServerStyleCard | StyleCard, ...]
    place: Place  # where it is asked for
    user_id: int
    result_message_id: int | None
    output: Output
    by_reaction: bool = False
    upload_limit: int | None = None
    result_channel_id: int | None = None

    def ticket(self, now: datetime) -> Ticket:
        """A new ticket for this request."""
        earlier = self.of.request
        is_possible = can_be_tried({"recipe": earlier.recipe})
        changed = {
            "styles": choices(self.styles),
            "start": afresh(earlier),
            "preset": None,
            "recipe": earlier.recipe if is_possible else KNOBS["recipe"].default,
            "audition": True,
        }
        return child(
            self.of,
            changed,
            place=self.place,
            user_id=self.user_id,
            styles=named_styles(self.styles),
            created_at=now.timestamp(),
            source_message_id=self.result_message_id,
            source_channel_id=self.result_channel_id,
            sources=(Source(_CONTENT, earlier=self.of.id),),
            output=outlet(self.output),
            upload_limit=self.upload_limit,
            nsfw=self.of.nsfw or is_restricted(self.styles),
            images=(*_called(self.of.images, _CONTENT), *given_styles(self.styles)),
        )


@dataclass(frozen=True)
class Finishing:
    """The style of one number of a sheet, which may still be growing, at full size."""

    of: Ticket
    number: int  # from 1
    place: Place  # where it is asked for
    user_id: int
    result_message_id: int | None  # that of the sheet; of one that grows, the picture's
    output: Output
    by_reaction: bool = False
    upload_limit: int | None = None
    result_channel_id: int | None = None

    def ticket(self, now: datetime) -> Ticket:
        """A new ticket for this request."""
        choice, images = self._style(self.of.request), _called(self.of.images, _CONTENT)
        sources: Sequence[Source] = (Source(_CONTENT, earlier=self.of.id),)
        if choice.part is not None:  # its image is the only one now
            if choice.part not in self.of.own_styles:  # which are fetched from nowhere
                sources = (*sources, Source(_STYLE, earlier=self.of.id, named=choice.part))
            images = (*images, *(replace(each, part=_STYLE) for each in _called(self.of.images, choice.part)))
            choice = choice.model_copy(update={"part": _STYLE})
        job = self.of.job_id
        return child(
            self.of,
            {
                "styles": (choice,),
                "tile": Tile(job=job, number=self.number) if job is not None else None,
            },
            place=self.place,
            user_id=self.user_id,
            styles=(self.of.styles[self.number - 1],),
            created_at=now.timestamp(),
            source_message_id=self.result_message_id,
            source_channel_id=self.result_channel_id,
            sources=tuple(sources),
            output=self.output,
            upload_limit=self.upload_limit,
            images=images,
        )

    def _style(self, request: JobRequest) -> StyleChoice:
        return request.styles[self.number - 1]


def _called(images: Sequence[GivenImage], part: str) -> tuple[GivenImage, ...]:
    return tuple(image for image in images if image.part == part)
