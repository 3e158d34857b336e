"""What Prometheus may ask about, in one registry per engine.

Names and units are Prometheus' own conventions: base units, `_total` for what only grows. Rule: labels are a handful of
fixed words, never an id, a name or a path that somebody sent; all of them are there from the start, at 0, so that a rule
about one that has never happened has something to look at.
"""

import math
from collections.abc import Callable, Collection
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from engine.protocol import ErrorCode, Flow, JobState, RecipeName, WorkerState
from engine.service.uploads import Load

_REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_JOB_SECONDS = (1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0)
# By the long side in pixels, what is larger than the last is of the last.
_SIZES = {256: "256", 512: "512", 1024: "1024", 2048: "2048"}
_LARGEST = "4096"


def size_class(width: int, height: int) -> str:
    """The class that a picture's size belongs to: the least of a few long sides that it fits into."""
    return next((name for most, name in _SIZES.items() if max(width, height) <= most), _LARGEST)


def _or_nan(known: Callable[[], int | None]) -> float:
    found = known()
    return math.nan if found is None else found


class Metrics:
    """The engine's counters and gauges."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.jobs = Gauge("atelier_jobs", "Jobs now, by state.", ["state"], registry=self._registry)
        self.ended = Counter(
            "atelier_jobs_ended", "Jobs that are over, by how they ended.", ["state"], registry=self._registry
        )
        self.failures = Counter(
            "atelier_job_failures",
            "Jobs that failed, by the error's code.",
            ["code"],
            registry=self._registry,
        )
        self.lost = Counter(
            "atelier_attempts_lost", "Attempts that died with their worker.", registry=self._registry
        )
        self.waited = Histogram(
            "atelier_queue_wait_seconds",
            "Seconds from when a job was taken in until a worker began it for the first time.",
            buckets=_JOB_SECONDS,
            registry=self._registry,
        )
        self.painting = Histogram(
            "atelier_painting_seconds",
            "Seconds that finished paintings took, by recipe and by the class of their long side.",
            ["recipe", "size"],
            buckets=_JOB_SECONDS,
            registry=self._registry,
        )
        self.evaluations = Counter(
            "atelier_evaluations", "Evaluations of loss and gradient.", registry=self._registry
        )
        self.levels = Counter(
            "atelier_compiled_levels",
            "Levels that were begun, by whether a worker had them compiled (hit) or not (miss).",
            ["result"],
            registry=self._registry,
        )
        self.styles = Counter(
            "atelier_styles_at_hand",
            "Styles of jobs that were begun, by whether their worker had them of an earlier one (hit) or not (miss).",
            ["result"],
            registry=self._registry,
        )
        self.workers = Gauge("atelier_workers_warm", "Workers ready to paint.", registry=self._registry)
        self.workers_by_state = Gauge(
            "atelier_workers", "Workers now, by what they are at.", ["state"], registry=self._registry
        )
        self.flow = Gauge(
            "atelier_flow",
            "1 for how its operator lets jobs flow, 0 for the others.",
            ["flow"],
            registry=self._registry,
        )
        self.storage_full = Gauge(
            "atelier_storage_full", "1 while the disk is too full to take jobs in.", registry=self._registry
        )
        self.memory_available = Gauge(
            "atelier_memory_available_bytes",
            "Bytes of this machine's memory that a painting may still take.",
            registry=self._registry,
        )
        self.worker_memory = Gauge(
            "atelier_worker_memory_bytes",
            "Bytes of memory that the workers of a device hold.",
            ["device"],
            registry=self._registry,
        )
        self.device_memory = Gauge(
            "atelier_device_memory_bytes",
            "Bytes that a device has for paintings by itself; NaN where it shares this machine's memory.",
            ["device"],
            registry=self._registry,
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
        self._name_all()

    def _name_all(self) -> None:
        for state in JobState:
            (self.ended if state.is_final else self.jobs).labels(state)
        for code in ErrorCode:
            self.failures.labels(code)
        for recipe in RecipeName:
            for size in (*_SIZES.values(), _LARGEST):
                self.painting.labels(recipe, size)
        for result in ("hit", "miss"):
            self.levels.labels(result)
            self.styles.labels(result)
        for worker in WorkerState:
            self.workers_by_state.labels(worker)
        self.show_flow(Flow.OPEN)

    def count_open(self, queued: int, running: int) -> None:
        """Set how many jobs wait and run."""
        self.jobs.labels(JobState.QUEUED).set(queued)
        self.jobs.labels(JobState.RUNNING).set(running)

    def count_painting(self, recipe: RecipeName, width: int, height: int, seconds: float) -> None:
        """Count a finished painting."""
        self.painting.labels(recipe, size_class(width, height)).observe(seconds)

    def count_levels(self, compiling: tuple[float, ...]) -> None:
        """Count what a worker has to compile for a job, and what it need not: seconds of each level."""
        missed = sum(seconds > 0 for seconds in compiling)
        self.levels.labels("miss").inc(missed)
        self.levels.labels("hit").inc(len(compiling) - missed)

    def count_styles(self, styles: Collection[str], at_hand: Collection[str]) -> None:
        """Count what a worker has to measure of a job's styles, and what it need not."""
        hits = sum(style in at_hand for style in styles)
        self.styles.labels("hit").inc(hits)
        self.styles.labels("miss").inc(len(styles) - hits)

    def show_flow(self, flow: Flow) -> None:
        """Tell what the operator lets the engine do."""
        for each in Flow:
            self.flow.labels(each).set(each is flow)

    def watch(self, load: Load) -> None:
        """Tell what uploads take, whenever somebody asks."""
        self.uploads.set_function(lambda: load.uploads)
        self.upload_bytes.set_function(lambda: load.bytes)

    def watch_workers(self, count: Callable[[WorkerState], int]) -> None:
        """Tell how many workers are at what, whenever somebody asks."""
        for state in WorkerState:
            self.workers_by_state.labels(state).set_function(partial(count, state))

    def watch_memory(self, available: Callable[[], int | None]) -> None:
        """Tell what this machine has left, whenever somebody asks; NaN if this system does not say so."""
        self.memory_available.set_function(partial(_or_nan, available))

    def watch_device(
        self, device: str, held: Callable[[], int | None], own: Callable[[], int | None]
    ) -> None:
        """Tell what a device's workers hold of this machine's memory, and what it has by itself."""
        self.worker_memory.labels(device).set_function(partial(_or_nan, held))
        self.device_memory.labels(device).set_function(partial(_or_nan, own))

    def value(self, name: str, **labels: str) -> float:
        """What a counter or a gauge stands at, by its name in the text format."""
        return self._registry.get_sample_value(name, labels) or 0.0

    def render(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self._registry)
