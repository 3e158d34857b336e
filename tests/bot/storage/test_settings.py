"""What servers have set: kept with who changed it, changed all at once or not at all, and put back."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from bot.storage.settings import ChannelSettings, Consent, Output, ServerSettings, Settings, servers
from bot.storage.store import open_store

NOW = datetime(2026, 11, 30, tzinfo=UTC)
SERVER, ART, TALK, MIA, BOB = 1, 10, 11, 100, 101


@pytest.fixture
async def settings(url: str) -> AsyncIterator[Settings]:
    async with open_store(url) as store:
        yield store.settings


async def test_what_was_set_is_there_for_the_next_process(url: str) -> None:
    async with open_store(url) as store:
        await store.settings.change(SERVER, MIA, NOW, {None: {"consent": Consent.OWN}})
        await store.settings.change(SERVER, MIA, NOW, {ART: {"is_art": True, "palette": ("udnie",)}})
    async with open_store(url) as store:
        assert store.settings.server(SERVER) == ServerSettings(consent=Consent.OWN)
        assert store.settings.channel(ART) == ChannelSettings(is_art=True, palette=("udnie",))
        assert store.settings.art_channels(SERVER) == [ART]
        assert store.settings.art_channels(2) == []


async def test_two_changes_at_once_are_both_kept(settings: Settings) -> None:
    await asyncio.gather(
        settings.change(SERVER, MIA, NOW, {None: {"open_per_member": 5}}),
        settings.change(SERVER, BOB, NOW, {None: {"cooldown_seconds": 60}}),
        settings.change(SERVER, BOB, NOW, {ART: {"is_art": True}}),
        settings.change(SERVER, MIA, NOW, {ART: {"output": Output.RESULTS}}),
    )
    assert settings.server(SERVER) == ServerSettings(open_per_member=5, cooldown_seconds=60)
    assert settings.channel(ART) == ChannelSettings(is_art=True, output=Output.RESULTS)


async def test_what_was_changed_at_once_is_put_back_at_once(settings: Settings) -> None:
    await settings.change(SERVER, MIA, NOW, {TALK: {"output": Output.CHANNEL}})
    wanted: dict[int | None, dict[str, Any]] = {
        None: {"cooldown_seconds": 5},
        ART: {"is_art": True},
        TALK: {"output": "results"},
    }
    made = await settings.change(SERVER, MIA, NOW, wanted)
    assert len({change.act_id for change in made}) == 1
    await settings.change(SERVER, BOB, NOW, {TALK: {"is_art": True}})
    back = await settings.undo(made[0].act_id, SERVER, BOB, NOW)
    assert settings.server(SERVER) == ServerSettings()
    assert settings.channel(ART) == ChannelSettings()
    assert settings.channel(TALK) == ChannelSettings(output=Output.CHANNEL, is_art=True), (
        "what came since stays"
    )
    await settings.undo(back[0].act_id, SERVER, BOB, NOW)
    assert settings.channel(TALK).output is Output.RESULTS


async def test_another_servers_change_is_not_undone(settings: Settings) -> None:
    [change] = await settings.change(SERVER, MIA, NOW, {None: {"cooldown_seconds": 5}})
    assert await settings.undo(change.act_id, 2, BOB, NOW) == []
    assert settings.server(SERVER).cooldown_seconds == 5


async def test_all_of_a_change_is_made_or_none(settings: Settings) -> None:
    with pytest.raises(ValidationError):
        await settings.change(SERVER, MIA, NOW, {ART: {"is_art": True}, None: {"open_per_member": 0}})
    with pytest.raises(ValidationError):
        await settings.change(SERVER, MIA, NOW, {ART: {"palette": tuple(map(str, range(21)))}})
    assert settings.art_channels(SERVER) == []
    assert await settings.history(SERVER) == []


async def test_what_is_so_already_is_no_change(settings: Settings) -> None:
    assert await settings.change(SERVER, MIA, NOW, {None: {"open_per_member": 3}}) == []
    assert await settings.history(SERVER) == []


async def test_the_history_keeps_the_newest_hundred(settings: Settings) -> None:
    for n in range(1, 105):
        await settings.change(SERVER, MIA, NOW, {None: {"cooldown_seconds": n}})
    history = await settings.history(SERVER)
    assert len(history) == 100
    assert (history[0].after, history[0].member_id) == ({"cooldown_seconds": 104}, MIA)


async def test_a_row_that_cannot_be_read_counts_as_not_set(url: str) -> None:
    async with open_store(url) as store:
        await store.settings.change(SERVER, MIA, NOW, {None: {"consent": Consent.OWN}})
        async with store.database.begin() as connection:
            await connection.execute(sa.update(servers).values(settings='{"consent": "perhaps"}'))
    async with open_store(url) as store:
        assert store.settings.server(SERVER) == ServerSettings()
