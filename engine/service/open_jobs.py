"""The jobs that are not over, as they stand: their order, their forecasts, and whether one more may come.

Rule: all of it is in memory. `engine.service.jobs` changes it, once a change is stored. Nothing that is done at a change
goes through all jobs, or all workers: who waits is told a little later, those far back later still, and only what is worth it.
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from itertools import count, islice

from engine.planning.cost_model import Speed
from engine.protocol import ErrorCode, JobState, JobView, Owner, Places, Queued, QueueView, Refusal
from engine.service.config import EngineConfig
from engine.service.crew import Crew
from engine.service.forecast import (
    Forecast,
    Free,
    busy_seconds,
    forecasts,
    minutes_until_free,
    rough_forecast,
)
from engine.service.job import Job, view_of
from engine.service.placement import LOOK_AHEAD, Needs
from engine.service.scheduler import FairQueue, QueuedJob
from engine.storage.jobs import JobRecord

FRONT = 64  # waiting jobs whose forecasts are exact
NEXT = 8  # to whom each place counts
WORTH_TELLING = 8  # a move is, to those further back, by at least the place's this part
_SLICE = 64  # waiting jobs that are told in one go
_SEEN_SECONDS = 1.0  # how old what was seen of the crew may be


class OpenJobs:
    """Jobs by their ids, in the order of their arrival; the crew will paint them."""

    def __init__(self, config: EngineConfig, crew: Crew | None = None) -> None:
        self._config = config
        self._crew = Crew() if crew is None else crew
        self._pace = 0  # grows whenever the crew's does so much that all are to be told
        self._is_paused = False
        self._jobs: dict[str, Job] = {}
        self._by_key: dict[str, Job] = {}
        self._arrivals: dict[str, int] = {}
        self._numbers = count()
        self._queued: dict[str, QueuedJob] = {}
        self._running: dict[str, Job] = {}
        self._of_user: Counter[str] = Counter()
        self._of_group: Counter[str] = Counter()
        self._needs: dict[str, int] = {}
        self.promised = 0  # bytes of memory that all together need
        self._moves = 0  # how often the waiting jobs have moved
        self._told: dict[int, int] = {}  # how often they had when so many were told
        self._seen: tuple[float, list[Free]] | None = None  # when the crew was looked at, and what was seen
        self.queue = FairQueue()

    def __len__(self) -> int:
        return len(self._jobs)

    def __iter__(self) -> Iterator[Job]:
        """Those that are there now; it may change meanwhile."""
        return iter(tuple(self._jobs.values()))

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._jobs

    def __getitem__(self, job_id: str) -> Job:
        return self._jobs[job_id]

    def get(self, job_id: str) -> Job | None:
        """The job, if it is open."""
        return self._jobs.get(job_id)

    def by_key(self, key: str) -> Job | None:
        """The job that was sent with this key, if it is open."""
        return self._by_key.get(key)

    def add(self, job: Job) -> None:
        """Take a job in."""
        owner = job.record.request.owner
        self._jobs[job.record.id] = self._by_key[job.record.key] = job
        self._arrivals[job.record.id] = next(self._numbers)
        self._of_user[owner.user] += 1
        self._of_group[owner.group] += 1
        self.place(job)

    def place(self, job: Job) -> None:
        """Put a job where it belongs by its state, which has changed."""
        job_id = job.record.id
        self._leave(job_id)
        self._needs[job_id] = needed = job.needed
        self.promised += needed
        self._moves += 1
        if job.record.state is JobState.QUEUED:
            self._queued[job_id] = queued = job.queued(self._arrivals[job_id])
            self.queue.add(queued)
        elif job.record.state is JobState.RUNNING:
            self._running[job_id], self._seen = job, None

    def remove(self, job: Job) -> None:
        """Let a job go that is over."""
        owner = job.record.request.owner
        self._leave(job.record.id)
        self._moves += 1
        del self._jobs[job.record.id], self._by_key[job.record.key], self._arrivals[job.record.id]
        for counter, name in ((self._of_user, owner.user), (self._of_group, owner.group)):
            counter[name] -= 1
            if not counter[name]:
                del counter[name]

    def running(self, record: JobRecord) -> Job | None:
        """The job, if it is this attempt of it that is running."""
        job = self._running.get(record.id)
        return job if job and job.record.attempt == record.attempt else None

    def waiting(self) -> Iterator[Job]:
        """Those that wait, in the order in which they will be painted; to be read before the next change."""
        return (self._jobs[each.id] for each in self.queue)

    def running_jobs(self) -> tuple[Job, ...]:
        """Those that are being painted."""
        return tuple(self._running.values())

    def front(self) -> Iterator[tuple[Job, Forecast]]:
        """Those next in the queue, with their forecasts; to be read before the next change."""
        return ((self._jobs[job_id], forecast) for job_id, forecast in self._front().items())

    def check_caps(self, owner: Owner | None) -> None:
        """Refuse one more job if the user, the group or the whole queue has enough of them; None: of the queue alone."""
        total, group, user = self._places(owner)
        if user is not None and not user.free:
            raise Refusal(ErrorCode.USER_QUEUE_FULL, waiting=user.taken)
        if group is not None and not group.free:
            raise Refusal(ErrorCode.GROUP_QUEUE_FULL, waiting=group.taken)
        if not total.free:
            minutes = minutes_until_free(each.seconds for each in self._free())
            raise Refusal(ErrorCode.QUEUE_FULL, waiting=total.taken, minutes=minutes)

    def left(self, owner: Owner | None) -> QueueView:
        """How many more jobs are taken in, of this owner; None: of the queue alone."""
        total, group, user = self._places(owner)
        return QueueView(
            total=total,
            group=group,
            user=user,
            minutes=minutes_until_free(each.seconds for each in self._free()),
        )

    def view(self, job: Job) -> JobView:
        """A job as it stands: what its record tells, and what is true just now."""
        return view_of(job.record).model_copy(update=self._live_facts(job))

    def equals(self) -> list[QueuedJob]:
        """Those of which any may be the next, see `FairQueue.equals`."""
        return self.queue.equals(LOOK_AHEAD)

    def needs(self, queued: QueuedJob) -> Needs:
        """What a waiting job is quicker with."""
        return Needs.of(self._jobs[queued.id].record)

    @property
    def counts(self) -> tuple[int, int]:
        """How many wait, and how many do not any more."""
        waiting = len(self.queue)
        return waiting, len(self) - waiting

    def note_crew(self) -> None:
        """The crew is another one: where that changes notably when jobs are done, all readers are to be told."""
        self.look_anew()
        if self._crew.has_changed_pace():
            self._tell_all()

    def pause(self, is_paused: bool) -> None:
        """Let no forecast have a time as long as no job may begin; all readers are to be told."""
        if is_paused is not self._is_paused:
            self._is_paused = is_paused
            self._tell_all()

    def _tell_all(self) -> None:
        self._pace += 1
        self._moves += 1

    def look_anew(self) -> None:
        """A forecast of what is painted is another one than it was a moment ago."""
        self._seen = None

    def announce_one(self, job: Job) -> None:
        """Tell the readers of a job where it is, if it waits and they do not know."""
        if queued := self._queued.get(job.record.id):
            self._announce(queued.id, self._forecast(queued))

    def announce(self, most: int) -> Iterator[None]:
        """Tell the readers of at most so many of the next jobs, as far as their moves are worth telling.

        Some at each step: jobs may change between these.
        """
        if self._told.get(most) == self._moves:
            return
        self._told[most] = self._moves
        found = forecasts([*islice(self.queue, most)], self._free(), self._seconds_on)
        for number, (job_id, forecast) in enumerate(found):
            if number % _SLICE == 0:
                yield
            if job_id in self._queued and self._is_worth_telling(job_id, forecast.position):
                self._announce(job_id, self._said(forecast))

    def _is_worth_telling(self, job_id: str, position: int) -> bool:
        told = self._jobs[job_id].announced
        if told is None or told[1] != self._pace or min(told[0], position) <= NEXT:
            return True
        return abs(position - told[0]) * WORTH_TELLING >= told[0]

    def _announce(self, job_id: str, forecast: Forecast) -> None:
        job, told = self._jobs[job_id], (forecast.position, self._pace)
        if job.announced != told:
            job.announced = told
            job.events.publish(Queued(position=forecast.position, eta_seconds=forecast.eta_seconds))

    def _leave(self, job_id: str) -> None:
        if self._running.pop(job_id, None):
            self._seen = None
        self.promised -= self._needs.pop(job_id, 0)
        if (queued := self._queued.pop(job_id, None)) is not None:
            self.queue.remove(queued)

    def _live_facts(self, job: Job) -> dict[str, object]:
        if queued := self._queued.get(job.record.id):
            return asdict(self._forecast(queued))
        if job.attempt is None:
            return {}
        latest = job.attempt.latest
        reached = {"progress": latest.progress, "losses": latest.losses} if latest else {}
        return {"eta_seconds": job.attempt.seconds_left(), **reached}

    def _forecast(self, queued: QueuedJob) -> Forecast:
        """As it is of those next in the queue, roughly of the others."""
        position = self.queue.position(queued)
        if position <= FRONT:
            return self._front()[queued.id]
        rough = rough_forecast(
            position, queued, len(self.queue), self.queue.seconds, self._free(), self._seconds_on
        )
        return self._said(rough)

    def _front(self) -> dict[str, Forecast]:
        found = forecasts(islice(self.queue, FRONT), self._free(), self._seconds_on)
        return {job_id: self._said(forecast) for job_id, forecast in found}

    def _said(self, forecast: Forecast) -> Forecast:
        """As much of it as is true now."""
        return replace(forecast, eta_seconds=None) if self._is_paused else forecast

    def _seconds_on(self, queued: QueuedJob, speed: Speed | None) -> float:
        job = self._jobs.get(queued.id)  # it may have gone while all are told
        return queued.seconds if job is None or speed is None else job.seconds_on(speed)

    def _free(self) -> list[Free]:
        """When each worker of the crew is free; where there is none, one that will come back."""
        now = time.monotonic()
        if self._seen is None or now - self._seen[0] > _SEEN_SECONDS:
            attempts = [job.attempt for job in self._running.values() if job.attempt]
            busy = busy_seconds((attempt.worker, attempt.seconds_left()) for attempt in attempts)
            free = [Free(busy.get(worker, 0.0), can.speed) for worker, can in self._crew]
            self._seen = now, free or [Free(max(busy.values(), default=0.0), self._crew.speed)]
        return self._seen[1]

    def _places(self, owner: Owner | None) -> tuple[Places, Places | None, Places | None]:
        """Of the queue, the group and the user."""
        config = self._config
        total = _places(len(self), config.jobs_total)
        if owner is None:
            return total, None, None
        group = _places(self._of_group[owner.group], config.jobs_per_group)
        return total, group, _places(self._of_user[owner.user], config.jobs_per_user)


def _places(taken: int, most: int) -> Places:
    return Places(taken=taken, free=max(most - taken, 0))
