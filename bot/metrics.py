"""What Prometheus may ask the bot about, and where: an address of this machine, and none unless it is configured.

Names and units are Prometheus' own conventions. Rule: labels are a handful of fixed words, never an id, a name or an address;
all of them are there from the start, at 0. One registry a process, as there is one bot in it.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from types import SimpleNamespace

import aiohttp
import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bot.config import MetricsConfig
from engine.protocol import ErrorCode

log = structlog.get_logger(__name__)

REGISTRY = CollectorRegistry()
_REQUEST_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_TICKET_SECONDS = (5.0, 10.0, 20.0, 40.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0)
ENDS = ("delivered", "closed")  # of tickets: with a picture, or without
STATUSES = ("2xx", "3xx", "4xx", "429", "5xx", "none")  # of answers; none: there was no answer

TICKETS_OPEN = Gauge("atelier_bot_tickets_open", "Tickets that are followed now.", registry=REGISTRY)
TICKETS_ENDED = Counter(
    "atelier_bot_tickets_ended",
    "Tickets that are over: delivered, or closed without a picture.",
    ["end"],
    registry=REGISTRY,
)
TICKET_SECONDS = Histogram(
    "atelier_bot_ticket_seconds",
    "Seconds from when a picture was asked for until it was there.",
    buckets=_TICKET_SECONDS,
    registry=REGISTRY,
)
REFUSED = Counter(
    "atelier_bot_engine_refusals",
    "Tickets that the engine could not paint, by its error's code.",
    ["code"],
    registry=REGISTRY,
)
DISCORD = Counter(
    "atelier_bot_discord_requests",
    "Requests to Discord's API, by what they do and how they were answered; 429 by itself.",
    ["kind", "status"],
    registry=REGISTRY,
)
DISCORD_SECONDS = Histogram(
    "atelier_bot_discord_request_seconds",
    "Seconds until Discord's API answered.",
    buckets=_REQUEST_SECONDS,
    registry=REGISTRY,
)
ENGINE = Counter(
    "atelier_bot_engine_requests",
    "Requests to the engine, by how they were answered.",
    ["status"],
    registry=REGISTRY,
)
ENGINE_SECONDS = Histogram(
    "atelier_bot_engine_request_seconds",
    "Seconds until the engine answered.",
    buckets=_REQUEST_SECONDS,
    registry=REGISTRY,
)

# What a request to Discord does, by its method and address; the first that fits.
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("edit", re.compile(r"PATCH .*/messages/")),
    ("delete", re.compile(r"DELETE .*/messages/\d+$|POST .*/messages/bulk-delete")),
    ("react", re.compile(r"\w+ .*/reactions/")),
    ("answer", re.compile(r"POST .*/interactions/")),
    ("send", re.compile(r"POST .*/messages$|POST .*/webhooks/")),
    ("read", re.compile(r"GET ")),
)
_OTHER = "other"
KINDS = (*(kind for kind, _ in _KINDS), _OTHER)

for _kind in KINDS:
    for _status in STATUSES:
        DISCORD.labels(_kind, _status)
for _status in STATUSES:
    ENGINE.labels(_status)
for _end in ENDS:
    TICKETS_ENDED.labels(_end)
for _code in ErrorCode:
    REFUSED.labels(_code)


def count_end(end: str, seconds: float) -> None:
    """Count a ticket that is over, so many seconds after it was asked for."""
    if end in ENDS:
        TICKETS_ENDED.labels(end).inc()
    if end == ENDS[0]:
        TICKET_SECONDS.observe(seconds)


def kind_of(method: str, path: str) -> str:
    """What a request to Discord's API does."""
    return next((kind for kind, pattern in _KINDS if pattern.match(f"{method} {path}")), _OTHER)


def status_of(status: int) -> str:
    """The class of an answer's status."""
    return "429" if status == web.HTTPTooManyRequests.status_code else f"{status // 100}xx"


def discord_trace() -> aiohttp.TraceConfig:
    """Counts the requests of the session that it is given to, which are to Discord."""

    def count(method: str, path: str, status: str, seconds: float) -> None:
        DISCORD.labels(kind_of(method, path), status).inc()
        DISCORD_SECONDS.observe(seconds)

    return _trace(count)


def engine_trace() -> aiohttp.TraceConfig:
    """The same of a session to the engine."""

    def count(_method: str, _path: str, status: str, seconds: float) -> None:
        ENGINE.labels(status).inc()
        ENGINE_SECONDS.observe(seconds)

    return _trace(count)


def _trace(count: Callable[[str, str, str, float], None]) -> aiohttp.TraceConfig:
    async def begin(
        _session: aiohttp.ClientSession, trace: SimpleNamespace, _: aiohttp.TraceRequestStartParams
    ) -> None:
        trace.begun = time.perf_counter()

    async def end(
        _session: aiohttp.ClientSession, trace: SimpleNamespace, params: aiohttp.TraceRequestEndParams
    ) -> None:
        seconds = time.perf_counter() - trace.begun
        count(params.method, params.url.path, status_of(params.response.status), seconds)

    async def fail(
        _session: aiohttp.ClientSession, trace: SimpleNamespace, params: aiohttp.TraceRequestExceptionParams
    ) -> None:
        count(params.method, params.url.path, "none", time.perf_counter() - trace.begun)

    config = aiohttp.TraceConfig()
    config.on_request_start.append(begin)
    config.on_request_end.append(end)
    config.on_request_exception.append(fail)
    return config


class Gateway(Collector):
    """Discord's gateway as it is when somebody asks. latencies: seconds by shard, NaN before the first heartbeat."""

    def __init__(self, latencies: Callable[[], Mapping[int, float]]) -> None:
        self._latencies = latencies

    def collect(self) -> Iterable[Metric]:
        """See `Collector`."""
        latency = GaugeMetricFamily(
            "atelier_bot_gateway_latency_seconds",
            "Seconds between a heartbeat and its answer, by shard; NaN while there is none.",
            labels=["shard"],
        )
        for shard, seconds in self._latencies().items():
            latency.add_metric([str(shard)], seconds)
        yield latency


@asynccontextmanager
async def serving_metrics(
    config: MetricsConfig, latencies: Callable[[], Mapping[int, float]]
) -> AsyncIterator[int | None]:
    """Answer `/metrics` for as long as the context lasts, if that is configured; yields the port.

    An address that cannot be had is said, and keeps nobody from painting.
    """
    gateway = Gateway(latencies)
    REGISTRY.register(gateway)
    app = web.Application()
    app.router.add_get("/metrics", _answer)
    runner = web.AppRunner(app, access_log=None)
    try:
        yield await _listen(runner, config) if config.port else None
    finally:
        await runner.cleanup()
        REGISTRY.unregister(gateway)


async def _listen(runner: web.AppRunner, config: MetricsConfig) -> int | None:
    await runner.setup()
    try:
        await web.TCPSite(runner, config.host, config.port).start()
    except OSError as error:
        log.error("metrics cannot be served", host=config.host, port=config.port, why=error.strerror)
        return None
    port = int(runner.addresses[0][1])
    log.info("metrics are served", host=config.host, port=port)
    return port


async def _answer(_request: web.Request) -> web.Response:
    body = await asyncio.to_thread(generate_latest, REGISTRY)
    return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4"})
