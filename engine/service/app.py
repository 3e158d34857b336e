"""The engine over HTTP: what surrounds every request, and the one place that opens everything and closes it
in reverse.

Rule: every answer that is not 2xx is an ErrorBody. The loop never blocks: pictures are decoded and painted in
other processes, and files are written in threads.
"""

import asyncio
import hmac
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import NoReturn

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import SecretStr

import engine.log
from engine.protocol import MAX_BODY_BYTES, ErrorCode, Refusal
from engine.service import retention
from engine.service.config import EngineConfig, is_loopback
from engine.service.dispatcher import Dispatcher
from engine.service.jobs import Jobs
from engine.service.metrics import Metrics
from engine.service.paintings import Paintings
from engine.service.routes import DISPATCHER, JOBS, METRICS, PAINTINGS, UPLOADS, routes, to_json
from engine.storage.jobs import JobStore, StoreError, open_store
from engine.words import body_of, sentence
from engine.workers.ipc import Equipment
from engine.workers.subprocess import LocalWorker

log = structlog.get_logger()

EXPIRY_SECONDS = 600.0
EXPIRIES_PER_SWEEP = 6
ROOM_SECONDS = 5.0
SHUTDOWN_SECONDS = 5.0
PARALLEL_UPLOADS = 3  # of MAX_BODY_BYTES in memory each: two are decoded at once, one comes in meanwhile
OPEN_PATHS = ("/healthz", "/readyz", "/metrics")

CONFIG = web.AppKey("config", EngineConfig)
STORE = web.AppKey("store", JobStore)


class AddressError(Exception):
    """The engine cannot listen where it should; its text is one sentence for the operator."""


# --- around every request ---------------------------------------------------------------------------------


@web.middleware
async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Time the answer, by the route's pattern."""
    started = time.perf_counter()
    response = await handler(request)
    resource = request.match_info.route.resource
    method, route = (request.method, resource.canonical) if resource else ("other", "none")
    labels = request.app[METRICS].requests.labels(method, route, response.status)
    labels.observe(time.perf_counter() - started)
    return response


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn everything that goes wrong into an ErrorBody."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return _error(refusal)
    except web.HTTPNotFound:
        return _error(Refusal(ErrorCode.NOT_FOUND))
    except web.HTTPException as error:
        return _error(Refusal(ErrorCode.BAD_REQUEST, detail=error.reason.lower()), error.status)
    except ConnectionError:
        raise  # nobody is left to answer
    except Exception:
        log.exception("a request failed", method=request.method, path=request.path)
        return _error(Refusal(ErrorCode.INTERNAL))


