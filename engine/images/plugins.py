"""Pillow's plugins for our formats, loaded and set up once, and what they raise for damaged files.

Rule: a file is opened as what its first bytes announce, and by nothing else.
"""

import struct
import zlib
from io import BytesIO

import pillow_heif
from PIL import AvifImagePlugin, Image, ImageCms
from PIL.ImageFile import ImageFile

from engine.protocol import ImageFormat

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


class UnusualKindError(Exception):
    """A file is of a kind of its format that nothing here reads."""


def open_image(image_format: ImageFormat, data: bytes) -> ImageFile:
    """Open a file as what it announces. Raises whatever of DAMAGE Pillow does."""
    # Not Image.open, whose check of the size refuses without saying what the size is. The plugins' own checks,
    # of what they allocate before they know the size, stay in force.
    plugin, _ = Image.OPEN[image_format]
    return plugin(BytesIO(data), "")
