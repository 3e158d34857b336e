"""A moving PNG is composed as its specification says, whatever is undone, blended and put where."""

import struct
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine import images
from engine.images import Animation
from engine.protocol import Refusal
from tests.engine.images.pngs import RGBA, SIGNATURE, Frame, chunk, header, moving, packed

NONE, BACKGROUND, PREVIOUS = 0, 1, 2
SOURCE, OVER = 0, 1
SIZE = (40, 36)
RED, GREEN, BLUE = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255)


def flat(colour: Sequence[int], width: int = SIZE[0], height: int = SIZE[1]) -> NDArray[np.uint8]:
    return np.full((height, width, 4), colour, np.uint8)


def decode(data: bytes, most: int = 48) -> Animation:
    animation = images.decode_animation(data, "content", most=most)
    assert animation is not None
    return animation


def shown(animation: Animation) -> list[NDArray[np.uint8]]:
    """RGBA (height, width, 4) of each frame."""
    full = np.full((SIZE[1], SIZE[0]), 255, np.uint8)
    return [
        np.dstack([frame.rgb, full if frame.alpha is None else frame.alpha]) for frame in animation.frames
    ]


def by_the_book(frames: Sequence[Frame]) -> list[NDArray[np.float64]]:
    """What the specification says is shown, in floating point: RGBA (height, width, 4), 0 to 1, premultiplied."""
    canvas = np.zeros((SIZE[1], SIZE[0], 4))
    outputs = []
    for index, frame in enumerate(frames):
        height, width = frame.rgba.shape[:2]
        region = (slice(frame.top, frame.top + height), slice(frame.left, frame.left + width))
        before = canvas[region].copy()
        drawn = frame.rgba / 255
        drawn[..., :3] *= drawn[..., 3:]
        canvas[region] = drawn if frame.blend == SOURCE else drawn + before * (1 - drawn[..., 3:])
        outputs.append(canvas.copy())
        if frame.disposal == BACKGROUND or (frame.disposal == PREVIOUS and index == 0):
            canvas[region] = 0
        elif frame.disposal == PREVIOUS:
            canvas[region] = before
    return outputs


def assert_same(got: Sequence[NDArray[np.uint8]], wanted: Sequence[NDArray[np.float64]]) -> None:
    assert len(got) == len(wanted)
    for one, other in zip(got, wanted, strict=True):
        premultiplied = one / 255
        premultiplied[..., :3] *= premultiplied[..., 3:]
        np.testing.assert_allclose(premultiplied, other, atol=2.5 / 255)


@st.composite
def frames(draw: st.DrawFn, *, whole_first: bool) -> list[Frame]:
    made = []
    for index in range(draw(st.integers(2, 7))):
        width, height = SIZE
        left = top = 0
        if index or not whole_first:
            width, height = draw(st.integers(1, SIZE[0])), draw(st.integers(1, SIZE[1]))
            left, top = draw(st.integers(0, SIZE[0] - width)), draw(st.integers(0, SIZE[1] - height))
        random = np.random.default_rng(draw(st.integers(0, 2**20)))
        rgba = random.integers(0, 256, (height, width, 4), np.uint8)
        rgba[..., 3] = random.choice([0, 60, 128, 200, 255], (height, width))
        made.append(Frame(rgba, left, top, draw(st.integers(0, 2)), draw(st.integers(0, 1))))
    return made


@settings(max_examples=150, deadline=None)
@given(frames(whole_first=True))
def test_any_animation_is_composed_as_the_specification_says(made: list[Frame]) -> None:
    assert_same(shown(decode(moving(SIZE, made))), by_the_book(made))


@settings(max_examples=80, deadline=None)
@given(frames(whole_first=False), st.integers(0, 255))
def test_a_default_image_that_is_no_frame_shows_nowhere(made: list[Frame], grey: int) -> None:
    data = moving(SIZE, made, default=flat((grey, grey, grey, 255)))
    assert_same(shown(decode(data)), by_the_book(made))
    first = images.decode(data, "content")
    np.testing.assert_array_equal(first.rgb, decode(data).frames[0].rgb)


