"""What goes over HTTP: frozen models, decoded strictly (an unknown field is an error that names it).

Grouped by direction. Towards the engine: `JobRequest`. Back: `JobView`, `StyleList`, `ErrorBody`, and the
stream of events `Queued | Started | Preview | Finished | Failed | Cancelled`.

    POST /v1/jobs               multipart: `request` (JobRequest as JSON), `content`, `style-1` .. `style-n`
                                and `mask-1` .. `mask-n` (image bytes, referred to by StyleChoice.part and
                                .mask), `previous` (an earlier result, with Start.PREVIOUS); header
                                Idempotency-Key; 202 JobView. The same key with the same request: the same job.
                                With the headers GROUP_HEADER and USER_HEADER, the owner's, a full queue is
                                said before the body is sent.
    GET  /v1/jobs/{id}          JobView
    GET  /v1/jobs/{id}/events   server-sent events: `id:` EventEnvelope.id, `event:` the type, `data:` the
                                event as JSON; Last-Event-ID resumes after that id; previews are thinned to
                                the newest; ends after a terminal event; an id that is none of this
                                job's tells all. Comment lines keep it alive.
    GET  /v1/jobs/{id}/previews/{n}   image/jpeg of preview n (old ones may be 404: only the newest matter)
    GET  /v1/jobs/{id}/result       the finished image with its content type; 409 before
    GET  /v1/jobs/{id}/timelapse    how it was painted, as an animated image/webp
    GET  /v1/jobs/{id}/moments/{n}  moment n (1 to JobView.moments) of the painting in full size
    GET  /v1/jobs/{id}/moments      all moments with their numbers, as one picture to choose from
    GET  /v1/jobs/{id}/comparison   what was painted beside what came of it, in one picture; CONTENT_GONE if an
                                    older engine has not kept it
                                    All five take `max_bytes` (MIN_RENDITION_BYTES or more), which quality is given
                                    up for first, then size; `max_side`, the most pixels of a side; and the result
                                    and a moment also `preset`, what it is to be good for. RENDITION_HEADER tells in
                                    a Rendition what came of it. All but the sheet and the comparison are the file
                                    itself if nothing is asked that it does not fulfil.
    POST /v1/jobs/{id}/cancel       stop and drop; JobView; harmless when already over
    POST /v1/jobs/{id}/finish       stop and keep what there is (one that never began is cancelled); JobView
    DELETE /v1/jobs/{id}            stop, drop and forget: its row and all its files; 204, also if there is none.
                                    BUSY while a worker does not stop: the same call again goes on
    DELETE /v1/jobs                 the same of what was sent with this Idempotency-Key; a request with it that is
                                    still on its way is not taken any more
    GET  /v1/queue                  QueueView: whether one more job would be taken in, of the owner that
                                GROUP_HEADER and USER_HEADER name; of anybody without them
    POST /v1/recipe                 an image as the body; Provenance, or NO_RECIPE if it was not painted here
    GET  /v1/styles                 StyleList, with the limits of the recipes
    GET  /v1/styles/{name}/image    the bundled study
    POST /v1/backup                 Backup: a copy of all that is kept, in the data directory
    GET  /healthz /readyz /metrics  liveness, readiness (200, 503 or 507), Prometheus; no token needed
"""

from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Literal, cast

from pydantic import (
    AllowInfNan,
    BaseModel,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    TypeAdapter,
    model_validator,
)

from engine.protocol import limits, settings
from engine.protocol.errors import ERRORS, ErrorCode, Refusal
from engine.protocol.facts import StrictFact, strangers_facts
from engine.protocol.limits import ImageFormat
from engine.protocol.notes import Note

GROUP_HEADER, USER_HEADER = "Atelier-Group", "Atelier-User"
RENDITION_HEADER = "Atelier-Rendition"

# Numbers are JSON numbers: no text that looks like one, no truth value, and nothing infinite.
Int = Annotated[int, Strict()]
Float = Annotated[float, Strict(), AllowInfNan(False)]
Bool = Annotated[bool, Strict()]


