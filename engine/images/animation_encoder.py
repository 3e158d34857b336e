"""Animations to files: WebP, GIF and animated PNG, from their arrays and one text alone, in as many bytes as may be."""

import math
import struct
from collections.abc import Sequence
from io import BytesIO
from itertools import count

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import putchunk

from engine.images import metadata
from engine.images.encoder import WEBP_EFFORT, first_within
from engine.images.types import Animation, Picture, resize, shrink, to_image
from engine.protocol import ImageFormat

# What is tried before an animation is made smaller: WebP's quality, a GIF's colours; PNG has nothing to give.
_ANIMATION_QUALITIES = {
    ImageFormat.WEBP: (85, 70, 50, 30),
    ImageFormat.GIF: (255, 127, 63),
    ImageFormat.PNG: (0,),
}
_PALETTE_SIDE = 96  # a palette is chosen from the frame made this small: seconds less for the same colours
_GIF_LONGEST_MS = 655_350  # of a frame, and Pillow makes one of several that look the same
_GIF_SHORTEST_MS = 20  # browsers play a shorter one as 100
_PNG_SIGNATURE = 8


def encode_animation(
    animation: Animation,
    format: ImageFormat,  # noqa: A002
    *,
    max_bytes: int | None = None,
    text: str | None = None,
) -> bytes:
    """Write an animation, played for ever, as WebP, GIF (transparent or not, nothing between) or PNG (lossless).

    More than `max_bytes` costs quality first, then size; where not even the smallest size fits, that one is
    returned. Raises ValueError for another format.
    """
    if format not in _ANIMATION_QUALITIES:
        raise ValueError(f"animations are written as WebP, GIF or PNG, not as {format}")
    while True:
        tries = (_animated(animation, format, quality, text) for quality in _ANIMATION_QUALITIES[format])
        data = first_within(tries, max_bytes)
        smaller = _smaller(animation, len(data), max_bytes)
        if smaller is None:
            return data
        animation = smaller


def _smaller(animation: Animation, size: int, max_bytes: int | None) -> Animation | None:
    """The animation at a size that may do, or None if there is no need to, or no way."""
    if max_bytes is None or size <= max_bytes:
        return None
    first = animation.frames[0]
    scale = min(max(math.sqrt(max_bytes / size), 0.5), 0.9)
    small = shrink(first, round(max(first.width, first.height) * scale))
    if small is first:
        return None
    return animation.each(lambda frame: resize(frame, small.width, small.height))


def _animated(animation: Animation, format: ImageFormat, quality: int, text: str | None) -> bytes:  # noqa: A002
    match format:
        case ImageFormat.WEBP:
            return _webp(animation, quality, text)
        case ImageFormat.GIF:
            return _gif(animation, quality, text)
        case _:
            return _apng(animation, text)


def _images(animation: Animation) -> list[Image.Image]:
    """The frames as Pillow's, all RGBA if one of them is."""
    images = [to_image(frame) for frame in animation.frames]
    mode = "RGBA" if any(image.mode == "RGBA" for image in images) else "RGB"
    return [image.convert(mode) for image in images]


def _webp(animation: Animation, quality: int, text: str | None) -> bytes:
    out = BytesIO()
    first, *others = _images(animation)
    first.save(
        out,
        ImageFormat.WEBP,
        save_all=True,
        append_images=others,
        duration=list(animation.milliseconds),
        loop=0,
        quality=quality,
        method=WEBP_EFFORT,
        exif=metadata.as_exif(text),
    )
    return out.getvalue()


def _gif(animation: Animation, colours: int, text: str | None) -> bytes:
    first, *others = (_indexed(frame, colours) for frame in animation.frames)
    see_through = any(frame.alpha is not None for frame in animation.frames)
    options = {"transparency": colours, "disposal": 2} if see_through else {}
    out = BytesIO()
    first.save(
        out,
        ImageFormat.GIF,
        save_all=True,
        append_images=others,
        duration=_gif_durations(animation.milliseconds),
        loop=0,
        comment=metadata.as_comment(text),
        optimize=False,
        **options,
    )
    return out.getvalue()


def _gif_durations(milliseconds: Sequence[int]) -> list[int]:
    """In whole hundredths of a second, what is rounded off one frame being added to the next."""
    longest = _GIF_LONGEST_MS // len(milliseconds)
    durations, left = [], 0
    for asked in milliseconds:
        durations.append(min(max(round((asked + left) / 10) * 10, _GIF_SHORTEST_MS), longest))
        left += asked - durations[-1]
    return durations


def _indexed(frame: Picture, colours: int) -> Image.Image:
    """A frame in at most so many colours; the next index is for what is rather transparent than not."""
    image = Image.fromarray(frame.rgb)
    palette = image.resize(
        (min(_PALETTE_SIDE, frame.width), min(_PALETTE_SIDE, frame.height)), Image.Resampling.BOX
    ).quantize(colours, Image.Quantize.MEDIANCUT)
    # Not dithered: that looks no better on brush strokes, and costs a tenth more bytes.
    image = image.quantize(palette=palette, dither=Image.Dither.NONE)
    if frame.alpha is None:
        return image
    indices = np.where(frame.alpha < 128, np.uint8(colours), np.asarray(image))
    holed = Image.fromarray(indices)
    holed.putpalette(((image.getpalette() or []) + [0] * 768)[:768])
    return holed


def _apng(animation: Animation, text: str | None) -> bytes:
    """By hand, from a PNG of each frame: Pillow would make one of frames that look the same."""
    out, numbers = BytesIO(), count()
    for image, milliseconds in zip(_images(animation), animation.milliseconds, strict=True):
        head, pixels = _png_parts(image, text)
        is_first = not out.tell()
        if is_first:
            out.write(head)
            putchunk(out, b"acTL", struct.pack(">II", len(animation.frames), 0))
        control = (next(numbers), *image.size, 0, 0, *_fraction(milliseconds), 0, 0)
        putchunk(out, b"fcTL", struct.pack(">IIIIIHHBB", *control))
        if is_first:
            putchunk(out, b"IDAT", pixels)
        else:
            putchunk(out, b"fdAT", struct.pack(">I", next(numbers)), pixels)
    putchunk(out, b"IEND", b"")
    return out.getvalue()


def _png_parts(image: Image.Image, text: str | None) -> tuple[bytes, bytes]:
    """All of a PNG that comes before its pixels, and these, compressed."""
    out = BytesIO()
    # Lightly compressed: a fifth of the time for a tenth more bytes.
    image.save(out, ImageFormat.PNG, pnginfo=metadata.as_chunk(text), compress_level=1)
    png, pixels, head, place = out.getvalue(), bytearray(), 0, _PNG_SIGNATURE
    while place < len(png):
        (length,) = struct.unpack_from(">I", png, place)
        if png[place + 4 : place + 8] == b"IDAT":
            head = head or place
            pixels += png[place + 8 : place + 8 + length]
        place += length + 12
    return png[:head], bytes(pixels)


def _fraction(milliseconds: int) -> tuple[int, int]:
    """A delay as two 16-bit numbers, in whole seconds if it is longer than a minute."""
    return (milliseconds, 1000) if milliseconds < 2**16 else (milliseconds // 1000, 1)
