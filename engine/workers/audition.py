"""An audition while it is painted: one picture in several styles, small, tile after tile onto one sheet.

Rule: a tile is the beginning of its finished picture, bit for bit where it is painted by itself. What it is gone on from
is on the disk before anybody sees it, and whoever takes an audition up again begins after the last such tile. However
early it is stopped to be kept, there is one tile.
"""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine import images
from engine.images import Picture
from engine.painting.precisions import able
from engine.painting.progress import Step
from engine.painting.pulse import Activity, Pulse
from engine.painting.scene import Scene
from engine.planning.batching import can_be_batched
from engine.planning.planner import TILE_PIXELS
from engine.protocol import CrashPoint, ImageFormat, Plan, reach
from engine.storage.files import result_file
from engine.workers.checkpoints import Checkpoints, Saved
from engine.workers.ipc import Audition, Progress, Result, Run, Stop, Stopped, Waiting
from engine.workers.outbox import Painted, encode_snapshots
from engine.workers.runner import (
    Easel,
    PreviewClock,
    PreviewLimits,
    on_white,
    read_scene,
    read_styles,
    signed,
)

if TYPE_CHECKING:
    from engine.painting.session import Session

SHEET = PreviewLimits(long_side=1200, max_bytes=240 * 1024)
SHEET_QUALITY = 90
_LOOK_SECONDS = 5.0  # between two looks at a tile that is slow to come


@dataclass(frozen=True)
class Orders:
    """What is asked of an audition meanwhile. stop: what was asked; is_over: whether the engine is."""

    stop: Callable[[], Stop | None]
    is_over: Callable[[], bool]


class Tiles:
    """The tiles of an audition by their index: those that are painted, and how far the rest is.

    checkpoints: where each is kept.
    """

    def __init__(self, audition: Audition, checkpoints: Sequence[Checkpoints], pulse: Pulse) -> None:
        self._audition = audition
        self._checkpoints = checkpoints
        self._pulse = pulse
        saved = [each.read() for each in checkpoints]
        self._pictures = [each.picture if each else None for each in saved]
        self._begun = time.monotonic() - sum(each.seconds for each in saved if each)
        self._each = audition.plan.tile.evaluations
        self.taken_over = self._each * self._count

    @property
    def missing(self) -> list[int]:
        """Those that are still to be painted."""
        return [index for index, picture in enumerate(self._pictures) if picture is None]

    @property
    def painted(self) -> list[Picture]:
        """Those in front of the first that is missing."""
        first = next(iter(self.missing), len(self._pictures))
        return [picture for picture in self._pictures[:first] if picture is not None]

    def keep(self, index: int, step: Step, seconds: float) -> None:
        """A tile is painted with this step, and took so long."""
        picture = step.picture()
        saved = Saved(step.checkpoint(), step.evaluation, seconds, (), 0.0, picture)
        with self._pulse.during(Activity.SAVING):
            self._checkpoints[index].write(lambda: saved)
        self._pictures[index] = picture
        reach(CrashPoint.TILE_KEPT)

    def progress(self, steps: Sequence[Step]) -> Progress:
        """The sheet so far, and the numbers of it while tiles that are missing have come to these steps."""
        steps = [step for step in steps if step.evaluation < self._each]
        done = self._count + sum(step.progress for step in steps)
        sheet = images.contact_sheet(self._pictures, shape=self._audition.plan.result_size)
        level = self._audition.plan.levels[steps[0].level if steps else -1]
        return Progress(
            preview=images.jpeg_preview(on_white(sheet), SHEET.long_side, SHEET.max_bytes),
            progress=min(done / len(self._pictures), 1.0),
            evaluation=self._each * self._count + sum(step.evaluation for step in steps),
            evaluations=self._each * len(self._pictures),
            taken_over=self.taken_over,
            width=level.width,
            height=level.height,
            losses=steps[0].losses if steps else {},
        )

    def compose(self, runs: Sequence[Run]) -> Painted:
        """The sheet and its tiles, of which there is one at least, as files."""
        with self._pulse.during(Activity.ENCODING):
            tiles = self.painted
            sheet = images.contact_sheet(tiles)
            texts = [_text_of(run, self._each) for run in runs[: len(tiles)]]
            files = {
                result_file(ImageFormat.JPEG): images.encode(sheet, ImageFormat.JPEG, quality=SHEET_QUALITY),
                **encode_snapshots(tiles, texts),
            }
        result = Result(
            format=ImageFormat.JPEG,
            width=sheet.width,
            height=sheet.height,
            moments=len(tiles),
            seconds=time.monotonic() - self._begun,
            evaluation=self._each * self._count,
            stopped_early=len(tiles) < len(self._pictures),
        )
        return Painted(result, Path(self._audition.outbox), files)

    @property
    def _count(self) -> int:
        return len(self._pictures) - len(self.missing)


