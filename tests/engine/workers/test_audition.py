"""An audition tile by tile: what is kept of it, what it is gone on from, and what a tile is finished from."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

from engine import images
from engine.painting.progress import Step
from engine.painting.scene import Scene
from engine.planning.auditions import plan_audition
from engine.planning.cost_model import Speed
from engine.planning.planner import make_plan
from engine.protocol import ImageFormat, Plan, RecipeName, Settings
from engine.workers import runner
from engine.workers.audition import Orders, hold
from engine.workers.checkpoints import Checkpoints, digest_of
from engine.workers.ipc import Audition, Progress, Report, Result, Run, Stop, WeightedStyle
from tests.engine.scripted import provenance
from tests.engine.sketch.worker import SketchSession
from tests.engine.workers.steps import noise

if TYPE_CHECKING:
    from engine.painting.session import Session as Session_

WIDTH, HEIGHT = 96, 64
STYLES = 3
SPEED = Speed(overhead=0.0, per_megapixel=50.0)  # so slow that a tile is small
SETTINGS = Settings(recipe=RecipeName.DRAFT, size=192, evaluations=4)


class Session(SketchSession):
    """Counts what it paints, and can fail at an evaluation of all that it paints."""

    def __init__(self) -> None:
        super().__init__()
        self._pause = 0.0
        self.painted = 0
        self.batches: list[int] = []
        self.fails_at: int | None = None

    def paint(self, scene: Scene, plan: Plan, settings: Settings, *, resume: Any = None) -> Iterator[Step]:
        for step in super().paint(scene, plan, settings, resume=resume):
            self.painted += 1
            if self.painted == self.fails_at:
                raise KeyboardInterrupt
            yield step

    def paint_batch(self, jobs: Sequence[tuple[Scene, Plan, Settings]]) -> Iterator[list[Step]]:
        self.batches.append(len(jobs))
        yield from super().paint_batch(jobs)


def auditioned(folder: Path, *, alpha: bool = False) -> Audition:
    """One of three styles that are noise."""
    finished = make_plan(SETTINGS, WIDTH, HEIGHT, SPEED)
    plan = plan_audition(finished, STYLES, SPEED)
    for name, picture in [("content", noise(WIDTH, HEIGHT, alpha=alpha))] + [
        (f"style-{n}", noise(40, 40, seed=n)) for n in range(1, STYLES + 1)
    ]:
        (folder / f"{name}.png").write_bytes(images.encode(picture, ImageFormat.PNG))
    tiles = [
        Run(
            job="a",
            attempt=1,
            content=str(folder / "content.png"),
            styles=(WeightedStyle(image=str(folder / f"style-{n}.png"), weight=1.0),),
            settings=SETTINGS,
            plan=finished,
            outbox=str(folder / f"outbox-{n}"),
            checkpoint=str(folder / f"tile-{n}.npz"),
            provenance=provenance(finished, SETTINGS),
        )
        for n in range(1, STYLES + 1)
    ]
    return Audition(job="a", attempt=1, plan=plan, outbox=str(folder / "outbox"), tiles=tuple(tiles))


def checkpoints_of(session: Session, tile: Run) -> Checkpoints:
    return Checkpoints(Path(tile.checkpoint or ""), digest_of(tile, session.network_digest), 1000.0)


def held(
    session: Session,
    audition: Audition,
    *,
    stop: Callable[[], Stop | None] = lambda: None,
    is_over: Callable[[], bool] = lambda: False,
    together: int = 1,
) -> list[Report]:
    checkpoints = [checkpoints_of(session, tile) for tile in audition.tiles]
    return list(
        hold(cast("Session_", session), audition, checkpoints, Orders(stop, is_over), together=together)
    )


def sheet_of(audition: Audition) -> bytes:
    return (Path(audition.outbox) / "result.jpeg").read_bytes()


def moments_of(audition: Audition) -> list[bytes]:
    return [path.read_bytes() for path in sorted(Path(audition.outbox).glob("moment-*"))]


def finished_from(session: Session, tile: Run, checkpoints: Checkpoints) -> np.ndarray[Any, Any]:
    reports = runner.paint(
        cast("Session_", session), tile, checkpoints, stop=lambda: None, is_over=lambda: False
    )
    assert isinstance(list(reports)[-1], Result)
    return images.decode((Path(tile.outbox) / "result.png").read_bytes(), "painting").rgb


def test_a_tile_is_the_beginning_of_its_picture(tmp_path: Path) -> None:
    plan = auditioned(tmp_path).plan
    assert plan.audition is not None
    assert plan.levels == plan.audition.finished.levels[: len(plan.levels)]
    assert 1 <= len(plan.levels) < len(plan.audition.finished.levels)
    assert plan.evaluations == STYLES * plan.tile.evaluations


def test_the_sheet_grows_tile_by_tile(tmp_path: Path) -> None:
    session, audition = Session(), auditioned(tmp_path)
    *before, result = held(session, audition)
    progress = [report for report in before if isinstance(report, Progress)]
    assert len(progress) == len(before)
    each = audition.plan.tile.evaluations
    assert [report.evaluation for report in progress] == [1, each, 2 * each, 3 * each]
    sheets = [images.decode(report.preview, "painting") for report in progress]
    assert len({(sheet.width, sheet.height) for sheet in sheets}) == 1
    assert isinstance(result, Result)
    assert (result.moments, result.stopped_early, result.evaluation) == (STYLES, False, 3 * each)
    assert len(moments_of(audition)) == STYLES
    assert session.painted == 3 * each


def test_each_tile_says_how_it_was_painted(tmp_path: Path) -> None:
    audition = auditioned(tmp_path)
    held(Session(), audition)
    for moment in moments_of(audition):
        said = images.read_provenance(moment)
        assert audition.plan.audition is not None
        assert said.plan == audition.plan.audition.finished
        assert said.evaluations_done == audition.plan.tile.evaluations


@pytest.mark.parametrize("fails_at", [0, 1])
def test_who_takes_it_up_again_begins_after_the_last_tile(tmp_path: Path, fails_at: int) -> None:
    for name in ("whole", "cut"):
        (tmp_path / name).mkdir()
    whole, cut = auditioned(tmp_path / "whole"), auditioned(tmp_path / "cut")
    held(Session(), whole)
    session, each = Session(), cut.plan.tile.evaluations
    session.fails_at = each * 2 + 1 + fails_at
    with pytest.raises(KeyboardInterrupt):
        held(session, cut)
    session.painted, session.fails_at = 0, None
    reports = held(session, cut)
    assert session.painted == each
    assert {report.taken_over for report in reports if isinstance(report, Progress)} == {2 * each}
    assert sheet_of(cut) == sheet_of(whole)
    assert moments_of(cut) == moments_of(whole)


def test_an_engine_that_ends_keeps_the_tiles_that_there_are(tmp_path: Path) -> None:
    session, audition = Session(), auditioned(tmp_path)
    each = audition.plan.tile.evaluations
    reports = held(session, audition, is_over=lambda: session.painted > each)
    assert all(isinstance(report, Progress) for report in reports)
    assert [Path(tile.checkpoint or "").exists() for tile in audition.tiles] == [True, False, False]


@pytest.mark.parametrize(("after", "moments"), [(0, 1), (1, 1), (2, 2), (2.5, 2)])
def test_what_is_stopped_to_be_kept_has_the_tiles_that_there_are(
    tmp_path: Path, after: float, moments: int
) -> None:
    session, audition = Session(), auditioned(tmp_path)
    each = audition.plan.tile.evaluations
    order = Stop(job="a", attempt=1, keep=True)
    result = held(session, audition, stop=lambda: order if session.painted >= after * each else None)[-1]
    assert isinstance(result, Result)
    assert (result.moments, result.stopped_early) == (moments, True)
    assert len(moments_of(audition)) == moments


def test_what_is_dropped_leaves_nothing(tmp_path: Path) -> None:
    order = Stop(job="a", attempt=1, keep=False)
    audition = auditioned(tmp_path)
    assert [report.type for report in held(Session(), audition, stop=lambda: order)] == ["stopped"]
    assert not Path(audition.outbox).exists()


@pytest.mark.parametrize(("together", "batches"), [(1, []), (2, [2]), (8, [3])])
def test_tiles_are_painted_side_by_side_where_that_pays(
    tmp_path: Path, together: int, batches: list[int]
) -> None:
    session, audition = Session(), auditioned(tmp_path)
    assert isinstance(held(session, audition, together=together)[-1], Result)
    assert session.batches == batches


def test_what_is_transparent_is_painted_by_itself(tmp_path: Path) -> None:
    session, audition = Session(), auditioned(tmp_path, alpha=True)
    assert isinstance(held(session, audition, together=3)[-1], Result)
    assert session.batches == []


def test_a_tile_that_is_finished_is_gone_on_from(tmp_path: Path) -> None:
    session, audition = Session(), auditioned(tmp_path)
    held(session, audition)
    session.painted = 0
    tile = audition.tiles[1]
    # A job of its own has notes and a forecast of its own, which decide nothing.
    run = tile.model_copy(update={"plan": tile.plan.model_copy(update={"seconds": 99.0})})
    goes_on = finished_from(session, run, checkpoints_of(session, tile))
    assert session.painted <= tile.plan.evaluations - audition.plan.tile.evaluations + 1
    afresh = finished_from(session, run, Checkpoints(None, b"", 1000.0))
    assert np.array_equal(goes_on, afresh)


def test_another_style_does_not_go_on_from_it(tmp_path: Path) -> None:
    session, audition = Session(), auditioned(tmp_path)
    held(session, audition)
    first, second = audition.tiles[:2]
    other = second.model_copy(update={"checkpoint": first.checkpoint})
    assert checkpoints_of(session, other).read() is None
