"""What a painting is when it leaves the worker: its formats, its snapshots, its notes, within its bytes.

And what is said meanwhile of paintings side by side.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

from engine import images
from engine.images import Picture
from engine.protocol import (
    MAX_SNAPSHOTS,
    PRESETS,
    ErrorCode,
    ImageFormat,
    Level,
    Likeness,
    NoteCode,
    Plan,
    Preset,
    RecipeName,
    Refusal,
    Settings,
)
from engine.storage.files import snapshot_file
from engine.workers import outbox, runner
from engine.workers.checkpoints import Checkpoints
from engine.workers.ipc import Began, Progress, Report, Result, Run, Stop, WeightedStyle
from engine.workers.outbox import FORMATS, Formats, timelapse_file
from engine.workers.recorder import SNAPSHOT_PIXELS, Recorder
from tests.engine.scripted import provenance

if TYPE_CHECKING:
    from engine.painting.session import Session


@dataclass(frozen=True)
class FakeStep:
    """As much of a session's step as is looked at."""

    evaluation: int
    evaluations: int
    shown: Picture
    frame: int = 0
    width: int = 8
    height: int = 8
    losses: dict[str, float] = field(default_factory=dict)

    @property
    def progress(self) -> float:
        return self.evaluation / self.evaluations

    def picture(self) -> Picture:
        return self.shown

    def likeness(self) -> Likeness:
        return Likeness(style_reached=70, content_kept=50)

    def checkpoint(self) -> dict[str, np.ndarray[Any, Any]]:
        return {"evaluation": np.array(self.evaluation)}


def noise(width: int, height: int, seed: int = 0, *, alpha: bool = False) -> Picture:
    numbers = np.random.default_rng(seed).integers(0, 256, (height, width, 4), np.uint8)
    return Picture(numbers[..., :3], numbers[..., 3] if alpha else None)


