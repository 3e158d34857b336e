"""What is sent along becomes what a job needs, fitting the content, or one clear sentence says why not."""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from yarl import URL

from engine import images
from engine.images import Animation, Picture
from engine.painting import preprocess
from engine.planning.cost_model import Speed
from engine.protocol import (
    KNOBS,
    MAX_ANIMATED_SIDE,
    MAX_AUDITION,
    MAX_BODY_BYTES,
    MAX_FRAMES,
    MAX_IMAGE_BYTES,
    MAX_PAINTED_FRAMES,
    MAX_RESULT_BYTES,
    MAX_STYLES,
    MIN_SIDE,
    PRESETS,
    ErrorBody,
    ErrorCode,
    ImageFormat,
    JobRequest,
    NoteCode,
    Preset,
    RecipeName,
    Refusal,
    Start,
    StyleChoice,
    Tile,
)
from engine.service import intake
from engine.service.app import answer_errors, listening
from engine.service.routes import DECODING, UPLOADS, routes
from engine.service.uploads import Uploads
from engine.storage.jobs import JobRecord
from engine.words import ERROR_SENTENCES, sentence
from tests.engine.engine_process import request
from tests.engine.sent import arrived
from tests.engine.service.served import hang_up

SPEED = Speed(overhead=0.01, per_megapixel=1.0)
STYLE = StyleChoice(part="style-1")
MASKED = StyleChoice(part="style-1", mask="mask-1")


def picture(width: int = 96, height: int = 64) -> Picture:
    return Picture(np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8))


def png(width: int = 96, height: int = 64) -> bytes:
    return images.encode(picture(width, height), ImageFormat.PNG)


def flat(width: int, height: int, grey: int = 255) -> bytes:
    return images.encode_mask(np.full((height, width), grey, np.uint8))


def moving(count: int, width: int = 96, height: int = 64, format_: ImageFormat = ImageFormat.GIF) -> bytes:
    frames = tuple(Picture(np.roll(picture(width, height).rgb, 7 * index, 1)) for index in range(count))
    return images.encode_animation(
        Animation(frames, tuple(30 + 10 * index for index in range(count))), format_
    )


async def prepare(
    wish: JobRequest | None = None, memory: int | None = None, /, **parts: bytes
) -> tuple[JobRecord, dict[str, bytes], dict[str, NDArray[np.uint8]]]:
    """Prepare an upload; returns the record, the files and their pixels. Parts are named with underscores."""
    sent = {"content": png(), "style-1": png(80, 80)}
    sent |= {name.replace("_", "-"): data for name, data in parts.items()}
    upload = arrived(wish or request(), sent, {name: f"hash of {name}" for name in sent})
    record, files = await intake.prepare(upload, "key", SPEED, memory)
    return record, files, {name: images.decode(files[name], "file").rgb for name in files}


def notes(record: JobRecord) -> list[NoteCode]:
    return [note.code for note in record.plan.notes]


# --- what is kept -------------------------------------------------------------------------------------------


async def test_a_plain_request_has_no_notes() -> None:
    record, files, _ = await prepare()
    assert sorted(files) == ["content.png", "style-1.png"]
    assert notes(record) == []
    assert (record.content, record.sources) == ("sha256:hash of content", ("sha256:hash of style-1",))


async def test_a_recipe_can_tell_all_that_was_sent() -> None:
    styles = (StyleChoice(name="great_wave"), MASKED)
    parts = {"mask_1": flat(96, 64), "previous": png()}
    record, _, _ = await prepare(request(styles=styles, start=Start.PREVIOUS), **parts)
    assert record.sources == ("great_wave", "sha256:hash of style-1")
    assert record.masks == (None, "sha256:hash of mask-1")
    assert record.previous == "sha256:hash of previous"


async def test_what_memory_does_not_allow_is_painted_smaller_and_said() -> None:
    record, _, pixels = await prepare(request(size=1024), 2**28, content=png(900, 600))
    assert notes(record) == [NoteCode.SMALLER_FOR_MEMORY]
    assert max(record.plan.result_size) < 512
    assert max(pixels["content.png"].shape) == max(record.plan.result_size)


