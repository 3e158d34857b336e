"""Back to the bot: what became of a job, how it stands, what there is, and what went wrong."""

from enum import StrEnum

from pydantic import Field, model_validator

from engine.protocol import settings
from engine.protocol.errors import ERRORS, ErrorCode, Refusal
from engine.protocol.facts import StrictFact, strangers_facts
from engine.protocol.limits import ImageFormat
from engine.protocol.message import Bool, Float, Int, Message, Pixels
from engine.protocol.notes import Note
from engine.protocol.plan import Plan


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
    facts: dict[str, StrictFact] = Field(default_factory=dict)

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
    losses: dict[str, Float] = Field(default_factory=dict)
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
    eta_seconds: Float | None = None  # until finished; None when final, or when it waits and no job may begin
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


class StyleCredit(Message):
    """Why a style may be bundled: its artist has been dead for more than 70 years."""

    died: str  # the year of the artist's death, or "by" the latest that it can have been
    collection: str  # which holds the original, or "not verified" and what is known


class StyleCard(Message):
    """A bundled style as the catalogue describes it."""

    name: str = Field(pattern=r"^[a-z0-9_]+$")
    title: str
    artist: str
    year: str
    emoji: str
    colours: tuple[str, ...]  # "#rrggbb", the study's main colours
    credit: StyleCredit | None = None  # None: of an older engine, which does not say


class RecipeLimits(Message):
    """How much of an engine one job may take with a recipe: seconds by its plan, and pixels of its long side."""

    max_seconds: Float = Field(gt=0)
    max_size: Int = Field(ge=settings.SIZE.minimum, le=settings.SIZE.maximum)


class StyleList(Message):
    """The catalogue: the styles, how far the recipes go, and how many seconds a photo usually takes with each."""

    styles: tuple[StyleCard, ...]
    recipes: dict[settings.RecipeName, RecipeLimits] = Field(default_factory=dict)
    seconds: dict[settings.RecipeName, Float] = Field(default_factory=dict)
