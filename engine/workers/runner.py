"""Jobs on the easel: from image files to paintings with their moments, by whatever studio there is.

Rule: while it paints it looks at the picture only when it must (a frame a second, the moments, checkpoints);
everything is encoded at the end, and the files are complete before they are told of.
"""

import math
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine import images
from engine.images import Animation, Picture
from engine.images.decoder import open_image
from engine.painting.progress import Step
from engine.painting.scene import Scene, Style
from engine.painting.snapshots import Moment, Moments
from engine.planning.batching import can_be_batched
from engine.protocol import (
    MAX_ANIMATION_BYTES,
    MAX_MOMENTS,
    PRESETS,
    ImageFormat,
    Note,
    NoteCode,
    Preset,
    PresetFacts,
    Problem,
    Refusal,
)
from engine.storage.files import full_disk_refused, result_file, snapshot_file
from engine.workers.checkpoints import Checkpoints, Saved, Snapshot
from engine.workers.ipc import Failure, Progress, Result, Run, Stop, Stopped

if TYPE_CHECKING:
    from engine.painting.session import Session

FRAME_SECONDS = 1.0
FRAME_LONG_SIDE = 512
FRAME_BYTES = 90 * 1024
MOMENT_PIXELS = 2_000_000
MOMENT_QUALITY = 90
# Discord takes animated WebP for an emoji, and for the rest of what members upload only GIF.
ANIMATED_FORMATS = dict.fromkeys(Preset, ImageFormat.GIF) | {Preset.EMOJI: ImageFormat.WEBP}


class Canvas:
    """What is kept of a painting while it goes on; `saved` is from an earlier attempt.

    Of a still picture these are its moments, of an animation its frames: that has no moments, it is one itself
    (and its studio shows the frames that are done once more when it goes on). Moments larger than MOMENT_PIXELS
    are scaled down to that, so that all of them together stay below 150 MB.
    """

    def __init__(self, run: Run, saved: Saved | None) -> None:
        self._animated = run.plan.frames > 1
        self._begun = time.monotonic() - (saved.seconds if saved else 0)
        self._moments: Moments[Snapshot] = (
            Moments(MAX_MOMENTS, saved.moments, saved.spacing) if saved else Moments(MAX_MOMENTS)
        )
        self._frames: list[Picture] = []  # those that are painted
        self._last: Step | None = None

    @property
    def seconds(self) -> float:
        """How long it takes so far, over all attempts."""
        return time.monotonic() - self._begun

    def see(self, step: Step) -> None:
        """Look at every step."""
        if self._animated:
            if self._last is not None and step.frame > self._last.frame:
                self._frames.append(self._last.picture())
            self._last = step
        elif self._moments.wants(step.progress):
            self._moments.take(step.progress, Snapshot(bounded(step.picture()), step.evaluation))

    def save(self, step: Step) -> Saved:
        """All that is needed to go on from this step, the last that was seen."""
        return Saved(
            studio=step.checkpoint(),
            evaluation=step.evaluation,
            seconds=self.seconds,
            moments=self._moments.kept,
            spacing=self._moments.spacing,
        )

    def moments(self, step: Step, picture: Picture) -> tuple[Moment[Snapshot], ...]:
        """The moments of a painting that ends with this step and looks like this."""
        if self._animated:
            return ()
        return self._moments.end(step.progress, Snapshot(bounded(picture), step.evaluation))

    def frames(self, step: Step) -> tuple[Picture, ...]:
        """The frames as they are painted so far, if this step was the last that was seen."""
        return (*self._frames, step.picture())


def bounded(picture: Picture) -> Picture:
    """Scale a picture down to MOMENT_PIXELS, if it is larger."""
    scale = math.sqrt(MOMENT_PIXELS / (picture.width * picture.height))
    return picture if scale >= 1 else images.shrink(picture, int(max(picture.width, picture.height) * scale))


