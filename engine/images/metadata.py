"""The one text inside a file, how it was painted, in whatever place its format has for that.

Any file can come back from anywhere, with any text inside: what is none of ours is none.
"""

import codecs
import warnings

from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from engine.images.plugins import DAMAGE, open_image
from engine.protocol import ErrorCode, ImageFormat, Provenance, Refusal, sniff

KEY = "atelier"  # of a PNG's text chunk
MAX_CHARACTERS = 30_000  # what EXIF data have room for

_MARK = f"{KEY}:"  # tells our comment from a camera's
_EXIF_UNICODE = b"UNICODE\0"
# Loaded now: a confined decoder has no files to load it from.
_EXIF_ENCODING = codecs.lookup("utf-16-be").name


def read_provenance(data: bytes) -> Provenance:
    """How a picture was painted, from the file. Raises Refusal NO_RECIPE, whatever else the file is, and BAD_RECIPE."""
    return parse_provenance(read_text(data))


def parse_provenance(text: str | None) -> Provenance:
    """What such a text says. Raises Refusal NO_RECIPE if there is none, and BAD_RECIPE for one that cannot be."""
    if text is None:
        raise Refusal(ErrorCode.NO_RECIPE)
    if len(text) > MAX_CHARACTERS:
        raise Refusal(ErrorCode.BAD_RECIPE)
    try:
        return Provenance.from_anywhere(text)
    except ValueError as error:
        raise Refusal(ErrorCode.BAD_RECIPE) from error


def read_text(data: bytes) -> str | None:
    """The text that was put into a file, or None if there is none (or it is no image at all)."""
    image_format = sniff(data[:32])
    if image_format is None:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with open_image(image_format, data) as image:
                return _text_in(image)
    except DAMAGE:
        return None


def as_chunk(text: str | None) -> PngInfo:
    """A text as the chunk of a PNG."""
    chunks = PngInfo()
    if text is not None:
        chunks.add_itxt(KEY, text)
    return chunks


def as_exif(text: str | None) -> bytes:
    """A text as the EXIF data of a JPEG or WebP."""
    if text is None:
        return b""
    exif = Image.Exif()  # big-endian unless told otherwise, and so is the text inside
    comment = _EXIF_UNICODE + f"{_MARK}{text}".encode(_EXIF_ENCODING)
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = comment
    return exif.tobytes()


def as_comment(text: str | None) -> bytes:
    """A text as the comment of a GIF."""
    return b"" if text is None else f"{_MARK}{text}".encode()


def _text_in(image: Image.Image) -> str | None:
    match image.format:
        case ImageFormat.PNG:
            text = image.info.get(KEY)
            return str(text) if text is not None else None
        case ImageFormat.GIF:
            return _unmarked(image.info.get("comment", b"").decode())
    comment = image.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.UserComment)
    if not isinstance(comment, bytes) or not comment.startswith(_EXIF_UNICODE):
        return None
    return _unmarked(comment.removeprefix(_EXIF_UNICODE).decode(_EXIF_ENCODING))


def _unmarked(text: str) -> str | None:
    return text.removeprefix(_MARK) if text.startswith(_MARK) else None
