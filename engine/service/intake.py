"""From an upload to what a job needs: the request, the pictures as we store them, the plan.

Rule: everything is measured while it streams in, and decoded out of process, before anything is kept. What is
kept are pixels that we encoded ourselves, no larger than this job's result; the file that was sent is not. What
is odd about an image but no reason to refuse it goes along as a note of the plan.
"""

import asyncio
import hashlib
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from pydantic import ValidationError

from engine.images import sandbox
from engine.painting import preprocess
from engine.painting.preprocess import Sizes
from engine.planning.cost_model import Speed
from engine.protocol import (
    IMAGES,
    MAX_ANIMATED_SIDE,
    MAX_BODY_BYTES,
    MAX_IMAGE_BYTES,
    MAX_PAINTED_FRAMES,
    MAX_PARTS,
    MAX_STYLES,
    ErrorCode,
    JobRequest,
    Note,
    Refusal,
    Start,
    image_of,
)
from engine.service.job import PREVIOUS_PART, parts_of, style_file
from engine.storage.files import CONTENT
from engine.storage.jobs import JobRecord
from engine.styles import catalogue

REQUEST_PART = "request"
CONTENT_PART = "content"
MASK_PREFIX = "mask-"
REQUEST_BYTES = 2**15
UPLOAD_SECONDS = 120.0
_MALFORMED = (ValueError, HttpProcessingError, web.RequestPayloadError)  # what aiohttp raises for such a body
_CHUNK = 2**16


@dataclass(frozen=True)
class Upload:
    """A request and its images as they were sent, by part name, with the SHA-256 of each."""

    request: JobRequest
    images: Mapping[str, bytes]
    hashes: Mapping[str, str]

    @property
    def digest(self) -> str:
        """One hash of all of it, to tell a repeated request from another one."""
        # Without defaults: a knob that is added later changes no earlier request.
        whole = hashlib.sha256(self.request.model_dump_json(exclude_defaults=True).encode())
        for name, value in sorted(self.hashes.items()):
            whole.update(f"{name}:{value}".encode())
        return whole.hexdigest()


async def receive(request: web.Request) -> Upload:
    """Read a multipart body within the limits. Raises Refusal."""
    if not request.content_type.startswith("multipart/"):
        raise _bad(f"it has to be multipart, not {request.content_type}")
    try:
        async with asyncio.timeout(UPLOAD_SECONDS):
            parts = await _read_parts(request)
    except TimeoutError:
        raise _too_slow() from None
    except _MALFORMED as error:
        raise _bad("its multipart body is malformed") from error
    if REQUEST_PART not in parts:
        raise _bad(f"the part “{REQUEST_PART}” is missing")
    job_request = parse_request(parts.pop(REQUEST_PART))
    upload = Upload(job_request, parts, await asyncio.to_thread(_hash, parts))
    _check_parts(upload)
    return upload


async def receive_image(request: web.Request) -> bytes:
    """Read a body that is an image, within the limits. Raises Refusal."""
    try:
        async with asyncio.timeout(UPLOAD_SECONDS):
            data, size = await _read(request.content.read, MAX_IMAGE_BYTES, MAX_BODY_BYTES)
    except TimeoutError:
        raise _too_slow() from None
    except _MALFORMED as error:
        raise _bad("its body is malformed") from error
    if data is None:
        raise _too_large(CONTENT_PART, _whole(request, size), {})
    return data


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


async def prepare(
    upload: Upload, key: str, speed: Speed, memory: int | None = None
) -> tuple[JobRecord, dict[str, bytes]]:
    """Decode and plan within `memory` bytes, if they are known: the job's record and the files to store with it.

    Raises Refusal.
    """
    request = upload.request
    for style in request.styles:
        if style.name is not None:
            catalogue.image_path(style.name)
    sent = await sandbox.decode_content(
        upload.images[CONTENT_PART],
        CONTENT_PART,
        most=MAX_PAINTED_FRAMES,
        long_side=preprocess.LARGEST,
        frame_side=MAX_ANIMATED_SIDE,
    )
    content = await asyncio.to_thread(preprocess.cut, sent, request)
    plan = preprocess.make_plan(request, content, speed, memory)
    content, sizes = await asyncio.to_thread(
        preprocess.fit_content, content, plan, request, preprocess.size_of(sent)
    )
    files, notes = {CONTENT: await asyncio.to_thread(preprocess.content_file, content)}, [*plan.notes]
    for part in sorted(upload.images.keys() - {CONTENT_PART}):
        which = image_of(part, upload.images)
        files[style_file(part)], part_notes = await _prepare_part(part, which, upload.images[part], sizes)
        notes += part_notes
    record = JobRecord(
        id=uuid.uuid4().hex,
        key=key,
        digest=upload.digest,
        request=request,
        content=_source(upload, CONTENT_PART),
        sources=tuple(style.name or _source(upload, style.part or "") for style in request.styles),
        masks=_masks(upload),
        previous=_source(upload, PREVIOUS_PART) if PREVIOUS_PART in upload.images else None,
        plan=plan.model_copy(update={"notes": tuple(dict.fromkeys(notes))}),
        created=time.time(),
    )
    return record, files


