"""For whoever runs an engine: how it stands as a whole, and the three ways in which it takes and begins jobs.

An operator's messages alone: no member's bot asks for them. `owner` is in them, because who waits is what an operator has
to see; no picture is.
"""

from enum import StrEnum

from pydantic import Field

from engine.protocol.message import Float, Int, Message
from engine.protocol.plan import Precision
from engine.protocol.request import Owner
from engine.protocol.settings import RecipeName
from engine.protocol.views import ErrorBody, JobState


class Flow(StrEnum):
    """What an operator lets the engine do.

    OPEN: all that it can. PAUSED: no job begins; new ones are taken in and wait. DRAINING: no new job is taken in; those
    that are there are painted.
    """

    OPEN = "open"
    PAUSED = "paused"
    DRAINING = "draining"


class FlowView(Message):
    """How it flows, and since when (seconds since the epoch; None: nobody has ever changed it)."""

    flow: Flow
    since: Float | None = None


class Severity(StrEnum):
    """How much of an operator's attention something wants."""

    NOTICE = "notice"  # as somebody wanted it
    WARNING = "warning"
    TROUBLE = "trouble"


class Condition(StrEnum):
    """What an operator should know of an engine as a whole; its sentence is in `engine.words`."""

    NO_WORKER = "no_worker"
    WORKER_DOWN = "worker_down"
    STORAGE_FULL = "storage_full"
    STORAGE_DAMAGED = "storage_damaged"
    MANY_FAILURES = "many_failures"
    QUEUE_FULL = "queue_full"
    PAUSED = "paused"
    DRAINING = "draining"
    DRAINED = "drained"
    STARTING = "starting"


class Told(Message):
    """A condition with its English sentence."""

    condition: Condition
    severity: Severity
    message: str


class WorkerState(StrEnum):
    """What a worker is at."""

    STARTING = "starting"
    IDLE = "idle"
    PAINTING = "painting"


class WorkerView(Message):
    """One worker.

    number: its place in the configuration's `devices`, from 0. jobs: what it paints, several if side by side. called: what
    the device's maker calls it. seconds_per_megapixel: what an evaluation takes, as was measured. None while it is not ready.
    """

    number: Int
    device: str
    state: WorkerState
    jobs: tuple[str, ...] = ()
    called: str | None = None
    precision: Precision | None = None
    seconds_per_megapixel: Float | None = None


class OpenJob(Message):
    """A job that is not over.

    created: seconds since the epoch. position: 1 is next; None unless queued. eta_seconds: None if it waits and no job may begin. preview: the number of the newest one, to be
    had from the job's own route; None before the first. styles: names of bundled ones, "image" for those that were sent.
    """

    id: str
    state: JobState
    owner: Owner
    recipe: RecipeName
    styles: tuple[str, ...]
    width: Int
    height: Int
    attempt: Int
    created: Float
    position: Int | None = None
    eta_seconds: Float | None = None
    progress: Float = 0.0
    preview: Int | None = None
    worker: Int | None = None
    tiles: Int = 0  # of an audition
    request_id: str = ""  # by which the logs of both sides find what was asked


class PastJob(Message):
    """A job that is over. ended: seconds since the epoch. seconds: that it was painted for. error: if it failed."""

    id: str
    state: JobState
    owner: Owner
    recipe: RecipeName
    styles: tuple[str, ...]
    width: Int
    height: Int
    created: Float
    ended: Float
    seconds: Float | None = None
    error: ErrorBody | None = None
    request_id: str = ""  # by which the logs of both sides find what was asked


class Overview(Message):
    """An engine as it stands.

    now, started: seconds since the epoch. running, waiting: those next in the queue, of `queued` in all. finished, failed:
    the newest of each that are kept, newest first.
    """

    version: str
    now: Float
    started: Float
    flow: FlowView
    conditions: tuple[Told, ...]
    workers: tuple[WorkerView, ...]
    running: tuple[OpenJob, ...]
    waiting: tuple[OpenJob, ...]
    queued: Int
    most: Int  # open jobs that are taken in at most
    finished: tuple[PastJob, ...]
    failed: tuple[PastJob, ...]


class Sample(Message):
    """What went on in a stretch of time that ends at `at` (seconds since the epoch) and took `seconds`.

    busy: the share of the workers that painted. queued: how many waited at its end. evaluations, finished, failed: in it.
    """

    at: Float
    seconds: Float = Field(gt=0)
    busy: Float = Field(ge=0, le=1)
    queued: Int
    evaluations: Int
    finished: Int
    failed: Int


class History(Message):
    """The last hours, oldest first; `seconds` is how far back it reaches at most."""

    seconds: Float
    samples: tuple[Sample, ...]
