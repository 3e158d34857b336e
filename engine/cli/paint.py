"""One painting ordered at the command line: its files looked at, painted before somebody's eyes, and written.

What a worker does for a job (`engine.workers.runner`), without a queue and with the formats that are asked
for. Rule: what can be refused before it is planned is refused before the network is loaded.
"""

import json
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

from engine import images
from engine.cli.arguments import FORMATS, StyleFile, hash_of
from engine.cli.terminal import Outcome, follow, patience, say
from engine.images import Animation, Picture
from engine.nst.onednn import assume_frozen_weights
from engine.painting import preprocess, timelapse
from engine.painting.progress import Step
from engine.painting.scene import Scene, Style
from engine.protocol import (
    MAX_ANIMATED_SIDE,
    MAX_PAINTED_FRAMES,
    PRESETS,
    ImageFormat,
    Likeness,
    Note,
    Plan,
    Precision,
    PresetFacts,
    RecipeCard,
    Settings,
    Start,
)
from engine.words import note_sentence
from engine.workers.checkpoints import Checkpoints, digest_of
from engine.workers.ipc import CHECKPOINT_SECONDS, Run, WeightedStyle
from engine.workers.runner import FRAME_SECONDS, Canvas, notes_on_bytes

if TYPE_CHECKING:
    from engine.painting.session import Session


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
            masks=self._masks(),
            previous=hash_of(self.previous) if self.previous else None,
            settings=self.settings,
            plan=plan,
            evaluations_done=0,
        )

    def _masks(self) -> tuple[str | None, ...]:
        masks = [style.mask for style in self.styles]
        return tuple(hash_of(mask) if mask else None for mask in masks) if any(masks) else ()

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
    """An order's files, decoded. content: cut to its purpose, one frame if it is still. sent: its size before."""

    content: Animation
    sent: preprocess.Size
    styles: tuple[Picture, ...]
    masks: tuple[NDArray[np.uint8] | None, ...]
    previous: Picture | None

    def fitted(self, order: Order, plan: Plan) -> tuple[Scene, tuple[Note, ...]]:
        """What a worker would show the studio for this plan, and what is to be said of it. Raises Refusal."""
        content, sizes = preprocess.fit_content(self.content, plan, order.settings, self.sent)
        styles: list[Style] = []
        notes: list[Note] = []
        for number, (file, picture, mask) in enumerate(
            zip(order.styles, self.styles, self.masks, strict=True), 1
        ):
            if not file.is_bundled:
                picture = images.shrink(picture, sizes.style)
                notes += preprocess.notes_on_style(picture, which("style", number, order))
            if mask is not None:
                mask, said = preprocess.fit_mask(
                    images.shrink_mask(mask, sizes.mask), which("mask", number, order), sizes
                )
                notes += said
            styles.append(Style(picture, file.weight, mask))
        previous = None if self.previous is None else preprocess.fit_previous(self.previous, sizes)
        return Scene(content.frames[0], styles, previous, content.frames[1:]), tuple(notes)


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
    content = _content(order.content.read_bytes(), moving=moving)
    styles = tuple(images.decode(style.path.read_bytes(), "style") for style in order.styles)
    masks = tuple(
        images.decode_mask(style.mask.read_bytes()) if style.mask else None for style in order.styles
    )
    for number, mask in enumerate(masks, 1):
        if mask is not None:
            preprocess.check_mask(mask, which("mask", number, order))
    previous = None
    if order.previous is not None:
        previous = images.shrink(images.decode(order.previous.read_bytes(), "previous"), preprocess.LARGEST)
    return Motif(
        preprocess.cut(content, order.settings), preprocess.size_of(content), styles, masks, previous
    )


def which(kind: str, number: int, order: Order) -> str:
    """The fact `image` for a "style" or its "mask"; styles are counted from 1."""
    return kind if len(order.styles) == 1 else f"{kind}-{number}"


def _content(data: bytes, *, moving: bool) -> Animation:
    if not moving:
        return Animation.still(images.shrink(images.decode(data, "content"), preprocess.LARGEST))
    return images.decode_content(
        data, "content", most=MAX_PAINTED_FRAMES, long_side=preprocess.LARGEST, frame_side=MAX_ANIMATED_SIDE
    )


