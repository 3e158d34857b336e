"""What becomes of a job, in every state and by every hand: real store, real dispatcher, scripted workers."""

import asyncio
import errno
import threading
from collections.abc import AsyncIterator, Awaitable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import sqlalchemy as sa
from PIL import Image
from structlog.testing import capture_logs

from engine import images
from engine.images import Picture
from engine.planning.cost_model import Speed
from engine.protocol import (
    Cancelled,
    ErrorCode,
    Event,
    Failed,
    Finished,
    ImageFormat,
    JobRequest,
    JobState,
    JobView,
    Level,
    Likeness,
    Note,
    NoteCode,
    Owner,
    Preview,
    Problem,
    Queued,
    Refusal,
    Start,
    Started,
    StyleChoice,
)
from engine.service.config import EngineConfig
from engine.service.dispatcher import Dispatcher
from engine.service.event_stream import EventStream
from engine.service.job import PREVIEWS_KEPT, Attempt
from engine.service.jobs import Jobs
from engine.service.losses import MAX_ATTEMPTS, MAX_INTERRUPTIONS
from engine.service.metrics import Metrics
from engine.service.paintings import Paintings
from engine.service.retention import Retention
from engine.storage.files import TIMELAPSE, snapshot_file
from engine.storage.jobs import JobRecord, JobStore, open_store
from engine.styles import catalogue
from engine.workers.interface import WorkerLost
from engine.workers.ipc import Began, Failure, Stop, Stopped, WeightedStyle
from tests.engine.damage import spoil
from tests.engine.engine_process import LONGEST_WAIT
from tests.engine.scripted import FILES, Painting, ScriptedWorker, ids, progress, record, result, settle

CONFIG = EngineConfig(jobs_per_user=3, jobs_per_group=5, jobs_total=8)
AS_PLANNED = Speed(0.8, 0.0)  # at which `record` takes the seconds of its plan
KEEP_SECONDS, KEEP_BYTES = CONFIG.keep_hours * 3600, 10**9


@dataclass
class Atelier:
    """Everything behind the server."""

    store: JobStore
    jobs: Jobs
    paintings: Paintings
    dispatcher: Dispatcher
    worker: ScriptedWorker

    async def admit(self, *records: JobRecord) -> None:
        for one in records:
            await self.jobs.admit(one, FILES)

    async def finished(self, record: JobRecord, painting: Painting) -> None:
        painting.leave(self.store.files.outbox(record.id, record.attempt))
        await self.jobs.finished(record, painting)

    async def painting(self, job: JobRecord) -> bytes:
        return (await self.paintings.result(job.id)).read_bytes()

    async def reaches(self, job: JobRecord, state: JobState) -> None:
        async def reached() -> bool:
            return (await self.jobs.view(job.id)).state is state

        await settle(reached)

    async def is_handed_out(self, job: JobRecord) -> None:
        """Wait until the worker has it, so that what it is to say next is of this job."""

        async def handed_out() -> bool:
            return any(run.job == job.id for run in self.worker.runs)

        await settle(handed_out)


@asynccontextmanager
async def atelier(data_dir: Path, *, at_work: bool = True) -> AsyncIterator[Atelier]:
    store = await open_store(data_dir)
    jobs, worker = Jobs(store, CONFIG, Metrics()), ScriptedWorker()
    worker.speed = AS_PLANNED
    await jobs.restore()
    await Retention(store, KEEP_SECONDS, KEEP_BYTES).tidy()
    dispatcher = Dispatcher([worker], jobs, store.files, Metrics())
    if at_work:
        dispatcher.start()
    telling = asyncio.create_task(jobs.keep_telling(), name="telling")
    try:
        yield Atelier(store, jobs, Paintings(store), dispatcher, worker)
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
        await dispatcher.close()
        await store.close()


