"""Before and after in one picture: a slanting line, what was painted on its left, what came of it on its right.

At the size of a chat that shows twice as much of each as two pictures side by side. Pure: pictures in, a picture out.
"""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.images.types import Picture, contain, of_image, pad, resize, shrink, to_image

LONG_SIDE = 2048  # pixels at most: it is to be looked at, and no more
_LEAN = 0.18  # of the height: how far above and below the middle the line is aside
_MOST_LEAN = 0.3  # of the width
_LINE = 0.008  # of the long side: how thick the line is
_LEAST_LINE = 2.0  # pixels
_SAME_SHAPE = 0.04  # of two ratios of width to height: rounding does that to small sides


def compare(before: Picture, after: Picture) -> Picture:
    """The two as one picture of the shape of `after`; of another shape, `before` is put into its middle, as a sticker is."""
    after = shrink(after, LONG_SIDE)
    images = [to_image(picture) for picture in (_like(before, after), after)]
    if images[0].mode != images[1].mode:
        images = [image.convert("RGBA") for image in images]
    distance = _distances(after.width, after.height)
    half = max(_LINE * max(after.width, after.height), _LEAST_LINE) / 2
    both = Image.composite(images[1], images[0], _mask(distance + 0.5))
    white = Image.new(both.mode, both.size, "white")
    return of_image(Image.composite(white, both, _mask(half + 0.5 - np.abs(distance))))


def _mask(share: NDArray[np.floating]) -> Image.Image:
    return Image.fromarray(np.rint(255 * np.clip(share, 0, 1)).astype(np.uint8))


def _distances(width: int, height: int) -> NDArray[np.floating]:
    """Pixels (height, width) of each pixel to the line, those on its right above 0."""
    lean = min(_LEAN * height, _MOST_LEAN * width)
    down = (np.arange(height, dtype=np.float32) + 0.5)[:, None] / height
    across = np.arange(width, dtype=np.float32)[None] + 0.5
    steepness = height / math.hypot(2 * lean, height)
    return (across - width / 2 - lean * (1 - 2 * down)) * steepness


def _like(picture: Picture, other: Picture) -> Picture:
    """A picture at the size of another."""
    size = other.width, other.height
    shape = picture.width * other.height / (picture.height * other.width)
    if abs(math.log(shape)) < _SAME_SHAPE:
        return resize(picture, *size)
    return pad(contain(picture, *size, may_grow=True), *size)
