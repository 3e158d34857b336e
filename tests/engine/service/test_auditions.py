"""Styles are tried out on one sheet, and the picture that is finished from a tile is the one that was chosen."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import images
from engine.images import Picture
from engine.protocol import (
    CrashPoint,
    ErrorBody,
    ErrorCode,
    JobRequest,
    JobView,
    NoteCode,
    Preview,
    StyleChoice,
    Tile,
)
from engine.protocol.crash_points import CRASH_VARIABLE
from engine.storage.files import CHECKPOINT, tile_file
from tests.engine.engine_process import Client, EngineProcess, request, talk
from tests.engine.sketch.worker import PAUSE_VARIABLE

pytestmark = pytest.mark.integration

Upload = dict[str, bytes]
SETTINGS: dict[str, Any] = {"size": 320, "evaluations": 2, "seed": 7}
STYLES = (StyleChoice(part="style-1"), StyleChoice(name="great_wave"), StyleChoice(name="udnie"))


def sketching(folder: Path, name: str = "engine", pause: float = 0.001, crash: str = "") -> EngineProcess:
    environment = {PAUSE_VARIABLE: str(pause), CRASH_VARIABLE: crash}
    return EngineProcess(folder / "data", name, program="tests.engine.sketch", environment=environment)


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    with sketching(tmp_path_factory.mktemp("auditions")) as process:
        yield process.ready()
        assert process.stop() == 0, process.output()


@pytest.fixture
async def client(quick: EngineProcess) -> AsyncIterator[Client]:
    async with talk(quick) as client:
        yield client


def audition(**settings: Any) -> JobRequest:
    return request(**(SETTINGS | {"styles": STYLES, "audition": True} | settings))


def finishing(job: str, number: int = 2, **settings: Any) -> JobRequest:
    """Of the style that is second on the sheet."""
    style = StyleChoice(name="great_wave")
    tile = Tile(job=job, number=number)
    return request(**(SETTINGS | {"styles": (style,), "tile": tile} | settings))


def alone(wish: JobRequest, upload: Upload) -> Upload:
    """What a request refers to."""
    parts = {"content", *(style.part for style in wish.styles)}
    return {name: data for name, data in upload.items() if name in parts}


async def painted(client: Client, wish: JobRequest, upload: Upload) -> JobView:
    job = await client.submit(wish, alone(wish, upload))
    return await client.painted(job.id)


async def picture(client: Client, job: str, what: str = "result") -> Picture:
    status, _, body = await client.fetch(f"/v1/jobs/{job}/{what}")
    assert status == 200, body
    return images.decode(body, "painting", max_bytes=None)


async def code_of(client: Client, path: str) -> ErrorCode:
    return ErrorBody.model_validate_json((await client.fetch(path))[2]).code


def is_same(one: Picture, other: Picture) -> bool:
    return np.array_equal(one.rgb, other.rgb)


async def test_styles_are_tried_out_on_a_sheet_that_grows(client: Client, upload: Upload) -> None:
    job = await client.submit(audition(group="sheet"), upload)
    told = [envelope.event async for envelope in client.events(job.id)]
    shown = [event for event in told if isinstance(event, Preview)]
    assert shown[-1].evaluation == job.plan.evaluations
    assert job.plan.audition is not None
    assert job.plan.audition.tiles == len(STYLES)
    view = await client.view(job.id)
    assert (view.moments, view.likeness, view.stopped_early) == (len(STYLES), None, False)
    sheet = await picture(client, job.id)
    assert (sheet.width, sheet.height) == (view.width, view.height)
    tiles = [await picture(client, job.id, f"moments/{n}") for n in (1, 2, 3)]
    assert {(tile.width, tile.height) for tile in tiles} == {job.plan.result_size}
    assert not is_same(tiles[0], tiles[1])


async def test_a_sheet_has_neither_a_time_lapse_nor_a_comparison(client: Client, upload: Upload) -> None:
    job = await painted(client, audition(group="no film"), upload)
    for what in ("timelapse", "comparison"):
        assert await code_of(client, f"/v1/jobs/{job.id}/{what}") is ErrorCode.NOT_FOUND


async def test_a_tile_says_how_it_was_painted_and_the_sheet_does_not(client: Client, upload: Upload) -> None:
    job = await painted(client, audition(group="recipes"), upload)
    _, _, tile = await client.fetch(f"/v1/jobs/{job.id}/moments/3")
    said = images.read_provenance(tile)
    assert (said.styles, said.settings.seed) == (("udnie",), 7)
    assert said.plan.evaluations > said.evaluations_done == job.plan.tile.evaluations
    _, _, sheet = await client.fetch(f"/v1/jobs/{job.id}/result")
    async with client.session.post("/v1/recipe", data=sheet) as answer:
        assert ErrorBody.model_validate_json(await answer.read()).code is ErrorCode.NO_RECIPE


@pytest.mark.parametrize("number", [1, 2])
async def test_a_tile_is_finished_as_if_it_was_painted_from_the_start(
    client: Client, upload: Upload, number: int
) -> None:
    group = f"finish {number}"
    tried = await painted(client, audition(group=group), upload)
    style = STYLES[number - 1]
    wish = finishing(tried.id, number, group=group, styles=(style,))
    job = await client.submit(wish, alone(wish, upload))
    told = [envelope.event async for envelope in client.events(job.id)]
    first = next(event for event in told if isinstance(event, Preview))
    assert tried.plan.audition is not None
    assert tried.plan.tile.evaluations <= first.evaluation
    assert job.plan.levels == tried.plan.audition.finished.levels
    afresh = await painted(client, wish.model_copy(update={"tile": None}), alone(wish, upload))
    assert is_same(await picture(client, job.id), await picture(client, afresh.id))
    assert NoteCode.PAINTED_AFRESH not in {note.code for note in (await client.view(job.id)).notes}


@pytest.mark.parametrize(
    "other",
    [
        {"group": "strangers"},
        {"seed": 8},
        {"styles": (StyleChoice(name="udnie"),)},
        {"tile": Tile(job="0" * 32, number=2)},
        {"number": 4},
        {"content": "style-1"},
    ],
    ids=str,
)
async def test_what_is_no_tile_of_it_is_painted_from_the_start(
    client: Client, quick: EngineProcess, upload: Upload, other: dict[str, Any]
) -> None:
    tried = await client.submit(audition(), upload, key="tried")
    wish = finishing(tried.id, **{name: value for name, value in other.items() if name != "content"})
    content = upload[other.get("content", "content")]
    job = await client.submit(wish, {"content": content})
    assert NoteCode.PAINTED_AFRESH in {note.code for note in job.notes}
    assert not (quick.data_dir / "images" / job.id / CHECKPOINT).exists()
    await client.order(job.id, "cancel")


async def test_a_tile_that_is_finished_outlives_its_audition(client: Client, upload: Upload) -> None:
    tried = await painted(client, audition(group="gone"), upload)
    job = await client.submit(finishing(tried.id, group="gone"), {"content": upload["content"]})
    await client.session.delete(f"/v1/jobs/{tried.id}")
    assert (await client.painted(job.id)).notes == ()


async def test_nothing_is_left_of_an_audition_that_is_deleted(
    client: Client, quick: EngineProcess, upload: Upload
) -> None:
    tried = await painted(client, audition(group="deleted"), upload)
    folder = quick.data_dir / "images" / tried.id
    assert {tile_file(n) for n in (1, 2, 3)} < {path.name for path in folder.iterdir()}
    async with client.session.delete(f"/v1/jobs/{tried.id}") as answer:
        assert answer.status == 204
    assert not folder.exists()


async def test_an_audition_goes_on_after_the_last_tile_when_the_engine_was_killed(
    tmp_path: Path, upload: Upload
) -> None:
    wish = audition()
    with sketching(tmp_path, "slow", pause=0.03) as engine:
        async with talk(engine.ready()) as client:
            job = await client.submit(wish, upload)
            each = job.plan.tile.evaluations
            async for envelope in client.events(job.id):
                if isinstance(envelope.event, Preview) and envelope.event.evaluation >= each:
                    break
            engine.kill()
    with sketching(tmp_path, "again") as engine:
        async with talk(engine.ready()) as client:
            told = [envelope.event async for envelope in client.events(job.id)]
            first = next(event for event in told if isinstance(event, Preview))
            assert first.evaluation > each
            whole = await painted(client, wish.model_copy(update={"strength": 51}), upload)
            assert is_same(await picture(client, job.id), await picture(client, whole.id))


async def test_a_worker_that_dies_with_each_tile_costs_none(tmp_path: Path, upload: Upload) -> None:
    with sketching(tmp_path, "dying", crash=CrashPoint.TILE_KEPT.value) as engine:
        async with talk(engine.ready()) as client:
            job = await painted(client, audition(styles=STYLES[:2]), upload)
            assert (job.moments, job.stopped_early) == (2, False)
            assert len(engine.events("worker was lost")) == 2


async def test_what_is_stopped_to_be_kept_has_a_tile_to_finish(tmp_path: Path, upload: Upload) -> None:
    with sketching(tmp_path, pause=0.03) as engine:
        async with talk(engine.ready()) as client:
            job = await client.submit(audition(), upload)
            async for envelope in client.events(job.id):
                if isinstance(envelope.event, Preview):
                    break
            await client.order(job.id, "finish")
            view = await client.painted(job.id)
            assert view.stopped_early
            assert 1 <= view.moments < len(STYLES)
            # One that was not painted any more is painted by the audition's plan all the same.
            last = await painted(client, finishing(job.id, 3, styles=STYLES[2:]), upload)
            assert last.notes == ()
