"""From an upload to what a job needs: the request, the pictures as we store them, the plan.

Rule: everything is measured while it streams in, by `engine.service.uploads` to the disk, and decoded out of process,
before anything is kept. What is kept are pixels that we encoded ourselves, no larger than this job's result; the file that was sent is not. What
is odd about an image but no reason to refuse it goes along as a note of the plan.
"""

import asyncio
import hashlib
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Protocol

from aiohttp import hdrs, web
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header
from pydantic import ValidationError

from engine.images import sandbox
from engine.painting import preprocess
from engine.painting.preprocess import Sizes
from engine.planning.auditions import plan_audition
from engine.planning.bounds import Limits
from engine.planning.cost_model import Speed
from engine.protocol import (
    IMAGES,
    MAX_ANIMATED_SIDE,
    MAX_PAINTED_FRAMES,
    MAX_PARTS,
    TOO_MANY_STYLES,
    ErrorCode,
    JobRequest,
    Note,
    NoteCode,
    Refusal,
    Start,
    StyleSheet,
    image_of,
    most_bytes,
    new_request_id,
    request_id,
    shown,
)
from engine.service.answers import bad_request
from engine.service.auditions import Beginning
from engine.service.job import PREVIOUS_PART, parts_of, style_file
from engine.service.uploads import Body, Piece
from engine.storage.files import CHECKPOINT, CONTENT
from engine.storage.jobs import JobRecord
from engine.styles import catalogue

REQUEST_PART = "request"
CONTENT_PART = "content"
MASK_PREFIX = "mask-"
REQUEST_BYTES = 2**15
PART_HEADERS = 8
PART_HEADER_BYTES = 2**10
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{1,70}")  # RFC 2046, section 5.1.1


class Store(Protocol):
    """Where the bytes of a part are."""

    async def read(self, piece: Piece) -> bytes:
        """All of them."""


@dataclass(frozen=True)
class Upload:
    """A request and its images as they were sent, by part name; their bytes are in the store."""

    request: JobRequest
    images: Mapping[str, Piece]
    store: Store

    @property
    def digest(self) -> str:
        """One hash of all of it, to tell a repeated request from another one."""
        # Without defaults: a knob that is added later changes no earlier request.
        whole = hashlib.sha256(self.request.model_dump_json(exclude_defaults=True).encode())
        for name, piece in sorted(self.images.items()):
            whole.update(f"{name}:{piece.sha256}".encode())
        return whole.hexdigest()

    async def read(self, part: str) -> bytes:
        """The bytes of an image."""
        return await self.store.read(self.images[part])


async def read_parts(
    request: web.Request,
    body: Body,
    take: Callable[[MultipartSegment | bytes | None], Awaitable[None]],
) -> None:
    """Give what a multipart body is made of, as it arrives: a part's beginning, some of it, its end. Raises Refusal."""
    parser = PushMultipartParser(
        boundary_of(request), max_header_count=PART_HEADERS, max_header_size=PART_HEADER_BYTES
    )
    try:
        while chunk := await body.next():
            for event in parser.parse(chunk):
                await take(event)
        parser.close()
    except MultipartError as error:
        raise bad_request("its multipart body is malformed") from error


async def receive(request: web.Request, body: Body, admit: Callable[[JobRequest], None]) -> Upload:
    """Read a multipart body within the limits.

    admit: told of the job as soon as its part is there, mostly before the images; may raise Refusal, as this does.
    """
    parts = _Parts(body, admit)
    await read_parts(request, body, parts.take)
    if parts.request is None:
        raise bad_request(f"the part “{REQUEST_PART}” is missing")
    images = {name: piece for name, piece in parts.pieces.items() if name != REQUEST_PART}
    _check_parts(parts.request, images.keys())
    return Upload(parts.request, images, body)


async def receive_image(body: Body) -> Piece:
    """Read a body that is an image. Raises Refusal."""
    while chunk := await body.next():
        await body.keep(chunk)
    return body.cut()


def parse_request(data: bytes) -> JobRequest:
    """Decode a request, naming the field that is wrong. Raises Refusal."""
    try:
        return JobRequest.model_validate_json(data)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
    match problem["loc"], problem["type"]:
        case ("styles",), "too_short" | "missing":
            raise Refusal(ErrorCode.NO_STYLE)
        case _, known if known == TOO_MANY_STYLES:
            raise Refusal(ErrorCode.TOO_MANY_STYLES, limit=problem["ctx"]["limit"])
    where = shown(".".join(str(part) for part in problem["loc"]))
    raise bad_request(f"{where}: {problem['msg']}" if where else problem["msg"])


def parse_sheet(data: bytes) -> StyleSheet:
    """Decode what shall be on a sheet, naming the field that is wrong. Raises Refusal."""
    try:
        return StyleSheet.model_validate_json(data)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
    where = shown(".".join(str(part) for part in problem["loc"]))
    raise bad_request(f"{where}: {problem['msg']}" if where else problem["msg"])


Finder = Callable[[JobRequest, str, str], Awaitable[Beginning | None]]  # as `Auditions.beginning`


async def _none_found(_request: JobRequest, _content: str, _style: str) -> None:
    return None


