"""A file as an answer: read piece by piece as the client takes it, whole or a part of it.

Rule: what cannot be had so is refused before an answer has begun, as everything else is; the file is open no longer than
somebody reads, so that one that is removed meanwhile gives its room back.
"""

import asyncio
import hashlib
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from aiohttp import ETag, hdrs, web

from engine.protocol import ErrorCode, Refusal, sniff
from engine.service.answers import bad_request, refusal_answer

CHUNK_BYTES = 2**18
_HEAD_BYTES = 32  # that tell the format


Read = Callable[[int, int], Awaitable[bytes]]  # so many bytes, from a place on


@dataclass(frozen=True)
class _Body:
    """What there is to send: how much, what tells it from others, when it was changed, and how it is read."""

    size: int
    tag: str
    changed: datetime | None
    read: Read


async def send_file(
    request: web.Request, path: Path, headers: Mapping[str, str] | None = None
) -> web.StreamResponse:
    """Send an image file, or the range that was asked for. Raises Refusal NOT_FOUND."""
    try:
        file = await asyncio.to_thread(path.open, "rb")
    except OSError as error:
        raise Refusal(ErrorCode.NOT_FOUND) from error
    with file:
        facts = os.fstat(file.fileno())

        async def read(length: int, start: int) -> bytes:
            return await asyncio.to_thread(os.pread, file.fileno(), length, start)

        changed = datetime.fromtimestamp(int(facts.st_mtime), UTC)
        tag = f"{facts.st_mtime_ns:x}-{facts.st_size:x}"
        return await _answer(request, _Body(facts.st_size, tag, changed, read), headers or {})


async def send_bytes(request: web.Request, data: bytes, headers: Mapping[str, str]) -> web.StreamResponse:
    """Send an image that is no file, or the range that was asked for."""

    async def read(length: int, start: int) -> bytes:
        return data[start : start + length]

    tag = hashlib.sha256(data).hexdigest()[:32]
    return await _answer(request, _Body(len(data), tag, None, read), headers)


async def _answer(request: web.Request, body: _Body, headers: Mapping[str, str]) -> web.StreamResponse:
    about = {hdrs.ETAG: f'"{body.tag}"', hdrs.ACCEPT_RANGES: "bytes", **headers}
    if body.changed is not None:
        about[hdrs.LAST_MODIFIED] = format_datetime(body.changed, usegmt=True)
    if not _as_expected(request, body):
        detail = "what is there is not what it is about"
        return refusal_answer(bad_request(detail), web.HTTPPreconditionFailed.status_code)
    if _is_known(request, body):
        return web.Response(status=web.HTTPNotModified.status_code, headers=about)
    wanted = _wanted(request, body)
    if wanted is None:
        detail = f"of the file's {body.size} bytes there are none in its range"
        whole: dict[str, str] = {hdrs.CONTENT_RANGE: f"bytes */{body.size}"}
        return refusal_answer(bad_request(detail), web.HTTPRequestRangeNotSatisfiable.status_code, whole)
    return await _send(request, body, wanted, about)


async def _send(
    request: web.Request, body: _Body, wanted: range, headers: Mapping[str, str]
) -> web.StreamResponse:
    image_format = sniff(await body.read(_HEAD_BYTES, 0))
    response = web.StreamResponse(headers=headers)
    response.content_type = f"image/{image_format.lower()}" if image_format else "application/octet-stream"
    response.content_length = len(wanted)
    if len(wanted) < body.size:
        response.set_status(web.HTTPPartialContent.status_code)
        response.headers[hdrs.CONTENT_RANGE] = f"bytes {wanted.start}-{wanted.stop - 1}/{body.size}"
    await response.prepare(request)
    if request.method != hdrs.METH_HEAD:
        for start in range(wanted.start, wanted.stop, CHUNK_BYTES):
            await response.write(await body.read(min(CHUNK_BYTES, wanted.stop - start), start))
    await response.write_eof()
    return response


def _as_expected(request: web.Request, body: _Body) -> bool:
    """Whether the conditions for an answer hold (RFC 9110, 13.2.2, steps 1 and 2)."""
    if request.if_match is not None:
        return _matches(request.if_match, body.tag, weak=False)
    since = request.if_unmodified_since
    return since is None or body.changed is None or body.changed <= since


def _is_known(request: web.Request, body: _Body) -> bool:
    """Whether the client has it already (steps 3 and 4)."""
    if request.if_none_match is not None:
        return _matches(request.if_none_match, body.tag, weak=True)
    since = request.if_modified_since
    return since is not None and body.changed is not None and body.changed <= since


def _matches(tags: tuple[ETag, ...], tag: str, *, weak: bool) -> bool:
    return any(other.value in (tag, "*") and (weak or not other.is_weak) for other in tags)


def _wanted(request: web.Request, body: _Body) -> range | None:
    """Which bytes are asked for (step 5); all, unless a range is, and None if the file has none of that."""
    whole = range(body.size)
    if hdrs.RANGE not in request.headers or (hdrs.IF_RANGE in request.headers and not _is_of(request, body)):
        return whole
    try:
        asked = request.http_range
    except ValueError:
        return None
    return whole[asked] or None


def _is_of(request: web.Request, body: _Body) -> bool:
    """Whether it is still what the client has a part of, by its date."""
    since = request.if_range
    return since is not None and body.changed is not None and body.changed <= since
