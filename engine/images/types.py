"""What an image is once it is decoded, and how its size and shape are changed. Pure: arrays in, arrays out."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.protocol import MIN_SIDE

_LANCZOS_PIXELS = 20_000_000
_REDUCING_GAP = 1.5  # times its size at least when the filter is used: what is more is averaged before, in a tenth of the time
_PREMULTIPLIED = {"LA": "La", "RGBA": "RGBa"}


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
    size = shrunk_size(picture.width, picture.height, long_side)
    return picture if size == (picture.width, picture.height) else of_image(scaled(to_image(picture), *size))


def shrunk_size(width: int, height: int, long_side: int) -> tuple[int, int]:
    """The width and height that `shrink` makes of these."""
    scale = min(max(long_side / max(width, height), MIN_SIDE / min(width, height)), 1)
    return round(width * scale), round(height * scale)


def shrink_mask(mask: NDArray[np.uint8], long_side: int) -> NDArray[np.uint8]:
    """Scale a mask (height, width) down until the long side fits, if it does not yet; one pixel is enough."""
    image = Image.fromarray(mask)
    image.thumbnail((long_side, long_side), Image.Resampling.BOX)
    return np.asarray(image)


def contain(picture: Picture, width: int, height: int, *, may_grow: bool = False) -> Picture:
    """Scale the whole of it to fit inside this size, down only unless it may grow, to a pixel at least."""
    scale = min(width / picture.width, height / picture.height)
    return picture if scale >= 1 and not may_grow else rescale(picture, scale)


def rescale(picture: Picture, scale: float) -> Picture:
    """Scale both sides alike, to a pixel at least."""
    return resize(picture, max(round(picture.width * scale), 1), max(round(picture.height * scale), 1))


def crop(picture: Picture, width: int, height: int, at: float = 0.5) -> Picture:
    """Scale to cover exactly this size, and cut off what hangs over: all on the far side (at = 0) to all on the near."""
    scale = max(width / picture.width, height / picture.height)
    across, down = min(width / scale, picture.width), min(height / scale, picture.height)
    # Whole: no cut alone blurs.
    left, top = int((picture.width - across) * at), int((picture.height - down) * at)
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


def scaled(image: Image.Image, width: int, height: int) -> Image.Image:
    """One of Pillow's, without a palette, scaled by Lanczos, or where that would take seconds by a filter of a third."""
    is_huge = image.width * image.height > _LANCZOS_PIXELS
    method = Image.Resampling.HAMMING if is_huge else Image.Resampling.LANCZOS
    if image.size == (width, height):
        return image
    # Pillow would premultiply by itself, and then average nothing beforehand.
    with_alpha = _PREMULTIPLIED.get(image.mode)
    small = (image.convert(with_alpha) if with_alpha else image).resize(
        (width, height), method, reducing_gap=_REDUCING_GAP
    )
    return small.convert(image.mode) if with_alpha else small


def of_image(image: Image.Image) -> Picture:
    """One of Pillow's, RGB or RGBA, as a picture."""
    if image.mode == "RGB":
        return Picture(np.asarray(image))
    alpha = np.asarray(image.getchannel("A"))
    return Picture(np.asarray(image.convert("RGB")), None if alpha.min() == 255 else alpha)


def to_image(picture: Picture) -> Image.Image:
    """Return it as Pillow's, RGB or RGBA."""
    image = Image.fromarray(picture.rgb)
    if picture.alpha is not None:
        image.putalpha(Image.fromarray(picture.alpha))
    return image


def _resample(picture: Picture, width: int, height: int, box: tuple[float, float, float, float]) -> Picture:
    # Pillow premultiplies RGBA by itself while it resizes.
    image = to_image(picture).resize((width, height), Image.Resampling.LANCZOS, box)
    alpha = np.asarray(image.getchannel("A")) if picture.alpha is not None else None
    return Picture(np.asarray(image.convert("RGB")), alpha)