class Message(BaseModel):
    """Base of everything on the wire."""

    # What somebody has sent does not get into a log by a traceback.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


# --- towards the engine -----------------------------------------------------------------------------------


class Owner(Message):
    """Whose job it is; the queue is shared fairly by group, then by user. Opaque strings to the engine."""

    group: str = Field(max_length=40)
    user: str = Field(max_length=40)


Weight = Annotated[Float, Field(gt=0, le=100)]  # of a style in a mixture


class StyleChoice(Message):
    """One style: a bundled one by `name`, or an image sent along as multipart `part` "style-1"..."style-n"."""

    name: str | None = Field(default=None, max_length=64)
    part: str | None = Field(default=None, pattern=r"^style-[1-9]$")
    weight: Weight = 1.0
    mask: str | None = Field(default=None, pattern=r"^mask-[1-9]$")  # white is here, black is elsewhere

    @model_validator(mode="after")
    def _one_source(self) -> "StyleChoice":
        if (self.name is None) == (self.part is None):
            raise ValueError("a style has either a name or a part")
        return self


def _number(knob: settings.Knob[Any]) -> Any:  # pydantic.Field is typed as Any
    return Field(default=knob.default, ge=knob.minimum, le=knob.maximum)


class Settings(Message):
    """The settings of a job; their bounds and defaults stand in `engine.protocol.settings`."""

    recipe: settings.RecipeName = settings.RECIPE.default
    size: Int | None = _number(settings.SIZE)
    strength: Int = _number(settings.STRENGTH)
    seed: Int = _number(settings.SEED)
    budget: Float | None = _number(settings.BUDGET)
    evaluations: Int | None = _number(settings.EVALUATIONS)
    colours: settings.Colours = settings.COLOURS.default
    style_scale: Float = _number(settings.STYLE_SCALE)
    start: settings.Start = settings.START.default
    preset: settings.Preset | None = settings.PRESET.default


class JobRequest(Settings):
    """All that decides how the picture will look, besides the images themselves."""

    owner: Owner
    styles: tuple[StyleChoice, ...] = Field(min_length=1, max_length=limits.MAX_STYLES)


