"""Which snapshots of a painting are kept: for its time-lapse, and to be taken instead of its end.

Pure bookkeeping. Rule: the first and the last are always there, at most `most` in all, never two of the same
progress, and those between lie evenly in progress, wherever the painting ends. How many will come is not
known (it may be stopped at any step), so they are taken finely at first; when there are too many, every other
one goes and the spacing doubles.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.images import Picture

FINER = 4  # times finer, at first, than a whole painting needs: a quarter of it has as many snapshots


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What a painting looked like at a progress between 0 and 1, after so many evaluations."""

    progress: float
    evaluation: int
    picture: Picture


class SnapshotSampler:
    """The snapshots of one painting, at most `most` (2 or more), in the order of their progress.

    To go on from earlier ones, hand over what `kept` and `spacing` were.
    """

    def __init__(self, most: int, kept: Sequence[Snapshot] = (), spacing: float | None = None) -> None:
        self._most = most
        self._kept = list(kept)
        self._spacing = spacing or 1 / ((most - 1) * FINER)

    @property
    def kept(self) -> tuple[Snapshot, ...]:
        """Those that are kept so far; `end` adds the last."""
        return tuple(self._kept)

    @property
    def spacing(self) -> float:
        """The progress between two snapshots, about."""
        return self._spacing

    def wants(self, progress: float) -> bool:
        """Whether this is the time to `add` another one; progress never goes back."""
        return not self._kept or self._slot(progress) > self._slot(self._kept[-1].progress)

    def add(self, snapshot: Snapshot) -> None:
        """Keep a snapshot that is wanted."""
        self._kept.append(snapshot)
        while len(self._kept) >= self._most:  # one place is the last one's
            self._spacing *= 2
            candidates, self._kept = self._kept, []
            for candidate in candidates:
                if self.wants(candidate.progress):
                    self._kept.append(candidate)

    def end(self, last: Snapshot) -> tuple[Snapshot, ...]:
        """All snapshots up to the last, which takes the place of one that is hardly earlier."""
        before = [snapshot for snapshot in self._kept if snapshot.progress < last.progress]
        if len(before) > 1 and last.progress - before[-1].progress < self._spacing / 2:
            before.pop()
        return (*before, last)

    def _slot(self, progress: float) -> int:
        return int((progress - self._kept[0].progress) / self._spacing)
