"""What an operator asks over HTTP, and the page that asks it.

Rule: the page and its files are open to everybody, since a browser asks for them without a header, and so they are the same
in every engine; whatever tells of this one needs the token, which the page sends in a header and has nowhere else.
"""

import asyncio
from collections.abc import AsyncIterator
from functools import cache
from importlib.resources import files

from aiohttp import hdrs, web

from engine.protocol import Flow, Overview
from engine.service.answers import to_json
from engine.service.operation.history import Recorder
from engine.service.operation.overview import Overviews
from engine.service.routes import JOBS

OVERVIEWS = web.AppKey("overviews", Overviews)
RECORDER = web.AppKey("recorder", Recorder)

WATCH_SECONDS = 0.5  # between two looks at what has changed
KEEP_ALIVE_SECONDS = 15.0
_TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_FILES = ("page.css", "page.js", "engine.js", "dom.js", "cards.js", "plots.js", "icon.svg")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: dict[str, str] = {
    hdrs.CACHE_CONTROL: "no-cache",
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
PAGE_PATHS = ("/", *(f"/page/{name}" for name in _FILES))

routes = web.RouteTableDef()


@cache
def _file(name: str) -> bytes:
    return (files(__package__) / "static" / name).read_bytes()


def _sent(name: str) -> web.Response:
    kind = _TYPES[name.rpartition(".")[2]]
    return web.Response(body=_file(name), content_type=kind, charset="utf-8", headers=_HEADERS)


@routes.get("/")
async def page(_request: web.Request) -> web.Response:
    """Send the operator's page."""
    return await asyncio.to_thread(_sent, "index.html")


@routes.get("/page/{name}")
async def part(request: web.Request) -> web.Response:
    """Send a file of the page."""
    name = request.match_info["name"]
    if name not in _FILES:
        raise web.HTTPNotFound
    return await asyncio.to_thread(_sent, name)


@routes.get("/v1/overview")
async def overview(request: web.Request) -> web.Response:
    """Tell how the engine stands."""
    return to_json(await request.app[OVERVIEWS].take(), headers={hdrs.CACHE_CONTROL: "no-store"})


@routes.get("/v1/overview/events", allow_head=False)
async def watch(request: web.Request) -> web.StreamResponse:
    """Stream how the engine stands, as often as that changes."""
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )
    await response.prepare(request)
    try:
        async for text in _changes(request.app[OVERVIEWS]):
            await response.write(text.encode())
    except ConnectionError:
        pass  # the reader left, and comes back if it wants more
    return response


async def _changes(overviews: Overviews) -> AsyncIterator[str]:
    """What is to be sent: an overview when more has changed than the time, and a comment when nothing has for long."""
    loop = asyncio.get_running_loop()
    last, told = "", loop.time()
    while True:
        now = await overviews.take()
        if (text := _without_time(now)) != last:
            last, told = text, loop.time()
            yield f"data: {now.model_dump_json()}\n\n"
        elif loop.time() - told >= KEEP_ALIVE_SECONDS:
            told = loop.time()
            yield ": still here\n\n"
        if await overviews.is_over(WATCH_SECONDS):
            return


def _without_time(overview: Overview) -> str:
    """What there is to tell; an estimate that only shrinks as time goes by is no news, and the reader counts down by itself."""
    same = {"eta_seconds": None}
    running = tuple(job.model_copy(update=same) for job in overview.running)
    waiting = tuple(job.model_copy(update=same) for job in overview.waiting)
    return overview.model_copy(update={"now": 0.0, "running": running, "waiting": waiting}).model_dump_json()


@routes.get("/v1/history")
async def history(request: web.Request) -> web.Response:
    """Tell of the last hours in numbers."""
    return to_json(request.app[RECORDER].history(), headers={hdrs.CACHE_CONTROL: "no-store"})


@routes.post("/v1/pause")
async def pause(request: web.Request) -> web.Response:
    """Let no job begin; new ones are taken in and wait."""
    return to_json(await request.app[JOBS].steer(Flow.PAUSED))


@routes.post("/v1/drain")
async def drain(request: web.Request) -> web.Response:
    """Take no new job in, and paint those that are there."""
    return to_json(await request.app[JOBS].steer(Flow.DRAINING))


@routes.post("/v1/resume")
async def resume(request: web.Request) -> web.Response:
    """Let it do all that it can."""
    return to_json(await request.app[JOBS].steer(Flow.OPEN))
