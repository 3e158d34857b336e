"""What an engine with the real network paints, how it came about, and how it was made.

That it goes on is in `test_app`, and that a painting then ends as if nothing had been in `workers/test_subprocess`.
"""

import hashlib
import re
from collections.abc import AsyncIterator
from io import BytesIO

import numpy as np
import pytest

from engine import images
from engine.painting.timelapse import durations
from engine.protocol import (
    ErrorBody,
    ErrorCode,
    Finished,
    ImageFormat,
    JobState,
    NoteCode,
    Preview,
    Provenance,
    Start,
    Started,
    StyleChoice,
    StyleList,
)
from engine.service.config import RECIPE_LIMITS
from tests.engine.engine_process import Client, EngineProcess, request, talk

pytestmark = pytest.mark.integration

Upload = dict[str, bytes]


@pytest.fixture
async def client(painter: EngineProcess) -> AsyncIterator[Client]:
    """The wire to the shared engine that paints."""
    async with talk(painter) as client:
        yield client


async def code_of(client: Client, path: str) -> tuple[int, ErrorCode]:
    status, _, body = await client.fetch(path)
    return status, ErrorBody.model_validate_json(body).code


async def provenance_of(client: Client, image: bytes) -> tuple[int, bytes]:
    async with client.session.post("/v1/recipe", data=BytesIO(image)) as answer:
        return answer.status, await answer.read()


async def test_a_picture_becomes_a_painting(client: Client, upload: Upload) -> None:
    job = await client.submit(request(group="way", strength=70, seed=3), upload)
    told = [envelope async for envelope in client.events(job.id)]
    assert [envelope.id for envelope in told] == sorted({envelope.id for envelope in told})
    kinds = [type(envelope.event) for envelope in told]
    assert kinds[-1] is Finished
    assert Started in kinds
    assert Preview in kinds

    status, content_type, body = await client.fetch(f"/v1/jobs/{job.id}/result")
    assert (status, content_type) == (200, "image/png")
    painting = images.decode(body, "content")
    view = await client.view(job.id)
    assert (view.state, view.progress, view.stopped_early) == (JobState.FINISHED, 1, False)
    assert (painting.width, painting.height) == (view.width, view.height) == (64, 43)
    assert view.losses["total"] > 0
    assert not np.array_equal(painting.rgb, images.resize(images.decode(upload["content"], ""), 64, 43).rgb)


async def test_the_provenance_inside_tells_what_it_was_made_of_and_names_nobody(
    client: Client, upload: Upload
) -> None:
    job = await client.submit(request("somebody-secret", "recipe", strength=70, seed=3), upload)
    await client.painted(job.id)
    painting = (await client.fetch(f"/v1/jobs/{job.id}/result"))[2]
    async with client.session.post("/v1/recipe", data=painting) as answer:
        assert answer.status == 200
        provenance = Provenance.model_validate_json(await answer.read())
    assert (provenance.settings.strength, provenance.settings.seed, provenance.evaluations_done) == (70, 3, 2)
    assert provenance.plan == job.plan
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", provenance.network or "")
    assert provenance.content == f"sha256:{hashlib.sha256(upload['content']).hexdigest()}"
    assert provenance.styles == (f"sha256:{hashlib.sha256(upload['style-1']).hexdigest()}",)
    assert "somebody-secret" not in provenance.model_dump_json()


async def test_a_mask_and_an_earlier_result_go_along(client: Client, upload: Upload) -> None:
    half = np.zeros((64, 96), np.uint8)
    half[:, :48] = 255
    styles = (StyleChoice(part="style-1", mask="mask-1"),)
    wish = request(group="parts", size=96, styles=styles, start=Start.PREVIOUS)
    parts = upload | {"mask-1": images.encode_mask(half), "previous": upload["content"]}
    job = await client.submit(wish, parts)
    assert (await client.painted(job.id)).notes == ()
    square = await client.submit(wish, parts | {"mask-1": images.encode_mask(half[:, 16:80])})
    assert [note.code for note in square.notes] == [NoteCode.MASK_RESIZED]
    assert [note.code for note in (await client.painted(square.id)).notes] == [NoteCode.MASK_RESIZED]


async def test_an_animation_becomes_one(client: Client, upload: Upload) -> None:
    still = images.decode(upload["content"], "content").rgb
    frames = tuple(images.Picture(np.roll(still, 5 * index, 1)) for index in range(3))
    content = images.encode_animation(images.Animation(frames, (200, 50, 120)), ImageFormat.GIF)
    job = await client.submit(request(group="moving"), upload | {"content": content})
    assert job.plan.frames == 3
    view = await client.painted(job.id)
    body = (await client.fetch(f"/v1/jobs/{job.id}/result"))[2]
    painting = images.decode_animation(body, "content", most=9)
    assert painting is not None
    assert (view.format, painting.milliseconds) == (ImageFormat.WEBP, (200, 50, 120))


async def test_transparency_comes_back(client: Client, upload: Upload) -> None:
    alpha = np.full((64, 96), 255, np.uint8)
    alpha[:, :48] = 0
    opaque = images.decode(upload["content"], "content")
    content = images.encode(images.Picture(opaque.rgb, alpha), ImageFormat.PNG)
    job = await client.submit(request(group="alpha"), upload | {"content": content})
    await client.painted(job.id)
    painting = images.decode((await client.fetch(f"/v1/jobs/{job.id}/result"))[2], "content")
    assert painting.alpha is not None
    assert (painting.alpha[20, 5], painting.alpha[20, 60]) == (0, 255)


async def test_a_bundled_style_and_its_picture(client: Client, upload: Upload) -> None:
    told = StyleList.model_validate_json((await client.fetch("/v1/styles"))[2])
    assert told.recipes == RECIPE_LIMITS
    cards = told.styles
    status, _, study = await client.fetch(f"/v1/styles/{cards[0].name}/image")
    assert status == 200
    assert images.decode(study, "style").width > 0
    job = await client.submit(
        request(group="bundled", styles=(StyleChoice(name=cards[0].name),)), {"content": upload["content"]}
    )
    await client.painted(job.id)


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
