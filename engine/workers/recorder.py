"""What is kept in memory of a painting while it goes on.

Rule: it looks at a picture only when it must, and all snapshots of a painting together stay below 150 MB.
"""

import math
import time

from engine import images
from engine.images import Picture
from engine.painting.progress import Step
from engine.painting.snapshots import Snapshot, SnapshotSampler
from engine.protocol import MAX_SNAPSHOTS
from engine.workers.checkpoints import Saved
from engine.workers.ipc import Run

SNAPSHOT_PIXELS = 2_000_000


class Recorder:
    """Records the snapshots of a still picture, or the frames of an animation.

    saved: from an earlier attempt. An animation has no snapshots, it is one itself (and its session shows the
    frames that are done once more when it goes on). Snapshots larger than SNAPSHOT_PIXELS are scaled down to
    that.
    """

    def __init__(self, run: Run, saved: Saved | None) -> None:
        self._animated = run.plan.frames > 1
        self._begun = time.monotonic() - (saved.seconds if saved else 0)
        self._snapshots = (
            SnapshotSampler(MAX_SNAPSHOTS, saved.snapshots, saved.spacing)
            if saved
            else SnapshotSampler(MAX_SNAPSHOTS)
        )
        self._frames: list[Picture] = []  # those that are painted
        self._last: Step | None = None

    @property
    def seconds(self) -> float:
        """How long it takes so far, over all attempts."""
        return time.monotonic() - self._begun

    def record(self, step: Step) -> None:
        """Keep of a step what will be needed; to be called with every step."""
        if self._animated:
            if self._last is not None and step.frame > self._last.frame:
                self._frames.append(self._last.picture())
            self._last = step
        elif self._snapshots.wants(step.progress):
            self._snapshots.add(_snapshot(step, step.picture()))

    def save(self, step: Step) -> Saved:
        """All that is needed to go on from this step, the last that was recorded."""
        return Saved(
            resume=step.checkpoint(),
            evaluation=step.evaluation,
            seconds=self.seconds,
            snapshots=self._snapshots.kept,
            spacing=self._snapshots.spacing,
        )

    def snapshots(self, step: Step, picture: Picture) -> tuple[Snapshot, ...]:
        """The snapshots of a painting that ends with this step and looks like this."""
        return () if self._animated else self._snapshots.end(_snapshot(step, picture))

    def frames(self, step: Step) -> tuple[Picture, ...]:
        """The frames as they are painted so far, if this step was the last that was recorded."""
        return (*self._frames, step.picture())


def _snapshot(step: Step, picture: Picture) -> Snapshot:
    scale = math.sqrt(SNAPSHOT_PIXELS / (picture.width * picture.height))
    if scale < 1:
        picture = images.shrink(picture, int(max(picture.width, picture.height) * scale))
    return Snapshot(step.progress, step.evaluation, picture)
