"""Bodies on their way in: from the network to the disk, at a pace that they have to keep.

Rule: a body that is still arriving holds nothing but a descriptor and its bytes on the disk, of which there is a limit for
all together; who sends too slowly is let go. Its file has no name: nobody else can open it, and no crash leaves it behind.
"""

import asyncio
import hashlib
import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError

from engine.protocol import BUSY_SECONDS, MAX_BODY_BYTES, ErrorCode, Refusal
from engine.service.answers import bad_request
from engine.storage.files import full_disk_refused

_NAME = "upload-"  # how the names of files begin, where a system knows none without


@dataclass(frozen=True)
class UploadLimits:
    """What all uploads together may take, and how fast one has to be.

    uploads, bytes: of all that are there at once. seconds: for a whole body to arrive. window_seconds, window_bytes: how
    many bytes have to come in how long, of which only the waiting for the client counts.
    """

    uploads: int = 128
    bytes: int = 8 * MAX_BODY_BYTES
    seconds: float = 120.0
    window_seconds: float = 10.0
    window_bytes: int = 2**17


USUAL_LIMITS = UploadLimits()


@dataclass(frozen=True)
class Piece:
    """A part of a body as it lies in the file; sha256: of its bytes, in hexadecimal."""

    offset: int
    size: int
    sha256: str


@dataclass
class Load:
    """What all uploads together take at the moment; bytes: on the disk, or announced."""

    uploads: int = 0
    bytes: int = 0


class Uploads:
    """All bodies that are there, in files without a name in `folder`."""

    def __init__(self, folder: Path, limits: UploadLimits = USUAL_LIMITS) -> None:
        self._folder = folder
        self._limits = limits
        self.load = Load()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not folder.is_symlink():
            folder.chmod(0o700)
        for path in folder.glob(f"{_NAME}*"):  # of a crash; what else is there is not ours
            path.unlink()

    @asynccontextmanager
    async def open(self, request: web.Request, which: str, most: int) -> AsyncIterator["Body"]:
        """The body of a request, at most so many bytes, of which nothing is read yet.

        which: one of `protocol.IMAGES`, for a refusal. Raises Refusal BUSY, BAD_REQUEST, TOO_MANY_BYTES, STORAGE_FULL.
        """
        if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
            raise bad_request("its body is compressed, which pictures are already")
        if self.load.uploads >= self._limits.uploads:
            raise Refusal(ErrorCode.BUSY, seconds=BUSY_SECONDS)
        self.load.uploads += 1
        try:
            with full_disk_refused():
                file = await asyncio.to_thread(self._new_file)
            with file:
                body = Body(request, file, self.load, self._limits, which, most)
                try:
                    await body.begin()
                    yield body
                finally:
                    self.load.bytes -= body.taken
        finally:
            self.load.uploads -= 1

    def _new_file(self) -> IO[bytes]:
        return tempfile.TemporaryFile(prefix=_NAME, dir=self._folder)


class Body:
    """One body; `Uploads.open` is the way to get one.

    announced: its bytes as the head of the request tells them, or 0. received: so far. taken: of the disk.
    """

    def __init__(
        self,
        request: web.Request,
        file: IO[bytes],
        load: Load,
        limits: UploadLimits,
        which: str,
        most: int,
    ) -> None:
        self._request = request
        self._file = file
        self._load = load
        self._limits = limits
        self._which = which
        self._most = most
        self._end = self._cut = 0  # of what is written, and of the last part
        self._hash = hashlib.sha256()
        self._seconds_left = limits.seconds
        self._window_left = limits.window_seconds
        self._window_received = 0
        self.announced = request.content_length or 0
        self.received = 0
        self.taken = 0

    async def begin(self) -> None:
        """Make room for all of it, and let a client send that has asked first. Raises Refusal."""
        self._check_size(self.announced)
        self._take(self.announced)
        if self._request.headers.get(hdrs.EXPECT, "").lower() == "100-continue":
            writer = self._request.writer
            await writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            writer.output_size = 0  # of the answer, which has not begun

    async def next(self) -> bytes:
        """What has come in; nothing at the end. Raises Refusal TOO_SLOW, TOO_MANY_BYTES, BUSY, BAD_REQUEST."""
        begun = time.monotonic()
        try:
            async with asyncio.timeout(min(self._window_left, self._seconds_left)):
                chunk = await self._request.content.readany()
        except TimeoutError:
            taken = self._limits.seconds - self._seconds_left + time.monotonic() - begun
            raise Refusal(ErrorCode.TOO_SLOW, seconds=round(taken)) from None
        except (ValueError, HttpProcessingError, web.RequestPayloadError) as error:
            raise bad_request("its body is malformed") from error
        self._pace(time.monotonic() - begun, len(chunk))
        self.received += len(chunk)
        self._check_size(self.received)
        self._take(self.received - self.taken)
        return chunk

    async def keep(self, data: bytes) -> None:
        """Put data on the disk, after what is there. Raises Refusal STORAGE_FULL."""
        with full_disk_refused():
            await asyncio.to_thread(self._keep, data)

    def cut(self) -> Piece:
        """What was kept since the last cut, as one part."""
        piece = Piece(self._cut, self._end - self._cut, self._hash.hexdigest())
        self._cut, self._hash = self._end, hashlib.sha256()
        return piece

    async def read(self, piece: Piece) -> bytes:
        """The bytes of a part."""
        return await asyncio.to_thread(os.pread, self._file.fileno(), piece.size, piece.offset)

    def _keep(self, data: bytes) -> None:
        self._hash.update(data)
        self._file.write(data)
        self._file.flush()
        self._end += len(data)

    def _pace(self, waited: float, received: int) -> None:
        self._seconds_left -= waited
        self._window_left -= waited
        self._window_received += received
        if self._window_received >= self._limits.window_bytes:
            self._window_left, self._window_received = self._limits.window_seconds, 0

    def _check_size(self, size: int) -> None:
        if size > self._most:
            whole = max(self.announced, size)
            raise Refusal(ErrorCode.TOO_MANY_BYTES, image=self._which, size=whole, limit=self._most)

    def _take(self, more: int) -> None:
        """Make room for so many bytes more, if they are any."""
        if more <= 0:
            return
        if self._load.bytes + more > self._limits.bytes:
            raise Refusal(ErrorCode.BUSY, seconds=BUSY_SECONDS)
        self._load.bytes += more
        self.taken += more
