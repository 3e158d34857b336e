"""A stranger's file, opened for its pixels: by Pillow's plugins, or by ours where Pillow and browsers differ."""

import struct
from io import BytesIO

from PIL import Image
from PIL.ImageFile import ImageFile

from engine.images import boxes
from engine.images.colour import Encoding
from engine.images.jpeg import JpegImage
from engine.images.plugins import open_image
from engine.images.png import PngImage
from engine.images.webp import WebpImage
from engine.protocol import ImageFormat


def open_file(image_format: ImageFormat, data: bytes) -> ImageFile:
    """Open a file as what it announces; `info["encoding"]` says what its colours are, where no profile does.

    Raises whatever of `plugins.DAMAGE` it comes to, and UnusualKindError.
    """
    match image_format:
        case ImageFormat.PNG:
            return PngImage(BytesIO(data), "")
        case ImageFormat.JPEG:
            return JpegImage(BytesIO(data), "")
        case ImageFormat.WEBP:
            return WebpImage(BytesIO(data), "")
        case ImageFormat.AVIF | ImageFormat.HEIF:
            image = _open_boxes(image_format, data)
            if points := _code_points(data):
                image.info["encoding"] = Encoding.of_code_points(*points)
            return image
    return open_image(image_format, data)


def is_heavy(image: Image.Image) -> bool:
    """Whether each of its pixels takes thrice as long as others': of a HEIC of more than 8 bits, of some PNGs."""
    if isinstance(image, PngImage):
        return image.is_read_twice
    return image.format == ImageFormat.HEIF and image.info.get("bit_depth", 8) > 8


def _open_boxes(image_format: ImageFormat, data: bytes) -> ImageFile:
    mend = boxes.with_sizes if image_format is ImageFormat.AVIF else boxes.first_of_sequence
    try:
        return open_image(image_format, data)
    except (OSError, SyntaxError, ValueError):
        mended = mend(data)
        if mended is None:
            raise
    return open_image(image_format, mended)


def _code_points(data: bytes) -> tuple[int, int] | None:
    try:
        return boxes.code_points(data)
    except (LookupError, struct.error):
        return None
