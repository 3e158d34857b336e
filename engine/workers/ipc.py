"""What a worker is told and what it answers, and how that crosses a pipe.

Each message is four bytes of length and as much JSON, decoded strictly; a preview inside is base64.
Nothing is ever unpickled. Rule: a message stays small. Files are told by their paths, in the engine's data
directory: a result of 4096 pixels with its snapshots is larger than one wants to hold in the engine's memory.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from engine.painting.pulse import Activity
from engine.planning.abilities import Abilities
from engine.protocol import (
    MAX_AUDITION,
    PaintedOutcome,
    Plan,
    Precision,
    Problem,
    Provenance,
    Settings,
)

LENGTH_BYTES = 4
MAX_BATCH = 256
MAX_MESSAGE_BYTES = 2**20  # a preview is the largest part of any
CHECKPOINT_SECONDS = 15.0  # the least between two checkpoints


class WorkerMessage(BaseModel):
    """Base of everything between the engine and a worker."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")


class Equipment(WorkerMessage):
    """What a worker is started with, as the one argument of its process.

    weights, device, gpu_memory_mb, deterministic: as in the configuration. precision: None leaves it to the warm-up. speeds: the folder of what was
    measured; None measures at each start. statistics: the folder of the styles' statistics, of at most
    statistics_bytes; None keeps none; studies_only: of bundled studies, as nobody would tell it to forget others. batch: how
    many jobs it may paint side by side; None leaves it to the device.
    """

    weights: str
    device: str
    gpu_memory_mb: int = 0
    precision: Precision | None = None
    deterministic: bool = False
    speeds: str | None = None
    statistics: str | None = None
    statistics_bytes: int = 0
    studies_only: bool = False
    batch: int | None = None
    checkpoint_seconds: float = CHECKPOINT_SECONDS


# --- to the worker ----------------------------------------------------------------------------------------


class WeightedStyle(WorkerMessage):
    """A style as the path of an image file, how much of it, and the path of its mask."""

    image: str
    weight: float
    mask: str | None = None


class Run(WorkerMessage):
    """Paint this.

    content, styles, previous: paths of image files; the content is an animation if the plan has frames. outbox: a
    folder for the files of the result, which the worker makes. checkpoint: path of a file that it writes to now
    and then and goes on from. provenance: goes into the result, with the evaluations that were done. request_id: of what was
    asked, for the log.
    """

    job: str
    attempt: int
    content: str
    styles: tuple[WeightedStyle, ...]
    previous: str | None = None
    settings: Settings
    plan: Plan
    outbox: str
    checkpoint: str | None = None
    provenance: Provenance
    request_id: str = ""


class Audition(WorkerMessage):
    """Paint the beginning of each of these, and a sheet of all.

    plan: that of an audition. outbox: as of a Run. tiles: each as it would be finished, but its checkpoint is where it is
    kept when it is painted.
    """

    job: str
    attempt: int
    plan: Plan
    outbox: str
    tiles: tuple[Run, ...] = Field(min_length=1, max_length=MAX_AUDITION)
    request_id: str = ""


Work = Run | Audition


class Batch(WorkerMessage):
    """Paint these side by side, as far as they can be; or one, if it is one."""

    type: Literal["batch"] = "batch"
    runs: tuple[Work, ...] = Field(min_length=1, max_length=MAX_BATCH)


class Stop(WorkerMessage):
    """Stop this attempt after the current step, and keep what there is or not."""

    type: Literal["stop"] = "stop"
    job: str
    attempt: int
    keep: bool


# --- from the worker --------------------------------------------------------------------------------------


class AtHand(WorkerMessage):
    """What a worker has of earlier jobs, so that others that need it are quicker there; what it does not tell costs only time.

    shapes: `engine.planning.placement.shape_of` of the plans of which it has compiled every level. styles: the sources (as in
    a provenance) of whose statistics it has some.
    """

    shapes: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()


class Ready(WorkerMessage):
    """The model is warm, and this is what the worker can do.

    at_hand: of one that was found again, or has compiled something already.
    """

    type: Literal["ready"] = "ready"
    abilities: Abilities
    at_hand: AtHand = AtHand()

    @property
    def facts(self) -> dict[str, Any]:
        """For a line in the log."""
        abilities = self.abilities
        lacks = {"lacks": abilities.lacks} if abilities.lacks else {}
        return {"precision": abilities.speed.precision, "batch": abilities.batch, **lacks}

    def after(self, idle: "Idle") -> "Ready":
        """The same once a batch was over."""
        return Ready(abilities=idle.abilities or self.abilities, at_hand=idle.at_hand)


class Began(WorkerMessage):
    """The work on it begins, by itself or in a batch; said again if it has to be begun anew.

    compiling: seconds that each level of its plan takes longer, because it has to be compiled here and now.
    """

    type: Literal["began"] = "began"
    compiling: tuple[float, ...]


class Progress(WorkerMessage):
    """A preview (JPEG) and the numbers of its step; width and height are the level's.

    taken_over: how many of the evaluations an earlier attempt has done.
    """

    type: Literal["progress"] = "progress"
    preview: bytes
    progress: float
    evaluation: int
    evaluations: int
    taken_over: int = 0
    width: int
    height: int
    losses: dict[str, float]


class Waiting(WorkerMessage):
    """It is painted, and there is no room on the disk for its files; said again while it waits."""

    type: Literal["waiting"] = "waiting"


class Result(PaintedOutcome, WorkerMessage):
    """It is painted: the files are in the outbox, named as `engine.storage.files` says, with their provenance inside.

    seconds: since the work began, those of attempts it goes on from included. notes: what came up on the way.
    """

    type: Literal["result"] = "result"
    evaluation: int


class Stopped(WorkerMessage):
    """Stopped as asked; nothing is kept."""

    type: Literal["stopped"] = "stopped"


class Failure(WorkerMessage):
    """It cannot be painted, and another try would not help."""

    type: Literal["failure"] = "failure"
    error: Problem


End = Result | Stopped | Failure
Report = Began | Progress | Waiting | End


class RunReport(WorkerMessage):
    """A report on the run of the batch with this number, which is counted from 0."""

    type: Literal["report"] = "report"
    number: int = Field(ge=0, lt=MAX_BATCH)
    report: Annotated[Report, Field(discriminator="type")]


class Alive(WorkerMessage):
    """The thread that paints has come this far; seconds: how long it expects to take until the next of these."""

    type: Literal["alive"] = "alive"
    activity: Activity
    seconds: float = Field(default=0.0, ge=0, allow_inf_nan=False)


class Idle(WorkerMessage):
    """A batch is over, and what it took is given back; but for what it keeps on purpose, it has grown by so many bytes.

    grown: since it was warm; 0 if it does not know. at_hand: what it keeps that the next may need. abilities: if the batch
    has told more of them.
    """

    type: Literal["idle"] = "idle"
    grown: int = 0
    at_hand: AtHand = AtHand()
    abilities: Abilities | None = None


Message = Ready | RunReport | Alive | Idle
Order = Annotated[Batch | Stop, Field(discriminator="type")]
ORDERS: TypeAdapter[Order] = TypeAdapter(Order)
MESSAGES: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="type")])


def pack(message: WorkerMessage) -> bytes:
    """Return a message as it crosses the pipe."""
    body = message.model_dump_json().encode()
    return len(body).to_bytes(LENGTH_BYTES) + body
