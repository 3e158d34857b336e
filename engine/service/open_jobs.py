"""The jobs that are not over, as they stand: their order, their forecasts, and whether one more may come.

Rule: all of it is in memory. `engine.service.jobs` changes it, once a change is stored.
"""

from collections.abc import Iterator
from dataclasses import asdict

from engine.protocol import ErrorCode, JobState, JobView, Owner, Queued, Refusal
from engine.service.config import EngineConfig
from engine.service.forecast import Forecast, busy_seconds, forecasts, minutes_until_free
from engine.service.job import Job, view_of
from engine.service.scheduler import LastServed, QueuedJob, fair_order
from engine.storage.jobs import JobRecord


class OpenJobs:
    """Jobs by their ids, in the order of their arrival."""

    def __init__(self, config: EngineConfig) -> None:
        self._config = config
        self._jobs: dict[str, Job] = {}
        self.served = LastServed()

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

    def add(self, job: Job) -> None:
        """Take a job in."""
        self._jobs[job.record.id] = job

    def remove(self, job: Job) -> None:
        """Let a job go that is over."""
        del self._jobs[job.record.id]

    def running(self, record: JobRecord) -> Job | None:
        """The job, if it is this attempt of it that is running."""
        job = self._jobs.get(record.id)
        if job is None or (job.record.state, job.record.attempt) != (JobState.RUNNING, record.attempt):
            return None
        return job

    def waiting(self) -> list[Job]:
        """Those that wait, in the order in which they will be painted."""
        return [self._jobs[each.id] for each in self._order()]

    def check_caps(self, owner: Owner | None) -> None:
        """Refuse one more job if the user, the group or the whole queue has enough of them; None: of the queue alone."""
        owners = [job.record.request.owner for job in self]
        of_user = sum(other.user == owner.user for other in owners) if owner else 0
        of_group = sum(other.group == owner.group for other in owners) if owner else 0
        if of_user >= self._config.jobs_per_user:
            raise Refusal(ErrorCode.USER_QUEUE_FULL, waiting=of_user)
        if of_group >= self._config.jobs_per_group:
            raise Refusal(ErrorCode.GROUP_QUEUE_FULL, waiting=of_group)
        if len(owners) >= self._config.jobs_total:
            minutes = minutes_until_free(self._busy_seconds())
            raise Refusal(ErrorCode.QUEUE_FULL, waiting=len(owners), minutes=minutes)

    def view(self, job: Job) -> JobView:
        """A job as it stands: what its record tells, and what is true just now."""
        return view_of(job.record).model_copy(update=self._live_facts(job))

    def announce_positions(self) -> int:
        """Tell the readers of waiting jobs that moved; returns how many wait."""
        found = self._forecasts()
        for job_id, forecast in found.items():
            job = self._jobs[job_id]
            if job.announced != forecast.position:
                job.announced = forecast.position
                job.events.publish(Queued(position=forecast.position, eta_seconds=forecast.eta_seconds))
        return len(found)

    def _live_facts(self, job: Job) -> dict[str, object]:
        if job.record.state is JobState.QUEUED:
            return asdict(self._forecasts()[job.record.id])
        if job.attempt is None:
            return {}
        latest = job.attempt.latest
        reached = {"progress": latest.progress, "losses": latest.losses} if latest else {}
        return {"eta_seconds": job.attempt.seconds_left(), **reached}

    def _forecasts(self) -> dict[str, Forecast]:
        return forecasts(self._order(), self._busy_seconds(), len(self._config.devices))

    def _order(self) -> list[QueuedJob]:
        queued = [job.queued() for job in self if job.record.state is JobState.QUEUED]
        return fair_order(queued, self.served)

    def _busy_seconds(self) -> list[float]:
        attempts = [job.attempt for job in self if job.attempt]
        return busy_seconds((id(attempt.worker), attempt.seconds_left()) for attempt in attempts)
