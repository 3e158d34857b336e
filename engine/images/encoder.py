"""Pictures to files, from their arrays and one text alone, in as many bytes as may be."""

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from itertools import starmap

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.images import metadata
from engine.images.types import Picture, to_image
from engine.protocol import MIN_SIDE, ImageFormat

_PREVIEW_QUALITIES = (88, 80, 70, 60, 50, 40, 30)
_PICTURE_QUALITIES = (92, 80, 65, 50, 35, 20)
_PALETTES = (256, 128, 64, 32, 16)  # colours of a PNG
_PNG_HEAD, _PNG_RGB, _PNG_RGBA, _PNG_UP = b"\x89PNG\r\n\x1a\n", 2, 6, 2  # of the PNG specification
WEBP_EFFORT = 2  # of 0 to 6: half the time of Pillow's usual 4, for some 2 % more bytes


def encode_quickly(picture: Picture) -> bytes:
    """Write a picture as a PNG in a quarter of the time of `encode`: a photo's is as large, what has few colours is larger.

    Each line as its difference to the one above (filter "up" of the PNG specification): to try which of the five filters is
    best for a line, as Pillow does, takes as long as packing it.
    """
    pixels, colours = picture.rgb, _PNG_RGB
    if picture.alpha is not None:
        pixels, colours = np.dstack((pixels, picture.alpha)), _PNG_RGBA
    lines = pixels.reshape(picture.height, -1)
    filtered = np.empty((picture.height, 1 + lines.shape[1]), np.uint8)
    filtered[:, 0] = _PNG_UP
    filtered[0, 1:] = lines[0]
    np.subtract(lines[1:], lines[:-1], out=filtered[1:, 1:])
    packer = zlib.compressobj(1, strategy=zlib.Z_RLE)
    header = struct.pack(">IIBBBBB", picture.width, picture.height, 8, colours, 0, 0, 0)
    parts = (b"IHDR", header), (b"IDAT", packer.compress(filtered.data) + packer.flush()), (b"IEND", b"")
    return _PNG_HEAD + b"".join(starmap(_png_chunk, parts))


def _png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(name)))


def encode(picture: Picture, format: ImageFormat, *, text: str | None = None, quality: int = 92) -> bytes:  # noqa: A002
    """Write a picture as PNG, JPEG (transparency on white) or WebP, with nothing inside but `text`.

    `quality` (1-100) is for JPEG and WebP. A text for these has to fit in EXIF data: 30,000 characters.
    Raises ValueError for another format or a longer text.
    """
    out = BytesIO()
    match format:
        case ImageFormat.PNG:
            to_image(picture).save(out, format, pnginfo=metadata.as_chunk(text))
        case ImageFormat.JPEG:
            exif = metadata.as_exif(text)
            _flat(picture).save(out, format, quality=quality, subsampling="4:4:4", exif=exif)
        case ImageFormat.WEBP:
            exif = metadata.as_exif(text)
            to_image(picture).save(out, format, quality=quality, method=WEBP_EFFORT, exif=exif)
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
    text: str | None = None,
) -> bytes:
    """Write a picture as `encode` does, in at most `max_bytes`, or else in the fewest that are tried.

    Its size stays. A PNG gets fewer and fewer colours, the others a lower and lower quality.
    """
    if format is ImageFormat.PNG:
        return first_within(_smaller_pngs(picture, text), max_bytes)
    tries = (encode(picture, format, text=text, quality=quality) for quality in _PICTURE_QUALITIES)
    return first_within(tries, max_bytes)


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


def first_within(tries: Iterator[bytes], max_bytes: int | None) -> bytes:
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


def _smaller_pngs(picture: Picture, text: str | None) -> Iterator[bytes]:
    image = to_image(picture)
    # Of Pillow's ways to choose a palette, only the octree's knows alpha.
    method = Image.Quantize.MEDIANCUT if picture.alpha is None else Image.Quantize.FASTOCTREE
    yield encode(picture, ImageFormat.PNG, text=text)
    for colours in _PALETTES:
        out = BytesIO()
        image.quantize(colours, method).save(
            out, ImageFormat.PNG, pnginfo=metadata.as_chunk(text), optimize=True
        )
        yield out.getvalue()
