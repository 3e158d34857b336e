"""Whatever a file does to the process that decodes it, the engine gets a picture or a refusal and goes on."""

import asyncio
import math
import multiprocessing
import signal
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine import images
from engine.images import sandbox
from engine.images.sandbox import Limits
from engine.protocol import (
    MAX_ANIMATED_PIXELS,
    MAX_FRAMES,
    ErrorCode,
    ImageFormat,
    Level,
    Plan,
    Provenance,
    RecipeName,
    Refusal,
    Settings,
)
from engine.words import sentence

PHOTOS = Path(__file__).parents[3] / "demo" / "photos"
LARGEST = (7990, 5000)  # just within the limit on pixels
DEFAULT = Limits()
TEXT = Provenance(
    engine="1.2",
    content="sha256:abc",
    styles=("great_wave",),
    weights=(1.0,),
    settings=Settings(),
    plan=Plan(recipe=RecipeName.DRAFT, levels=(Level(width=64, height=48, evaluations=3),), seconds=2.0),
    evaluations_done=3,
).model_dump_json()


def png(width: int, height: int, mode: str = "1") -> bytes:
    out = BytesIO()
    Image.new(mode, (width, height)).save(out, "PNG")
    return out.getvalue()


async def refusal(data: bytes, limits: Limits = DEFAULT) -> Refusal:
    with pytest.raises(Refusal) as refused:
        await sandbox.decode(data, "style", limits=limits)
    return refused.value


async def photo_is_decoded() -> None:
    data = (PHOTOS / "chelsea.png").read_bytes()
    picture = await sandbox.decode(data, "content")
    np.testing.assert_array_equal(picture.rgb, images.decode(data, "content").rgb)
    assert picture.alpha is None


async def test_a_picture_comes_back_as_it_was_decoded() -> None:
    await photo_is_decoded()


async def test_alpha_comes_back_too() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    sent = images.Picture(rgb, rgb[..., 0])
    picture = await sandbox.decode(images.encode(sent, ImageFormat.PNG), "content")
    np.testing.assert_array_equal(picture.rgb, sent.rgb)
    np.testing.assert_array_equal(picture.alpha, sent.alpha)


async def test_a_large_picture_can_be_had_small() -> None:
    picture = await sandbox.decode(png(400, 300), "content", long_side=200)
    assert (picture.width, picture.height) == (200, 150)


async def test_the_largest_picture_fits_in_the_limits() -> None:
    picture = await sandbox.decode(png(*LARGEST, mode="RGBA"), "content")
    assert (picture.width, picture.height) == LARGEST
    assert picture.alpha is not None


async def test_a_refusal_comes_back_in_its_own_words() -> None:
    refused = await refusal(b"hello")
    assert refused.code == ErrorCode.NOT_AN_IMAGE
    assert sentence(refused).startswith("The style image is not an image that can be read")
    assert refused.status == 415


async def test_a_real_bomb_is_refused() -> None:
    assert (await refusal(png(13300, 13400))).code == ErrorCode.TOO_MANY_PIXELS


async def test_too_much_memory_is_refused() -> None:
    refused = await refusal(png(*LARGEST), Limits(memory_bytes=64 * 2**20))
    assert refused.code == ErrorCode.BROKEN_IMAGE
    await photo_is_decoded()


async def test_too_much_time_is_refused() -> None:
    refused = await refusal(png(*LARGEST), Limits(wall_seconds=0.01))
    assert refused.code == ErrorCode.BROKEN_IMAGE
    assert sentence(refused).startswith("The style image is damaged")
    await photo_is_decoded()


# --- what moves, what masks, and what a picture tells ---------------------------------------------------------


def moving(count: int, size: tuple[int, int], format_: str = "GIF", **options: Any) -> bytes:
    shades = [Image.new("RGB", size, (5 * index % 256, 90, 40)) for index in range(count)]
    out = BytesIO()
    shades[0].save(out, format_, save_all=True, append_images=shades[1:], **options)
    return out.getvalue()


def again_and_again(count: int, side: int) -> bytes:
    """A GIF with the same frame so many times."""
    out = BytesIO()
    steps = Image.linear_gradient("L").resize((9, 9)).resize((side, side), Image.Resampling.NEAREST)
    steps.save(out, "GIF", optimize=False)
    head, data = 13 + 3 * 256, out.getvalue()
    return data[:head] + data[head:-1] * count + b";"


async def content(data: bytes, *, most: int = 48, limits: Limits = DEFAULT) -> images.Animation:
    return await sandbox.decode_content(
        data, "content", most=most, long_side=200, frame_side=100, limits=limits
    )


