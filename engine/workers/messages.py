"""What a worker is told and what it answers, and how that crosses a pipe.

Each message is four bytes of length and as much JSON, decoded strictly; images inside are base64. Nothing is
ever unpickled.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from engine.protocol import ErrorBody, Plan

LENGTH_BYTES = 4


class WorkerMessage(BaseModel):
    """Base of everything between the engine and a worker."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")


# --- to the worker ----------------------------------------------------------------------------------------


class WeightedStyle(WorkerMessage):
    """A style as an image file, and how much of it."""

    image: bytes
    weight: float


class Run(WorkerMessage):
    """Paint this; `recipe` is JSON that goes into the result, so that it can be repeated."""

    type: Literal["run"] = "run"
    job: str
    attempt: int
    content: bytes
    styles: tuple[WeightedStyle, ...]
    plan: Plan
    strength: int
    seed: int
    recipe: str


class Stop(WorkerMessage):
    """Stop this attempt after the current step, and keep what there is or not."""

    type: Literal["stop"] = "stop"
    job: str
    attempt: int
    keep: bool


# --- from the worker --------------------------------------------------------------------------------------


class Ready(WorkerMessage):
    """The model is warm; the two numbers make a `Speed`."""

    type: Literal["ready"] = "ready"
    overhead: float
    per_megapixel: float


class Progress(WorkerMessage):
    """A frame (JPEG) and the numbers of its step; width and height are the level's."""

    type: Literal["progress"] = "progress"
    frame: bytes
    progress: float
    evaluation: int
    evaluations: int
    width: int
    height: int
    losses: dict[str, float]


class Result(WorkerMessage):
    """The painting (PNG) with its recipe inside; seconds since the work began."""

    type: Literal["result"] = "result"
    image: bytes
    width: int
    height: int
    seconds: float
    evaluation: int
    stopped_early: bool
    losses: dict[str, float]


class Stopped(WorkerMessage):
    """Stopped as asked; nothing is kept."""

    type: Literal["stopped"] = "stopped"


class Failure(WorkerMessage):
    """It cannot be painted, and another try would not help."""

    type: Literal["failure"] = "failure"
    error: ErrorBody


Order = Annotated[Run | Stop, Field(discriminator="type")]
Report = Annotated[Ready | Progress | Result | Stopped | Failure, Field(discriminator="type")]
ORDERS: TypeAdapter[Order] = TypeAdapter(Order)
REPORTS: TypeAdapter[Report] = TypeAdapter(Report)


def pack(message: WorkerMessage) -> bytes:
    """Return a message as it crosses the pipe."""
    body = message.model_dump_json().encode()
    return len(body).to_bytes(LENGTH_BYTES) + body