@web.middleware
async def authorise(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Ask for the token, if one is set, in a time that does not tell how much of it was right."""
    if request.path not in OPEN_PATHS and not _may(request, request.app[CONFIG].token):
        raise Refusal(ErrorCode.BAD_TOKEN)
    return await handler(request)


def _may(request: web.Request, token: SecretStr | None) -> bool:
    if token is None:
        # Loopback is open to this machine's programs, but a web page in its browser is a stranger.
        host, origin = request.url.host or "", request.headers.get("Origin")
        return is_loopback(host) and origin in (None, str(request.url.origin()))
    expected = f"Bearer {token.get_secret_value()}".encode()
    given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
    return hmac.compare_digest(given, expected)


def _error(refusal: Refusal, status: int | None = None) -> web.Response:
    return to_json(body_of(refusal), status or refusal.status)


# --- lifetimes --------------------------------------------------------------------------------------------


async def _storage(app: web.Application) -> AsyncIterator[None]:
    app[STORE] = store = await open_store(app[CONFIG].data_dir)
    app[METRICS].storage_full.set_function(lambda: float(store.room.is_full))
    app[PAINTINGS] = Paintings(store)
    yield
    await store.close()


async def _painting(app: web.Application) -> AsyncIterator[None]:
    config, store = app[CONFIG], app[STORE]
    app[JOBS] = jobs = Jobs(store, config, app[METRICS])
    await jobs.restore()
    await asyncio.to_thread(store.files.remove_unfinished)
    await retention.sweep(store)
    workers = [LocalWorker(_equipment(config, device)) for device in config.devices]
    app[DISPATCHER] = dispatcher = Dispatcher(workers, jobs, store.files, app[METRICS])
    dispatcher.start()
    yield
    try:
        await jobs.drain()
    finally:
        await dispatcher.close()


def _equipment(config: EngineConfig, device: str) -> Equipment:
    return Equipment(
        weights=config.weights,
        device=device,
        precision=config.fixed_precision,
        speeds=str(config.data_dir / "speed"),
        statistics=str(config.data_dir / "statistics"),
        statistics_bytes=config.statistics_mb * 2**20,
        batch=config.fixed_batch,
    )


async def _expiry(app: web.Application) -> AsyncIterator[None]:
    tasks = [
        asyncio.create_task(_expire(app[STORE], app[JOBS], app[CONFIG].keep_hours), name="expiry"),
        asyncio.create_task(_watch_room(app[STORE], app[CONFIG].keep_hours), name="room"),
    ]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _watch_room(store: JobStore, keep_hours: float) -> NoReturn:
    """Look how full the disk is; when it has become full, remove what is old at once."""
    was_full = False
    while True:
        try:
            is_full = await asyncio.to_thread(store.room.look)
            if is_full and not was_full:
                await retention.expire(store, keep_hours)
            was_full = is_full
        except Exception:
            log.exception("the room on the disk cannot be looked after")
        await asyncio.sleep(ROOM_SECONDS)


async def _expire(store: JobStore, jobs: Jobs, keep_hours: float) -> NoReturn:
    while True:
        for _ in range(EXPIRIES_PER_SWEEP):
            try:
                await retention.expire(store, keep_hours)
            except Exception:
                log.exception("old jobs could not be removed")
            await asyncio.sleep(EXPIRY_SECONDS)
        try:
            await retention.sweep(store, jobs.is_in_use)
        except Exception:
            log.exception("left over files could not be removed")


async def _dismiss_readers(app: web.Application) -> None:
    app[JOBS].dismiss_readers()


def make_app(config: EngineConfig) -> web.Application:
    """Wire everything together; starting the application opens it. Starting raises StoreError."""
    app = web.Application(
        middlewares=[measure, answer_errors, authorise],
        client_max_size=MAX_BODY_BYTES,
    )
    app[CONFIG], app[METRICS] = config, Metrics()
    app[UPLOADS] = asyncio.Semaphore(PARALLEL_UPLOADS)
    app.add_routes(routes)
    app.cleanup_ctx.extend([_storage, _painting, _expiry])
    app.on_shutdown.append(_dismiss_readers)
    return app


async def run(config: EngineConfig) -> None:
    """Serve until SIGTERM or SIGINT. Raises StoreError and AddressError."""
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    runner = web.AppRunner(make_app(config), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    try:
        if await _is_set_up(runner, over):
            await _listen(runner, config)
            log.info("listening", address=str(runner.addresses[0]), port=runner.addresses[0][1])
            await over.wait()
        log.info("stopping")
    finally:
        await runner.cleanup()


async def _is_set_up(runner: web.AppRunner, over: asyncio.Event) -> bool:
    """Set it up, which may have to wait for room on the disk; False if it is over before that."""
    setting_up, ending = asyncio.create_task(runner.setup()), asyncio.create_task(over.wait())
    await asyncio.wait((setting_up, ending), return_when=asyncio.FIRST_COMPLETED)
    is_set_up = setting_up.done()
    (ending if is_set_up else setting_up).cancel()
    await asyncio.gather(ending, return_exceptions=True)
    with suppress(asyncio.CancelledError):
        await setting_up
    return is_set_up


async def _listen(runner: web.AppRunner, config: EngineConfig) -> None:
    try:
        await web.TCPSite(runner, config.host, config.port).start()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise AddressError(f"The engine cannot listen on {config.host}:{config.port}: {reason}.") from error


def serve(config: EngineConfig) -> None:
    """Run the engine in this process. A reason not to start is one sentence on standard error and exit 1."""
    engine.log.set_up()
    try:
        asyncio.run(run(config))
    except Refusal as refusal:
        sys.exit(sentence(refusal))
    except (StoreError, AddressError) as error:
        sys.exit(str(error))
