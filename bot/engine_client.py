"""The engine over HTTP: one method per call of the wire, typed by `engine.protocol`.

Rule: foreign errors are translated here, once: what the engine refuses is its Refusal, and anything that a
later try may mend (no connection, a cut stream, a timeout, an engine still starting, busy or without room) is
EngineUnreachable.
"""

import asyncio
import errno
import io
import os
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

import aiohttp
import structlog
from pydantic import ValidationError

from bot import metrics
from bot.config import ENGINE_TOKEN
from bot.errors import BotErrorCode, EngineUnreachable
from engine.protocol import (
    GROUP_HEADER,
    RENDITION_HEADER,
    REQUEST_HEADER,
    USER_HEADER,
    Cancelled,
    ErrorBody,
    ErrorCode,
    Event,
    EventEnvelope,
    Failed,
    Finished,
    JobRequest,
    JobView,
    Owner,
    Preset,
    Provenance,
    QueueView,
    Refusal,
    Rendition,
    StyleList,
    StyleSheet,
    parse_event,
    request_id,
)

log = structlog.get_logger(__name__)

T = TypeVar("T")

_CONNECT_SECONDS = 10.0
_CALL = aiohttp.ClientTimeout(total=30.0, sock_connect=_CONNECT_SECONDS)
_TRANSFER = aiohttp.ClientTimeout(total=120.0, sock_connect=_CONNECT_SECONDS)
_STREAM = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS, sock_read=90.0)


# What the engine refuses only for now, and how the bot calls it.
_LATER = {
    ErrorCode.NOT_READY: BotErrorCode.ENGINE_UNREACHABLE,
    ErrorCode.BUSY: BotErrorCode.ENGINE_BUSY,
    ErrorCode.DRAINING: BotErrorCode.ENGINE_BUSY,  # until its operator lets it take jobs in again
    ErrorCode.STORAGE_FULL: BotErrorCode.ENGINE_FULL,
    ErrorCode.STORAGE_DAMAGED: BotErrorCode.ENGINE_UNREACHABLE,  # until somebody has seen to it
    ErrorCode.BAD_TOKEN: BotErrorCode.ENGINE_LOCKED,  # until the owner has set the same on both sides
}
_LONGEST_RETRY_AFTER = 3600.0
_READY_PATH = "/readyz"
_NO_SUCH_RANGE = 416  # of a file: HTTP's answer to who asks for bytes behind its end


@dataclass(frozen=True)
class Waiting:
    """A ticket cannot go on for now, and why; it stands among the events because it is shown like one."""

    why: BotErrorCode = BotErrorCode.ENGINE_UNREACHABLE
    seconds: float | None = field(default=None, compare=False)  # until the next try, if the engine says so


@dataclass(frozen=True)
class Late:
    """A picture is not ready by when it was promised; `eta_seconds` if it is known anew."""

    eta_seconds: float | None = None


@dataclass(frozen=True)
class Rendered:
    """A picture as the engine sends it, and what it has become to fit."""

    data: bytes
    about: Rendition


Update = Event | Waiting | Late
Ending = Finished | Failed | Cancelled


class ExternalWait(Protocol):
    """How a wait for something outside this process is made known to whoever drives the event loop."""

    def __call__(self, awaitable: Awaitable[T], reason: str) -> Awaitable[T]:
        """The awaitable to await instead of the given one."""


def plain_wait(awaitable: Awaitable[T], reason: str) -> Awaitable[T]:
    """Nobody needs to know: the plain wait of a running bot."""
    return awaitable


