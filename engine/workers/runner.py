"""Runs of paintings: from image files to the files of the outbox, by whatever session there is.

A worker's jobs and what is painted at the command line go through here alike. Rule: while it paints it looks
at the picture only when it must (a preview a second, the snapshots, checkpoints).
"""

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine import images
from engine.images import Animation, Picture
from engine.painting.precisions import able
from engine.painting.progress import Step
from engine.painting.pulse import Activity, Pulse
from engine.painting.scene import Scene, Style
from engine.planning.batching import can_be_batched
from engine.protocol import Refusal
from engine.workers.checkpoints import Checkpoints, Saved
from engine.workers.ipc import Began, Progress, Report, Result, Run, Stop, Stopped, Waiting
from engine.workers.outbox import FORMATS, Formats, Painted, compose
from engine.workers.recorder import Recorder

if TYPE_CHECKING:
    from engine.painting.session import Session

PREVIEW_SECONDS = 1.0
ROOM_SECONDS = 5.0  # before a disk that was full is asked again
_LOOK_SECONDS = 0.2  # between two looks for orders meanwhile


@dataclass(frozen=True)
class PreviewLimits:
    """How large a preview may be: its long side in pixels, and its bytes; the defaults are the service's."""

    long_side: int = 512
    max_bytes: int = 90 * 1024


PREVIEWS = PreviewLimits()


class PreviewClock:
    """Says when the next preview is due: at once, and then so many seconds after one was made."""

    def __init__(self, seconds: float = PREVIEW_SECONDS) -> None:
        self._seconds = seconds
        self._next = time.monotonic()

    @property
    def is_due(self) -> bool:
        """Whether it is time for one."""
        return time.monotonic() >= self._next

    def reset(self) -> None:
        """One was made."""
        self._next = time.monotonic() + self._seconds


class Painting:
    """One run while it is painted: what is recorded, shown, saved and written of it."""

    def __init__(
        self,
        run: Run,
        checkpoints: Checkpoints,
        milliseconds: Sequence[int],
        saved: Saved | None = None,
        formats: Formats = FORMATS,
        pulse: Pulse | None = None,
    ) -> None:
        self.run = run
        self._pulse = pulse or Pulse()
        self._checkpoints = checkpoints
        self._milliseconds = milliseconds
        self._formats = formats
        self._recorder = Recorder(run, saved)
        self.taken_over = saved.evaluation if saved else 0

    def record(self, step: Step) -> None:
        """Keep of a step what will be needed; to be called with every step."""
        self._recorder.record(step)

    def save(self, step: Step) -> None:
        """Write a checkpoint after this step."""
        with self._pulse.during(Activity.SAVING):
            self._checkpoints.write(partial(self._recorder.save, step))

    def save_if_due(self, step: Step) -> None:
        """Write a checkpoint if enough time has passed since the last."""
        if self._checkpoints.is_due:
            self.save(step)

    def progress(self, step: Step, limits: PreviewLimits) -> Progress:
        """The step with a preview."""
        return Progress(
            preview=images.jpeg_preview(on_white(step.picture()), limits.long_side, limits.max_bytes),
            progress=step.progress,
            evaluation=step.evaluation,
            evaluations=step.evaluations,
            taken_over=self.taken_over,
            width=step.width,
            height=step.height,
            losses=step.losses,
        )

    def finish(self, step: Step, *, stopped_early: bool = False) -> Painted:
        """Make the files."""
        with self._pulse.during(Activity.ENCODING):
            return compose(
                self.run,
                self._recorder,
                step,
                self._milliseconds,
                stopped_early=stopped_early,
                formats=self._formats,
            )

    def stop(self, step: Step, order: Stop) -> Painted | None:
        """End it here as it was asked for; None if nothing is to be kept."""
        if not order.keep:
            return None
        if self._checkpoints.outlast_stop:
            self.save(step)
        return self.finish(step, stopped_early=True)


