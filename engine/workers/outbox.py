"""The files that a painting becomes, from what was recorded of it.

Rule: everything is encoded at the end, and the files are complete and on the disk for good before they are told of.
Until there is room for them they are kept in memory.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from engine import images
from engine.images import Animation, Picture
from engine.images.plugins import open_image
from engine.painting import timelapse
from engine.painting.progress import Step
from engine.painting.snapshots import Snapshot
from engine.protocol import (
    MAX_ANIMATION_BYTES,
    PRESETS,
    CrashPoint,
    ImageFormat,
    Note,
    NoteCode,
    Preset,
    PresetFacts,
    reach,
)
from engine.storage.atomic import UNFINISHED
from engine.storage.files import full_disk_refused, result_file, snapshot_file, write_synced
from engine.workers.ipc import Result, Run
from engine.workers.recorder import Recorder

SNAPSHOT_QUALITY = 90


@dataclass(frozen=True)
class Formats:
    """What a painting is written as; the defaults are the service's.

    image: None leaves it to the content and the purpose. max_animation_bytes: of one without a purpose.
    snapshots: whether each becomes a file. timelapse: of the file that all of them become, where there is to
    be one.
    """

    image: ImageFormat | None = None
    max_animation_bytes: int | None = MAX_ANIMATION_BYTES
    snapshots: bool = True
    timelapse: ImageFormat | None = None


FORMATS = Formats()


@dataclass(frozen=True)
class Painted:
    """A painting that is done: what is told of it, and its files by name, which may not be on the disk yet."""

    result: Result
    outbox: Path
    files: Mapping[str, bytes]
    _written: set[str] = field(default_factory=set)

    def write(self) -> None:
        """Put the files into the outbox, those that are not there yet. Raises Refusal STORAGE_FULL."""
        with full_disk_refused():
            self.outbox.mkdir(exist_ok=True)
            for name in self.files.keys() - self._written:
                path = self.outbox / name
                write_synced(path, self.files[name], path.with_name(name + UNFINISHED))
                self._written.add(name)
                reach(CrashPoint.RESULT_FILE_WRITTEN)
        reach(CrashPoint.RESULT_WRITTEN)


def timelapse_file(image_format: ImageFormat) -> str:
    """Name of the file of a time-lapse that was asked for together with the painting."""
    return f"timelapse.{image_format.lower()}"


def compose(
    run: Run,
    recorder: Recorder,
    step: Step,
    milliseconds: Sequence[int],
    *,
    stopped_early: bool,
    formats: Formats = FORMATS,
) -> Painted:
    """Make all files of the painting as it is after a step."""
    preset = run.settings.preset
    facts = PRESETS[preset] if preset else None
    painted = recorder.frames(step)
    animation = Animation(
        tuple(_padded(frame, facts) for frame in painted), tuple(milliseconds[: len(painted)])
    )
    image_format = formats.image or _usual_format(preset, moves=len(painted) > 1)
    image = _encode(animation, image_format, facts, formats, _text_of(run, step.evaluation))
    width, height = open_image(image_format, image).size  # an animation may have been made smaller to fit
    snapshots = recorder.snapshots(step, painted[-1])
    files = {result_file(image_format): image}
    if formats.snapshots:
        files |= _snapshot_files(run, facts, snapshots)
    if formats.timelapse:
        pictures = (snapshot.picture for snapshot in snapshots)
        data = timelapse.timelapse(pictures, formats.timelapse, _text_of(run, step.evaluation))
        files[timelapse_file(formats.timelapse)] = data
    result = Result(
        format=image_format,
        width=width,
        height=height,
        moments=len(snapshots) if formats.snapshots else 0,
        seconds=recorder.seconds,
        evaluation=step.evaluation,
        stopped_early=stopped_early,
        losses=step.losses,
        likeness=step.likeness(),
        notes=_notes_on_bytes(preset, len(image)),
    )
    return Painted(result, Path(run.outbox), files)


def _usual_format(preset: Preset | None, *, moves: bool) -> ImageFormat:
    """One that moves if the painting does, and that its purpose takes."""
    if not moves:
        return ImageFormat.PNG
    return PRESETS[preset].moving if preset else ImageFormat.WEBP


def _encode(
    painted: Animation, image_format: ImageFormat, facts: PresetFacts | None, formats: Formats, text: str
) -> bytes:
    """Within its purpose's bytes, as far as that can be done."""
    if len(painted.frames) > 1 or image_format is ImageFormat.GIF:
        most = facts.max_bytes if facts else formats.max_animation_bytes
        return images.encode_animation(painted, image_format, max_bytes=most, text=text)
    (picture,) = painted.frames
    if facts:
        return images.encode_within(picture, image_format, facts.max_bytes, text=text)
    return images.encode(picture, image_format, text=text)


def _snapshot_files(run: Run, facts: PresetFacts | None, snapshots: Sequence[Snapshot]) -> dict[str, bytes]:
    """The snapshots' files by name."""

    pictures = [_padded(snapshot.picture, facts) for snapshot in snapshots]
    return encode_snapshots(pictures, [_text_of(run, snapshot.evaluation) for snapshot in snapshots])


def encode_snapshots(pictures: Sequence[Picture], texts: Sequence[str]) -> dict[str, bytes]:
    """The files by name of the snapshots of a painting, or of the tiles of an audition, each with its text."""

    def file_of(picture: Picture, text: str) -> bytes:
        # A tenth of WebP's time for a third more bytes; and most snapshots are never looked at.
        image_format = ImageFormat.JPEG if picture.alpha is None else ImageFormat.WEBP
        return images.encode(picture, image_format, quality=SNAPSHOT_QUALITY, text=text)

    with ThreadPoolExecutor() as pool:  # the encoder lets other threads run
        files = pool.map(file_of, pictures, texts)
        return {snapshot_file(number): data for number, data in enumerate(files, 1)}


def _notes_on_bytes(preset: Preset | None, size: int) -> tuple[Note, ...]:
    """What is to be said of a painting of so many bytes."""
    if preset is None or size <= PRESETS[preset].max_bytes:
        return ()
    return (Note.of(NoteCode.OVER_BYTES, size=size, preset=preset.value, limit=PRESETS[preset].max_bytes),)


def _text_of(run: Run, evaluations: int) -> str:
    return run.provenance.model_copy(update={"evaluations_done": evaluations}).model_dump_json()


def _padded(picture: Picture, facts: PresetFacts | None) -> Picture:
    return images.pad(picture, facts.width, facts.height) if facts and facts.padded else picture
