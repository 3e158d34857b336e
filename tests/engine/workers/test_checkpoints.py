"""A checkpoint is used whole and for the same work, or not at all, and never in the way."""

from collections.abc import Callable
from pathlib import Path
from typing import IO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.images import Picture
from engine.painting.snapshots import Snapshot
from engine.protocol import Level, Plan, RecipeName, Settings
from engine.workers.checkpoints import SHARE, Checkpoints, Saved, digest_of
from engine.workers.ipc import Run, WeightedStyle
from tests.engine.scripted import provenance

DIGEST = b"\x07" * 32
RGB = np.arange(5 * 4 * 3, dtype=np.uint8).reshape(5, 4, 3)
SAVED = Saved(
    resume={"state": np.linspace(0, 1, 7, dtype=np.float32), "level": np.array(2)},
    evaluation=17,
    seconds=12.5,
    snapshots=(
        Snapshot(0.25, 4, Picture(RGB)),
        Snapshot(0.5, 9, Picture(RGB + 1, RGB[..., 0])),
    ),
    spacing=0.125,
)


def checkpoints(folder: Path, digest: bytes = DIGEST, seconds: float = 0.0) -> Checkpoints:
    return Checkpoints(folder / "checkpoint.npz", digest, seconds)


def assert_same(read: Saved | None) -> None:
    assert read is not None
    assert (read.evaluation, read.seconds, read.spacing) == (17, 12.5, 0.125)
    assert read.resume.keys() == SAVED.resume.keys()
    assert all(np.array_equal(read.resume[name], array) for name, array in SAVED.resume.items())
    for there, here in zip(read.snapshots, SAVED.snapshots, strict=True):
        assert (there.progress, there.evaluation) == (here.progress, here.evaluation)
        assert np.array_equal(there.picture.rgb, here.picture.rgb)
    assert read.snapshots[0].picture.alpha is None
    alpha = read.snapshots[1].picture.alpha
    assert alpha is not None
    assert np.array_equal(alpha, RGB[..., 0])


def test_what_is_written_is_read(tmp_path: Path) -> None:
    assert checkpoints(tmp_path).read() is None
    checkpoints(tmp_path).write(lambda: SAVED)
    assert_same(checkpoints(tmp_path).read())
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.npz"]


def test_one_of_other_work_is_none(tmp_path: Path) -> None:
    checkpoints(tmp_path).write(lambda: SAVED)
    assert checkpoints(tmp_path, b"\x08" * 32).read() is None


@given(st.data())
def test_a_damaged_one_is_none(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.getbasetemp()
    checkpoints(folder).write(lambda: SAVED)
    path = folder / "checkpoint.npz"
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content) - 1))]
    else:
        place = data.draw(st.integers(0, len(content) - 16))
        content[place : place + 16] = data.draw(st.binary(min_size=16, max_size=16))
    path.write_bytes(content)
    read = checkpoints(folder).read()
    if read is not None:  # only what nobody looks at was changed
        assert_same(read)


def test_it_is_nobodys_business_that_the_folder_is_gone(tmp_path: Path) -> None:
    gone = checkpoints(tmp_path / "cancelled")
    gone.write(lambda: SAVED)
    assert gone.read() is None
    assert not (tmp_path / "cancelled").exists()


@pytest.mark.parametrize("trouble", [OSError(28, "No space left on device"), MemoryError()])
def test_one_that_cannot_be_written_takes_no_room_and_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    kept = checkpoints(tmp_path)
    kept.write(lambda: SAVED)

    def savez(file: IO[bytes], **_: object) -> None:
        file.write(b"as much as there is room for")
        raise trouble

    monkeypatch.setattr(np, "savez", savez)
    kept.write(lambda: SAVED)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.npz"]
    assert_same(kept.read())


def test_a_neighbour_is_left_alone(tmp_path: Path) -> None:
    neighbour = tmp_path / "checkpoint.part"
    neighbour.write_bytes(b"somebody's")
    checkpoints(tmp_path).write(lambda: SAVED)
    assert neighbour.read_bytes() == b"somebody's"


def test_without_a_path_nothing_is_kept() -> None:
    none = Checkpoints(None, DIGEST, 0.0)
    none.write(lambda: SAVED)
    assert not none.is_due
    assert none.read() is None


def test_writing_takes_a_small_share_of_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    kept = checkpoints(tmp_path, seconds=15.0)

    def slowly() -> Saved:
        nonlocal now
        now += 6.0
        return SAVED

    for second, due in ((114.9, False), (115.1, True)):
        now = second
        assert kept.is_due is due
    kept.write(slowly)
    for wait, due in ((15.0, False), (6.0 / SHARE - 1.0, False), (6.0 / SHARE + 1.0, True)):
        now = 121.1 + wait
        assert kept.is_due is due


PLAN = Plan(recipe=RecipeName.DRAFT, levels=(Level(width=8, height=8, evaluations=1),), seconds=1.0)


@pytest.fixture
def work(tmp_path: Path) -> Run:
    for name in ("content", "style", "mask", "previous"):
        (tmp_path / name).write_bytes(name.encode())
    knobs = Settings()
    return Run(
        job="job",
        attempt=1,
        content=str(tmp_path / "content"),
        styles=(WeightedStyle(image=str(tmp_path / "style"), weight=1.0),),
        settings=knobs,
        plan=PLAN,
        outbox="outbox",
        provenance=provenance(PLAN, knobs),
    )


CHANGES: list[Callable[[Run, Path], Run]] = [
    lambda run, path: run.model_copy(update={"content": path}),
    lambda run, path: run.model_copy(update={"previous": path}),
    lambda run, path: run.model_copy(update={"settings": Settings(seed=1)}),
    lambda run, path: run.model_copy(update={"plan": PLAN.model_copy(update={"width": 9})}),
    lambda run, path: run.model_copy(update={"styles": (WeightedStyle(image=str(path), weight=1.0),)}),
    lambda run, path: run.model_copy(update={"styles": (run.styles[0].model_copy(update={"weight": 2.0}),)}),
    lambda run, path: run.model_copy(
        update={"styles": (run.styles[0].model_copy(update={"mask": str(path)}),)}
    ),
]


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_the_picture_makes_it_other_work(
    work: Run, tmp_path: Path, change: Callable[[Run, Path], Run]
) -> None:
    changed = change(work, tmp_path / "previous")
    assert digest_of(changed, "sha256:1") != digest_of(work, "sha256:1")


def test_another_attempt_is_the_same_work_but_other_weights_are_not(work: Run) -> None:
    again = work.model_copy(update={"attempt": 2, "outbox": "elsewhere", "checkpoint": "there"})
    assert digest_of(again, "sha256:1") == digest_of(work, "sha256:1")
    assert digest_of(work, "sha256:2") != digest_of(work, "sha256:1")
