"""What the boxes of an AVIF or HEIC say where the libraries do not tell it, and mends for what they refuse.

The boxes are those of ISO/IEC 14496-12 and 23008-12. Rule: a mend stands at the end of the file, and what it
replaces becomes free space, so that every place that the file names stays where it was.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

_MAX_BOXES = 10_000
_VERSIONED = (b"meta", b"ipma", b"pitm", b"stsd", b"stsz", b"stco", b"co64", b"hdlr")
_VISUAL_ENTRY_BYTES = 78  # of a track's entry, before its boxes
_ItemProperties = dict[
    int, list[tuple[int, bool]]
]  # of each item the numbers, and which of them are essential


class _Box(NamedTuple):
    kind: bytes
    begin: int
    start: int  # of what is in it, behind the version
    end: int


def code_points(data: bytes) -> tuple[int, int] | None:
    """Colour primaries and transfer characteristics (ITU-T H.273) of the primary image, else of the first track.

    None where the file says nothing. Raises struct.error for damaged boxes.
    """
    properties = _properties(data)
    own = [properties[number - 1] for number in _numbers_of_primary(data) if 0 < number <= len(properties)]
    for box in own or _boxes_of_entry(data):
        if box.kind == b"colr" and data[box.start : box.start + 4] == b"nclx":
            primaries, transfer = struct.unpack_from(">HH", data, box.start + 4)
            return primaries, transfer
    return None


def with_sizes(data: bytes) -> bytes | None:
    """An AVIF whose alpha plane does not say its size, which libavif wants of all, with its size said.

    That is the primary image's, as an alpha plane has no other. None if there is nothing to mend. Raises
    struct.error for damaged boxes.
    """
    meta, iprp, ipma = (
        _find(data, *path) for path in ((b"meta",), (b"meta", b"iprp"), (b"meta", b"iprp", b"ipma"))
    )
    sizes = {number for number, box in enumerate(_properties(data), 1) if box.kind == b"ispe"}
    size = next((number for number in _numbers_of_primary(data) if number in sizes), None)
    if meta is None or iprp is None or ipma is None or size is None:
        return None
    items = _associations(data, ipma)
    lacking = [held for held in items.values() if not sizes & {number for number, _ in held}]
    for held in lacking:
        held.insert(0, (size, False))
    inside = data[iprp.start : ipma.begin] + _ipma(items) + data[ipma.end : iprp.end]
    whole = data[meta.start : iprp.begin] + _made(b"iprp", inside) + data[iprp.end : meta.end]
    return _replaced(data, meta, _made(b"meta", bytes(4), whole)) if lacking else None


def first_of_sequence(data: bytes) -> bytes | None:
    """A HEIC of the first picture of an image sequence; None if it is none. Raises struct.error for damaged boxes."""
    moov = _find(data, b"moov")
    entry, place, size = _entry(data), _first_chunk(data), _find(data, *_TABLES, b"stsz")
    if _find(data, b"meta") or moov is None or entry is None or place is None or size is None:
        return None
    width, height = struct.unpack_from(">HH", data, entry.start + 24)
    each, _, first = struct.unpack_from(">3I", data + bytes(4), size.start)
    wanted = [box for box in _boxes_of_entry(data) if box.kind in (b"hvcC", b"colr")]
    properties = _made(b"ispe", struct.pack(">III", 0, width, height))
    properties += b"".join(data[box.begin : box.end] for box in wanted)
    held = [(1, False), *((number, box.kind == b"hvcC") for number, box in enumerate(wanted, 2))]
    meta = _made(
        b"meta",
        bytes(4),
        _made(b"hdlr", bytes(8), b"pict", bytes(13)),
        _made(b"pitm", struct.pack(">IH", 0, 1)),
        _made(b"iloc", struct.pack(">IHHHHHII", 0, 0x4400, 1, 1, 0, 1, place, each or first)),
        _made(
            b"iinf", struct.pack(">IH", 0, 1), _made(b"infe", struct.pack(">IHH5s", 2 << 24, 1, 0, b"hvc1\0"))
        ),
        _made(b"iprp", _made(b"ipco", properties), _ipma({1: held})),
    )
    still = _replaced(data, moov, meta)
    brands = (
        int.from_bytes(data[:4], "big") - 8
    ) // 4  # as a sequence it would want for what is free space now
    return still[:8] + (b"heic" + bytes(4) + b"mif1" * max(brands - 2, 0)) + still[8 + 4 * max(brands, 2) :]


# --- reading --------------------------------------------------------------------------------------------------


def _boxes(data: bytes, start: int, end: int) -> Iterator[_Box]:
    for _ in range(_MAX_BOXES):
        if start + 8 > end:
            return
        length, kind = struct.unpack_from(">I4s", data, start)
        head = 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", data, start + 8)
            head = 16
        stop = start + length if length else end
        if (length and length < head) or stop > end:
            return
        yield _Box(kind, start, min(start + head + 4 * (kind in _VERSIONED), stop), stop)
        start = stop


def _find(data: bytes, *path: bytes) -> _Box | None:
    """The first box at a path; of tracks the first one alone is looked into."""
    start, end, found = 0, len(data), None
    for kind in path:
        found = next((box for box in _boxes(data, start, end) if box.kind == kind), None)
        if found is None:
            return None
        start, end = found.start, found.end
    return found


_TABLES = (b"moov", b"trak", b"mdia", b"minf", b"stbl")


def _properties(data: bytes) -> list[_Box]:
    container = _find(data, b"meta", b"iprp", b"ipco")
    return list(_boxes(data, container.start, container.end)) if container else []


def _numbers_of_primary(data: bytes) -> list[int]:
    primary, ipma = _find(data, b"meta", b"pitm"), _find(data, b"meta", b"iprp", b"ipma")
    if primary is None or ipma is None:
        return []
    (item,) = struct.unpack_from(">I" if data[primary.begin + 8] else ">H", data, primary.start)
    return [number for number, _ in _associations(data, ipma).get(item, [])]


def _associations(data: bytes, ipma: _Box) -> _ItemProperties:
    version, wide = data[ipma.begin + 8], data[ipma.begin + 11] & 1
    (count,) = struct.unpack_from(">I", data, ipma.start)
    place, items = ipma.start + 4, dict[int, list[tuple[int, bool]]]()
    for _ in range(min(count, _MAX_BOXES)):
        item, held = struct.unpack_from(">IB" if version else ">HB", data, place)
        place += 5 if version else 3
        numbers = struct.unpack_from(f">{held}{'H' if wide else 'B'}", data, place)
        place += held * (2 if wide else 1)
        essential = 0x8000 if wide else 0x80
        items[item] = [(number & ~essential, number >= essential) for number in numbers]
    return items


def _entry(data: bytes) -> _Box | None:
    """What the first track's pictures are."""
    table = _find(data, *_TABLES, b"stsd")
    return next(_boxes(data, table.start + 4, table.end), None) if table else None


def _boxes_of_entry(data: bytes) -> list[_Box]:
    entry = _entry(data)
    return list(_boxes(data, entry.start + _VISUAL_ENTRY_BYTES, entry.end)) if entry else []


def _first_chunk(data: bytes) -> int | None:
    for kind, number in ((b"stco", ">I"), (b"co64", ">Q")):
        if table := _find(data, *_TABLES, kind):
            (place,) = struct.unpack_from(number, data, table.start + 4)
            return int(place)
    return None


# --- mending --------------------------------------------------------------------------------------------------


def _made(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _ipma(items: _ItemProperties) -> bytes:
    entries = b"".join(
        struct.pack(
            f">IB{len(held)}H", item, len(held), *(number | essential << 15 for number, essential in held)
        )
        for item, held in items.items()
    )
    return _made(b"ipma", struct.pack(">II", 1 << 24 | 1, len(items)), entries)


def _replaced(data: bytes, old: _Box, new: bytes) -> bytes:
    return data[: old.begin + 4] + b"free" + data[old.begin + 8 :] + new
