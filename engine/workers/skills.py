"""What this worker can do: as it was measured when it became warm, and as its paintings correct it since.

Rule: what they tell is kept for the next start as well, and where a painting tells nothing nothing changes.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from engine.devices.memory import Gauge
from engine.painting.machine import memory_of_its_own
from engine.painting.stopwatch import Stopwatch
from engine.planning.abilities import Abilities, needed_by
from engine.planning.corrections import corrected, corrected_appetite
from engine.planning.measuring import Measured
from engine.planning.memory import peak_bytes, resident_bytes
from engine.protocol import Plan, Precision

FORGET_PEAK = "5"  # for /proc/self/clear_refs, by proc_pid_clear_refs(5)


class ProcessMemory:
    """A `Gauge` of what this process takes of the machine's memory, which it shares."""

    def __init__(self) -> None:
        self._before = 0
        self.reset()

    def reset(self) -> None:
        """Where that is not allowed, the peak is the highest so far."""
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text(FORGET_PEAK)
        self._before = resident_bytes() or 0

    def peak(self) -> int:
        """See `Gauge.peak`."""
        return max((peak_bytes() or 0) - self._before, 0)

    def left(self) -> int | None:
        """It is not for one process to say."""
        return None


class Skills:
    """keep: remembers what was found. gauge: of a GPU's memory, None for a processor. batch: jobs side by side at most.

    lacks: see `Abilities`.
    """

    def __init__(
        self,
        measured: Measured,
        keep: Callable[[Measured], None],
        *,
        batch: int,
        label: str,
        lacks: Mapping[Precision, str] = MappingProxyType({}),
        gauge: Gauge | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._measured = measured
        self._keep = keep
        self._batch = batch
        self._label = label
        self._lacks = lacks
        self._memory = memory_of_its_own(measured, gauge)
        self._gauge = gauge or ProcessMemory()
        self._clock = clock

    @property
    def abilities(self) -> Abilities:
        """What the engine is told."""
        return Abilities(
            self._measured.speed,
            self._batch,
            self._label,
            self._memory,
            self._measured.appetite,
            dict(self._lacks),
        )

    @contextmanager
    def practising(self, plan: Plan) -> Iterator[Stopwatch]:
        """Learn from the painting of this plan, which is timed by the stopwatch."""
        stopwatch = Stopwatch(self._clock)
        self._gauge.reset()
        try:
            yield stopwatch
        finally:
            self._learn(plan, stopwatch)

    def _learn(self, plan: Plan, stopwatch: Stopwatch) -> None:
        known = self._measured
        taken = self._gauge.peak() - known.base
        appetite = corrected_appetite(known.appetite, needed_by(plan), taken, shares=self._memory is None)
        speed = corrected(known.speed, plan, stopwatch.times)
        if (appetite, speed) != (known.appetite, known.speed):
            self._measured = replace(known, appetite=appetite, speed=speed)
            self._keep(self._measured)