async def test_no_more_is_kept_than_the_result_has() -> None:
    wish = request(size=128, styles=(MASKED,), start=Start.PREVIOUS)
    parts = {"content": png(600, 400), "mask_1": flat(1200, 800), "previous": png(900, 600)}
    _, _, pixels = await prepare(wish, style_1=png(500, 250), **parts)
    assert {name: array.shape[1::-1] for name, array in pixels.items()} == {
        "content.png": (128, 85),
        "mask-1.png": (128, 85),
        "previous.png": (128, 85),
        "style-1.png": (128, 64),
    }


async def test_large_strokes_need_a_large_style() -> None:
    _, _, pixels = await prepare(request(size=128, style_scale=2.0), style_1=png(500, 250))
    assert pixels["style-1.png"].shape == (128, 256, 3)


async def test_the_largest_size_is_taken() -> None:
    size: int = KNOBS["size"].maximum  # type: ignore[assignment]
    out = BytesIO()
    Image.new("RGB", (size + 400, size // 2 + 200), "red").save(out, "PNG")
    _, _, pixels = await prepare(request(size=size), content=out.getvalue())
    assert pixels["content.png"].shape == (size // 2, size, 3)


# --- masks --------------------------------------------------------------------------------------------------


async def test_a_mask_of_the_pictures_shape_is_resized_silently() -> None:
    record, files, _ = await prepare(request(styles=(MASKED,)), mask_1=flat(48, 32))
    assert notes(record) == []
    assert images.decode_mask(files["mask-1.png"]).min() == 255


@pytest.mark.parametrize("size", [(64, 96), (1, 1), (500, 20), (96, 70)])
async def test_a_mask_of_another_shape_is_resized_and_said(size: tuple[int, int]) -> None:
    styles = (MASKED, StyleChoice(name="great_wave", mask="mask-2"))
    record, _, pixels = await prepare(request(styles=styles), mask_1=flat(*size), mask_2=flat(*size))
    assert notes(record) == [NoteCode.MASK_RESIZED] * 2
    size_of_content = {"width": 96, "height": 64}
    assert [note.facts for note in record.plan.notes] == [
        {"image": image} | size_of_content for image in ("mask-1", "mask-2")
    ]
    assert pixels["mask-1.png"].shape == pixels["mask-2.png"].shape == pixels["content.png"].shape


async def test_two_styles_may_share_a_mask() -> None:
    styles = (MASKED, StyleChoice(name="great_wave", mask="mask-1"))
    _, files, _ = await prepare(request(styles=styles), mask_1=flat(96, 64))
    assert sorted(files) == ["content.png", "mask-1.png", "style-1.png"]


def speck() -> bytes:
    mask = np.zeros((640, 960), np.uint8)
    mask[300, 300] = 255
    return images.encode_mask(mask)


@pytest.mark.parametrize(
    "mask",
    [
        flat(96, 64, 0),
        flat(96, 64, 3),
        flat(1, 1, 0),
        speck(),
        images.encode(
            Picture(np.full((64, 96, 3), 255, np.uint8), np.zeros((64, 96), np.uint8)), ImageFormat.PNG
        ),
    ],
)
async def test_a_mask_that_leaves_nothing_to_paint_is_refused(mask: bytes) -> None:
    with pytest.raises(Refusal, match="black_mask") as refused:
        await prepare(request(styles=(MASKED,)), mask_1=mask)
    assert refused.value.code == ErrorCode.BLACK_MASK


@pytest.mark.parametrize("hidden", [0, 3])
async def test_a_style_that_is_transparent_all_over_is_refused(hidden: int) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)
    clear = images.encode(Picture(rgb, np.full((64, 96), hidden, np.uint8)), ImageFormat.PNG)
    with pytest.raises(Refusal, match="clear_style") as refused:
        await prepare(request(styles=(StyleChoice(part="style-1"),)), style_1=clear)
    assert sentence(refused.value) == "The style image is transparent all over, so there is no style to take."


async def test_a_mask_with_alpha_is_black_where_it_is_transparent() -> None:
    alpha = np.zeros((64, 96), np.uint8)
    alpha[:, :48] = 255
    mask = images.encode(Picture(np.full((64, 96, 3), 255, np.uint8), alpha), ImageFormat.PNG)
    _, files, _ = await prepare(request(size=96, styles=(MASKED,)), mask_1=mask)
    np.testing.assert_array_equal(images.decode_mask(files["mask-1.png"]), alpha)


@pytest.mark.parametrize(
    ("part", "data", "words"),
    [
        ("mask_1", b"hello", "The mask is not an image"),
        ("mask_1", png()[:60], "The mask is damaged"),
        ("previous", b"hello", "The earlier result is not an image"),
        ("style_1", png(8, 8), "The style image has 8 x 8 pixels"),
        ("style_1", moving(3)[:900], "The style image is damaged"),
        ("content", moving(3)[:9000], "The picture is damaged"),
    ],
)
async def test_what_cannot_be_read_is_named(part: str, data: bytes, words: str) -> None:
    good = {"mask_1": flat(96, 64), "previous": png()}
    with pytest.raises(Refusal) as refused:
        await prepare(request(styles=(MASKED,), start=Start.PREVIOUS), **(good | {part: data}))
    assert sentence(refused.value).startswith(words)


# --- styles and earlier results -----------------------------------------------------------------------------


async def test_a_style_without_any_is_said() -> None:
    record, _, _ = await prepare(style_1=flat(80, 80, 120))
    assert notes(record) == [NoteCode.FLAT_STYLE]


async def test_an_earlier_result_of_the_same_shape_is_taken_whole() -> None:
    edges = np.zeros((128, 190, 3), np.uint8)
    edges[:, :95] = 255
    previous = images.encode(Picture(edges), ImageFormat.PNG)
    _, _, pixels = await prepare(request(size=96, start=Start.PREVIOUS), previous=previous)
    assert pixels["previous.png"].shape == (64, 96, 3)
    assert pixels["previous.png"][:, :44].min() > 250
    assert pixels["previous.png"][:, 52:].max() < 5


async def test_an_earlier_sticker_loses_its_margin() -> None:
    sticker = images.encode(images.pad(picture(96, 64), 96, 96), ImageFormat.PNG)
    _, _, pixels = await prepare(request(size=96, start=Start.PREVIOUS), previous=sticker)
    np.testing.assert_array_equal(pixels["previous.png"], picture().rgb)


async def test_going_on_from_an_animation_begins_with_its_first_frame() -> None:
    earlier = moving(3, format_=ImageFormat.PNG)
    _, _, pixels = await prepare(request(size=96, start=Start.PREVIOUS), previous=earlier)
    np.testing.assert_array_equal(pixels["previous.png"], picture().rgb)


# --- presets ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", Preset)
@pytest.mark.parametrize("size", [(96, 64), (64, 96), (300, 33), (33, 300)])
async def test_a_preset_gets_its_shape(preset: Preset, size: tuple[int, int]) -> None:
    record, _, pixels = await prepare(request(size=None, preset=preset), content=png(*size))
    facts, (width, height) = PRESETS[preset], record.plan.result_size
    shape = (facts.width, facts.height) if facts.cropped else size
    assert width / height == pytest.approx(shape[0] / shape[1], rel=0.05)
    kept = pixels["content.png"].shape
    assert kept[1] / kept[0] == pytest.approx(shape[0] / shape[1], rel=0.05)
    assert min(kept[:2]) >= MIN_SIDE


async def test_what_goes_with_a_cropped_picture_is_cropped_alike() -> None:
    columns = np.arange(192, dtype=np.uint8)
    photo, mask = np.repeat(columns[None, :, None], 64, 0).repeat(3, 2), np.repeat(columns[None], 64, 0)
    photo[::4, 140::4] = 255  # nearly all that is to be seen is at its right end
    data = images.encode(Picture(photo), ImageFormat.PNG)
    wish = request(size=None, preset=Preset.AVATAR, styles=(MASKED,), start=Start.PREVIOUS)
    parts = {"content": data, "mask_1": images.encode_mask(mask), "previous": data}
    record, files, pixels = await prepare(wish, **parts)
    assert notes(record) == []
    left = int(pixels["content.png"][1, 0, 0])
    assert left > 100
    np.testing.assert_array_equal(pixels["content.png"], photo[:, left : left + 64])
    np.testing.assert_array_equal(images.decode_mask(files["mask-1.png"]), mask[:, left : left + 64])
    np.testing.assert_array_equal(pixels["previous.png"], pixels["content.png"])


async def test_a_mask_for_the_cropped_picture_is_taken_whole() -> None:
    wish = request(size=None, preset=Preset.AVATAR, styles=(MASKED,))
    record, files, _ = await prepare(wish, content=png(192, 64), mask_1=flat(40, 40))
    assert notes(record) == []
    assert images.decode_mask(files["mask-1.png"]).shape == (64, 64)


# --- animations ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format_", [ImageFormat.GIF, ImageFormat.WEBP, ImageFormat.PNG])
async def test_an_animation_is_kept_with_its_pace(format_: ImageFormat) -> None:
    record, files, _ = await prepare(request(size=64), content=moving(5, format_=format_))
    assert (record.plan.frames, notes(record)) == (5, [])
    kept = images.decode_animation(files["content.png"], "content", most=record.plan.frames)
    assert kept is not None
    assert kept.milliseconds == (30, 40, 50, 60, 70)
    assert {frame.rgb.shape for frame in kept.frames} == {(43, 64, 3)}


async def test_a_long_animation_is_thinned_and_said() -> None:
    record, files, _ = await prepare(request(size=64), content=moving(60, 48, 32))
    assert (record.plan.frames, notes(record)) == (MAX_PAINTED_FRAMES, [NoteCode.FRAMES_THINNED])
    assert record.plan.notes[0].facts == {"frames": 60, "painted": MAX_PAINTED_FRAMES}
    kept = images.decode_animation(files["content.png"], "content", most=99)
    assert kept is not None
    assert len(kept.frames) == MAX_PAINTED_FRAMES


async def test_an_animation_is_never_large_and_that_is_said() -> None:
    record, _, _ = await prepare(request(size=4096), content=moving(3))
    assert max(record.plan.result_size) == MAX_ANIMATED_SIDE
    assert notes(record) == [NoteCode.SMALLER_FOR_FRAMES]
    record, _, _ = await prepare(request(size=64), content=moving(3))
    assert notes(record) == []
    record, _, _ = await prepare(request(size=4096, preset=Preset.BANNER), content=moving(3))
    assert (record.plan.result_size, notes(record)) == ((960, 540), [])


def test_a_fast_machine_paints_an_animation_no_larger_than_it_is_kept() -> None:
    frames = Animation((picture(512, 320),) * 3, (50,) * 3, 3)
    plan = preprocess.make_plan(request(size=None), frames, Speed(overhead=1e-4, per_megapixel=1e-3), None)
    assert (max(plan.result_size), plan.notes) == (MAX_ANIMATED_SIDE, ())


async def test_an_animation_is_cropped_frame_by_frame() -> None:
    record, files, _ = await prepare(
        request(preset=Preset.AVATAR), content=moving(3, format_=ImageFormat.PNG)
    )
    kept = images.decode_animation(files["content.png"], "content", most=3)
    assert kept is not None
    assert record.plan.result_size[0] == record.plan.result_size[1]
    assert {frame.rgb.shape for frame in kept.frames} == {(64, 64, 3)}


async def test_too_many_frames_are_refused() -> None:
    frame = b"\x2c" + bytes(4) + b"\x08\0\x08\0\0\x02\x02\x44\x01\0"
    data = b"GIF89a\x40\0\x40\0\x80\0\0\0\0\0\xff\xff\xff" + frame * 10_000 + b";"
    with pytest.raises(Refusal) as refused:
        await prepare(content=data)
    assert refused.value.facts == {"image": "content", "frames": 10_000, "limit": MAX_FRAMES}


@settings(max_examples=10)
@given(
    part=st.sampled_from(["content", "style_1", "mask_1", "previous"]),
    source=st.sampled_from(
        [moving(4), moving(4, format_=ImageFormat.WEBP), moving(4, format_=ImageFormat.PNG), png()]
    ),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), max_size=8),
    keep=st.floats(0.3, 1.0),
)
def test_any_damage_is_stored_or_refused(
    part: str, source: bytes, flips: list[tuple[float, int]], keep: float
) -> None:
    data = bytearray(source)
    for where, flip in flips:
        data[int(where * len(data))] ^= flip
    good = {"mask_1": flat(96, 64), "previous": png()}
    wish = request(styles=(MASKED,), start=Start.PREVIOUS)
    try:
        record, files, _ = asyncio.run(prepare(wish, **(good | {part: bytes(data[: int(keep * len(data))])})))
    except Refusal as refused:
        said = sentence(refused)
        assert said.startswith("The ")
        assert said.endswith(".")
    else:
        assert len(files) == 4
        assert record.plan.frames in range(1, 5)


