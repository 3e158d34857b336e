"""The few colours that stand for a picture."""

import numpy as np
from PIL import Image

from engine.images.types import Picture


def main_colours(picture: Picture, count: int = 5) -> list[str]:
    """The colours that `count` clusters of the picture's pixels have, as "#rrggbb", the most frequent first."""
    small = Image.fromarray(picture.rgb).resize((64, 64), Image.Resampling.BOX)
    reduced = small.quantize(count, Image.Quantize.MEDIANCUT, kmeans=3)
    palette = reduced.getpalette() or []
    frequencies = np.bincount(np.asarray(reduced).ravel(), minlength=count)
    return ["#" + bytes(palette[3 * i : 3 * i + 3]).hex() for i in np.argsort(-frequencies, stable=True)]
