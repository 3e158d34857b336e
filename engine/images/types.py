"""What an image is once it is decoded, and how its size and shape are changed. Pure: arrays in, arrays out."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.protocol import MIN_SIDE

_BAND_PIXELS = 2**21  # that are scaled at once


@dataclass(frozen=True, eq=False)
class Picture:
    """An upright image in 8-bit sRGB; `alpha` is None where every pixel is opaque, and not premultiplied."""

    rgb: NDArray[np.uint8]  # (height, width, 3)
    alpha: NDArray[np.uint8] | None = None  # (height, width)

    @property
    def width(self) -> int:
        """Pixels across."""
        return int(self.rgb.shape[1])

    @property
    def height(self) -> int:
        """Pixels down."""
        return int(self.rgb.shape[0])

    @property
    def visible(self) -> NDArray[np.uint8]:
        """The colours that can be seen: all (height, width, 3), or those not wholly transparent (n, 1, 3)."""
        return self.rgb if self.alpha is None else self.rgb[self.alpha > 0][:, None]


@dataclass(frozen=True, eq=False)
class Animation:
    """Pictures of one size, and how long each is shown.

    total: how many frames there were in the file, of which these are left; 0 if it is not from a file.
    """

    frames: tuple[Picture, ...]
    milliseconds: tuple[int, ...]
    total: int = 0

    @classmethod
    def still(cls, picture: Picture) -> "Animation":
        """What does not move, as an animation of one frame."""
        return cls((picture,), (0,), 1)

    def each(self, change: Callable[[Picture], Picture]) -> "Animation":
        """The same with every frame changed, all in the same way."""
        return replace(self, frames=tuple(change(frame) for frame in self.frames))


def evenly(total: int, most: int) -> list[int]:
    """Which of `total` frames to keep, the first among them, if `most` may stay."""
    kept = min(total, most)
    return [index * total // kept for index in range(kept)]


def resize(picture: Picture, width: int, height: int) -> Picture:
    """Scale to exactly this size by Lanczos; hidden pixels do not bleed into visible ones."""
    if (width, height) == (picture.width, picture.height):
        return picture
    return _resample(picture, width, height, (0, 0, picture.width, picture.height))


def shrink(picture: Picture, long_side: int) -> Picture:
    """Scale down until the long side fits, if it does not yet, but never below MIN_SIDE on the short side."""
    long, short = max(picture.rgb.shape[:2]), min(picture.rgb.shape[:2])
    scale = max(long_side / long, MIN_SIDE / short)
    if scale >= 1:
        return picture
    return resize(picture, round(picture.width * scale), round(picture.height * scale))


def shrink_mask(mask: NDArray[np.uint8], long_side: int) -> NDArray[np.uint8]:
    """Scale a mask (height, width) down until the long side fits, if it does not yet; one pixel is enough."""
    image = Image.fromarray(mask)
    image.thumbnail((long_side, long_side), Image.Resampling.BOX)
    return np.asarray(image)


def crop(picture: Picture, width: int, height: int) -> Picture:
    """Scale to cover exactly this size, and cut off what hangs over, as much on either side."""
    scale = max(width / picture.width, height / picture.height)
    across, down = min(width / scale, picture.width), min(height / scale, picture.height)
    left, top = (picture.width - across) // 2, (picture.height - down) // 2  # whole: no cut alone blurs
    return _resample(picture, width, height, (left, top, left + across, top + down))


def pad(picture: Picture, width: int, height: int) -> Picture:
    """Put it in the middle of a transparent picture of this size, which it has to fit in; never scaled."""
    if (width, height) == (picture.width, picture.height):
        return picture
    left, top = (width - picture.width) // 2, (height - picture.height) // 2
    if left < 0 or top < 0:
        raise ValueError(f"{picture.width} x {picture.height} do not fit in {width} x {height}")
    inside = (slice(top, top + picture.height), slice(left, left + picture.width))
    rgb, alpha = np.zeros((height, width, 3), np.uint8), np.zeros((height, width), np.uint8)
    rgb[inside], alpha[inside] = picture.rgb, 255 if picture.alpha is None else picture.alpha
    return Picture(rgb, alpha)


def to_image(picture: Picture) -> Image.Image:
    """Return it as Pillow's, RGB or RGBA."""
    image = Image.fromarray(picture.rgb)
    if picture.alpha is not None:
        image.putalpha(Image.fromarray(picture.alpha))
    return image


def _resample(picture: Picture, width: int, height: int, box: tuple[float, float, float, float]) -> Picture:
    if picture.width * picture.height > _BAND_PIXELS:
        return _unpremultiplied(_resampled_in_bands(picture, width, height, box))
    # Pillow premultiplies RGBA by itself while it resizes.
    image = to_image(picture).resize((width, height), Image.Resampling.LANCZOS, box)
    return _unpremultiplied(image)


def _resampled_in_bands(
    picture: Picture, width: int, height: int, box: tuple[float, float, float, float]
) -> Image.Image:
    """The same with less memory: Pillow, too, scales across and then down, and across a band is like the whole."""
    left, top, right, bottom = box
    mode = "RGB" if picture.alpha is None else "RGBa"
    narrow = Image.new(mode, (width, picture.height))
    rows = max(_BAND_PIXELS // picture.width, 1)
    for row in range(0, picture.height, rows):
        here = slice(row, row + rows)
        band = to_image(Picture(picture.rgb[here], None if picture.alpha is None else picture.alpha[here]))
        across = (left, 0, right, band.height)
        scaled = band.convert(mode).resize((width, band.height), Image.Resampling.LANCZOS, across)
        narrow.paste(scaled, (0, row))
    return narrow.resize((width, height), Image.Resampling.LANCZOS, (0, top, width, bottom))


def _unpremultiplied(image: Image.Image) -> Picture:
    if image.mode == "RGB":
        return Picture(np.asarray(image))
    image = image.convert("RGBA")
    return Picture(np.asarray(image.convert("RGB")), np.asarray(image.getchannel("A")))
