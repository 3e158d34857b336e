"""Stories of tickets: stopping them, losing the engine, the bot, the token or the message."""

import asyncio
import errno
from dataclasses import replace
from typing import Any

import discord
import pytest
from simcord import Env

from bot.errors import BotErrorCode, ImagesAway
from bot.storage.tickets import TicketState
from bot.tickets.progress import CHANNEL_EDITS
from bot.words.errors import phrase_of, sentence
from engine.protocol import ErrorCode, Failed, Problem, Queued, Refusal, Started
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import FINISHED, World, png, preview, shown, told


def moderator(world: World) -> Any:
    """A member who may manage messages."""
    role = world.guild.create_role("mods", permissions=discord.Permissions(manage_messages=True))
    return world.guild.add_member(world.env.create_user("carol"), roles=[role])


async def test_cancel(world: World, engine: FakeEngine) -> None:
    answer = await world.stylize()
    await world.alice.click(shown(answer), label="Cancel")
    ticket = await world.shows("Stopped: nothing was kept")
    assert engine.jobs[0].calls == ["cancel"]
    assert ticket.components == []


async def test_stop_and_keep(world: World, engine: FakeEngine) -> None:
    answer = await world.stylize()
    await world.tell(Started(attempt=1, eta_seconds=30))
    assert "Stop, keep this" not in str(shown(answer).components), "there is nothing to keep yet"
    await world.tell(preview(1, 0.1))
    await world.shows("10%")
    await world.alice.click(shown(answer), label="Stop, keep this")
    result = await world.shows("here it is")
    assert "stopped early" in result.content
    assert engine.jobs[0].calls == ["finish"]


