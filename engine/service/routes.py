"""The engine's routes, as `engine.protocol.routes` lists them.

Rule: a handler translates between HTTP and `engine.service.jobs` and decides nothing; a refusal is raised, and
`engine.service.app` turns it into an answer.
"""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Collection, Coroutine, Mapping
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from aiohttp import hdrs, web
from pydantic import ValidationError

from engine.images import sandbox
from engine.painting.statistics_cache import StatisticsCache
from engine.planning.bounds import usual_seconds
from engine.planning.cost_model import Speed
from engine.protocol import (
    GROUP_HEADER,
    MAX_BODY_BYTES,
    MAX_IMAGE_BYTES,
    MAX_RESULT_BYTES,
    MAX_SHEET,
    MAX_SHEET_BYTES,
    RENDITION_HEADER,
    USER_HEADER,
    Backup,
    CrashPoint,
    ErrorCode,
    EventEnvelope,
    JobRequest,
    JobView,
    Owner,
    Provenance,
    RecipeLimits,
    RecipeName,
    Refusal,
    StyleList,
    StyleSheet,
    Wish,
    reach,
    shown,
)
from engine.service import collages, intake
from engine.service.answers import bad_request, to_json
from engine.service.auditions import Auditions
from engine.service.backups import Backups
from engine.service.collages import Collages
from engine.service.connection import unless_left
from engine.service.dispatcher import Dispatcher
from engine.service.event_stream import EventStream
from engine.service.file_answer import send_bytes, send_file
from engine.service.jobs import Jobs
from engine.service.metrics import Metrics
from engine.service.renditions import Picture, Renditions
from engine.service.uploads import Body, Piece, Uploads
from engine.storage.jobs import JobRecord
from engine.styles import catalogue

KEEP_ALIVE_SECONDS = 25.0  # proxies cut what is silent for a minute
KEY_LENGTH = 200
JOB = "/v1/jobs/{id:[0-9a-f]{32}}"
NUMBER = r"{n:\d{1,9}}"

METRICS = web.AppKey("metrics", Metrics)
JOBS = web.AppKey("jobs", Jobs)
AUDITIONS = web.AppKey("auditions", Auditions)
BACKUPS = web.AppKey("backups", Backups)
STATISTICS = web.AppKey("statistics", StatisticsCache)
COLLAGES = web.AppKey("collages", Collages)
RENDITIONS = web.AppKey("renditions", Renditions)
DISPATCHER = web.AppKey("dispatcher", Dispatcher)
LIMITS = web.AppKey("limits", dict[RecipeName, RecipeLimits])
UPLOADS = web.AppKey("uploads", Uploads)
DECODING = web.AppKey("decoding", asyncio.Semaphore)  # held while pictures of a request are in memory
TURNS: web.AppKey[WeakValueDictionary[str, asyncio.Lock]] = web.AppKey(
    "turns"
)  # by key, of whoever sends the same

_PLACES = "places"  # in the query of a collage: how many
_JOB_NAME = "job"  # in the query of a sheet, once for each picture
_STYLE_NAME, _FIRST = (
    "style",
    "first",
)  # in that of a sheet of styles: once for each, and the first one's number
_SIZES = ("max_bytes", "max_side")  # what may be asked of a picture that is for no purpose
_UNSTORED: dict[str, str] = {hdrs.CACHE_CONTROL: "no-store"}  # of members' pictures

routes = web.RouteTableDef()


async def _expect(request: web.Request) -> None:
    """Let a body come only when it is read: what its head tells may be reason enough to refuse it."""
    if request.headers.get(hdrs.EXPECT, "").lower() != "100-continue":
        raise web.HTTPExpectationFailed


# --- jobs -------------------------------------------------------------------------------------------------


@routes.post("/v1/jobs", expect_handler=_expect)
async def submit(request: web.Request) -> web.Response:
    """Take a job in; the same key with the same contents is the same job.

    What its head tells is looked at before its body is read, and the work ends if nobody waits for it any more: a client
    that has left sends the same key again.
    """
    jobs, key = request.app[JOBS], _key(request)
    known = await jobs.knows(key)
    if not known:
        _speed(request.app)
        jobs.check_caps(_announced_owner(request))

    def check(wish: JobRequest) -> None:
        if not known:
            jobs.check_caps(wish.owner)

    async with request.app[UPLOADS].open(request, "request", MAX_BODY_BYTES) as body:
        upload = await intake.receive(request, body, check)
        reach(CrashPoint.UPLOAD_ARRIVED)
        turns = request.app[TURNS]
        async with turns.setdefault(
            key, asyncio.Lock()
        ):  # a copy that comes meanwhile finds the job, and decodes nothing
            find = jobs.earlier if known else jobs.arrived
            if view := await find(key, upload.digest):
                return _accepted(view)
            record, files = await unless_left(request, _prepare(request.app, upload, key))
            return _accepted(await jobs.admit(record, files))


async def _prepare(
    app: web.Application, upload: intake.Upload, key: str
) -> tuple[JobRecord, dict[str, bytes]]:
    """What is to be admitted, once it is its turn."""
    async with app[DECODING]:
        app[JOBS].check_caps(upload.request.owner)
        memory, beginning = app[DISPATCHER].memory, app[AUDITIONS].beginning
        return await intake.prepare(upload, key, _speed(app), memory, app[LIMITS], beginning)


def _key(request: web.Request) -> str:
    key = request.headers.get("Idempotency-Key") or uuid.uuid4().hex
    if len(key) > KEY_LENGTH:
        raise bad_request(f"its key is longer than {KEY_LENGTH} characters")
    if not (key.isascii() and key.isprintable()):
        raise bad_request("its key has other characters than printable ones of ASCII")
    return key


def _announced_owner(request: web.Request) -> Owner | None:
    """Whose job it will be, if the head tells; the request itself is what counts."""
    group, user = request.headers.get(GROUP_HEADER), request.headers.get(USER_HEADER)
    return None if group is None or user is None else Owner.model_construct(group=group, user=user)


def _accepted(view: JobView) -> web.Response:
    return to_json(view, 202, {hdrs.LOCATION: f"/v1/jobs/{view.id}"})


@routes.get(JOB)
async def view(request: web.Request) -> web.Response:
    """Tell how a job stands."""
    return to_json(await request.app[JOBS].view(request.match_info["id"]))


@routes.post(f"{JOB}/cancel")
async def cancel(request: web.Request) -> web.Response:
    """Stop and drop."""
    return to_json(await request.app[JOBS].cancel(request.match_info["id"]))


@routes.delete(JOB)
async def delete(request: web.Request) -> web.Response:
    """Stop, drop and forget: nothing of it is kept."""
    await request.app[JOBS].delete(request.match_info["id"])
    return web.Response(status=204)


@routes.delete("/v1/jobs")
async def delete_sent(request: web.Request) -> web.Response:
    """The same of what was sent with a key, for whoever does not know its id, or whether it has arrived."""
    if "Idempotency-Key" not in request.headers:
        raise bad_request("it does not say by an Idempotency-Key what shall be deleted")
    await request.app[JOBS].delete_sent(_key(request))
    return web.Response(status=204)


@routes.post(f"{JOB}/finish")
async def finish(request: web.Request) -> web.Response:
    """Stop and keep what there is."""
    return to_json(await request.app[JOBS].finish(request.match_info["id"]))


@routes.get(f"{JOB}/previews/{NUMBER}")
async def preview(request: web.Request) -> web.Response:
    """Send a recent preview."""
    body = request.app[JOBS].preview(request.match_info["id"], int(request.match_info["n"]))
    return web.Response(body=body, content_type="image/jpeg")


@routes.get(f"{JOB}/result")
async def result(request: web.Request) -> web.StreamResponse:
    """Send the painting."""
    return await _send(request, request.app[RENDITIONS].result(request.match_info["id"], _wish(request)))


@routes.get(f"{JOB}/timelapse")
async def timelapse(request: web.Request) -> web.StreamResponse:
    """Send how it was painted."""
    making = request.app[RENDITIONS].timelapse(request.match_info["id"], _wish(request, _SIZES))
    return await _send(request, making)


@routes.get(f"{JOB}/comparison")
async def comparison(request: web.Request) -> web.StreamResponse:
    """Send before and after in one picture."""
    making = request.app[RENDITIONS].comparison(request.match_info["id"], _wish(request, _SIZES))
    return await _send(request, making)


@routes.get(f"{JOB}/moments")
async def snapshots(request: web.Request) -> web.StreamResponse:
    """Send all snapshots in one picture."""
    making = request.app[RENDITIONS].snapshots(request.match_info["id"], _wish(request, _SIZES))
    return await _send(request, making)


