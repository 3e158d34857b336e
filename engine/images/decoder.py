"""A file of one of our formats to a picture, an animation or a mask, or to the refusal that says why not."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageChops
from PIL.ImageFile import ImageFile

from engine.images.colour import to_srgb
from engine.images.files import is_heavy, open_file
from engine.images.plugins import DAMAGE, UnusualKindError
from engine.images.types import Animation, Picture, evenly, of_image, scaled, shrunk_size
from engine.protocol import (
    MAX_ANIMATED_PIXELS,
    MAX_FRAME_PIXELS,
    MAX_FRAMES,
    MAX_HEAVY_PIXELS,
    MAX_IMAGE_BYTES,
    MAX_PIXELS,
    MAX_RATIO,
    ErrorCode,
    ImageFormat,
    Refusal,
    is_strip,
    least_side,
    sniff,
)

_ANIMATED = (ImageFormat.AVIF, ImageFormat.GIF, ImageFormat.PNG, ImageFormat.WEBP)  # HEIC's are an album
_TOO_SHORT_MS, _INSTEAD_MS = 10, 100
_CONTINUOUS = ("CMYK", "L", "LA", "RGB", "RGBA")
_LONGEST_MS = 600_000  # so that sums of them stay within what every format can say

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def decode(
    data: bytes, which: str, *, long_side: int | None = None, max_bytes: int | None = MAX_IMAGE_BYTES
) -> Picture:
    """Decode the first frame (of HEIC: the primary image) of a file in one of our formats.

    which: one of `protocol.IMAGES`, for the `Refusal`. long_side: it is made smaller, as `shrink` does. max_bytes: None
    for a file that we wrote ourselves, which may well be larger than the one it was made from, or too narrow for one.
    """
    check = _check_pixels if max_bytes is None else _check_size
    with _damage(which):
        return of_image(_in_srgb(_shrunk(_loaded(data, which, max_bytes, check), long_side)))


def decode_animation(
    data: bytes,
    which: str,
    *,
    most: int,
    long_side: int | None = None,
    max_bytes: int | None = MAX_IMAGE_BYTES,
) -> Animation | None:
    """Decode a moving GIF, WebP, APNG or AVIF, thinned evenly to `most` frames; None if it does not move.

    The time of a frame that is left out goes to the one before it. With `long_side` every frame that is kept
    is made smaller, as `shrink` does, before the next one is decoded. `max_bytes` is as in `decode`. Raises
    Refusal.
    """
    check = _check_pixels if max_bytes is None else _check_size
    with _opened(data, which, max_bytes) as image:
        check(image, which)
        _check_frames(image, which)
        total = _frames_of(image)
        if total < 2:
            return None
        _check_work(image, total, which)
        kept = set(evenly(total, most))
        frames: list[Picture] = []
        milliseconds: list[int] = []
        canvas: tuple[int, int] | None = None
        for index in range(total):
            image.seek(index)
            check(image, which)
            image.load()
            check(image, which)
            if index in kept:
                canvas = canvas or image.size
                frames.append(of_image(_in_srgb(_shrunk(_on_canvas(image, canvas), long_side))))
                milliseconds.append(0)
            milliseconds[-1] += _shown(image)
        return Animation(tuple(frames), tuple(milliseconds), total)


def count_frames(data: bytes, which: str) -> int:
    """How many frames `decode_animation` would find; 1 if it does not move. Raises Refusal."""
    with _opened(data, which, MAX_IMAGE_BYTES) as image:
        return _frames_of(image)


def decode_content(data: bytes, which: str, *, most: int, long_side: int, frame_side: int) -> Animation:
    """Decode what may move: what does not is an animation of one frame. Raises Refusal.

    At most `most` frames, whose long side is at most `frame_side`, come back; or one picture, with `long_side`.
    """
    animation = decode_animation(data, which, most=most, long_side=frame_side)
    return animation or Animation.still(decode(data, which, long_side=long_side))


def decode_mask(
    data: bytes,
    which: str = "mask",
    *,
    long_side: int | None = None,
    max_bytes: int | None = MAX_IMAGE_BYTES,
) -> NDArray[np.uint8]:
    """How white each pixel is, times how opaque, (height, width): 255 is wholly inside. Raises Refusal.

    A mask may be smaller than a picture: it is only ever stretched over one. With `long_side` it is scaled
    down to that, if it is larger; `max_bytes` is as in `decode`.
    """
    with _damage(which):
        image = _loaded(data, which, max_bytes, _check_pixels)
        if long_side is not None and max(image.size) > long_side:
            image = _continuous(image)
            image.thumbnail((long_side, long_side), Image.Resampling.BOX)
        image = _in_srgb(image)
        mask = image.convert("L")
        if image.mode == "RGBA":
            mask = ImageChops.multiply(mask, image.getchannel("A"))
    return np.asarray(mask)


def _frames_of(image: ImageFile) -> int:
    """How many frames there are; 1 of what does not move."""
    return getattr(image, "n_frames", 1) if image.format in _ANIMATED else 1


@contextmanager
def _opened(data: bytes, which: str, max_bytes: int | None) -> Iterator[ImageFile]:
    """The file, opened; all that goes wrong with it inside the block is a refusal."""
    if max_bytes is not None and len(data) > max_bytes:
        raise Refusal(ErrorCode.TOO_MANY_BYTES, image=which, size=len(data), limit=max_bytes)
    image_format = sniff(data[:32])
    if image_format is None:
        raise Refusal(ErrorCode.NOT_AN_IMAGE, image=which)
    with _damage(which), open_file(image_format, data) as image:
        yield image


@contextmanager
def _damage(which: str) -> Iterator[None]:
    """All that goes wrong with a file inside the block is a refusal."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # oddities of a file are no news to anybody
            yield
    except UnusualKindError as error:
        raise Refusal(ErrorCode.UNUSUAL_KIND, image=which) from error
    except DAMAGE as error:
        raise Refusal(ErrorCode.BROKEN_IMAGE, image=which) from error


