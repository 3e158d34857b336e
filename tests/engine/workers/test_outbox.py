"""What a painting is when it leaves the worker: its formats, its snapshots, its notes, within its bytes."""

import errno
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from engine import images
from engine.images import Picture
from engine.protocol import MAX_SNAPSHOTS, PRESETS, ErrorCode, ImageFormat, NoteCode, Preset, Refusal
from engine.storage.files import snapshot_file, write_synced
from engine.workers import outbox
from engine.workers.ipc import Result, Run
from engine.workers.outbox import FORMATS, Formats, timelapse_file
from engine.workers.recorder import Recorder
from tests.engine.workers.steps import noise, run_of, steps


def finish(
    run: Run, seen: Sequence[Any], milliseconds: tuple[int, ...] = (0,), formats: Formats = FORMATS
) -> Result:
    recorder = Recorder(run, None)
    for step in seen:
        recorder.record(step)
    painted = outbox.compose(run, recorder, seen[-1], milliseconds, stopped_early=False, formats=formats)
    painted.write()
    return painted.result


def decoded(run: Run, name: str) -> Picture:
    return images.decode((Path(run.outbox) / name).read_bytes(), "content")


def test_a_still_picture_has_its_snapshots_in_full_size(tmp_path: Path) -> None:
    run = run_of(tmp_path)
    result = finish(run, steps(200, [noise(60, 40, alpha=True)]))
    assert (result.format, result.width, result.height) == (ImageFormat.PNG, 60, 40)
    assert MAX_SNAPSHOTS - 1 <= result.moments <= MAX_SNAPSHOTS
    last = decoded(run, snapshot_file(result.moments))
    assert (last.width, last.height, last.alpha is None) == (60, 40, False)
    names = {path.name for path in Path(run.outbox).iterdir()}
    assert len(names) == result.moments + 1


def test_a_sticker_is_padded_and_small_enough(tmp_path: Path) -> None:
    run = run_of(tmp_path, preset=Preset.STICKER)
    result = finish(run, steps(5, [noise(320, 200)]))
    assert (result.format, result.width, result.height) == (ImageFormat.PNG, 320, 320)
    picture = decoded(run, "result.png")
    assert picture.alpha is not None
    assert (picture.alpha[0, 0], picture.alpha[160, 160]) == (0, 255)
    assert (Path(run.outbox) / "result.png").stat().st_size <= PRESETS[Preset.STICKER].max_bytes
    snapshot = decoded(run, snapshot_file(1))
    assert (snapshot.width, snapshot.height) == (320, 320)
    assert result.notes == ()


def test_what_does_not_fit_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny = PRESETS[Preset.EMOJI].__class__(128, 128, 2048, ImageFormat.WEBP)
    monkeypatch.setitem(PRESETS, Preset.EMOJI, tiny)
    run = run_of(tmp_path, preset=Preset.EMOJI)
    (note,) = finish(run, steps(5, [noise(128, 128)])).notes
    assert note.code is NoteCode.OVER_BYTES
    assert (note.facts["preset"], note.facts["limit"]) == ("emoji", 2048)


@pytest.mark.parametrize(
    ("preset", "image_format"),
    [(None, ImageFormat.WEBP), (Preset.EMOJI, ImageFormat.WEBP), (Preset.STICKER, ImageFormat.GIF)],
)
def test_an_animation_stays_one(tmp_path: Path, preset: Preset | None, image_format: ImageFormat) -> None:
    run = run_of(tmp_path, frames=3, preset=preset)
    result = finish(run, steps(4, [noise(64, 64, seed) for seed in range(3)]), (100, 200, 300))
    assert (result.format, result.moments) == (image_format, 0)
    (path,) = Path(run.outbox).iterdir()
    assert path.name == f"result.{image_format.lower()}"
    data = path.read_bytes()
    animation = images.decode_animation(data, "content", most=10)
    assert animation is not None
    assert animation.milliseconds == (100, 200, 300)
    assert (animation.frames[0].width, animation.frames[0].height) == (result.width, result.height)


def test_an_animation_that_is_stopped_ends_earlier(tmp_path: Path) -> None:
    run = run_of(tmp_path, frames=3)
    seen = steps(4, [noise(64, 64, seed) for seed in range(3)])
    finish(run, seen[:6], (100, 200, 300))
    data = (Path(run.outbox) / "result.webp").read_bytes()
    animation = images.decode_animation(data, "content", most=10)
    assert animation is not None
    assert animation.milliseconds == (100, 200)
    assert finish(run, seen[:2], (100, 200, 300)).format is ImageFormat.PNG


def test_files_without_room_are_written_later_and_those_that_are_there_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def full_at_the_second(path: Path, data: bytes, temporary: Path) -> None:
        asked.append(path.name)
        if len(asked) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_synced(path, data, temporary)

    run, recorder = run_of(tmp_path), Recorder(run_of(tmp_path), None)
    (step,) = steps(1, [noise(40, 40)])
    recorder.record(step)
    painted = outbox.compose(run, recorder, step, (0,), stopped_early=False)
    monkeypatch.setattr(outbox, "write_synced", full_at_the_second)
    with pytest.raises(Refusal) as refusal:
        painted.write()
    assert refusal.value.code is ErrorCode.STORAGE_FULL
    painted.write()
    assert len(asked) == len(painted.files) + 1
    assert {path.name: path.read_bytes() for path in painted.outbox.iterdir()} == painted.files


@pytest.mark.parametrize(
    ("formats", "files"),
    [
        (Formats(image=ImageFormat.JPEG, snapshots=False), {"result.jpeg"}),
        (
            Formats(image=ImageFormat.GIF, snapshots=False, timelapse=ImageFormat.GIF),
            {"result.gif", timelapse_file(ImageFormat.GIF)},
        ),
    ],
)
def test_it_is_written_as_is_asked_for(tmp_path: Path, formats: Formats, files: set[str]) -> None:
    run = run_of(tmp_path)
    result = finish(run, steps(20, [noise(60, 40)]), formats=formats)
    assert result.format is formats.image
    assert {path.name for path in Path(run.outbox).iterdir()} == files
    assert (decoded(run, f"result.{result.format.lower()}").width, result.width) == (60, 60)
