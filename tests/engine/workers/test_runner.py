"""What is said of paintings side by side while they are painted."""

import errno
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

from engine import images
from engine.images import Picture
from engine.protocol import Arithmetic, ImageFormat, Precision, Refusal
from engine.storage.files import write_synced
from engine.workers import outbox, runner
from engine.workers.checkpoints import Checkpoints
from engine.workers.ipc import Began, Progress, Report, Run, Stop, WeightedStyle
from tests.engine.workers.steps import FakeStep, noise, run_of

if TYPE_CHECKING:
    from engine.painting.session import Session as Session_


class BatchSession:
    """A session that paints every picture grey, in so many steps."""

    network_digest = "sha256:grey"

    lacks: Mapping[Precision, str] = MappingProxyType({})
    arithmetic = Arithmetic()

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
        cast("Session_", BatchSession(6)),
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


def test_on_a_card_that_lacks_what_was_planned_it_is_painted_in_float32_and_the_picture_says_so(
    tmp_path: Path,
) -> None:
    session = BatchSession(1)
    session.lacks = {Precision.BFLOAT16: "SIGABRT"}
    run = run_of(tmp_path)
    for planned, painted in ((Precision.BFLOAT16, Precision.FLOAT32), (Precision.TENSORFLOAT32,) * 2):
        wanted = run.model_copy(update={"plan": run.plan.model_copy(update={"precision": planned})})
        ours = runner.signed(wanted, cast("Session_", session))
        assert (ours.plan.precision, ours.provenance.plan.precision) == (painted, painted)


class Disk:
    """A disk that has no room for some files: in place of `write_synced`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, lacks: Callable[[Path], bool]) -> None:
        self.lacks = lacks
        self.refused = 0
        monkeypatch.setattr(outbox, "write_synced", self.write)
        monkeypatch.setattr(runner, "ROOM_SECONDS", 0.0)
        monkeypatch.setattr(runner, "_LOOK_SECONDS", 0.0)

    def write(self, path: Path, data: bytes, temporary: Path) -> None:
        if self.lacks(path):
            self.refused += 1
            raise OSError(errno.ENOSPC, "No space left on device")
        write_synced(path, data, temporary)


def test_side_by_side_one_for_which_there_is_no_room_waits_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch, lambda path: path.parent == tmp_path / "a" / "outbox" and disk.refused < 3)
    ends = side_by_side(tmp_path)
    assert ends == [
        (0, "waiting"),
        (1, "result"),
        (2, "result"),
        (0, "waiting"),
        (0, "waiting"),
        (0, "result"),
    ]
    assert (tmp_path / "a" / "outbox" / "result.png").exists()


class Session(BatchSession):
    """One that paints one picture."""

    def paint(self, *_scene: Any, **_resume: Any) -> Iterator[FakeStep]:
        yield from (steps[0] for steps in self.paint_batch([None]))


def alone(
    folder: Path,
    stop: Callable[[], Stop | None] = lambda: None,
    is_over: Callable[[], bool] = lambda: False,
    *,
    waits: bool = True,
) -> Iterator[str]:
    """The reports on one run but those of progress."""
    run = runs_in(folder)[0]
    checkpoints = Checkpoints(Path(run.outbox).with_name("checkpoint"), b"", 1000.0)
    reports = runner.paint(
        cast("Session_", Session(6)), run, checkpoints, stop=stop, is_over=is_over, waits_for_room=waits
    )
    return (report.type for report in reports if not isinstance(report, Progress))


def test_a_painting_waits_for_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(monkeypatch, lambda _: disk.refused < 3)
    assert list(alone(tmp_path)) == ["waiting"] * 3 + ["result"]


def test_whoever_does_not_wait_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Disk(monkeypatch, lambda _: True)
    with pytest.raises(Refusal):
        list(alone(tmp_path, waits=False))


def test_a_painting_that_waits_for_room_can_be_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch, lambda _: True)
    order = Stop(job="a", attempt=1, keep=False)
    told = list(alone(tmp_path, stop=lambda: order if disk.refused else None))
    assert told == ["waiting", "stopped"]
    assert list((tmp_path / "a" / "outbox").iterdir()) == []


def test_a_painting_that_waits_for_room_as_the_engine_ends_leaves_a_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch, lambda _: True)
    assert list(alone(tmp_path, is_over=lambda: disk.refused > 2))[-1] == "waiting"
    assert (tmp_path / "a" / "checkpoint").exists()


def test_side_by_side_all_leave_a_checkpoint_when_the_engine_ends(tmp_path: Path) -> None:
    assert side_by_side(tmp_path, over_after=0) == []
    assert all((tmp_path / name / "checkpoint").exists() for name in "abc")