# --- what was sent ----------------------------------------------------------------------------------------


def _hash(parts: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(data).hexdigest() for name, data in parts.items()}


async def _read_parts(request: web.Request) -> dict[str, bytes]:
    parts: dict[str, bytes] = {}
    read = 0
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise _bad("each part of its body needs a name")
        name = part.name
        if name in parts or len(parts) > MAX_PARTS:
            raise _bad("it has the same part twice, or too many parts")
        limit = REQUEST_BYTES if name == REQUEST_PART else MAX_IMAGE_BYTES
        data, size = await _read(part.read_chunk, limit, MAX_BODY_BYTES - read)
        read += size
        if size > limit:
            raise _too_large(name, size, parts)
        if data is None:
            raise Refusal(
                ErrorCode.TOO_MANY_BYTES,
                image="request",
                size=_whole(request, read),
                limit=MAX_BODY_BYTES,
            )
        parts[name] = data
    return parts


def _too_large(part: str, size: int, before: Mapping[str, bytes]) -> Refusal:
    if part == REQUEST_PART:
        return _bad(f"its part “{REQUEST_PART}” is longer than {REQUEST_BYTES} bytes")
    asked = parts_of(parse_request(before[REQUEST_PART])) if REQUEST_PART in before else (part,)
    which = image_of(part, asked)
    if which not in IMAGES:
        return _bad(f"no style refers to the part “{part[:20]}”")
    return Refusal(ErrorCode.TOO_MANY_BYTES, image=which, size=size, limit=MAX_IMAGE_BYTES)


def _whole(request: web.Request, read: int) -> int:
    """Bytes of a body of which so many were read: what it announces, if it does."""
    return max(request.content_length or 0, read)


async def _read(chunks: Callable[[int], Awaitable[bytes]], limit: int, room: int) -> tuple[bytes | None, int]:
    """All bytes, or None if they are more than `limit` or `room`, and how many there are.

    What is too much is read on, up to `room`, without keeping it, so that a refusal can say how much it was.
    """
    data, size = bytearray(), 0
    while size <= room and (chunk := await chunks(_CHUNK)):
        size += len(chunk)
        if size <= limit:
            data += chunk
    return (bytes(data) if size <= min(limit, room) else None), size


def _check_parts(upload: Upload) -> None:
    wanted = {CONTENT_PART, *parts_of(upload.request)}
    missing, surplus = wanted - upload.images.keys(), upload.images.keys() - wanted
    if PREVIOUS_PART in missing:
        raise _bad(f"it goes on from an earlier result, but the part “{PREVIOUS_PART}” is missing")
    if missing:
        raise _bad(f"the image “{min(missing)}” is missing")
    if PREVIOUS_PART in surplus:
        raise _bad(f"the part “{PREVIOUS_PART}” goes with the start “{Start.PREVIOUS}” only")
    if surplus:
        raise _bad(f"no style refers to the part “{min(surplus)[:20]}”")


def _source(upload: Upload, part: str) -> str:
    return f"sha256:{upload.hashes[part]}"


def _masks(upload: Upload) -> tuple[str | None, ...]:
    masks = [style.mask for style in upload.request.styles]
    return tuple(_source(upload, mask) if mask else None for mask in masks) if any(masks) else ()


def _too_slow() -> Refusal:
    return Refusal(ErrorCode.TOO_SLOW, seconds=round(UPLOAD_SECONDS))


def _bad(detail: str) -> Refusal:
    return Refusal(ErrorCode.BAD_REQUEST, detail=detail)


# --- the images -------------------------------------------------------------------------------------------


async def _prepare_part(part: str, which: str, data: bytes, sizes: Sizes) -> tuple[bytes, tuple[Note, ...]]:
    """The file to store of a style, a mask or an earlier result, and what is to be said of it. Raises Refusal."""
    if part.startswith(MASK_PREFIX):
        mask = await sandbox.decode_mask(data, which, long_side=sizes.mask)
        return await asyncio.to_thread(preprocess.mask_file, mask, which, sizes)
    if part == PREVIOUS_PART:
        previous = await sandbox.decode(data, which, long_side=preprocess.LARGEST)
        return await asyncio.to_thread(preprocess.previous_file, previous, sizes), ()
    style = await sandbox.decode(data, which, long_side=sizes.style)
    return await asyncio.to_thread(preprocess.style_file, style, which, sizes)
