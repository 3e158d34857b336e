"""How a painting came about, how it was made, and that it goes on: spoken to a real engine process."""

import asyncio
import os
import signal
from contextlib import aclosing
from io import BytesIO
from pathlib import Path

import aiohttp
import pytest

from engine import images
from engine.painting.timelapse import durations
from engine.protocol import (
    MAX_RESULT_BYTES,
    ErrorBody,
    ErrorCode,
    Finished,
    ImageFormat,
    Preview,
    Provenance,
    RecipeName,
)
from tests.engine.engine_process import LONGEST_WAIT, Client, EngineProcess, request, talk, until_gone

pytestmark = pytest.mark.integration

Upload = dict[str, bytes]


async def code_of(client: Client, path: str) -> tuple[int, ErrorCode]:
    status, _, body = await client.fetch(path)
    return status, ErrorBody.model_validate_json(body).code


async def provenance_of(client: Client, image: bytes) -> tuple[int, bytes]:
    async with client.session.post("/v1/recipe", data=BytesIO(image)) as answer:
        return answer.status, await answer.read()


async def test_the_moments_of_a_painting_can_be_fetched(client: Client, upload: Upload) -> None:
    job = await client.submit(request(group="moments", evaluations=40), upload)
    told = [envelope.event async for envelope in client.events(job.id)][-1]
    view = await client.view(job.id)
    assert isinstance(told, Finished)
    assert told.moments == view.moments > 1
    assert told.likeness == view.likeness is not None
    assert (told.format, view.format) == (ImageFormat.PNG, ImageFormat.PNG)
    for number in (1, view.moments):
        status, content_type, body = await client.fetch(f"/v1/jobs/{job.id}/moments/{number}")
        assert (status, content_type) == (200, "image/jpeg")
        snapshot = images.decode(body, "content")
        assert (snapshot.width, snapshot.height) == (view.width, view.height)
    status, content_type, body = await client.fetch(f"/v1/jobs/{job.id}/timelapse")
    assert (status, content_type) == (200, "image/webp")
    timelapse = images.decode_animation(body, "content", most=100)
    assert timelapse is not None
    # The encoder makes one frame of two that look the same; the time it is shown stays.
    assert 2 < len(timelapse.frames) <= view.moments
    assert sum(timelapse.milliseconds) == sum(durations(view.moments))
    for number in (0, view.moments + 1):
        assert await code_of(client, f"/v1/jobs/{job.id}/moments/{number}") == (404, ErrorCode.NOT_FOUND)


async def test_there_are_none_before_the_end_and_none_of_what_was_cancelled(
    client: Client, upload: Upload
) -> None:
    job = await client.submit(
        request(group="unfinished", recipe=RecipeName.TUTORIAL, size=128, evaluations=None), upload
    )
    paths = [f"/v1/jobs/{job.id}/{name}" for name in ("result", "timelapse", "moments/1")]
    for path in paths:
        assert await code_of(client, path) == (409, ErrorCode.NOT_PAINTED_YET)
    await client.order(job.id, "cancel")
    for path in paths:
        assert await code_of(client, path) == (404, ErrorCode.NOT_FOUND)
        assert await code_of(client, path.replace(job.id, "none")) == (404, ErrorCode.NOT_FOUND)


async def test_a_picture_tells_how_it_was_painted(client: Client, upload: Upload) -> None:
    job = await client.submit(request(group="recipe-back", seed=5, strength=70, evaluations=30), upload)
    view = await client.painted(job.id)
    told = []
    for name in ("result", "moments/1", f"moments/{view.moments}", "timelapse"):
        status, body = await provenance_of(client, (await client.fetch(f"/v1/jobs/{job.id}/{name}"))[2])
        assert status == 200, body
        told.append(Provenance.model_validate_json(body))
    result, first, last, timelapse = told
    assert result == last == timelapse
    assert (result.settings.seed, result.settings.strength, result.plan) == (5, 70, job.plan)
    assert result.content.startswith("sha256:")
    assert result.styles[0].startswith("sha256:")
    assert (
        first.evaluations_done < last.evaluations_done == sum(level.evaluations for level in job.plan.levels)
    )


async def test_a_picture_that_is_too_large_is_not_read(client: Client) -> None:
    status, body = await provenance_of(client, bytes(MAX_RESULT_BYTES + 2**20))
    error = ErrorBody.model_validate_json(body)
    assert (status, error.code) == (413, ErrorCode.TOO_MANY_BYTES)
    assert error.message == "The earlier result is 66.0 MB large, and the limit is 65 MB."


async def test_it_is_not_ready_while_nobody_paints(tmp_path: Path, upload: Upload) -> None:
    with EngineProcess(tmp_path / "data").ready() as engine:
        async with aiohttp.ClientSession(engine.url) as session:
            os.kill(engine.worker(), signal.SIGKILL)
            async with asyncio.timeout(LONGEST_WAIT), talk(engine) as client:
                statuses: list[int] = []
                while statuses[-1:] != [503]:
                    async with session.get("/readyz") as answer:
                        statuses.append(answer.status)
                job = await client.submit(request(), upload)
                await client.painted(job.id)
            async with session.get("/readyz") as answer:
                assert answer.status == 200


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_a_painting_goes_on_where_it_was_when_the_engine_comes_back(
    tmp_path: Path, upload: Upload, how: str
) -> None:
    wish = request(recipe=RecipeName.TUTORIAL, size=64, evaluations=None)  # a thousand evaluations
    with EngineProcess(tmp_path / "data").ready() as engine:
        worker = engine.worker()
        async with talk(engine) as client:
            job = await client.submit(wish, upload)
            before = await some_frame(client, job.id)
            getattr(engine, how)()
    checkpoint = tmp_path / "data" / "images" / job.id / "checkpoint.npz"
    await until_gone(worker)  # it outlives its engine by a step
    assert checkpoint.exists()
    with EngineProcess(tmp_path / "data") as engine:
        async with talk(engine) as client:
            after = await some_frame(client, job.id)
            await client.order(job.id, "finish")
            await client.painted(job.id)
    assert after.evaluation >= before.evaluation > 0
    assert not checkpoint.exists()


async def some_frame(client: Client, job: str) -> Preview:
    async with asyncio.timeout(LONGEST_WAIT), aclosing(client.events(job)) as events:
        async for envelope in events:
            if isinstance(envelope.event, Preview):
                return envelope.event
    raise AssertionError("the job ended without a frame")