def hold(
    session: "Session",
    audition: Audition,
    checkpoints: Sequence[Checkpoints],
    orders: Orders,
    *,
    together: int = 1,
    pulse: Pulse | None = None,
    waits_for_room: bool = False,
) -> Generator[Progress | Waiting | Result | Stopped, None, None]:
    """Paint all tiles that are not kept yet, up to so many `together`.

    The last report is a Result or Stopped, or nothing if the engine is over. Raises as `runner.paint`.
    """
    pulse = pulse or Pulse()
    pulse.enter(Activity.READING)
    runs = [signed(run, session) for run in audition.tiles]
    tiles = Tiles(audition, checkpoints, pulse)
    order: Stop | None = None
    for steps in _steps(session, audition, tiles, together, pulse):
        order = orders.stop()
        if orders.is_over():
            return
        if order is not None and (not order.keep or tiles.painted):
            break
        if steps:
            yield tiles.progress(steps)
    easel = Easel(lambda _: orders.stop(), pulse, waits=waits_for_room)
    dropped = order is not None and not order.keep
    yield easel.put(0, None if dropped else tiles.compose(runs))
    for _, report in easel.wait(orders.is_over):
        yield report


def _steps(
    session: "Session", audition: Audition, tiles: Tiles, together: int, pulse: Pulse
) -> Iterator[Sequence[Step]]:
    """At each evaluation, once tiles that are done are kept, the steps of those at hand if they are worth a look, or none."""
    if not tiles.missing:
        return
    plan = able(audition.plan.tile, session.lacks)
    scene, _ = read_scene(audition.tiles[0].model_copy(update={"plan": plan}))
    clock = PreviewClock(_LOOK_SECONDS)
    for indices in _groups(audition, scene, tiles.missing, together):
        scenes = [_in_style(scene, audition.tiles[index]) for index in indices]
        begun = time.monotonic()
        for steps in _paint(session, scenes, plan, audition.tiles[0]):
            pulse.beat()
            is_done = steps[0].evaluation == steps[0].evaluations
            if is_done:
                for index, step in zip(indices, steps, strict=True):
                    tiles.keep(index, step, (time.monotonic() - begun) / len(indices))
            is_due = is_done or clock.is_due
            yield steps if is_due else ()
            if is_due:
                clock.reset()


def _groups(
    audition: Audition, scene: Scene, missing: Sequence[int], together: int
) -> Iterator[Sequence[int]]:
    """Which tiles are painted side by side."""
    plan, level = audition.plan.tile, audition.plan.levels[-1]
    most = 1
    if can_be_batched(audition.tiles[0].settings, plan, is_guided=scene.is_guided):
        most = max(min(together, TILE_PIXELS // (level.width * level.height)), 1)
    return (missing[first : first + most] for first in range(0, len(missing), most))


def _paint(session: "Session", scenes: Sequence[Scene], plan: Plan, run: Run) -> Iterator[Sequence[Step]]:
    if len(scenes) > 1:
        yield from session.paint_batch([(scene, plan, run.settings) for scene in scenes])
    else:
        yield from ([step] for step in session.paint(scenes[0], plan, run.settings))


def _in_style(scene: Scene, run: Run) -> Scene:
    """The same picture, not read again, with a tile's style."""
    return replace(scene, styles=read_styles(run))


def _text_of(run: Run, evaluations: int) -> str:
    return run.provenance.model_copy(update={"evaluations_done": evaluations}).model_dump_json()
