"""A worker process with the real network: what only that shows; `test_contract` has the rest, without it."""

import asyncio
import os
import resource
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from numpy.typing import NDArray
from structlog.testing import capture_logs

from engine import images
from engine.planning.cost_model import Speed
from engine.planning.placement import shape_of
from engine.protocol import ErrorCode, ImageFormat, Level, Plan, Precision, RecipeName, Settings
from engine.storage.files import snapshot_file
from engine.workers.interface import WorkerLost
from engine.workers.ipc import (
    LENGTH_BYTES,
    MESSAGES,
    Alive,
    Batch,
    Began,
    Equipment,
    Failure,
    Idle,
    Progress,
    Ready,
    Result,
    Run,
    RunReport,
    WeightedStyle,
    Work,
    pack,
)
from engine.workers.subprocess import LocalWorker
from tests.engine.engine_process import LONGEST_WAIT
from tests.engine.scripted import provenance, settle
from tests.speeds import SPEEDS, own_speeds, share_measured

pytestmark = [pytest.mark.integration, pytest.mark.network, pytest.mark.asyncio(loop_scope="module")]

ENDLESS = 100_000
MANY = 50  # more than one step's worth


def plan(side: int, evaluations: int) -> Plan:
    return Plan(
        recipe=RecipeName.STANDARD,
        levels=(Level(width=side, height=side, evaluations=evaluations),),
        seconds=1.0,
    )


def equipment(**changes: Any) -> Equipment:
    defaults = {"precision": Precision.FLOAT32, "speeds": os.environ[SPEEDS]}
    return Equipment(weights="packaged", device="cpu", **(defaults | changes))


def run_of(folder: Path, paths: dict[str, Path], plan: Plan, **settings: Any) -> Run:
    """Work on these images, for a job of its own."""
    folder.mkdir(exist_ok=True)
    knobs = Settings(**settings)
    return Run(
        job=folder.name,
        attempt=1,
        content=str(paths["content"]),
        styles=(WeightedStyle(image=str(paths["style-1"]), weight=1.0),),
        settings=knobs,
        plan=plan,
        outbox=str(folder / "attempt-1"),
        provenance=provenance(plan, knobs),
    )


def by_plan(work: Run, plan: Plan) -> Run:
    """The same work to be done, and told, by another plan."""
    told = work.provenance.model_copy(update={"plan": plan})
    return work.model_copy(update={"plan": plan, "provenance": told})


