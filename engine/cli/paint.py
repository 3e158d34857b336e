"""One painting at the command line, prepared as the service prepares a job and run as a worker runs it.

Rule: what can be refused before it is planned is refused before the network is loaded.
"""

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import typer
from numpy.typing import NDArray

from engine import images
from engine.cli.arguments import FORMATS, StyleFile, hash_of, reading
from engine.cli.options import Outputs, frame_name, recipe_beside
from engine.cli.terminal import PaintingProgress, print_line, waiting_for
from engine.devices.device import take
from engine.devices.names import AUTO
from engine.images import Animation, Picture
from engine.painting import preprocess
from engine.painting.machine import MachineCache, machine
from engine.painting.precisions import lacks, settle
from engine.painting.statistics_cache import StatisticsCache
from engine.planning.memory import available_bytes, peak_bytes
from engine.planning.planner import needed_bytes
from engine.protocol import (
    MAX_ANIMATED_SIDE,
    MAX_IMAGE_BYTES,
    MAX_PAINTED_FRAMES,
    ErrorCode,
    ImageFormat,
    Note,
    Plan,
    Precision,
    Provenance,
    Refusal,
    Settings,
    Start,
    image_of,
    most_bytes,
)
from engine.storage.files import CONTENT, result_file
from engine.words import note_sentence
from engine.workers import runner
from engine.workers.checkpoints import Checkpoints, digest_of
from engine.workers.ipc import CHECKPOINT_SECONDS, Progress, Result, Run, Stop, WeightedStyle
from engine.workers.outbox import Formats, timelapse_file
from engine.workers.runner import PreviewLimits

if TYPE_CHECKING:
    from engine.painting.session import Session

JOB = "command line"
STATISTICS_BYTES = 256 * 2**20
PREVIEWS = PreviewLimits(preprocess.LARGEST, MAX_IMAGE_BYTES)


@dataclass(frozen=True)
class Request:
    """The files that a painting is made of, and how it is to be made."""

    content: Path
    styles: Sequence[StyleFile]
    previous: Path | None
    settings: Settings

    def provenance(self, plan: Plan) -> Provenance:
        """How it came about, of which nothing is done yet."""
        return preprocess.provenance_of(
            content=hash_of(self.content),
            styles=[style.source for style in self.styles],
            weights=[style.weight for style in self.styles],
            masks=[hash_of(style.mask) if style.mask else None for style in self.styles],
            previous=hash_of(self.previous) if self.previous else None,
            settings=self.settings,
            plan=plan,
        )

    def which(self, kind: str, number: int) -> str:
        """The fact `image` for a "style" or its "mask", as if it were sent along; styles are counted from 1."""
        return image_of(f"{kind}-{number}", self._parts())

    @property
    def files(self) -> list[Path]:
        """All that are read."""
        given = (self.content, self.previous, *(style.mask for style in self.styles))
        return [*(style.path for style in self.styles), *(path for path in given if path is not None)]

    def _parts(self) -> Iterator[str]:
        for number, style in enumerate(self.styles, 1):
            if not style.is_bundled:
                yield f"style-{number}"
            if style.mask is not None:
                yield f"mask-{number}"


@dataclass(frozen=True, eq=False)
class Inputs:
    """A request's files, decoded.

    content: cut to its purpose, one frame if it is still. sent: its size before, at: where it was cut. styles: None
    for a bundled one.
    """

    content: Animation
    sent: preprocess.Size
    at: float
    styles: tuple[Picture | None, ...]
    masks: tuple[NDArray[np.uint8] | None, ...]
    previous: Picture | None


def decode(request: Request, *, moving: bool) -> Inputs:
    """Decode a request's files; of a content that moves, all frames if the result may be `moving`.

    Raises Refusal, and typer.BadParameter if an earlier result is missing or not wanted.
    """
    if (request.settings.start is Start.PREVIOUS) != (request.previous is not None):
        raise typer.BadParameter(
            "--start previous and --previous FILE belong together", param_hint="--previous"
        )
    content = _decode_content(request.content, moving=moving)
    styles = tuple(
        None if style.is_bundled else _decode_style(style.path, request.which("style", number))
        for number, style in enumerate(request.styles, 1)
    )
    masks = tuple(
        _decode_mask(style.mask, request.which("mask", number)) if style.mask else None
        for number, style in enumerate(request.styles, 1)
    )
    previous = None
    if request.previous is not None:
        with reading(request.previous) as data:
            previous = images.decode(
                data, "previous", long_side=preprocess.LARGEST, max_bytes=most_bytes("previous")
            )
    at = preprocess.place_of_cut(content, request.settings)
    kept = preprocess.cut(content, request.settings, at)
    return Inputs(kept, preprocess.size_of(content), at, styles, masks, previous)