def steps(count: int, shown: Sequence[Picture]) -> list[Any]:
    """So many steps of each frame; any, because a real one would bring in TensorFlow."""
    total = count * len(shown)
    return [FakeStep(n + 1, total, shown[n // count], frame=n // count) for n in range(total)]


def run_of(folder: Path, frames: int = 1, **settings: Any) -> Run:
    knobs = Settings(**settings)
    plan = Plan(
        recipe=RecipeName.DRAFT,
        levels=(Level(width=8, height=8, evaluations=1),),
        seconds=1.0,
        frames=frames,
    )
    return Run(
        job="job",
        attempt=1,
        content="content",
        styles=(WeightedStyle(image="style", weight=1.0),),
        settings=knobs,
        plan=plan,
        outbox=str(folder / "outbox"),
        provenance=provenance(plan, knobs),
    )


def finish(
    run: Run, seen: Sequence[Any], milliseconds: tuple[int, ...] = (0,), formats: Formats = FORMATS
) -> Result:
    recorder = Recorder(run, None)
    for step in seen:
        recorder.record(step)
    return outbox.finish(run, recorder, seen[-1], milliseconds, stopped_early=False, formats=formats)


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


def test_snapshots_of_a_large_picture_are_bounded(tmp_path: Path) -> None:
    recorder = Recorder(run_of(tmp_path), None)
    grey = Picture(np.full((3072, 4096, 3), 128, np.uint8))
    (step,) = steps(1, [grey])
    recorder.record(step)
    for snapshot in recorder.snapshots(step, grey):
        assert snapshot.picture.width * snapshot.picture.height <= SNAPSHOT_PIXELS
        assert snapshot.picture.width / snapshot.picture.height == pytest.approx(4 / 3, rel=0.01)


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
    tiny = PRESETS[Preset.EMOJI].__class__(128, 128, 2048)
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


def test_a_full_disk_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(Refusal) as refusal:
        finish(run_of(tmp_path), steps(2, [noise(40, 40)]))
    assert refusal.value.code is ErrorCode.STORAGE_FULL


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


class BatchSession:
    """A session that paints every picture grey, in so many steps."""

    def __init__(self, evaluations: int) -> None:
        self._evaluations = evaluations

    def paint_batch(self, jobs: Sequence[Any]) -> Iterator[list[FakeStep]]:
        """All rows are alike."""
        grey = Picture(np.full((40, 60, 3), 128, np.uint8))
        for number in range(1, self._evaluations + 1):
            yield [FakeStep(number, self._evaluations, grey) for _ in jobs]


def side_by_side(
    folder: Path, stop: Callable[[Run], Stop | None] = lambda _: None, over_after: int = 1000
) -> list[tuple[int, str]]:
    """The last reports on the runs, by number; the engine is over after so many questions."""
    reports = reports_of(runs_in(folder), stop, over_after)
    return [(number, report.type) for number, report in reports if not isinstance(report, Began | Progress)]


def runs_in(folder: Path, *, cut_out: str = "") -> list[Run]:
    """Three of them, `cut_out` with transparency, which is not painted beside others."""
    runs = []
    for name in "abc":
        home = folder / name
        home.mkdir()
        for image in ("content", "style"):
            picture = noise(60, 40, alpha=(name, image) == (cut_out, "content"))
            (home / image).write_bytes(images.encode(picture, ImageFormat.PNG))
        style = WeightedStyle(image=str(home / "style"), weight=1.0)
        run = run_of(home).model_copy(update={"job": name, "content": str(home / "content")})
        runs.append(run.model_copy(update={"styles": (style,)}))
    return runs


def reports_of(
    runs: Sequence[Run], stop: Callable[[Run], Stop | None] = lambda _: None, over_after: int = 1000
) -> Iterator[tuple[int, Report]]:
    asked = 0

    def is_over() -> bool:
        nonlocal asked
        asked += 1
        return asked > over_after

    return runner.paint_side_by_side(
        cast("Session", BatchSession(6)),
        runs,
        [Checkpoints(Path(run.outbox).with_name("checkpoint"), b"", 1000.0) for run in runs],
        began=lambda _run, pictures: Began(compiling=(float(pictures),)),
        stop=stop,
        is_over=is_over,
    )


def test_side_by_side_each_has_an_end(tmp_path: Path) -> None:
    assert side_by_side(tmp_path) == [(0, "result"), (1, "result"), (2, "result")]
    assert {path.name for path in (tmp_path / "b").iterdir()} == {"content", "style", "outbox"}


def test_only_what_is_painted_side_by_side_is_said_to_have_begun(tmp_path: Path) -> None:
    reports = list(reports_of(runs_in(tmp_path, cut_out="b")))
    began = [(number, report.compiling) for number, report in reports if isinstance(report, Began)]
    assert began == [(0, (2.0,)), (2, (2.0,))]
    assert {number for number, _ in reports} == {0, 2}


def test_side_by_side_one_is_stopped_and_the_others_go_on(tmp_path: Path) -> None:
    orders = {name: Stop(job=name, attempt=1, keep=name == "b") for name in "ab"}
    ends = side_by_side(tmp_path, lambda run: orders.get(run.job))
    assert ends == [(0, "stopped"), (1, "result"), (2, "result")]
    assert not (tmp_path / "a" / "outbox").exists()


def test_side_by_side_one_that_cannot_be_written_fails_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_bytes

    def full_for_a(path: Path, data: bytes) -> int:
        if path.parent == tmp_path / "a" / "outbox":
            raise OSError(28, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full_for_a)
    ends = side_by_side(tmp_path)
    assert ends == [(0, "failure"), (1, "result"), (2, "result")]


def test_side_by_side_all_leave_a_checkpoint_when_the_engine_ends(tmp_path: Path) -> None:
    assert side_by_side(tmp_path, over_after=0) == []
    assert all((tmp_path / name / "checkpoint").exists() for name in "abc")