async def prepare(
    upload: Upload,
    key: str,
    speed: Speed,
    memory: int | None = None,
    limits: Limits | None = None,
    beginning: Finder = _none_found,
) -> tuple[JobRecord, dict[str, bytes]]:
    """Decode and plan within `memory` bytes, if they are known: the job's record and the files to store with it.

    beginning: finds what a tile is finished from. Raises Refusal, for more work than the `limits` allow too.
    """
    request = upload.request
    for style in request.styles:
        if style.name is not None:
            catalogue.image_path(style.name)
    sent = await sandbox.decode_content(
        await upload.read(CONTENT_PART),
        CONTENT_PART,
        most=MAX_PAINTED_FRAMES,
        long_side=preprocess.LARGEST,
        frame_side=MAX_ANIMATED_SIDE,
    )
    at = await asyncio.to_thread(preprocess.place_of_cut, sent, request)
    content = await asyncio.to_thread(preprocess.cut, sent, request, at)
    sources = tuple(style.name or _source(upload, style.part or "") for style in request.styles)
    found = await beginning(request, _source(upload, CONTENT_PART), sources[0]) if request.tile else None
    finished = found.plan if found else preprocess.make_plan(request, content, speed, memory, limits)
    plan = plan_audition(finished, len(sources), speed, limits) if request.audition else finished
    content, sizes = await asyncio.to_thread(
        preprocess.fit_content, content, finished, request, preprocess.size_of(sent), at
    )
    files, notes = {CONTENT: await asyncio.to_thread(preprocess.content_file, content)}, [*plan.notes]
    if found and found.checkpoint:
        files[CHECKPOINT] = found.checkpoint
    elif request.tile and not found:
        notes.append(Note.of(NoteCode.PAINTED_AFRESH))
    for part in sorted(upload.images.keys() - {CONTENT_PART}):
        which = image_of(part, upload.images)
        files[style_file(part)], part_notes = await _prepare_part(part, which, await upload.read(part), sizes)
        notes += part_notes
    record = JobRecord(
        id=uuid.uuid4().hex,
        key=key,
        digest=upload.digest,
        request=request,
        content=_source(upload, CONTENT_PART),
        sources=sources,
        masks=_masks(upload),
        previous=_source(upload, PREVIOUS_PART) if PREVIOUS_PART in upload.images else None,
        plan=plan.model_copy(update={"notes": tuple(dict.fromkeys(notes))}),
        created=time.time(),
        request_id=request_id() or new_request_id(),
    )
    return record, files


# --- what was sent ----------------------------------------------------------------------------------------


def boundary_of(request: web.Request) -> str:
    """What is between the parts of a multipart body. Raises Refusal."""
    kind, options = parse_options_header(request.headers.get(hdrs.CONTENT_TYPE, ""))
    if kind != "multipart/form-data":
        raise bad_request(f"it has to be multipart/form-data, not {shown(kind)}")
    boundary = options.get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise bad_request("its multipart body has no boundary, or none that is allowed")
    return str(boundary)


@dataclass
class _Parts:
    """The parts of a body, one after the other; size: of the one that is coming in, of which too much is not kept."""

    body: Body
    admit: Callable[[JobRequest], None]
    request: JobRequest | None = None
    pieces: dict[str, Piece] = field(default_factory=dict)
    name: str = ""
    size: int = 0

    async def take(self, event: MultipartSegment | bytes | None) -> None:
        """What the parser found: the beginning of a part, some of it, or its end. Raises Refusal."""
        match event:
            case MultipartSegment(name=name):
                self._begin(name)
            case None:
                await self._end()
            case data:
                self.size += len(data)
                if self.size <= self._limit:
                    await self.body.keep(data)

    @property
    def _limit(self) -> int:
        return REQUEST_BYTES if self.name == REQUEST_PART else most_bytes(self.name)

    def _begin(self, name: str) -> None:
        if not name:
            raise bad_request("each part of its body needs a name")
        if name in self.pieces or len(self.pieces) > MAX_PARTS:
            raise bad_request("it has the same part twice, or too many parts")
        if self.request is not None:
            _check_surplus(self.request, {name})
        self.name, self.size = name, 0

    async def _end(self) -> None:
        piece = self.body.cut()
        if self.size > self._limit:
            raise self._too_large()
        self.pieces[self.name] = piece
        if self.name == REQUEST_PART:
            self.request = parse_request(await self.body.read(piece))
            self.admit(self.request)

    def _too_large(self) -> Refusal:
        if self.name == REQUEST_PART:
            return bad_request(f"its part “{REQUEST_PART}” is longer than {REQUEST_BYTES} bytes")
        which = image_of(self.name, parts_of(self.request) if self.request else (self.name,))
        if which not in IMAGES:
            return bad_request(f"no style refers to the part “{shown(self.name)}”")
        return Refusal(ErrorCode.TOO_MANY_BYTES, image=which, size=self.size, limit=most_bytes(which))


def _check_parts(request: JobRequest, sent: AbstractSet[str]) -> None:
    """See to it that the images are those that a request refers to. Raises Refusal."""
    missing = _wanted(request) - sent
    if PREVIOUS_PART in missing:
        raise bad_request(f"it goes on from an earlier result, but the part “{PREVIOUS_PART}” is missing")
    if missing:
        raise bad_request(f"the image “{min(missing)}” is missing")
    _check_surplus(request, sent)


def _check_surplus(request: JobRequest, sent: AbstractSet[str]) -> None:
    surplus = sent - _wanted(request) - {REQUEST_PART}
    if PREVIOUS_PART in surplus:
        raise bad_request(f"the part “{PREVIOUS_PART}” goes with the start “{Start.PREVIOUS}” only")
    if surplus:
        raise bad_request(f"no style refers to the part “{shown(min(surplus))}”")


def _wanted(request: JobRequest) -> set[str]:
    return {CONTENT_PART, *parts_of(request)}


def _source(upload: Upload, part: str) -> str:
    return f"sha256:{upload.images[part].sha256}"


def _masks(upload: Upload) -> tuple[str | None, ...]:
    masks = [style.mask for style in upload.request.styles]
    return tuple(_source(upload, mask) if mask else None for mask in masks) if any(masks) else ()


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
