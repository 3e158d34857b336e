"""Pictures and animations to files, from their arrays and the recipe alone, in as many bytes as may be."""

import math
import struct
from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import count

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo, putchunk

from engine.images import metadata as recipes
from engine.images.types import Animation, Picture, resize, shrink, to_image
from engine.protocol import MIN_SIDE, ImageFormat

_PREVIEW_QUALITIES = (88, 80, 70, 60, 50, 40, 30)
_PICTURE_QUALITIES = (92, 80, 65, 50, 35, 20)
_PALETTES = (256, 128, 64, 32, 16)  # colours of a PNG
# What is tried before an animation is made smaller: WebP's quality, a GIF's colours; PNG has nothing to give.
_ANIMATION_QUALITIES = {
    ImageFormat.WEBP: (85, 70, 50, 30),
    ImageFormat.GIF: (255, 127, 63),
    ImageFormat.PNG: (0,),
}
_PALETTE_SIDE = 96  # a palette is chosen from the frame made this small: seconds less for the same colours
_WEBP_EFFORT = 2  # of 0 to 6: half the time of Pillow's usual 4, for some 2 % more bytes
_GIF_LONGEST_MS = 655_350  # of a frame, and Pillow makes one of several that look the same
_GIF_SHORTEST_MS = 20  # browsers play a shorter one as 100
_PNG_SIGNATURE = 8


def encode(picture: Picture, format: ImageFormat, *, recipe: str | None = None, quality: int = 92) -> bytes:  # noqa: A002
    """Write a picture as PNG, JPEG (transparency on white) or WebP, with nothing inside but the recipe.

    `quality` (1-100) is for JPEG and WebP. A recipe for these has to fit in EXIF data: 30,000 characters.
    Raises ValueError for another format or a longer recipe.
    """
    out = BytesIO()
    match format:
        case ImageFormat.PNG:
            to_image(picture).save(out, format, pnginfo=_text(recipe))
        case ImageFormat.JPEG:
            exif = recipes.as_exif(recipe)
            _flat(picture).save(out, format, quality=quality, subsampling="4:4:4", exif=exif)
        case ImageFormat.WEBP:
            exif = recipes.as_exif(recipe)
            to_image(picture).save(out, format, quality=quality, method=_WEBP_EFFORT, exif=exif)
        case _:
            raise ValueError(f"pictures are written as PNG, JPEG or WebP, not as {format}")
    return out.getvalue()


def encode_mask(mask: NDArray[np.uint8]) -> bytes:
    """Write a mask (height, width) as a grey PNG."""
    out = BytesIO()
    Image.fromarray(mask).save(out, ImageFormat.PNG)
    return out.getvalue()


def encode_within(
    picture: Picture,
    format: ImageFormat,  # noqa: A002
    max_bytes: int,
    *,
    recipe: str | None = None,
) -> bytes:
    """Write a picture as `encode` does, in at most `max_bytes`, or else in the fewest that are tried.

    Its size stays. A PNG gets fewer and fewer colours, the others a lower and lower quality.
    """
    if format is ImageFormat.PNG:
        return _first_within(_smaller_pngs(picture, recipe), max_bytes)
    tries = (encode(picture, format, recipe=recipe, quality=quality) for quality in _PICTURE_QUALITIES)
    return _first_within(tries, max_bytes)


def encode_animation(
    animation: Animation,
    format: ImageFormat,  # noqa: A002
    *,
    max_bytes: int | None = None,
    recipe: str | None = None,
) -> bytes:
    """Write an animation, played for ever, as WebP, GIF (transparent or not, nothing between) or PNG (lossless).

    More than `max_bytes` costs quality first, then size; where not even the smallest size fits, that one is
    returned. Raises ValueError for another format.
    """
    if format not in _ANIMATION_QUALITIES:
        raise ValueError(f"animations are written as WebP, GIF or PNG, not as {format}")
    while True:
        tries = (_animated(animation, format, quality, recipe) for quality in _ANIMATION_QUALITIES[format])
        data = _first_within(tries, max_bytes)
        smaller = _smaller(animation, len(data), max_bytes)
        if smaller is None:
            return data
        animation = smaller