# --- the parts of a body --------------------------------------------------------------------------------------


class Door:
    """A server that takes bodies in, and what it makes of them."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def post(self, wish: JobRequest, *parts: str, **data: bytes) -> str:
        """The parts that were received, or the sentence of the refusal."""
        form = aiohttp.FormData()
        form.add_field("request", wish.model_dump_json())
        for part in parts:
            form.add_field(part, BytesIO(data.get(part.replace("-", "_"), b"x")), filename=part)
        async with aiohttp.ClientSession() as session, session.post(self._url, data=form) as answer:
            return await answer.text()

    async def post_image(self, data: bytes) -> str:
        """The sentence of the refusal: what is sent is no painting."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self._url}v1/recipe", data=BytesIO(data)) as answer,
        ):
            return ErrorBody.model_validate_json(await answer.read()).message

    async def raw(self, data: bytes) -> bytes:
        """All that is answered to what is sent as it is."""
        url = URL(self._url)
        reader, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(data)
        answer = await reader.read()
        await hang_up(writer)
        return answer


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async def job(http_request: web.Request) -> web.Response:
        async with app[UPLOADS].open(http_request, "request", MAX_BODY_BYTES) as body:
            try:
                return web.Response(
                    text=" ".join(sorted((await intake.receive(http_request, body, lambda _: None)).images))
                )
            except Refusal as refusal:
                return web.Response(text=sentence(refusal))

    app = web.Application(middlewares=[answer_errors])
    app[UPLOADS], app[DECODING] = Uploads(tmp_path / "uploads"), asyncio.Semaphore()
    app.add_routes([web.post("/", job), *routes])
    async with listening(app, "127.0.0.1", 0) as (host, port):
        yield Door(f"http://{host}:{port}/")


