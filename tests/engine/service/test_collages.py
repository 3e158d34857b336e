"""Pictures that are sent along come back as one: each in its place, and none that is hostile does any harm."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from io import BytesIO
from pathlib import Path

import aiohttp
import numpy as np
import pytest
from PIL import Image

from engine import images
from engine.images.sheet import LONGER_SIDE
from engine.protocol import MAX_COLLAGE, RENDITION_HEADER, ErrorBody, ErrorCode, Rendition
from engine.service.routes import DECODING
from tests.engine.service.served import Served, serve

RED, BLUE = (200, 20, 20), (20, 20, 200)


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with serve(tmp_path) as served:
        yield served


def png(colour: tuple[int, int, int], size: tuple[int, int] = (60, 40)) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


async def post(served: Served, parts: Mapping[str, bytes], query: str) -> tuple[int, bytes, str]:
    with aiohttp.MultipartWriter("form-data") as form:
        for name, data in parts.items():
            form.append(data).set_content_disposition("form-data", name=name, filename=name)
    async with served.client.session.post(f"/v1/collage?{query}", data=form) as answer:
        return answer.status, await answer.read(), answer.headers.get(RENDITION_HEADER, "")


async def drawn(served: Served, parts: Mapping[str, bytes], query: str) -> images.Picture:
    status, body, about = await post(served, parts, query)
    assert status == 200, body
    picture = images.decode(body, "painting", max_bytes=None)
    assert Rendition.model_validate_json(about).width == picture.width
    return picture


async def refused(served: Served, parts: Mapping[str, bytes], query: str) -> ErrorBody:
    status, body, _ = await post(served, parts, query)
    assert status >= 400
    assert served.load.uploads == served.load.bytes == 0
    return ErrorBody.model_validate_json(body)


async def test_each_is_in_its_place(served: Served) -> None:
    sheet = await drawn(served, {"2": png(BLUE, (40, 60)), "1": png(RED, (40, 60))}, "places=2")
    left, right = sheet.rgb[-5, 5], sheet.rgb[-5, -5]
    assert (left.argmax(), right.argmax()) == (0, 2)
    assert served.load.uploads == served.load.bytes == 0


async def test_a_place_without_a_picture_has_its_number(served: Served) -> None:
    parts = {"1": png(RED), "3": b"\x89PNG\r\n\x1a\n broken", "4": b"no image", "6": png(BLUE)}
    sheet = await drawn(served, parts, "places=6")
    whole = await drawn(served, {"1": png(RED), "6": png(BLUE)}, "places=6")
    assert np.array_equal(sheet.rgb, whole.rgb)


async def test_as_many_as_are_let_fit_and_stay_small(served: Served) -> None:
    parts = {str(n): png((n % 256, 90, 99), (30 + n, 40)) for n in range(1, MAX_COLLAGE + 1, 9)}
    _, body, about = await post(served, parts, f"places={MAX_COLLAGE}&max_bytes=300000")
    rendition = Rendition.model_validate_json(about)
    assert len(body) <= 300_000
    assert max(rendition.width, rendition.height) <= LONGER_SIDE * 1.01  # as cells are whole pixels


async def test_what_is_asked_wrongly_is_refused(served: Served) -> None:
    for name in ("2", "0", "01", "content"):
        assert (await refused(served, {name: b""}, "places=1")).code is ErrorCode.BAD_REQUEST
    for query in (
        "",
        "places=0",
        f"places={MAX_COLLAGE + 1}",
        "places=١",
        "places=1&preset=emoji",
        "places=1&max_bytes=1",
    ):
        assert (await refused(served, {"1": b""}, query)).code is ErrorCode.BAD_REQUEST
    assert (await refused(served, {}, "places=1")).code is ErrorCode.BAD_REQUEST


async def test_none_that_can_be_read_is_refused(served: Served) -> None:
    refusal = await refused(served, {"1": b"no image", "2": b"nor this"}, "places=2")
    assert refusal.code is ErrorCode.NOT_AN_IMAGE


async def test_a_place_is_given_once(served: Served) -> None:
    with aiohttp.MultipartWriter("form-data") as form:
        for _ in range(2):
            form.append(png(RED)).set_content_disposition("form-data", name="1", filename="1")
    async with served.client.session.post("/v1/collage?places=3", data=form) as answer:
        assert answer.status == 400


async def test_a_bomb_is_an_empty_place(served: Served) -> None:
    buffer = BytesIO()
    Image.new("1", (30_000, 30_000)).save(buffer, "PNG")
    sheet = await drawn(served, {"1": buffer.getvalue(), "2": png(BLUE)}, "places=2")
    alone = await drawn(served, {"2": png(BLUE)}, "places=2")
    assert np.array_equal(sheet.rgb, alone.rgb)


async def test_it_waits_for_its_turn_to_decode(served: Served) -> None:
    decoding = served.app[DECODING]
    await decoding.acquire()
    await decoding.acquire()
    drawing = asyncio.create_task(drawn(served, {"1": png(RED)}, "places=1"))
    await served.until_uploads(1)
    assert not drawing.done()
    decoding.release()
    await drawing
