"""A file of one of our formats to a picture, an animation or a mask, or to the refusal that says why not."""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import AvifImagePlugin, ExifTags, Image, ImageChops, ImageCms
from PIL.ImageFile import ImageFile

from engine.images.types import Animation, Picture, evenly, shrink, shrink_mask, to_image
from engine.protocol import (
    MAX_ANIMATED_PIXELS,
    MAX_FRAMES,
    MAX_IMAGE_BYTES,
    MAX_PIXELS,
    MIN_SIDE,
    ErrorCode,
    ImageFormat,
    Refusal,
    sniff,
)

# One thread each: every further one costs address space, which the decoder's child has little of.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
pillow_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)
Image.init()  # loads the plugins now, once, instead of in each of the decoder's children

# All that Pillow and the libraries below it were seen to raise for damaged files.
DAMAGE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    EOFError,
    Image.DecompressionBombError,
    ImageCms.PyCMSError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
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
_MODE_OF_PROFILE = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}


def decode(data: bytes, which: str, *, max_bytes: int | None = MAX_IMAGE_BYTES) -> Picture:
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
        return _to_picture(image)


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
        skipped, total = _frames_of(image)
        if total < 2:
            return None
        _check_work(image, total, which)
        kept = {skipped + index for index in evenly(total, most)}
        frames: list[Picture] = []
        milliseconds: list[int] = []
        first: Picture | None = None
        for index in range(skipped, skipped + total):
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
        return _frames_of(image)[1]


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


def open_image(image_format: ImageFormat, data: bytes) -> ImageFile:
    """Open a file as what it announces. Raises whatever of DAMAGE Pillow does."""
    # Not Image.open, whose check of the size refuses without saying what the size is. The plugins' own checks,
    # of what they allocate before they know the size, stay in force.
    plugin, _ = Image.OPEN[image_format]
    return plugin(BytesIO(data), "")


def _frames_of(image: ImageFile) -> tuple[int, int]:
    """How many pictures come before the frames, and how many frames there are; 1 of what does not move."""
    # An APNG's picture for viewers that know no animation may be none of its frames; Pillow counts it.
    skipped = int(bool(getattr(image, "default_image", False)))
    moves = image.format in _ANIMATED
    return skipped, getattr(image, "n_frames", 1) - skipped if moves else 1


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
            with open_image(image_format, data) as image:
                yield image
    except DAMAGE as error:
        raise Refusal(ErrorCode.BROKEN_IMAGE, image=which) from error


def _check_size(image: Image.Image, which: str) -> None:
    _check_pixels(image, which)
    width, height = image.size
    if min(width, height) < MIN_SIDE:
        raise Refusal(ErrorCode.TOO_SMALL, image=which, width=width, height=height, limit=MIN_SIDE)


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
    profile = image.info.get("icc_profile")
    image = _to_8_bit(_upright(image))
    alpha = None
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        alpha = np.asarray(rgba.getchannel("A"))
        image = image.getchannel("L") if image.mode == "LA" else rgba.convert("RGB")
    rgb = np.asarray(_to_srgb(image, profile))
    return Picture(rgb, None if alpha is None or alpha.min() == 255 else alpha)


def _upright(image: Image.Image) -> Image.Image:
    # Not ImageOps.exif_transpose: it writes the EXIF data anew, and fails where those are damaged.
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
        method = _UPRIGHT.get(orientation)
    except DAMAGE:
        return image
    return image if method is None else image.transpose(method)


def _to_8_bit(image: Image.Image) -> Image.Image:
    # Pillow converts 16-bit grey by clipping it at 255; all other 16-bit images it has scaled already.
    if not image.mode.startswith("I;16"):
        return image
    grey = np.asarray(image)
    scaled = Image.fromarray(((grey.astype(np.uint32) + 128) // 257).astype(np.uint8))
    if (transparent := image.info.get("transparency")) is not None:
        scaled.putalpha(Image.fromarray(np.where(grey == transparent, 0, 255).astype(np.uint8)))
    return scaled


def _to_srgb(image: Image.Image, icc: bytes | None) -> Image.Image:
    if icc:
        try:
            profile = ImageCms.ImageCmsProfile(BytesIO(icc))
            mode = _MODE_OF_PROFILE.get(profile.profile.xcolor_space)
            source = image if image.mode == mode else image.convert("RGB")
            if source.mode == mode:
                converted = ImageCms.profileToProfile(source, profile, _srgb(), outputMode="RGB")
                return converted or source
        except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
            pass  # a damaged profile is no reason to turn down good pixels
    return image.convert("RGB")


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