async def test_as_many_parts_as_can_be_wanted_are_taken(door: Door) -> None:
    numbers = range(1, MAX_STYLES + 1)
    styles = tuple(StyleChoice(part=f"style-{n}", mask=f"mask-{n}") for n in numbers)
    parts = ["content", "previous", *(f"{kind}-{n}" for kind in ("mask", "style") for n in numbers)]
    wish = request(styles=styles, start=Start.PREVIOUS)
    assert await door.post(wish, *parts) == " ".join(sorted(parts))
    assert "no style refers to the part" in await door.post(wish, *parts, "one")


async def test_as_many_styles_as_can_be_tried_out_are_taken(door: Door) -> None:
    parts = [f"style-{n}" for n in range(1, MAX_AUDITION + 1)]
    wish = request(styles=tuple(StyleChoice(part=part) for part in parts), audition=True)
    assert await door.post(wish, "content", *parts) == " ".join(sorted(["content", *parts]))


@pytest.mark.parametrize(
    ("changes", "parts", "words"),
    [
        ({}, ["content", "style-1", "style-1"], "the same part twice"),
        ({}, ["style-1"], "the image “content” is missing"),
        ({"styles": (MASKED,)}, ["content", "style-1"], "the image “mask-1” is missing"),
        ({}, ["content", "style-1", "mask-1"], "no style refers to the part “mask-1”"),
        ({}, ["content", "style-1", "previous"], "the part “previous” goes with the start “previous” only"),
        (
            {"start": Start.PREVIOUS},
            ["content", "style-1"],
            "it goes on from an earlier result, but the part “previous” is missing",
        ),
    ],
)
async def test_a_part_too_few_or_too_many_is_named(
    door: Door, changes: dict[str, Any], parts: list[str], words: str
) -> None:
    assert words in await door.post(request(**changes), *parts)


