"""A finished picture painted anew: more style, less style, or the same again with another seed.

Rule: anybody may ask for it. Whoever does gets a ticket of their own, and it counts as theirs in the queue;
images, styles and all other settings are those of the ticket it is made from.
"""

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from bot.orders import attachments
from bot.orders.pictures import SourcePicture
from bot.place import Place
from bot.storage.tickets import Source, StopRequest, Ticket, TicketState, new_id, parts_of
from engine.protocol import KNOBS, JobRequest, Owner, RecipeName, Start

STEP = 30  # of strength, by which more or less style is asked for: enough for everybody to see
_LEAST, _MOST = cast("int", KNOBS["strength"].minimum), cast("int", KNOBS["strength"].maximum)
_LAST_SEED = cast("int", KNOBS["seed"].maximum)


class Change(StrEnum):
    """What shall be different."""

    MORE = "more"
    LESS = "less"
    AGAIN = "again"


def is_possible(change: Change, request: JobRequest) -> bool:
    """Whether there is anything left to change."""
    match change:
        case Change.MORE:
            return request.strength < _MOST
        case Change.LESS:
            return request.strength > _LEAST
        case Change.AGAIN:  # the tutorial's way from the picture itself is the same for every seed
            return request.recipe is not RecipeName.TUTORIAL or request.start is not Start.CONTENT


@dataclass(frozen=True)
class Remake:
    """A request that is made from a delivered ticket. Raises Refusal if its result is too large to go on from."""

    of: Ticket
    change: Change
    place: Place  # where it is asked for
    user_id: int
    result: SourcePicture  # what became of that ticket
    result_message_id: int
    seed: int = field(default_factory=lambda: secrets.randbelow(_LAST_SEED + 1))
    by_reaction: bool = False

    def __post_init__(self) -> None:
        if self.change is not Change.AGAIN:
            attachments.check(self.result, "previous")

    def ticket(self, now: datetime) -> Ticket:
        """A new ticket for this request."""
        return replace(
            self.of,
            id=new_id(),
            place=self.place,
            user_id=self.user_id,
            request=self._job(),
            created_at=now.timestamp(),
            source_message_id=self.result_message_id,
            message_id=None,
            result_message_id=None,
            job_id=None,
            state=TicketState.OPEN,
            stop_request=StopRequest.NONE,
            sources=self._sources(),
            parent_id=self.of.id,
            root_id=self.of.root_id or self.of.id,
        )

    def _sources(self) -> tuple[Source, ...]:
        kept = tuple(Source(part, earlier=self.of.id) for part in sorted(parts_of(self.of.request)))
        if self.change is Change.AGAIN:
            return kept
        return (*kept, Source("previous", url=self.result.url, size=self.result.size))

    def _job(self) -> JobRequest:
        earlier = self.of.request
        owner = Owner(group=self.place.group(self.user_id), user=str(self.user_id))
        changed: dict[str, Any] = {"owner": owner}
        match self.change:
            case Change.MORE:
                changed |= _going_on(min(earlier.strength + STEP, _MOST))
            case Change.LESS:
                changed |= _going_on(max(earlier.strength - STEP, _LEAST))
            case Change.AGAIN:
                afresh = Start.CONTENT if earlier.start is Start.PREVIOUS else earlier.start
                changed |= {"seed": self.seed, "start": afresh}
        return earlier.model_copy(update=changed)


def _going_on(strength: int) -> dict[str, Any]:
    return {"strength": strength, "start": Start.PREVIOUS}
