"""A moving picture comes in with its frames and its pace, and goes out again so, within the bytes that may be."""

import struct
import zlib
from collections.abc import Iterable
from io import BytesIO
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from engine import images
from engine.images import Animation, Picture
from engine.protocol import (
    MAX_ANIMATED_PIXELS,
    MAX_FRAMES,
    MAX_PAINTED_FRAMES,
    MIN_SIDE,
    ErrorCode,
    ImageFormat,
    Refusal,
)
from engine.words import sentence

COLOURS = ((200, 30, 30), (30, 180, 30), (40, 40, 220), (230, 220, 40), (20, 200, 210), (240, 240, 240))
PACE = (40, 80, 120, 500, 60, 1000)
WRITTEN = (ImageFormat.WEBP, ImageFormat.GIF, ImageFormat.PNG)


def saved(frames: Iterable[Image.Image], format_: str, **options: Any) -> bytes:
    first, *others = frames
    out = BytesIO()
    first.save(out, format_, save_all=True, append_images=others, **options)
    return out.getvalue()


def sheets(count: int = 6, size: tuple[int, int] = (64, 48)) -> list[Image.Image]:
    """Frames of one colour each."""
    return [Image.new("RGB", size, COLOURS[index % len(COLOURS)]) for index in range(count)]


def decode(data: bytes, most: int = MAX_PAINTED_FRAMES, long_side: int | None = None) -> Animation:
    animation = images.decode_animation(data, "content", most=most, long_side=long_side)
    assert animation is not None
    return animation


def refusal(data: bytes) -> Refusal:
    with pytest.raises(Refusal) as refused:
        images.decode_animation(data, "content", most=MAX_PAINTED_FRAMES)
    return refused.value


def colours(animation: Animation) -> NDArray[np.float64]:
    return np.array([frame.rgb.mean((0, 1)) for frame in animation.frames])


