"""One painting ordered at the command line: its files looked at, painted before somebody's eyes, and written.

What a worker does for a job (`engine.workers.painting`), without a queue and with the formats that are asked
for. Rule: everything that can be refused is refused before the network is loaded.
"""

import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import typer
from numpy.typing import NDArray

from engine import images, timelapse
from engine.arguments import FORMATS, StyleFile, hash_of
from engine.images import Animation, Picture
from engine.nst import colour
from engine.protocol import (
    MAX_PAINTED_FRAMES,
    MAX_TIMELAPSE_BYTES,
    PRESETS,
    ImageFormat,
    Likeness,
    Note,
    NoteCode,
    Plan,
    Precision,
    PresetFacts,
    RecipeCard,
    Settings,
    Start,
)
from engine.terminal import Outcome, follow, patience, say
from engine.workers.checkpoints import Checkpoints, digest_of
from engine.workers.messages import Run, WeightedStyle
from engine.workers.painting import TIMELAPSE_LONG_SIDE, Canvas

if TYPE_CHECKING:
    from engine.studio import Scene, Step, Studio

FRAME_SECONDS = 1.0
CHECKPOINT_SECONDS = 15.0
SAME_SHAPE = 0.04  # of the logarithm of the ratio: what rounding does to small sides; as at the intake


@dataclass(frozen=True)
class Order:
    """The files that a painting is made of, and how it is to be made."""

    content: Path
    styles: Sequence[StyleFile]
    previous: Path | None
    settings: Settings

    def card(self, plan: Plan) -> RecipeCard:
        """The recipe as it is before the painting."""
        return RecipeCard(
            engine=version("atelier"),
            content=hash_of(self.content),
            styles=tuple(style.source for style in self.styles),
            weights=tuple(style.weight for style in self.styles),
            settings=self.settings,
            plan=plan,
            evaluations_done=0,
        )

    def run(self, plan: Plan, checkpoint: Path | None) -> Run:
        """The order as a worker would get it."""
        return Run(
            job="",
            attempt=1,
            content=str(self.content),
            styles=tuple(
                WeightedStyle(
                    image=str(style.path),
                    weight=style.weight,
                    mask=str(style.mask) if style.mask else None,
                )
                for style in self.styles
            ),
            previous=str(self.previous) if self.previous else None,
            settings=self.settings,
            plan=plan,
            outbox="",
            checkpoint=str(checkpoint) if checkpoint else None,
            recipe=self.card(plan),
        )


@dataclass(frozen=True, eq=False)
class Motif:
    """An order's files, decoded. content: one frame if it is still. notes: what came up on the way."""

    content: Animation
    styles: tuple[Picture, ...]
    masks: tuple[NDArray[np.uint8] | None, ...]
    previous: Picture | None
    notes: tuple[Note, ...]

    def scene(self, styles: Sequence[StyleFile]) -> "Scene":
        """As the studio wants it."""
        from engine.studio import Scene, Style

        mixed = zip(self.styles, styles, self.masks, strict=True)
        return Scene(
            content=self.content.frames[0],
            styles=[Style(picture, style.weight, mask) for picture, style, mask in mixed],
            previous=self.previous,
            frames=self.content.frames[1:],
        )


@dataclass(frozen=True)
class Outputs:
    """Where things are written to; all but `out` may be left out."""

    out: Path
    report: Path | None = None
    frames: Path | None = None
    timelapse: Path | None = None
    checkpoint: Path | None = None


