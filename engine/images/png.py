"""A PNG, still or moving, as its specification (third edition) and browsers have it.

Pillow unpacks the pixels, and nothing else: it is given each frame as a PNG of its own, without what it refuses
where browsers do not (a comment's checksum, a profile that is packed wrongly) or reads otherwise (a transparent
grey of 4 bits, a frame that is to be undone). Rule: one frame at a time, however many there are.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from PIL.ImageFile import ImageFile

from engine.images.colour import Encoding
from engine.images.plugins import open_image
from engine.protocol import ImageFormat

if TYPE_CHECKING:
    from PIL._imaging import PixelAccess

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MAX_CHUNKS = 400_000  # reading that many takes a third of a second
_MAX_PROFILE_BYTES = 4 * 2**20
_SAMPLES = (b"IDAT", b"fdAT")
_VITAL = (b"IHDR", b"PLTE")
_FACTS = (*_VITAL, b"tRNS", b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"eXIf", b"acTL", b"fcTL")
_GREY, _RGB, _PALETTE = 0, 2, 3  # the colour types without an alpha channel
_BAND_ROWS = 256  # that are blended at once
_Box = tuple[int, int, int, int]  # left, top, right, bottom


class _Disposal(IntEnum):
    """What becomes of a frame before the next one comes."""

    NONE = 0
    BACKGROUND = 1
    PREVIOUS = 2


class _Blend(IntEnum):
    SOURCE = 0
    OVER = 1


@dataclass
class _Frame:
    box: _Box
    milliseconds: float = 0
    disposal: int = _Disposal.NONE
    blend: int = _Blend.SOURCE
    pixels: list[memoryview] = field(default_factory=list)  # parts of one zlib stream


class _Contents:
    """What is in a file, read from front to back; no more is believed than libpng believes.

    Raises OSError, LookupError or struct.error if that is not enough for a picture.
    """

    def __init__(self, data: bytes) -> None:
        self.facts: dict[bytes, bytes] = {}  # the first of each kind that comes before the pixels
        self._still: list[memoryview] = []
        self._still_ended = False
        self._frames: list[_Frame] = []
        self._announced = 0
        self._expected = 0  # the next sequence number
        self._sound = True  # whether the frames are what the specification wants
        for kind, body in _chunks(data):
            self._take(kind, body)
        if not self._still:
            raise OSError("no pixels")

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        width, height = struct.unpack_from(">II", self.facts[b"IHDR"])
        return width, height

    @property
    def frames(self) -> list[_Frame]:
        """Those there are: of what does not move, or not as it should, the one picture for every viewer."""
        if self._sound and self._frames:
            return self._frames[: self._announced]
        return [_Frame((0, 0, *self.size), pixels=self._still)]

    @property
    def announced(self) -> int:
        """How many frames there should be."""
        return self._announced if self._sound and self._frames else 1

    def _take(self, kind: bytes, body: memoryview) -> None:
        match kind:
            case b"IDAT":
                if not self._still_ended:
                    self._still.append(body)
                return
            case b"fcTL" if self._announced:
                self._sound = self._sound and self._in_order(body, 26) and self._begin_frame(body)
            case b"fdAT" if self._announced:
                self._sound = self._sound and self._in_order(body, 4) and self._add_to_frame(body)
            case b"acTL" if not self._still and not self._announced and len(body) >= 8:
                (self._announced,) = struct.unpack_from(">I", body)
            case _ if not self._still:
                self.facts.setdefault(kind, bytes(body))
        self._still_ended = bool(self._still)

    def _in_order(self, body: memoryview, least: int) -> bool:
        number = int.from_bytes(body[:4], "big")
        self._expected += 1
        return len(body) >= least and number == self._expected - 1

    def _begin_frame(self, body: memoryview) -> bool:
        width, height, left, top, delay, unit, disposal, blend = struct.unpack_from(">IIIIHHBB", body, 4)
        across, down = self.size
        frame = _Frame((left, top, left + width, top + height), 1000 * delay / (unit or 100), disposal, blend)
        fits: bool = width > 0 and height > 0 and left + width <= across and top + height <= down
        if not self._still:  # it is the picture for every viewer that is the first frame
            fits = (left, top, width, height) == (0, 0, across, down) and not self._frames
            frame.pixels = self._still
        elif self._frames and not self._frames[-1].pixels:
            return False
        self._frames.append(frame)
        return fits

    def _add_to_frame(self, body: memoryview) -> bool:
        if not self._frames or self._frames[-1].pixels is self._still:
            return False
        self._frames[-1].pixels.append(body[4:])
        return True


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Kind and content of each chunk that matters here, as far as there are any.

    Those whose checksum is wrong are left out. Raises OSError where nothing can be shown then.
    """
    view, place = memoryview(data), len(_SIGNATURE)
    for _ in range(_MAX_CHUNKS):
        if place + 8 > len(data):
            return
        length, kind = struct.unpack_from(">I4s", data, place)
        if kind == b"IEND" or not kind.isalpha():
            return
        end = place + 8 + length
        if kind in _SAMPLES:  # whose own sums are in the zlib stream
            if place + 12 > len(data):
                return
            yield kind, view[place + 8 : end]
        elif kind in _FACTS:
            if view[end : end + 4] == struct.pack(">I", zlib.crc32(view[place + 4 : end])):
                yield kind, view[place + 8 : end]
            elif kind in _VITAL:
                raise OSError(f"damaged {kind.decode()}")
        place = end + 4
    raise OSError("too many chunks")