async def test_a_mask_with_too_many_bytes_is_called_a_mask(door: Door) -> None:
    large = bytes(MAX_IMAGE_BYTES + 1)
    told = await door.post(request(styles=(MASKED,)), "content", "style-1", "mask-1", mask_1=large)
    assert told == "The mask is 20.1 MB large, and the limit is 20 MB."
    told = await door.post(
        request(start=Start.PREVIOUS), "content", "style-1", "previous", previous=bytes(MAX_RESULT_BYTES + 1)
    )
    assert told == "The earlier result is 65.1 MB large, and the limit is 65 MB."


async def test_all_parts_together_have_a_limit(door: Door) -> None:
    styles = tuple(StyleChoice(part=f"style-{n}", mask=f"mask-{n}") for n in (1, 2, 3, 4))
    parts = ["content", *(f"{kind}-{n}" for kind in ("style", "mask") for n in (1, 2, 3, 4))]
    large = {part.replace("-", "_"): bytes(MAX_IMAGE_BYTES) for part in parts}
    told = await door.post(request(styles=styles), *parts[:5], **large)
    assert "is missing" in told  # five of the largest arrive
    told = await door.post(request(styles=styles), *parts, **large)
    assert "The request is 180.1 MB large, and the limit is 145 MB." in told


async def test_an_image_alone_is_taken_within_the_limit(door: Door) -> None:
    assert await door.post_image(bytes(MAX_RESULT_BYTES)) == ERROR_SENTENCES[ErrorCode.NO_RECIPE]
    told = await door.post_image(bytes(MAX_RESULT_BYTES + 1))
    assert told == "The earlier result is 65.1 MB large, and the limit is 65 MB."