def _loaded(
    data: bytes, which: str, max_bytes: int | None, check: Callable[[Image.Image, str], None]
) -> Image.Image:
    """The first frame, without the plugin that has read it, and all the memory that it keeps."""
    with _opened(data, which, max_bytes) as image:
        check(image, which)
        _check_frames(image, which)
        image.load()
        check(image, which)  # the container may have announced another size than the image inside has
        return image._new(image.im)


def _check_size(image: Image.Image, which: str) -> None:
    _check_pixels(image, which)
    width, height = image.size
    if min(width, height) < (limit := least_side(which)):
        raise Refusal(ErrorCode.TOO_SMALL, image=which, width=width, height=height, limit=limit)
    if is_strip(width, height):
        raise Refusal(ErrorCode.TOO_NARROW, image=which, width=width, height=height, limit=MAX_RATIO)


def _check_pixels(image: Image.Image, which: str) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise Refusal(ErrorCode.TOO_MANY_PIXELS, image=which, width=width, height=height, limit=MAX_PIXELS)
    if width * height > MAX_HEAVY_PIXELS and is_heavy(image):
        raise Refusal(ErrorCode.HEAVY_FORMAT, image=which, width=width, height=height, limit=MAX_HEAVY_PIXELS)


def _check_frames(image: Image.Image, which: str) -> None:
    frames = getattr(image, "n_frames", 1)
    if frames > MAX_FRAMES:
        raise Refusal(ErrorCode.TOO_MANY_FRAMES, image=which, frames=frames, limit=MAX_FRAMES)


def _check_work(image: Image.Image, frames: int, which: str) -> None:
    """The larger the frames, the fewer there may be: each builds on those before, so all have to be decoded."""
    pixels = image.width * image.height
    limit = max(MAX_ANIMATED_PIXELS // pixels, 1) if pixels <= MAX_FRAME_PIXELS else 1
    if frames > limit:
        raise Refusal(ErrorCode.TOO_MANY_FRAMES, image=which, frames=frames, limit=limit)


def _shown(image: Image.Image) -> int:
    """Milliseconds that the loaded frame is shown.

    Files that ask for 0, or for the 10 that no old browser kept up with, count on what every browser makes of
    it: a tenth of a second.
    """
    asked = round(image.info.get("duration", 0))
    return min(asked, _LONGEST_MS) if asked > _TOO_SHORT_MS else _INSTEAD_MS


def _on_canvas(frame: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The part of a frame that is on the animation's canvas: Pillow lets a GIF's grow with its frames."""
    return frame if frame.size == size else frame.crop((0, 0, *size))


def _shrunk(image: Image.Image, long_side: int | None) -> Image.Image:
    """A loaded image made smaller as `shrink` does, and that first: all that is done to it costs by the pixel."""
    size = image.size if long_side is None else shrunk_size(*image.size, long_side)
    if size == image.size:
        return image
    image = _continuous(image)
    return scaled(image, *size)


def _continuous(image: Image.Image) -> Image.Image:
    """The image in a mode that can be scaled: without a palette, and with alpha if anything is transparent."""
    if image.has_transparency_data and image.mode not in ("LA", "RGBA"):
        return image.convert("RGBA")
    return image if image.mode in _CONTINUOUS else image.convert("L" if image.mode == "1" else "RGB")


def _in_srgb(image: Image.Image) -> Image.Image:
    """Upright and in sRGB: RGBA if anything is transparent, else RGB. Each copy of a large image counts."""
    profile, encoding = image.info.get("icc_profile"), image.info.get("encoding")
    image = _upright(image)
    if not image.has_transparency_data:
        return to_srgb(image, profile, encoding)
    image = image if image.mode in ("LA", "RGBA") else image.convert("RGBA")
    alpha = image.getchannel("A")
    image = to_srgb(image.convert("L" if image.mode == "LA" else "RGB"), profile, encoding)
    if alpha.getextrema() != (255, 255):
        image.putalpha(alpha)
    return image


def _upright(image: Image.Image) -> Image.Image:
    # Not ImageOps.exif_transpose, nor Image.getexif: they follow XMP, which browsers do not, and fail where the
    # EXIF data are damaged.
    exif = Image.Exif()
    try:
        exif.load(image.info.get("exif") or b"")
        method = _UPRIGHT.get(exif.get(ExifTags.Base.Orientation, 1))
    except DAMAGE:
        return image
    return image if method is None else image.transpose(method)
