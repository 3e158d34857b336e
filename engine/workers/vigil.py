"""How long a worker may be silent, and when a silence is its death. Pure: whoever watches tells how time goes by.

Rule: only time counts in which the worker could have said something. So seconds are counted tick by tick: while this
process is stopped, or the machine sleeps, none goes by; nor while the worker is ready to run and others have the
processor.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.painting.pulse import Activity

# Seconds without a sign of life. An evaluation gives one after each call, which is to take half a second.
LIMITS: Mapping[Activity, float] = {
    Activity.IDLE: 15.0,
    Activity.LOADING: 600.0,  # a GPU that is new to TensorFlow has its kernels compiled here
    Activity.MEASURING: 600.0,
    Activity.READING: 60.0,
    Activity.PREPARING: 60.0,
    Activity.COMPILING: 300.0,  # on a processor that others use too: alone it takes seconds
    Activity.PAINTING: 15.0,
    Activity.SAVING: 120.0,
    Activity.ENCODING: 300.0,  # an animation, tried at several sizes
}


@dataclass(frozen=True)
class Patience:
    """What is waited for, in seconds.

    limits: for a sign of life, by what the worker is at. factor: how many times what it expects itself it may take, if
    that is more; at most `most`. cancel: for the end of an attempt that is to be dropped. tick: how often is looked.
    """

    limits: Mapping[Activity, float] = field(default_factory=lambda: LIMITS)
    factor: float = 10.0
    most: float = 600.0
    cancel: float = 5.0
    tick: float = 1.0

    def limit(self, activity: Activity, seconds: float) -> float:
        """For the next sign of a worker that is at this, and expects it to take so long."""
        return max(self.limits[activity], min(self.factor * seconds, self.most))


class Vigil:
    """Counts the silence of one worker, and how long it does not obey."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._limit = patience.limits[Activity.LOADING]
        self._silence = 0.0
        self._stopped = 0.0
        self._disobeyed: dict[int, float] = {}  # seconds since each run was cancelled
        self._over: set[int] = set()

    def hear(self) -> None:
        """It has given a sign."""
        self._silence = 0.0

    def expect(self, activity: Activity, seconds: float = 0.0) -> None:
        """It has said what it is at."""
        self._limit = self._patience.limit(activity, seconds)

    def begin(self) -> None:
        """It gets work; the runs of it are counted anew."""
        self._silence = 0.0
        self._disobeyed, self._over = {}, set()

    def cancel(self, run: int) -> None:
        """It was told to drop this run."""
        if run not in self._over:
            self._disobeyed.setdefault(run, 0.0)

    def settle(self, run: int) -> None:
        """It has said that this run is over."""
        self._over.add(run)
        self._disobeyed.pop(run, None)

    def wait(self, seconds: float, starved: float = 0.0, *, stopped: bool = False) -> None:
        """So many have gone by, of which it was `starved` of the processor, or in which somebody had it `stopped`."""
        self._silence += max(seconds - starved, 0.0)
        self._stopped = self._stopped + seconds if stopped else 0.0
        for run in self._disobeyed:
            self._disobeyed[run] += seconds

    @property
    def is_silent(self) -> bool:
        """Whether it has said nothing since somebody waited last."""
        return self._silence > 0

    @property
    def is_long(self) -> bool:
        """Whether the silence is so long that it is worth a look at why."""
        return self._silence > self._limit / 2

    @property
    def is_dead(self) -> bool:
        """Whether it has been silent for longer than anything that lives, or stopped for longer than a painting may be."""
        return self._silence > self._limit or self._stopped > self._patience.limits[Activity.PAINTING]

    @property
    def is_disobeyed(self) -> bool:
        """Whether a run that was to be dropped goes on."""
        return any(seconds > self._patience.cancel for seconds in self._disobeyed.values())


class Starvation:
    """For how long a process was ready to run while others had the processor; nothing where nothing says (not Linux)."""

    def __init__(self, process: int, root: Path = Path("/")) -> None:
        self._tasks = root / "proc" / str(process) / "task"
        self._before: dict[str, int] | None = None

    def since_last(self) -> float:
        """Seconds since this was asked last, of the thread that waited most; 0 at first."""
        now = dict(self._waited())
        before, self._before = self._before, now
        if before is None:
            return 0.0
        return max((waited - before.get(task, waited) for task, waited in now.items()), default=0) / 1e9

    def forget(self) -> None:
        """What is asked next is the first again."""
        self._before = None

    def _waited(self) -> list[tuple[str, int]]:
        """Of each thread, in nanoseconds."""
        found = []
        try:
            tasks = list(self._tasks.iterdir())
        except OSError:
            return []
        for task in tasks:
            try:
                # sched-stats.rst: time on the processor, time waiting on a run queue, slices.
                found.append((task.name, int((task / "schedstat").read_text().split()[1])))
            except (OSError, ValueError, LookupError):  # it has ended, or the kernel does not count
                continue
        return found