async def test_a_frame_that_is_on_its_way_does_not_come_after_the_last_word(
    world: World, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is given up before the last word is said, and not once that is noted: it would be shown in between."""
    answer = await world.stylize()
    begun, given_up, reason = asyncio.Event(), list[str](), Refusal(ErrorCode.OUT_OF_MEMORY)

    async def held(*_: object) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            given_up.append(shown(answer).content)

    monkeypatch.setattr(world.bot.studio.engine, "preview", held)
    engine.tell(preview(1, 0.5))
    await begun.wait()
    engine.tell(Failed(error=Problem.of(reason)))
    await world.shows(sentence(reason))
    assert len(given_up) == 1
    assert sentence(reason) not in given_up[0]


async def test_only_the_owner_and_moderators_may_stop(world: World, engine: FakeEngine) -> None:
    answer = await world.stylize()
    click = await world.bob.click(shown(answer), label="Cancel")
    assert told(click) == ["Only the member who asked for this picture, or a moderator, can stop it."]
    assert engine.jobs[0].calls == []
    await moderator(world).click(shown(answer), label="Cancel")
    await world.shows("Stopped: nothing was kept")


async def test_a_late_click_is_told_that_it_is_over(world: World) -> None:
    answer = await world.stylize()
    world.env.inject_error("DELETE", "/channels/*/messages/*", status=403, code=50013)
    world.env.inject_error("PATCH", "/webhooks/*/messages/*", status=500, times=None)
    await world.tell(FINISHED)
    await world.shows("here it is")
    click = await world.alice.click(shown(answer), label="Cancel")
    assert told(click) == [phrase_of(BotErrorCode.TICKET_OVER)()]


async def test_deleting_the_ticket_cancels(world: World, engine: FakeEngine, env: Env) -> None:
    answer = await world.stylize()
    await moderator(world).delete(shown(answer).message)
    await world.until(lambda: engine.jobs[0].calls == ["cancel"])
    await env.settle()
    assert world.messages == []


async def test_a_ticket_that_is_gone_unnoticed_still_delivers(world: World) -> None:
    await world.stylize()
    path = "/webhooks/*/messages/@original"
    world.env.inject_error("PATCH", path, status=404, code=10008)
    await world.tell(preview(1, 0.1))
    await world.tell(FINISHED)
    await world.shows("here it is")


async def test_the_engine_is_away_so_the_ticket_waits(world: World, engine: FakeEngine, env: Env) -> None:
    await world.alice.autocomplete(world.art, "stylize", "style", "")
    engine.go_down()
    answer = await world.stylize()
    assert "cannot be reached at the moment: your picture waits here" in shown(answer).content
    edits = world.edits
    await env.advance_time(300)
    assert engine.jobs == []
    assert world.edits == edits
    engine.come_back()
    await env.advance_time(60)
    await world.until(lambda: engine.jobs)
    await env.advance_time(10)
    await world.shows("Next in the queue")
    await world.tell(FINISHED)
    await world.shows("here it is")


async def test_the_engine_goes_away_in_between(world: World, engine: FakeEngine, env: Env) -> None:
    await world.stylize()
    await world.tell(preview(1, 0.1))
    await world.shows("10%")
    engine.go_down()
    await env.advance_time(30)
    await world.shows("cannot be reached")
    edits = world.edits
    for _ in range(10):
        await env.advance_time(60)
    assert world.edits == edits  # the same words again are worth none
    engine.come_back()
    await env.advance_time(60)
    await world.shows("10%")
    await world.tell(FINISHED)
    await world.shows("here it is")


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (
            Refusal(ErrorCode.BUSY, seconds=90),
            "The painting engine has a lot to do: your picture waits here",
        ),
        (
            Refusal(ErrorCode.STORAGE_FULL),
            "The disk of the painting engine is full at the moment: your picture waits",
        ),
    ],
)
async def test_what_the_engine_refuses_only_for_now_is_asked_again_when_it_says(
    world: World, engine: FakeEngine, env: Env, refusal: Refusal, words: str
) -> None:
    engine.refusals, engine.retry_after = [refusal, refusal], 90
    answer = await world.stylize()
    assert words in shown(answer).content
    submits = engine.requests.count("POST /v1/jobs")
    await env.advance_time(80)
    assert engine.requests.count("POST /v1/jobs") == submits
    await env.advance_time(110)
    await env.advance_time(190)
    await world.until(lambda: engine.jobs)
    await world.tell(FINISHED)
    await world.shows("here it is")


async def test_cancelled_while_the_engine_is_away(world: World, engine: FakeEngine, env: Env) -> None:
    answer = await world.stylize()
    engine.go_down()
    await world.alice.click(shown(answer), label="Cancel")
    engine.come_back()
    await env.advance_time(60)
    await world.shows("Stopped: nothing was kept")
    assert engine.jobs[0].calls == ["cancel"]


async def test_cancelled_before_the_engine_ever_heard_of_it(world: World, engine: FakeEngine) -> None:
    await world.alice.autocomplete(world.art, "stylize", "style", "")
    engine.go_down()
    answer = await world.stylize()
    await world.alice.click(shown(answer), label="Cancel")
    await world.shows("Stopped: nothing was kept")
    engine.come_back()
    assert engine.jobs == []


@pytest.mark.parametrize("restarted", [False, True])
async def test_cancelled_when_the_engine_has_it_and_could_not_say_so(
    world: World, engine: FakeEngine, env: Env, restarted: bool
) -> None:
    engine.lost_answers = 100
    answer = await world.stylize()
    await world.until(lambda: engine.jobs)
    engine.go_down()
    if restarted:
        await world.restart()
    await world.alice.click(shown(answer), label="Cancel")
    await world.shows("I stop this as soon as")
    engine.lost_answers = 0
    engine.come_back()
    await env.advance_time(60)
    await world.shows("Stopped: nothing was kept")
    assert [job.calls for job in engine.jobs] == [["cancel"]]


async def test_cancelled_and_the_engine_does_not_have_it_after_all(
    world: World, engine: FakeEngine, env: Env
) -> None:
    engine.lost_answers = 100
    answer = await world.stylize()
    await world.until(lambda: engine.jobs)
    engine.go_down()
    engine.forget()
    await world.alice.click(shown(answer), label="Cancel")
    await world.shows("I stop this as soon as")
    engine.refusals = [Refusal(ErrorCode.QUEUE_FULL, waiting=100, minutes=5)]
    engine.come_back()
    await env.advance_time(60)
    await world.shows("Stopped: nothing was kept")
    assert engine.jobs == []


async def test_an_engine_with_another_token_loses_no_ticket(
    world: World, engine: FakeEngine, env: Env
) -> None:
    await world.stylize()
    engine.go_down()
    engine.forget()
    engine.refusals = [Refusal(ErrorCode.BAD_TOKEN)]
    engine.come_back()
    await env.advance_time(60)
    await env.advance_time(60)
    await world.until(lambda: engine.jobs)
    assert engine.refusals == []
    await world.tell(FINISHED)
    await world.shows("here it is")


async def test_a_job_that_the_engine_lost_is_handed_in_again(
    world: World, engine: FakeEngine, env: Env
) -> None:
    await world.stylize()
    parts = engine.jobs[0].parts
    engine.go_down()
    engine.forget()
    engine.come_back()
    await env.advance_time(60)
    await world.until(lambda: engine.jobs)
    assert engine.jobs[0].parts == parts
    await world.tell(FINISHED)
    await world.shows("here it is")


async def test_a_painting_that_the_engine_lost_is_painted_again(
    world: World, engine: FakeEngine, env: Env
) -> None:
    await world.stylize()
    engine.lose_next_result()
    await world.tell(FINISHED)
    await env.advance_time(10)
    await world.until(lambda: len(engine.jobs) == 1 and not engine.jobs[0].is_over)
    await world.tell(FINISHED)
    await world.shows("here it is")


async def test_a_restart_goes_on_and_delivers_once(world: World, engine: FakeEngine, env: Env) -> None:
    answer = await world.stylize()
    await world.tell(preview(1, 0.1))
    await world.shows("10%")
    await world.restart()
    await world.tell(preview(2, 0.5))
    await env.advance_time(10)
    assert (await world.shows("50%")).id == shown(answer).id
    await world.tell(FINISHED)
    result = await world.shows("here it is")
    await world.restart()
    await env.advance_time(60)
    assert [message.id for message in world.messages] == [result.id]
    assert len(engine.jobs) == 1


async def test_buttons_work_after_a_restart(world: World, engine: FakeEngine) -> None:
    answer = await world.stylize()
    await world.restart()
    await world.alice.click(shown(answer), label="Cancel")
    await world.shows("Stopped: nothing was kept")
    assert engine.jobs[0].calls == ["cancel"]


async def test_a_result_posted_just_before_a_crash_is_not_posted_again(world: World, env: Env) -> None:
    await world.stylize()
    (ticket,) = await world.bot.studio.store.tickets.unfinished()
    await world.tell(FINISHED)
    result = await world.shows("here it is")
    unwritten = replace(ticket, state=TicketState.DELIVERING)  # what a crash right after posting leaves
    await world.bot.studio.store.tickets.save(unwritten, "state", "result_message_id")
    await world.restart()
    await env.advance_time(60)
    assert [message.id for message in world.messages] == [result.id]
    assert await world.bot.studio.store.tickets.unfinished() == []


async def test_a_file_named_like_the_result_by_somebody_else_is_not_the_result(
    world: World, env: Env
) -> None:
    await world.stylize()
    (ticket,) = await world.bot.studio.store.tickets.unfinished()
    await world.bot.studio.store.tickets.save(replace(ticket, state=TicketState.DELIVERING), "state")
    await world.bob.send(world.art, "mine", attachments=[(f"atelier-{ticket.id}.png", png())])
    await world.restart()
    await world.tell(FINISHED)
    await env.advance_time(60)
    await world.shows("here it is")


async def test_after_fourteen_minutes_edits_go_through_the_channel(world: World, env: Env) -> None:
    answer = await world.stylize()
    edits = [f"PATCH /channels/{world.art.id}/messages/{shown(answer).id}"]
    await env.advance_time(13 * 60)
    await world.tell(preview(1, 0.1))
    await world.shows("10%")
    assert not [call for call in env.http_requests if f"{call.method} {call.path}" in edits]
    await env.advance_time(60)
    await world.tell(preview(2, 0.5))
    await world.shows("50%")
    assert [call for call in env.http_requests if f"{call.method} {call.path}" in edits]
    await world.tell(FINISHED)
    await world.shows("here it is")


async def test_a_token_that_dies_early_is_replaced_by_the_channel(world: World) -> None:
    await world.stylize()
    world.env.inject_error("PATCH", "/webhooks/*/messages/@original", status=401, code=50027)
    await world.tell(preview(1, 0.1))
    await world.shows("10%")


async def test_previews_are_paced_and_the_newest_wins(world: World, env: Env) -> None:
    await world.stylize()
    await world.tell(Queued(position=1, eta_seconds=60))
    await world.tell(preview(1, 0.02))
    await world.shows("2%")
    for n in range(2, 10):
        await world.tell(preview(n, n / 10))
    assert "2%" in world.messages[0].content
    await env.advance_time(3)
    await world.shows("90%")
    assert world.edits == 3  # the answer, the first preview and the newest


async def test_while_painting_is_paused_no_time_is_promised_and_it_is_told_when_it_goes_on(
    world: World, env: Env
) -> None:
    await world.stylize()
    await world.tell(Queued(position=2, eta_seconds=None))
    await env.advance_time(3)
    await world.shows("Painting is paused for now")
    assert "<t:" not in world.messages[0].content
    edits = world.edits
    await env.advance_time(80)  # more than was promised first
    assert world.edits == edits  # it is not late
    await world.tell(Queued(position=2, eta_seconds=60))
    await world.shows("with 1 picture before it, ready <t:")


async def test_while_the_store_of_images_is_away_nobody_else_is_blamed_and_the_picture_waits(
    world: World, env: Env, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise ImagesAway(errno.EIO, "nobody answers")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(world.bot.studio.inbox, "put", away)
        await world.stylize()
        await world.shows("I cannot get at my store of pictures at the moment")
        assert engine.jobs == []
    await env.advance_time(60)
    await world.finish(0)


async def test_the_tickets_of_a_channel_take_turns(world: World, env: Env) -> None:
    for job in range(4):
        await world.stylize()
        await world.tell(preview(1, 0.1), job)
    await world.until(lambda: sum("10%" in message.content for message in world.messages) == 4)
    for job in range(4):
        await world.tell(preview(2, 0.5), job)
    edits = world.edits
    await env.advance_time(10)
    await world.until(lambda: world.edits > edits)
    await env.settle()
    assert world.edits - edits == CHANNEL_EDITS


async def test_a_channel_that_closed_delivers_privately(world: World, engine: FakeEngine) -> None:
    await world.stylize()
    world.env.inject_error("POST", f"/channels/{world.art.id}/messages", status=403, code=50013)
    await world.tell(FINISHED)
    private = world.alice.user.dm_channel
    await world.until(lambda: private.last_message)
    assert private.last_message is not None
    assert await private.last_message.attachments[0].read() == engine.result


async def test_a_channel_that_closed_before_the_result_was_posted_delivers_privately(
    world: World, env: Env
) -> None:
    await world.stylize()
    (ticket,) = await world.bot.studio.store.tickets.unfinished()
    await world.bot.studio.store.tickets.save(
        replace(ticket, state=TicketState.DELIVERING), "state"
    )  # and not posted
    env.inject_error("*", f"/channels/{world.art.id}/messages", status=403, code=50001, times=None)
    await world.restart()
    await world.tell(FINISHED)
    await env.advance_time(60)
    private = world.alice.user.dm_channel
    await world.until(lambda: private.last_message)


async def test_discord_fails_while_a_ticket_ends_so_that_is_told_later(world: World, env: Env) -> None:
    await world.stylize()
    env.inject_error("PATCH", "/webhooks/*/messages/@original", status=503, times=8)
    reason = Refusal(ErrorCode.OUT_OF_MEMORY)
    await world.tell(Failed(error=Problem.of(reason)))
    for _ in range(8):
        await env.advance_time(60)
    assert (await world.shows(sentence(reason))).components == []
    assert await world.bot.studio.store.tickets.unfinished() == []


async def test_discord_fails_once_so_the_result_comes_later(world: World, env: Env) -> None:
    await world.stylize()
    world.env.inject_error("POST", f"/channels/{world.art.id}/messages", status=500)
    await world.tell(FINISHED)
    await env.advance_time(10)
    await world.shows("here it is")


async def test_a_result_comes_as_the_server_takes_it_and_never_as_a_preview(
    world: World, engine: FakeEngine
) -> None:
    engine.result += bytes(26 * 2**20)
    await world.stylize()
    await world.tell(preview(1, 0.1))
    await world.shows("10%")
    await world.tell(FINISHED)
    result = await world.shows("here it is")
    assert await result.attachments[0].read() == engine.fitted
    assert engine.wishes == [
        ("result", {"max_bytes": str(25 * 2**20)})
    ]  # as Discord has said when it was asked
    assert "smaller" not in result.content


async def test_a_result_that_had_to_be_made_smaller_says_so(world: World, engine: FakeEngine) -> None:
    engine.result += bytes(26 * 2**20)
    engine.fitted_is_full_size = False
    await world.stylize()
    await world.tell(FINISHED)
    assert "so this one is smaller (96 × 64)" in (await world.shows("here it is")).content


async def test_what_a_server_takes_is_remembered_over_a_restart(
    world: World, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discord.Guild, "filesize_limit", 50 * 2**20)
    picture = await world.bob.send(world.art, "my cat", attachments=[("cat.png", png())])
    await world.alice.react(picture, "🌊")
    await world.shows("Next in the queue")
    monkeypatch.undo()  # the gateway has not told of the server yet
    await world.restart()
    await world.tell(FINISHED)
    await world.shows("here it is")
    assert engine.wishes == [("result", {"max_bytes": str(50 * 2**20)})]


async def test_a_place_that_takes_less_than_it_says_gets_less(
    world: World, engine: FakeEngine, env: Env
) -> None:
    await world.stylize()
    (ticket,) = await world.bot.studio.store.tickets.unfinished()
    assert (ticket.upload_limit or 0) > discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES
    engine.result += bytes(11 * 2**20)
    env.inject_error("POST", f"/channels/{world.art.id}/messages", status=413, code=40005)
    await world.tell(FINISHED)
    result = await world.shows("here it is")
    assert await result.attachments[0].read() == engine.fitted


@pytest.mark.parametrize(
    ("status", "code", "why"),
    [
        (400, 50083, "The thread is locked"),
        (400, 20009, "filter for explicit content"),
        (400, 200000, "AutoMod"),
        (403, 50013, "I may no longer post pictures"),
        (404, 10003, "is gone"),
        (400, 50035, "Discord did not take your picture"),
    ],
)
async def test_a_result_that_is_not_taken_comes_privately_with_the_cause(
    world: World, env: Env, engine: FakeEngine, status: int, code: int, why: str
) -> None:
    await world.stylize()
    path = f"/channels/{world.art.id}/messages"
    env.inject_error("POST", path, status=status, code=code, times=None)
    await world.tell(FINISHED)
    private = world.alice.user.dm_channel
    await world.until(lambda: private.last_message)
    assert private.last_message is not None
    assert why in private.last_message.content
    assert await private.last_message.attachments[0].read() == engine.result
    assert await world.bot.studio.store.tickets.unfinished() == []


async def test_a_result_that_nobody_takes_is_kept_and_can_be_shown(world: World, env: Env) -> None:
    await world.stylize()
    env.inject_error("POST", "/channels/*/messages", status=403, code=50007, times=2)
    await world.tell(FINISHED)
    ticket = await world.shows("Your picture is kept")
    command = ticket.content.partition("picture:")[2].partition("`")[0]
    again = await world.alice.slash(world.talk, "show", picture=command)
    assert again.response is not None
    assert again.response.attachments


async def test_a_late_picture_says_that_it_is_late(world: World, env: Env, engine: FakeEngine) -> None:
    await world.stylize()
    await world.tell(Started(attempt=1, eta_seconds=30))
    await env.advance_time(36)
    await world.shows("This takes longer than I thought: ready <t:")
    await world.tell(FINISHED)
    await world.shows("here it is")


async def test_a_long_outage_of_discord_loses_nothing(world: World, env: Env) -> None:
    await world.stylize()
    env.inject_error("POST", f"/channels/{world.art.id}/messages", status=503, times=8)
    await world.tell(FINISHED)
    for _ in range(8):
        await env.advance_time(60)
    await world.shows("here it is")


async def test_a_ticket_that_could_not_be_shown_is_shown_later(world: World) -> None:
    world.env.inject_error("PATCH", "/webhooks/*/messages/@original", status=500)
    await world.stylize()
    await world.shows("Your picture is on its way")
    await world.tell(FINISHED)
    await world.shows("here it is")
