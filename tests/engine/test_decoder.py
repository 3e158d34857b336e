"""Whatever a file does to the process that decodes it, the engine gets a picture or a refusal and goes on."""

import asyncio
import multiprocessing
import signal
import time
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine import decoder, images
from engine.decoder import Limits
from engine.protocol import ErrorCode, ImageFormat, Refusal

PHOTOS = Path(__file__).parents[2] / "demo" / "photos"
LARGEST = (7990, 5000)  # just within the limit on pixels
DEFAULT = Limits()


def png(width: int, height: int, mode: str = "1") -> bytes:
    out = BytesIO()
    Image.new(mode, (width, height)).save(out, "PNG")
    return out.getvalue()


async def refusal(data: bytes, limits: Limits = DEFAULT) -> Refusal:
    with pytest.raises(Refusal) as refused:
        await decoder.decode(data, "style image", limits=limits)
    return refused.value


async def photo_is_decoded() -> None:
    data = (PHOTOS / "chelsea.png").read_bytes()
    picture = await decoder.decode(data, "picture")
    np.testing.assert_array_equal(picture.rgb, images.decode(data, "picture").rgb)
    assert picture.alpha is None


async def test_a_picture_comes_back_as_it_was_decoded() -> None:
    await photo_is_decoded()


async def test_alpha_comes_back_too() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    sent = images.Picture(rgb, rgb[..., 0])
    picture = await decoder.decode(images.encode(sent, ImageFormat.PNG), "picture")
    np.testing.assert_array_equal(picture.rgb, sent.rgb)
    np.testing.assert_array_equal(picture.alpha, sent.alpha)


async def test_a_large_picture_can_be_had_small() -> None:
    picture = await decoder.decode(png(400, 300), "picture", long_side=200)
    assert (picture.width, picture.height) == (200, 150)


async def test_the_largest_picture_fits_in_the_limits() -> None:
    picture = await decoder.decode(png(*LARGEST, mode="RGBA"), "picture")
    assert (picture.width, picture.height) == LARGEST
    assert picture.alpha is not None


async def test_a_refusal_comes_back_in_its_own_words() -> None:
    refused = await refusal(b"hello")
    assert refused.code == ErrorCode.NOT_AN_IMAGE
    assert refused.sentence.startswith("The style image is not an image I can read")
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
    assert refused.sentence.startswith("The style image is damaged")
    await photo_is_decoded()


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
    answers = [decoder.decode(data, "picture") if n % 2 else refusal(data[:9000]) for n in range(8)]
    done = await asyncio.gather(*answers)
    assert [isinstance(answer, Refusal) for answer in done] == [True, False] * 4


def _spin() -> None:
    decoder.limit_self(Limits(cpu_seconds=1))
    while True:
        pass


def test_too_much_processor_time_is_the_end() -> None:
    process = multiprocessing.get_context("forkserver").Process(target=_spin, daemon=True)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGXCPU
