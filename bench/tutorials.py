"""The tutorial's pictures, painted once and kept: a thousand steps of sixteen pairs take an hour or more.

Rule: what was kept is used only as long as the code at hand still begins in the same way, so before each use a
few steps are painted again and their losses compared. That also tells the seconds of a step in this run.
"""

import json
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from bench.scenes import Subject, single_level
from engine import images
from engine.images import Picture
from engine.painting.progress import Step
from engine.painting.scene import Scene, Style
from engine.painting.session import Session
from engine.protocol import ImageFormat, RecipeName, Settings

KEPT = Path(__file__).parent / "kept"
CHECKED = 6  # steps painted again; the first is slow, as it compiles
TOLERANCE = 1e-3  # of a loss, for other machines' rounding


@dataclass(frozen=True)
class KeptLosses:
    """Of a tutorial that was painted before, and how long all of it took."""

    losses: list[float]  # after each step
    seconds: float


@dataclass(frozen=True)
class Tutorial:
    """The tutorial's pictures after some of its steps, and its losses after each."""

    pictures: dict[int, Picture]
    losses: list[float]
    seconds_of_step: float  # in this run of the bench


def tutorial(session: Session, subject: Subject, steps: Sequence[int], folder: Path = KEPT) -> Tutorial:
    """The tutorial's pictures of a pair after each of `steps`, from `folder` if they are there and still hold.

    Files: PHOTO-PAINTING-SIZE-STEPS.png and PHOTO-PAINTING-SIZE.json.
    """
    kept = _read(subject, steps, folder)
    if kept is not None:
        seconds = _seconds_if_same(session, subject, kept)
        if seconds is not None:
            pictures = {
                count: images.decode(_picture(subject, count, folder).read_bytes(), "content")
                for count in steps
            }
            return Tutorial(pictures, kept.losses, seconds)
        print(f"{subject.pair}: what is kept in {folder} was painted otherwise; again", flush=True)
    return _paint(session, subject, steps, folder)


def _read(subject: Subject, steps: Sequence[int], folder: Path) -> KeptLosses | None:
    path = _losses_file(subject, folder)
    if not path.is_file() or not all(_picture(subject, count, folder).is_file() for count in steps):
        return None
    return KeptLosses(**json.loads(path.read_text(encoding="utf-8")))


def _seconds_if_same(session: Session, subject: Subject, kept: KeptLosses) -> float | None:
    """Seconds of a step, if the first ones give the losses that they gave before."""
    losses, seconds = [], []
    start = time.perf_counter()
    for step in _steps(session, subject, CHECKED):
        losses.append(step.losses["total"])
        seconds.append(time.perf_counter() - start)
        start = time.perf_counter()
    same = np.allclose(losses, kept.losses[:CHECKED], rtol=TOLERANCE)
    return statistics.median(seconds[1:]) if same else None


def _paint(session: Session, subject: Subject, steps: Sequence[int], folder: Path) -> Tutorial:
    folder.mkdir(parents=True, exist_ok=True)
    pictures, losses, ends = {}, [], []
    start = time.perf_counter()
    for step in _steps(session, subject, max(steps)):
        losses.append(step.losses["total"])
        ends.append(time.perf_counter())
        if step.evaluation in steps:
            pictures[step.evaluation] = step.picture()
            path = _picture(subject, step.evaluation, folder)
            path.write_bytes(images.encode(pictures[step.evaluation], ImageFormat.PNG))
    kept = KeptLosses(losses, ends[-1] - start)
    _losses_file(subject, folder).write_text(
        json.dumps(asdict(kept)), encoding="utf-8"
    )  # last: it is complete
    return Tutorial(pictures, losses, float(np.median(np.diff(ends))))


def _steps(session: Session, subject: Subject, count: int) -> Iterator[Step]:
    """The tutorial as it was: the picture has its size before anything else."""
    scene = Scene(subject.content, [Style(subject.study)])
    return session.paint(scene, single_level(subject, RecipeName.TUTORIAL, count), Settings())


def _picture(subject: Subject, steps: int, folder: Path) -> Path:
    return folder / f"{subject.pair}-{steps}.png"


def _losses_file(subject: Subject, folder: Path) -> Path:
    return folder / f"{subject.pair}.json"
