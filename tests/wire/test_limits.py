"""The stand-in holds a bot to Discord's limits, and a client that listens meets no 429."""

import asyncio

import discord
import pytest

from demo.limits import ALL, Limits
from demo.standin import StandIn, stand_in

EDITS = "/channels/1/messages/2"


def test_a_channel_has_a_window_of_its_own() -> None:
    limits = Limits()
    for left in (4, 3, 2, 1, 0):
        share = limits.take("PATCH", EDITS, 10.0)
        assert share is not None
        assert (share.retry_after, share.headers["X-RateLimit-Remaining"]) == (0.0, str(left))
    over, elsewhere = limits.take("PATCH", EDITS, 12.0), limits.take("PATCH", "/channels/3/messages/2", 12.0)
    assert over is not None
    assert (round(over.retry_after), over.is_of_all) == (3, False)
    assert elsewhere is not None
    assert not elsewhere.retry_after
    later = limits.take("PATCH", EDITS, 15.0)
    assert later is not None
    assert not later.retry_after


def test_all_requests_have_one_but_for_those_by_tokens() -> None:
    limits = Limits()
    for n in range(ALL):
        assert limits.take("GET", f"/channels/{n}", 1.0) is None
    over = limits.take("GET", "/channels/1", 1.5)
    assert over is not None
    assert over.is_of_all
    assert limits.take("POST", "/interactions/1/token/callback", 1.5) is None
    assert limits.take("GET", "/channels/1", 2.0) is None


async def test_a_client_that_listens_is_never_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stand_in() as standin:
        standin.api.limits = Limits()
        monkeypatch.setattr(discord.http.Route, "BASE", f"{standin.origin}/api/v10")
        async with discord.Client(intents=discord.Intents.none()) as client:
            await client.login("of-no-account")
            await _write(client, standin, 8)
        statuses = [call.status for call in standin.api.calls if call.method == "POST"]
    assert statuses == [200] * 8


async def _write(client: discord.Client, standin: StandIn, messages: int) -> None:
    studio = client.get_partial_messageable(standin.studio.id)
    await asyncio.gather(*(studio.send(f"message {n}") for n in range(messages)))