def look_at(order: Order, *, moving: bool) -> Motif:
    """Decode an order's files; of a content that moves, all frames if the result may be `moving`.

    Raises Refusal, and typer.BadParameter if an earlier result is missing or not wanted.
    """
    if (order.settings.start is Start.PREVIOUS) != (order.previous is not None):
        raise typer.BadParameter(
            "--start previous and --previous FILE belong together", param_hint="--previous"
        )
    data = order.content.read_bytes()
    content = images.decode_animation(data, "picture", most=MAX_PAINTED_FRAMES) if moving else None
    if content is None:
        content = Animation((images.decode(data, "picture"),), (timelapse.FRAME_MILLISECONDS,), total=1)
    first = content.frames[0]
    styles = tuple(images.decode(style.path.read_bytes(), "style image") for style in order.styles)
    masks = [images.decode_mask(style.mask.read_bytes()) if style.mask else None for style in order.styles]
    facts = _facts(order.settings)
    notes = list(_notes_on(content, styles, masks))
    if facts and facts.cropped:
        masks = [None if mask is None else _cropped_mask(mask, first, facts) for mask in masks]
        content = content.each(lambda frame: images.crop(frame, facts.width, facts.height))
    previous = None
    if order.previous is not None:
        previous = _middle(images.decode(order.previous.read_bytes(), "earlier result"), content.frames[0])
    return Motif(content, styles, tuple(masks), previous, tuple(notes))


def begun_plan(order: Order, checkpoint: Path | None) -> Plan | None:
    """The plan that the same order was begun with, if it was; another measurement would make another plan."""
    if checkpoint is None or not checkpoint.exists():
        return None
    try:
        card = RecipeCard.model_validate_json(_beside(checkpoint).read_text())
    except (OSError, ValueError):
        return None
    return card.plan if card == order.card(card.plan) else None


def open_studio(weights: str, precision: Precision | None = None) -> "Studio":
    """The network, loaded. Raises typer.BadParameter naming an unreadable weights file."""
    with patience("Loading the network"):
        from engine.studio import Studio, WeightsError

        try:
            return Studio(weights, precision=precision)
        except WeightsError as error:
            raise typer.BadParameter(str(error), param_hint="--weights") from error


def paint(
    studio: "Studio",
    order: Order,
    motif: Motif,
    plan: Plan,
    outputs: Outputs,
    *,
    weights: str,
    most: int | None = None,
) -> None:
    """Carry out a plan, at most so many evaluations of it, and write all that is asked for."""
    run = order.run(plan, outputs.checkpoint)
    checkpoints = Checkpoints(outputs.checkpoint, digest_of(run, weights), CHECKPOINT_SECONDS)
    saved = checkpoints.read()
    canvas = Canvas(run, saved)
    watchers: list[Callable[[Step], None]] = [canvas.see]
    if outputs.frames is not None:
        watchers.append(_frame_writer(outputs.frames))

    def look(step: "Step") -> None:
        for watcher in watchers:
            watcher(step)
        if checkpoints.is_due:
            checkpoints.write(partial(canvas.save, step))

    if outputs.checkpoint is not None:
        _beside(outputs.checkpoint).write_text(run.recipe.model_dump_json())
    if saved is not None:
        say(f"Going on after {saved.evaluation} evaluations")
    scene = motif.scene(order.styles)
    steps = studio.paint(scene, plan, order.settings, resume=saved.studio if saved else None)
    outcome = follow(steps, plan.levels, look, done=saved.evaluation if saved else 0, most=most)
    if outcome.stopped:
        checkpoints.write(partial(canvas.save, outcome.step))
    _write(run, motif, canvas, outcome, outputs)
    if outputs.checkpoint is not None and not outcome.stopped:
        outputs.checkpoint.unlink(missing_ok=True)
        _beside(outputs.checkpoint).unlink(missing_ok=True)


def _write(run: Run, motif: Motif, canvas: Canvas, outcome: Outcome, outputs: Outputs) -> None:
    step = outcome.step
    card = run.recipe.model_copy(update={"evaluations_done": step.evaluation})
    recipe = card.model_dump_json()
    frames = canvas.frames(step)
    painted = Animation(frames, motif.content.milliseconds[: len(frames)])
    facts = _facts(run.settings)
    if facts and facts.padded:
        painted = painted.each(lambda frame: images.pad(frame, facts.width, facts.height))
    image_format = FORMATS[outputs.out.suffix.lower()]
    outputs.out.write_bytes(_encode(painted, image_format, facts, recipe))
    if outputs.timelapse is not None:
        moments = canvas.moments(step, frames[-1])
        story = Animation(
            tuple(images.shrink(moment.what.picture, TIMELAPSE_LONG_SIDE) for moment in moments),
            timelapse.durations(len(moments)),
        )
        story_format = FORMATS[outputs.timelapse.suffix.lower()]
        outputs.timelapse.write_bytes(
            images.encode_animation(story, story_format, max_bytes=MAX_TIMELAPSE_BYTES, recipe=recipe)
        )
    notes = (*motif.notes, *run.plan.notes)
    likeness = step.likeness()
    if outputs.report is not None:
        report = card.model_dump(mode="json") | outcome.figures()
        report |= {
            "likeness": likeness.model_dump(mode="json"),
            "notes": [note.model_dump(mode="json") for note in notes],
        }
        outputs.report.write_text(json.dumps(report, indent=2) + "\n")
    for note in notes:
        say(note.message, "yellow")
    _sum_up(outputs.out, painted.frames, canvas.seconds, outcome.stopped, likeness)


