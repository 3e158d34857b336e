"""One job: what is known of it while it is open, and what its record means.

Rule: nothing here decides or stores; `engine.service.jobs` does.
"""

import time
from dataclasses import dataclass, field

from engine.protocol import (
    Cancelled,
    Event,
    Failed,
    Finished,
    Frame,
    JobRequest,
    JobState,
    JobView,
    Note,
    Start,
)
from engine.service.event_stream import EventStream
from engine.service.scheduler import Place
from engine.storage.files import CHECKPOINT, CONTENT, TIMELAPSE, painted_files
from engine.storage.jobs import JobRecord
from engine.workers.interface import Worker
from engine.workers.ipc import Progress

PREVIOUS_PART = "previous"
FRAMES_KEPT = 3  # the newest, and what a reader may be fetching meanwhile
FRAMES_PER_ATTEMPT = 10_000  # numbers start anew above this many, so that none is ever used twice


@dataclass
class Job:
    """A job that is not over; all but the record, the events and `told` is about the running attempt."""

    record: JobRecord
    events: EventStream
    told: int = 0  # the position that readers know
    begun: float = 0.0  # by the monotonic clock
    worker: Worker | None = None
    compiling: tuple[float, ...] = ()  # of each level, see `Worker.compiling`
    first: Progress | None = None  # where this attempt, which may go on from an earlier one, began
    progress: Progress | None = None
    counted: int = 0
    frames: dict[int, bytes] = field(default_factory=dict)

    def begin(self, worker: Worker) -> None:
        """A worker has taken it."""
        self.reset()
        self.begun, self.worker, self.told = time.monotonic(), worker, 0
        self.compiling = worker.compiling(self.record.plan)

    def reset(self) -> None:
        """Forget the attempt."""
        self.worker, self.first, self.progress, self.counted = None, None, None, 0
        self.frames.clear()

    def take(self, report: Progress) -> Frame:
        """Keep a frame, let an old one go, and return the event that tells of it."""
        if self.first is None:
            self.first, self.counted = report, report.taken_over
        self.progress = report
        number = max(self.frames, default=self.record.attempt * FRAMES_PER_ATTEMPT) + 1
        self.frames[number] = report.frame
        self.frames.pop(number - FRAMES_KEPT, None)
        return Frame(
            n=number,
            progress=report.progress,
            evaluation=report.evaluation,
            evaluations=report.evaluations,
            width=report.width,
            height=report.height,
            eta_seconds=self.remaining(),
        )

    def count(self, evaluation: int) -> int:
        """How many evaluations the attempt has done since it was last asked."""
        new, self.counted = evaluation - self.counted, evaluation
        return new

    def remaining(self) -> float:
        """Seconds until the attempt is done, as far as one can tell."""
        elapsed, planned = time.monotonic() - self.begun, self.record.plan.seconds
        if self.first is None or self.progress is None:
            return max(planned + sum(self.compiling) - elapsed, 1.0)
        left = 1 - self.progress.progress
        here = self.progress.progress - (self.first.progress if self.first.taken_over else 0)
        # The coarse levels, which are first, take as long to compile as the others and count for little.
        now = self._level(self.progress) + 1
        compiled, compiling = sum(self.compiling[self._level(self.first) : now]), sum(self.compiling[now:])
        # What the whole takes: as the pace tells for the part that is done, as planned for the rest.
        whole = elapsed - compiled + planned * (1 - here)
        return max(whole * left + compiling, 1.0)

    def _level(self, report: Progress) -> int:
        """Which of the plan's levels it is at."""
        levels, size = self.record.plan.levels, (report.width, report.height)
        return next((n for n, level in enumerate(levels) if (level.width, level.height) == size), 0)

    def place(self) -> Place:
        """Return the job as the queue sees it."""
        record, owner = self.record, self.record.request.owner
        return Place(record.id, owner.group, owner.user, record.plan.seconds, retry=record.attempt > 0)


def view_of(record: JobRecord) -> JobView:
    """What a record alone tells a member."""
    return JobView(
        id=record.id,
        state=record.state,
        plan=record.plan,
        progress=float(record.state is JobState.FINISHED),
        losses=record.losses,
        seconds=record.seconds,
        stopped_early=record.stopped_early,
        width=record.width,
        height=record.height,
        format=record.format,
        moments=record.moments,
        likeness=record.likeness,
        notes=_notes(record),
        error=record.error,
    )


def end_of(record: JobRecord) -> Event:
    """Return the event of a job's end. Raises ValueError if it is not over."""
    if record.state is JobState.CANCELLED:
        return Cancelled()
    if record.error is not None:
        return Failed(error=record.error)
    if record.seconds is not None and record.width is not None and record.height is not None:
        return Finished(
            seconds=record.seconds,
            width=record.width,
            height=record.height,
            stopped_early=record.stopped_early,
            format=record.format,
            moments=record.moments,
            likeness=record.likeness,
            notes=_notes(record),
        )
    raise ValueError(f"job {record.id} is {record.state}, which is no end")


def files_of(record: JobRecord) -> tuple[str, ...]:
    """Names of the files that a job in this state still needs: once it is over, what was sent is removed."""
    if record.state is JobState.FINISHED:
        return (*painted_files(record.format, record.moments), TIMELAPSE)
    if record.state.is_final:
        return ()
    return (CONTENT, CHECKPOINT, *(style_file(part) for part in parts_of(record.request)))


def parts_of(request: JobRequest) -> tuple[str, ...]:
    """Names of the parts, besides the content, that have to be sent along with a request."""
    parts = [part for style in request.styles for part in (style.part, style.mask) if part is not None]
    return (*dict.fromkeys(parts), *([PREVIOUS_PART] if request.start is Start.PREVIOUS else []))


def style_file(part: str) -> str:
    """Name of the file of an image that was sent as this part: a style, a mask or an earlier result."""
    return f"{part}.png"


def _notes(record: JobRecord) -> tuple[Note, ...]:
    return (*record.plan.notes, *record.notes)
