"""Bytes to pixels and back: the only module that opens or writes an image file.

Everything after it sees a `Picture`: upright 8-bit sRGB and, where there is any transparency, an alpha
channel; everything before it is a stranger's bytes. It keeps three rules. What can be refused from the size,
the first bytes or the header is refused before a pixel is decoded. Whatever Pillow makes of a file, the answer
is a `Picture` or a `Refusal`. And an image is written from its array alone, so that nothing of the original
file (place, camera, comments, colour profile) can leave with it; the only text inside is the recipe.

A hostile file can still exhaust memory or time: strangers' bytes go through `engine.decoder`, which calls
`decode` in a child process with limits.
"""

import math
import struct
import warnings
import zlib
from dataclasses import dataclass
from functools import cache
from io import BytesIO

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import AvifImagePlugin, ExifTags, Image, ImageCms
from PIL.ImageFile import ImageFile
from PIL.PngImagePlugin import PngInfo

from engine.protocol import (
    IMAGE_FORMATS,
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
_DAMAGE = (
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

_RECIPE_KEY = "atelier"
_RECIPE_MARK = f"{_RECIPE_KEY}:"  # tells our EXIF comment from a camera's
_EXIF_UNICODE = b"UNICODE\0"

_FRAME_QUALITIES = (88, 80, 70, 60, 50, 40, 30)


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


# --- in ---------------------------------------------------------------------------------------------------


def decode(data: bytes, what: str) -> Picture:
    """Decode the first frame (of HEIC: the primary image) of a file in one of our formats.

    `what` names the image in the sentence of the `Refusal` ("picture" or "style image").
    """
    if len(data) > MAX_IMAGE_BYTES:
        size = math.ceil(10 * len(data) / 2**20) / 10  # rounded up: never "20.0, and the limit is 20"
        raise Refusal(ErrorCode.TOO_MANY_BYTES, what=what, size=size, limit=MAX_IMAGE_BYTES // 2**20)
    image_format = sniff(data[:32])
    if image_format is None:
        raise Refusal(ErrorCode.NOT_AN_IMAGE, what=what, formats=IMAGE_FORMATS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # oddities of a file are no news to anybody
            return _decode_as(image_format, data, what)
    except _DAMAGE as error:
        raise Refusal(ErrorCode.BROKEN_IMAGE, what=what) from error


def _decode_as(image_format: ImageFormat, data: bytes, what: str) -> Picture:
    with _open(image_format, data) as image:
        _check_size(image, what)
        _check_frames(image, what)
        image.load()
        _check_size(image, what)  # the container may have announced another size than the image inside has
        return _to_picture(image)


def _open(image_format: ImageFormat, data: bytes) -> ImageFile:
    # Not Image.open, whose check of the size refuses without saying what the size is. The plugins' own checks,
    # of what they allocate before they know the size, stay in force.
    plugin, _ = Image.OPEN[image_format]
    return plugin(BytesIO(data), "")


def _check_size(image: Image.Image, what: str) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        limit = MAX_PIXELS // 10**6
        raise Refusal(ErrorCode.TOO_MANY_PIXELS, what=what, width=width, height=height, limit=limit)
    if min(width, height) < MIN_SIDE:
        raise Refusal(ErrorCode.TOO_SMALL, what=what, width=width, height=height, limit=MIN_SIDE)


def _check_frames(image: Image.Image, what: str) -> None:
    frames = getattr(image, "n_frames", 1)
    if frames > MAX_FRAMES:
        raise Refusal(ErrorCode.TOO_MANY_FRAMES, what=what, frames=frames, limit=MAX_FRAMES)


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
    except _DAMAGE:
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


# --- out --------------------------------------------------------------------------------------------------


def encode(picture: Picture, format: ImageFormat, *, recipe: str | None = None, quality: int = 92) -> bytes:  # noqa: A002
    """Write a picture as PNG, JPEG (transparency on white) or WebP, with nothing inside but the recipe.

    `quality` (1-100) is for JPEG and WebP. A recipe for these has to fit in EXIF data: 30,000 characters.
    Raises ValueError for another format or a longer recipe.
    """
    out = BytesIO()
    match format:
        case ImageFormat.PNG:
            text = PngInfo()
            if recipe is not None:
                text.add_itxt(_RECIPE_KEY, recipe)
            _to_image(picture).save(out, format, pnginfo=text)
        case ImageFormat.JPEG:
            _flat(picture).save(out, format, quality=quality, subsampling="4:4:4", exif=_exif(recipe))
        case ImageFormat.WEBP:
            _to_image(picture).save(out, format, quality=quality, exif=_exif(recipe))
        case _:
            raise ValueError(f"pictures are written as PNG, JPEG or WebP, not as {format}")
    return out.getvalue()


def read_recipe(data: bytes) -> str | None:
    """The recipe that `encode` put into a file, or None if there is none (or it is no image at all)."""
    image_format = sniff(data[:32])
    if image_format is None:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with _open(image_format, data) as image:
                return _recipe_in(image)
    except _DAMAGE:
        return None


def _recipe_in(image: Image.Image) -> str | None:
    if image.format == ImageFormat.PNG:
        text = image.info.get(_RECIPE_KEY)
        return str(text) if text is not None else None
    comment = image.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.UserComment)
    if not isinstance(comment, bytes) or not comment.startswith(_EXIF_UNICODE):
        return None
    text = comment.removeprefix(_EXIF_UNICODE).decode("utf-16-be")
    return text.removeprefix(_RECIPE_MARK) if text.startswith(_RECIPE_MARK) else None


def _exif(recipe: str | None) -> bytes:
    if recipe is None:
        return b""
    exif = Image.Exif()  # big-endian unless told otherwise, and so is the text inside
    comment = _EXIF_UNICODE + f"{_RECIPE_MARK}{recipe}".encode("utf-16-be")
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = comment
    return exif.tobytes()


def _to_image(picture: Picture) -> Image.Image:
    image = Image.fromarray(picture.rgb)
    if picture.alpha is not None:
        image.putalpha(Image.fromarray(picture.alpha))
    return image


def _flat(picture: Picture) -> Image.Image:
    image = _to_image(picture)
    if picture.alpha is None:
        return image
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")


# --- sizes ------------------------------------------------------------------------------------------------


def resize(picture: Picture, width: int, height: int) -> Picture:
    """Scale to exactly this size by Lanczos; hidden pixels do not bleed into visible ones."""
    if (width, height) == (picture.width, picture.height):
        return picture
    # Pillow premultiplies RGBA by itself while it resizes.
    image = _to_image(picture).resize((width, height), Image.Resampling.LANCZOS)
    alpha = np.asarray(image.getchannel("A")) if picture.alpha is not None else None
    return Picture(np.asarray(image.convert("RGB")), alpha)


def shrink(picture: Picture, long_side: int) -> Picture:
    """Scale down until the long side fits, if it does not yet, but never below MIN_SIDE on the short side."""
    long, short = max(picture.rgb.shape[:2]), min(picture.rgb.shape[:2])
    scale = max(long_side / long, MIN_SIDE / short)
    if scale >= 1:
        return picture
    return resize(picture, round(picture.width * scale), round(picture.height * scale))


def jpeg_frame(rgb: NDArray[np.uint8], long_side: int, max_bytes: int) -> bytes:
    """A progress frame (JPEG): at most `long_side` pixels and `max_bytes` large, never scaled up.

    Quality is given up first, then size. Raises ValueError if not even a few pixels fit.
    """
    image = Image.fromarray(rgb)
    image.thumbnail((long_side, long_side), Image.Resampling.LANCZOS)
    while True:
        for quality in _FRAME_QUALITIES:
            out = BytesIO()
            image.save(out, ImageFormat.JPEG, quality=quality)
            if out.tell() <= max_bytes:
                return out.getvalue()
        if max(image.size) < MIN_SIDE:
            raise ValueError(f"no JPEG fits in {max_bytes} bytes")
        image = image.reduce(2)
