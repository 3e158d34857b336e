"""Good files made bad: flipped, cut and spliced anywhere, and changed where it hurts in the format's own structure."""

import random
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from engine.protocol import ImageFormat

_NASTY = (
    0,
    1,
    2,
    3,
    7,
    8,
    0x7F,
    0x80,
    0xFF,
    0x100,
    0x7FFF,
    0xFFFF,
    0x10000,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFFF,
)
_LEAST = 64  # bytes, with which there is still something to break
_CONTAINERS = (b"meta", b"iprp", b"ipco", b"moov", b"trak", b"mdia", b"minf", b"stbl")


@dataclass(frozen=True)
class Part:
    """A chunk, segment or box: where its length stands and how many bytes that has, and where its content is."""

    length: int
    width: int
    start: int
    end: int


def mutations(
    image_format: ImageFormat, seeds: Sequence[bytes], count: int, seed: int
) -> Iterator[tuple[str, bytes]]:
    """So many mutations, the same for the same seed: what was done, and the file."""
    chance = random.Random(f"{image_format}-{seed}")
    for index in range(count):
        data = chance.choice(seeds)
        names = []
        for _ in range(chance.choice((1, 1, 1, 2, 4))):
            if len(data) < _LEAST:
                break
            change = chance.choice(_CHANGES)
            data = change(chance, image_format, data, seeds)
            names.append(change.__name__.strip("_"))
        if image_format is ImageFormat.PNG and chance.random() < 0.7:
            data = _with_checksums(data)  # else most would be refused by them
        yield f"{image_format.lower()}-{seed}-{index} {' '.join(names)}", data


def _flips(chance: random.Random, kind: ImageFormat, data: bytes, seeds: Sequence[bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 2, 8, 32))):
        changed[chance.randrange(12, len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _cut(chance: random.Random, kind: ImageFormat, data: bytes, seeds: Sequence[bytes]) -> bytes:
    return data[: chance.randrange(16, len(data))]


def _hole(chance: random.Random, kind: ImageFormat, data: bytes, seeds: Sequence[bytes]) -> bytes:
    start = chance.randrange(12, len(data))
    length = chance.choice((1, 4, 16, 200))
    return data[:start] + chance.choice((b"", bytes(length), b"\xff" * length)) + data[start + length :]


def _splice(chance: random.Random, kind: ImageFormat, data: bytes, seeds: Sequence[bytes]) -> bytes:
    other = chance.choice(seeds)
    return data[: chance.randrange(16, len(data))] + other[chance.randrange(16, len(other)) :]


def _length(chance: random.Random, kind: ImageFormat, data: bytes, seeds: Sequence[bytes]) -> bytes:
    """A chunk that says another length than it has."""
    part = chance.choice(parts(kind, data) or [Part(12, 2, 12, 20)])
    said = chance.choice((chance.choice(_NASTY), part.end - part.start + chance.randrange(-9, 10)))
    small_end_first = kind in (ImageFormat.WEBP, ImageFormat.GIF)
    said &= (1 << 8 * part.width) - 1
    number = said.to_bytes(part.width, "little" if small_end_first else "big")
    return data[: part.length] + number + data[part.length + part.width :]


def _field(chance: random.Random, kind: ImageFormat, data: bytes, seeds: Sequence[bytes]) -> bytes:
    """A number among the first bytes of a chunk, where headers are."""
    part = chance.choice(parts(kind, data) or [Part(12, 2, 12, 40)])
    width = chance.choice((1, 2, 4))
    place = part.start + chance.randrange(max(min(part.end - part.start, 40), 1))
    number = (chance.choice(_NASTY) & (1 << 8 * width) - 1).to_bytes(width, chance.choice(("big", "little")))
    return data[:place] + number + data[place + width :]


def _twice(chance: random.Random, kind: ImageFormat, data: bytes, seeds: Sequence[bytes]) -> bytes:
    """A chunk again, up to a hundred times, or before another."""
    part = chance.choice(parts(kind, data) or [Part(12, 2, 12, 40)])
    begin = min(part.length, part.start)
    again = data[begin : part.end + 4 * (kind is ImageFormat.PNG)] * chance.choice((1, 1, 2, 100))
    place = chance.choice((begin, len(data)))
    return data[:place] + again + data[place:]


def _without(chance: random.Random, kind: ImageFormat, data: bytes, seeds: Sequence[bytes]) -> bytes:
    part = chance.choice(parts(kind, data) or [Part(12, 2, 12, 40)])
    return data[: min(part.length, part.start)] + data[part.end + 4 * (kind is ImageFormat.PNG) :]


_CHANGES: tuple[Callable[[random.Random, ImageFormat, bytes, Sequence[bytes]], bytes], ...] = (
    _flips, _cut, _hole, _splice, _length, _field, _field, _twice, _without,
)  # fmt: skip


# --- the parts of a file --------------------------------------------------------------------------------------


def parts(image_format: ImageFormat, data: bytes) -> list[Part]:
    """The chunks of a file, as far as they can be told."""
    try:
        return list(_PARTS[image_format](data))
    except (IndexError, struct.error):
        return []


def _png(data: bytes) -> Iterator[Part]:
    place = 8
    while place + 8 <= len(data):
        (length,) = struct.unpack_from(">I", data, place)
        yield Part(place, 4, place + 8, min(place + 8 + length, len(data)))
        place += 12 + length


def _with_checksums(data: bytes) -> bytes:
    changed = bytearray(data)
    for part in parts(ImageFormat.PNG, data):
        changed[part.end : part.end + 4] = struct.pack(">I", zlib.crc32(data[part.start - 4 : part.end]))
    return bytes(changed)


def _jpeg(data: bytes) -> Iterator[Part]:
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        (length,) = struct.unpack_from(">H", data, place + 2)
        yield Part(place + 2, 2, place + 4, min(place + 2 + length, len(data)))
        if data[place + 1] == 0xDA:
            return
        place += 2 + length


def _riff(data: bytes) -> Iterator[Part]:
    yield Part(4, 4, 8, len(data))
    place = 12
    while place + 8 <= len(data):
        (length,) = struct.unpack_from("<I", data, place + 4)
        yield Part(place + 4, 4, place + 8, min(place + 8 + length, len(data)))
        if data[place : place + 4] == b"ANMF":
            yield Part(place + 28, 4, place + 32, min(place + 8 + length, len(data)))
        place += 8 + length + length % 2


def _gif(data: bytes) -> Iterator[Part]:
    yield Part(6, 2, 6, 13)
    for mark in (b"\x21\xf9\x04", b"\x2c", b"\x21\xff\x0b", b"\x21\xfe"):
        place = data.find(mark, 13)
        while place >= 0:
            yield Part(place + 2, 1, place + 1, min(place + 20, len(data)))
            place = data.find(mark, place + 1)


def _boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Part]:
    end = len(data) if end is None else end
    while start + 8 <= end:
        length, kind = struct.unpack_from(">I4s", data, start)
        yield Part(start, 4, start + 8, min(start + length, end))
        if kind in _CONTAINERS:
            yield from _boxes(data, start + 8 + 4 * (kind == b"meta"), min(start + length, end))
        start += max(length, 8)


_PARTS: dict[ImageFormat, Callable[[bytes], Iterator[Part]]] = {
    ImageFormat.PNG: _png,
    ImageFormat.JPEG: _jpeg,
    ImageFormat.WEBP: _riff,
    ImageFormat.GIF: _gif,
    ImageFormat.AVIF: _boxes,
    ImageFormat.HEIF: _boxes,
}