@pytest.mark.parametrize("path", ["/v1/recipe", "/"])
@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ("Content-Encoding: deflate\r\nContent-Length: 9", b"its body is compressed"),
        ("Transfer-Encoding: chunked", b"it is not HTTP as it should be"),
    ],
)
async def test_a_malformed_body_is_no_mistake_of_the_engine(
    door: Door, path: str, headers: str, words: bytes
) -> None:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nConnection: close\r\n\r\n"
    )
    assert words in await door.raw(head.encode() + b"no length")


AUDITION = {"audition": True, "styles": (StyleChoice(name="udnie"),)}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"styles": (StyleChoice(name="udnie", mask="mask-1"),)}, "an audition has no masks"),
        ({"preset": Preset.EMOJI}, "an audition is for no purpose"),
        ({"start": Start.PREVIOUS}, "goes on from no earlier result"),
        ({"recipe": RecipeName.TUTORIAL}, "a recipe that begins small"),
        ({"tile": Tile(job="0" * 32, number=1)}, "an audition is not finished from a tile"),
        ({"styles": (StyleChoice(name="udnie"),) * (MAX_AUDITION + 1)}, f"At most {MAX_AUDITION} styles"),
    ],
    ids=str,
)
def test_what_cannot_be_tried_out_is_refused(given: dict[str, Any], said: str) -> None:
    wish = request().model_copy(update=AUDITION | given)
    with pytest.raises(Refusal) as refusal:
        intake.parse_request(wish.model_dump_json().encode())
    assert said in sentence(refusal.value)


def test_a_tile_is_finished_in_one_style() -> None:
    style = StyleChoice(name="udnie")
    wish = request().model_copy(update={"tile": Tile(job="0" * 32, number=1), "styles": (style, style)})
    with pytest.raises(Refusal) as refusal:
        intake.parse_request(wish.model_dump_json().encode())
    assert "in its one style" in sentence(refusal.value)
