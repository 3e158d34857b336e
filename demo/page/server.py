"""The page's server on 127.0.0.1: static files, a stream of what changes, and one address for all acts.

Whoever does not know the secret in the address gets nothing, and neither does a page of another site: the
secret is in no cookie. What is shown comes as JSON and is made into text by the page; no HTML is ever sent.
"""

import asyncio
import errno
import json
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

from aiohttp import BodyPartReader, web

from demo.cdn import MAX_UPLOAD_BYTES
from demo.page.acts import Acts, File
from demo.page.view import View
from demo.standin import StandIn

STATIC = Path(__file__).with_name("static")
PHOTOS = Path(__file__).parents[1] / "photos"
FONTS = Path(str(files("simcord"))) / "preview" / "static" / "fonts"
MAX_FILES = 10
PAUSE_SECONDS = 0.1  # between two patches: what happens within is sent at once
ALIVE_SECONDS = 15.0
LAST = 100  # messages that are shown at first
ADVICE = "choose another one, or leave --port out for any free one."


class PageError(Exception):
    """The page cannot be served; the text is one sentence."""


def listen(port: int = 0) -> socket.socket:
    """A listener on 127.0.0.1; port 0 takes any free one. Raises PageError."""
    if not 0 <= port <= 65535:
        raise PageError(f"{port} is no port, they go up to 65535: {ADVICE}")
    try:
        return socket.create_server(("127.0.0.1", port))
    except PermissionError:
        raise PageError(f"Port {port} is reserved for the system's own services: {ADVICE}") from None
    except OSError as error:
        is_taken = error.errno == errno.EADDRINUSE
        why = "is in use" if is_taken else f"cannot be had ({error.strerror})"
        raise PageError(f"Port {port} {why}: {ADVICE}") from None


@asynccontextmanager
async def page(discord: StandIn, listener: socket.socket | None = None) -> AsyncIterator[str]:
    """Serve the page for as long as the context lasts, and close the listener; gives its address."""
    listener = listener or listen()
    secret = secrets.token_urlsafe(12)
    server = _Server(discord)
    app = web.Application(
        client_max_size=(MAX_FILES + 1) * MAX_UPLOAD_BYTES, middlewares=[_guarded(discord.origin)]
    )
    app.add_routes(server.routes(f"/{secret}"))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/{secret}/"
    finally:
        await runner.cleanup()


class _Server:
    """The handlers of one page."""

    def __init__(self, discord: StandIn) -> None:
        self._world, self._guild = discord.world, discord.guild
        self._acts = Acts(discord.world, discord.guild)

    def routes(self, root: str) -> list[web.AbstractRouteDef]:
        """Everything below the secret."""
        return [
            web.get(f"{root}/", self._index),
            web.get(f"{root}/start.json", self._start),
            web.get(f"{root}/events", self._events),
            web.post(f"{root}/act", self._act),
            web.static(f"{root}/static", STATIC),
            web.static(f"{root}/photos", PHOTOS),
            web.static(f"{root}/fonts", FONTS),
        ]

    async def _index(self, _: web.Request) -> web.FileResponse:
        return web.FileResponse(STATIC / "index.html")

    async def _start(self, _: web.Request) -> web.Response:
        """Who can be looked through, and what can be posted without having a picture at hand."""
        guild = self._world.backend.get_guild(self._guild.id)
        users = [self._world.backend.get_user(user_id) for user_id in guild.members]
        users.sort(key=lambda user: user.id == guild.owner_id)  # one begins as an ordinary member
        photos = [path.name for path in sorted(PHOTOS.iterdir()) if path.suffix in {".png", ".jpg"}]
        people = [{"id": str(user.id), "handle": user.name} for user in users if not user.bot]
        return web.json_response({"people": people, "photos": photos, "maxBytes": MAX_UPLOAD_BYTES})

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: the whole table, and from then on what of it has changed."""
        query = request.query
        view = View(
            self._world,
            self._guild.id,
            viewer_id=self._viewer(query["as"]),
            open=[int(channel) for channel in query.getall("in", [])],
            last=int(query.get("last", LAST)),
        )
        stream = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await stream.prepare(request)
        shown: dict[str, str] = {}
        with suppress(ConnectionError):
            while True:
                touches = self._world.touches
                table = {key: json.dumps(value, default=str) for key, value in view.table().items()}
                if patch := _patch(shown, table):
                    await stream.write(f"data: {patch}\n\n".encode())
                shown = table
                await asyncio.sleep(PAUSE_SECONDS)
                await self._change(stream, touches)
        return stream

    async def _change(self, stream: web.StreamResponse, touches: int) -> None:
        """Wait for anything to happen; a word now and then shows whether the browser still listens."""
        try:
            async with asyncio.timeout(ALIVE_SECONDS):
                while self._world.touches == touches:
                    await self._world.happening()
        except TimeoutError:
            await stream.write(b": still here\n\n")

    async def _act(self, request: web.Request) -> web.Response:
        act: dict[str, Any] = {}
        given: dict[str, list[File]] = {}
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                continue
            data = bytes(await part.read())
            if part.filename is None:
                act = json.loads(data)
            else:
                given.setdefault((part.name or "").removeprefix("file:"), []).append((part.filename, data))
        return web.json_response(await self._acts.perform(self._viewer(act["as"]), act, given))

    def _viewer(self, user_id: str) -> int:
        """One of the people. Raises HTTPForbidden for whoever else."""
        members = self._world.backend.get_guild(self._guild.id).members
        if not user_id.isdecimal() or int(user_id) not in members:
            raise web.HTTPForbidden
        if self._world.backend.get_user(int(user_id)).bot:
            raise web.HTTPForbidden
        return int(user_id)


def _patch(shown: Mapping[str, str], table: Mapping[str, str]) -> str:
    """What makes of the one table the other, as JSON; empty if nothing does."""
    changed = [f"{json.dumps(key)}: {value}" for key, value in table.items() if shown.get(key) != value]
    gone = [key for key in shown if key not in table]
    if not changed and not gone:
        return ""
    return f'{{"set": {{{", ".join(changed)}}}, "gone": {json.dumps(gone)}}}'


def _guarded(cdn: str) -> Callable[..., Awaitable[web.StreamResponse]]:
    """What the browser is allowed to do with the page: nothing but what the page needs."""
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob: {cdn};"
        f" media-src blob: {cdn}; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )

    @web.middleware
    async def guarded(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        response = await handler(request)
        if not response.prepared:
            response.headers["Content-Security-Policy"] = policy
            response.headers["Referrer-Policy"] = "no-referrer"
            response.headers["X-Content-Type-Options"] = "nosniff"
            response.headers.setdefault("Cache-Control", "no-cache")
        return response

    return guarded
