"""Serves private links, and nothing else: one route, to be read.

Rule: a token is looked at first, then whether its picture is still there, at every request; whatever is wrong is one and the
same answer, which tells strangers nothing. Bytes pass through from the engine piece by piece. There are only so many
connections and transfers, each for a limited time, and nothing of a request is logged, since its address is the picture.
"""

import asyncio
import logging
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import discord
import structlog
from aiohttp import hdrs, web
from sqlalchemy.exc import DBAPIError

from bot.config import LinkConfig
from bot.engine_client import EngineClient
from bot.errors import BotErrorCode, CannotStart, EngineUnreachable, short
from bot.languages import asked_for, speaking
from bot.links.signing import KEY, ROUTE, Links, open_key
from bot.storage.store import Store
from bot.storage.tickets import FINISHED, Ticket
from bot.words import links as words
from bot.words.result import result_stem
from engine.protocol import ImageFormat, Refusal

log = structlog.get_logger(__name__)

MOST_CONNECTIONS = 200
MOST_TRANSFERS, MOST_OF_A_PICTURE = 32, 4  # at once
IDLE_SECONDS = 20.0  # for the head of a request, and between two
TRANSFER_SECONDS = 600.0  # for one answer: the largest at 110 kB/s
_UNLOGGED = logging.Logger(__name__, logging.CRITICAL)  # where aiohttp would write what was asked for
_RETRY_SECONDS = "60"
_CHUNK_BYTES = 2**18
_PASSED_ON = (hdrs.RANGE, hdrs.IF_RANGE)
_ABOUT = (
    hdrs.CONTENT_LENGTH,
    hdrs.CONTENT_RANGE,
    hdrs.ACCEPT_RANGES,
    hdrs.ETAG,
    hdrs.LAST_MODIFIED,
)
_TYPES = {f"image/{each.value.lower()}": each.value.lower() for each in ImageFormat}
_PRIVATE = {
    hdrs.CACHE_CONTROL: "no-store",
    hdrs.X_CONTENT_TYPE_OPTIONS: "nosniff",
    hdrs.CONTENT_SECURITY_POLICY: "default-src 'none'; frame-ancestors 'none'; sandbox",
    hdrs.CROSS_ORIGIN_RESOURCE_POLICY: "same-origin",
    hdrs.REFERRER_POLICY: "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


class LinkServer:
    """Answers who has a link."""

    def __init__(self, links: Links, store: Store, engine: EngineClient) -> None:
        self._links, self._store, self._engine = links, store, engine
        self._sending = Counter[str]()  # by ticket

    def app(self) -> web.Application:
        """The application, to be served once."""
        app = web.Application(middlewares=[_answer_plainly])
        app.router.add_get(f"{ROUTE}{{token}}", self._send)
        app.on_response_prepare.append(_keep_private)
        return app

    async def _send(self, request: web.Request) -> web.StreamResponse:
        ticket = await self._ticket(request.match_info["token"])
        if ticket is None or ticket.job_id is None:
            raise web.HTTPNotFound
        asked = {str(name): request.headers[name] for name in _PASSED_ON if name in request.headers}
        with self._place(ticket.id):
            async with (
                asyncio.timeout(TRANSFER_SECONDS),
                self._engine.original(ticket.job_id, asked) as original,
            ):
                response = web.StreamResponse(status=original.status)
                for name in _ABOUT:
                    if name in original.headers:
                        response.headers[name] = original.headers[name]
                suffix = _TYPES.get(original.content_type)
                response.content_type = original.content_type if suffix else "application/octet-stream"
                file = f"{result_stem(ticket)}.{suffix or 'bin'}"
                response.headers[hdrs.CONTENT_DISPOSITION] = f'attachment; filename="{file}"'
                await response.prepare(request)
                if request.method != hdrs.METH_HEAD:
                    async for chunk in original.content.iter_chunked(_CHUNK_BYTES):
                        await response.write(chunk)
                await response.write_eof()
                return response

    async def _ticket(self, token: str) -> Ticket | None:
        ticket_id = self._links.ticket_of(token, discord.utils.utcnow().timestamp())
        ticket = await self._store.tickets.find(ticket_id) if ticket_id is not None else None
        return ticket if ticket is not None and ticket.state in FINISHED else None

    @contextmanager
    def _place(self, ticket_id: str) -> Iterator[None]:
        if self._sending.total() >= MOST_TRANSFERS or self._sending[ticket_id] >= MOST_OF_A_PICTURE:
            raise web.HTTPServiceUnavailable
        self._sending[ticket_id] += 1
        try:
            yield
        finally:
            self._sending -= Counter([ticket_id])


class _Connection(web.RequestHandler):
    """One client's connection, of a limited number; what it says that is no HTTP is not repeated anywhere."""

    def __init__(self, server: web.Server) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(server, loop=loop, keepalive_timeout=IDLE_SECONDS, access_log=_UNLOGGED)
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take one in, or hang up if there are too many."""
        super().connection_made(transport)
        if len(self._server.connections) > MOST_CONNECTIONS:
            self.force_close()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is no HTTP and what nobody foresaw, and hang up where an answer had begun."""
        if exc is not None and not isinstance(exc, ConnectionError) and status >= 500:
            log.error("a private link could not be answered", exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun already")
        answer = _said(status, words.NOTHING_HERE())
        answer.headers.update(_PRIVATE)
        answer.force_close()
        return answer

    def log_exception(self, *_args: Any, exc_info: BaseException | None = None, **_more: Any) -> None:
        """Say that a transfer has ended early, and not which."""
        log.info("a transfer of a private link ended early", error=type(exc_info).__name__)


@web.middleware
async def _answer_plainly(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Turn all that goes wrong before an answer has begun into one of a few plain ones."""
    with speaking(asked_for(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))):
        return await _answer(request, handler)


async def _answer(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPServiceUnavailable:
        return _said(503, words.BUSY(), {hdrs.RETRY_AFTER: _RETRY_SECONDS})
    except web.HTTPMethodNotAllowed as error:
        return _said(error.status, words.NOTHING_HERE(), {hdrs.ALLOW: error.headers[hdrs.ALLOW]})
    except web.HTTPException as error:
        return _said(error.status, words.NOTHING_HERE())
    except Refusal:
        return _said(404, words.NOTHING_HERE())
    except (EngineUnreachable, TimeoutError):
        if request.writer.output_size > 0:
            raise ConnectionError("the engine has left") from None
    except DBAPIError as error:
        log.warning("the picture of a private link is not known", error=short(error))
    return _said(503, words.AWAY(), {hdrs.RETRY_AFTER: _RETRY_SECONDS})


async def _keep_private(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_PRIVATE)
    response.headers[hdrs.SERVER] = "atelier"


def _said(status: int, text: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(status=status, text=f"{text}\n", headers=headers)


@asynccontextmanager
async def serving_links(
    config: LinkConfig, folder: Path, store: Store, engine: EngineClient, *, is_served: bool = True
) -> AsyncIterator[Links]:
    """Serve private links for as long as this lasts, if there is an address for them. Raises CannotStart.

    `is_served`: by this process; of several one does, and all make links with the key in their common folder.
    """
    if not config.address:
        yield Links(config)
        return
    try:
        links = Links(config, await asyncio.to_thread(open_key, folder))
    except OSError as error:
        raise _not_served(config.host, config.port, f"{KEY}: {error.strerror}") from error
    if not is_served:
        yield links
        return
    async with listening(LinkServer(links, store, engine).app(), config.host, config.port) as port:
        log.info("private links are served", address=config.address, host=config.host, port=port)
        yield links


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """Serve an application; yields the port. Raises CannotStart."""
    runner = web.AppRunner(app, shutdown_timeout=1.0)
    await runner.setup()
    try:
        server = runner.server
        if server is None:
            raise RuntimeError("a runner that is set up has no server")
        connect: Callable[[], _Connection] = lambda: _Connection(server)  # noqa: E731 - it has a type
        try:
            listener = await asyncio.get_running_loop().create_server(connect, host, port)
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
            raise _not_served(host, port, reason) from error
        try:
            yield listener.sockets[0].getsockname()[1]
        finally:
            listener.close()
    finally:
        await runner.cleanup()


def _not_served(host: str, port: int, reason: str | None) -> CannotStart:
    return CannotStart(BotErrorCode.LINKS_NOT_SERVED, host=host, port=port, reason=reason)
