"""The engine's routes, as `engine.protocol.messages` lists them.

Rule: a handler translates between HTTP and `engine.service.jobs` and decides nothing; a refusal is raised, and
`engine.service.app` turns it into an answer.
"""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web
from pydantic import BaseModel

from engine.images import sandbox
from engine.planning.cost_model import Speed
from engine.protocol import ErrorCode, EventEnvelope, Refusal, StyleList, sniff
from engine.service import intake
from engine.service.dispatcher import Dispatcher
from engine.service.event_stream import EventStream
from engine.service.jobs import Jobs
from engine.service.metrics import Metrics
from engine.service.paintings import Paintings
from engine.styles import catalogue

KEEP_ALIVE_SECONDS = 15.0
KEY_LENGTH = 200

METRICS = web.AppKey("metrics", Metrics)
JOBS = web.AppKey("jobs", Jobs)
PAINTINGS = web.AppKey("paintings", Paintings)
DISPATCHER = web.AppKey("dispatcher", Dispatcher)
UPLOADS = web.AppKey("uploads", asyncio.Semaphore)  # each may hold a full body in memory

routes = web.RouteTableDef()


def to_json(model: BaseModel, status: int = 200) -> web.Response:
    """Answer with a model."""
    return web.Response(text=model.model_dump_json(), status=status, content_type="application/json")


# --- jobs -------------------------------------------------------------------------------------------------


@routes.post("/v1/jobs")
async def submit(request: web.Request) -> web.Response:
    """Take a job in; the same key with the same contents is the same job."""
    jobs, key = request.app[JOBS], request.headers.get("Idempotency-Key") or uuid.uuid4().hex
    if len(key) > KEY_LENGTH:
        raise Refusal(ErrorCode.BAD_REQUEST, detail=f"its key is longer than {KEY_LENGTH} characters")
    async with request.app[UPLOADS]:
        upload = await intake.receive(request)
        if view := await jobs.earlier(key, upload.digest):
            return to_json(view, status=202)
        jobs.check_caps(upload.request.owner)
        record, files = await intake.prepare(upload, key, _speed(request.app), request.app[DISPATCHER].memory)
        return to_json(await jobs.admit(record, files), status=202)


@routes.get("/v1/jobs/{id}")
async def view(request: web.Request) -> web.Response:
    """Tell how a job stands."""
    return to_json(await request.app[JOBS].view(request.match_info["id"]))


@routes.post("/v1/jobs/{id}/cancel")
async def cancel(request: web.Request) -> web.Response:
    """Stop and drop."""
    return to_json(await request.app[JOBS].cancel(request.match_info["id"]))


@routes.post("/v1/jobs/{id}/finish")
async def finish(request: web.Request) -> web.Response:
    """Stop and keep what there is."""
    return to_json(await request.app[JOBS].finish(request.match_info["id"]))


@routes.get(r"/v1/jobs/{id}/previews/{n:\d{1,9}}")
async def preview(request: web.Request) -> web.Response:
    """Send a recent preview."""
    body = request.app[JOBS].preview(request.match_info["id"], int(request.match_info["n"]))
    return web.Response(body=body, content_type="image/jpeg")


@routes.get("/v1/jobs/{id}/result")
async def result(request: web.Request) -> web.FileResponse:
    """Send the painting."""
    return _picture(await request.app[PAINTINGS].result(request.match_info["id"]))


@routes.get("/v1/jobs/{id}/timelapse")
async def timelapse(request: web.Request) -> web.FileResponse:
    """Send how it was painted."""
    return _picture(await request.app[PAINTINGS].timelapse(request.match_info["id"]))


@routes.get(r"/v1/jobs/{id}/moments/{n:\d{1,9}}")
async def snapshot(request: web.Request) -> web.FileResponse:
    """Send what was painted at one snapshot."""
    return _picture(
        await request.app[PAINTINGS].snapshot(request.match_info["id"], int(request.match_info["n"]))
    )


def _picture(path: Path) -> web.FileResponse:
    try:
        with path.open("rb") as file:
            image_format = sniff(file.read(32))
    except FileNotFoundError as error:
        raise Refusal(ErrorCode.NOT_FOUND) from error
    content_type = f"image/{image_format.lower()}" if image_format else "application/octet-stream"
    return web.FileResponse(path, headers={"Content-Type": content_type, "Cache-Control": "no-store"})


@routes.get("/v1/jobs/{id}/events")
async def events(request: web.Request) -> web.StreamResponse:
    """Stream a job's events until its end, from after Last-Event-ID."""
    stream = await request.app[JOBS].events(request.match_info["id"])
    last = request.headers.get("Last-Event-ID", "0")
    if not re.fullmatch(r"\d{1,18}", last, re.ASCII):
        raise Refusal(ErrorCode.BAD_REQUEST, detail="its Last-Event-ID is not a number")
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )
    await response.prepare(request)
    try:
        async for text in _stream(stream, int(last)):
            await response.write(text.encode())
    except ConnectionError:
        pass  # the reader left, and comes back if it wants more
    return response


async def _stream(stream: EventStream, last: int) -> AsyncIterator[str]:
    while True:
        try:
            envelope = await asyncio.wait_for(stream.after(last), KEEP_ALIVE_SECONDS)
        except TimeoutError:
            yield ": still here\n\n"
            continue
        if envelope is None:
            return
        last = envelope.id
        yield _as_text(envelope)


def _as_text(envelope: EventEnvelope) -> str:
    event = envelope.event
    return f"id: {envelope.id}\nevent: {event.type}\ndata: {event.model_dump_json()}\n\n"


# --- recipes ----------------------------------------------------------------------------------------------


@routes.post("/v1/recipe")
async def recipe(request: web.Request) -> web.Response:
    """Tell how a picture that is sent back was painted."""
    async with request.app[UPLOADS]:
        return to_json(await sandbox.read_provenance(await intake.receive_image(request)))


# --- styles -----------------------------------------------------------------------------------------------


@routes.get("/v1/styles")
async def styles(_request: web.Request) -> web.Response:
    """Tell which styles are bundled."""
    return to_json(StyleList(styles=catalogue.cards()))


@routes.get("/v1/styles/{name}/image")
async def style_image(request: web.Request) -> web.FileResponse:
    """Send a bundled study."""
    try:
        path = catalogue.image_path(request.match_info["name"])
    except Refusal:
        raise Refusal(ErrorCode.NOT_FOUND) from None
    return web.FileResponse(path)


# --- operation --------------------------------------------------------------------------------------------


@routes.get("/healthz")
async def healthz(_request: web.Request) -> web.Response:
    """Answer, which is all that is asked."""
    return web.json_response({"status": "ok"})


@routes.get("/readyz")
async def readyz(request: web.Request) -> web.Response:
    """Say whether jobs are taken in and somebody paints.

    While the last worker is being brought back, jobs are taken in all the same.
    """
    request.app[JOBS].check_room()
    if not request.app[DISPATCHER].is_ready:
        raise Refusal(ErrorCode.NOT_READY)
    return web.json_response({"status": "ready"})


@routes.get("/metrics")
async def metrics(request: web.Request) -> web.Response:
    """Tell Prometheus."""
    return web.Response(
        body=request.app[METRICS].render(), headers={"Content-Type": "text/plain; version=0.0.4"}
    )


def _speed(app: web.Application) -> Speed:
    speed = app[DISPATCHER].speed
    if speed is None:
        raise Refusal(ErrorCode.NOT_READY)
    return speed
