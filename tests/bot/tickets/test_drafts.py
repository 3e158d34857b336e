"""Stories of a bot that ends between posting something and noting that it has."""

import asyncio
from typing import Any

import pytest
from simcord import Env

from bot.storage.drafts import Draft
from bot.storage.posts import Role
from bot.tickets.delivery import Delivery
from bot.tickets.drafts import look_for
from bot.tickets.pauses import LONGEST_PAUSE
from bot.words import privacy
from bot.words.deletion import CONFIRMED, DELETE
from bot.words.result import INTERRUPTED, SHOW_IT
from tests.bot.world import FINISHED, World, png, said, told


async def cut_off(*_: Any, **__: Any) -> None:
    raise asyncio.CancelledError


async def painted(world: World) -> None:
    """A picture whose bot ends while it is being posted."""
    await world.stylize()
    await world.shows("Next in the queue")
    await world.tell(FINISHED)


def results(world: World) -> list[Any]:
    return [message for message in world.messages if "here it is" in message.content]


def under_way(world: World) -> list[Any]:
    desk = world.bot.studio.desk
    return [each.ticket for each in desk.open_in(world.guild.id, world.alice.id)]


@pytest.fixture
def ends_after_posting(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr("bot.tickets.follower.Follower._delivered", cut_off)
    return monkeypatch


@pytest.fixture
def ends_before_posting(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(Delivery, "post_result", cut_off)
    return monkeypatch


async def test_a_result_that_was_deleted_before_the_bot_was_back_is_not_posted_again(
    world: World, ends_after_posting: pytest.MonkeyPatch
) -> None:
    await painted(world)
    posted = await world.shows("here it is")
    await world.bot.close()
    world.env.backend.delete_message(world.art.id, posted.id)
    ends_after_posting.undo()
    await world.restart()
    offer = await world.shows(INTERRUPTED)
    assert results(world) == []
    assert await world.bot.studio.store.tickets.unfinished() == []
    await world.restart()
    await world.alice.click(offer, label=SHOW_IT)
    await world.shows("here it is")
    await world.until(lambda: len(world.messages) == 1)


async def test_nobody_else_has_it_posted_and_nobody_twice(
    world: World, ends_before_posting: pytest.MonkeyPatch
) -> None:
    await painted(world)
    await world.until(lambda: not world.bot.studio.desk.open_in(world.guild.id, world.alice.id))
    await world.alice.send(world.art, "hello?")
    ends_before_posting.undo()
    await world.restart()
    offer = await world.shows(INTERRUPTED)
    refused = await world.bob.click(offer, label=SHOW_IT)
    assert "Only" in told(refused)[0]
    world.sentences()
    await world.alice.click(offer, label=SHOW_IT)
    await world.until(lambda: len(world.messages) == 2)
    assert len(results(world)) == 1


async def test_where_nothing_has_come_since_it_is_posted_without_a_question(
    world: World, ends_before_posting: pytest.MonkeyPatch
) -> None:
    await painted(world)
    await world.until(lambda: not world.bot.studio.desk.open_in(world.guild.id, world.alice.id))
    ends_before_posting.undo()
    await world.restart()
    await world.shows("here it is")
    await world.until(lambda: len(world.messages) == 1)
    assert await world.bot.studio.store.drafts.left() == []


async def test_a_result_that_came_privately_comes_once(
    world: World, env: Env, ends_after_posting: pytest.MonkeyPatch
) -> None:
    await world.stylize()
    env.inject_error("POST", f"/channels/{world.art.id}/messages", status=403, code=50013, times=None)
    await world.tell(FINISHED)
    private = world.alice.user.dm_channel
    await world.until(lambda: private.last_message)
    sent = private.last_message
    ends_after_posting.undo()
    await env.advance_time(600)  # Discord knows the nonce no more
    await world.restart()
    await world.until(lambda: len(world.messages) == 0)
    assert private.last_message == sent


async def test_what_was_posted_once_more_goes_with_its_result(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = await world.result()
    film = await world.more(result, "Time-lapse")
    monkeypatch.setattr("bot.tickets.deletion.Deletion.note", cut_off)
    await world.alice.slash(world.art, "show", picture=str(result.id), post=True)
    await world.alice.click(said(film), label="Post it here")
    await world.until(lambda: len(world.messages) == 3)
    monkeypatch.undo()
    await world.restart()
    asked = await world.alice.click(result, label=DELETE())
    await world.alice.click(said(asked), label=CONFIRMED())
    await world.until(lambda: world.messages == [])


async def test_what_a_former_process_has_posted_is_looked_for_until_discord_tells(
    world: World, env: Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = await world.result()
    monkeypatch.setattr("bot.tickets.deletion.Deletion.note", cut_off)
    await world.alice.slash(world.art, "show", picture=str(result.id), post=True)
    await world.until(lambda: len(world.messages) == 2)
    monkeypatch.undo()
    env.inject_error("GET", f"/channels/{world.art.id}", status=503)
    await world.restart()
    asked = await world.alice.click(result, label=DELETE())
    await world.alice.click(said(asked), label=CONFIRMED())
    await world.later(LONGEST_PAUSE)
    await world.until(lambda: world.messages == [])


async def test_what_is_made_from_a_result_that_is_not_noted_stands_beneath_it(
    world: World, ends_after_posting: pytest.MonkeyPatch
) -> None:
    await painted(world)
    result = await world.shows("here it is")
    await world.alice.click(result, label="Again")
    await world.until(lambda: len(under_way(world)) == 1)
    assert [ticket.source_message_id for ticket in under_way(world)] == [result.id]
    ends_after_posting.undo()


async def test_a_moment_that_was_posted_in_another_channel_is_known_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = await world.result()
    shown = said(await world.alice.slash(world.talk, "show", picture=str(result.id)))
    panel = said(await world.alice.click(shown, label="More…"))
    sheet = said(await world.alice.click(panel, label="Earlier moment"))
    await world.bot.studio.store.snapshots.begin(world.engine.jobs[0].key, 3)  # and not posted
    monkeypatch.setattr("bot.tickets.deletion.Deletion.note", cut_off)
    await world.alice.select(sheet, ["2"])
    [moment] = world.talk.history()
    monkeypatch.undo()
    await world.restart()
    again = await world.alice.select(sheet, ["2"])
    assert moment.jump_url in told(again)[-1]
    assert await world.bot.studio.store.snapshots.begun() == []
    asked = await world.alice.click(result, label=DELETE())
    await world.alice.click(said(asked), label=CONFIRMED())
    await world.until(lambda: world.messages == world.talk.history() == [])


async def test_what_discord_does_not_take_is_not_looked_for(world: World, env: Env) -> None:
    result = await world.result()
    env.inject_error("POST", f"/channels/{world.art.id}/messages", status=403, code=50013)
    await world.alice.slash(world.art, "show", picture=str(result.id), post=True)
    assert await world.bot.studio.store.drafts.left() == []
    assert world.bot.studio.store.drafts.underway == set()
    world.sentences()


async def test_what_is_being_posted_is_not_taken_for_what_a_former_process_has_left(world: World) -> None:
    store = world.bot.studio.store
    draft = Draft("n", "0" * 20, world.art.id, world.guild.id, Role.COPY, 1)
    await store.drafts.begin(draft)
    await world.bot.studio.deletion.find_drafts()
    assert await store.drafts.find("n") == draft
    await world.restart()
    await world.env.settle()
    assert await world.bot.studio.store.drafts.find("n") is None


async def test_a_result_of_whoever_has_deleted_their_data_meanwhile_goes(
    world: World, ends_after_posting: pytest.MonkeyPatch
) -> None:
    await painted(world)
    await world.shows("here it is")
    answer = said(await world.alice.slash(world.art, "privacy delete"))
    await world.alice.click(answer, label=privacy.DELETE_NOW)
    ends_after_posting.undo()
    await world.restart()
    await world.until(lambda: world.messages == [])


async def test_a_channel_that_is_closed_to_the_bot_tells_nothing(world: World) -> None:
    closed = world.channel_without("closed", "read_message_history")
    await world.alice.send(closed, "a picture", attachments=[("cat.png", png())])
    draft = Draft("n", "0" * 20, closed.id, world.guild.id, Role.RESULT, 1)
    look = await look_for(world.bot, draft)
    assert (look.messages, look.is_sure) == ([], False)
