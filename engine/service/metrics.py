"""What Prometheus may ask about, in one registry per engine.

Rule: labels are a handful of fixed words, never an id, a name or a path that somebody sent.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from engine.protocol import JobState
from engine.service.uploads import Load

_REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The engine's counters and gauges."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.jobs = Gauge("atelier_jobs", "Jobs now, by state.", ["state"], registry=self._registry)
        self.ended = Counter(
            "atelier_jobs_ended", "Jobs that are over, by how they ended.", ["state"], registry=self._registry
        )
        self.lost = Counter(
            "atelier_attempts_lost", "Attempts that died with their worker.", registry=self._registry
        )
        self.painting = Counter(
            "atelier_painting_seconds", "Seconds that finished paintings took.", registry=self._registry
        )
        self.evaluations = Counter(
            "atelier_evaluations", "Evaluations of loss and gradient.", registry=self._registry
        )
        self.workers = Gauge("atelier_workers_warm", "Workers ready to paint.", registry=self._registry)
        self.storage_full = Gauge(
            "atelier_storage_full", "1 while the disk is too full to take jobs in.", registry=self._registry
        )
        self.uploads = Gauge(
            "atelier_uploads", "Bodies that arrive, or wait to be decoded.", registry=self._registry
        )
        self.upload_bytes = Gauge(
            "atelier_upload_bytes",
            "Bytes of these bodies, announced or on the disk.",
            registry=self._registry,
        )
        self.requests = Histogram(
            "atelier_http_request_seconds",
            "Seconds to answer, by route and status; streams last as long as they are read.",
            ["method", "route", "status"],
            buckets=_REQUEST_SECONDS,
            registry=self._registry,
        )
        for state in JobState:
            (self.ended if state.is_final else self.jobs).labels(state)

    def count_open(self, queued: int, running: int) -> None:
        """Set how many jobs wait and run."""
        self.jobs.labels(JobState.QUEUED).set(queued)
        self.jobs.labels(JobState.RUNNING).set(running)

    def watch(self, load: Load) -> None:
        """Tell what uploads take, whenever somebody asks."""
        self.uploads.set_function(lambda: load.uploads)
        self.upload_bytes.set_function(lambda: load.bytes)

    def render(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self._registry)
