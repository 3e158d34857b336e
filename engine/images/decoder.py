"""A file of one of our formats to a picture, an animation or a mask, or to the refusal that says why not."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageChops
from PIL.ImageFile import ImageFile

from engine.images.colour import to_srgb
from engine.images.files import open_file
from engine.images.plugins import DAMAGE
from engine.images.types import Animation, Picture, evenly, shrink, shrink_mask, to_image
from engine.protocol import (
    MAX_ANIMATED_PIXELS,
    MAX_FRAMES,
    MAX_IMAGE_BYTES,
    MAX_PIXELS,
    ErrorCode,
    ImageFormat,
    Refusal,
    least_side,
    sniff,
)

_ANIMATED = (ImageFormat.AVIF, ImageFormat.GIF, ImageFormat.PNG, ImageFormat.WEBP)  # HEIC's are an album
_TOO_SHORT_MS, _INSTEAD_MS = 10, 100
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

    which: one of `protocol.IMAGES`, for the `Refusal`. max_bytes: None for
    a file that we wrote ourselves, which may well be larger than the one it was made from, or too narrow for one.
    """
    check = _check_pixels if max_bytes is None else _check_size
    with _opened(data, which, max_bytes) as image:
        check(image, which)
        _check_frames(image, which)
        image.load()
        check(image, which)  # the container may have announced another size than the image inside has
        picture = _to_picture(image)
    return picture if long_side is None else shrink(picture, long_side)


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
    with _opened(data, which, max_bytes) as image:
        _check_size(image, which)
        _check_frames(image, which)
        total = _frames_of(image)
        if total < 2:
            return None
        _check_work(image, total, which)
        kept = set(evenly(total, most))
        frames: list[Picture] = []
        milliseconds: list[int] = []
        first: Picture | None = None
        for index in range(total):
            image.seek(index)
            _check_size(image, which)
            image.load()
            _check_size(image, which)
            if index in kept:
                frame = _to_picture(image)
                first = first or frame
                frame = _on_canvas(frame, first.width, first.height)
                frames.append(frame if long_side is None else shrink(frame, long_side))
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
    return animation or Animation.still(shrink(decode(data, which), long_side))


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
    with _opened(data, which, max_bytes) as image:
        _check_pixels(image, which)
        _check_frames(image, which)
        image.load()
        _check_pixels(image, which)
        picture = _to_picture(image)
    mask = Image.fromarray(picture.rgb).convert("L")
    if picture.alpha is not None:
        mask = ImageChops.multiply(mask, Image.fromarray(picture.alpha))
    return np.asarray(mask) if long_side is None else shrink_mask(np.asarray(mask), long_side)


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
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # oddities of a file are no news to anybody
            with open_file(image_format, data) as image:
                yield image
    except DAMAGE as error:
        raise Refusal(ErrorCode.BROKEN_IMAGE, image=which) from error


def _check_size(image: Image.Image, which: str) -> None:
    _check_pixels(image, which)
    width, height = image.size
    if min(width, height) < (limit := least_side(which)):
        raise Refusal(ErrorCode.TOO_SMALL, image=which, width=width, height=height, limit=limit)


def _check_pixels(image: Image.Image, which: str) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise Refusal(ErrorCode.TOO_MANY_PIXELS, image=which, width=width, height=height, limit=MAX_PIXELS)


def _check_frames(image: Image.Image, which: str) -> None:
    frames = getattr(image, "n_frames", 1)
    if frames > MAX_FRAMES:
        raise Refusal(ErrorCode.TOO_MANY_FRAMES, image=which, frames=frames, limit=MAX_FRAMES)


def _check_work(image: Image.Image, frames: int, which: str) -> None:
    """The larger the frames, the fewer there may be: each builds on those before, so all have to be decoded."""
    limit = max(MAX_ANIMATED_PIXELS // (image.width * image.height), 1)
    if frames > limit:
        raise Refusal(ErrorCode.TOO_MANY_FRAMES, image=which, frames=frames, limit=limit)


def _shown(image: Image.Image) -> int:
    """Milliseconds that the loaded frame is shown.

    Files that ask for 0, or for the 10 that no old browser kept up with, count on what every browser makes of
    it: a tenth of a second.
    """
    asked = round(image.info.get("duration", 0))
    return min(asked, _LONGEST_MS) if asked > _TOO_SHORT_MS else _INSTEAD_MS


def _on_canvas(frame: Picture, width: int, height: int) -> Picture:
    """The part of a frame that is on the animation's canvas: Pillow lets a GIF's grow with its frames."""
    if (frame.width, frame.height) == (width, height):
        return frame
    return _to_picture(to_image(frame).crop((0, 0, width, height)))


def _to_picture(image: Image.Image) -> Picture:
    profile, encoding = image.info.get("icc_profile"), image.info.get("encoding")
    image = _upright(image)
    alpha = None
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        alpha = np.asarray(rgba.getchannel("A"))
        image = image.getchannel("L") if image.mode == "LA" else rgba.convert("RGB")
    rgb = np.asarray(to_srgb(image, profile, encoding))
    return Picture(rgb, None if alpha is None or alpha.min() == 255 else alpha)


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