class Easel:
    """Where finished paintings stand until there is room on the disk for their files, by number of their run.

    stop: what was asked of a run. waits: whether to wait for room; if not, a full disk is a Refusal.
    """

    def __init__(self, stop: Callable[[int], Stop | None], pulse: Pulse, *, waits: bool) -> None:
        self._stop = stop
        self._pulse = pulse
        self._waits = waits
        self._standing: dict[int, Painted] = {}
        self._next = 0.0  # when to try again, by the monotonic clock

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left here."""
        return not self._standing

    def put(self, number: int, painted: Painted | None) -> Result | Waiting | Stopped:
        """Write the files of a painting, or keep it here; of None nothing is kept. Raises Refusal STORAGE_FULL."""
        if painted is None:
            return Stopped()
        try:
            with self._pulse.during(Activity.SAVING):
                painted.write()
        except Refusal:
            if not self._waits:
                raise
            self._standing[number] = painted
            self._next = time.monotonic() + ROOM_SECONDS
            return Waiting()
        self._standing.pop(number, None)
        return painted.result

    def clear(self) -> Generator[tuple[int, Result | Waiting | Stopped], None, None]:
        """Let go what is not wanted any more; when it is time, try again with the others."""
        for number, painted in list(self._standing.items()):
            order = self._stop(number)
            if order is not None and not order.keep:
                del self._standing[number]
                yield number, Stopped()
            elif time.monotonic() >= self._next:
                yield number, self.put(number, painted)

    def wait(
        self, is_over: Callable[[], bool]
    ) -> Generator[tuple[int, Result | Waiting | Stopped], None, None]:
        """Stay until all is written or let go, or the engine `is_over`."""
        while not self.is_empty and not is_over():
            yield from self.clear()
            self._pulse.beat()
            if not self.is_empty:
                time.sleep(_LOOK_SECONDS)


def paint(
    session: "Session",
    run: Run,
    checkpoints: Checkpoints,
    *,
    stop: Callable[[], Stop | None],
    is_over: Callable[[], bool],
    formats: Formats = FORMATS,
    previews: PreviewLimits | None = PREVIEWS,
    on_step: Callable[[Step, int], None] = lambda _step, _taken_over: None,
    pulse: Pulse | None = None,
    waits_for_room: bool = False,
) -> Generator[Progress | Waiting | Result | Stopped, None, None]:
    """Paint one run; the last report is a Result or Stopped, or nothing if the engine `is_over`.

    previews: None for no Progress at all. on_step: is called with every step before it is asked for a `stop`,
    and with the evaluations that an earlier attempt had done. pulse: is told of reading, saving and encoding; of the rest
    the session tells. waits_for_room: a painting for which the disk has no room waits. Raises Refusal for an image that
    cannot be decoded, and else for a full disk.
    """
    pulse = pulse or Pulse()
    pulse.enter(Activity.READING)
    run = signed(run, session)
    scene, milliseconds = read_scene(run)
    saved = checkpoints.read()
    painting = Painting(run, checkpoints, milliseconds, saved, formats, pulse)
    clock, easel = PreviewClock(), Easel(lambda _: stop(), pulse, waits=waits_for_room)
    step, painted = None, None
    for step in session.paint(scene, run.plan, run.settings, resume=saved.resume if saved else None):
        pulse.beat()
        painting.record(step)
        on_step(step, painting.taken_over)
        if (order := stop()) is not None:
            painted = painting.stop(step, order)
            break
        if step.evaluation < painting.taken_over:
            continue  # the end of a frame that was painted by an earlier attempt
        if is_over():
            painting.save(step)
            return
        if previews is not None and clock.is_due:
            yield painting.progress(step, previews)
            clock.reset()
        painting.save_if_due(step)
    else:
        if step is None:
            raise RuntimeError("the plan has no steps")
        painted = painting.finish(step)
    yield easel.put(0, painted)
    for _, report in easel.wait(is_over):
        yield report
    if not easel.is_empty:
        painting.save(step)


def paint_side_by_side(
    session: "Session",
    runs: Sequence[Run],
    checkpoints: Sequence[Checkpoints],
    *,
    began: Callable[[Run, int], Began],
    stop: Callable[[Run], Stop | None],
    is_over: Callable[[], bool],
    pulse: Pulse | None = None,
) -> Generator[tuple[int, Report], None, None]:
    """Paint several runs of one batch key at once, each report with the number of its run.

    began: the first report on a run that is one of so many. Runs whose images cannot be painted beside others get no
    report, and none gets its last one if the engine `is_over`. One for which the disk has no room waits, and the
    others go on. Raises Refusal for an image that cannot be decoded.
    """
    pulse = pulse or Pulse()
    pulse.enter(Activity.READING)
    runs = [signed(run, session) for run in runs]
    scenes = [read_scene(run)[0] for run in runs]
    numbers = [
        number
        for number, (run, scene) in enumerate(zip(runs, scenes, strict=True))
        if can_be_batched(run.settings, run.plan, is_guided=scene.is_guided)
    ]
    if len(numbers) < 2:
        return
    for number in numbers:
        yield number, began(runs[number], len(numbers))
    paintings = {number: Painting(runs[number], checkpoints[number], (0,), pulse=pulse) for number in numbers}
    jobs = [(scenes[number], runs[number].plan, runs[number].settings) for number in numbers]
    clock, easel = PreviewClock(), Easel(lambda number: stop(runs[number]), pulse, waits=True)
    for steps in session.paint_batch(jobs):
        pulse.beat()
        shows = clock.is_due
        step_of = dict(zip(numbers, steps, strict=True))
        for number, painting in list(paintings.items()):
            ended = yield from _advance(number, painting, step_of[number], stop, is_over, easel, shows=shows)
            if ended:
                del paintings[number]
        yield from easel.clear()
        if not paintings or is_over():
            break
        if shows:
            clock.reset()
    yield from easel.wait(is_over)


def _advance(
    number: int,
    painting: Painting,
    step: Step,
    stop: Callable[[Run], Stop | None],
    is_over: Callable[[], bool],
    easel: Easel,
    *,
    shows: bool,
) -> Generator[tuple[int, Report], None, bool]:
    """A step of one of several; returns whether it was the last."""
    painting.record(step)
    order = stop(painting.run)
    if order is not None:
        yield number, easel.put(number, painting.stop(step, order))
        return True
    if shows:
        yield number, painting.progress(step, PREVIEWS)
    if step.evaluation == step.evaluations:
        yield number, easel.put(number, painting.finish(step))
        return True
    if is_over():
        painting.save(step)
    else:
        painting.save_if_due(step)
    return False


def signed(run: Run, session: "Session") -> Run:
    """A run as it is painted here, whose provenance tells so, and by which network: whoever planned it has loaded none."""
    plan = able(run.plan, session.lacks)
    provenance = run.provenance.model_copy(
        update={"network": session.network_digest, "arithmetic": session.arithmetic, "plan": plan}
    )
    return run.model_copy(update={"provenance": provenance, "plan": plan})


def read_scene(run: Run) -> tuple[Scene, tuple[int, ...]]:
    """Decode what is to be painted, and for how many milliseconds each frame is shown. Raises Refusal."""
    content = Path(run.content).read_bytes()
    animation = None
    if run.plan.frames > 1:
        animation = images.decode_animation(content, "content", most=run.plan.frames, max_bytes=None)
    animation = animation or Animation.still(_decode(run.content, "content"))
    styles = read_styles(run)
    previous = _decode(run.previous, "previous") if run.previous else None
    scene = Scene(animation.frames[0], styles, previous, animation.frames[1:])
    return scene, animation.milliseconds


def read_styles(run: Run) -> list[Style]:
    """Decode the styles of a run. Raises Refusal."""
    return [
        Style(_decode(style.image, "style"), style.weight, _decode_mask(style.mask), origin)
        for style, origin in zip(run.styles, run.provenance.styles, strict=True)
    ]


def _decode(path: str, which: str) -> Picture:
    return images.decode(Path(path).read_bytes(), which, max_bytes=None)


def _decode_mask(path: str | None) -> NDArray[np.uint8] | None:
    return None if path is None else images.decode_mask(Path(path).read_bytes(), max_bytes=None)


def on_white(picture: Picture) -> NDArray[np.uint8]:
    """The colours (H, W, 3) that are seen before white."""
    if picture.alpha is None:
        return picture.rgb
    opacity = picture.alpha[..., None] / np.float32(255)
    return (picture.rgb * opacity + 255 * (1 - opacity)).round().astype(np.uint8)