def textured(count: int = 5, width: int = 96, height: int = 64, *, hole: bool = False) -> Animation:
    """Something that moves, and costs bytes; with a transparent disc in it if asked for."""
    noise = np.random.default_rng(0).integers(0, 256, (height // 8, width // 8, 3), np.uint8)
    rgb = np.asarray(Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC))
    down, across = np.mgrid[0:height, 0:width]
    frames = []
    for index in range(count):
        inside = (across - 20 - 8 * index) ** 2 + (down - height / 2) ** 2 < (height / 4) ** 2
        alpha = np.where(inside, 0, 255).astype(np.uint8) if hole else None
        frames.append(Picture(np.roll(rgb, 5 * index, 1), alpha))
    return Animation(tuple(frames), tuple(50 + 30 * index for index in range(count)))


def gif(frames: Iterable[tuple[int, int]], canvas: tuple[int, int] = (64, 64), delay: int = 5) -> bytes:
    """A GIF by hand: black frames of these sizes, each at the top left."""
    head = b"GIF89a" + struct.pack("<HHBBB", *canvas, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    control = b"\x21\xf9\x04\0" + struct.pack("<H", delay) + b"\0\0"
    bodies = (
        control + b"\x2c" + struct.pack("<HHHHB", 0, 0, *size, 0) + black(size[0] * size[1])
        for size in frames
    )
    return head + b"".join(bodies) + b";"


def black(pixels: int) -> bytes:
    """LZW of that many pixels, in codes of 8 bits; cleared before they would grow. A large frame's are left out."""
    run = b"\x80" + bytes(100)  # 0x80: forget all codes
    codes = run * min(-(-pixels // 100), 10_000) + b"\x81"
    blocks = (codes[i : i + 255] for i in range(0, len(codes), 255))
    return b"\x07" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


# --- in -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format_", ["GIF", "WEBP", "PNG", "AVIF"])
def test_frames_and_their_durations_come_in(format_: str) -> None:
    animation = decode(saved(sheets(), format_, duration=list(PACE)))
    assert animation.milliseconds == PACE
    assert animation.total == 6
    np.testing.assert_allclose(colours(animation), COLOURS, atol=12)


@pytest.mark.parametrize("format_", ["GIF", "WEBP", "PNG", "AVIF", "HEIF", "JPEG"])
def test_what_does_not_move_is_no_animation(format_: str) -> None:
    out = BytesIO()
    sheets()[0].save(out, format_)
    assert images.decode_animation(out.getvalue(), "content", most=5) is None


def test_an_album_is_no_animation() -> None:
    assert images.decode_animation(saved(sheets(), "HEIF"), "content", most=5) is None


@pytest.mark.parametrize("most", [1, 2, 4, 5])
def test_a_long_one_is_thinned_evenly_and_takes_as_long(most: int) -> None:
    data = saved(sheets(), "PNG", duration=list(PACE))
    animation = decode(data, most)
    assert animation.total == 6
    assert len(animation.frames) == most
    assert sum(animation.milliseconds) == sum(PACE)
    chosen = [index * 6 // most for index in range(most)]
    np.testing.assert_allclose(colours(animation), [COLOURS[index] for index in chosen], atol=1)
    starts = [*chosen, 6]
    shown = [sum(PACE[start:end]) for start, end in pairwise(starts)]
    assert animation.milliseconds == tuple(shown)


@pytest.mark.parametrize(("delay", "shown"), [(0, 100), (1, 100), (2, 20), (7, 70), (65535, 600_000)])
def test_a_delay_is_what_browsers_make_of_it(delay: int, shown: int) -> None:
    assert decode(gif([(64, 64)] * 3, delay=delay)).milliseconds == (shown,) * 3


def test_frames_are_made_as_small_as_wanted_before_there_are_many() -> None:
    animation = decode(saved(sheets(4, (200, 100)), "WEBP", duration=50), long_side=80)
    assert {frame.rgb.shape for frame in animation.frames} == {(40, 80, 3)}


def test_transparency_is_kept_frame_by_frame() -> None:
    sent = textured(hole=True)
    got = decode(images.encode_animation(sent, ImageFormat.PNG))
    for one, other in zip(sent.frames, got.frames, strict=True):
        np.testing.assert_array_equal(one.alpha, other.alpha)


def test_a_frame_builds_on_those_before_it() -> None:
    whole, part = Image.new("RGBA", (64, 48), (200, 30, 30, 255)), Image.new("RGBA", (64, 48))
    part.paste((40, 40, 220, 255), (0, 0, 32, 48))
    data = saved([whole, part], "PNG", duration=50, blend=1)
    second = decode(data).frames[1]
    np.testing.assert_array_equal(second.rgb[20, 10], (40, 40, 220))
    np.testing.assert_array_equal(second.rgb[20, 50], (200, 30, 30))


def test_the_picture_for_old_viewers_is_none_of_the_frames() -> None:
    still, *moving = sheets(4)
    data = saved([still, *moving], "PNG", duration=[70, 80, 90], default_image=True)
    animation = decode(data)
    assert animation.milliseconds == (70, 80, 90)
    np.testing.assert_allclose(colours(animation), COLOURS[1:4], atol=1)


def test_one_turned_by_the_camera_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    animation = decode(saved(sheets(3), "WEBP", duration=50, exif=exif.tobytes()))
    assert {frame.rgb.shape for frame in animation.frames} == {(64, 48, 3)}


# --- in: what is hostile --------------------------------------------------------------------------------------


def test_ten_thousand_frames_are_refused_by_their_number() -> None:
    refused = refusal(gif([(8, 8)] * 10_000))
    assert refused.code == ErrorCode.TOO_MANY_FRAMES
    assert f"10000 frames, and the limit is {MAX_FRAMES}" in sentence(refused)


def test_as_many_frames_as_allowed_are_thinned() -> None:
    animation = decode(gif([(64, 64)] * MAX_FRAMES))
    assert (len(animation.frames), animation.total) == (MAX_PAINTED_FRAMES, MAX_FRAMES)
    assert sum(animation.milliseconds) == 50 * MAX_FRAMES


def test_large_frames_may_be_fewer() -> None:
    limit = MAX_ANIMATED_PIXELS // (1000 * 1000)
    refused = refusal(gif([(8, 8)] * (limit + 1), (1000, 1000)))
    assert refused.code == ErrorCode.TOO_MANY_FRAMES
    assert f"{limit + 1} frames, and the limit is {limit}" in sentence(refused)


def test_frames_of_different_sizes_come_out_as_the_first() -> None:
    animation = decode(gif([(64, 64), (8, 8), (300, 20), (20, 400)]))
    assert {frame.rgb.shape for frame in animation.frames} == {(64, 64, 3)}


def test_a_frame_far_larger_than_the_canvas_is_never_allocated() -> None:
    assert refusal(gif([(64, 64), (65535, 65535)])).code == ErrorCode.BROKEN_IMAGE


def test_a_frame_that_grows_beyond_the_limit_is_refused() -> None:
    assert refusal(gif([(64, 64), (10_000, 10_000)])).code == ErrorCode.TOO_MANY_PIXELS


def test_a_small_one_is_refused() -> None:
    assert refusal(gif([(8, 8), (8, 8)], (8, 8))).code == ErrorCode.TOO_SMALL


@pytest.mark.parametrize("format_", ["GIF", "WEBP", "PNG", "AVIF"])
def test_half_an_animation_is_damaged(format_: str) -> None:
    data = saved(textured_images(), format_, duration=50)
    assert refusal(data[: len(data) // 2]).code == ErrorCode.BROKEN_IMAGE


def textured_images() -> list[Image.Image]:
    return [Image.fromarray(frame.rgb) for frame in textured().frames]


def test_more_frames_announced_than_there_are_is_damage() -> None:
    data = saved(sheets(2), "PNG", duration=50)
    more = data.replace(chunk(b"acTL", struct.pack(">II", 2, 0)), chunk(b"acTL", struct.pack(">II", 9, 0)))
    assert more != data
    assert refusal(more).code == ErrorCode.BROKEN_IMAGE


@pytest.mark.parametrize("keyword", ["duration", "default_image", "transparency", "icc_profile", "loop"])
def test_text_that_poses_as_a_property_is_survived(keyword: str) -> None:
    data = saved(sheets(3), "PNG", duration=50)
    text = chunk(b"tEXt", keyword.encode() + b"\0nonsense")
    place = data.index(b"acTL") - 4
    outcome = moving_or_refused(data[:place] + text + data[place:])
    assert not isinstance(outcome, Refusal) or outcome.code == ErrorCode.BROKEN_IMAGE


def moving_or_refused(data: bytes, most: int = MAX_PAINTED_FRAMES) -> Animation | Refusal | None:
    try:
        return images.decode_animation(data, "content", most=most)
    except Refusal as refused:
        return refused


MOVING = {
    format_: saved(textured_images(), format_, duration=[10, 20, 30, 40, 50])
    for format_ in ("GIF", "WEBP", "PNG", "AVIF")
}


@settings(max_examples=200)
@given(
    name=st.sampled_from(sorted(MOVING)),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), max_size=12),
    keep=st.floats(0.05, 1.0),
)
def test_a_damaged_one_is_read_or_refused(name: str, flips: list[tuple[float, int]], keep: float) -> None:
    data = bytearray(MOVING[name])
    for where, flip in flips:
        data[int(where * len(data))] ^= flip
    outcome = moving_or_refused(bytes(data[: int(keep * len(data))]), most=3)
    if isinstance(outcome, Refusal):
        assert sentence(outcome).startswith("The picture ")
    elif outcome is not None:
        assert 1 <= len(outcome.frames) <= 3
        assert len({frame.rgb.shape for frame in outcome.frames}) == 1
        assert min(outcome.milliseconds) > 0


# --- out ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format_", WRITTEN)
@pytest.mark.parametrize("hole", [False, True])
def test_what_is_written_can_be_read(format_: ImageFormat, hole: bool) -> None:
    sent = textured(hole=hole)
    got = decode(images.encode_animation(sent, format_))
    assert got.milliseconds == sent.milliseconds
    for one, other in zip(sent.frames, got.frames, strict=True):
        np.testing.assert_array_equal(one.alpha is None, other.alpha is None)
        seen = slice(None) if one.alpha is None else one.alpha > 0
        assert np.abs(one.rgb.astype(int) - other.rgb)[seen].mean() < 12
        if one.alpha is not None and other.alpha is not None:
            assert np.abs(one.alpha.astype(int) - other.alpha).mean() < 1


def test_it_is_played_for_ever() -> None:
    for format_ in WRITTEN:
        with Image.open(BytesIO(images.encode_animation(textured(), format_))) as image:
            assert image.info["loop"] == 0, format_


def test_a_png_is_written_without_loss_and_keeps_frames_that_look_the_same() -> None:
    frame = textured().frames[0]
    sent = Animation((frame, frame, frame), (20, 70_000, 99_999))
    got = decode(images.encode_animation(sent, ImageFormat.PNG))
    assert got.milliseconds == (20, 70_000, 99_000)
    for other in got.frames:
        np.testing.assert_array_equal(frame.rgb, other.rgb)


def test_what_a_gif_rounds_off_a_frame_is_not_lost() -> None:
    sent = Animation(textured(6).frames, (33, 33, 34, 47, 33, 33))
    got = decode(images.encode_animation(sent, ImageFormat.GIF))
    for wanted, shown in zip(accumulate(sent.milliseconds), accumulate(got.milliseconds), strict=True):
        assert abs(wanted - shown) <= 5


@pytest.mark.parametrize("format_", WRITTEN)
def test_frames_that_are_shown_for_minutes_can_be_written(format_: ImageFormat) -> None:
    frame = textured().frames[0]
    longest = Animation((frame,) * 4, (12_000_000,) * 4)
    assert images.decode(images.encode_animation(longest, format_), "content").width == frame.width


def test_rather_transparent_is_transparent_in_a_gif() -> None:
    alpha = np.tile(np.array([0, 100, 200, 255], np.uint8).repeat(16), (48, 1))
    frames = tuple(Picture(np.full((48, 64, 3), grey, np.uint8), alpha) for grey in (90, 120))
    got = decode(images.encode_animation(Animation(frames, (50, 60)), ImageFormat.GIF)).frames[0]
    assert got.alpha is not None
    np.testing.assert_array_equal(got.alpha[0], np.where(alpha[0] < 128, 0, 255))


@pytest.mark.parametrize("format_", WRITTEN)
def test_bytes_are_kept_to(format_: ImageFormat) -> None:
    sent = textured(6, 192, 128)
    whole = len(images.encode_animation(sent, format_))
    within = images.encode_animation(sent, format_, max_bytes=whole // 3)
    assert len(within) <= whole // 3
    got = decode(within)
    assert len(got.frames) == 6
    assert got.milliseconds == sent.milliseconds
    assert got.frames[0].width / got.frames[0].height == pytest.approx(1.5, abs=0.05)


def test_quality_is_given_up_before_size() -> None:
    sent = textured(6, 192, 128)
    whole = len(images.encode_animation(sent, ImageFormat.WEBP))
    got = decode(images.encode_animation(sent, ImageFormat.WEBP, max_bytes=whole * 7 // 10))
    assert got.frames[0].width == 192


@pytest.mark.parametrize("format_", WRITTEN)
def test_what_cannot_fit_comes_as_small_as_it_gets(format_: ImageFormat) -> None:
    data = images.encode_animation(textured(), format_, max_bytes=10)
    first = images.decode(data, "content")
    assert min(first.width, first.height) == MIN_SIDE


@pytest.mark.parametrize("format_", WRITTEN)
@pytest.mark.parametrize("text", ['{"seed": 7}', '{"style": "神奈川沖浪裏 🌊"}', "", "x" * 20_000])
def test_the_text_can_be_read_back(format_: ImageFormat, text: str) -> None:
    data = images.encode_animation(textured(), format_, text=text)
    assert images.read_text(data) == text
    assert len(decode(data).frames) == 5


def test_other_formats_are_not_written() -> None:
    with pytest.raises(ValueError, match="not as JPEG"):
        images.encode_animation(textured(), ImageFormat.JPEG)