@pytest.fixture(scope="module")
def paths(upload: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("sent")
    for name, data in upload.items():
        (folder / name).write_bytes(data)
    return {name: folder / name for name in upload}


@pytest.fixture
def work(paths: dict[str, Path], tmp_path: Path) -> Run:
    return run_of(tmp_path / "job", paths, plan(64, 3))


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def started(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[LocalWorker, Speed]]:
    """A worker, and what it has said of this machine."""
    speeds = own_speeds(tmp_path_factory.mktemp("measured") / "speed")
    local = LocalWorker(equipment(checkpoint_seconds=0.0, speeds=str(speeds)))
    speed = (await local.start()).speed
    share_measured(speeds)
    yield local, speed
    await local.close()


@pytest.fixture(scope="module")
def worker(started: tuple[LocalWorker, Speed]) -> LocalWorker:
    worker, speed = started
    assert speed.per_megapixel > 0
    assert speed.precision is Precision.FLOAT32
    return worker


def pid_of(worker: LocalWorker) -> int:
    assert worker.pid is not None
    return worker.pid


def address_space_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()


def file_of(work: Run, name: str) -> bytes:
    return (Path(work.outbox) / name).read_bytes()


async def painted(worker: LocalWorker, work: Run) -> NDArray[np.uint8]:
    assert isinstance((await all_of(worker, work))[-1], Result)
    return images.decode(file_of(work, "result.png"), "content").rgb


async def after_beginning(worker: LocalWorker, batch: Sequence[Run]) -> AsyncIterator[tuple[Work, Any]]:
    """What is said once the beginnings are told."""
    async for run, report in worker.run(batch):
        if not isinstance(report, Began):
            yield run, report


async def reports_of(worker: LocalWorker, work: Run) -> AsyncIterator[Any]:
    async for _, report in after_beginning(worker, [work]):
        yield report


async def all_of(worker: LocalWorker, work: Run) -> list[Any]:
    return [report async for report in reports_of(worker, work)]


async def batch_of(worker: LocalWorker, *batch: Run) -> dict[str, list[Any]]:
    """What is said of each job."""
    said: dict[str, list[Any]] = {run.job: [] for run in batch}
    async for run, report in after_beginning(worker, batch):
        said[run.job].append(report)
    return said


async def test_it_paints_and_shows_the_first_preview_at_once(worker: LocalWorker, work: Run) -> None:
    first, *_, last = await all_of(worker, by_plan(work, plan(64, MANY)))
    assert isinstance(first, Progress)
    assert 0 < first.evaluation < first.evaluations == MANY
    assert images.decode(first.preview, "content").width == 64
    assert isinstance(last, Result)
    painting = images.decode(file_of(work, "result.png"), "content")
    assert (painting.width, painting.height) == (last.width, last.height) == (64, 64)
    assert images.read_provenance(file_of(work, "result.png")).evaluations_done == last.evaluation == MANY
    assert not last.stopped_early
    assert last.likeness is not None
    assert 0 < last.likeness.style_reached <= 100


async def test_its_snapshots_tell_how_it_came_about(worker: LocalWorker, work: Run) -> None:
    last = (await all_of(worker, by_plan(work, plan(64, MANY))))[-1]
    assert isinstance(last, Result)
    snapshots = [file_of(work, snapshot_file(number)) for number in range(1, last.moments + 1)]
    assert len(snapshots) >= 3
    done = [images.read_provenance(snapshot).evaluations_done for snapshot in snapshots]
    assert done == sorted(set(done))
    assert done[-1] == MANY
    pictures = [images.decode(snapshot, "content") for snapshot in snapshots]
    assert {(picture.width, picture.height) for picture in pictures} == {(64, 64)}
    result = images.decode(file_of(work, "result.png"), "content")
    away = [np.abs(result.rgb.astype(float) - picture.rgb).mean() for picture in pictures]
    assert away[-1] == min(away) < away[0]


async def test_the_same_work_gives_the_same_painting(worker: LocalWorker, work: Run) -> None:
    other = work.model_copy(update={"settings": Settings(seed=1)})
    once, again, changed = [await painted(worker, run) for run in (work, work, other)]
    assert np.array_equal(once, again)
    assert not np.array_equal(once, changed)


async def beginning_of(worker: LocalWorker, *batch: Run) -> list[Began]:
    """What is said of the beginnings, of work that is done when this returns."""
    return [report async for _, report in worker.run(batch) if isinstance(report, Began)]


def of_recipe(work: Run, recipe: RecipeName, *sides: int) -> Run:
    levels = tuple(Level(width=side, height=side, evaluations=1) for side in sides)
    return by_plan(work, Plan(recipe=recipe, levels=levels, seconds=1.0))


async def test_it_says_which_levels_it_has_to_compile(worker: LocalWorker, work: Run) -> None:
    """Of each recipe the first, whatever their shapes are."""
    await beginning_of(worker, of_recipe(work, RecipeName.STANDARD, 40))
    (draft,) = await beginning_of(worker, of_recipe(work, RecipeName.DRAFT, 40, 72))
    (other,) = await beginning_of(worker, of_recipe(work, RecipeName.TUTORIAL, 40, 72))
    (again,) = await beginning_of(worker, of_recipe(work, RecipeName.TUTORIAL, 72, 56))
    assert other.compiling == (worker.abilities.speed.compiling, 0.0)
    assert draft.compiling == again.compiling == (0.0, 0.0)
    tutorial = of_recipe(work, RecipeName.TUTORIAL, 40)
    assert shape_of(tutorial.plan) in worker.at_hand.shapes
    assert {*work.provenance.styles} <= {*worker.at_hand.styles}


async def test_too_little_memory_is_a_failure_and_the_model_stays(worker: LocalWorker, work: Run) -> None:
    pid = pid_of(worker)
    limits = resource.prlimit(pid, resource.RLIMIT_AS, (address_space_of(pid) + 512 * 2**20, -1))
    *_, report = await all_of(worker, by_plan(work, plan(4096, 1)))
    resource.prlimit(pid, resource.RLIMIT_AS, limits)
    assert isinstance(report, Failure)
    assert report.error.code is ErrorCode.OUT_OF_MEMORY
    assert isinstance((await all_of(worker, work))[-1], Result)
    assert pid_of(worker) == pid


async def test_a_polite_end_is_left_to_the_engine(worker: LocalWorker, work: Run) -> None:
    pid = pid_of(worker)
    os.kill(pid, signal.SIGTERM)
    assert isinstance((await all_of(worker, work))[-1], Result)
    assert pid_of(worker) == pid


def messages_in(output: bytes) -> list[Any]:
    messages = []
    while output:
        end = LENGTH_BYTES + int.from_bytes(output[:LENGTH_BYTES])
        messages.append(MESSAGES.validate_json(output[LENGTH_BYTES:end]))
        output = output[end:]
    return messages


async def test_a_device_in_trouble_costs_the_worker_and_not_the_job(work: Run) -> None:
    # No device here breaks on demand: TensorFlow's own error for it is raised where the device would.
    script = (
        "import sys\n"
        "from tensorflow.errors import InternalError\n"
        "from engine.painting.session import Session\n"
        "from engine.workers import main\n"
        "from engine.workers.ipc import Equipment\n"
        "def paint(*_, **__):\n"
        "    raise InternalError(None, None, 'the device is lost')\n"
        "Session.paint = paint\n"
        "main.main(Equipment.model_validate_json(sys.argv[1]))\n"
    )
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, equipment().model_dump_json(), stdin=PIPE, stdout=PIPE
    )
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(pack(Batch(runs=(work,))))
    said = messages_in(await asyncio.wait_for(child.stdout.read(), LONGEST_WAIT))
    told = [type(message) for message in said if not isinstance(message, Alive | Idle)]
    assert told == [Ready, RunReport]  # that it began
    assert await child.wait() == 1