@settings(max_examples=30, deadline=None)
@given(frames(whole_first=True), st.integers(1, 3))
def test_frames_that_are_left_out_are_composed_all_the_same(made: list[Frame], most: int) -> None:
    kept = [index * len(made) // min(most, len(made)) for index in range(min(most, len(made)))]
    wanted = by_the_book(made)
    assert_same(shown(decode(moving(SIZE, made), most)), [wanted[index] for index in kept])


def test_what_was_blended_over_is_undone() -> None:
    spot = Frame(flat(BLUE, 8, 8), 4, 4, PREVIOUS, OVER)
    data = moving(SIZE, [Frame(flat(RED)), spot, Frame(flat(GREEN, 2, 2), 0, 0)])
    second, third = shown(decode(data))[1:]
    assert tuple(second[6, 6]) == BLUE
    assert tuple(third[6, 6]) == RED
    assert tuple(third[0, 0]) == GREEN


def test_half_transparent_over_opaque_is_opaque() -> None:
    data = moving(SIZE, [Frame(flat(RED)), Frame(flat((0, 0, 255, 128)), blend=OVER)])
    second = decode(data).frames[1]
    assert second.alpha is None
    np.testing.assert_allclose(second.rgb[5, 5], (127, 0, 128), atol=1)


def test_one_frame_beside_a_default_image_is_what_is_shown() -> None:
    data = moving(SIZE, [Frame(flat(BLUE))], default=flat(RED))
    assert images.decode_animation(data, "content", most=5) is None
    assert tuple(images.decode(data, "content").rgb[0, 0]) == BLUE[:3]


def control(number: int, width: int = SIZE[0], height: int = SIZE[1], left: int = 0, top: int = 0) -> bytes:
    return chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, width, height, left, top, 1, 10, 0, 0))


def data_chunk(number: int) -> bytes:
    return chunk(b"fdAT", struct.pack(">I", number) + packed(flat(BLUE)))


PIXELS = chunk(b"IDAT", packed(flat(RED)))
UNSOUND = {
    "no control": [PIXELS, data_chunk(0)],
    "a number left out": [control(0), PIXELS, control(2), data_chunk(3)],
    "numbers swapped": [control(0), PIXELS, control(2), data_chunk(1)],
    "a number twice": [control(0), PIXELS, control(0), data_chunk(1)],
    "no data": [control(0), PIXELS, control(1), control(2), data_chunk(3)],
    "outside": [control(0), PIXELS, control(1, left=1), data_chunk(2)],
    "far outside": [control(0), PIXELS, control(1, width=2**32 - 1), data_chunk(2)],
    "empty": [control(0), PIXELS, control(1, width=0), data_chunk(2)],
    "first frame too small": [control(0, width=20), PIXELS, control(1), data_chunk(2)],
    "two first frames": [control(0), control(1), PIXELS, control(2), data_chunk(3)],
    "data before pixels": [control(0), data_chunk(1), PIXELS],
    "short control": [control(0), PIXELS, chunk(b"fcTL", bytes(10)), data_chunk(2)],
}


@pytest.mark.parametrize("name", UNSOUND)
def test_frames_in_disorder_leave_the_picture_for_all_viewers(name: str) -> None:
    start = SIGNATURE + header(*SIZE, 8, RGBA) + chunk(b"acTL", struct.pack(">II", 2, 0))
    data = start + b"".join(UNSOUND[name]) + chunk(b"IEND", b"")
    assert images.decode_animation(data, "content", most=5) is None
    assert tuple(images.decode(data, "content").rgb[0, 0]) == RED[:3]


def test_the_first_frame_of_one_that_was_cut_off_is_a_picture_and_the_rest_is_damage() -> None:
    data = moving(SIZE, [Frame(flat(RED)), Frame(flat(BLUE)), Frame(flat(GREEN))])
    cut = data[: data.index(b"fdAT") + 4]
    assert tuple(images.decode(cut, "content").rgb[0, 0]) == RED[:3]
    with pytest.raises(Refusal, match="broken_image"):
        images.decode_animation(cut, "content", most=5)
