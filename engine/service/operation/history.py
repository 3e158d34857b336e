"""The last hours in numbers, for an operator's plots.

Kept in memory: a restart begins anew, and what is to be kept for longer is Prometheus' to keep. Rule: what is asked of the
engine once a stretch costs the same however much it does.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from engine.protocol import History, Sample

STRETCH_SECONDS = 10.0
KEPT_SECONDS = 6 * 3600.0
POINTS = 180  # that are shown of it at most: more than a plot has room for


@dataclass(frozen=True)
class Counts:
    """What has gone on since the engine was started, and how many wait now."""

    evaluations: int
    finished: int
    failed: int
    queued: int


class Recorder:
    """Takes a sample a stretch.

    count: what there is to tell now. share: of the workers, how many paint now. clock: seconds since the epoch;
    monotonic: that cannot be set.
    """

    def __init__(
        self,
        count: Callable[[], Counts],
        share: Callable[[], float],
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._count, self._share = count, share
        self._clock, self._monotonic = clock, monotonic
        self._samples: deque[Sample] = deque(maxlen=round(KEPT_SECONDS / STRETCH_SECONDS))
        self._last, self._at = count(), monotonic()
        self._looks: list[float] = []  # at how many workers paint, in this stretch

    def look(self) -> None:
        """See how many workers paint; often within a stretch, so that short pictures are not missed."""
        self._looks.append(self._share())
        if self._monotonic() - self._at >= STRETCH_SECONDS:
            self._close()

    def history(self) -> History:
        """The last hours in POINTS stretches at most."""
        several = -(-len(self._samples) // POINTS) or 1
        samples = iter(self._samples)
        groups = iter(lambda: tuple(islice(samples, several)), ())
        return History(seconds=KEPT_SECONDS, samples=tuple(_together(group) for group in groups))

    def _close(self) -> None:
        now, counts = self._monotonic(), self._count()
        self._samples.append(
            Sample(
                at=self._clock(),
                seconds=now - self._at,
                busy=sum(self._looks) / len(self._looks),
                queued=counts.queued,
                evaluations=counts.evaluations - self._last.evaluations,
                finished=counts.finished - self._last.finished,
                failed=counts.failed - self._last.failed,
            )
        )
        self._last, self._at, self._looks = counts, now, []


def _together(samples: tuple[Sample, ...]) -> Sample:
    """Several stretches, one after the other, as one."""
    seconds = sum(sample.seconds for sample in samples)
    return Sample(
        at=samples[-1].at,
        seconds=seconds,
        busy=min(sum(sample.busy * sample.seconds for sample in samples) / seconds, 1.0),
        queued=max(sample.queued for sample in samples),
        evaluations=sum(sample.evaluations for sample in samples),
        finished=sum(sample.finished for sample in samples),
        failed=sum(sample.failed for sample in samples),
    )