def prepare(request: Request, inputs: Inputs, plan: Plan, folder: Path) -> tuple[Run, tuple[Note, ...]]:
    """The run that a worker would get, with its files in `folder`, and notes on these. Raises Refusal."""
    content, sizes = preprocess.fit_content(inputs.content, plan, request.settings, inputs.sent, inputs.at)
    styles: list[WeightedStyle] = []
    notes: list[Note] = []
    for number, (style, picture, mask) in enumerate(
        zip(request.styles, inputs.styles, inputs.masks, strict=True), 1
    ):
        image, where = str(style.path), None
        # Decoded anew into the size that is kept, as a service does: small first and then converted are other pixels.
        if picture is not None:
            which = request.which("style", number)
            picture = images.decode(style.path.read_bytes(), which, long_side=sizes.style)
            data, style_notes = preprocess.style_file(picture, request.which("style", number), sizes)
            image = _write(folder / f"style-{number}.png", data)
            notes += style_notes
        if mask is not None and style.mask is not None:
            which = request.which("mask", number)
            mask = images.decode_mask(style.mask.read_bytes(), which, long_side=sizes.mask)
            data, mask_notes = preprocess.mask_file(mask, request.which("mask", number), sizes)
            where = _write(folder / f"mask-{number}.png", data)
            notes += mask_notes
        styles.append(WeightedStyle(image=image, weight=style.weight, mask=where))
    previous = None
    if inputs.previous is not None:
        previous = _write(folder / "previous.png", preprocess.previous_file(inputs.previous, sizes))
    run = Run(
        job=JOB,
        attempt=1,
        content=_write(folder / CONTENT, preprocess.content_file(content)),
        styles=tuple(styles),
        previous=previous,
        settings=request.settings,
        plan=plan,
        outbox=str(folder / "outbox"),
        provenance=request.provenance(plan),
    )
    return run, tuple(notes)


def begun_plan(request: Request, checkpoint: Path | None) -> Plan | None:
    """The plan that the same request was begun with, if it was; another speed would make another plan."""
    if checkpoint is None or not checkpoint.exists():
        return None
    try:
        begun = Provenance.from_anywhere(recipe_beside(checkpoint).read_text())
    except (OSError, ValueError):
        return None
    return begun.plan if begun == request.provenance(begun.plan) else None


def check_memory(plan: Plan) -> None:
    """Raise Refusal OUT_OF_MEMORY for a plan that another machine has made, if this one could not carry it out."""
    finest, free = plan.levels[-1], available_bytes()
    if free is not None and needed_bytes(finest.width, finest.height) > free:
        raise Refusal(ErrorCode.OUT_OF_MEMORY)


def open_session(
    weights: str, precision: Precision | None = None, *, deterministic: bool = False
) -> tuple["Session", MachineCache]:
    """The network, loaded, and what is known of this machine. Raises Refusal BAD_WEIGHTS.

    deterministic: have a GPU repeat itself to the last bit.
    """
    with waiting_for("Loading the network"):
        from engine.painting.session import Session

        device = take(AUTO)
        statistics = StatisticsCache(cache_folder() / "styles", STATISTICS_BYTES)
        arithmetic = settle(device, deterministic=deterministic)
        unable = lacks(device, precision, folder=cache_folder())
        session = Session(
            weights, precision=precision, lacks=unable, arithmetic=arithmetic, statistics=statistics
        )
        known = machine(session.network_digest)
        return session, MachineCache(cache_folder(), known, session.fixed_precision)


def cache_folder() -> Path:
    """Where the user's caches are, by the XDG Base Directory Specification; it may not be there."""
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if given.is_absolute():  # the specification ignores others
        return given / "atelier"
    try:
        return Path.home() / ".cache" / "atelier"
    except RuntimeError:  # a user without a home: what is below a file can be neither read nor written
        return Path(os.devnull) / "atelier"


