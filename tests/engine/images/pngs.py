"""PNGs written by hand, for what Pillow does not write."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def header(width: int, height: int, depth: int, colour: int) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))


def packed(samples: NDArray[Any], depth: int = 8) -> bytes:
    """(height, width[, channels]) samples as rows, none of them filtered."""
    rows = samples.reshape(len(samples), -1)
    if depth == 16:
        lines = [row.astype(">u2").tobytes() for row in rows]
    else:
        bits = np.unpackbits(rows.astype(np.uint8)[..., None], axis=2)[..., 8 - depth :]
        lines = [np.packbits(line.ravel()).tobytes() for line in bits]
    return zlib.compress(b"".join(b"\0" + line for line in lines))


def still(samples: NDArray[Any], colour: int, *before: bytes, depth: int = 8, after: bytes = b"") -> bytes:
    """A PNG of these samples, with more chunks before and after its pixels."""
    height, width = samples.shape[:2]
    head = SIGNATURE + header(width, height, depth, colour) + b"".join(before)
    return head + chunk(b"IDAT", packed(samples, depth)) + after + chunk(b"IEND", b"")


@dataclass(frozen=True)
class Frame:
    """A frame of an APNG: RGBA (height, width, 4), where it goes, and what becomes of it."""

    rgba: NDArray[np.uint8]
    left: int = 0
    top: int = 0
    disposal: int = 0
    blend: int = 0


def moving(
    size: tuple[int, int], frames: Sequence[Frame], *, default: NDArray[np.uint8] | None = None
) -> bytes:
    """An APNG; `default` is shown by viewers that know no animation, and is none of the frames."""
    numbers = iter(range(10_000))
    parts = [SIGNATURE, header(*size, 8, RGBA), chunk(b"acTL", struct.pack(">II", len(frames), 0))]
    if default is not None:
        parts.append(chunk(b"IDAT", packed(default)))
    for index, frame in enumerate(frames):
        height, width = frame.rgba.shape[:2]
        box = (width, height, frame.left, frame.top)
        parts.append(
            chunk(
                b"fcTL", struct.pack(">IIIIIHHBB", next(numbers), *box, 50, 1000, frame.disposal, frame.blend)
            )
        )
        pixels = packed(frame.rgba)
        if index == 0 and default is None:
            parts.append(chunk(b"IDAT", pixels))
        else:
            parts.append(chunk(b"fdAT", struct.pack(">I", next(numbers)) + pixels))
    return b"".join([*parts, chunk(b"IEND", b"")])
