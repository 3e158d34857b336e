"""The recipe inside a file: how it was painted, as text in whatever place its format has for that.

Any file can come back from anywhere, with any text inside: what is no recipe of ours is none.
"""

import warnings

from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from engine.images.decoder import DAMAGE, open_image
from engine.protocol import ErrorCode, ImageFormat, Provenance, Refusal, sniff

KEY = "atelier"  # of a PNG's text chunk
MAX_CHARACTERS = 30_000  # what EXIF data have room for

_MARK = f"{KEY}:"  # tells our comment from a camera's
_EXIF_UNICODE = b"UNICODE\0"


def read_provenance(data: bytes) -> Provenance:
    """How a picture was painted, from the file. Raises Refusal NO_RECIPE, whatever else the file is."""
    return parse_provenance(read_recipe(data))


def parse_provenance(text: str | None) -> Provenance:
    """The recipe's text as what it says. Raises Refusal NO_RECIPE."""
    if text is None or len(text) > MAX_CHARACTERS:
        raise Refusal(ErrorCode.NO_RECIPE)
    try:
        card = Provenance.model_validate_json(text)
        # Once more: what has no JSON of its own, such as an infinite number, could not be sent on.
        return Provenance.model_validate_json(card.model_dump_json())
    except ValueError as error:
        raise Refusal(ErrorCode.NO_RECIPE) from error


def read_recipe(data: bytes) -> str | None:
    """The text that was put into a file, or None if there is none (or it is no image at all)."""
    image_format = sniff(data[:32])
    if image_format is None:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with open_image(image_format, data) as image:
                return _recipe_in(image)
    except DAMAGE:
        return None


def as_text(recipe: str | None) -> PngInfo:
    """A recipe as the text of a PNG."""
    text = PngInfo()
    if recipe is not None:
        text.add_itxt(KEY, recipe)
    return text


def as_exif(recipe: str | None) -> bytes:
    """A recipe as the EXIF data of a JPEG or WebP."""
    if recipe is None:
        return b""
    exif = Image.Exif()  # big-endian unless told otherwise, and so is the text inside
    comment = _EXIF_UNICODE + f"{_MARK}{recipe}".encode("utf-16-be")
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = comment
    return exif.tobytes()


def as_comment(recipe: str | None) -> bytes:
    """A recipe as the comment of a GIF."""
    return b"" if recipe is None else f"{_MARK}{recipe}".encode()


def _recipe_in(image: Image.Image) -> str | None:
    match image.format:
        case ImageFormat.PNG:
            text = image.info.get(KEY)
            return str(text) if text is not None else None
        case ImageFormat.GIF:
            return _unmarked(image.info.get("comment", b"").decode())
    comment = image.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.UserComment)
    if not isinstance(comment, bytes) or not comment.startswith(_EXIF_UNICODE):
        return None
    return _unmarked(comment.removeprefix(_EXIF_UNICODE).decode("utf-16-be"))


def _unmarked(text: str) -> str | None:
    return text.removeprefix(_MARK) if text.startswith(_MARK) else None
