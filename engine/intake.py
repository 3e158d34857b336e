"""From an upload to what a job needs: the request, the pictures as we store them, the plan.

Rule: everything is measured while it streams in, and decoded out of process, before anything is kept. What is
kept are pixels that we encoded ourselves, no larger than this job's result; the file that was sent is not. What
is odd about an image but no reason to refuse it goes along as a note of the plan.
"""

import asyncio
import hashlib
import math
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from numpy.typing import NDArray
from pydantic import ValidationError

from engine import catalogue, decoder, images
from engine.images import Animation, Picture
from engine.job import PREVIOUS_PART, parts_of, style_file
from engine.memory import available_bytes
from engine.nst import colour, planning
from engine.nst.speed import Speed
from engine.pictures import CONTENT
from engine.protocol import (
    KNOBS,
    MAX_BODY_BYTES,
    MAX_IMAGE_BYTES,
    MAX_PAINTED_FRAMES,
    MAX_PARTS,
    MAX_STYLES,
    MIN_SIDE,
    PRESETS,
    ErrorCode,
    ImageFormat,
    JobRequest,
    Note,
    NoteCode,
    Plan,
    Refusal,
    Start,
)
from engine.store import JobRecord

REQUEST_PART = "request"
CONTENT_PART = "content"
MASK_PREFIX = "mask-"
REQUEST_BYTES = 2**15
UPLOAD_SECONDS = 120.0
FRAME_SIDE = 512  # of an animation: as much detail as its frames are given time for
STYLE_SIDE = 2048  # more of a style is never looked at
SAME_SHAPE = 0.04  # two ratios of width to height no further apart are one: rounding does that to small sides
DARKEST_MASK = 8  # grey levels: below, there is nothing to be seen in a mask
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
        # Without defaults: a knob that is added later changes no earlier request.
        whole = hashlib.sha256(self.request.model_dump_json(exclude_defaults=True).encode())
        for name, value in sorted(self.hashes.items()):
            whole.update(f"{name}:{value}".encode())
        return whole.hexdigest()


def what_is(part: str) -> str:
    """Name a part in a sentence."""
    if part.startswith(MASK_PREFIX):
        return "mask"
    return {CONTENT_PART: "picture", PREVIOUS_PART: "earlier result"}.get(part, "style image")


async def receive(request: web.Request) -> Upload:
    """Read a multipart body within the limits. Raises Refusal."""
    if not request.content_type.startswith("multipart/"):
        raise _bad(f"it has to be multipart, not {request.content_type}")
    try:
        async with asyncio.timeout(UPLOAD_SECONDS):
            parts = await _read_parts(request)
    except TimeoutError:
        raise _too_slow() from None
    except (ValueError, HttpProcessingError) as error:  # what aiohttp raises for a malformed body
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
    except (ValueError, HttpProcessingError) as error:
        raise _bad("its body is malformed") from error
    if data is None:
        raise _too_many_bytes(what_is(CONTENT_PART), size)
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