@pytest.fixture
async def working(tmp_path: Path) -> AsyncIterator[Atelier]:
    async with atelier(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
async def idle(tmp_path: Path) -> AsyncIterator[Atelier]:
    """Nobody paints, so that everything waits."""
    async with atelier(tmp_path / "data", at_work=False) as opened:
        yield opened


async def rest_of(stream: EventStream, last: int = 0) -> list[Event]:
    events: list[Event] = []
    while (envelope := await stream.after(last)) is not None:
        last = envelope.id
        events.append(envelope.event)
    return events


async def code_of(attempt: Awaitable[object]) -> ErrorCode:
    with pytest.raises(Refusal) as refusal:
        await attempt
    return refusal.value.code


# --- admission --------------------------------------------------------------------------------------------


async def test_a_key_is_one_job_however_often_it_is_sent(idle: Atelier) -> None:
    views = await asyncio.gather(*(idle.jobs.admit(record(key="k"), FILES) for _ in range(50)))
    assert len({view.id for view in views}) == 1
    assert idle.store.files.jobs() == [views[0].id]
    other = record(key="k", digest="another")
    assert await code_of(idle.jobs.admit(other, FILES)) is ErrorCode.KEY_REUSED
    assert idle.store.files.jobs() == [views[0].id]
    await idle.jobs.cancel(views[0].id)  # which is remembered
    assert (await idle.jobs.admit(record(key="k"), FILES)).id == views[0].id
    assert await code_of(idle.jobs.admit(other, FILES)) is ErrorCode.KEY_REUSED
    assert idle.store.files.jobs() == []


async def test_the_caps_count_users_groups_and_all(idle: Atelier) -> None:
    await idle.admit(*(record("ann", f"group-{i}") for i in range(3)))
    assert await code_of(idle.jobs.admit(record("ann", "else"), FILES)) is ErrorCode.USER_QUEUE_FULL
    await idle.admit(*(record(f"user-{i}", "oaks") for i in range(5)))
    assert await code_of(idle.jobs.admit(record("bob", "oaks"), FILES)) is ErrorCode.GROUP_QUEUE_FULL
    assert await code_of(idle.jobs.admit(record("bob", "elms"), FILES)) is ErrorCode.QUEUE_FULL
    assert len(idle.store.files.jobs()) == 8


async def test_a_full_disk_is_said_and_leaves_nothing_behind(idle: Atelier) -> None:
    def large(user: str) -> JobRecord:
        return record(user, f"group-of-{user}", digest="0" * 3000)

    async with idle.store._engine.connect() as connection:
        pages = await connection.scalar(sa.text("PRAGMA page_count"))
        await connection.execute(sa.text(f"PRAGMA max_page_count = {pages}"))
    told = await asyncio.gather(
        *(idle.jobs.admit(large(f"user-{i}"), FILES) for i in range(8)), return_exceptions=True
    )
    refused = [answer for answer in told if isinstance(answer, Refusal)]
    assert {refusal.code for refusal in refused} == {ErrorCode.STORAGE_FULL}
    admitted = [answer.id for answer in told if isinstance(answer, JobView)]
    assert sorted(idle.store.files.jobs()) == sorted(admitted)
    assert len(admitted) + len(refused) == 8


async def test_positions_and_times_are_fair(idle: Atelier) -> None:
    jobs = [record("ann", "oaks"), record("ann", "oaks"), record("bob", "oaks"), record("cid", "elms")]
    await idle.admit(*jobs)
    views = [await idle.jobs.view(job.id) for job in jobs]
    assert [view.position for view in views] == [1, 4, 3, 2]
    assert [view.eta_seconds for view in views] == [10, 40, 30, 20]


async def test_moving_up_is_told(idle: Atelier) -> None:
    first, second = record("ann", "oaks"), record("bob", "oaks")
    await idle.admit(first, second)
    stream = await idle.jobs.events(second.id)
    told = await stream.after(0)
    assert told is not None
    assert told.event == Queued(position=2, eta_seconds=20)
    await idle.jobs.cancel(first.id)
    told = await stream.after(told.id)
    assert told is not None
    assert told.event == Queued(position=1, eta_seconds=10)


async def test_unknown_jobs_are_not_found(idle: Atelier) -> None:
    for call in (idle.jobs.view, idle.jobs.cancel, idle.jobs.finish, idle.jobs.events):
        assert await code_of(call("nothing")) is ErrorCode.NOT_FOUND


# --- painting ---------------------------------------------------------------------------------------------


async def test_a_job_is_painted_and_told_of(working: Atelier) -> None:
    job = record()
    await working.admit(job)
    reading = asyncio.create_task(rest_of(await working.jobs.events(job.id)))
    await working.reaches(job, JobState.RUNNING)
    working.worker.say(progress(0.25, 2))

    async def seen() -> bool:
        return (await working.jobs.view(job.id)).progress == 0.25

    await settle(seen)
    working.worker.say(result(b"painting"))
    told = [type(event) for event in await reading]
    assert told[-3:] == [Started, Preview, Finished]
    view = await working.jobs.view(job.id)
    assert (view.state, view.seconds, view.losses) == (JobState.FINISHED, 2.0, {"total": 0.5})
    assert await working.painting(job) == b"painting"


async def test_a_worker_is_told_all_that_it_needs_and_not_whose_it_is(working: Atelier) -> None:
    styles = (
        StyleChoice(part="style-1", mask="mask-1"),
        StyleChoice(name="great_wave", weight=2.0),
    )
    wish = JobRequest(
        owner=Owner(group="oaks", user="somebody-secret"), styles=styles, strength=70, start=Start.PREVIOUS
    )
    job = record(
        request=wish, sources=("sha256:0", "great_wave"), masks=("sha256:2", None), previous="sha256:3"
    )
    files = FILES | {"mask-1.png": b"mask", "previous.png": b"earlier"}
    await working.jobs.admit(job, files)
    await working.is_handed_out(job)
    run = working.worker.runs[0]
    names = ("content.png", "style-1.png", "mask-1.png", "previous.png")
    there = [str(working.store.files.path(job.id, name).resolve()) for name in names]
    assert [run.content, run.styles[0].image, run.styles[0].mask, run.previous] == there
    bundled = WeightedStyle(image=str(catalogue.image_path("great_wave")), weight=2.0)
    assert run.styles[1] == bundled
    assert run.settings.strength == run.provenance.settings.strength == 70
    assert (run.provenance.content, run.provenance.styles) == ("sha256:1", ("sha256:0", "great_wave"))
    assert run.provenance.weights == (1.0, 2.0)
    assert (run.provenance.masks, run.provenance.previous) == (("sha256:2", None), "sha256:3")
    assert "somebody-secret" not in run.model_dump_json()


async def test_a_painting_comes_with_its_snapshots_its_likeness_and_notes(working: Atelier) -> None:
    before, after = (
        Note.of(NoteCode.FLAT_STYLE, image="style"),
        Note.of(NoteCode.OVER_BYTES, size=300, preset="emoji", limit=256),
    )
    job = record()
    job = job.but(plan=job.plan.model_copy(update={"notes": (before,)}))
    await working.admit(job)
    for call in (working.paintings.result, working.paintings.timelapse):
        assert await code_of(call(job.id)) is ErrorCode.NOT_PAINTED_YET
    assert await code_of(working.paintings.snapshot(job.id, 1)) is ErrorCode.NOT_PAINTED_YET
    assert (await working.jobs.view(job.id)).notes == (before,)
    working.worker.say(result(b"painting", format=ImageFormat.WEBP, moments=2, notes=(after,)))
    await working.reaches(job, JobState.FINISHED)
    (told,) = await rest_of(await working.jobs.events(job.id))
    assert told == Finished(
        seconds=2.0,
        width=8,
        height=8,
        format=ImageFormat.WEBP,
        moments=2,
        losses={"total": 0.5},
        likeness=Likeness(style_reached=80, content_kept=60),
        notes=(before, after),
    )
    assert (await working.jobs.view(job.id)).as_outcome == told.as_outcome
    assert (await working.paintings.result(job.id)).read_bytes() == b"painting"
    assert (await working.paintings.snapshot(job.id, 2)).read_bytes() == b"moment-02"
    for number in (0, 3):
        assert await code_of(working.paintings.snapshot(job.id, number)) is ErrorCode.NOT_FOUND


async def test_a_result_without_its_files_fails_the_job(idle: Atelier) -> None:
    job = record()
    await idle.admit(job)
    await idle.jobs.finished(await idle.jobs.claim(idle.worker), result())
    view = await idle.jobs.view(job.id)
    assert view.error is not None
    assert view.error.code is ErrorCode.INTERNAL
    assert await code_of(idle.paintings.result(job.id)) is ErrorCode.NOT_FOUND


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Time that stands still unless a test moves `now`, for whatever a job reckons with it."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr("engine.service.job.time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def attempt_at(engine: Atelier, job: JobRecord) -> Attempt:
    attempt = engine.jobs._open[job.id].attempt
    assert attempt is not None
    return attempt


@pytest.mark.usefixtures("clock")
async def test_evaluations_that_an_earlier_attempt_did_are_not_counted_again(idle: Atelier) -> None:
    job = record()
    await idle.admit(job)
    await idle.jobs.claim(idle.worker)
    first = attempt_at(idle, job)
    first.take(progress(0.5, 5))
    assert first.count(5) == 5
    idle.jobs._open[job.id].begin(idle.worker, AS_PLANNED)
    second = attempt_at(idle, job)
    second.take(progress(0.6, 6, taken_over=5))
    assert second.count(6) == 1
    assert second.seconds_left() == pytest.approx(0.4 * job.plan.seconds)


async def test_what_has_to_be_compiled_takes_longer(idle: Atelier, clock: SimpleNamespace) -> None:
    coarse, fine = Level(width=8, height=8, evaluations=5), Level(width=16, height=16, evaluations=5)
    plan = record().plan.model_copy(update={"levels": (coarse, fine)})
    job, idle.worker.compiling = record(plan=plan), 3.0
    await idle.admit(job)
    await idle.jobs.claim(idle.worker)
    first = attempt_at(idle, job)
    assert first.seconds_left() == pytest.approx(10 + 3)
    clock.now += 3 + 2  # the first level was compiled, and a fifth is painted
    first.take(progress(0.2, 2))
    assert first.seconds_left() == pytest.approx(8)


@pytest.mark.usefixtures("clock")
async def test_a_beginning_is_told_once_the_worker_knows_what_it_has_to_compile(idle: Atelier) -> None:
    coarse, fine = Level(width=8, height=8, evaluations=5), Level(width=16, height=16, evaluations=5)
    plan = record().plan.model_copy(update={"levels": (coarse, fine)})
    job, idle.worker.compiling = record(plan=plan), 3.0
    await idle.admit(job)
    claimed = await idle.jobs.claim(idle.worker)
    assert (await idle.jobs.view(job.id)).eta_seconds == pytest.approx(10 + 3)
    idle.jobs.began(claimed, Began(compiling=(0.0, 4.0)))
    told = await (await idle.jobs.events(job.id)).after(0)
    assert told is not None
    assert told.event == Started(attempt=1, eta_seconds=14.0)
    assert (await idle.jobs.view(job.id)).eta_seconds == pytest.approx(10 + 4)


async def test_what_is_begun_anew_is_counted_anew(idle: Atelier, clock: SimpleNamespace) -> None:
    job = record()
    await idle.admit(job)
    claimed = await idle.jobs.claim(idle.worker)
    idle.jobs.began(claimed, Began(compiling=(0.0,)))
    idle.jobs.progressed(claimed, progress(0.5, 5))
    clock.now += 100  # side by side it failed
    idle.jobs.began(claimed, Began(compiling=(0.0,)))
    assert (await idle.jobs.view(job.id)).eta_seconds == pytest.approx(10)
    assert (await idle.jobs.view(job.id)).progress == 0
    idle.jobs.progressed(claimed, progress(0.1, 1))
    assert (await idle.jobs.view(job.id)).progress == 0.1


async def test_of_what_was_sent_only_the_picture_is_kept_when_it_is_painted(working: Atelier) -> None:
    painted, broken = record(), record()
    error = Problem(code=ErrorCode.OUT_OF_MEMORY)
    working.worker.say(WorkerLost, result(moments=1), Failure(error=error))
    for job in (painted, broken):
        await working.jobs.admit(job, FILES | {"checkpoint.npz": b"so far"})
    await working.reaches(broken, JobState.FAILED)

    assert working.store.files.jobs() == [painted.id]
    folder = working.store.files.path(painted.id, "")
    assert sorted(path.name for path in folder.iterdir()) == [
        "content.png",
        "moment-01",
        "result.png",
    ]


async def test_an_end_is_told_when_the_files_are_as_they_will_stay(
    working: Atelier, monkeypatch: pytest.MonkeyPatch
) -> None:
    removing, may_go_on = asyncio.Event(), threading.Event()
    loop, keep_only = asyncio.get_running_loop(), working.store.files.keep_only

    def keep_only_slowly(job: str, names: Collection[str]) -> None:
        loop.call_soon_threadsafe(removing.set)
        assert may_go_on.wait(LONGEST_WAIT)
        keep_only(job, names)

    monkeypatch.setattr(working.store.files, "keep_only", keep_only_slowly)
    job = record()
    await working.admit(job)
    working.worker.say(result())
    await removing.wait()
    assert (await working.jobs.view(job.id)).state is JobState.RUNNING
    reading = asyncio.create_task(rest_of(await working.jobs.events(job.id)))
    may_go_on.set()
    assert isinstance((await reading)[-1], Finished)
    names = {path.name for path in working.store.files.path(job.id, "").iterdir()}
    assert names == {"result.png", "content.png"}


async def test_an_end_is_told_even_if_files_cannot_be_removed(
    working: Atelier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_job: str, _names: Collection[str]) -> None:
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(working.store.files, "keep_only", refuse)
    job = record()
    await working.admit(job)
    working.worker.say(result(b"painting"))
    assert isinstance((await rest_of(await working.jobs.events(job.id)))[-1], Finished)
    assert await working.painting(job) == b"painting"


async def test_what_a_worker_writes_of_a_cancelled_job_goes_too(working: Atelier) -> None:
    job, other = record("ann"), record("bob")
    await working.admit(job)
    await working.is_handed_out(job)
    reading = asyncio.create_task(rest_of(await working.jobs.events(job.id)))
    await working.jobs.cancel(job.id)
    assert Cancelled() in await reading  # before the worker has stopped
    assert working.store.files.path(job.id, "content.png").exists()
    working.store.files.add(job.id, "checkpoint.npz", b"so far")
    working.worker.say(Stopped(), result())
    await working.admit(other)
    await working.reaches(other, JobState.FINISHED)
    assert working.store.files.jobs() == [other.id]


async def test_what_a_worker_leaves_of_a_cancelled_job_that_failed_goes_too(idle: Atelier) -> None:
    job = record()
    await idle.admit(job)
    claimed = await idle.jobs.claim(idle.worker)
    await idle.jobs.cancel(job.id)
    idle.store.files.write(job.id, {"checkpoint.npz": b"so far"})
    await idle.jobs.failed(claimed, Problem(code=ErrorCode.OUT_OF_MEMORY))
    assert (await idle.jobs.view(job.id)).state is JobState.CANCELLED
    assert idle.store.files.jobs() == []


async def test_what_a_worker_leaves_of_a_cancelled_job_goes_with_its_death(idle: Atelier) -> None:
    job = record()
    await idle.admit(job)
    claimed = await idle.jobs.claim(idle.worker)
    await idle.jobs.cancel(job.id)
    assert idle.store.files.jobs() == [job.id]
    await idle.jobs.lost(claimed)
    assert idle.store.files.jobs() == []


async def test_what_a_lost_attempt_left_half_done_goes_and_its_checkpoint_stays(idle: Atelier) -> None:
    job = record()
    await idle.admit(job)
    claimed = await idle.jobs.claim(idle.worker)
    result().leave(idle.store.files.outbox(job.id, claimed.attempt))
    idle.store.files.add(job.id, "checkpoint.npz", b"so far")
    await idle.jobs.lost(claimed)
    names = {path.name for path in idle.store.files.path(job.id, "").iterdir()}
    assert names == FILES.keys() | {"checkpoint.npz"}


async def test_a_timelapse_of_a_job_that_expires_meanwhile_brings_nothing_back(
    working: Atelier, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = record()
    await working.admit(job)
    working.worker.say(result(moments=3))
    await working.reaches(job, JobState.FINISHED)

    def expire_meanwhile(_stills: Sequence[Path]) -> bytes:
        working.store.files.keep_only(job.id, ())
        return b"film"

    monkeypatch.setattr("engine.service.paintings.timelapse.timelapse_of", expire_meanwhile)
    assert await code_of(working.paintings.timelapse(job.id)) is ErrorCode.NOT_FOUND
    assert list(working.store.files.path(job.id, "").parent.iterdir()) == []


async def test_a_job_whose_painting_is_gone_can_be_sent_again(working: Atelier) -> None:
    job, again = record(key="k"), record(key="k")
    await working.admit(job)
    working.worker.say(result())
    await working.reaches(job, JobState.FINISHED)
    working.store.files.keep_only(job.id, ())
    assert await code_of(working.paintings.result(job.id)) is ErrorCode.NOT_FOUND
    assert (await working.jobs.admit(again, FILES)).id == again.id


async def test_a_timelapse_is_made_once_when_it_is_asked_for(working: Atelier) -> None:
    job = record()
    await working.admit(job)
    working.worker.say(result(moments=3))
    await working.reaches(job, JobState.FINISHED)
    files = working.store.files
    snapshots = [Picture(np.full((8, 40, 3), 80 * number, np.uint8), None) for number in range(3)]
    files.write(
        job.id,
        {
            snapshot_file(number): images.encode(snapshot, ImageFormat.JPEG, text=f"{number}")
            for number, snapshot in enumerate(snapshots, 1)
        },
    )
    first, second = await asyncio.gather(*(working.paintings.timelapse(job.id) for _ in range(2)))
    assert first == second == files.path(job.id, TIMELAPSE)
    made = first.read_bytes()
    assert images.read_text(made) == "3"
    with Image.open(first) as film:
        assert (film.size, getattr(film, "n_frames", 1)) == ((40, 8), 3)
    for number in range(3):
        files.path(job.id, snapshot_file(number + 1)).unlink()
    retention = Retention(working.store, KEEP_SECONDS, KEEP_BYTES)
    await retention.tidy()
    await retention.look()
    assert (await working.paintings.timelapse(job.id)).read_bytes() == made


async def test_there_is_no_timelapse_without_its_snapshots(working: Atelier) -> None:
    job, still = record(), record()
    working.worker.say(result(moments=2), result())
    for each in (job, still):
        await working.admit(each)
        await working.reaches(each, JobState.FINISHED)
    working.store.files.path(job.id, snapshot_file(1)).unlink()
    for each in (job, still):
        assert await code_of(working.paintings.timelapse(each.id)) is ErrorCode.NOT_FOUND


async def test_only_the_newest_frames_are_kept(working: Atelier) -> None:
    job = record()
    await working.admit(job)
    working.worker.say(*(progress(n / 10, n) for n in range(1, 10)))

    async def seen() -> bool:
        return (await working.jobs.view(job.id)).progress == 0.9

    await settle(seen)
    told = [await (await working.jobs.events(job.id)).after(0)]
    told.append(await (await working.jobs.events(job.id)).after(told[0].id if told[0] else 0))
    newest = told[-1].event if told[-1] else None
    assert isinstance(newest, Preview)
    kept = [working.jobs.preview(job.id, newest.n - back) for back in range(PREVIEWS_KEPT)]
    assert kept == [b"jpeg 9", b"jpeg 8", b"jpeg 7"]
    with pytest.raises(Refusal):
        working.jobs.preview(job.id, newest.n - PREVIEWS_KEPT)


async def test_a_failure_is_final_and_the_next_job_is_painted(working: Atelier) -> None:
    bad, good = record(), record()
    error = Problem(code=ErrorCode.OUT_OF_MEMORY)
    working.worker.say(Failure(error=error), result())
    await working.admit(bad, good)
    await working.reaches(good, JobState.FINISHED)
    assert await rest_of(await working.jobs.events(bad.id)) == [Failed(error=error)]
    assert working.worker.starts == 1


async def test_a_missing_image_fails_the_job_not_the_worker(working: Atelier) -> None:
    first, bad, good = record(), record(), record()
    await working.admit(first, bad, good)
    working.store.files.keep_only(bad.id, ())
    working.worker.say(result(), result())
    await working.reaches(good, JobState.FINISHED)
    view = await working.jobs.view(bad.id)
    assert view.error is not None
    assert view.error.code is ErrorCode.IMAGES_GONE


# --- stopping ---------------------------------------------------------------------------------------------


async def test_cancelling_is_final_in_every_state(working: Atelier) -> None:
    running, waiting, painted = record("ann"), record("bob"), record("cid")
    working.worker.say(result())
    await working.admit(painted)
    await working.reaches(painted, JobState.FINISHED)
    await working.admit(running)
    await working.is_handed_out(running)
    await working.admit(waiting)
    for job in (running, waiting, running):
        assert (await working.jobs.cancel(job.id)).state is JobState.CANCELLED
    assert (await working.jobs.cancel(painted.id)).state is JobState.FINISHED
    assert working.worker.stops == [Stop(job=running.id, attempt=1, keep=False)]
    working.worker.say(result())  # it was done before it heard
    last = record("dan")
    working.worker.say(result())
    await working.admit(last)
    await working.reaches(last, JobState.FINISHED)
    assert (await working.jobs.view(running.id)).state is JobState.CANCELLED
    assert await rest_of(await working.jobs.events(running.id)) == [Cancelled()]
    assert running.id not in working.store.files.jobs()


async def test_a_stopped_worker_goes_on_with_the_next(working: Atelier) -> None:
    job, other = record("ann"), record("bob")
    await working.admit(job)
    await working.is_handed_out(job)
    await working.jobs.cancel(job.id)
    working.worker.say(Stopped(), result())
    await working.admit(other)
    await working.reaches(other, JobState.FINISHED)


async def test_finishing_early_keeps_what_there_is(working: Atelier) -> None:
    running, waiting = record("ann"), record("bob")
    await working.admit(running)
    await working.is_handed_out(running)
    await working.admit(waiting)
    assert (await working.jobs.finish(waiting.id)).state is JobState.CANCELLED
    assert (await working.jobs.finish(running.id)).state is JobState.RUNNING
    assert working.worker.stops == [Stop(job=running.id, attempt=1, keep=True)]
    working.worker.say(result(stopped_early=True))
    await working.reaches(running, JobState.FINISHED)
    assert (await working.jobs.finish(running.id)).stopped_early


# --- side by side -----------------------------------------------------------------------------------------


async def test_waiting_jobs_with_one_batch_key_are_painted_together(tmp_path: Path) -> None:
    async with atelier(tmp_path / "data", at_work=False) as engine:
        jobs = [record(f"user-{number}") for number in range(5)]
        larger = jobs[1].plan.model_copy(update={"levels": (Level(width=16, height=16, evaluations=10),)})
        jobs[1] = jobs[1].but(plan=larger)
        masked = StyleChoice(part="style-1", mask="mask-1")
        jobs[2] = jobs[2].but(request=jobs[2].request.model_copy(update={"styles": (masked,)}))
        for job in jobs:
            await engine.jobs.admit(job, FILES | {"mask-1.png": b"mask"})
        engine.worker.batch = 2
        engine.worker.say(*[result(b"%d" % number) for number in range(5)])
        engine.dispatcher.start()
        for job in jobs:
            await engine.reaches(job, JobState.FINISHED)
        first, *others = engine.worker.batches
        assert first == ids([jobs[0], jobs[3]])
        assert others == [[job.id] for job in (jobs[1], jobs[2], jobs[4])]
        assert [await engine.painting(jobs[number]) for number in (0, 3, 1, 2, 4)] == [
            b"%d" % number for number in range(5)
        ]


async def test_together_they_take_no_more_pixels_than_one_picture_in_one_piece(idle: Atelier) -> None:
    side = Level(width=704, height=704, evaluations=10)  # two of them
    jobs = [record(f"user-{number}") for number in range(4)]
    jobs = [job.but(plan=job.plan.model_copy(update={"levels": (side,)})) for job in jobs]
    await idle.admit(*jobs)
    idle.worker.batch = 4
    first = await idle.jobs.claim(idle.worker)
    assert ids(await idle.jobs.claim_beside(first, idle.worker)) == [jobs[1].id]


@pytest.mark.usefixtures("clock")
async def test_a_batch_keeps_its_worker_busy_once(idle: Atelier) -> None:
    await idle.admit(*[record(f"user-{number}") for number in range(3)])
    idle.worker.batch = 2
    first = await idle.jobs.claim(idle.worker)
    await idle.jobs.claim_beside(first, idle.worker)
    waiting = record("late")
    await idle.admit(waiting)
    assert (await idle.jobs.view(waiting.id)).eta_seconds == 30


async def test_all_of_a_lost_batch_are_tried_again_one_by_one(tmp_path: Path) -> None:
    async with atelier(tmp_path / "data", at_work=False) as engine:
        jobs = [record("ann"), record("bob")]
        await engine.admit(*jobs)
        engine.worker.batch = 2
        engine.worker.say(WorkerLost, result(), result())
        engine.dispatcher.start()
        for job in jobs:
            await engine.reaches(job, JobState.FINISHED)
        assert engine.worker.batches == [ids(jobs), [jobs[0].id], [jobs[1].id]]


async def test_one_of_a_batch_whose_images_are_gone_fails_alone(tmp_path: Path) -> None:
    async with atelier(tmp_path / "data", at_work=False) as engine:
        jobs = [record("ann"), record("bob"), record("eve")]
        await engine.admit(*jobs)
        engine.store.files.path(jobs[1].id, "style-1.png").unlink()
        engine.worker.batch = 3
        engine.worker.say(result(), result())
        engine.dispatcher.start()
        await engine.reaches(jobs[1], JobState.FAILED)
        for job in (jobs[0], jobs[2]):
            await engine.reaches(job, JobState.FINISHED)
        assert engine.worker.batches == [ids([jobs[0], jobs[2]])]


async def test_a_job_whose_bundled_style_has_left_meanwhile_says_so(tmp_path: Path) -> None:
    wish = JobRequest(owner=Owner(group="oaks", user="ann"), styles=(StyleChoice(name="rococo"),))
    async with atelier(tmp_path / "data", at_work=False) as engine:
        jobs = [record("ann", request=wish, sources=("rococo",)), record("bob")]
        await engine.admit(*jobs)
        engine.worker.say(result())
        engine.dispatcher.start()
        await engine.reaches(jobs[0], JobState.FAILED)
        await engine.reaches(jobs[1], JobState.FINISHED)
        error = (await engine.jobs.view(jobs[0].id)).error
        assert error == Problem.of(Refusal(ErrorCode.UNKNOWN_STYLE, name="rococo"))


# --- dying ------------------------------------------------------------------------------------------------


async def test_a_job_whose_worker_dies_is_tried_again(working: Atelier) -> None:
    job = record()
    working.worker.say(progress(), WorkerLost, progress(), WorkerLost, result())
    await working.admit(job)
    await working.reaches(job, JobState.FINISHED)
    assert [run.attempt for run in working.worker.runs] == [1, 2, 3]
    assert working.worker.starts == 3


async def test_a_job_that_a_worker_has_stopped_and_nobody_else_is_tried_again(working: Atelier) -> None:
    job = record()
    working.worker.say(progress(), Stopped(), result())
    await working.admit(job)
    await working.reaches(job, JobState.FINISHED)
    assert [run.attempt for run in working.worker.runs] == [1, 2]


async def test_a_worker_that_dies_idle_is_brought_back_at_no_ones_cost(working: Atelier) -> None:
    async def started(times: int) -> bool:
        return working.dispatcher.is_ready and working.worker.starts == times

    await settle(partial(started, 1))
    working.worker.die()
    await settle(partial(started, 2))
    job = record()
    working.worker.say(result())
    await working.admit(job)
    await working.reaches(job, JobState.FINISHED)
    assert [run.attempt for run in working.worker.runs] == [1]


async def test_a_worker_that_has_grown_is_replaced_between_jobs_at_no_ones_cost(working: Atelier) -> None:
    first, second = record(), record()
    await working.admit(first, second)
    await working.is_handed_out(first)
    working.worker.is_spent = True
    working.worker.say(result(), result())
    for job in (first, second):
        await working.reaches(job, JobState.FINISHED)
    assert working.worker.starts == 2
    assert [run.attempt for run in working.worker.runs] == [1, 1]


async def test_a_job_that_waits_may_have_the_memory_of_the_one_before(
    working: Atelier, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = 1000
    monkeypatch.setattr("engine.service.crew.available_bytes", lambda: room)
    assert working.dispatcher.memory == 1000
    first = record()
    await working.admit(first)
    await working.reaches(first, JobState.RUNNING)
    room = 300
    assert working.dispatcher.memory == 1000
    room = 1200
    assert working.dispatcher.memory == 1200
    room = 300
    working.worker.say(result())
    await working.reaches(first, JobState.FINISHED)

    async def is_idle() -> bool:
        return working.dispatcher.memory == 300

    await settle(is_idle)


async def test_it_is_ready_only_with_a_worker_and_takes_jobs_meanwhile(working: Atelier) -> None:
    async def is_ready() -> bool:
        return working.dispatcher.is_ready

    await settle(is_ready)
    working.worker.holds = asyncio.Event()
    working.worker.die()

    async def is_not_ready() -> bool:
        return not working.dispatcher.is_ready

    await settle(is_not_ready)
    assert working.dispatcher.speed is not None
    working.worker.holds.set()
    await settle(is_ready)


async def test_what_was_begun_and_lost_is_painted_even_if_it_was_to_stop(idle: Atelier) -> None:
    job = record("a")
    await idle.admit(job)
    await idle.jobs.lost(await idle.jobs.claim(idle.worker))
    assert (await idle.jobs.finish(job.id)).state is JobState.QUEUED
    assert (await idle.jobs.cancel(job.id)).state is JobState.CANCELLED


async def test_a_job_that_kills_every_worker_is_given_up(working: Atelier) -> None:
    deadly, good = record("ann"), record("bob")
    working.worker.say(*[WorkerLost] * MAX_ATTEMPTS, result())
    await working.admit(deadly, good)
    await working.reaches(good, JobState.FINISHED)
    view = await working.jobs.view(deadly.id)
    assert view.state is JobState.FAILED
    assert view.error is not None
    assert view.error.code is ErrorCode.WORKER_LOST
    assert view.error.facts == {"attempts": MAX_ATTEMPTS}
    assert len(working.worker.runs) == MAX_ATTEMPTS + 1


async def test_a_death_with_progress_since_the_last_is_the_first_one(working: Atelier) -> None:
    job = record()
    for evaluation in range(1, 2 * MAX_ATTEMPTS):
        working.worker.say(progress(0.1, evaluation, taken_over=evaluation - 1), WorkerLost)
    working.worker.say(result())
    await working.admit(job)
    await working.reaches(job, JobState.FINISHED)
    assert len(working.worker.runs) == 2 * MAX_ATTEMPTS


async def test_what_an_earlier_attempt_did_is_no_progress(working: Atelier) -> None:
    job = record()
    working.worker.say(progress(0.5, 5), WorkerLost)
    for _ in range(MAX_ATTEMPTS):
        working.worker.say(progress(0.5, 5, taken_over=5), WorkerLost)
    await working.admit(job)
    await working.reaches(job, JobState.FAILED)
    assert len(working.worker.runs) == MAX_ATTEMPTS


async def test_how_far_it_got_outlives_the_engine(tmp_path: Path) -> None:
    job = record()
    async with atelier(tmp_path, at_work=False) as first:
        await first.admit(job)
        claimed = await first.jobs.claim(first.worker)
        first.jobs.began(claimed, Began(compiling=(0.0,)))
        first.jobs.progressed(claimed, progress(0.5, 5))
        await first.jobs.lost(claimed, to_blame=True)
    async with atelier(tmp_path, at_work=False) as second:
        claimed = await second.jobs.claim(second.worker)
        second.jobs.began(claimed, Began(compiling=(0.0,)))
        second.jobs.progressed(claimed, progress(0.4, 4))
        await second.jobs.lost(claimed, to_blame=True)
        claimed = await second.jobs.claim(second.worker)
        assert (claimed.reached, claimed.lost) == (5, 2)
        second.jobs.began(claimed, Began(compiling=(0.0,)))
        second.jobs.progressed(claimed, progress(0.6, 6))
        await second.jobs.drain()
    async with atelier(tmp_path, at_work=False) as third:
        claimed = await third.jobs.claim(third.worker)
        assert (claimed.reached, claimed.lost) == (6, 0)


async def test_a_worker_that_others_killed_blames_no_job_for_long(working: Atelier) -> None:
    class Killed(WorkerLost):
        def __init__(self, why: str) -> None:
            super().__init__(why, of_its_work=False)

    innocent, endless = record("ann"), record("bob")
    working.worker.say(*[Killed] * (MAX_INTERRUPTIONS - 1), result())
    await working.admit(innocent)
    await working.reaches(innocent, JobState.FINISHED)
    working.worker.say(*[Killed] * MAX_INTERRUPTIONS)
    await working.admit(endless)
    await working.reaches(endless, JobState.FAILED)


async def test_a_job_that_was_not_begun_yet_is_not_to_blame(idle: Atelier) -> None:
    job = record()
    await idle.admit(job)
    for _ in range(MAX_ATTEMPTS + 1):
        await idle.jobs.lost(await idle.jobs.claim(idle.worker), to_blame=True)
    assert (await idle.jobs.view(job.id)).state is JobState.QUEUED


async def test_of_a_batch_only_what_kills_alone_is_given_up(tmp_path: Path) -> None:
    async with atelier(tmp_path / "data", at_work=False) as engine:
        deadly, good = record("ann"), record("bob")
        await engine.admit(deadly, good)
        engine.worker.batch = 2
        engine.worker.say(*[WorkerLost] * (1 + MAX_ATTEMPTS), result())
        engine.dispatcher.start()
        await engine.reaches(good, JobState.FINISHED)
        assert engine.worker.batches == [ids([deadly, good])] + [[deadly.id]] * MAX_ATTEMPTS + [[good.id]]
        view = await engine.jobs.view(deadly.id)
        assert view.error == Problem(code=ErrorCode.WORKER_LOST, facts={"attempts": MAX_ATTEMPTS})


async def test_a_late_word_of_an_old_attempt_is_not_heard(idle: Atelier) -> None:
    job = record()
    await idle.admit(job)
    old = await idle.jobs.claim(idle.worker)
    await idle.jobs.lost(old)
    new = await idle.jobs.claim(idle.worker)
    assert (old.attempt, new.attempt) == (1, 2)
    await idle.finished(old, result(b"old"))
    idle.jobs.progressed(old, progress(0.9))
    await idle.jobs.failed(old, Problem(code=ErrorCode.INTERNAL))
    await idle.jobs.lost(old)
    view = await idle.jobs.view(job.id)
    assert (view.state, view.progress) == (JobState.RUNNING, 0)
    await idle.finished(new, result(b"new"))
    await idle.finished(new, result(b"newer"))
    assert await idle.painting(job) == b"new"


async def test_a_damaged_database_ends_the_work_and_nothing_is_tried_for_ever(
    working: Atelier, tmp_path: Path
) -> None:
    job, next_one = record("ann"), record("bob")
    await working.admit(job, next_one)
    await working.is_handed_out(job)
    await spoil(working.store, tmp_path / "data")
    working.worker.say(result())
    with capture_logs() as logs:

        async def is_warm_again() -> bool:
            return working.worker.starts == 2 and working.dispatcher.is_ready

        await settle(is_warm_again)
        with pytest.raises(Refusal) as refusal:
            working.jobs.check_store()
        assert refusal.value.code is ErrorCode.STORAGE_DAMAGED
        assert await code_of(working.jobs.admit(record(), FILES)) is ErrorCode.STORAGE_DAMAGED
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(working.jobs.claim(working.worker), 0.01)
    assert [line["event"] for line in logs if line["log_level"] == "critical"] == [
        "database is damaged: no more jobs are taken until a restart"
    ]
    assert ids([job]) == [run.job for run in working.worker.runs]


# --- restarting -------------------------------------------------------------------------------------------


async def test_a_restart_finds_the_queue_as_it_was(tmp_path: Path) -> None:
    jobs = [record("ann", "oaks"), record("ann", "oaks"), record("bob", "oaks"), record("cid", "elms")]
    async with atelier(tmp_path, at_work=False) as before:
        await before.admit(*jobs)
        claimed = await before.jobs.claim(before.worker)
        before.jobs.began(claimed, Began(compiling=(0.0,)))
        last = await (await before.jobs.events(claimed.id)).after(0)
    async with atelier(tmp_path, at_work=False) as after:
        positions = [(await after.jobs.view(job.id)).position for job in jobs]
        told = await (await after.jobs.events(claimed.id)).after(0)
        again = await after.jobs.claim(after.worker)
    assert claimed.id == jobs[0].id
    assert positions == [1, 4, 3, 2]
    assert again.id == claimed.id
    assert (again.attempt, again.lost, again.interrupted) == (2, 0, 0)
    assert last is not None
    assert told is not None
    assert told.id > last.id


async def test_crashes_of_the_engine_cost_no_job_anything(tmp_path: Path) -> None:
    job = record()
    async with atelier(tmp_path, at_work=False) as first:
        await first.admit(job)
        await first.jobs.claim(first.worker)
    for _ in range(2 * MAX_ATTEMPTS):
        async with atelier(tmp_path, at_work=False) as later:
            assert (await later.jobs.view(job.id)).state is JobState.QUEUED
            claimed = await later.jobs.claim(later.worker)
            later.jobs.began(claimed, Began(compiling=(0.0,)))
    assert (claimed.lost, claimed.interrupted) == (0, 0)


async def test_an_orderly_stop_costs_no_attempt(tmp_path: Path) -> None:
    job = record()
    async with atelier(tmp_path, at_work=False) as first:
        await first.admit(job)
    for attempt in range(1, MAX_ATTEMPTS + 2):
        async with atelier(tmp_path, at_work=False) as engine:
            claimed = await engine.jobs.claim(engine.worker)
            reading = asyncio.create_task(rest_of(await engine.jobs.events(job.id)))
            await engine.jobs.drain()
            await engine.finished(claimed, result())
            assert (claimed.attempt, claimed.lost) == (attempt, 0)
            assert Finished not in {type(event) for event in await reading}
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(engine.jobs.claim(engine.worker), 0.01)


async def test_results_outlive_a_restart(tmp_path: Path) -> None:
    job = record()
    async with atelier(tmp_path) as first:
        first.worker.say(result(b"painting"))
        await first.admit(job)
        await first.reaches(job, JobState.FINISHED)
    async with atelier(tmp_path) as second:
        assert await second.painting(job) == b"painting"
        (told,) = await rest_of(await second.jobs.events(job.id))
        assert isinstance(told, Finished)
        assert (told.seconds, told.width, told.height) == (2.0, 8, 8)