def paint(
    session: "Session",
    request: Request,
    inputs: Inputs,
    plan: Plan,
    outputs: Outputs,
    *,
    max_evaluations: int | None = None,
) -> None:
    """Carry out a plan, at most so many evaluations of it, and write all that is asked for."""
    with tempfile.TemporaryDirectory(prefix="atelier-") as folder:
        run, notes = prepare(request, inputs, plan, Path(folder))
        if outputs.checkpoint is not None:
            recipe_beside(outputs.checkpoint).write_text(run.provenance.model_dump_json())
        digest = digest_of(run, session.network_digest)
        checkpoints = Checkpoints(outputs.checkpoint, digest, CHECKPOINT_SECONDS, outlast_stop=True)
        with PaintingProgress(plan.levels) as progress:
            result = _run(session, run, checkpoints, outputs, progress, max_evaluations)
        _collect(Path(run.outbox), outputs)
    notes = tuple(dict.fromkeys((*plan.notes, *notes, *result.notes)))
    if outputs.report is not None:
        _write_report(outputs.report, run.provenance, result, progress, notes)
    for note in notes:
        print_line(note_sentence(note), "yellow")
    _print_summary(outputs.out, result, progress)
    if outputs.checkpoint is not None and not result.stopped_early:
        outputs.checkpoint.unlink(missing_ok=True)
        recipe_beside(outputs.checkpoint).unlink(missing_ok=True)


def _run(
    session: "Session",
    run: Run,
    checkpoints: Checkpoints,
    outputs: Outputs,
    progress: PaintingProgress,
    max_evaluations: int | None,
) -> Result:
    def stop() -> Stop | None:
        step = progress.step
        if step is None or step.evaluation == step.evaluations:
            return None
        ends = max_evaluations is not None and step.evaluation >= max_evaluations
        return Stop(job=run.job, attempt=run.attempt, keep=True) if ends or progress.is_interrupted else None

    reports = runner.paint(
        session,
        run,
        checkpoints,
        stop=stop,
        is_over=lambda: False,
        formats=_formats(outputs),
        previews=PREVIEWS if outputs.frames else None,
        on_step=progress.show,
    )
    with closing(reports):
        for report in reports:
            match report:
                case Progress() if outputs.frames:
                    outputs.frames.mkdir(parents=True, exist_ok=True)
                    (outputs.frames / frame_name(report.evaluation)).write_bytes(report.preview)
                case Result():
                    return report
    raise typer.Abort


def _collect(outbox: Path, outputs: Outputs) -> None:
    """Bring the files to where they are wanted."""
    outputs.out.write_bytes((outbox / result_file(_format_of(outputs.out))).read_bytes())
    if outputs.timelapse is not None:
        name = timelapse_file(_format_of(outputs.timelapse))
        outputs.timelapse.write_bytes((outbox / name).read_bytes())


def _write_report(
    path: Path, provenance: Provenance, result: Result, progress: PaintingProgress, notes: Sequence[Note]
) -> None:
    provenance = provenance.model_copy(update={"evaluations_done": result.evaluation})
    peak = peak_bytes()
    report = {
        **provenance.model_dump(mode="json"),
        "stopped_early": result.stopped_early,
        **progress.figures(),
        "losses": result.losses,
        "peak_memory_mb": None if peak is None else round(peak / 2**20),
        "likeness": result.likeness.model_dump(mode="json") if result.likeness else None,
        "notes": [note.model_dump(mode="json") for note in notes],
    }
    path.write_text(json.dumps(report, indent=2) + "\n")


def _print_summary(out: Path, result: Result, progress: PaintingProgress) -> None:
    painted = progress.step.frame + 1 if progress.step else 1
    frames = f"{painted} frames of " if painted > 1 else ""
    early = ", stopped early" if result.stopped_early else ""
    said = f"{out}: {frames}{result.width} x {result.height} pixels in {result.seconds:.1f} s{early}"
    if (likeness := result.likeness) is not None:
        said += f"; {likeness.style_reached} % of the style reached, {likeness.content_kept} % of the picture kept"
    print_line(said)


def _decode_content(path: Path, *, moving: bool) -> Animation:
    with reading(path) as data:
        if not moving:
            picture = images.decode(data, "content", long_side=preprocess.LARGEST)
            return replace(Animation.still(picture), total=images.count_frames(data, "content"))
        return images.decode_content(
            data,
            "content",
            most=MAX_PAINTED_FRAMES,
            long_side=preprocess.LARGEST,
            frame_side=MAX_ANIMATED_SIDE,
        )


def _decode_style(path: Path, which: str) -> Picture:
    with reading(path) as data:
        style = images.decode(data, which)
        preprocess.check_style(style, which)
        return style


def _decode_mask(path: Path, which: str) -> NDArray[np.uint8]:
    with reading(path) as data:
        mask = images.decode_mask(data, which)
        preprocess.check_mask(mask, which)
        return mask


def _formats(outputs: Outputs) -> Formats:
    """What the runner is to write, by the endings."""
    return Formats(
        image=_format_of(outputs.out),
        max_animation_bytes=None,
        snapshots=False,
        timelapse=_format_of(outputs.timelapse) if outputs.timelapse else None,
    )


def _write(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


def _format_of(path: Path) -> ImageFormat:
    return FORMATS[path.suffix.lower()]
