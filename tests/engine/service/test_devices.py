"""Devices that differ and fail, under the real queue: what members are told holds, and no picture is lost for want of memory."""

import asyncio
from pathlib import Path

import pytest

from engine.protocol import ErrorCode, JobState, NoteCode, Queued, Settings
from engine.service import crew as crew_module
from engine.service.crew import LESS
from tests.engine.simulated import GB, SimulatedGpu, SimulatedTime, Simulation, simulation

WISH = Settings(size=512)
NEAR = 0.15  # of what is told


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimulatedTime:
    clock = SimulatedTime()
    for module in ("job", "open_jobs"):
        monkeypatch.setattr(f"engine.service.{module}.time", clock)
    monkeypatch.setattr(
        crew_module, "available_bytes", lambda: GB // 100
    )  # what the machine has is not for devices
    return clock


def shares(engine: Simulation) -> list[int]:
    return [len(worker.runs) for worker in engine.workers]


async def note_of(engine: Simulation, job: str) -> list[tuple[NoteCode, dict[str, object]]]:
    return [(note.code, dict(note.facts)) for note in (await engine.jobs.view(job)).notes]


async def test_each_is_told_by_what_the_devices_are_like(tmp_path: Path, clock: SimulatedTime) -> None:
    card, old, processor = SimulatedGpu(), SimulatedGpu(0.05, 0.6), SimulatedGpu(0.01, 4.0)
    async with simulation(tmp_path, clock, card, old, processor) as engine:
        ids = await engine.admit(*[WISH] * 12)
        told = await engine.etas(ids)
        await engine.finish()
        assert [engine.ended[job] for job in ids] == pytest.approx(told, rel=NEAR)
        assert shares(engine)[0] >= 3 * shares(engine)[2]


async def test_one_that_is_lost_counts_no_more_and_all_who_wait_hear_of_it(
    tmp_path: Path, clock: SimulatedTime
) -> None:
    async with simulation(tmp_path, clock, SimulatedGpu(), SimulatedGpu(dies_after=5)) as engine:
        ids = await engine.admit(*[WISH] * 9)
        before = await engine.etas(ids)
        engine.workers[1].holds = asyncio.Event()
        await engine.pass_until(lambda: len(engine.jobs.crew) == 1)
        lost, after = clock.now, await engine.etas(ids)
        assert after[-1] + lost == pytest.approx(9 / 5 * before[-1], rel=0.2)
        envelope = await (await engine.jobs.events(ids[-1])).after(0)
        assert envelope is not None
        assert isinstance(envelope.event, Queued)
        assert envelope.event.eta_seconds == pytest.approx(
            after[-1], rel=0.2
        )  # before it knew what is compiled
        engine.workers[1].holds.set()
        await engine.at_rest()
        again = await engine.etas(ids)
        assert again[-1] < 0.7 * after[-1]  # it is back
        back = clock.now
        await engine.finish()
        assert [engine.ended[job] - back for job in ids] == pytest.approx(again, rel=NEAR, abs=4)


async def test_what_grows_slower_as_it_gets_warm_is_told_so_after_a_few_pictures(
    tmp_path: Path, clock: SimulatedTime
) -> None:
    gpu = SimulatedGpu(launch=0.2, per_megapixel=1.5, slower=1.6, warm_after=60.0)
    async with simulation(tmp_path, clock, gpu) as engine:
        first = await engine.admit(*[WISH] * 8)
        told = sum(await engine.etas(first[-1:]))
        await engine.finish()
        assert clock.now > 1.3 * told
        later = await engine.admit(*[WISH] * 3)
        told, begun = sum(await engine.etas(later[-1:])), clock.now
        await engine.finish()
        assert clock.now - begun == pytest.approx(told, rel=NEAR)


async def test_a_picture_that_finds_no_room_is_painted_smaller_and_says_so(
    tmp_path: Path, clock: SimulatedTime
) -> None:
    gpu = SimulatedGpu(memory=8 * GB, missing=3 * GB)
    async with simulation(tmp_path, clock, gpu) as engine:
        large, small = await engine.admit(Settings(size=1024), WISH)
        needed = engine.jobs._open[large].needed
        await engine.finish()
        painted = await engine.jobs.view(large)
        assert painted.state is JobState.FINISHED
        size = max(painted.plan.result_size) if painted.plan else 0
        assert await note_of(engine, large) == [(NoteCode.SHRUNK_FOR_MEMORY, {"wanted": 1024, "size": size})]
        assert [run.job for run in engine.workers[0].runs] == [
            large,
            large,
            small,
        ]  # it did not lose its turn
        assert await note_of(engine, small) == []
        # The next is planned with what there was.
        assert (engine.dispatcher.memory or 0) <= needed * LESS
        (next_one,) = await engine.admit(Settings(size=1024))
        await engine.finish()
        assert [code for code, _ in await note_of(engine, next_one)] == [NoteCode.SMALLER_FOR_MEMORY]
        assert len(engine.workers[0].runs) == 4


async def test_it_shrinks_once_and_not_for_ever(tmp_path: Path, clock: SimulatedTime) -> None:
    gpu = SimulatedGpu(memory=8 * GB, missing=8 * GB)
    async with simulation(tmp_path, clock, gpu) as engine:
        (job,) = await engine.admit(Settings(size=1024))
        await engine.finish()
        view = await engine.jobs.view(job)
        assert view.error is not None
        assert view.error.code is ErrorCode.OUT_OF_MEMORY
        assert len(engine.workers[0].runs) == 2


async def test_a_plan_of_a_card_that_is_gone_is_made_for_the_one_that_is_left(
    tmp_path: Path, clock: SimulatedTime
) -> None:
    """The large card takes what only it can hold; once it is lost, that is painted as large as the small one can."""
    async with simulation(tmp_path, clock, SimulatedGpu(memory=4 * GB), SimulatedGpu()) as engine:
        small, large = engine.workers
        small.holds = asyncio.Event()
        small.die()
        await engine.at_rest()
        ids = await engine.admit(*[Settings(size=1024)] * 3)
        small.holds.set()
        await engine.pass_until(lambda: len(engine.ended) == 1)
        assert shares(engine) == [0, 2]  # none of them is for the small one
        large.holds = asyncio.Event()
        large.die()
        await engine.finish()
        sizes = [max(view.plan.result_size) for job in ids if (view := await engine.jobs.view(job)).plan]
        assert sizes[0] == 1024
        assert sizes[1] == sizes[2] < 1024
        assert [len(await note_of(engine, job)) for job in ids] == [0, 1, 1]