def begun_plan(order: Order, checkpoint: Path | None) -> Plan | None:
    """The plan that the same order was begun with, if it was; another measurement would make another plan."""
    if checkpoint is None or not checkpoint.exists():
        return None
    try:
        card = RecipeCard.model_validate_json(_beside(checkpoint).read_text())
    except (OSError, ValueError):
        return None
    return card.plan if card == order.card(card.plan) else None


def open_studio(weights: str, precision: Precision | None = None) -> "Session":
    """The network, loaded. Raises Refusal BAD_WEIGHTS."""
    assume_frozen_weights()
    with patience("Loading the network"):
        from engine.painting.session import Session

        return Session(weights, precision=precision)


def paint(
    studio: "Session",
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
    scene, notes = motif.fitted(order, plan)
    checkpoints = Checkpoints(outputs.checkpoint, digest_of(run, weights), CHECKPOINT_SECONDS)
    saved = checkpoints.read()
    canvas = Canvas(run, saved)
    watchers: list[Callable[[Step], None]] = [canvas.see]
    if outputs.frames is not None:
        watchers.append(_frame_writer(outputs.frames))

    def look(step: Step) -> None:
        for watcher in watchers:
            watcher(step)
        if checkpoints.is_due:
            checkpoints.write(partial(canvas.save, step))

    if outputs.checkpoint is not None:
        _beside(outputs.checkpoint).write_text(run.recipe.model_dump_json())
    if saved is not None:
        say(f"Going on after {saved.evaluation} evaluations")
    steps = studio.paint(scene, plan, order.settings, resume=saved.studio if saved else None)
    outcome = follow(steps, plan.levels, look, done=saved.evaluation if saved else 0, most=most)
    if outcome.stopped:
        checkpoints.write(partial(canvas.save, outcome.step))
    _write(run, motif.content.milliseconds, canvas, outcome, outputs, (*plan.notes, *notes))
    if outputs.checkpoint is not None and not outcome.stopped:
        outputs.checkpoint.unlink(missing_ok=True)
        _beside(outputs.checkpoint).unlink(missing_ok=True)


def _write(
    run: Run,
    milliseconds: tuple[int, ...],
    canvas: Canvas,
    outcome: Outcome,
    outputs: Outputs,
    notes: tuple[Note, ...],
) -> None:
    step = outcome.step
    card = run.recipe.model_copy(update={"evaluations_done": step.evaluation})
    recipe = card.model_dump_json()
    frames = canvas.frames(step)
    painted = Animation(frames, milliseconds[: len(frames)])
    facts = _facts(run.settings)
    if facts and facts.padded:
        painted = painted.each(lambda frame: images.pad(frame, facts.width, facts.height))
    data = _encode(painted, FORMATS[outputs.out.suffix.lower()], facts, recipe)
    outputs.out.write_bytes(data)
    if outputs.timelapse is not None:
        moments, story_format = canvas.moments(step, frames[-1]), FORMATS[outputs.timelapse.suffix.lower()]
        pictures = (moment.what.picture for moment in moments)
        outputs.timelapse.write_bytes(timelapse.timelapse(pictures, story_format, recipe))
    notes = tuple(dict.fromkeys((*notes, *notes_on_bytes(run.settings.preset, len(data)))))
    likeness = step.likeness()
    if outputs.report is not None:
        report = card.model_dump(mode="json") | outcome.figures()
        report |= {
            "likeness": likeness.model_dump(mode="json"),
            "notes": [note.model_dump(mode="json") for note in notes],
        }
        outputs.report.write_text(json.dumps(report, indent=2) + "\n")
    for note in notes:
        say(note_sentence(note), "yellow")
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


def _frame_writer(folder: Path) -> Callable[[Step], None]:
    """What writes the first step's picture and then one a second."""
    folder.mkdir(parents=True, exist_ok=True)
    due = 0.0

    def look(step: Step) -> None:
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
