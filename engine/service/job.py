"""One job: what is known of it while it is open, and what its record means.

Rule: nothing here decides or stores; `engine.service.jobs` does.
"""

import time
from dataclasses import dataclass, field
from typing import Any

from engine.planning.abilities import needed_by
from engine.planning.cost_model import Speed
from engine.planning.estimates import seconds_on, share_done
from engine.protocol import (
    Cancelled,
    Event,
    Failed,
    Finished,
    JobRequest,
    JobState,
    JobView,
    Plan,
    Preview,
    Settings,
    Start,
    Started,
)
from engine.service.event_stream import EventStream
from engine.service.forecast import seconds_left
from engine.service.scheduler import QueuedJob
from engine.storage.files import CHECKPOINT, CONTENT, kept_files, tile_file
from engine.storage.jobs import JobRecord
from engine.workers.interface import Worker
from engine.workers.ipc import Began, Progress

PREVIOUS_PART = "previous"
SPEEDS_KEPT = 32  # of those that a job's seconds are known at
PREVIEWS_KEPT = 3  # the newest, and what a reader may be fetching meanwhile
PREVIEWS_PER_ATTEMPT = 10_000  # numbers start anew above this many, so that none is ever used twice


@dataclass
class Attempt:
    """What is known of an attempt that is running; it may go on from an earlier one.

    number: of the job's attempts. speed: the worker's. planned: seconds that it takes there. begun: by the monotonic clock.
    compiling: seconds that each level takes longer, as the worker has said; before that, as if the first had to be compiled.
    is_on_easel: whether the worker has begun.
    reached: the last evaluation that it did beyond what it took over. first, latest: the worker's reports of
    progress. counted: the evaluations that the metrics know of. previews: JPEG by number.
    """

    number: int
    plan: Plan
    worker: Worker
    speed: Speed
    planned: float
    begun: float
    compiling: tuple[float, ...]
    is_on_easel: bool = False
    reached: int = 0
    first: Progress | None = None
    latest: Progress | None = None
    counted: int = 0
    previews: dict[int, bytes] = field(default_factory=dict)

    def begin(self, report: Began) -> Started:
        """Take in which levels have to be compiled, and return the event that tells of the beginning.

        Begun anew, as after a batch that failed, nothing of it is done.
        """
        self.is_on_easel = True
        self.compiling = report.compiling
        self.begun = time.monotonic()
        self.first = self.latest = None
        self.counted = 0
        return Started(attempt=self.number, eta_seconds=self.seconds_left())

    def take(self, report: Progress) -> Preview:
        """Keep a report with its preview, let an old one go, and return the event that tells of it."""
        if self.first is None:
            self.first, self.counted = report, report.taken_over
        self.latest = report
        if report.evaluation > report.taken_over:
            self.reached = max(self.reached, report.evaluation)
        number = max(self.previews, default=self.number * PREVIEWS_PER_ATTEMPT) + 1
        self.previews[number] = report.preview
        self.previews.pop(number - PREVIEWS_KEPT, None)
        return Preview(
            n=number,
            progress=report.progress,
            evaluation=report.evaluation,
            evaluations=report.evaluations,
            width=report.width,
            height=report.height,
            eta_seconds=self.seconds_left(),
        )

    def count(self, evaluation: int) -> int:
        """How many evaluations it has done since it was last asked."""
        new, self.counted = evaluation - self.counted, evaluation
        return new

    def seconds_left(self) -> float:
        """Seconds until it is done, as far as one can tell."""
        elapsed = time.monotonic() - self.begun
        return seconds_left(
            self.plan, self.planned, self.compiling, elapsed, self.first, self.latest, self._share_done
        )

    def _share_done(self, report: Progress) -> float:
        """By time: pixels are not what a small level takes."""
        return share_done(self.plan, self.speed, report.evaluation)


@dataclass
class Job:
    """A job that is not over.

    announced: the position that its readers know, and of which `OpenJobs.pace`. attempt: the one that is running.
    """

    record: JobRecord
    events: EventStream
    announced: tuple[int, int] | None = None
    attempt: Attempt | None = None
    _seconds: dict[Speed, float] = field(default_factory=dict)
    _plan: Plan | None = None  # whose seconds these are

    def begin(self, worker: Worker, speed: Speed) -> None:
        """A worker of this speed has taken it."""
        plan = self.record.plan
        self.announced = None
        self.attempt = Attempt(
            self.record.attempt,
            plan,
            worker,
            speed,
            self.seconds_on(speed),
            time.monotonic(),
            (speed.compiling, *[0.0] * (len(plan.levels) - 1)),
        )

    def seconds_on(self, speed: Speed) -> float:
        """What its plan takes at a speed; it is asked for at each change of the queue."""
        if self._plan is not self.record.plan or len(self._seconds) > SPEEDS_KEPT:
            self._plan, self._seconds = self.record.plan, {}
        if (seconds := self._seconds.get(speed)) is None:
            self._seconds[speed] = seconds = seconds_on(self.record.plan, speed)
        return seconds

    @property
    def needed(self) -> int:
        """Bytes of memory that it takes."""
        return needed_by(self.record.plan)

    def queued(self, arrival: int) -> QueuedJob:
        """Return the job as the queue sees it."""
        record, owner = self.record, self.record.request.owner
        seconds = record.plan.seconds
        return QueuedJob(record.id, owner.group, owner.user, seconds, arrival, retry=record.attempt > 0)


def view_of(record: JobRecord) -> JobView:
    """What a record alone tells a member."""
    return JobView(
        id=record.id,
        state=record.state,
        plan=record.plan,
        progress=float(record.state is JobState.FINISHED),
        error=record.error,
        **_outcome(record),
    )


def end_of(record: JobRecord) -> Event:
    """Return the event of a job's end. Raises ValueError if it is not over."""
    if record.state is JobState.CANCELLED:
        return Cancelled()
    if record.error is not None:
        return Failed(error=record.error)
    if record.state is JobState.FINISHED:
        return Finished(**_outcome(record))
    raise ValueError(f"job {record.id} is {record.state}, which is no end")


def files_of(record: JobRecord) -> tuple[str, ...]:
    """Names of the files that a job in this state still needs: once it is over, what else was sent is removed."""
    if record.state is JobState.FINISHED:
        return kept_files(record.outcome.format, record.outcome.moments)
    if record.state.is_final:
        return ()
    tiles = len(record.request.styles) if record.request.audition else 0
    return (
        CONTENT,
        CHECKPOINT,
        *(style_file(part) for part in parts_of(record.request)),
        *(tile_file(number + 1) for number in range(tiles)),
    )


def parts_of(request: JobRequest) -> tuple[str, ...]:
    """Names of the parts, besides the content, that have to be sent along with a request."""
    parts = [part for style in request.styles for part in (style.part, style.mask) if part is not None]
    return (*dict.fromkeys(parts), *([PREVIOUS_PART] if request.start is Start.PREVIOUS else []))


def settings_of(request: JobRequest) -> Settings:
    """The knobs of a job alone."""
    return Settings.model_validate(request.model_dump(include=set(Settings.model_fields)))


def style_file(part: str) -> str:
    """Name of the file of an image that was sent as this part: a style, a mask or an earlier result."""
    return f"{part}.png"


def _outcome(record: JobRecord) -> dict[str, Any]:
    """What came of it so far, with all notes: those of the plan first."""
    return dict(record.outcome) | {"notes": (*record.plan.notes, *record.outcome.notes)}