class PngImage(ImageFile):
    """A plugin of Pillow's. Frames are composed in order, each when it is loaded."""

    format = ImageFormat.PNG

    def _open(self) -> None:
        assert self.fp is not None  # noqa: S101 - for the type checker; Pillow opens it
        self._contents = _Contents(self.fp.read())
        self._frames = self._contents.frames
        self.n_frames = self._contents.announced
        self._size = self._contents.size
        self._mode = "RGBA"
        self._index, self._composed = 0, -1
        self._canvas: Image.Image | None = None
        self._undo: Image.Image | None = None
        self.info |= _meaning(self._contents.facts)

    @property
    def is_read_twice(self) -> bool:
        """Whether Pillow unpacks half of each number at a time, and both are needed."""
        facts = self._contents.facts
        return facts[b"IHDR"][8:10] == bytes([16, _RGB]) and len(facts.get(b"tRNS", b"")) >= 6

    def seek(self, frame: int) -> None:
        """Go to a frame. Raises EOFError where there is none."""
        if not 0 <= frame < min(self.n_frames, len(self._frames)):
            raise EOFError("no such frame")
        if frame < self._index:
            self._composed = -1
        self._index = frame

    def tell(self) -> int:
        """Which frame it is at."""
        return self._index

    def load(self) -> "PixelAccess | None":
        """Unpack the frame, and compose it from those before it."""
        while self._composed < self._index:
            self._compose(self._composed + 1)
        return super().load()

    def _compose(self, index: int) -> None:
        frame = self._frames[index]
        image = self._unpacked(frame)
        whole = frame.box == (0, 0, *self.size)
        if index == 0 and whole and self.n_frames == 1:
            self._show(image)
        else:
            self._show(self._blended(index, frame, image))
        self.info["duration"] = frame.milliseconds
        self._composed = index

    def _show(self, image: Image.Image) -> None:
        self.im, self._mode, self.palette = image.im, image.mode, image.palette
        self.info.pop("transparency", None)
        if "transparency" in image.info:
            self.info["transparency"] = image.info["transparency"]

    def _blended(self, index: int, frame: _Frame, image: Image.Image) -> Image.Image:
        canvas = self._canvas if self._canvas is not None and index else Image.new("RGBA", self.size)
        self._canvas = canvas
        if index:
            self._dispose(canvas, self._frames[index - 1])
        # Of the first frame there is nothing before it, so that it is cleared.
        self._undo = canvas.crop(frame.box) if frame.disposal == _Disposal.PREVIOUS else None
        left, top, right, _ = frame.box
        for row in range(0, image.height, _BAND_ROWS):
            band = image.crop((0, row, right - left, min(row + _BAND_ROWS, image.height)))
            is_opaque = not band.has_transparency_data
            if band.mode != "RGBA":
                band = band.convert("RGBA")
            if frame.blend == _Blend.OVER and not is_opaque:
                canvas.alpha_composite(band, (left, top + row))
            else:
                canvas.paste(band, (left, top + row))
        return canvas

    def _dispose(self, canvas: Image.Image, frame: _Frame) -> None:
        if self._undo is not None:
            canvas.paste(self._undo, frame.box)
        elif frame.disposal == _Disposal.BACKGROUND:
            canvas.paste((0, 0, 0, 0), frame.box)

    def _unpacked(self, frame: _Frame) -> Image.Image:
        left, top, right, bottom = frame.box
        facts = self._contents.facts
        whole = _assembled(facts, right - left, bottom - top, frame.pixels)
        image = open_image(ImageFormat.PNG, whole)
        image.load()
        if image.mode.startswith("I;16"):
            return _in_8_bits(image)
        if self.is_read_twice:
            image.putalpha(_opaque(image, open_image(ImageFormat.PNG, whole), facts[b"tRNS"]))
        return image