@routes.get("/v1/sheet")
async def sheet(request: web.Request) -> web.StreamResponse:
    """Send the results of several jobs in one picture."""
    jobs = request.query.getall(_JOB_NAME, [])
    if not 1 <= len(jobs) <= MAX_SHEET:
        raise bad_request(f"there are {len(jobs)} jobs to be shown, and may be 1 to {MAX_SHEET}")
    making = request.app[RENDITIONS].results(jobs, _wish(request, _SIZES, _JOB_NAME))
    return await _send(request, making)


@routes.post("/v1/collage", expect_handler=_expect)
async def collage(request: web.Request) -> web.StreamResponse:
    """Send the pictures of a body back as one picture."""
    places = collages.places_of(request, _PLACES)
    wish = _wish(request, _SIZES, _PLACES)
    async with request.app[UPLOADS].open(request, "request", MAX_BODY_BYTES) as body:
        pieces = await collages.receive(request, body, places)
        return await _send(request, request.app[COLLAGES].draw(body, pieces, places, wish))


@routes.get(f"{JOB}/moments/{NUMBER}")
async def snapshot(request: web.Request) -> web.StreamResponse:
    """Send what was painted at one snapshot."""
    job, number = request.match_info["id"], int(request.match_info["n"])
    return await _send(request, request.app[RENDITIONS].snapshot(job, number, _wish(request)))


def _wish(request: web.Request, names: Collection[str] = Wish.model_fields, *others: str) -> Wish:
    """What is asked of a picture, by some of the names that there are for it; `others` name something else."""
    asked = {name: value for name, value in request.query.items() if name not in others}
    for name in asked:
        if name not in names or len(request.query.getall(name)) > 1:
            raise bad_request(f"{shown(name)} cannot be asked of this picture, or not twice")
    try:
        return Wish.model_validate(asked)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        raise bad_request(f"{problem['loc'][0]}: {problem['msg']}") from None


async def _send(
    request: web.Request, making: Coroutine[Any, Any, Picture], kept: Mapping[str, str] = _UNSTORED
) -> web.StreamResponse:
    """Send a picture, which is not made if nobody waits for it any more; kept: what is said of keeping it."""
    picture = await unless_left(request, making)
    headers = {**kept, RENDITION_HEADER: picture.about.model_dump_json()}
    if isinstance(picture.source, Path):
        return await send_file(request, picture.source, headers)
    return await send_bytes(request, picture.source, headers)


@routes.get(f"{JOB}/events", allow_head=False)
async def events(request: web.Request) -> web.StreamResponse:
    """Stream a job's events until its end, from after Last-Event-ID."""
    stream = await request.app[JOBS].events(request.match_info["id"])
    last = request.headers.get("Last-Event-ID", "")
    # What is no id of ours tells nothing, and so all is told.
    after = int(last) if re.fullmatch(r"\d{1,18}", last, re.ASCII) else 0
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )
    await response.prepare(request)
    try:
        async for text in _stream(stream, stream.known(after)):
            await response.write(text.encode())
    except ConnectionError:
        pass  # the reader left, and comes back if it wants more
    return response


async def _stream(stream: EventStream, last: int) -> AsyncIterator[str]:
    while True:
        try:
            # No task each time, as by `wait_for`: thousands read.
            async with asyncio.timeout(KEEP_ALIVE_SECONDS):
                envelope = await stream.after(last)
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


@routes.get("/v1/queue")
async def queue(request: web.Request) -> web.Response:
    """Tell whether one more job would be taken in, before anybody fetches pictures for it."""
    return to_json(request.app[JOBS].left(_announced_owner(request)))


# --- recipes ----------------------------------------------------------------------------------------------


@routes.post("/v1/recipe", expect_handler=_expect)
async def recipe(request: web.Request) -> web.Response:
    """Tell how a picture that is sent back was painted."""
    async with request.app[UPLOADS].open(request, "previous", MAX_RESULT_BYTES) as body:
        image = await intake.receive_image(body)
        return to_json(await unless_left(request, _read_recipe(request.app, body, image)))


async def _read_recipe(app: web.Application, body: Body, image: Piece) -> Provenance:
    async with app[DECODING]:
        return await sandbox.read_provenance(await body.read(image))


# --- styles -----------------------------------------------------------------------------------------------