# --- side by side -----------------------------------------------------------------------------------------


@pytest.fixture
def other(paths: dict[str, Path], tmp_path: Path) -> Run:
    """The two images with their parts exchanged."""
    exchanged = {"content": paths["style-1"], "style-1": paths["content"]}
    return run_of(tmp_path / "other", exchanged, plan(64, 3))


async def test_side_by_side_each_gets_its_own_painting(worker: LocalWorker, work: Run, other: Run) -> None:
    said = await batch_of(worker, work, other)
    together = [images.decode(file_of(run, "result.png"), "content").rgb for run in (work, other)]
    alone = [await painted(worker, run) for run in (work, other)]
    for run, picture, expected in zip((work, other), together, alone, strict=True):
        first, *_, last = said[run.job]
        assert isinstance(first, Progress)
        assert images.decode(first.preview, "content").width == 64
        assert (type(last), last.evaluation, last.stopped_early) == (Result, 3, False)
        assert images.read_provenance(file_of(run, snapshot_file(last.moments))).evaluations_done == 3
        assert np.abs(picture.astype(int) - expected).mean() < 4
    assert np.abs(together[0].astype(int) - together[1]).mean() > 30


async def test_what_does_not_go_side_by_side_is_painted_by_itself(
    worker: LocalWorker, work: Run, other: Run, paths: dict[str, Path], tmp_path: Path
) -> None:
    cut_out = tmp_path / "cut-out.png"
    rgb = images.decode(paths["content"].read_bytes(), "content").rgb
    alpha = np.full(rgb.shape[:2], 255, np.uint8)
    alpha[:, :9] = 0
    picture = images.Picture(rgb, alpha)
    cut_out.write_bytes(images.encode(picture, ImageFormat.PNG))
    clear = run_of(tmp_path / "clear", {**paths, "content": cut_out}, plan(64, 3))
    said = await batch_of(worker, work, clear, other)
    assert [type(reports[-1]) for reports in said.values()] == [Result] * 3
    assert images.decode(file_of(clear, "result.png"), "content").alpha is not None