def _assembled(facts: dict[bytes, bytes], width: int, height: int, pixels: list[memoryview]) -> bytes:
    """A PNG of the one frame, with nothing in it but what its pixels need."""
    header = struct.pack(">II", width, height) + facts[b"IHDR"][8:13]
    chunks = [(b"IHDR", header)]
    if header[9] == _PALETTE:
        chunks.append((b"PLTE", facts[b"PLTE"]))
    if transparent := _transparent(header[8], header[9], facts):
        chunks.append((b"tRNS", transparent))
    chunks += [(b"IDAT", b"".join(pixels)), (b"IEND", b"")]
    return _SIGNATURE + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def _transparent(depth: int, colour: int, facts: dict[bytes, bytes]) -> bytes | None:
    """What is transparent, in Pillow's numbers: greys of few bits are spread over eight before it looks."""
    said = facts.get(b"tRNS", b"")
    most = 2**depth - 1
    match colour:
        case _ if colour == _PALETTE:
            return said if len(said) <= len(facts[b"PLTE"]) // 3 else None
        case _ if colour == _GREY and len(said) >= 2:
            spread = 255 // most if 1 < depth <= 8 else 1
            return struct.pack(">H", (struct.unpack_from(">H", said)[0] & most) * spread)
        case _ if (depth, colour) == (8, _RGB) and len(said) >= 6:
            return struct.pack(">3H", *(value & most for value in struct.unpack_from(">3H", said)))
    return None


def _in_8_bits(image: Image.Image) -> Image.Image:
    """16-bit grey, which Pillow would clip at 255; all else of 16 bits it has scaled already."""
    grey = np.asarray(image)
    scaled = Image.fromarray(((grey.astype(np.uint32) + 128) // 257).astype(np.uint8))
    if (transparent := image.info.get("transparency")) is not None:
        scaled.putalpha(Image.fromarray(np.where(grey == transparent, 0, 255).astype(np.uint8)))
    return scaled


def _opaque(high: Image.Image, again: ImageFile, transparent: bytes) -> Image.Image:
    """The alpha channel of 16-bit RGB, of which Pillow keeps the high bytes alone: the low ones are read again."""
    again.tile = [tile._replace(args="RGB;16L") for tile in again.tile]
    again.load()
    hidden = np.ones((high.height, high.width), np.bool_)
    for channel, (above, below) in enumerate(zip(transparent[0:6:2], transparent[1:6:2], strict=True)):
        hidden &= np.asarray(high.getchannel(channel)) == above
        hidden &= np.asarray(again.getchannel(channel)) == below
    return Image.fromarray(np.where(hidden, 0, 255).astype(np.uint8))


# --- what the pixels mean -------------------------------------------------------------------------------------


def _meaning(facts: dict[bytes, bytes]) -> dict[str | tuple[int, int], object]:
    """What the file says of its colours, in the order in which that counts, and of the camera."""
    info: dict[str | tuple[int, int], object] = {}
    if exif := facts.get(b"eXIf"):
        info["exif"] = exif
    points = facts.get(b"cICP", b"")
    if len(points) == 4 and points[2] == 0:  # RGB as it is
        info["encoding"] = Encoding.of_code_points(points[0], points[1])
    elif profile := _profile(facts.get(b"iCCP", b"")):
        info["icc_profile"] = profile
    elif b"sRGB" not in facts and (encoding := _gamma(facts.get(b"gAMA", b""), facts.get(b"cHRM", b""))):
        info["encoding"] = encoding
    return info


def _profile(chunk: bytes) -> bytes | None:
    _, _, packed = chunk.partition(b"\0")
    if packed[:1] != b"\0":
        return None
    try:
        return zlib.decompressobj().decompress(packed[1:], _MAX_PROFILE_BYTES)
    except zlib.error:
        return None


def _gamma(gamma: bytes, chromaticities: bytes) -> Encoding | None:
    """None without a gamma, whatever the chromaticities are: so do browsers."""
    if len(gamma) < 4 or not (value := struct.unpack_from(">I", gamma)[0]):
        return None
    if len(chromaticities) < 32:
        return Encoding.of_gamma(100_000 / value)
    numbers = [number / 100_000 for number in struct.unpack_from(">8I", chromaticities)]
    return Encoding.of_gamma(100_000 / value, tuple(zip(numbers[::2], numbers[1::2], strict=True)))
