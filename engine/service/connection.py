"""One client's connection: HTTP as aiohttp speaks it, with what it leaves open settled.

Rule: a client cannot hold anything that it does not use. One that says nothing is closed after a while, one that does not
read its answer too, and there are only so many of all. What aiohttp refuses by itself is an ErrorBody as well, and
nothing of such a request is logged: its parser's errors quote the line that they are about, which may hold the token.
"""

import asyncio
import resource
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog
from aiohttp import StreamReader, hdrs, web

from engine.protocol import BUSY_SECONDS, ErrorCode, Refusal
from engine.service.answers import bad_request, http_refusal_answer, refusal_answer

log = structlog.get_logger()

MOST_CONNECTIONS = 400  # besides those of whoever follows a job
_OTHER_FILES = 600  # that this process has open besides its connections, at most
IDLE_SECONDS = 75.0  # between two requests, and for the head of one
STALL_SECONDS = 60.0  # in which nothing of an answer is read

T = TypeVar("T")


class Connection(web.RequestHandler):
    """The protocol of `server`, an application's.

    most: how many there may be of all. idle_seconds, stall_seconds: how long it waits for a request's head, and for somebody
    to read an answer.
    """

    def __init__(
        self,
        server: web.Server,
        *,
        most: int = MOST_CONNECTIONS,
        idle_seconds: float = IDLE_SECONDS,
        stall_seconds: float = STALL_SECONDS,
    ) -> None:
        # Compressed bodies are refused by `engine.service.uploads`, so none is to be unpacked.
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=idle_seconds,
            auto_decompress=False,
        )
        self._server = server
        self._most = most
        self._stall_seconds = stall_seconds
        self._stalled: asyncio.TimerHandle | None = None
        self._unread: StreamReader | None = None  # of a body that is thrown away after the answer
        self.left = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take one in, or send it away if there are too many."""
        super().connection_made(transport)
        if len(self._server.connections) > self._most and self.transport is not None:
            log.warning("too many connections", most=self._most)
            self.transport.write(_too_many())
            self.force_close()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Let those know who work for this client."""
        super().connection_lost(exc)
        self._forget_stall()
        if self._unread is not None:
            self._unread.feed_eof()
        self.left.set()

    def pause_writing(self) -> None:
        """The client does not read: see whether it will."""
        super().pause_writing()
        self._stalled = asyncio.get_running_loop().call_later(self._stall_seconds, self._abort)

    def resume_writing(self) -> None:
        """It reads."""
        super().resume_writing()
        self._forget_stall()

    def _forget_stall(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send an answer; one that comes before the whole request is the last on its connection."""
        if isinstance(resp, web.HTTPException):
            resp = http_refusal_answer(resp)
        if not request.content.is_eof() and not resp.prepared:
            resp.force_close()
            self._unread = request.content
        return await super().finish_response(request, resp, start_time)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is no HTTP, and what went wrong outside of all handlers."""
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun already")
        if status < web.HTTPInternalServerError.status_code:
            answer = refusal_answer(bad_request("it is not HTTP as it should be"), status)
        else:
            if not isinstance(exc, ConnectionError):  # the client has left, and nobody is answered
                log.error("a request failed", exc_info=exc)
            answer = refusal_answer(Refusal(ErrorCode.INTERNAL))
        answer.force_close()
        return answer

    def log_exception(self, *_args: Any, exc_info: BaseException | None = None, **_more: Any) -> None:
        """Note what went wrong with an answer that had begun."""
        log.error("a connection failed", exc_info=exc_info)


def most_connections(jobs: int) -> int:
    """How many connections there may be where so many jobs may be open, each of which somebody follows over one of its own.

    The system's limit on open files is raised for that, as far as this process may.
    """
    wanted = MOST_CONNECTIONS + jobs
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + _OTHER_FILES
    if files == resource.RLIM_INFINITY or files >= needed:
        return wanted
    if most == resource.RLIM_INFINITY or most > files:
        files = needed if most == resource.RLIM_INFINITY else min(needed, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    room = max(files - _OTHER_FILES, files // 2)
    if room < wanted:
        log.warning("fewer jobs can be followed at once than may be open", open_files=files, needed=needed)
    return min(room, wanted)


async def unless_left(request: web.Request, work: Coroutine[Any, Any, T]) -> T:
    """Work while the client waits for it. Raises ConnectionResetError, with the work ended, when it has left."""
    connection = request.protocol
    if not isinstance(connection, Connection):
        raise TypeError("the application is not served by `Connection`")
    working = asyncio.create_task(work, name="work of a request")
    leaving = asyncio.create_task(connection.left.wait(), name="watch of a connection")
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if leaving.done():
            raise ConnectionResetError("nobody waits for it any more")
        return working.result()
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


def _too_many() -> bytes:
    answer = refusal_answer(Refusal(ErrorCode.BUSY, seconds=BUSY_SECONDS))
    body = answer.body if isinstance(answer.body, bytes) else b""
    retry = answer.headers[hdrs.RETRY_AFTER]
    head = (
        f"HTTP/1.1 {answer.status} {answer.reason}\r\nContent-Type: application/json; charset=utf-8\r\n"
        f"Retry-After: {retry}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
