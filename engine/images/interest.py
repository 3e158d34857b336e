"""Where in a picture people look, so that what is cut to another shape keeps a face at its edge.

The measure is that of smartcrop (Wagner, github.com/jwagner/smartcrop.js): detail, more of it where the colours are those
of skin, and some where they are strong. It is cheap and knows no faces, so it errs on the side of the middle. Departure: a
window is cut from one side only, so it is found along a line, and what is near its edges counts less (Epanechnikov's
kernel), or a head would be cut in half as gladly as kept.

Pure: a picture in, a number out.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.images.types import Picture, to_image

Floats = NDArray[np.floating]

_SIDE = 96  # pixels of the long side that is looked at
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
_SKIN = np.array([0.78, 0.57, 0.44], np.float32)  # light or dark, as only its direction counts
_SKIN_LIKE, _DARKEST_SKIN = 0.8, 0.2
_STRONG, _DARK, _LIGHT = 0.4, 0.05, 0.9  # of saturation, and of lightness, beyond which there is no colour
_DETAIL_WEIGHT, _SKIN_WEIGHT, _COLOUR_WEIGHT = 0.2, 1.8, 0.1
_SKIN_BIAS, _COLOUR_BIAS = 0.01, 0.2  # what they count without any detail
_TO_MIDDLE = 0.1  # of the best window's interest, that the outermost ones lose where nearly all is cut off


def best_cut(picture: Picture, width: int, height: int) -> float:
    """Where to cut a picture to the shape width x height: 0 keeps its left or upper end, 1 the other, 0.5 the middle."""
    interest = interest_of(picture)
    rows, columns = interest.shape
    is_wide = picture.width * height > picture.height * width
    line = interest.sum(0 if is_wide else 1)
    kept = rows * width / height if is_wide else columns * height / width
    length = min(max(round(kept), 1), len(line))
    if length == len(line) or not line.any():
        return 0.5
    along = 2 * (np.arange(length, dtype=np.float32) + 0.5) / length - 1
    windows = np.correlate(line, 1 - along**2, "valid")
    aside = np.linspace(-1, 1, len(windows), dtype=np.float32)
    pull = _TO_MIDDLE * (1 - length / len(line))
    best = windows / windows.max() - pull * aside**2
    # Of several that are as good, as in a flat picture, the one in the middle.
    good = np.flatnonzero(best >= best.max() - 1e-5)
    chosen = good[np.abs(aside[good]).argmin()]
    return float(chosen / (len(windows) - 1))


def interest_of(picture: Picture) -> Floats:
    """How much there is to look at, in each place of a thumbnail (h, w)."""
    small = to_image(picture)
    small.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
    colours = np.asarray(small.convert("RGB"), np.float32) / 255
    light = colours @ _LUMA
    detail = _detail(light)
    interest: Floats = (
        _DETAIL_WEIGHT * detail
        + _SKIN_WEIGHT * _skin(colours, light) * (detail + _SKIN_BIAS)
        + _COLOUR_WEIGHT * _colour(colours) * (detail + _COLOUR_BIAS)
    )
    if picture.alpha is not None:
        interest = interest * (np.asarray(small.getchannel("A"), np.float32) / 255)
    return interest


def _detail(light: Floats) -> Floats:
    """(h, w): how much each place differs from those beside it (the Laplacian)."""
    around = np.pad(light, 1, mode="edge")
    beside = around[:-2, 1:-1] + around[2:, 1:-1] + around[1:-1, :-2] + around[1:-1, 2:]
    return np.clip(np.abs(4 * light - beside), 0, 1)


def _skin(colours: Floats, light: Floats) -> Floats:
    """(h, w): how much the hue is that of skin, 0 to 1."""
    lengths = np.linalg.norm(colours, axis=-1, keepdims=True) + 1e-6
    like = 1 - np.linalg.norm(colours / lengths - _SKIN / np.linalg.norm(_SKIN), axis=-1)
    there = np.clip((like - _SKIN_LIKE) / (1 - _SKIN_LIKE), 0, 1)
    return np.where(light > _DARKEST_SKIN, there, 0)


def _colour(colours: Floats) -> Floats:
    """(h, w): how strong the colour is, 0 to 1."""
    most, least = colours.max(-1), colours.min(-1)
    lightness = (most + least) / 2
    saturation = (most - least) / np.maximum(1 - np.abs(2 * lightness - 1), 1e-6)
    strong = np.clip((saturation - _STRONG) / (1 - _STRONG), 0, 1)
    return np.where((lightness > _DARK) & (lightness < _LIGHT), strong, 0)
