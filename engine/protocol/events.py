"""What the engine tells of a job while it is painted, one event after the other."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from engine.protocol.message import Float, Int, Message
from engine.protocol.views import PaintedOutcome, Problem


class Queued(Message):
    """Accepted, or moved up. `eta_seconds` is None while an operator lets no job begin: nobody knows then."""

    type: Literal["queued"] = "queued"
    position: Int
    eta_seconds: Float | None


class Started(Message):
    """A worker has begun; sent again if the job has to be started anew."""

    type: Literal["started"] = "started"
    attempt: Int
    eta_seconds: Float


class Preview(Message):
    """A progress image can be fetched."""

    type: Literal["preview"] = "preview"
    n: Int
    progress: Float = Field(ge=0, le=1)
    evaluation: Int  # so far, over all levels
    evaluations: Int  # planned, over all levels
    width: Int  # of the level being painted
    height: Int
    eta_seconds: Float


class Finished(PaintedOutcome):
    """The result can be fetched."""

    type: Literal["finished"] = "finished"


class Failed(Message):
    """It could not be painted, and why."""

    type: Literal["failed"] = "failed"
    error: Problem


class Cancelled(Message):
    """Stopped on request; nothing is kept."""

    type: Literal["cancelled"] = "cancelled"


Event = Annotated[Queued | Started | Preview | Finished | Failed | Cancelled, Field(discriminator="type")]
_EVENT: TypeAdapter[Event] = TypeAdapter(Event)


class EventEnvelope(Message):
    """An event with the id that a reader resumes from; ids grow within a job, over restarts too."""

    id: Int
    event: Event


def parse_event(data: str) -> Event:
    """Decode the `data:` of a server-sent event. Raises pydantic.ValidationError."""
    return _EVENT.validate_json(data)
