"""Whether SQLite's write-ahead log is whole, which SQLite does not say.

SQLite goes on silently with what stands before the first frame that does not check out, as after a power cut: there,
the rest was never acknowledged. Damage looks the same to it, but leaves evidence: frames that check out, one of them
the end of a transaction, behind one that does not. Rule: nothing is changed here. The format is SQLite's
(https://www.sqlite.org/fileformat2.html#walformat); each frame's checksum goes on from the one before.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import NamedTuple

_HEADER = struct.Struct(">8I")  # magic, version, page size, checkpoint, two salts, two checksums
_FRAME = struct.Struct(">6I")  # page, pages after the transaction it ends (or 0), two salts, two checksums
_LITTLE, _BIG = 0x377F0682, 0x377F0683  # the magic says in which order the checksums read their words
_CHECKED = 8  # bytes of a frame's header that its checksum covers
_WORD = 0xFFFFFFFF

Checksum = tuple[int, int]


class WalState(Enum):
    """What can be told of a log."""

    WHOLE = "whole"
    TORN = "torn"  # its end does not check out: a transaction that was being written, or damage
    DAMAGED = "damaged"  # what stood behind the damage is lost


@dataclass(frozen=True)
class Verdict:
    """What is wrong with a log, and how many finished transactions, at least, SQLite will not read."""

    state: WalState
    lost: int = 0


class _Frame(NamedTuple):
    ends: bool  # a transaction
    salts: tuple[int, int]
    stored: Checksum
    checked: bytes  # all that the checksum covers


def examine(path: Path) -> Verdict:
    """Walk through a log; one that is not there is whole. Raises OSError."""
    data = path.read_bytes() if path.exists() else b""
    if len(data) < _HEADER.size:
        return Verdict(WalState.WHOLE)
    magic, _, page_size, _, *rest = _HEADER.unpack_from(data)
    salts, stored = (rest[0], rest[1]), (rest[2], rest[3])
    order = "<" if magic == _LITTLE else ">"
    sound = _checksum(order, data[: _HEADER.size - 8], (0, 0)) == stored and magic in (_LITTLE, _BIG)
    if not sound:
        return Verdict(WalState.DAMAGED if any(data[_HEADER.size :]) else WalState.WHOLE)
    verdict = _verdict(order, salts, stored, _frames(data, page_size))
    is_cut = (len(data) - _HEADER.size) % (_FRAME.size + page_size) > 0
    return Verdict(WalState.TORN) if verdict.state is WalState.WHOLE and is_cut else verdict


def _verdict(order: str, salts: tuple[int, int], seed: Checksum, frames: Sequence[_Frame]) -> Verdict:
    seeds = [seed, *(frame.stored for frame in frames)]
    bad = next((n for n, frame in enumerate(frames) if not _follows(order, seeds[n], frame, salts)), None)
    if bad is None:
        return Verdict(WalState.WHOLE)
    first = frames[bad]
    # Stale frames are of other salts and follow from nothing.
    misses_salts = _checksum(order, first.checked, seeds[bad]) == first.stored
    behind = range(bad + 1, len(frames))
    lost = sum(frames[n].ends for n in behind if _follows(order, seeds[n], frames[n], salts))
    if lost or misses_salts:
        return Verdict(WalState.DAMAGED, lost + first.ends)
    return Verdict(WalState.TORN if first.ends and first.salts == salts else WalState.WHOLE)


def _follows(order: str, seed: Checksum, frame: _Frame, salts: tuple[int, int]) -> bool:
    return frame.salts == salts and _checksum(order, frame.checked, seed) == frame.stored


def _frames(data: bytes, page_size: int) -> list[_Frame]:
    size = _FRAME.size + page_size
    starts = range(_HEADER.size, len(data) - size + 1, size)
    return [_frame(data[start : start + size]) for start in starts]


def _frame(data: bytes) -> _Frame:
    _, pages, *rest = _FRAME.unpack_from(data)
    return _Frame(pages > 0, (rest[0], rest[1]), (rest[2], rest[3]), data[:_CHECKED] + data[_FRAME.size :])


def _checksum(order: str, data: bytes, seed: Checksum) -> Checksum:
    first, second = seed
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & _WORD
        second = (second + odd + first) & _WORD
    return first, second
