"""Acknowledge first: no engine is asked, and no byte of a picture, before Discord knows that an answer comes.

Rule: counted, not timed: what had been asked of the engine and of Discord's files when Discord was told.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
from sqlalchemy import event

from bot.orders import attachments
from bot.styles.catalogue import FRESH_SECONDS
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import World, png, said, shown, told


class Told:
    """What had been asked for at each acknowledgement: requests to the engine, files of Discord's, statements."""

    def __init__(self) -> None:
        self.files, self.statements = 0, 0
        self.at: list[tuple[int, int, int]] = []


@pytest.fixture
async def acknowledged(
    world: World, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Told]:
    """Looks at what has been asked since the last look, whenever the bot acknowledges."""
    told, seen, fast = Told(), len(engine.requests), attachments.download

    def note() -> None:
        told.at.append((len(engine.requests) - seen, told.files, told.statements))

    for name in ("defer", "send_message", "send_modal", "autocomplete", "edit_message"):
        answer = getattr(discord.InteractionResponse, name)

        async def noting(*arguments: Any, answer: Any = answer, **options: Any) -> Any:
            note()
            return await answer(*arguments, **options)

        monkeypatch.setattr(discord.InteractionResponse, name, noting)

    async def counted(*arguments: Any) -> bytes:
        told.files += 1
        return await fast(*arguments)

    monkeypatch.setattr(attachments, "download", counted)

    def execute(*_: Any) -> None:
        told.statements += 1

    database = world.bot.studio.store.database.sync_engine
    event.listen(database, "before_cursor_execute", execute)
    yield told
    event.remove(database, "before_cursor_execute", execute)


async def test_every_way_in_is_acknowledged_while_the_engine_hangs(
    world: World, engine: FakeEngine, acknowledged: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await world.bob.send(world.talk, "my cat", attachments=[("cat.png", png())])
    await world.env.advance_time(FRESH_SECONDS)  # what is known of the styles is old
    engine.hangs = True

    async def hanging(*_: Any) -> Any:
        await world.env.external_wait(asyncio.Event().wait(), reason="an engine that hangs")

    for call in ("submit", "queue", "styles_sheet"):
        monkeypatch.setattr(world.bot.studio.engine, call, hanging)
    alice, art = world.alice, world.art
    assert len(await alice.autocomplete(art, "stylize", "style", "")) == 2
    assert await alice.autocomplete(art, "stylize", "size", "")
    assert (await alice.slash(art, "styles")).acknowledged
    menu = await alice.context_menu(world.talk, "Stylize this image", message)
    assert (await alice.select(said(menu), ["great_wave"])).acknowledged
    form = await alice.slash(art, "paint")
    filled = await alice.submit_modal(form, {"picture": ("cat.png", png()), "style": ["great_wave"]})
    assert filled.acknowledged
    assert (await world.stylize()).acknowledged
    linked = await alice.slash(art, "stylize", picture=message.jump_url, style="starry_night")
    assert linked.acknowledged
    assert len(acknowledged.at) == 9
    # The one request is that for the styles, in the background; four pictures of five were on their way by the last.
    assert {asked for asked, _, _ in acknowledged.at} <= {0, 1}
    engine.hangs = False


async def test_nothing_is_fetched_or_asked_before_a_command_is_acknowledged(
    world: World, engine: FakeEngine, acknowledged: Told
) -> None:
    await world.stylize()
    ((asked, fetched, statements),) = acknowledged.at
    assert (asked, fetched) == (0, 0)
    assert statements <= 4  # the author's word, the ticket, and that an answer is owed
    assert acknowledged.files == 1
    assert engine.jobs != []


async def test_a_refusal_after_the_acknowledgement_is_private_and_the_ticket_is_for_all(
    world: World, engine: FakeEngine
) -> None:
    answer = await world.stylize(content=("cat.png", b"words"))
    assert len(told(answer)) == 1
    assert world.messages == []
    world.sentences()
    answer = await world.stylize()
    assert told(answer) == ["On its way: watch it develop here, or in the thread under the picture."]
    assert not shown(answer).ephemeral
    assert len(engine.jobs) == 1


async def test_the_engine_is_asked_how_large_a_picture_is_after_the_click_is_acknowledged(
    world: World, acknowledged: Told, engine: FakeEngine
) -> None:
    result = await world.result(size=512)
    panel = await world.alice.click(result, label="More…")
    asked: list[int] = []
    job = world.bot.studio.engine.job

    async def noting(*arguments: Any) -> Any:
        asked.append(len(acknowledged.at))
        return await job(*arguments)

    before = len(acknowledged.at)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.bot.studio.engine, "job", noting)
        await world.alice.click(said(panel), label="Larger")
    assert asked == [before + 1]
    assert engine.jobs[1].request.size == 768