class Wish(BaseModel):
    """How a picture is to be sent: the query of its address, where numbers are text.

    max_bytes: it is made to fit; max_side: pixels of its longer side at most; preset: what it is to be good for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_bytes: int | None = Field(default=None, ge=limits.MIN_RENDITION_BYTES, le=2**40)
    max_side: int | None = Field(default=None, ge=limits.MIN_SIDE, le=limits.MAX_SIDE)
    preset: settings.Preset | None = None


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


class Problem(Message):
    """A refusal as data. Raises ValidationError if the facts are not those of the code."""

    code: ErrorCode
    facts: dict[str, StrictFact] = {}

    @model_validator(mode="after")
    def _its_facts(self) -> "Problem":
        if self.facts.keys() != ERRORS[self.code].facts:
            raise ValueError(f"{self.code} has the facts {sorted(ERRORS[self.code].facts)}")
        for name in strangers_facts(self.facts):
            raise ValueError(f"the fact {name} is something else")
        return self

    @classmethod
    def of(cls, refusal: Refusal) -> "Problem":
        """What a refusal says."""
        return cls(code=refusal.code, facts=refusal.facts)


class ErrorBody(Problem):
    """The body of every answer that is not 2xx, with an English sentence for whoever reads HTTP."""

    message: str


Pixels = Annotated[Int, Field(ge=1, le=2**16)]  # of a side
Evaluations = Annotated[Int, Field(ge=0, le=10**9)]
_MOST_EVALUATIONS = cast("int", settings.EVALUATIONS.maximum)  # of a level


class Level(Message):
    """One pyramid level of a plan: its size in pixels and how many evaluations it may take."""

    width: Pixels
    height: Pixels
    evaluations: Evaluations


class Precision(StrEnum):
    """In what numbers the network is evaluated; losses and the optimiser are always float32."""

    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"


class Plan(Message):
    """How a job will be painted: decided once, stored with it, replayed exactly with the same seed."""

    recipe: settings.RecipeName
    levels: tuple[Level, ...] = Field(min_length=1)
    seconds: Float = Field(ge=0)  # estimated from the engine's measured speed
    width: Pixels | None = None  # of the result; without it, those of the last level
    height: Pixels | None = None
    precision: Precision = Precision.FLOAT32
    # Of an animation; each after the first starts from the one before, at the last level.
    frames: Int = Field(default=1, ge=1)
    frame_evaluations: Evaluations = 0  # for each of these
    notes: tuple[Note, ...] = ()

    @property
    def result_size(self) -> tuple[int, int]:
        """(width, height) of the result."""
        last = self.levels[-1]
        return self.width or last.width, self.height or last.height

    @property
    def evaluations(self) -> int:
        """Of all levels and frames."""
        return sum(level.evaluations for level in self.levels) + (self.frames - 1) * self.frame_evaluations

    @property
    def batch_key(self) -> tuple[object, ...]:
        """Plans that share it can be painted in one batch, if `engine.planning.batching` says so of the jobs."""
        return self.recipe, self.levels, self.precision, self.frames


class Likeness(Message):
    """What came out, in percent that a person understands.

    style_reached: how much of the way from the content image to the style; 0 is the content image untouched, 100
    the style itself.
    content_kept: how much of what is where in the content image is still there; 100 is the content image untouched, 0 a
    picture of the style that has nothing to do with it.
    """

    style_reached: Int = Field(ge=0, le=100)
    content_kept: Int = Field(ge=0, le=100)


class Outcome(Message):
    """What came of a job, or nothing yet.

    Declared once for the worker's result, the stored record, a job's view and the event of its end.
    """

    seconds: Float | None = None  # that the painting took
    width: Int | None = None  # of the result
    height: Int | None = None
    format: ImageFormat = ImageFormat.PNG  # of the result
    moments: Int = 0  # how many can be fetched
    stopped_early: Bool = False  # finished by "stop, keep this"
    losses: dict[str, Float] = {}
    likeness: Likeness | None = None  # of what older engines have painted, too
    notes: tuple[Note, ...] = ()  # what came up while planning and painting

    @property
    def as_outcome(self) -> "Outcome":
        """These facts without what a subclass adds."""
        return Outcome(**{name: getattr(self, name) for name in Outcome.model_fields})


class PaintedOutcome(Outcome):
    """The outcome of a job that is painted."""

    seconds: Float
    width: Int
    height: Int


class JobView(Outcome):
    """A job as it stands."""

    id: str
    state: JobState
    position: Int | None = None  # 1 is next; None unless queued
    eta_seconds: Float | None = None  # until finished; None when final
    plan: Plan
    progress: Float = Field(default=0.0, ge=0, le=1)
    error: Problem | None = None


class Rendition(Message):
    """What a picture that is sent has become, to fit what was asked: the header of its answer, as JSON.

    is_original: it is the painter's file to the byte. is_full_size: only quality was given up, if anything.
    """

    format: ImageFormat
    width: Pixels
    height: Pixels
    moves: Bool = False
    is_original: Bool = False
    is_full_size: Bool = True


class Places(Message):
    """How many open jobs there are of some kind, and how many more would be taken in."""

    taken: Int = Field(ge=0)
    free: Int = Field(ge=0)


class QueueView(Message):
    """What is left of the caps: of the whole queue, and of the group and the user that were asked about."""

    total: Places
    group: Places | None = None
    user: Places | None = None
    minutes: Int = Field(ge=0)  # until one of the jobs is over, for when there is no place


class Backup(Message):
    """A copy of what the engine keeps, in its data directory; whoever asked for it removes it."""

    folder: str


class StyleCard(Message):
    """A bundled style as the catalogue describes it."""

    name: str = Field(pattern=r"^[a-z0-9_]+$")
    title: str
    artist: str
    year: str
    emoji: str
    colours: tuple[str, ...]  # "#rrggbb", the study's main colours


class RecipeLimits(Message):
    """How much of an engine one job may take with a recipe: seconds by its plan, and pixels of its long side."""

    max_seconds: Float = Field(gt=0)
    max_size: Int = Field(ge=settings.SIZE.minimum, le=settings.SIZE.maximum)


class StyleList(Message):
    """The catalogue: the styles, and how far the recipes go."""

    styles: tuple[StyleCard, ...]
    recipes: dict[settings.RecipeName, RecipeLimits] = {}


# Where an image came from: "sha256:..." of the file that was sent, or a bundled style's name.
Source = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{0,80}$")]


class Provenance(Message):
    """How a picture was painted, as it is written inside it; it can come back from anywhere, so all is bounded.

    weights, masks: of the styles; no masks at all if none has one. previous: the earlier result that it went on
    from. network: "sha256:..." of the numbers that it was painted with; older pictures do not tell. plan: with the
    settings, the images and the network all that decides the picture, because the same request may get another
    plan on another machine.
    """

    engine: str = Field(pattern=r"^[A-Za-z0-9_.+-]{0,40}$")  # its version
    content: Source
    styles: tuple[Source, ...] = Field(min_length=1, max_length=limits.MAX_STYLES)
    weights: tuple[Weight, ...]
    masks: tuple[Source | None, ...] = ()
    previous: Source | None = None
    network: Source | None = None
    settings: Settings
    plan: Plan
    evaluations_done: Evaluations

    @classmethod
    def from_anywhere(cls, text: str | bytes) -> "Provenance":
        """What a text says that may come from anybody: bounded like a request, and like the plan of one.

        Raises ValueError for what no engine has ever painted by.
        """
        provenance = cls.model_validate_json(text)
        if problems := sorted(_impossible(provenance)):
            raise ValueError(f"nothing is painted by such {', '.join(problems)}")
        return provenance

    @model_validator(mode="before")
    @classmethod
    def _without_worded_notes(cls, data: Any) -> Any:
        """Older pictures hold notes as sentences, which decide nothing."""
        match data:
            case {"plan": {"notes": [{"message": _}, *_]} as plan}:
                return data | {"plan": plan | {"notes": []}}
        return data

    @model_validator(mode="after")
    def _one_of_each(self) -> "Provenance":
        if len(self.weights) != len(self.styles) or len(self.masks) not in (0, len(self.styles)):
            raise ValueError("each style has one weight and at most one mask")
        return self


def _impossible(provenance: Provenance) -> Iterator[str]:
    """What of a provenance is beyond what an engine does."""
    plan, wish = provenance.plan, provenance.settings
    sides = [(level.width, level.height) for level in plan.levels]
    counts = [level.evaluations for level in plan.levels] + [plan.frame_evaluations] * (plan.frames > 1)
    box = limits.PRESETS[wish.preset] if wish.preset else None
    width, height = plan.result_size
    possible = {
        "numbers of levels": len(sides) <= limits.MAX_LEVELS,
        "levels": all(limits.MIN_LEVEL_SIDE <= side <= limits.MAX_SIDE for size in sides for side in size),
        "orders of levels": all(
            a <= b for one, next_ in pairwise(sides) for a, b in zip(one, next_, strict=True)
        ),
        "evaluations": all(1 <= count <= _MOST_EVALUATIONS for count in counts),
        "numbers of frames": plan.frames <= limits.MAX_PAINTED_FRAMES,
        "sizes": max(width, height) <= limits.MAX_SIDE,
        "sizes for a purpose": box is None or (width <= box.width and height <= box.height),
        "ends": provenance.evaluations_done <= plan.evaluations,
    }
    yield from (name for name, is_possible in possible.items() if not is_possible)


class Queued(Message):
    """Accepted, or moved up."""

    type: Literal["queued"] = "queued"
    position: Int
    eta_seconds: Float


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
