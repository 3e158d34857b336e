"""A file as an answer: read piece by piece as the client takes it, whole or a part of it.

Rule: what cannot be had so is refused before an answer has begun, as everything else is; the file is open no longer than
somebody reads, so that one that is removed meanwhile gives its room back.
"""

import asyncio
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import IO

from aiohttp import ETag, hdrs, web

from engine.protocol import ErrorCode, Refusal, sniff
from engine.service.answers import bad_request, refusal_answer

CHUNK_BYTES = 2**18
_HEAD_BYTES = 32  # that tell the format


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
        tag = f"{facts.st_mtime_ns:x}-{facts.st_size:x}"
        changed = datetime.fromtimestamp(int(facts.st_mtime), UTC)
        about = {
            hdrs.ETAG: f'"{tag}"',
            hdrs.LAST_MODIFIED: format_datetime(changed, usegmt=True),
            hdrs.ACCEPT_RANGES: "bytes",
            **(headers or {}),
        }
        if not _as_expected(request, tag, changed):
            detail = "what is there is not what it is about"
            return refusal_answer(bad_request(detail), web.HTTPPreconditionFailed.status_code)
        if _is_known(request, tag, changed):
            return web.Response(status=web.HTTPNotModified.status_code, headers=about)
        wanted = _wanted(request, facts.st_size, changed)
        if wanted is None:
            detail = f"of the file's {facts.st_size} bytes there are none in its range"
            whole: dict[str, str] = {hdrs.CONTENT_RANGE: f"bytes */{facts.st_size}"}
            return refusal_answer(bad_request(detail), web.HTTPRequestRangeNotSatisfiable.status_code, whole)
        return await _send(request, file, wanted, facts.st_size, about)


async def _send(
    request: web.Request, file: IO[bytes], wanted: range, size: int, headers: Mapping[str, str]
) -> web.StreamResponse:
    image_format = sniff(await asyncio.to_thread(os.pread, file.fileno(), _HEAD_BYTES, 0))
    response = web.StreamResponse(headers=headers)
    response.content_type = f"image/{image_format.lower()}" if image_format else "application/octet-stream"
    response.content_length = len(wanted)
    if len(wanted) < size:
        response.set_status(web.HTTPPartialContent.status_code)
        response.headers[hdrs.CONTENT_RANGE] = f"bytes {wanted.start}-{wanted.stop - 1}/{size}"
    await response.prepare(request)
    if request.method != hdrs.METH_HEAD:
        for start in range(wanted.start, wanted.stop, CHUNK_BYTES):
            length = min(CHUNK_BYTES, wanted.stop - start)
            await response.write(await asyncio.to_thread(os.pread, file.fileno(), length, start))
    await response.write_eof()
    return response


def _as_expected(request: web.Request, tag: str, changed: datetime) -> bool:
    """Whether the conditions for an answer hold (RFC 9110, 13.2.2, steps 1 and 2)."""
    if request.if_match is not None:
        return _matches(request.if_match, tag, weak=False)
    since = request.if_unmodified_since
    return since is None or changed <= since


def _is_known(request: web.Request, tag: str, changed: datetime) -> bool:
    """Whether the client has it already (steps 3 and 4)."""
    if request.if_none_match is not None:
        return _matches(request.if_none_match, tag, weak=True)
    since = request.if_modified_since
    return since is not None and changed <= since


def _matches(tags: tuple[ETag, ...], tag: str, *, weak: bool) -> bool:
    return any(other.value in (tag, "*") and (weak or not other.is_weak) for other in tags)


def _wanted(request: web.Request, size: int, changed: datetime) -> range | None:
    """Which bytes are asked for (step 5); all, unless a range is, and None if the file has none of that."""
    whole = range(size)
    if hdrs.RANGE not in request.headers or (
        hdrs.IF_RANGE in request.headers and (request.if_range is None or changed > request.if_range)
    ):
        return whole
    try:
        asked = request.http_range
    except ValueError:
        return None
    return whole[asked] or None