async def test_an_animation_comes_back_thinned_and_small() -> None:
    animation = await content(moving(6, (400, 300), duration=[20, 30, 40, 50, 60, 70]), most=3)
    assert (animation.total, animation.milliseconds) == (6, (50, 90, 130))
    assert {frame.rgb.shape for frame in animation.frames} == {(75, 100, 3)}
    np.testing.assert_allclose([frame.rgb[9, 9, 0] for frame in animation.frames], [0, 10, 20], atol=2)


async def test_alpha_comes_back_with_its_own_frames() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    frames = (images.Picture(rgb), images.Picture(rgb[::-1], rgb[..., 0]), images.Picture(rgb[:, ::-1]))
    data = images.encode_animation(images.Animation(frames, (50, 60, 70)), ImageFormat.PNG)
    animation = await content(data)
    assert [frame.alpha is not None for frame in animation.frames] == [False, True, False]
    for sent, got in zip(frames, animation.frames, strict=True):
        np.testing.assert_array_equal(sent.rgb, got.rgb)
    np.testing.assert_array_equal(animation.frames[1].alpha, rgb[..., 0])


async def test_what_does_not_move_is_one_frame() -> None:
    animation = await content(png(400, 300, "RGBA"))
    assert (len(animation.frames), animation.total) == (1, 1)
    assert animation.frames[0].rgb.shape == (150, 200, 3)
    assert animation.frames[0].alpha is not None


async def test_a_mask_comes_back() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    data = images.encode(images.Picture(rgb, rgb[..., 0]), ImageFormat.PNG)
    mask = await sandbox.decode_mask(data, "mask", long_side=100)
    np.testing.assert_array_equal(mask, images.decode_mask(data))
    assert (await sandbox.decode_mask(data, "mask", long_side=25)).shape == (20, 25)


async def test_an_animation_that_takes_too_much_is_refused() -> None:
    data = again_and_again(100, 1500)
    with pytest.raises(Refusal) as refused:
        await content(data, limits=Limits(memory_bytes=8 * 2**20))
    assert refused.value.code == ErrorCode.BROKEN_IMAGE
    with pytest.raises(Refusal) as refused:
        await content(data, limits=Limits(wall_seconds=0.05))
    assert refused.value.code == ErrorCode.BROKEN_IMAGE
    with pytest.raises(Refusal, match=r"broken_image.*mask"):
        await sandbox.decode_mask(
            png(*LARGEST), "mask", long_side=100, limits=Limits(memory_bytes=64 * 2**20)
        )
    await photo_is_decoded()


async def test_the_longest_and_largest_animation_fits_in_the_limits() -> None:
    side = math.isqrt(MAX_ANIMATED_PIXELS // MAX_FRAMES)
    animation = await content(again_and_again(MAX_FRAMES, side))
    assert (len(animation.frames), animation.total) == (48, MAX_FRAMES)


async def test_provenance_is_read_out_of_harms_way() -> None:
    data = images.encode(images.Picture(np.zeros((40, 50, 3), np.uint8)), ImageFormat.PNG, text=TEXT)
    assert (await sandbox.read_provenance(data)).model_dump_json() == TEXT


@pytest.mark.parametrize("data", [b"", b"hello", png(40, 40), png(40, 40)[:50], moving(3, (40, 40))])
async def test_no_provenance_is_said_so(data: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        await sandbox.read_provenance(data)
    assert refused.value.code == ErrorCode.NO_RECIPE


async def test_a_file_that_kills_its_reader_has_no_provenance() -> None:
    with pytest.raises(Refusal) as refused:
        await sandbox.read_provenance(png(40, 40), limits=Limits(wall_seconds=0.0))
    assert refused.value.code == ErrorCode.NO_RECIPE


# --- disasters ------------------------------------------------------------------------------------------------


def kill_a_child() -> None:
    while not (children := multiprocessing.active_children()):
        time.sleep(0.001)
    children[0].kill()


async def test_a_killed_child_is_refused() -> None:
    decoding = asyncio.create_task(refusal(png(*LARGEST, mode="RGBA")))
    await asyncio.to_thread(kill_a_child)
    assert (await decoding).code == ErrorCode.BROKEN_IMAGE
    await photo_is_decoded()


async def test_many_at_once_are_all_answered() -> None:
    data = (PHOTOS / "chelsea.png").read_bytes()
    answers = [sandbox.decode(data, "content") if n % 2 else refusal(data[:9000]) for n in range(8)]
    done = await asyncio.gather(*answers)
    assert [isinstance(answer, Refusal) for answer in done] == [True, False] * 4


def _spin() -> None:
    sandbox.limit_self(Limits(cpu_seconds=1))
    while True:
        pass


def test_too_much_processor_time_is_the_end() -> None:
    process = multiprocessing.get_context("forkserver").Process(target=_spin, daemon=True)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGXCPU
