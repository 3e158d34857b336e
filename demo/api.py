"""The HTTP half of the stand-in: Discord's REST API and CDN in front of simcord's world.

simcord answers the calls; this file keeps to what a real client notices on the wire: the content type, 429
with the headers of a proxy, nonces that make a send idempotent, upload limits and the permissions to attach.
"""

import asyncio
import fnmatch
import io
import json
import time
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiohttp import BodyPartReader, web
from simcord.backend.errors import BackendError
from simcord.http import client as _routes  # noqa: F401 - importing it registers the routes
from simcord.http import router

from demo.cdn import MAX_UPLOAD_BYTES, image_facts
from demo.gateway import Gateway
from demo.limits import Limits, Share
from demo.world import World

MAX_REQUEST_BYTES = 25 * 2**20
KEPT = {"Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
NONCE_SECONDS = 300.0  # "in the past few minutes"

log = structlog.get_logger()


@dataclass
class Fault:
    """An answer to give instead of the real one, `times` times; `path` is an fnmatch pattern.

    If it is the answer that is `lost`, the call has been carried out all the same.
    """

    method: str
    path: str
    status: int
    retry_after: float = 0.3
    times: int = 1
    lost: bool = False

    def matches(self, method: str, path: str) -> bool:
        """Whether this call is to fail."""
        return self.times > 0 and method == self.method and fnmatch.fnmatch(path, self.path)

    def answer(self) -> web.Response:
        """The failure, in the words and headers of Discord's edge."""
        self.times -= 1
        if self.status != 429:
            return _json({"message": f"{self.status}: injected", "code": 0}, self.status)
        return _too_many(self.retry_after)


@dataclass
class Upload:
    """A file of a multipart request, in the shape that simcord reads."""

    fp: io.BytesIO
    filename: str
    description: str | None = None


@dataclass(frozen=True)
class Call:
    """One request of the bot and how it was answered."""

    method: str
    path: str
    status: int
    at: float  # of the monotonic clock


@dataclass
class Api:
    """Routes of the REST API. `faults` are used up in order; `calls` is what the bot has asked so far.

    `limits`, where there are any, are told in each answer and held to. `fetches` are the files that were asked for, of
    which those that match `stuck` (an fnmatch pattern) never come.
    """

    world: World
    gateway: Gateway
    faults: list[Fault] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    limits: Limits | None = None
    fetches: list[str] = field(default_factory=list)
    stuck: str | None = None
    _nonces: dict[tuple[str, str], tuple[float, int]] = field(default_factory=dict)

    def forget_nonces(self) -> None:
        """Minutes have gone by: what was sent before may be sent again."""
        self._nonces.clear()

    def routes(self) -> list[web.RouteDef]:
        """Everything below /api/v10 and /cdn."""
        return [
            web.get("/api/v10/gateway", self._gateway),
            web.get("/api/v10/gateway/bot", self._gateway),
            web.route("*", "/api/v10/{path:.+}", self._rest),
            web.get("/cdn/{path:.+}", self._file),
        ]

    async def _gateway(self, _: web.Request) -> web.Response:
        limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
        return _json({"url": self.gateway.url, "shards": self.gateway.shards, "session_start_limit": limit})

    async def _file(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        self.fetches.append(path)
        if self.stuck is not None and fnmatch.fnmatch(path, self.stuck):
            await asyncio.Event().wait()
        data = self.world.cdn.get(f"{self.world.cdn.base}/{path}")
        if data is None:
            return web.Response(status=404)
        kind = image_facts(data).get("content_type", "application/octet-stream")
        return web.Response(body=data, content_type=kind, headers=KEPT)

    async def _rest(self, request: web.Request) -> web.Response:
        path = "/" + request.match_info["path"]
        body, uploads = await _read(request)
        now = time.monotonic()
        share = self.limits.take(request.method, path, now) if self.limits is not None else None
        response = _limited(share) if share is not None and share.retry_after else None
        response = response or self._answer(request, path, body, uploads)
        if share is not None:
            response.headers.update(share.headers)
        self.calls.append(Call(request.method, path, response.status, now))
        self.world.touch()
        return response

    def _answer(self, request: web.Request, path: str, body: Any, uploads: list[Upload]) -> web.Response:
        fault = next((fault for fault in self.faults if fault.matches(request.method, path)), None)
        if fault is not None and not fault.lost:
            return fault.answer()
        try:
            self._check(path, body, uploads)
            result = self._once(request, path, body, uploads)
        except BackendError as error:
            if error.status >= 500:
                log.warning("not simulated", call=f"{request.method} {path}", reason=str(error))
            return _json(error.to_json(), error.status)
        if fault is not None:
            return fault.answer()
        return web.Response(status=204) if result is None else _json(result)

    def _check(self, path: str, body: Any, uploads: list[Upload]) -> None:
        """The rules that simcord leaves out. Raises BackendError."""
        if any(len(upload.fp.getbuffer()) > MAX_UPLOAD_BYTES for upload in uploads):
            raise BackendError(413, 40005, "Request entity too large")
        scope, _, rest = path.strip("/").partition("/")
        if scope != "channels" or not isinstance(body, dict):
            return
        channel = self.world.backend.get_channel(int(rest.partition("/")[0]))
        needed = {"attach_files": uploads, "embed_links": body.get("embeds")}
        names = [name for name, wanted in needed.items() if wanted]
        if channel.guild_id is not None and names:
            bot = self.world.backend.bot_user.id
            self.world.backend.require_permissions(channel.guild_id, bot, channel.id, *names)

    def _once(self, request: web.Request, path: str, body: Any, uploads: list[Upload]) -> Any:
        """Dispatch; a send with an enforced nonce that was seen before returns the message of that time."""
        nonce = body.get("nonce") if isinstance(body, dict) and body.get("enforce_nonce") else None
        if nonce is None:
            return self._dispatch(request.method, path, request, body, uploads)
        sent, message = self._nonces.get((path, str(nonce)), (0.0, 0))
        if time.monotonic() - sent < NONCE_SECONDS and message:
            return self._dispatch("GET", f"{path}/{message}", request, None, [])
        result = self._dispatch(request.method, path, request, body, uploads)
        self._nonces[path, str(nonce)] = (time.monotonic(), int(result["id"]))
        return {**result, "nonce": nonce}

    def _dispatch(
        self, method: str, path: str, request: web.Request, body: Any, uploads: list[Upload]
    ) -> Any:
        return router.dispatch(
            self.world.backend,
            method,
            path,
            json=body,
            params=dict(request.query),
            files=uploads,
            reason=request.headers.get("X-Audit-Log-Reason"),
            message_content_access=self.gateway.reads_content,
        )


def _too_many(retry_after: float, everywhere: bool = False) -> web.Response:
    body = {"message": "You are being rate limited.", "retry_after": retry_after, "global": everywhere}
    # Without Via, discord.py takes a 429 for a ban by Discord's edge and gives up.
    return _json(body, 429, {"Via": "1.1 stand-in", "Retry-After": str(retry_after)})


def _limited(share: Share) -> web.Response:
    return _too_many(share.retry_after, share.is_of_all)


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    # discord.py compares the header with exactly this, so no charset.
    return web.Response(
        body=json.dumps(body, default=str).encode(),
        status=status,
        headers={"Content-Type": "application/json", **(headers or {})},
    )


async def _read(request: web.Request) -> tuple[Any, list[Upload]]:
    """The JSON of a request, and the files that came with it."""
    if not request.content_type.startswith("multipart/"):
        raw = await request.read()
        return (json.loads(raw) if raw else None), []
    body: dict[str, Any] = {}
    uploads: list[Upload] = []
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        data = bytes(await part.read())
        if part.name == "payload_json":
            body = json.loads(data)
        else:
            uploads.append(Upload(io.BytesIO(data), part.filename or "file"))
    for declared in body.get("data", body).get("attachments") or []:
        if isinstance(declared["id"], int) and declared["id"] < len(uploads):
            uploads[declared["id"]].description = declared.get("description")
    return body, uploads
