"""What an image may be, checked at the door from one set of constants, on both sides of the wire.

The bot checks what Discord says of an attachment and its first bytes; the engine checks the bytes and the
header again before it decodes. The body limit of a request derives from the image limits.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from engine.protocol.settings import SIZE, Preset

MAX_IMAGE_BYTES = 20 * 2**20
MAX_PIXELS = 40_000_000
MAX_HEAVY_PIXELS = 13_000_000  # of what takes thrice as long: as many as telephones' cameras mostly give
MAX_FRAMES = 1000  # of an animation
MAX_ANIMATED_PIXELS = 80_000_000  # of all frames that are sent, since each has to be decoded
MAX_FRAME_PIXELS = 16_000_000  # of one of them: a decoder keeps up to five such pictures at once
MAX_PAINTED_FRAMES = 48  # of an animation; a longer one is thinned evenly
MAX_ANIMATED_SIDE = 512  # of painted frames: as much detail as they are given time for
MAX_ANIMATION_BYTES = 10 * 10**6  # of a painted animation: what Discord takes from anybody
MAX_SHEET = 24  # results on one picture
MAX_COLLAGE = 400  # pictures that are sent along, on one picture
MAX_TILE_BYTES = 2**17  # of an image that is sent along for a sheet
# Of a sheet of such images, in base64, with their titles.
MAX_SHEET_BYTES = MAX_SHEET * MAX_TILE_BYTES * 3 // 2
MAX_SNAPSHOTS = 24  # that are kept of a painting, for its time-lapse and to be taken instead of its end
MAX_TIMELAPSE_BYTES = 8 * 2**20
MIN_RENDITION_BYTES = (
    2**16
)  # that a picture can be asked to be fitted into: a recipe takes some thousand of them
MAX_SIDE = cast("int", SIZE.maximum)  # of a result
MIN_LEVEL_SIDE = 16  # of what is painted at: VGG-19's fifth block sees one pixel
MAX_LEVELS = 16  # of a plan: each is half as large as the next
MIN_SIDE = 32  # shorter than this, VGG-19's fifth block sees two pixels
MAX_RATIO = (
    MAX_SIDE // MIN_SIDE
)  # of a side longer than MAX_SIDE to the other: made small, both keep their limits
MAX_STYLES = 4
MAX_AUDITION = (
    MAX_SNAPSHOTS  # styles that are tried out at once: each is a tile of the sheet, and kept as a moment
)
# Content, an earlier result, and each style with its mask; those that are tried out have none.
MAX_PARTS = 2 + max(2 * MAX_STYLES, MAX_AUDITION)
# Of a result: a PNG of MAX_SIDE squared with alpha that nothing can be compressed of, and its recipe.
MAX_RESULT_BYTES = 65 * 2**20
# Of all parts together: a result, four of the largest images, and 64 KiB for the request.
MAX_BODY_BYTES = MAX_RESULT_BYTES + 4 * MAX_IMAGE_BYTES + 2**16


def most_bytes(image: str) -> int:
    """Bytes of a file at most, by the fact `image`: what was made here is taken back, however large it became."""
    return MAX_RESULT_BYTES if image == "previous" else MAX_IMAGE_BYTES


def least_side(image: str) -> int:
    """Pixels of a side at least, by the fact `image`: what was made here is taken back, however narrow it became."""
    return 1 if image == "previous" else MIN_SIDE


def is_strip(width: int, height: int) -> bool:
    """Whether an image is too narrow for its length to be made small; none of that length is made here."""
    return max(width, height) > max(MAX_SIDE, MAX_RATIO * min(width, height))


class ImageFormat(StrEnum):
    """The formats that are decoded; the names are Pillow's (HEIF by pillow-heif)."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    AVIF = "AVIF"
    GIF = "GIF"
    HEIF = "HEIF"


# What these are called where files are described before they are there.
MEDIA_TYPES: dict[str, ImageFormat] = {
    "image/jpeg": ImageFormat.JPEG,
    "image/png": ImageFormat.PNG,
    "image/apng": ImageFormat.PNG,
    "image/webp": ImageFormat.WEBP,
    "image/avif": ImageFormat.AVIF,
    "image/gif": ImageFormat.GIF,
    "image/heic": ImageFormat.HEIF,
    "image/heif": ImageFormat.HEIF,
}


@dataclass(frozen=True)
class PresetFacts:
    """What Discord takes for a purpose: width x height pixels, in at most `max_bytes`.

    moving: the format of what moves; Discord takes animated WebP for an emoji, and for the rest of what members upload
    only GIF. What does not move is a PNG.
    cropped: the picture is cut to the shape, around what people look at; otherwise the whole of it is fitted inside.
    padded: what is left of the shape is transparent; otherwise the result is smaller than the shape.
    """

    width: int
    height: int
    max_bytes: int
    moving: ImageFormat
    cropped: bool = False
    padded: bool = False


PRESETS: dict[Preset, PresetFacts] = {
    Preset.EMOJI: PresetFacts(128, 128, 256 * 2**10, ImageFormat.WEBP),
    Preset.STICKER: PresetFacts(320, 320, 512 * 2**10, ImageFormat.GIF, padded=True),
    Preset.AVATAR: PresetFacts(512, 512, 8 * 2**20, ImageFormat.GIF, cropped=True),
    Preset.BANNER: PresetFacts(960, 540, 8 * 2**20, ImageFormat.GIF, cropped=True),
}


FORMAT_NAMES = ("JPEG", "PNG", "WebP", "AVIF", "GIF", "HEIC")  # as people write them
IMAGE_FORMATS = f"{', '.join(FORMAT_NAMES[:-1])} or {FORMAT_NAMES[-1]}"


def sniff(head: bytes) -> ImageFormat | None:
    """The image format that the first 32 bytes announce, or None if it is none of ours."""
    if head.startswith(b"\xff\xd8\xff"):
        return ImageFormat.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return ImageFormat.PNG
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return ImageFormat.GIF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return ImageFormat.WEBP
    if head[4:8] == b"ftyp":
        brands = {head[8:12], *(head[i : i + 4] for i in range(16, len(head) - 3, 4))}
        if brands & {b"avif", b"avis"}:
            return ImageFormat.AVIF
        if brands & {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}:
            return ImageFormat.HEIF
    return None