async def test_a_batch_too_large_for_memory_is_painted_one_by_one(
    worker: LocalWorker, paths: dict[str, Path], tmp_path: Path
) -> None:
    batch = [run_of(tmp_path / name, paths, plan(256, 2)) for name in ("a", "b", "c", "d")]
    pid = pid_of(worker)
    room = address_space_of(pid) + 1000 * 2**20  # for one, not for four
    limits = resource.prlimit(pid, resource.RLIMIT_AS, (room, -1))
    said = [(run.job, report) async for run, report in after_beginning(worker, batch)]
    resource.prlimit(pid, resource.RLIMIT_AS, limits)
    assert [job for job, report in said if isinstance(report, Result)] == ["a", "b", "c", "d"]
    assert [job for job, _ in said] == sorted(job for job, _ in said)  # each is done before the next begins
    assert pid_of(worker) == pid


# --- going on ---------------------------------------------------------------------------------------------


async def interrupted(
    started: tuple[LocalWorker, Speed], run: Run, end: Callable[[], Awaitable[None]]
) -> Run:
    """End the worker in the middle of this, which loses it, and start it again: returns the next attempt."""
    worker, speed = started
    checkpoint = Path(run.outbox).with_name("checkpoint.npz")
    run = run.model_copy(update={"checkpoint": str(checkpoint)})
    reports = reports_of(worker, run)
    await anext(reports)
    await settle(partial(asyncio.to_thread, checkpoint.exists))
    await end()
    with pytest.raises(WorkerLost):
        [report async for report in reports]
    with pytest.raises(WorkerLost):
        await anext(reports_of(worker, run))
    learnt = worker.abilities.speed
    assert (await worker.start()).speed in (speed, learnt)  # not measured again
    outbox = str(Path(run.outbox).with_name("attempt-2"))
    return run.model_copy(update={"attempt": 2, "outbox": outbox})


async def test_a_killed_worker_is_lost_and_comes_back_and_its_painting_goes_on_bit_for_bit(
    started: tuple[LocalWorker, Speed], worker: LocalWorker, work: Run
) -> None:
    levels = (Level(width=40, height=40, evaluations=15), Level(width=72, height=72, evaluations=35))
    work = by_plan(work, Plan(recipe=RecipeName.STANDARD, levels=levels, seconds=1.0))

    async def kill() -> None:
        os.kill(pid_of(worker), signal.SIGKILL)

    undisturbed = await painted(worker, work)
    again = await interrupted(started, work, kill)
    first, *_, last = await all_of(worker, again)
    assert isinstance(first, Progress)
    assert isinstance(last, Result)
    assert first.evaluation >= first.taken_over > 0
    assert last.evaluation == 50
    assert np.array_equal(images.decode(file_of(again, "result.png"), "content").rgb, undisturbed)
    # The story begins where the first attempt did.
    assert images.read_provenance(file_of(again, snapshot_file(1))).evaluations_done <= first.taken_over


# --- not starting -----------------------------------------------------------------------------------------


async def test_unusable_weights_are_said_and_the_worker_is_lost(tmp_path: Path) -> None:
    weights = tmp_path / "weights.h5"
    weights.write_bytes(b"no weights")
    # In order: an abort would leave a core file at every try.
    with capture_logs() as logs, pytest.raises(WorkerLost):
        await LocalWorker(Equipment(weights=str(weights), device="cpu")).start()
    assert [entry["status"] for entry in logs] == [1]


async def test_a_missing_device_is_no_excuse_to_take_another() -> None:
    with pytest.raises(WorkerLost):
        await LocalWorker(Equipment(weights="packaged", device="gpu:63")).start()