def paint(
    studio: "Session",
    run: Run,
    checkpoints: Checkpoints,
    *,
    stop: Callable[[], Stop | None],
    is_over: Callable[[], bool],
) -> Generator[Progress | Result | Stopped, None, None]:
    """Paint one job; the last report is a Result or Stopped, or nothing if the engine `is_over`.

    Raises Refusal for an image that cannot be decoded and for a full disk.
    """
    scene, milliseconds = read_scene(run)
    saved = checkpoints.read()
    steps = studio.paint(scene, run.plan, run.settings, resume=saved.studio if saved else None)
    canvas, taken_over = Canvas(run, saved), saved.evaluation if saved else 0
    next_frame = time.monotonic()
    step = None
    for step in steps:
        canvas.see(step)
        order = stop()
        if order is not None:
            yield finish(run, canvas, step, milliseconds, stopped_early=True) if order.keep else Stopped()
            return
        if step.evaluation < taken_over:
            continue  # the end of a frame that was painted by an earlier attempt
        if is_over():
            checkpoints.write(partial(canvas.save, step))
            return
        if time.monotonic() >= next_frame:
            yield _progress(step, taken_over)
            next_frame = time.monotonic() + FRAME_SECONDS
        if checkpoints.is_due:
            checkpoints.write(partial(canvas.save, step))
    if step is None:
        raise RuntimeError("the plan has no steps")
    yield finish(run, canvas, step, milliseconds, stopped_early=False)


def paint_side_by_side(
    studio: "Session",
    runs: Sequence[Run],
    checkpoints: Sequence[Checkpoints],
    *,
    stop: Callable[[Run], Stop | None],
    is_over: Callable[[], bool],
) -> Generator[tuple[int, Progress | Result | Stopped | Failure], None, None]:
    """Paint several jobs of one batch key at once, each report with the number of its run.

    Runs whose images cannot be painted beside others get no report, and none gets its last one if the engine
    `is_over`. Raises Refusal for an image that cannot be decoded.
    """
    scenes = [read_scene(run)[0] for run in runs]
    numbers = [
        number
        for number, (run, scene) in enumerate(zip(runs, scenes, strict=True))
        if can_be_batched(run.settings, run.plan, is_guided=scene.is_guided)
    ]
    if len(numbers) < 2:
        return
    canvases = {number: Canvas(runs[number], None) for number in numbers}
    jobs = [(scenes[number], runs[number].plan, runs[number].settings) for number in numbers]
    next_frame = time.monotonic()
    for steps in studio.paint_batch(jobs):
        shows = time.monotonic() >= next_frame
        for number, step in zip(numbers, steps, strict=True):
            canvas, run = canvases.get(number), runs[number]
            if canvas is None:
                continue
            canvas.see(step)
            order = stop(run)
            if shows and order is None:
                yield number, _progress(step, taken_over=0)
            if order is not None or step.evaluation == step.evaluations:
                del canvases[number]
                if order is not None and not order.keep:
                    yield number, Stopped()
                else:
                    yield number, _finished(run, canvas, step, stopped_early=order is not None)
            elif is_over() or checkpoints[number].is_due:
                checkpoints[number].write(partial(canvas.save, step))
        if not canvases or is_over():
            return
        if shows:
            next_frame = time.monotonic() + FRAME_SECONDS


def _finished(run: Run, canvas: Canvas, step: Step, *, stopped_early: bool) -> Result | Failure:
    try:
        return finish(run, canvas, step, (), stopped_early=stopped_early)
    except Refusal as refusal:
        return Failure(error=Problem.of(refusal))


def read_scene(run: Run) -> tuple[Scene, tuple[int, ...]]:
    """Decode what is to be painted; and how long each frame of an animation is shown. Raises Refusal."""
    content = Path(run.content).read_bytes()
    animation = None
    if run.plan.frames > 1:
        animation = images.decode_animation(content, "content", most=run.plan.frames, max_bytes=None)
    frames = animation.frames if animation else (_decode(run.content, "content"),)
    styles = [
        Style(_decode(style.image, "style"), style.weight, _decode_mask(style.mask)) for style in run.styles
    ]
    previous = _decode(run.previous, "previous") if run.previous else None
    scene = Scene(content=frames[0], styles=styles, previous=previous, frames=frames[1:])
    return scene, animation.milliseconds if animation else ()


def _decode(path: str, which: str) -> Picture:
    return images.decode(Path(path).read_bytes(), which, max_bytes=None)


def _decode_mask(path: str | None) -> NDArray[np.uint8] | None:
    return None if path is None else images.decode_mask(Path(path).read_bytes(), max_bytes=None)


