"""What goes over HTTP: frozen models, decoded strictly (an unknown field is an error that names it).

Grouped by direction. Towards the engine: `JobRequest`. Back: `JobView`, `StyleList`, `ErrorBody`, and the
stream of events `Queued | Started | Frame | Finished | Failed | Cancelled`.

    POST /v1/jobs               multipart: `request` (JobRequest as JSON), `content`, `style-1` .. `style-n`
                                (image bytes, referred to by StyleChoice.part); header Idempotency-Key;
                                202 JobView. The same key with the same request: the same job.
    GET  /v1/jobs/{id}          JobView
    GET  /v1/jobs/{id}/events   server-sent events: `id:` EventEnvelope.id, `event:` the type, `data:` the
                                event as JSON; Last-Event-ID resumes after that id; frames are thinned to
                                the newest; ends after a terminal event. Comment lines keep it alive.
    GET  /v1/jobs/{id}/frames/{n}   image/jpeg of frame n (old ones may be 404: only the newest matter)
    GET  /v1/jobs/{id}/result       the finished image with its content type; 409 before
    POST /v1/jobs/{id}/cancel       stop and drop; JobView; harmless when already over
    POST /v1/jobs/{id}/finish       stop and keep what there is (one that never began is cancelled); JobView
    GET  /v1/styles                 StyleList
    GET  /v1/styles/{name}/image    the bundled study
    GET  /healthz /readyz /metrics  liveness, readiness (200 or 503), Prometheus; no token needed
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from engine.protocol import knobs, limits
from engine.protocol.refusals import ErrorCode, Refusal


class Message(BaseModel):
    """Base of everything on the wire."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# --- towards the engine -----------------------------------------------------------------------------------


class Owner(Message):
    """Whose job it is; the queue is shared fairly by guild, then by user. Opaque strings to the engine."""

    guild: str = Field(max_length=40)
    user: str = Field(max_length=40)


class StyleChoice(Message):
    """One style: a bundled one by `name`, or an image sent along as multipart `part` "style-1"..."style-n"."""

    name: str | None = Field(default=None, max_length=64)
    part: str | None = Field(default=None, pattern=r"^style-[1-9]$")
    weight: float = Field(default=1.0, gt=0, le=100)

    @model_validator(mode="after")
    def _one_source(self) -> "StyleChoice":
        if (self.name is None) == (self.part is None):
            raise ValueError("a style has either a name or a part")
        return self


class JobRequest(Message):
    """All that decides how the picture will look, besides the images themselves."""

    owner: Owner
    styles: tuple[StyleChoice, ...] = Field(min_length=1, max_length=limits.MAX_STYLES)
    recipe: knobs.RecipeName = knobs.RecipeName.STANDARD
    size: int | None = Field(default=knobs.SIZE.default, ge=knobs.SIZE.minimum, le=knobs.SIZE.maximum)
    strength: int = Field(
        default=knobs.STRENGTH.default, ge=knobs.STRENGTH.minimum, le=knobs.STRENGTH.maximum
    )
    seed: int = Field(default=knobs.SEED.default, ge=knobs.SEED.minimum, le=knobs.SEED.maximum)
    budget: float | None = Field(
        default=knobs.BUDGET.default, ge=knobs.BUDGET.minimum, le=knobs.BUDGET.maximum
    )
    evaluations: int | None = Field(
        default=knobs.EVALUATIONS.default, ge=knobs.EVALUATIONS.minimum, le=knobs.EVALUATIONS.maximum
    )


# --- back to the bot --------------------------------------------------------------------------------------


class JobState(StrEnum):
    """queued -> running -> finished | failed | cancelled; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to the job."""
        return self in (JobState.FINISHED, JobState.FAILED, JobState.CANCELLED)


class ErrorBody(Message):
    """The body of every answer that is not 2xx."""

    code: ErrorCode
    message: str

    @classmethod
    def of(cls, refusal: Refusal) -> "ErrorBody":
        """Put a refusal on the wire."""
        return cls(code=refusal.code, message=refusal.sentence)


class Level(Message):
    """One pyramid level of a plan: its size in pixels and how many evaluations it may take."""

    width: int
    height: int
    evaluations: int


class Plan(Message):
    """How a job will be painted: decided once, stored with it, replayed exactly with the same seed."""

    recipe: knobs.RecipeName
    levels: tuple[Level, ...] = Field(min_length=1)
    seconds: float  # estimated from the engine's measured speed


class JobView(Message):
    """A job as it stands."""

    id: str
    state: JobState
    position: int | None = None  # 1 is next; None unless queued
    eta_seconds: float | None = None  # until finished; None when final
    plan: Plan
    progress: float = Field(default=0.0, ge=0, le=1)
    losses: dict[str, float] = {}
    seconds: float | None = None  # that the painting took, once finished
    stopped_early: bool = False  # finished by "stop, keep this"
    width: int | None = None  # of the result
    height: int | None = None
    error: ErrorBody | None = None


class StyleCard(Message):
    """A bundled style as the catalogue describes it."""

    name: str = Field(pattern=r"^[a-z0-9_]+$")
    title: str
    artist: str
    year: str
    emoji: str
    colours: tuple[str, ...]  # "#rrggbb", the study's main colours


class StyleList(Message):
    """The catalogue."""

    styles: tuple[StyleCard, ...]


class Queued(Message):
    """Accepted, or moved up."""

    type: Literal["queued"] = "queued"
    position: int
    eta_seconds: float


class Started(Message):
    """A worker has begun; sent again if the job has to be started anew."""

    type: Literal["started"] = "started"
    attempt: int
    eta_seconds: float


class Frame(Message):
    """A progress image can be fetched."""

    type: Literal["frame"] = "frame"
    n: int
    progress: float = Field(ge=0, le=1)
    evaluation: int  # so far, over all levels
    evaluations: int  # planned, over all levels
    width: int  # of the level being painted
    height: int
    eta_seconds: float


class Finished(Message):
    """The result can be fetched."""

    type: Literal["finished"] = "finished"
    seconds: float
    width: int
    height: int
    stopped_early: bool = False


class Failed(Message):
    """It could not be painted; `error.message` says why."""

    type: Literal["failed"] = "failed"
    error: ErrorBody


class Cancelled(Message):
    """Stopped on request; nothing is kept."""

    type: Literal["cancelled"] = "cancelled"


Event = Annotated[Queued | Started | Frame | Finished | Failed | Cancelled, Field(discriminator="type")]
_EVENT: TypeAdapter[Event] = TypeAdapter(Event)


class EventEnvelope(Message):
    """An event with the id that a reader resumes from; ids grow within a job, over restarts too."""

    id: int
    event: Event


def parse_event(data: str) -> Event:
    """Decode the `data:` of a server-sent event. Raises pydantic.ValidationError."""
    return _EVENT.validate_json(data)
