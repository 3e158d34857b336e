"""A scripted engine: a real server on a real socket, in a thread of its own, that paints what the test says.

Rule: it speaks `engine.protocol` and nothing else; a test decides which event comes when.
"""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from aiohttp import web

from engine.protocol import (
    GROUP_HEADER,
    MAX_BODY_BYTES,
    RENDITION_HEADER,
    USER_HEADER,
    Audition,
    Cancelled,
    ErrorBody,
    ErrorCode,
    Event,
    Failed,
    Finished,
    ImageFormat,
    JobRequest,
    JobState,
    JobView,
    Level,
    Places,
    Plan,
    Provenance,
    Queued,
    QueueView,
    RecipeLimits,
    RecipeName,
    Refusal,
    Rendition,
    StyleCard,
    StyleList,
    StyleSheet,
    sniff,
)

T = TypeVar("T")

STARRY = StyleCard(
    name="starry_night",
    title="The Starry Night",
    artist="Vincent van Gogh",
    year="1889",
    emoji="🌌",
    colours=("#1b3a6b",),
)
WAVE = StyleCard(
    name="great_wave",
    title="The Great Wave off Kanagawa",
    artist="Katsushika Hokusai",
    year="1831",
    emoji="🌊",
    colours=("#e8dcc0",),
)


@dataclass
class FakeJob:
    """What the engine was handed, and what it has told of it so far."""

    id: str
    key: str
    request: JobRequest
    parts: dict[str, bytes]
    events: list[Event] = field(default_factory=lambda: [Queued(position=1, eta_seconds=60)])
    calls: list[str] = field(default_factory=list)
    eta_seconds: float = 60

    @property
    def is_over(self) -> bool:
        return isinstance(self.events[-1], Finished | Failed | Cancelled)

    def view(self) -> JobView:
        plan = Plan(
            recipe=self.request.recipe, levels=(Level(width=96, height=64, evaluations=10),), seconds=30
        )
        if self.request.audition:
            plan = plan.model_copy(
                update={"audition": Audition(tiles=len(self.request.styles), finished=plan)}
            )
        match self.events[-1]:
            case Finished() as done:
                return JobView(id=self.id, state=JobState.FINISHED, plan=plan, moments=done.moments)
            case _:
                return JobView(
                    id=self.id, state=JobState.QUEUED, position=1, eta_seconds=self.eta_seconds, plan=plan
                )