def finish(
    run: Run, canvas: Canvas, step: Step, milliseconds: tuple[int, ...], *, stopped_early: bool
) -> Result:
    """Put all files of the painting as it is after a step into the outbox, and tell of it. Raises Refusal."""
    facts = PRESETS[run.settings.preset] if run.settings.preset else None
    painted = canvas.frames(step)
    frames = tuple(_fitted(frame, facts) for frame in painted)
    image_format, image = encode(run, frames, milliseconds, step.evaluation)
    moments = canvas.moments(step, painted[-1])
    width, height = open_image(image_format, image).size  # an animation may have been made smaller to fit
    files = {result_file(image_format): image} | encode_moments(run, facts, moments)
    outbox = Path(run.outbox)
    with full_disk_refused():
        outbox.mkdir(exist_ok=True)
        for name, data in files.items():
            (outbox / name).write_bytes(data)
    return Result(
        format=image_format,
        width=width,
        height=height,
        moments=len(moments),
        seconds=canvas.seconds,
        evaluation=step.evaluation,
        stopped_early=stopped_early,
        losses=step.losses,
        likeness=step.likeness(),
        notes=notes_on_bytes(run.settings.preset, len(image)),
    )


def encode(
    run: Run, frames: tuple[Picture, ...], milliseconds: tuple[int, ...], evaluations: int
) -> tuple[ImageFormat, bytes]:
    """The painting as a file, in the content's spirit and within its purpose's bytes: its format and its bytes."""
    preset, recipe = run.settings.preset, _recipe(run, evaluations)
    if len(frames) > 1:
        image_format = ANIMATED_FORMATS[preset] if preset else ImageFormat.WEBP
        animation = Animation(frames, milliseconds[: len(frames)])
        most = PRESETS[preset].max_bytes if preset else MAX_ANIMATION_BYTES
        return image_format, images.encode_animation(animation, image_format, max_bytes=most, recipe=recipe)
    if preset:
        data = images.encode_within(frames[0], ImageFormat.PNG, PRESETS[preset].max_bytes, recipe=recipe)
        return ImageFormat.PNG, data
    return ImageFormat.PNG, images.encode(frames[0], ImageFormat.PNG, recipe=recipe)


def encode_moments(
    run: Run, facts: PresetFacts | None, moments: tuple[Moment[Snapshot], ...]
) -> dict[str, bytes]:
    """The moments' files by name."""

    def file_of(snapshot: Snapshot) -> bytes:
        picture = _fitted(snapshot.picture, facts)
        return images.encode(
            picture,
            # A tenth of WebP's time for a third more bytes; and most moments are never looked at.
            ImageFormat.JPEG if picture.alpha is None else ImageFormat.WEBP,
            quality=MOMENT_QUALITY,
            recipe=_recipe(run, snapshot.evaluation),
        )

    with ThreadPoolExecutor() as pool:  # the encoder lets other threads run
        stills = pool.map(file_of, (moment.what for moment in moments))
        return {snapshot_file(number): data for number, data in enumerate(stills, 1)}


def notes_on_bytes(preset: Preset | None, size: int) -> tuple[Note, ...]:
    """What is to be said of a painting of so many bytes."""
    if preset is None or size <= PRESETS[preset].max_bytes:
        return ()
    return (Note.of(NoteCode.OVER_BYTES, size=size, preset=preset.value, limit=PRESETS[preset].max_bytes),)


def _progress(step: Step, taken_over: int) -> Progress:
    return Progress(
        preview=images.jpeg_frame(_on_white(step.picture()), FRAME_LONG_SIDE, FRAME_BYTES),
        progress=step.progress,
        evaluation=step.evaluation,
        evaluations=step.evaluations,
        taken_over=taken_over,
        width=step.width,
        height=step.height,
        losses=step.losses,
    )


def _recipe(run: Run, evaluations: int) -> str:
    return run.recipe.model_copy(update={"evaluations_done": evaluations}).model_dump_json()


def _fitted(picture: Picture, facts: PresetFacts | None) -> Picture:
    return images.pad(picture, facts.width, facts.height) if facts and facts.padded else picture


def _on_white(picture: Picture) -> NDArray[np.uint8]:
    if picture.alpha is None:
        return picture.rgb
    opacity = picture.alpha[..., None] / np.float32(255)
    return (picture.rgb * opacity + 255 * (1 - opacity)).round().astype(np.uint8)