async def prepare(upload: Upload, key: str, speed: Speed) -> tuple[JobRecord, dict[str, bytes]]:
    """Decode and plan: returns the job's record and the files to store with it. Raises Refusal."""
    request = upload.request
    for style in request.styles:
        if style.name is not None:
            catalogue.image_path(style.name)
    sent = await decoder.decode_content(
        upload.images[CONTENT_PART],
        what_is(CONTENT_PART),
        most=MAX_PAINTED_FRAMES,
        long_side=_LARGEST,
        frame_side=FRAME_SIDE,
    )
    content = await asyncio.to_thread(_cut, sent, request)
    plan = _plan(request, content, speed)
    content = await asyncio.to_thread(_scaled_down, content, max(plan.result_size))
    measures = _Measures(_size(sent), _size(content), max(plan.result_size), request)
    notes = list(plan.notes)
    if len(content.frames) < content.total:
        frames, painted = content.total, len(content.frames)
        notes.append(Note.of(NoteCode.FRAMES_THINNED, frames=frames, painted=painted))
    files = {CONTENT: await asyncio.to_thread(_content_file, content)}
    for part in sorted(upload.images.keys() - {CONTENT_PART}):
        files[style_file(part)], note = await _prepare_part(part, upload.images[part], measures)
        notes += [note] if note else []
    record = JobRecord(
        id=uuid.uuid4().hex,
        key=key,
        digest=upload.digest,
        request=request,
        content=f"sha256:{upload.hashes[CONTENT_PART]}",
        sources=_sources(upload),
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
        data, size = await _read_part(part, MAX_BODY_BYTES - read)
        read += size
        parts[name] = data
    return parts


async def _read_part(part: BodyPartReader, room: int) -> tuple[bytes, int]:
    is_request = part.name == REQUEST_PART
    data, size = await _read(part.read_chunk, REQUEST_BYTES if is_request else MAX_IMAGE_BYTES, room)
    if data is not None:
        return data, size
    if is_request:
        raise _bad(f"its part “{REQUEST_PART}” is longer than {REQUEST_BYTES} bytes")
    raise _too_many_bytes(what_is(part.name or ""), size)


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


def _too_many_bytes(what: str, size: int) -> Refusal:
    megabytes = math.ceil(10 * size / 2**20) / 10
    return Refusal(ErrorCode.TOO_MANY_BYTES, what=what, size=megabytes, limit=MAX_IMAGE_BYTES // 2**20)


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


def _sources(upload: Upload) -> tuple[str, ...]:
    return tuple(
        f"sha256:{upload.hashes[style.part]}" if style.part else style.name or ""
        for style in upload.request.styles
    )


def _too_slow() -> Refusal:
    return _bad(f"it took longer than {UPLOAD_SECONDS:.0f} seconds to arrive")


def _bad(detail: str) -> Refusal:
    return Refusal(ErrorCode.BAD_REQUEST, detail=detail)


# --- the content and the plan -----------------------------------------------------------------------------


def _cut(content: Animation, request: JobRequest) -> Animation:
    """Cut to the shape that a preset asks for; one that is narrow then is scaled up to what can be painted."""
    facts = PRESETS[request.preset] if request.preset else None
    if facts is None or not facts.cropped:
        return content
    width, height = _size(content)
    scale = min(width / facts.width, height / facts.height)
    scale = max(scale, MIN_SIDE / min(facts.width, facts.height))
    shape = round(facts.width * scale), round(facts.height * scale)
    return content.each(lambda frame: images.crop(frame, *shape))


def _plan(request: JobRequest, content: Animation, speed: Speed) -> Plan:
    frames, memory = len(content.frames), available_bytes()
    return planning.make_plan(request, *_size(content), speed, frames=frames, memory=memory)


def _scaled_down(content: Animation, long_side: int) -> Animation:
    return content.each(lambda frame: images.shrink(frame, long_side))


def _content_file(content: Animation) -> bytes:
    if len(content.frames) > 1:
        return images.encode_animation(content, ImageFormat.PNG)
    return images.encode(content.frames[0], ImageFormat.PNG)


def _size(content: Animation) -> tuple[int, int]:
    return content.frames[0].width, content.frames[0].height


# --- what goes with the content ---------------------------------------------------------------------------


@dataclass(frozen=True)
class _Measures:
    """What the other images have to go with: the content's (width, height) as it was sent and as it is stored."""

    sent: tuple[int, int]
    stored: tuple[int, int]
    long_side: int  # of the result
    request: JobRequest


async def _prepare_part(part: str, data: bytes, measures: _Measures) -> tuple[bytes, Note | None]:
    """The file to store of a style, a mask or an earlier result, and what is to be said of it. Raises Refusal."""
    if part.startswith(MASK_PREFIX):
        side = min(2 * measures.long_side, _LARGEST)  # twice, because some of it may be cut off
        mask = await decoder.decode_mask(data, what_is(part), long_side=side)
        return await asyncio.to_thread(_fit_mask, part, mask, measures)
    if part == PREVIOUS_PART:
        picture = await decoder.decode(data, what_is(part), long_side=_LARGEST)
        return await asyncio.to_thread(_fit_previous, picture, measures), None
    side = min(math.ceil(measures.long_side * max(measures.request.style_scale, 1)), STYLE_SIDE)
    picture = await decoder.decode(data, what_is(part), long_side=side)
    return await asyncio.to_thread(_fit_style, picture)


def _fit_style(style: Picture) -> tuple[bytes, Note | None]:
    note = Note.of(NoteCode.FLAT_STYLE) if colour.is_flat(style.rgb) else None
    return images.encode(style, ImageFormat.PNG), note


def _fit_mask(part: str, mask: NDArray[np.uint8], measures: _Measures) -> tuple[bytes, Note | None]:
    """A mask for the content as it was sent is cut as that was; one of neither shape is stretched over it."""
    grey, note = Picture(np.repeat(mask[..., None], 3, axis=2)), None
    shape = grey.width, grey.height
    if not _same_shape(shape, measures.stored) and _same_shape(shape, measures.sent):
        grey = images.crop(grey, *measures.stored)
    else:
        grey = images.resize(grey, *measures.stored)
        if not _same_shape(shape, measures.stored):
            width, height = measures.sent
            note = Note.of(NoteCode.MASK_RESIZED, width=width, height=height)
    fitted = grey.rgb[..., 0]
    if fitted.max() < DARKEST_MASK:
        raise _bad(f"the “{part}” is black all over, so its style would be nowhere in the picture")
    return images.encode_mask(fitted), note


def _fit_previous(previous: Picture, measures: _Measures) -> bytes:
    """The whole of it if it has the content's shape, or else its middle: so a sticker loses its margin again."""
    like = _same_shape((previous.width, previous.height), measures.stored)
    fit = images.resize if like else images.crop
    return images.encode(fit(previous, *measures.stored), ImageFormat.PNG)


def _same_shape(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return abs(math.log(one[0] * other[1] / (one[1] * other[0]))) < SAME_SHAPE
