"""A finished picture painted anew with one thing changed: more style, another seed, larger, its colours.

Rule: anybody may ask for it. Whoever does gets a ticket of their own, and it counts as theirs in the queue;
images, styles and all other settings are those of the ticket it is made from.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from bot.orders import attachments
from bot.orders.child import afresh, child
from bot.orders.pictures import SourcePicture
from bot.place import Place
from bot.storage.settings import Output
from bot.storage.tickets import Source, Ticket, parts_of
from engine.protocol import KNOBS, Colours, JobRequest, RecipeName, Start

STEP = 30  # of strength, by which more or less style is asked for: enough for everybody to see
_LEAST, _MOST = cast("int", KNOBS["strength"].minimum), cast("int", KNOBS["strength"].maximum)
_LAST_SEED = cast("int", KNOBS["seed"].maximum)


class Change(StrEnum):
    """What shall be different."""

    MORE = "more"
    LESS = "less"
    AGAIN = "again"
    LARGER = "larger"
    COLOURS = "colours"  # the picture's own


def is_possible(change: Change, request: JobRequest) -> bool:
    """Whether there is anything left to change."""
    match change:
        case Change.MORE:
            return request.strength < _MOST
        case Change.LESS:
            return request.strength > _LEAST
        case Change.AGAIN:  # the tutorial's way from the picture itself is the same for every seed
            return request.recipe is not RecipeName.TUTORIAL or request.start is not Start.CONTENT
        case Change.LARGER:
            return request.preset is None and request.size != KNOBS["size"].maximum
        case Change.COLOURS:
            return request.colours is not Colours.KEPT


_GOING_ON = (Change.MORE, Change.LESS, Change.LARGER)  # from the result, not from the picture


@dataclass(frozen=True)
class Remake:
    """A request that is made from a delivered ticket. Raises Refusal if its result is too large to go on from."""

    of: Ticket
    change: Change
    place: Place  # where it is asked for
    user_id: int
    result: SourcePicture | None  # what became of that ticket, as Discord has it
    result_message_id: int | None
    size: int | None = None  # the larger one
    seed: int = field(default_factory=lambda: secrets.randbelow(_LAST_SEED + 1))
    by_reaction: bool = False
    upload_limit: int | None = None
    result_channel_id: int | None = None

    def __post_init__(self) -> None:
        if self.change in _GOING_ON and self.result is not None:
            attachments.check(self.result, "previous")

    def ticket(self, now: datetime) -> Ticket:
        """A new ticket for this request."""
        return child(
            self.of,
            self._changed(),
            place=self.place,
            user_id=self.user_id,
            created_at=now.timestamp(),
            source_message_id=self.result_message_id,
            source_channel_id=self.result_channel_id,
            sources=self._sources(),
            output=Output.CHANNEL,  # it is answered where it was asked for
            upload_limit=self.upload_limit,
        )

    def _sources(self) -> tuple[Source, ...]:
        sent = parts_of(self.of.request) - self.of.own_styles.keys()
        kept = tuple(Source(part, earlier=self.of.id) for part in sorted(sent))
        if self.change not in _GOING_ON:
            return kept
        url, size = (self.result.url, self.result.size) if self.result is not None else ("", None)
        return (*kept, Source("previous", url=url, size=size, job=self.of.job_id or ""))

    def _changed(self) -> dict[str, Any]:
        earlier = self.of.request
        match self.change:
            case Change.MORE:
                return _going_on(min(earlier.strength + STEP, _MOST))
            case Change.LESS:
                return _going_on(max(earlier.strength - STEP, _LEAST))
            case Change.LARGER:
                return _going_on(earlier.strength) | {"size": self.size}
            case Change.AGAIN:
                return {"seed": self.seed, "start": afresh(earlier)}
            case Change.COLOURS:
                return {"colours": Colours.KEPT, "start": afresh(earlier)}


def _going_on(strength: int) -> dict[str, Any]:
    return {"strength": strength, "start": Start.PREVIOUS}