@routes.get("/v1/styles")
async def styles(request: web.Request) -> web.Response:
    """Tell which styles are bundled, how far the recipes go, and how long they take."""
    limits, dispatcher = request.app[LIMITS], request.app[DISPATCHER]
    usual = usual_seconds(limits, dispatcher.speed, dispatcher.memory) if dispatcher.speed is not None else {}
    return to_json(StyleList(styles=catalogue.cards(), recipes=limits, seconds=usual))


@routes.get("/v1/styles/sheet")
async def styles_sheet(request: web.Request) -> web.StreamResponse:
    """Send several bundled studies in one picture."""
    names = request.query.getall(_STYLE_NAME, [])
    if not 1 <= len(names) <= MAX_SHEET:
        raise bad_request(f"there are {len(names)} styles to be shown, and may be 1 to {MAX_SHEET}")
    first = request.query.get(_FIRST, "1")
    if not re.fullmatch(r"[1-9]\d{0,3}", first, re.ASCII):
        raise bad_request(f"{_FIRST} is no number from 1 to 9999")
    wish = _wish(request, _SIZES, _STYLE_NAME, _FIRST)
    return await _send(request, _found(request.app[RENDITIONS].studies(names, int(first), wish)), {})


@routes.post("/v1/styles/sheet", expect_handler=_expect)
async def sent_styles_sheet(request: web.Request) -> web.StreamResponse:
    """Send several styles in one picture, some of which are sent along."""
    wish = _wish(request, _SIZES)
    async with request.app[UPLOADS].open(request, "style", MAX_SHEET_BYTES) as body:
        sent = await intake.receive_image(body)
        sheet = intake.parse_sheet(await body.read(sent))
        return await _send(request, _found(_drawn(request.app, sheet, wish)))


async def _drawn(app: web.Application, sheet: StyleSheet, wish: Wish) -> Picture:
    async with app[DECODING]:
        return await app[RENDITIONS].sheet_of(sheet, wish)


@routes.post("/v1/styles/image", expect_handler=_expect)
async def sent_style(request: web.Request) -> web.StreamResponse:
    """Send a style image back as a picture of ours."""
    wish = _wish(request, _SIZES)
    async with request.app[UPLOADS].open(request, "style", MAX_IMAGE_BYTES) as body:
        image = await intake.receive_image(body)
        return await _send(request, _redrawn(request.app, body, image, wish))


async def _redrawn(app: web.Application, body: Body, image: Piece, wish: Wish) -> Picture:
    async with app[DECODING]:
        return await app[RENDITIONS].redrawn(await body.read(image), wish)


@routes.delete("/v1/styles/measured/{source:sha256:[0-9a-f]{64}}")
async def forget_measured(request: web.Request) -> web.Response:
    """Forget what was measured of a style image."""
    await asyncio.to_thread(request.app[STATISTICS].forget, request.match_info["source"])
    return web.Response(status=204)


@routes.get("/v1/styles/{name:[a-z0-9_]{1,64}}/image")
async def style_image(request: web.Request) -> web.StreamResponse:
    """Send a bundled study."""
    making = request.app[RENDITIONS].study(request.match_info["name"], _wish(request))
    return await _send(request, _found(making), {})


async def _found(making: Coroutine[Any, Any, Picture]) -> Picture:
    """What is made of bundled studies, as a page of its own: an unknown name is one that is not there."""
    try:
        return await making
    except Refusal as refusal:
        if refusal.code is ErrorCode.UNKNOWN_STYLE:
            raise Refusal(ErrorCode.NOT_FOUND) from None
        raise


# --- operation --------------------------------------------------------------------------------------------


@routes.get("/healthz")
async def healthz(request: web.Request) -> web.Response:
    """Answer, which is all that is asked, and say whether an operator holds jobs up."""
    return web.json_response({"status": "ok", "flow": request.app[JOBS].flow.flow})


@routes.get("/readyz")
async def readyz(request: web.Request) -> web.Response:
    """Say whether jobs are taken in and somebody paints.

    While the last worker is being brought back, jobs are taken in all the same. An engine that is paused or drained is ready
    too: its results are fetched from it.
    """
    request.app[JOBS].check_store()
    if not request.app[DISPATCHER].is_ready:
        raise Refusal(ErrorCode.NOT_READY)
    return web.json_response({"status": "ready", "flow": request.app[JOBS].flow.flow})


@routes.post("/v1/backup")
async def backup(request: web.Request) -> web.Response:
    """Make a copy of all that is kept, for whoever can read the data directory."""
    return to_json(Backup(folder=str(await request.app[BACKUPS].make())))


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