class FakeEngine:
    """Use as a context manager; `url` stays the same while it is down."""

    def __init__(self) -> None:
        self.jobs: list[FakeJob] = []
        self.styles: tuple[StyleCard, ...] = (STARRY, WAVE)
        self.recipes: dict[RecipeName, RecipeLimits] = {}
        self.seconds: dict[RecipeName, float] = {}  # that they usually take
        self.is_locked = False  # whether the bot's token is wrong
        self.not_ready: Refusal | None = None
        self.refusals: list[Refusal] = []  # for the next submits
        self.style_refusals: list[Refusal] = []  # for the next images that are to be styles
        self.eta_seconds = 60.0  # until the next jobs are finished, as they are told when they are handed in
        self.lost_answers = 0  # to the next submits, which are taken
        self.places = self.places_of_group = self.places_of_user = 1000  # in the queue
        self.retry_after: int | None = None  # seconds, said with each of them
        self.kept = Finished(seconds=5, width=96, height=64, stopped_early=True)  # of what is stopped
        self.preview, self.result = b"\xff\xd8\xff preview", b"\x89PNG\r\n\x1a\n result"
        self.timelapse = self.snapshot = b"RIFF\0\0\0\0WEBP moves "
        self.snapshots = self.comparison = b"\xff\xd8\xff side by side"
        self.sheet = b"\xff\xd8\xff all of them"
        self.collages: list[dict[int, bytes]] = []  # that were asked for: pictures by their places
        self.study = b"\xff\xd8\xff one style"
        self.fitted = b"\xff\xd8\xff fitted"  # sent instead of what does not fit, or is for a purpose
        self.fitted_is_full_size = True
        self.has_content = True  # what jobs were painted from
        self.wishes: list[tuple[str, dict[str, str]]] = []  # which picture was asked for, and how
        self.asked_about = b""  # the picture whose provenance was asked for last
        self.provenance: Provenance | None = None  # that every picture carries
        self.requests: list[str] = []
        self.deleted: list[str] = []  # keys
        self.forgotten: list[str] = []  # style images
        self.delete_refusals: list[Refusal] = []  # for the next of them
        self.hangs = False  # every request is taken and none answered
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._port = 0
        self._losing = False
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self.come_back()
        return self

    def __exit__(self, *_: object) -> None:
        self.go_down()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def come_back(self) -> None:
        """Listen, on the same port as before."""
        self._do(self._listen())

    def go_down(self) -> None:
        """Hang up and refuse connections."""
        self._do(self._hang_up())

    def tell(self, event: Event, job: int = 0) -> None:
        """Let something happen to a job."""
        self._do(self._tell(self.jobs[job], event))

    def forget(self) -> None:
        """Lose all jobs, as after a lost disk."""
        self.jobs.clear()

    def lose_next_result(self) -> None:
        """Lose all jobs at the moment when the next result is asked for."""
        self._losing = True

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(timeout=60)

    async def _listen(self) -> None:
        self._changed = asyncio.Condition()
        app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[self._answer])
        app.add_routes(
            [
                web.post("/v1/jobs", self._submit),
                web.delete("/v1/jobs", self._delete),
                web.get("/v1/jobs/{id}/events", self._events),
                web.get("/v1/jobs/{id}/previews/{n}", self._preview),
                web.get("/v1/jobs/{id}/result", self._result),
                web.post("/v1/jobs/{id}/{act:cancel|finish}", self._stop),
                web.get("/v1/jobs/{id}", self._view),
                web.get("/v1/jobs/{id}/timelapse", self._timelapse),
                web.get("/v1/jobs/{id}/moments/{n}", self._snapshot),
                web.get("/v1/jobs/{id}/moments", self._snapshots),
                web.get("/v1/jobs/{id}/comparison", self._comparison),
                web.get("/v1/sheet", self._sheet),
                web.post("/v1/collage", self._collage),
                web.post("/v1/recipe", self._provenance),
                web.get("/v1/styles", self._styles),
                web.get("/v1/styles/sheet", self._styles_sheet),
                web.post("/v1/styles/sheet", self._drawn_sheet),
                web.post("/v1/styles/image", self._redrawn),
                web.delete("/v1/styles/measured/{source}", self._forget_measured),
                web.get("/v1/styles/{name}/image", self._study),
                web.get("/readyz", self._ready),
                web.get("/v1/queue", self._queue),
            ]
        )
        self._runner = web.AppRunner(app, shutdown_timeout=0.01, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def _hang_up(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _tell(self, job: FakeJob, event: Event) -> None:
        async with self._changed:
            job.events.append(event)
            self._changed.notify_all()

    @web.middleware
    async def _answer(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.requests.append(f"{request.method} {request.path}")
        if self.hangs:
            await asyncio.Event().wait()
        try:
            if self.is_locked and request.path.startswith("/v1/"):
                raise Refusal(ErrorCode.BAD_TOKEN)
            response: web.StreamResponse = await handler(request)
        except Refusal as refusal:
            body = ErrorBody(code=refusal.code, facts=refusal.facts, message="For who reads HTTP.")
            headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
            return web.Response(
                status=refusal.status,
                body=body.model_dump_json(),
                content_type="application/json",
                headers=headers,
            )
        return response

    async def _submit(self, request: web.Request) -> web.Response:
        key = request.headers["Idempotency-Key"]
        parts = {
            part.name or "": bytes(await part.read()) async for part in _parts(await request.multipart())
        }
        if self.refusals:
            raise self.refusals.pop(0)
        job = next((job for job in self.jobs if job.key == key), None)
        if job is None:
            wanted = JobRequest.model_validate_json(parts.pop("request"))
            job = FakeJob(f"{len(self.jobs):012x}{key}", key, wanted, parts, eta_seconds=self.eta_seconds)
            self.jobs.append(job)
        if self.lost_answers and request.transport is not None:
            self.lost_answers -= 1
            request.transport.abort()
        return web.Response(status=202, body=job.view().model_dump_json(), content_type="application/json")

    async def _delete(self, request: web.Request) -> web.Response:
        key = request.headers["Idempotency-Key"]
        if self.delete_refusals:
            raise self.delete_refusals.pop(0)
        self.deleted.append(key)
        for job in [job for job in self.jobs if job.key == key and not job.is_over]:
            await self._tell(job, Cancelled())
        return web.Response(status=204)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        job = self._job(request)
        at = int(request.headers.get("Last-Event-ID", "0"))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b": hello\n\n")
        while True:
            async with self._changed:
                while len(job.events) <= at:
                    await self._changed.wait()
            event = job.events[at]
            at += 1
            text = f"id: {at}\nevent: {event.type}\ndata: {event.model_dump_json()}\n\n"
            try:
                await response.write(text.encode())
            except ConnectionResetError:  # the bot was restarted
                return response
            if isinstance(event, Finished | Failed | Cancelled):
                return response

    async def _preview(self, request: web.Request) -> web.Response:
        self._job(request)
        return web.Response(body=self.preview + request.match_info["n"].encode(), content_type="image/jpeg")

    async def _result(self, request: web.Request) -> web.Response:
        if self._losing:
            self._losing = False
            self.forget()
        return self._rendition(request, self.result)

    async def _stop(self, request: web.Request) -> web.Response:
        job, act = self._job(request), request.match_info["act"]
        job.calls.append(act)
        if not job.is_over:
            keep = act == "finish" and len(job.events) > 1
            await self._tell(job, self.kept if keep else Cancelled())
        return web.Response(body=job.view().model_dump_json(), content_type="application/json")

    async def _view(self, request: web.Request) -> web.Response:
        body = self._job(request).view().model_dump_json()
        return web.Response(body=body, content_type="application/json")

    async def _timelapse(self, request: web.Request) -> web.Response:
        return self._rendition(request, self.timelapse)

    async def _snapshot(self, request: web.Request) -> web.Response:
        return self._rendition(request, self.snapshot + request.match_info["n"].encode())

    async def _snapshots(self, request: web.Request) -> web.Response:
        return self._rendition(request, self.snapshots)

    async def _sheet(self, request: web.Request) -> web.Response:
        jobs = request.query.getall("job")
        self.wishes.append(("sheet", {str(number): job for number, job in enumerate(jobs, 1)}))
        if not {job.id for job in self.jobs if job.key not in self.deleted} & {*jobs}:
            raise Refusal(ErrorCode.NOT_FOUND)
        return self._drawn(self.sheet)

    async def _collage(self, request: web.Request) -> web.Response:
        parts = {
            int(part.name or 0): bytes(await part.read()) async for part in _parts(await request.multipart())
        }
        assert max(parts) <= int(request.query["places"])
        self.collages.append(parts)
        return self._drawn(self.sheet)

    async def _comparison(self, request: web.Request) -> web.Response:
        self._job(request)
        if not self.has_content:
            raise Refusal(ErrorCode.CONTENT_GONE)
        return self._rendition(request, self.comparison)

    def _rendition(self, request: web.Request, whole: bytes) -> web.Response:
        """A picture of a job, or `fitted` if it is too large or is to be another one."""
        self._job(request)
        wish = dict(request.query)
        if wish:
            self.wishes.append((request.path.partition("/v1/jobs/")[2].partition("/")[2], wish))
        is_original = "preset" not in wish and len(whole) <= int(wish.get("max_bytes", len(whole)))
        data = whole if is_original else self.fitted
        kind = sniff(data[:32]) or ImageFormat.PNG
        about = Rendition(
            format=kind,
            width=96,
            height=64,
            is_original=is_original,
            is_full_size=is_original or self.fitted_is_full_size,
        )
        headers = {RENDITION_HEADER: about.model_dump_json(), "ETag": '"painted"'}
        status = 200
        if "Range" in request.headers:
            wanted, total = request.http_range, len(data)
            data = data[wanted]
            first: int = wanted.start
            status = 206 if data else 416
            headers["Content-Range"] = f"bytes {f'{first}-{first + len(data) - 1}' if data else '*'}/{total}"
        return web.Response(status=status, body=data, content_type=f"image/{kind.lower()}", headers=headers)

    async def _provenance(self, request: web.Request) -> web.Response:
        self.asked_about = await request.read()
        if self.provenance is None:
            raise Refusal(ErrorCode.NO_RECIPE)
        return web.Response(body=self.provenance.model_dump_json(), content_type="application/json")

    async def _ready(self, _request: web.Request) -> web.Response:
        if self.not_ready is not None:
            raise self.not_ready
        return web.json_response({"status": "ready"})

    async def _styles(self, _request: web.Request) -> web.Response:
        body = StyleList(styles=self.styles, recipes=self.recipes, seconds=self.seconds).model_dump_json()
        return web.Response(body=body, content_type="application/json")

    async def _styles_sheet(self, request: web.Request) -> web.Response:
        names = request.query.getall("style")
        self.wishes.append(
            ("styles", {str(n): name for n, name in enumerate(names, int(request.query["first"]))})
        )
        if not {*names} <= {style.name for style in self.styles}:
            raise Refusal(ErrorCode.NOT_FOUND)
        return self._drawn(self.sheet)

    async def _drawn_sheet(self, request: web.Request) -> web.Response:
        sheet = StyleSheet.model_validate_json(await request.read())
        named = {str(n): tile.title or tile.name or "" for n, tile in enumerate(sheet.tiles, sheet.first)}
        self.wishes.append(("styles", named))
        return self._drawn(self.sheet)

    async def _redrawn(self, request: web.Request) -> web.Response:
        if self.style_refusals:
            raise self.style_refusals.pop(0)
        return self._drawn(b"\xff\xd8\xff redrawn " + await request.read())

    async def _forget_measured(self, request: web.Request) -> web.Response:
        self.forgotten.append(request.match_info["source"])
        return web.Response(status=204)

    async def _study(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.wishes.append((name, dict(request.query)))
        if name not in {style.name for style in self.styles}:
            raise Refusal(ErrorCode.NOT_FOUND)
        return self._drawn(self.study)

    def _drawn(self, data: bytes) -> web.Response:
        about = Rendition(format=ImageFormat.JPEG, width=96, height=64)
        headers = {RENDITION_HEADER: about.model_dump_json()}
        return web.Response(body=data, content_type="image/jpeg", headers=headers)

    async def _queue(self, request: web.Request) -> web.Response:
        group, user = request.headers[GROUP_HEADER], request.headers[USER_HEADER]
        open_ = [job.request.owner for job in self.jobs if not job.is_over]
        view = QueueView(
            total=_places(len(open_), self.places),
            group=_places(sum(owner.group == group for owner in open_), self.places_of_group),
            user=_places(sum(owner.user == user for owner in open_), self.places_of_user),
            minutes=7,
        )
        return web.Response(body=view.model_dump_json(), content_type="application/json")

    def _job(self, request: web.Request) -> FakeJob:
        there = (job for job in self.jobs if job.key not in self.deleted)
        found = next((job for job in there if job.id == request.match_info["id"]), None)
        if found is None:
            raise Refusal(ErrorCode.NOT_FOUND)
        return found


def _places(taken: int, most: int) -> Places:
    return Places(taken=taken, free=max(most - taken, 0))


async def _parts(reader: Any) -> Any:
    while (part := await reader.next()) is not None:
        yield part
