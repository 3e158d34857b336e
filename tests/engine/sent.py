"""Uploads as they lie when they have arrived, without a network."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from engine.protocol import JobRequest
from engine.service.intake import Upload
from engine.service.uploads import Piece


@dataclass(frozen=True)
class Memory:
    """A store of the bytes of parts."""

    data: bytes

    async def read(self, piece: Piece) -> bytes:
        """All of them."""
        return self.data[piece.offset : piece.offset + piece.size]


def arrived(request: JobRequest, parts: Mapping[str, bytes], hashes: Mapping[str, str] = {}) -> Upload:
    """A request with its images; a hash is the part's own unless told otherwise."""
    pieces, offset = {}, 0
    for name, data in parts.items():
        pieces[name] = Piece(offset, len(data), hashes.get(name, hashlib.sha256(data).hexdigest()))
        offset += len(data)
    return Upload(request, pieces, Memory(b"".join(parts.values())))
