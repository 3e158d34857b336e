"""The engine over HTTP: what surrounds every request, and the one place that opens everything and closes it
in reverse.

Rule: every answer that is not 2xx or 3xx is an ErrorBody. The loop never blocks: pictures are decoded and painted in
other processes, and files are written in threads.
"""

import asyncio
import gc
import hmac
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import NoReturn
from weakref import WeakValueDictionary

import structlog
from aiohttp import HttpVersion10, HttpVersion11, web
from aiohttp.typedefs import Handler
from pydantic import SecretStr
from yarl import URL

import engine.log
from engine.images import sandbox
from engine.painting.statistics_cache import StatisticsCache
from engine.planning.memory import available_bytes, resident_bytes
from engine.protocol import (
    BUSY_SECONDS,
    REQUEST_HEADER,
    ErrorCode,
    JobState,
    Refusal,
    asked_as,
    keep_private,
    sound_request_id,
)
from engine.service.answers import bad_request, http_refusal_answer, refusal_answer
from engine.service.auditions import Auditions
from engine.service.backups import Backups
from engine.service.collages import Collages
from engine.service.config import EngineConfig, is_loopback
from engine.service.connection import Connection, most_connections
from engine.service.dispatcher import Dispatcher
from engine.service.jobs import Jobs
from engine.service.metrics import Metrics
from engine.service.operation.history import Counts, Recorder
from engine.service.operation.overview import Overviews
from engine.service.operation.routes import OVERVIEWS, PAGE_PATHS, RECORDER
from engine.service.operation.routes import routes as operation_routes
from engine.service.paintings import Paintings
from engine.service.renditions import Renditions
from engine.service.retention import Retention
from engine.service.routes import (
    AUDITIONS,
    BACKUPS,
    COLLAGES,
    DECODING,
    DISPATCHER,
    JOBS,
    LIMITS,
    METRICS,
    RENDITIONS,
    STATISTICS,
    TURNS,
    UPLOADS,
    routes,
)
from engine.service.staff import staff
from engine.service.uploads import USUAL_LIMITS, UploadLimits, Uploads
from engine.storage.address import noted
from engine.storage.jobs import JobStore, StoreError, open_store
from engine.words import sentence
from engine.workers.interface import Worker
from engine.workers.ipc import Equipment
from engine.workers.subprocess import LocalWorker

log = structlog.get_logger()

EXPIRY_SECONDS = 600.0
ROOM_SECONDS = 5.0
LOOK_SECONDS = 1.0  # between two looks at how many workers paint
SHUTDOWN_SECONDS = 5.0
BACKLOG = 128  # connections that wait to be taken in
PARALLEL_DECODING = 2  # requests whose pictures are in memory
# Python's own, (700, 10, 10), looks through all that thousands of readers are every fifteen seconds, for half a second each.
_GC_THRESHOLD = 10_000, 10, 20
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z.-]+)(:[0-9]{1,5})?")  # a host and its port
OPEN_PATHS = ("/healthz", "/readyz", "/metrics", *PAGE_PATHS)

CONFIG = web.AppKey("config", EngineConfig)
STORE = web.AppKey("store", JobStore)
EMPLOY: web.AppKey[Callable[[Equipment], Worker]] = web.AppKey("employ")  # how a worker is made
UPLOAD_LIMITS = web.AppKey("upload_limits", UploadLimits)
RETENTION = web.AppKey("retention", Retention)


class AddressError(Exception):
    """The engine cannot listen where it should; its text is one sentence for the operator."""


# --- around every request ---------------------------------------------------------------------------------


@web.middleware
async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Time the answer, by the route's pattern."""
    started = time.perf_counter()
    response = await handler(request)
    route = _route(request)
    method = request.method if route else "other"
    labels = request.app[METRICS].requests.labels(method, route or "none", response.status)
    labels.observe(time.perf_counter() - started)
    return response


