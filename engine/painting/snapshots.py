"""Which moments of a painting are kept while it goes on: for its time-lapse, and to be taken instead of its end.

Pure bookkeeping, of whatever a moment is. Rule: the first and the last are always there, at most `most` in all,
never two of the same progress, and those between lie evenly in progress, wherever the painting ends. How
many will come is not known (it may be stopped at any step), so they are taken finely at first; when there are
too many, every other one goes and the spacing doubles.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

FINER = 4  # times finer, at first, than a whole painting needs: a quarter of it has as many moments
FRAME_MILLISECONDS = 120
LAST_MILLISECONDS = 2000


@dataclass(frozen=True)
class Moment(Generic[T]):
    """What was there at a progress between 0 and 1."""

    progress: float
    what: T


class Moments(Generic[T]):
    """The moments of one painting, at most `most` (2 or more), in the order of their progress.

    To go on from earlier ones, hand over what `kept` and `spacing` were.
    """

    def __init__(self, most: int, kept: Sequence[Moment[T]] = (), spacing: float | None = None) -> None:
        self._most = most
        self._kept = list(kept)
        self._spacing = spacing or 1 / ((most - 1) * FINER)

    @property
    def kept(self) -> tuple[Moment[T], ...]:
        """Those that are kept so far; `end` adds the last."""
        return tuple(self._kept)

    @property
    def spacing(self) -> float:
        """The progress between two moments, about."""
        return self._spacing

    def wants(self, progress: float) -> bool:
        """Whether this is the time to `take` another one; progress never goes back."""
        return not self._kept or self._slot(progress) > self._slot(self._kept[-1].progress)

    def take(self, progress: float, what: T) -> None:
        """Keep a moment that is wanted."""
        self._kept.append(Moment(progress, what))
        while len(self._kept) >= self._most:  # one place is the last one's
            self._spacing *= 2
            candidates, self._kept = self._kept, []
            for moment in candidates:
                if self.wants(moment.progress):
                    self._kept.append(moment)

    def end(self, progress: float, what: T) -> tuple[Moment[T], ...]:
        """All moments, of which this is the last; it takes the place of one that is hardly earlier."""
        before = [moment for moment in self._kept if moment.progress < progress]
        if len(before) > 1 and progress - before[-1].progress < self._spacing / 2:
            before.pop()
        return (*before, Moment(progress, what))

    def _slot(self, progress: float) -> int:
        return int((progress - self._kept[0].progress) / self._spacing)


def durations(frames: int) -> tuple[int, ...]:
    """Milliseconds for each frame of a time-lapse; the last is held longer."""
    return (*[FRAME_MILLISECONDS] * (frames - 1), LAST_MILLISECONDS)
