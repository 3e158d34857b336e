"""Stories of a bot that ends while somebody waits for its answer, and of answers that are lost on the way."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import discord
import pytest
from simcord import Env
from structlog.testing import capture_logs

from bot.errors import BotError, BotErrorCode
from bot.orders import attachments
from bot.tickets import desk
from bot.words.deletion import CONFIRMED, DELETE, DELETED
from bot.words.errors import RESTARTED, sentence
from engine.protocol import ErrorCode, Refusal
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import FINISHED, World, png, said, shown, told


async def owed(world: World) -> list[Any]:
    return await world.bot.studio.store.owed.all()


async def test_a_ticket_is_seen_while_its_picture_hangs(
    world: World, env: Env, engine: FakeEngine, downloads: asyncio.Event
) -> None:
    await world.stylize()
    await env.advance_time(1)
    ticket = await world.shows("on its way to the painting engine")
    downloads.set()
    await world.until(lambda: engine.jobs)
    assert (await world.shows("Next in the queue")).id == ticket.id
    assert len(world.messages) == 1


async def test_thinking_is_answered_by_the_next_process(
    world: World, engine: FakeEngine, downloads: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "UNSEEN_SECONDS", 3600.0)  # cut off before it is shown
    content, style = png(colour="green"), png(colour="red")
    answer = await world.stylize(content=("cat.png", content), style_image=("s.png", style))
    assert answer.response.content == ""
    assert [each.ticket_id is not None for each in await owed(world)] == [True]
    await world.restart()
    await world.shows("on its way to the painting engine")
    assert await owed(world) == []
    downloads.set()
    await world.until(lambda: engine.jobs)
    assert engine.jobs[0].parts == {"content": content, "style-1": style}
    await world.tell(FINISHED)
    result = await world.shows("here it is")
    assert [message.id for message in world.messages] == [result.id]


async def test_a_token_that_is_too_old_is_answered_in_the_channel(
    world: World, env: Env, downloads: asyncio.Event
) -> None:
    await world.stylize()
    await env.advance_time(16 * 60)
    await world.restart()
    await world.shows("on its way to the painting engine")
    assert await owed(world) == []
    downloads.set()
    await world.shows("Next in the queue")


async def test_a_click_is_answered_once_by_the_next_process(
    world: World, engine: FakeEngine, downloads: asyncio.Event
) -> None:
    downloads.set()
    result = await world.result()
    downloads.clear()
    engine.forget()  # so that the result has to come from Discord
    await world.alice.click(result, label="More style")
    await world.restart()
    await world.shows("on its way to the painting engine")
    await world.restart()
    downloads.set()
    await world.until(lambda: len(engine.jobs) == 1)
    await world.finish(0)
    assert len(world.messages) == 2


@pytest.mark.parametrize("by_reaction", [False, True])
async def test_a_ticket_that_was_shown_but_not_noted_is_shown_once(
    world: World, downloads: asyncio.Event, monkeypatch: pytest.MonkeyPatch, by_reaction: bool
) -> None:
    async def cut_off(*_: Any) -> None:
        raise asyncio.CancelledError

    downloads.set()
    result = await world.result()
    monkeypatch.setattr("bot.tickets.follower.Follower._note_message", cut_off)
    if by_reaction:
        await world.alice.react(result, "🌊")
    else:
        await world.alice.click(result, label="Again")
    await world.shows("Next in the queue")
    monkeypatch.undo()
    await world.restart()
    await world.finish(1)
    assert len(world.messages) == 2


async def test_an_attachment_that_is_gone_after_a_restart_is_one_sentence(
    world: World, downloads: asyncio.Event
) -> None:
    await world.stylize()
    await world.restart()
    world.env.backend.cdn._blobs.clear()
    downloads.set()
    await world.shows(sentence(BotError(BotErrorCode.NOT_FETCHED, image="content")))
    assert await world.bot.studio.store.tickets.unfinished() == []


async def test_discord_hands_out_an_attachment_later(
    world: World, env: Env, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch, failures = attachments.download, [aiohttp.ServerDisconnectedError(), TimeoutError()]

    async def flaky(*arguments: Any) -> bytes:
        if failures:
            raise failures.pop()
        return await fetch(*arguments)

    monkeypatch.setattr(attachments, "download", flaky)
    await world.stylize()
    await world.shows("Discord does not give me your picture at the moment")
    await env.advance_time(60)
    await world.until(lambda: engine.jobs)


async def test_an_acknowledgement_that_was_heard_although_its_answer_was_lost(
    world: World, env: Env, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    defer = discord.InteractionResponse.defer

    async def lost(self: Any, **options: Any) -> None:
        await defer(self, **options)
        self._response_type = None
        raise aiohttp.ServerDisconnectedError

    monkeypatch.setattr(discord.InteractionResponse, "defer", lost)
    answer = await world.stylize()
    assert "Next in the queue" in shown(answer).content
    engine.refusals = [Refusal(ErrorCode.USER_QUEUE_FULL, waiting=3)]
    refused = await world.stylize()
    assert "You already have 3 in the queue" in refused.response.content
    assert await owed(world) == []
    world.sentences()


async def test_what_discord_says_is_acknowledged_already_is(world: World, env: Env) -> None:
    env.inject_error("POST", "/interactions/*/*/callback", status=400, code=40060)
    await world.stylize()
    (ticket,) = await world.bot.studio.store.tickets.unfinished()
    await world.until(lambda: world.engine.jobs)
    assert ticket.sources == ()


async def test_an_acknowledgement_that_comes_too_late_leaves_nothing(
    world: World, env: Env, engine: FakeEngine
) -> None:
    env.inject_error("POST", "/interactions/*/*/callback", status=404, code=10062, times=None)
    with capture_logs() as lines:
        await world.stylize()
    assert await world.bot.studio.store.tickets.unfinished() == []
    assert await owed(world) == []
    assert engine.jobs == []
    assert [line["event"] for line in lines if line["log_level"] != "info"] == ["too late for Discord"]
    world.sentences()


async def test_whoever_waits_for_a_time_lapse_is_told_of_the_restart(
    world: World, env: Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(*_: Any, **__: Any) -> bytes:
        await env.external_wait(asyncio.Event().wait(), reason="a slow engine")
        return b""

    result = await world.result()
    monkeypatch.setattr(world.bot.studio.engine, "timelapse", slow)
    film = await world.more(result, "Time-lapse")
    assert len(await owed(world)) == 1
    await world.restart()
    await world.until(lambda: said(film).content == RESTARTED)
    assert await owed(world) == []


async def test_whoever_has_a_result_deleted_is_told_of_the_restart(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cut_off(*_: Any) -> None:
        raise asyncio.CancelledError

    result = await world.result()
    asked = await world.alice.click(result, label=DELETE())
    monkeypatch.setattr(world.bot.studio.deletion, "delete", cut_off)
    confirmed = await world.alice.click(said(asked), label=CONFIRMED())
    await world.restart()
    await world.until(lambda: RESTARTED in told(confirmed))
    await world.alice.click(said(asked), label=CONFIRMED())
    await world.until(lambda: world.messages == [])
    assert said(asked).content == DELETED()


async def test_a_refusal_that_could_not_be_told_is_told_after_the_restart(
    world: World, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cut_off(*_: Any) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr("bot.answers.tell", cut_off)
    engine.refusals = [Refusal(ErrorCode.USER_QUEUE_FULL, waiting=3)]
    answer = await world.stylize()
    assert answer.response.content == ""
    monkeypatch.undo()
    await world.restart()
    await world.until(lambda: answer.response.content == RESTARTED)
    world.sentences()


async def test_what_is_asked_while_the_bot_stops_is_told_to_come_again(world: World) -> None:
    await world.bot.studio.desk.close()
    answer = await world.stylize()
    assert answer.response.ephemeral
    assert world.sentences() == [sentence(BotError(BotErrorCode.STOPPING))]


async def test_what_is_being_taken_is_stored_before_the_bot_stops(
    world: World, env: Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, going_on = world.bot.studio.store.tickets, asyncio.Event()
    add = store.add

    async def slow(*arguments: Any) -> None:
        await env.external_wait(going_on.wait(), reason="a slow disk")
        await add(*arguments)

    monkeypatch.setattr(store, "add", slow)
    answer = await world.stylize()
    closing = asyncio.create_task(world.bot.studio.desk.close())
    await asyncio.sleep(0)
    going_on.set()
    await closing
    assert answer.acknowledged
    assert len(await store.unfinished()) == 1
    await world.restart()
    await world.shows("Next in the queue")


async def test_nothing_goes_on_of_a_first_try_once_the_bot_takes_no_more(
    world: World, env: Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def slow_to_end(*_: Any) -> None:
        begun.set()
        try:
            await env.external_wait(asyncio.Event().wait(), reason="the engine")
        finally:
            await env.external_wait(may_end.wait(), reason="what ends slowly")

    monkeypatch.setattr(desk, "UNSEEN_SECONDS", 3600.0)
    monkeypatch.setattr("bot.tickets.follower.Follower.begin", slow_to_end)
    await world.stylize()
    assert begun.is_set()
    closing = asyncio.create_task(world.bot.studio.desk.close())
    for _ in range(20):
        await env.settle()
        await asyncio.sleep(0.01)
    assert not closing.done()
    may_end.set()
    await closing


async def test_no_token_is_kept_for_longer_than_it_takes(world: World, tmp_path: Path) -> None:
    answer = await world.stylize()
    result = await world.finish(0)
    clicked = await world.more(result, "Time-lapse")
    assert told(clicked)
    await world.bot.close()
    assert answer.acknowledged
    token = b"simcord_interaction_"
    assert [file.name for file in (tmp_path / "bot").glob("bot.sqlite3") if token in file.read_bytes()] == []


async def test_a_ticket_that_is_shown_although_nothing_was_heard_of_it_is_shown_once(
    world: World, engine: FakeEngine, env: Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = await world.result()
    send = discord.Webhook.send

    async def lost(self: Any, *arguments: Any, **options: Any) -> None:
        await send(self, *arguments, **options)
        monkeypatch.undo()
        raise aiohttp.ServerDisconnectedError

    monkeypatch.setattr(discord.Webhook, "send", lost)
    await world.alice.click(result, label="Again")
    await env.advance_time(60)
    await world.until(lambda: len(engine.jobs) == 2)
    await world.finish(1)
    assert len(world.messages) == 2


async def test_a_ticket_that_discord_py_has_sent_twice_is_shown_once(
    world: World, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = discord.Webhook.send

    async def twice(self: Any, *arguments: Any, **options: Any) -> Any:
        monkeypatch.undo()
        await send(self, *arguments, **options)  # of which the answer is lost
        return await send(self, *arguments, **options)

    monkeypatch.setattr(discord.Webhook, "send", twice)
    await world.stylize()
    await world.until(lambda: len(world.messages) == 1)
    await world.finish(0)
    assert len(world.messages) == 1


async def test_a_stop_that_discord_no_longer_wants_to_hear_of_is_carried_out(
    world: World, engine: FakeEngine, env: Env
) -> None:
    await world.stylize()
    ticket = await world.shows("Next in the queue")
    env.inject_error("POST", "/interactions/*/*/callback", status=404, code=10062)
    await world.alice.click(ticket, label="Cancel")
    await world.until(lambda: engine.jobs[0].calls == ["cancel"])
