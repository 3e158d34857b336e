"""What Prometheus is told of the bot."""

import math
import socket

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from bot import metrics
from bot.config import MetricsConfig
from engine.protocol import ErrorCode, Failed, Problem
from tests.bot.world import World


def value(name: str, **labels: str) -> float:
    found = metrics.REGISTRY.get_sample_value(name, labels)
    assert found is not None, name
    return found


async def test_tickets_are_counted_to_their_ends(world: World) -> None:
    names = ("atelier_bot_tickets_ended_total", "atelier_bot_engine_refusals_total")
    delivered, closed = (value(names[0], end=end) for end in metrics.ENDS)
    refused = value(names[1], code="out_of_memory")
    timed = value("atelier_bot_ticket_seconds_count")
    asked = value("atelier_bot_engine_requests_total", status="2xx")
    await world.result()
    assert value("atelier_bot_tickets_open") == 0
    await world.stylize()
    assert value("atelier_bot_tickets_open") == 1
    await world.tell(Failed(error=Problem(code=ErrorCode.OUT_OF_MEMORY)), 1)
    await world.until(lambda: value("atelier_bot_tickets_open") == 0)
    assert value(names[0], end="delivered") == delivered + 1
    assert value(names[0], end="closed") == closed + 1
    assert value(names[1], code="out_of_memory") == refused + 1
    assert value("atelier_bot_ticket_seconds_count") == timed + 1
    assert value("atelier_bot_engine_requests_total", status="2xx") > asked


async def test_requests_to_discord_are_told_apart_and_have_no_ids() -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=429 if "slow" in request.path else 200)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    name = "atelier_bot_discord_requests_total"
    cases = [
        ("PATCH", "/api/v10/channels/1/messages/2", "edit", "2xx"),
        ("PATCH", "/api/v10/webhooks/1/slow/messages/@original", "edit", "429"),
        ("POST", "/api/v10/channels/1/messages", "send", "2xx"),
        ("POST", "/api/v10/interactions/1/token/callback", "answer", "2xx"),
        ("DELETE", "/api/v10/channels/1/messages/2", "delete", "2xx"),
        ("PUT", "/api/v10/channels/1/messages/2/reactions/x/@me", "react", "2xx"),
        ("GET", "/api/v10/gateway/bot", "read", "2xx"),
        ("PUT", "/api/v10/applications/1/commands", "other", "2xx"),
    ]
    trace = metrics.discord_trace()
    async with TestServer(app) as server, aiohttp.ClientSession(trace_configs=[trace]) as session:
        gone = server.make_url("/")
        for method, path, kind, status in cases:
            before = value(name, kind=kind, status=status)
            async with session.request(method, server.make_url(path)):
                pass
            assert value(name, kind=kind, status=status) == before + 1, path
    before = value(name, kind="read", status="none")
    async with aiohttp.ClientSession(trace_configs=[trace]) as session:
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(gone)
    assert value(name, kind="read", status="none") == before + 1


async def test_they_are_served_where_it_is_configured_and_nowhere_else() -> None:
    async with metrics.serving_metrics(MetricsConfig(), dict) as port:
        assert port is None
    with socket.create_server(("127.0.0.1", 0)) as taken, capture_logs() as logs:
        config = MetricsConfig(port=taken.getsockname()[1])
        async with metrics.serving_metrics(config, dict) as port:
            assert port is None  # and the bot paints all the same
    assert [line["event"] for line in logs] == ["metrics cannot be served"]
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = free.getsockname()[1]
    latencies = {0: 0.05, 1: math.nan}
    async with (
        metrics.serving_metrics(MetricsConfig(port=number), lambda: latencies) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        async with session.get("/metrics") as answer:
            lines = (await answer.text()).splitlines()
        assert 'atelier_bot_gateway_latency_seconds{shard="0"} 0.05' in lines
        assert 'atelier_bot_gateway_latency_seconds{shard="1"} NaN' in lines
        async with session.get("/") as answer:
            assert answer.status == 404