def jpeg_preview(rgb: NDArray[np.uint8], long_side: int, max_bytes: int) -> bytes:
    """A progress image (JPEG): at most `long_side` pixels and `max_bytes` large, never scaled up.

    Quality is given up first, then size. Raises ValueError if not even a few pixels fit.
    """
    image = Image.fromarray(rgb)
    image.thumbnail((long_side, long_side), Image.Resampling.LANCZOS)
    while True:
        for quality in _PREVIEW_QUALITIES:
            out = BytesIO()
            image.save(out, ImageFormat.JPEG, quality=quality)
            if out.tell() <= max_bytes:
                return out.getvalue()
        if max(image.size) < MIN_SIDE:
            raise ValueError(f"no JPEG fits in {max_bytes} bytes")
        image = image.reduce(2)


def _first_within(tries: Iterator[bytes], max_bytes: int | None) -> bytes:
    """The first that fits, or the smallest of all."""
    smallest = next(tries)
    while max_bytes is not None and len(smallest) > max_bytes and (data := next(tries, None)) is not None:
        smallest = min(smallest, data, key=len)
    return smallest


def _flat(picture: Picture) -> Image.Image:
    image = to_image(picture)
    if picture.alpha is None:
        return image
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")


def _text(recipe: str | None) -> PngInfo:
    text = PngInfo()
    if recipe is not None:
        text.add_itxt(recipes.KEY, recipe)
    return text


def _smaller_pngs(picture: Picture, recipe: str | None) -> Iterator[bytes]:
    image = to_image(picture)
    # Of Pillow's ways to choose a palette, only the octree's knows alpha.
    method = Image.Quantize.MEDIANCUT if picture.alpha is None else Image.Quantize.FASTOCTREE
    yield encode(picture, ImageFormat.PNG, recipe=recipe)
    for colours in _PALETTES:
        out = BytesIO()
        image.quantize(colours, method).save(out, ImageFormat.PNG, pnginfo=_text(recipe), optimize=True)
        yield out.getvalue()


# --- animations -------------------------------------------------------------------------------------------


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


def _animated(animation: Animation, format: ImageFormat, quality: int, recipe: str | None) -> bytes:  # noqa: A002
    match format:
        case ImageFormat.WEBP:
            return _webp(animation, quality, recipe)
        case ImageFormat.GIF:
            return _gif(animation, quality, recipe)
        case _:
            return _apng(animation, recipe)


def _images(animation: Animation) -> list[Image.Image]:
    """The frames as Pillow's, all RGBA if one of them is."""
    images = [to_image(frame) for frame in animation.frames]
    mode = "RGBA" if any(image.mode == "RGBA" for image in images) else "RGB"
    return [image.convert(mode) for image in images]


def _webp(animation: Animation, quality: int, recipe: str | None) -> bytes:
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
        method=_WEBP_EFFORT,
        exif=recipes.as_exif(recipe),
    )
    return out.getvalue()


def _gif(animation: Animation, colours: int, recipe: str | None) -> bytes:
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
        comment=recipes.as_comment(recipe),
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


def _apng(animation: Animation, recipe: str | None) -> bytes:
    """By hand, from a PNG of each frame: Pillow would make one of frames that look the same."""
    out, numbers = BytesIO(), count()
    for image, milliseconds in zip(_images(animation), animation.milliseconds, strict=True):
        head, pixels = _png_parts(image, recipe)
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


def _png_parts(image: Image.Image, recipe: str | None) -> tuple[bytes, bytes]:
    """All of a PNG that comes before its pixels, and these, compressed."""
    out = BytesIO()
    # Lightly compressed: a fifth of the time for a tenth more bytes.
    image.save(out, ImageFormat.PNG, pnginfo=_text(recipe), compress_level=1)
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
