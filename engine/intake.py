"""From an upload to what a job needs: the request, the pictures as we store them, the plan.

Rule: everything is measured while it streams in, and decoded out of process, before anything is kept. What is
kept are pixels that we encoded ourselves, no larger than a result can be; the file that was sent is not.
"""

import asyncio
import hashlib
import math
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from pydantic import ValidationError

from engine import catalogue, decoder, images
from engine.images import Picture
from engine.job import style_file
from engine.nst import planning
from engine.nst.speed import Speed
from engine.pictures import CONTENT
from engine.protocol import (
    KNOBS,
    MAX_BODY_BYTES,
    MAX_IMAGE_BYTES,
    MAX_STYLES,
    ErrorCode,
    ImageFormat,
    JobRequest,
    Refusal,
)
from engine.store import JobRecord

REQUEST_PART = "request"
CONTENT_PART = "content"
REQUEST_BYTES = 2**15
UPLOAD_SECONDS = 120.0
_CHUNK = 2**16
_LARGEST = cast("int", KNOBS["size"].maximum)


@dataclass(frozen=True)
class Upload:
    """A request and its images as they were sent, by part name, with the SHA-256 of each."""

    request: JobRequest
    images: Mapping[str, bytes]
    hashes: Mapping[str, str]

    @property
    def digest(self) -> str:
        """One hash of all of it, to tell a repeated request from another one."""
        whole = hashlib.sha256(self.request.model_dump_json().encode())
        for name, value in sorted(self.hashes.items()):
            whole.update(f"{name}:{value}".encode())
        return whole.hexdigest()


def what_is(part: str) -> str:
    """Name a part in a sentence."""
    return "picture" if part == CONTENT_PART else "style image"


async def receive(request: web.Request) -> Upload:
    """Read a multipart body within the limits. Raises Refusal."""
    if not request.content_type.startswith("multipart/"):
        raise _bad(f"it has to be multipart, not {request.content_type}")
    try:
        async with asyncio.timeout(UPLOAD_SECONDS):
            parts = await _read_parts(request)
    except TimeoutError:
        raise _bad(f"it took longer than {UPLOAD_SECONDS:.0f} seconds to arrive") from None
    except (ValueError, HttpProcessingError) as error:  # what aiohttp raises for a malformed body
        raise _bad("its multipart body is malformed") from error
    if REQUEST_PART not in parts:
        raise _bad(f"the part “{REQUEST_PART}” is missing")
    job_request = parse_request(parts.pop(REQUEST_PART))
    upload = Upload(job_request, parts, await asyncio.to_thread(_hash, parts))
    _check_parts(upload)
    return upload


def parse_request(data: bytes) -> JobRequest:
    """Decode a request, naming the field that is wrong. Raises Refusal."""
    try:
        return JobRequest.model_validate_json(data)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
    match problem["loc"], problem["type"]:
        case ("styles",), "too_short" | "missing":
            raise Refusal(ErrorCode.NO_STYLE)
        case ("styles",), "too_long":
            raise Refusal(ErrorCode.TOO_MANY_STYLES, limit=MAX_STYLES)
    field = ".".join(str(part) for part in problem["loc"])
    raise _bad(f"{field}: {problem['msg']}" if field else problem["msg"])


async def prepare(upload: Upload, key: str, speed: Speed) -> tuple[JobRecord, dict[str, bytes]]:
    """Decode and plan: returns the job's record and the files to store with it. Raises Refusal."""
    request = upload.request
    for style in request.styles:
        if style.name is not None:
            catalogue.image_path(style.name)
    content = await _decode(upload, CONTENT_PART)
    plan = planning.make_plan(request, content.width, content.height, speed)
    files = {CONTENT: await _as_png(content)}
    for part in sorted(upload.images.keys() - {CONTENT_PART}):
        files[style_file(part)] = await _as_png(await _decode(upload, part))
    record = JobRecord(
        id=uuid.uuid4().hex,
        key=key,
        digest=upload.digest,
        request=request,
        sources=_sources(upload),
        plan=plan,
        created=time.time(),
    )
    return record, files


def _hash(parts: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(data).hexdigest() for name, data in parts.items()}


async def _read_parts(request: web.Request) -> dict[str, bytes]:
    parts: dict[str, bytes] = {}
    read = 0
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise _bad("each part of its body needs a name")
        name = part.name
        if name in parts or len(parts) > 1 + MAX_STYLES:
            raise _bad("it has the same part twice, or too many parts")
        data, size = await _read_part(part, MAX_BODY_BYTES - read)
        read += size
        parts[name] = data
    return parts


async def _read_part(part: BodyPartReader, room: int) -> tuple[bytes, int]:
    """Read on when there is too much, without keeping it, so that the refusal can say how much it was."""
    is_request = part.name == REQUEST_PART
    limit = REQUEST_BYTES if is_request else MAX_IMAGE_BYTES
    data, size = bytearray(), 0
    while size <= room and (chunk := await part.read_chunk(_CHUNK)):
        size += len(chunk)
        if size <= limit:
            data += chunk
    if size <= limit and size <= room:
        return bytes(data), size
    if is_request:
        raise _bad(f"its part “{REQUEST_PART}” is longer than {REQUEST_BYTES} bytes")
    megabytes = math.ceil(10 * size / 2**20) / 10
    what = what_is(part.name or "")
    raise Refusal(ErrorCode.TOO_MANY_BYTES, what=what, size=megabytes, limit=MAX_IMAGE_BYTES // 2**20)


def _check_parts(upload: Upload) -> None:
    wanted = {CONTENT_PART, *(style.part for style in upload.request.styles if style.part)}
    if missing := wanted - upload.images.keys():
        raise _bad(f"the image “{min(missing)}” is missing")
    if surplus := upload.images.keys() - wanted:
        raise _bad(f"no style refers to the part “{min(surplus)[:20]}”")


async def _decode(upload: Upload, part: str) -> Picture:
    """Scaled down to the largest size that can be asked for: more detail would never be seen."""
    return await decoder.decode(upload.images[part], what_is(part), long_side=_LARGEST)


async def _as_png(picture: Picture) -> bytes:
    return await asyncio.to_thread(images.encode, picture, ImageFormat.PNG)


def _sources(upload: Upload) -> tuple[str, ...]:
    return tuple(
        f"sha256:{upload.hashes[style.part]}" if style.part else style.name or ""
        for style in upload.request.styles
    )


def _bad(detail: str) -> Refusal:
    return Refusal(ErrorCode.BAD_REQUEST, detail=detail)