def _sum_up(out: Path, painted: Sequence[Picture], seconds: float, stopped: bool, likeness: Likeness) -> None:
    frames = f"{len(painted)} frames of " if len(painted) > 1 else ""
    early = ", stopped early" if stopped else ""
    say(
        f"{out}: {frames}{painted[-1].width} x {painted[-1].height} pixels in {seconds:.1f} s{early};"
        f" {likeness.style_reached} % of the style reached, {likeness.content_kept} % of the picture kept"
    )


def _encode(
    painted: Animation,
    image_format: ImageFormat,
    facts: PresetFacts | None,
    recipe: str,
) -> bytes:
    first, *others = painted.frames
    if others or image_format is ImageFormat.GIF:
        most = facts.max_bytes if facts else None
        return images.encode_animation(painted, image_format, max_bytes=most, recipe=recipe)
    if facts:
        return images.encode_within(first, image_format, facts.max_bytes, recipe=recipe)
    return images.encode(first, image_format, recipe=recipe)


def _frame_writer(folder: Path) -> "Callable[[Step], None]":
    """What writes the first step's picture and then one a second."""
    folder.mkdir(parents=True, exist_ok=True)
    due = 0.0

    def look(step: "Step") -> None:
        nonlocal due
        if time.monotonic() >= due:
            path = folder / f"{step.evaluation:04}.jpg"
            path.write_bytes(images.encode(step.picture(), ImageFormat.JPEG))
            due = time.monotonic() + FRAME_SECONDS

    return look


def _beside(checkpoint: Path) -> Path:
    """Where the recipe, and with it the plan, of an unfinished painting is."""
    return checkpoint.with_name(checkpoint.name + ".recipe")


def _facts(settings: Settings) -> PresetFacts | None:
    return PRESETS[settings.preset] if settings.preset else None


def _cropped_mask(mask: NDArray[np.uint8], content: Picture, facts: PresetFacts) -> NDArray[np.uint8]:
    """The part of a mask that is over what is left of the content."""
    whole = images.resize(Picture(np.repeat(mask[..., None], 3, 2)), content.width, content.height)
    return images.crop(whole, facts.width, facts.height).rgb[..., 0]


def _middle(previous: Picture, content: Picture) -> Picture:
    """What is left of an earlier result when the margin of another shape, as a sticker's is, is cut off."""
    if _same_shape(previous.rgb.shape, content.rgb.shape):
        return previous
    return images.crop(previous, content.width, content.height)


def _same_shape(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether two images (height, width, ...) differ by no more than rounding a size to pixels does."""
    return abs(math.log(one[0] * other[1] / (one[1] * other[0]))) < SAME_SHAPE


def _notes_on(
    content: Animation, styles: Sequence[Picture], masks: Sequence[NDArray[np.uint8] | None]
) -> list[Note]:
    first, frames = content.frames[0], len(content.frames)
    notes = []
    if content.total > frames:
        notes.append(Note.of(NoteCode.FRAMES_THINNED, frames=content.total, painted=frames))
    if any(colour.is_flat(style.rgb) for style in styles):
        notes.append(Note.of(NoteCode.FLAT_STYLE))
    if any(mask is not None and not _same_shape(mask.shape, first.rgb.shape) for mask in masks):
        notes.append(Note.of(NoteCode.MASK_RESIZED, width=first.width, height=first.height))
    return notes
