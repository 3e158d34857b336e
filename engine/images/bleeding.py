"""Colours for what is transparent, for those who look at all of an image's pixels: an alpha bleed.

Rule: they come from the visible pixels alone, so that whatever lies hidden below a transparent one has no say.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.images.types import Picture

Plane = NDArray[np.float32]  # (height, width, colours)
FAINTEST = 32  # of alpha: what is more than that has its own colour, and what is less hardly has any


def bleed(picture: Picture) -> NDArray[np.uint8]:
    """The pixels (h, w, 3), and where they are hidden the visible colours around, the further away the smoother.

    So there is no edge where an image ends, which a network would see. Pull and push of Gortler et al.,
    "The Lumigraph" (1996), section 3.4; black where nothing is visible at all.
    """
    if picture.alpha is None:
        return picture.rgb
    share = np.minimum(picture.alpha[..., None] / np.float32(FAINTEST), 1)
    filled = _fill(np.asarray(picture.rgb * share, np.float32), share)
    return np.asarray(np.clip(np.rint(filled), 0, 255), np.uint8)


def _fill(weighted: Plane, weight: Plane) -> Plane:
    """Colours (h, w, 3) everywhere from those times their weights, which are 0 to 1 (h, w, 1)."""
    if weight.min() == 1 or weight.size == 1:
        return np.asarray(weighted / np.maximum(weight, np.finfo(np.float32).tiny), np.float32)
    coarse = _fill(_halved(weighted), _halved(weight))
    return weighted + (1 - weight) * _enlarged(coarse, weight.shape[:2])


def _halved(plane: Plane) -> Plane:
    """Means of 2 x 2; a side that is odd ends with less."""
    padded = np.pad(plane, ((0, plane.shape[0] % 2), (0, plane.shape[1] % 2), (0, 0)))
    height, width, colours = padded.shape
    halved: Plane = padded.reshape(height // 2, 2, width // 2, 2, colours).mean((1, 3), dtype=np.float32)
    return halved


def _enlarged(plane: Plane, shape: tuple[int, int]) -> Plane:
    size = shape[1], shape[0]
    colours = np.moveaxis(plane, 2, 0)
    return np.stack(
        [np.asarray(Image.fromarray(colour).resize(size, Image.Resampling.BILINEAR)) for colour in colours], 2
    )