class Sent(io.FileIO):
    """A file on its way: a thread that still reads it when an early answer has ended that finds nothing more.

    Asked where it is then, it says so by an OSError, which aiohttp minds, and not by a ValueError.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        """See `io.FileIO`."""
        try:
            return super().read(-1 if size is None else size)
        except ValueError:
            if self.closed:
                return b""
            raise

    def tell(self) -> int:
        """See `io.FileIO`."""
        with self._there():
            return super().tell()

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """See `io.FileIO`."""
        with self._there():
            return super().seek(offset, whence)

    def fileno(self) -> int:
        """See `io.FileIO`."""
        with self._there():
            return super().fileno()

    @contextmanager
    def _there(self) -> Iterator[None]:
        try:
            yield
        except ValueError as error:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF)) from error


async def opened(open_file: Callable[[], Sent]) -> Sent:
    """What a thread opens; where nobody waits for it any more, it is closed again. Raises OSError."""
    opening = asyncio.create_task(asyncio.to_thread(open_file))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        with suppress(OSError):
            (await opening).close()
        raise


class EngineClient:
    """Calls to one engine; opened by `open_engine`."""

    def __init__(self, session: aiohttp.ClientSession, external_wait: ExternalWait = plain_wait) -> None:
        self._session = session
        self._external_wait = external_wait
        self._is_locked = False

    async def submit(self, key: str, request: JobRequest, parts: Mapping[str, Path]) -> JobView:
        """Hand in a job; the same `key` again gives the same job. Raises Refusal, EngineUnreachable.

        The images are read from their files as they are sent, so that no picture is in memory whole.
        """
        form = aiohttp.FormData()
        form.add_field("request", request.model_dump_json(), content_type="application/json")
        owner = request.owner
        headers = {"Idempotency-Key": key, GROUP_HEADER: owner.group, USER_HEADER: owner.user}
        sent = {"headers": headers, "data": form, "timeout": _TRANSFER}
        with ExitStack() as files:
            for name, path in parts.items():
                file = files.enter_context(await opened(partial(Sent, path)))
                form.add_field(name, file, filename=name, content_type="application/octet-stream")
            return await self._call("POST", "/v1/jobs", JobView.model_validate_json, **sent)

    async def queue(self, owner: Owner) -> QueueView:
        """How many more jobs of this owner would be taken in. Raises Refusal, EngineUnreachable."""
        headers = {GROUP_HEADER: owner.group, USER_HEADER: owner.user}
        return await self._call("GET", "/v1/queue", QueueView.model_validate_json, headers=headers)

    async def cancel(self, job: str) -> JobView:
        """Stop and drop. Raises Refusal, EngineUnreachable."""
        return await self._call("POST", f"/v1/jobs/{job}/cancel", JobView.model_validate_json)

    async def finish(self, job: str) -> JobView:
        """Stop and keep what there is. Raises Refusal, EngineUnreachable."""
        return await self._call("POST", f"/v1/jobs/{job}/finish", JobView.model_validate_json)

    async def delete(self, key: str) -> None:
        """Have nothing kept of what was, or is just being, handed in with `key`. Raises Refusal, EngineUnreachable."""
        await self._call("DELETE", "/v1/jobs", bytes, headers={"Idempotency-Key": key})

    async def preview(self, job: str, n: int) -> bytes:
        """The JPEG of preview `n` of a Preview; an old one may be NOT_FOUND. Raises Refusal, EngineUnreachable."""
        return await self._call("GET", f"/v1/jobs/{job}/previews/{n}", bytes)

    async def result(
        self,
        job: str,
        *,
        max_bytes: int | None = None,
        max_side: int | None = None,
        preset: Preset | None = None,
    ) -> Rendered:
        """The finished image, in so many bytes and pixels of a side at most. Raises Refusal, EngineUnreachable."""
        return await self._rendered(
            f"/v1/jobs/{job}/result", max_bytes=max_bytes, max_side=max_side, preset=preset
        )

    @asynccontextmanager
    async def original(self, job: str, headers: Mapping[str, str]) -> AsyncIterator[aiohttp.ClientResponse]:
        """The finished image to the byte, on its way; of a range that it has none of, the answer that says so.

        Raises Refusal, EngineUnreachable: that too for whatever connection breaks while it is passed on.
        """
        path = f"/v1/jobs/{job}/result"
        options = {"headers": headers, "timeout": _STREAM}
        async with self._open("GET", path, answers=(_NO_SUCH_RANGE,), **options) as answer:
            yield answer

    async def about_original(self, job: str) -> tuple[Rendition, int]:
        """What the finished image is, and its bytes, without fetching it. Raises Refusal, EngineUnreachable."""
        async with self.original(job, {"Range": "bytes=0-0"}) as answer:
            about = Rendition.model_validate_json(answer.headers.get(RENDITION_HEADER, ""))
            size = answer.headers.get("Content-Range", "").rpartition("/")[2] or answer.content_length
            return about, int(size or 0)

    async def comparison(self, job: str, *, max_bytes: int | None = None) -> Rendered:
        """What was painted beside what came of it. Raises Refusal, CONTENT_GONE too, and EngineUnreachable."""
        return await self._rendered(f"/v1/jobs/{job}/comparison", max_bytes=max_bytes)

    async def job(self, job: str) -> JobView:
        """A job as it stands. Raises Refusal, EngineUnreachable."""
        return await self._call("GET", f"/v1/jobs/{job}", JobView.model_validate_json)

    async def timelapse(self, job: str, *, max_bytes: int | None = None) -> Rendered:
        """How a job was painted, as an animated WebP. Raises Refusal, EngineUnreachable."""
        return await self._rendered(f"/v1/jobs/{job}/timelapse", max_bytes=max_bytes)

    async def snapshots(self, job: str, *, max_bytes: int | None = None) -> Rendered:
        """All snapshots with their numbers (from 1), as one picture. Raises Refusal, EngineUnreachable."""
        return await self._rendered(f"/v1/jobs/{job}/moments", max_bytes=max_bytes)

    async def sheet(self, jobs: Sequence[str], *, max_bytes: int | None = None) -> Rendered:
        """The results of 1 to MAX_SHEET jobs with their numbers (from 1), as one picture.

        Of those that are not kept any more, the number alone; NOT_FOUND if none is. Raises Refusal, EngineUnreachable.
        """
        return await self._rendered("/v1/sheet", job=jobs, max_bytes=max_bytes)

    async def collage(self, pictures: Mapping[int, Sent], places: int, *, max_bytes: int) -> Rendered:
        """Images as one picture, each in its place (from 1 to `places`, MAX_COLLAGE at most), with their numbers.

        Of a place without an image, or with one that cannot be read, the number alone. Raises Refusal, EngineUnreachable.
        """
        form = aiohttp.FormData()
        for number, file in pictures.items():
            file.seek(0)
            kind = "application/octet-stream"
            form.add_field(str(number), file, filename=str(number), content_type=kind)
        asked = {"places": str(places), "max_bytes": str(max_bytes)}
        async with self._open("POST", "/v1/collage", params=asked, data=form, timeout=_TRANSFER) as response:
            return await _picture(response)

    async def snapshot(self, job: str, n: int, *, max_bytes: int | None = None) -> Rendered:
        """Snapshot `n` (from 1) of a painting, in full size. Raises Refusal, EngineUnreachable."""
        return await self._rendered(f"/v1/jobs/{job}/moments/{n}", max_bytes=max_bytes)

    async def provenance(self, data: bytes) -> Provenance:
        """How the picture in this image file was painted. Raises Refusal NO_RECIPE, EngineUnreachable."""
        sent = {"data": io.BytesIO(data), "timeout": _TRANSFER}
        return await self._call("POST", "/v1/recipe", Provenance.model_validate_json, **sent)

    async def styles(self) -> StyleList:
        """The catalogue. Raises Refusal, EngineUnreachable."""
        return await self._call("GET", "/v1/styles", StyleList.model_validate_json)

    async def styles_sheet(self, names: Sequence[str], first: int, max_bytes: int) -> Rendered:
        """Bundled studies with their titles, numbered from `first`, as one picture. Raises Refusal, EngineUnreachable."""
        return await self._rendered("/v1/styles/sheet", first=first, max_bytes=max_bytes, style=names)

    async def drawn_sheet(self, sheet: StyleSheet, max_bytes: int) -> Rendered:
        """Styles with their titles as one picture, some of which are sent along. Raises Refusal, EngineUnreachable."""
        body = sheet.model_dump_json(exclude_defaults=True).encode()
        return await self._redrawn("/v1/styles/sheet", body, max_bytes=max_bytes)

    async def redrawn(self, style: bytes, max_side: int, max_bytes: int) -> Rendered:
        """A style image as a picture of the engine's own, of nothing but pixels. Raises Refusal, EngineUnreachable."""
        return await self._redrawn("/v1/styles/image", style, max_side=max_side, max_bytes=max_bytes)

    async def forget_style(self, sha256: str) -> None:
        """Have nothing kept of what was measured of a style image. Raises Refusal, EngineUnreachable."""
        await self._call("DELETE", f"/v1/styles/measured/sha256:{sha256}", bytes)

    async def study(self, name: str, max_bytes: int | None = None, preset: Preset | None = None) -> Rendered:
        """A bundled study, as it is or for a purpose. Raises Refusal, EngineUnreachable."""
        return await self._rendered(f"/v1/styles/{name}/image", max_bytes=max_bytes, preset=preset)

    async def require_well(self) -> None:
        """See that the engine accepts the token and paints. Raises Refusal, EngineUnreachable."""
        await self.styles()
        await self._call("GET", _READY_PATH, bytes)

    async def events(self, job: str, after: int | None = None) -> AsyncGenerator[EventEnvelope, None]:
        """The events of a job after the given id, until the stream ends. Raises Refusal, EngineUnreachable."""
        headers = {"Accept": "text/event-stream"}
        if after is not None:
            headers["Last-Event-ID"] = str(after)
        path = f"/v1/jobs/{job}/events"
        async with self._open("GET", path, headers=headers, timeout=_STREAM) as response:
            lines = _Lines(response.content, self._external_wait)
            number, data = 0, ""
            while (line := await lines.next()) is not None:
                field, _, value = line.partition(":")
                value = value.removeprefix(" ")
                if field == "id":
                    number = int(value)
                elif field == "data":
                    data += value
                elif not line and data:
                    yield EventEnvelope(id=number, event=parse_event(data))
                    data = ""

    async def _rendered(self, path: str, /, **wishes: int | str | Sequence[str] | None) -> Rendered:
        asked = [
            (name, str(each))
            for name, value in wishes.items()
            if value is not None
            for each in ([value] if isinstance(value, int | str) else value)
        ]
        async with self._open("GET", path, params=asked, timeout=_TRANSFER) as response:
            return await _picture(response)

    async def _redrawn(self, path: str, body: bytes, /, **wishes: int) -> Rendered:
        data = io.BytesIO(body)
        async with self._open("POST", path, params=wishes, data=data, timeout=_TRANSFER) as response:
            about = Rendition.model_validate_json(response.headers.get(RENDITION_HEADER, ""))
            return Rendered(await response.read(), about)

    async def _call(self, method: str, path: str, decode: Callable[[bytes], T], **options: Any) -> T:
        async with self._open(method, path, **options) as response:
            return decode(await response.read())

    @asynccontextmanager
    async def _open(
        self, method: str, path: str, answers: Collection[int] = (), **options: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """An answer; one of the statuses `answers` is none of a refusal, though it is an error of HTTP."""
        options.setdefault("timeout", _CALL)
        if name := request_id():
            options["headers"] = {**options.get("headers", {}), REQUEST_HEADER: name}
        try:
            async with self._session.request(method, path, **options) as response:
                refusal = None
                if not response.ok and response.status not in answers:
                    refusal = _refusal(response.status, response.headers, await response.read())
                if path != _READY_PATH:  # which asks for no token
                    self._note(refusal)
                if refusal is not None:
                    raise refusal
                yield response
        except (aiohttp.ClientError, TimeoutError, ValidationError, ValueError) as error:
            is_unsure = not isinstance(error, aiohttp.ClientConnectorError)  # with which nothing was sent
            raise EngineUnreachable(f"{method} {path}: {error!r}", is_unsure=is_unsure) from error

    def _note(self, refusal: Exception | None) -> None:
        """Tell the owner in the log, once, that the token is wrong, and once that it is right again."""
        locked = isinstance(refusal, EngineUnreachable) and refusal.code is BotErrorCode.ENGINE_LOCKED
        if locked and not self._is_locked:
            log.error("engine does not accept the token", mend=f"the same {ENGINE_TOKEN} on both sides")
        elif self._is_locked and not locked:
            log.info("engine accepts the token again")
        self._is_locked = locked


async def _picture(response: aiohttp.ClientResponse) -> Rendered:
    about = Rendition.model_validate_json(response.headers.get(RENDITION_HEADER, ""))
    return Rendered(await response.read(), about)


class _Lines:
    """Lines of a stream; a line cut off by the stream's end is dropped."""

    def __init__(self, stream: aiohttp.StreamReader, external_wait: ExternalWait) -> None:
        self._stream, self._external_wait, self._rest = stream, external_wait, b""

    async def next(self) -> str | None:
        while b"\n" not in self._rest:
            chunk = await self._external_wait(self._stream.readany(), "the engine's next event")
            if not chunk:
                return None
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        return line.removesuffix(b"\r").decode()


def _refusal(status: int, headers: Mapping[str, str], body: bytes) -> Exception:
    try:
        error = ErrorBody.model_validate_json(body)
    except ValidationError:
        return EngineUnreachable(f"status {status} without an error body")
    if error.code in _LATER:
        return EngineUnreachable(error.message, _LATER[error.code], _seconds(headers.get("Retry-After", "")))
    return Refusal(error.code, **error.facts)


def _seconds(retry_after: str) -> float | None:
    """What a Retry-After says, within reason; a date is none of the engine's."""
    return min(float(retry_after), _LONGEST_RETRY_AFTER) if retry_after.isdecimal() else None


@asynccontextmanager
async def open_engine(
    url: str, token: str | None, external_wait: ExternalWait = plain_wait
) -> AsyncIterator[EngineClient]:
    """A client of the engine at `url`; nothing is asked of it yet."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    # Every open ticket holds one connection for its events.
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(
        url, headers=headers, connector=connector, trace_configs=[metrics.engine_trace()]
    ) as session:
        yield EngineClient(session, external_wait)