@web.middleware
async def name_request(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Have all that is logged of a request name the id that it was sent with, and say it in the answer."""
    name = sound_request_id(request.headers.get(REQUEST_HEADER, ""))
    with asked_as(name):
        response = await handler(request)
    if name and not response.prepared:
        response.headers[REQUEST_HEADER] = name
    return response


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn everything that goes wrong into an ErrorBody."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return refusal_answer(refusal)
    except web.HTTPException as error:
        return http_refusal_answer(error)
    except ConnectionError:
        raise  # nobody is left to answer
    except MemoryError:
        log.exception("too little memory for a request", route=_route(request))
        return refusal_answer(Refusal(ErrorCode.BUSY, seconds=BUSY_SECONDS))
    except Exception:
        log.exception("a request failed", route=_route(request))
        return refusal_answer(Refusal(ErrorCode.INTERNAL))


def _route(request: web.Request) -> str | None:
    resource = request.match_info.route.resource
    return resource.canonical if resource else None


@web.middleware
async def check_version(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse another HTTP than that which is spoken here."""
    if request.version not in (HttpVersion10, HttpVersion11):
        raise bad_request("its version of HTTP is neither 1.0 nor 1.1")
    return await handler(request)


@web.middleware
async def authorise(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Ask for the token, if one is set, in a time that does not tell how much of it was right."""
    if request.path not in OPEN_PATHS and not _may(request, request.app[CONFIG].token):
        raise Refusal(ErrorCode.BAD_TOKEN)
    return await handler(request)


def _may(request: web.Request, token: SecretStr | None) -> bool:
    if token is None:
        # Loopback is open to this machine's programs, but a web page in its browser is a stranger.
        return _is_local(request)
    expected = f"Bearer {token.get_secret_value()}".encode()
    given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
    return hmac.compare_digest(given, expected)


def _is_local(request: web.Request) -> bool:
    """Whether it is asked under a name that only this machine has, and by none of another origin."""
    authority = request.headers.get("Host", request.host)
    if not _AUTHORITY.fullmatch(authority):
        return False
    try:
        asked = URL.build(scheme=request.scheme, authority=authority)
        hosts = {asked.host, request.url.host}
        origins = (None, str(asked.origin()))
    except ValueError:  # a host or a port that is none
        return False
    return all(is_loopback(host or "") for host in hosts) and request.headers.get("Origin") in origins


# --- lifetimes --------------------------------------------------------------------------------------------


async def _storage(app: web.Application) -> AsyncIterator[None]:
    app[STORE] = store = await open_store(app[CONFIG].data_dir)
    app[METRICS].storage_full.set_function(lambda: float(store.room.is_full))
    app[RENDITIONS] = Renditions(Paintings(store))
    app[AUDITIONS] = Auditions(store)
    yield
    await store.close()


async def _painting(app: web.Application) -> AsyncIterator[None]:
    config, store = app[CONFIG], app[STORE]
    app[JOBS] = jobs = Jobs(store, config, app[METRICS])
    await jobs.restore()
    app[RETENTION] = Retention(store, config.keep_hours * 3600, config.keep_megabytes * 10**6)
    await app[RETENTION].tidy()
    app[BACKUPS] = Backups(config.data_dir, store, jobs, app[RETENTION])
    async with staff(config, app[EMPLOY]) as workers:
        app[DISPATCHER] = dispatcher = Dispatcher(workers, jobs, store.files, app[METRICS])
        dispatcher.start()
        telling = asyncio.create_task(jobs.keep_telling(), name="telling")
        yield
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
        try:
            await jobs.drain()
        finally:
            await dispatcher.close()


async def _operation(app: web.Application) -> AsyncIterator[None]:
    config, metrics, dispatcher = app[CONFIG], app[METRICS], app[DISPATCHER]
    devices = _devices(config, dispatcher)
    app[OVERVIEWS] = overviews = Overviews(app[JOBS], app[STORE], dispatcher, devices, config.jobs_total)
    app[RECORDER] = recorder = Recorder(partial(_counts, metrics), lambda: overviews.busy_share)
    metrics.watch_workers(overviews.count_workers)
    metrics.watch_memory(available_bytes)
    for device in set(devices):
        workers = [worker for name, worker in zip(devices, dispatcher.workers, strict=True) if name == device]
        metrics.watch_device(device, partial(_held, workers), partial(_own, workers, app[JOBS]))
    looking = asyncio.create_task(_keep_looking(recorder), name="looking")
    yield
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)


async def _keep_looking(recorder: Recorder) -> NoReturn:
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        recorder.look()


def _counts(metrics: Metrics) -> Counts:
    return Counts(
        evaluations=round(metrics.value("atelier_evaluations_total")),
        finished=round(metrics.value("atelier_jobs_ended_total", state=JobState.FINISHED)),
        failed=round(metrics.value("atelier_jobs_ended_total", state=JobState.FAILED)),
        queued=round(metrics.value("atelier_jobs", state=JobState.QUEUED)),
    )


def _devices(config: EngineConfig, dispatcher: Dispatcher) -> tuple[str, ...]:
    """What each worker paints on, as the configuration says; by Ray, which deals devices out, it says no more than that."""
    return config.devices if config.workers == "processes" else (config.workers,) * len(dispatcher.workers)


def _held(workers: Iterable[Worker]) -> int:
    """Bytes of this machine's memory that workers hold, of those that are processes here."""
    pids = [worker.pid for worker in workers if isinstance(worker, LocalWorker)]
    return sum(resident_bytes(process=str(pid)) or 0 for pid in pids if pid is not None)


def _own(workers: Iterable[Worker], jobs: Jobs) -> int | None:
    """Bytes that a device has for paintings by itself; None if it shares this machine's, or is not ready."""
    able = dict(jobs.crew)
    own = [able[worker].memory for worker in workers if worker in able]
    return min((size for size in own if size is not None), default=None)


async def _expiry(app: web.Application) -> AsyncIterator[None]:
    tasks = [
        asyncio.create_task(_expire(app[RETENTION]), name="expiry"),
        asyncio.create_task(_watch_room(app[STORE], app[RETENTION]), name="room"),
    ]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _watch_room(store: JobStore, retention: Retention) -> NoReturn:
    """Look how full the disk is; when it has become full, or was at the start, remove what is old at once."""
    was_full = False
    while True:
        try:
            is_full = await asyncio.to_thread(store.room.look)
            if is_full and not was_full:
                await retention.make_room()
            was_full = is_full
        except Exception:
            log.exception("the room on the disk cannot be looked after")
        await asyncio.sleep(ROOM_SECONDS)


async def _expire(retention: Retention) -> NoReturn:
    while True:
        try:
            await retention.look()
        except Exception:
            log.exception("old jobs could not be removed")
        await asyncio.sleep(EXPIRY_SECONDS)


async def _dismiss_readers(app: web.Application) -> None:
    app[JOBS].dismiss_readers()
    app[OVERVIEWS].dismiss_readers()


async def _uploads(app: web.Application) -> AsyncIterator[None]:
    app[UPLOADS] = await asyncio.to_thread(Uploads, app[CONFIG].data_dir / "uploads", app[UPLOAD_LIMITS])
    app[METRICS].watch(app[UPLOADS].load)
    app[DECODING] = asyncio.Semaphore(PARALLEL_DECODING)
    app[TURNS] = WeakValueDictionary()
    app[COLLAGES] = Collages(app[DECODING])
    yield


def make_app(
    config: EngineConfig,
    employ: Callable[[Equipment], Worker] = LocalWorker,
    limits: UploadLimits = USUAL_LIMITS,
) -> web.Application:
    """Wire everything together; starting the application opens it. Starting raises StoreError."""
    app = web.Application(middlewares=[name_request, measure, answer_errors, check_version, authorise])
    app[CONFIG], app[METRICS], app[EMPLOY], app[UPLOAD_LIMITS] = config, Metrics(), employ, limits
    app[LIMITS] = config.recipes
    app[STATISTICS] = StatisticsCache(config.data_dir / "statistics", config.statistics_mb * 2**20)
    app.add_routes(routes)
    app.add_routes(operation_routes)
    app.cleanup_ctx.extend([_storage, _uploads, _painting, _operation, _expiry])
    app.on_shutdown.append(_dismiss_readers)
    return app


@asynccontextmanager
async def listening(
    app: web.Application, host: str, port: int, jobs: int = 0
) -> AsyncIterator[tuple[str, int]]:
    """Serve an application, opened and closed with it; yields where. Raises AddressError.

    jobs: how many may be open, each with somebody who follows it.
    """
    runner = web.AppRunner(app, shutdown_timeout=SHUTDOWN_SECONDS)
    try:
        await runner.setup()
        server = runner.server
        if server is None:
            raise RuntimeError("a runner that is set up has no server")
        most = most_connections(jobs)
        listener = await _listen(lambda: Connection(server, most=most), host, port)
        try:
            yield listener.sockets[0].getsockname()[:2]
        finally:
            listener.close()
    finally:
        await runner.cleanup()


async def _listen(connect: Callable[[], Connection], host: str, port: int) -> asyncio.Server:
    try:
        return await asyncio.get_running_loop().create_server(connect, host, port, backlog=BACKLOG)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise AddressError(f"The engine cannot listen on {host}:{port}: {reason}.") from error


async def run(config: EngineConfig) -> None:
    """Serve until SIGTERM or SIGINT. Raises StoreError and AddressError."""
    is_up, over = asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(_serve(config, is_up, over), name="serving")

    def end() -> None:
        over.set()
        if not is_up.is_set():  # it may be waiting for room on the disk
            serving.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    with suppress(asyncio.CancelledError):
        await serving


async def _serve(config: EngineConfig, is_up: asyncio.Event, over: asyncio.Event) -> None:
    async with listening(make_app(config), config.host, config.port, config.jobs_total) as (address, port):
        is_up.set()
        log.info("listening", address=address, port=port)
        looking = asyncio.create_task(tell_of_sandbox(), name="sandbox")
        async with _noted_address(config.data_dir, f"http://{_reachable(address)}:{port}"):
            await over.wait()
        log.info("stopping")
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


async def tell_of_sandbox() -> None:
    """Log in one line what keeps a stranger's file from this machine, and what of it this system does not have."""
    try:
        found = await sandbox.probe()
    except Refusal as refusal:
        log.error("image decoder does not start", why=sentence(refusal))
        return
    if found.head.escapes:
        log.error("image decoder not confined", reaches=found.head.escapes, lacks=sorted(found.missing))
    elif found.missing:
        log.warning("image decoder confined in part", lacks=sorted(found.missing))
    else:
        log.info("image decoder confined")


@asynccontextmanager
async def _noted_address(data_dir: Path, url: str) -> AsyncIterator[None]:
    """Say in the data directory meanwhile where its engine can be asked."""
    note = noted(data_dir, url)
    try:
        await asyncio.to_thread(note.__enter__)
    except OSError as error:
        log.warning("no backup can be asked for: the address cannot be noted", why=error.strerror)
        yield
        return
    try:
        yield
    finally:
        await asyncio.to_thread(note.__exit__, None, None, None)


def _reachable(address: str) -> str:
    """Where this machine reaches what listens at an address."""
    host = ip_address(address)
    if host.is_unspecified:
        host = ip_address("127.0.0.1" if host.version == 4 else "::1")
    return f"[{host}]" if host.version == 6 else str(host)


def serve(config: EngineConfig) -> None:
    """Run the engine in this process. A reason not to start is one sentence on standard error and exit 1."""
    engine.log.set_up(config.token.get_secret_value() if config.token else None)
    keep_private()
    gc.set_threshold(*_GC_THRESHOLD)
    try:
        asyncio.run(run(config))
    except Refusal as refusal:
        sys.exit(sentence(refusal))
    except (StoreError, AddressError) as error:
        sys.exit(str(error))
