"""Stories of where results go: into a thread under the picture, into the results channel, beneath what was asked."""

import re
from dataclasses import replace
from typing import Any

import discord
import pytest
from simcord import Env
from simcord.builders import ChannelHandle

from bot.results.album import PAGE
from bot.storage.posts import Role
from bot.storage.settings import Output
from bot.storage.tickets import TicketState
from bot.tickets.delivery import Delivery
from bot.tickets.outlet import AT_ONCE
from bot.words import album
from bot.words.post import MESSAGE_LIMIT
from engine.protocol import MAX_STYLES, Started
from tests.bot.fake_engine import FakeEngine
from tests.bot.storage import sample
from tests.bot.world import FINISHED, World, png, preview, said, told


async def post(world: World, channel: Any = None, **options: Any) -> discord.Message:
    options.setdefault("attachments", [("cat.png", png())])
    picture: discord.Message = await world.bob.send(channel or world.art, "my cat", **options)
    return picture


def thread_of(world: World) -> ChannelHandle:
    (thread,) = world.art.threads
    found: ChannelHandle = thread
    return found


async def shown_in(world: World, channel: ChannelHandle, text: str) -> discord.Message:
    def found() -> discord.Message | None:
        return next((message for message in channel.history() if text in message.content), None)

    await world.until(found)
    message = found()
    assert message is not None
    return message


async def asked_in_threads(world: World) -> discord.Message:
    """A picture of Bob's that Alice has reacted to, in a channel whose results go into threads."""
    await world.set_channel(output=Output.THREAD)
    picture = await post(world)
    await world.alice.react(picture, "🌊")
    await world.until(lambda: world.art.threads)
    return picture


async def test_progress_and_result_are_in_a_thread_under_the_picture(
    world: World, engine: FakeEngine
) -> None:
    picture = await asked_in_threads(world)
    thread = thread_of(world)
    assert thread.id == picture.id
    assert thread.name == "bob’s picture"
    await shown_in(world, thread, "Next in the queue")
    await world.tell(preview(1, 0.1))
    await shown_in(world, thread, "10%")
    await world.tell(FINISHED)
    result = await shown_in(world, thread, "here it is")
    assert f"[the original]({picture.jump_url})" in result.content
    assert world.rung_by(result) == [world.alice.id]
    said_here = [m.id for m in world.messages if m.type is not discord.MessageType.thread_created]
    assert said_here == [picture.id], "the channel stays clean"
    assert [m.id for m in thread.history() if m.attachments] == [result.id]


async def test_a_picture_has_one_thread(world: World, engine: FakeEngine) -> None:
    picture = await asked_in_threads(world)
    await world.bob.react(picture, "🌌")
    await world.until(lambda: len(engine.jobs) == 2)
    for job in range(2):
        await world.tell(FINISHED, job)
    thread = thread_of(world)
    await world.until(lambda: len([m for m in thread.history() if m.attachments]) == 2)


async def test_a_thread_is_found_again_after_a_restart(world: World, env: Env) -> None:
    await asked_in_threads(world)
    thread = thread_of(world)
    await shown_in(world, thread, "Next in the queue")
    await world.restart()
    await world.tell(preview(1, 0.1))
    await env.advance_time(10)
    await shown_in(world, thread, "10%")
    await world.tell(FINISHED)
    await shown_in(world, thread, "here it is")
    await world.restart()
    await env.advance_time(60)
    assert len([m for m in thread.history() if m.attachments]) == 1


async def test_a_result_is_made_anew_where_it_is(world: World) -> None:
    await asked_in_threads(world)
    await world.tell(FINISHED)
    thread = thread_of(world)
    result = await shown_in(world, thread, "here it is")
    await world.bob.click(result, label="Again")
    await shown_in(world, thread, "Next in the queue")
    await world.tell(FINISHED, 1)
    again = await shown_in(world, thread, f"<@{world.bob.id}>, here it is")
    assert f"made from [this result]({result.jump_url})" in again.content
    assert again.reference is not None
    assert again.reference.message_id == result.id


async def asked_for_many(world: World) -> list[discord.Message]:
    """Pictures that Alice has reacted to, more at once than threads are opened at once; those without one."""
    await world.set_channel(output=Output.THREAD)
    await world.set_server(open_per_member=AT_ONCE + 2)
    pictures = [await post(world) for _ in range(AT_ONCE + 2)]
    for picture in pictures:
        await world.alice.react(picture, "🌊")
    await world.until(lambda: len(world.engine.jobs) == len(pictures))
    return [each for each in pictures if each.id not in {thread.id for thread in world.art.threads}]


async def test_of_many_at_once_some_wait_beneath_their_pictures_for_their_threads(world: World) -> None:
    waiting = await asked_for_many(world)
    assert len(waiting) == 2
    shown = [each for each in world.art.history() if "in the queue" in each.content]
    assert {each.reference.message_id for each in shown if each.reference} == {each.id for each in waiting}
    for number in range(len(world.engine.jobs)):
        await world.tell(FINISHED, number)
    await world.until(lambda: len(world.art.threads) == AT_ONCE + 2)
    for thread in world.art.threads:
        await shown_in(world, thread, "here it is")
    await world.until(lambda: not [each for each in world.art.history() if "In the style of" in each.content])


async def test_a_ticket_that_waits_for_its_thread_is_found_after_a_restart(world: World) -> None:
    waiting = await asked_for_many(world)
    await world.restart()
    for number in range(len(world.engine.jobs)):
        await world.tell(FINISHED, number)
    await world.until(lambda: len(world.art.threads) == AT_ONCE + 2)
    for thread in world.art.threads:
        await shown_in(world, thread, "here it is")
    assert waiting
    await world.until(lambda: not [each for each in world.art.history() if "In the style of" in each.content])


async def test_where_threads_cannot_be_made_it_is_a_reply(world: World, env: Env) -> None:
    await world.set_channel(output=Output.THREAD)
    env.inject_error("POST", "/channels/*/messages/*/threads", status=403, code=50013)
    picture = await post(world)
    await world.alice.react(picture, "🌊")
    await world.shows("Next in the queue")
    await world.tell(FINISHED)
    result = await world.shows("here it is")
    assert result.reference is not None
    assert result.reference.message_id == picture.id
    assert world.art.threads == []


async def test_a_thread_that_somebody_was_quicker_to_open_is_used(world: World, env: Env) -> None:
    await world.set_channel(output=Output.THREAD)
    picture = await post(world)
    await picture.create_thread(name="talk about it")
    env.inject_error("POST", "/channels/*/messages/*/threads", status=400, code=160004)
    await world.alice.react(picture, "🌊")
    await shown_in(world, thread_of(world), "Next in the queue")


async def test_a_locked_thread_gets_nothing_and_its_member_everything(world: World, env: Env) -> None:
    await asked_in_threads(world)
    await shown_in(world, thread_of(world), "Next in the queue")
    env.inject_error("POST", f"/channels/{thread_of(world).id}/messages", status=400, code=50083, times=None)
    await world.tell(FINISHED)
    private = world.alice.user.dm_channel
    await world.until(lambda: private.last_message)
    assert private.last_message is not None
    assert "The thread is locked" in private.last_message.content


async def test_a_thread_that_was_locked_before_costs_nobody_a_picture(world: World, env: Env) -> None:
    await world.set_channel(output=Output.THREAD)
    picture = await post(world)
    env.inject_error("POST", f"/channels/{picture.id}/messages", status=400, code=50083, times=None)
    await world.alice.react(picture, "🌊")
    await world.until(lambda: world.engine.jobs)
    await world.tell(FINISHED)
    private = world.alice.user.dm_channel
    await world.until(lambda: private.last_message)
    assert private.last_message is not None
    assert "The thread is locked" in private.last_message.content


async def in_results_channel(world: World, results: ChannelHandle) -> discord.Message:
    await world.set_channel(output=Output.RESULTS)
    await world.set_server(results_id=results.id)
    picture = await post(world)
    await world.alice.react(picture, "🌊")
    await world.shows("Next in the queue")
    await world.tell(FINISHED)
    return picture


async def test_the_results_channel_gets_the_result_and_the_channel_a_line(world: World) -> None:
    results = world.guild.create_text_channel("results")
    picture = await in_results_channel(world, results)
    result = await shown_in(world, results, "here it is")
    assert f"[the original]({picture.jump_url})" in result.content
    line = await world.shows("your picture in the style of")
    assert result.jump_url in line.content
    assert line.components == []
    assert line.attachments == []


async def test_a_forum_for_results_gets_a_post_for_each_picture(world: World, env: Env) -> None:
    results = world.guild.create_forum_channel("results")
    await in_results_channel(world, results)
    await world.until(lambda: results.threads)
    (thread,) = results.threads
    result = await shown_in(world, thread, "here it is")
    assert "in the style of" in (thread.name or "")
    assert result.attachments
    (ticket,) = await world.bot.studio.store.tickets.delivered_to(world.alice.id, world.guild.id, 9)
    found = await Delivery(world.bot, ticket).find_result()
    assert found is not None
    assert found.id == result.id


async def test_a_results_channel_that_is_closed_leaves_the_result_where_it_was_asked_for(
    world: World, env: Env
) -> None:
    results = world.guild.create_text_channel("results")
    env.inject_error("POST", f"/channels/{results.id}/messages", status=403, code=50001)
    await in_results_channel(world, results)
    result = await world.shows("here it is")
    assert "I may no longer post pictures" in result.content
    assert results.history() == []


async def test_an_age_restricted_picture_is_in_no_open_results_channel(world: World) -> None:
    channel = world.bot.get_channel(world.art.id)
    assert isinstance(channel, discord.TextChannel)
    channel.nsfw = True  # which simcord cannot be asked for
    results = world.guild.create_text_channel("results")
    await in_results_channel(world, results)
    await world.shows("here it is")
    assert results.history() == []


async def test_a_post_of_a_forum_is_answered_in_it(world: World, engine: FakeEngine) -> None:
    forum = world.guild.create_forum_channel("pictures")
    await world.set_channel(forum, is_art=True)
    known = world.bot.get_channel(forum.id)
    assert isinstance(known, discord.ForumChannel)
    await known.create_thread(name="My cat", content="Look:")
    (thread,) = forum.threads
    await world.alice.react(await post(world, thread), "🌊")
    await shown_in(world, thread, "Next in the queue")
    await world.tell(FINISHED)
    await shown_in(world, thread, "here it is")


async def test_a_command_is_answered_where_it_was_given(world: World) -> None:
    await world.set_channel(output=Output.THREAD)
    await world.result()
    assert world.art.threads == []


async def test_a_result_links_its_parent_and_its_original(world: World) -> None:
    picture = await post(world)
    await world.alice.react(picture, "🌊")
    await world.shows("Next in the queue")
    await world.tell(FINISHED)
    result = await world.shows("here it is")
    await world.bob.click(result, label="More style")
    child = await world.finish(1)
    assert f"[the original]({picture.jump_url})" in child.content
    assert f"made from [this result]({result.jump_url})" in child.content
    assert f"<@{world.bob.id}>, here it is in" in child.content, "it is Bob's own picture"
    assert f": <@{world.bob.id}>’s picture in" in result.content


@pytest.mark.parametrize("seconds", [0.0, 1.0])
async def test_nothing_is_promised_that_nobody_believes(world: World, seconds: float) -> None:
    await world.stylize()
    before = int(discord.utils.utcnow().timestamp())
    await world.tell(Started(attempt=1, eta_seconds=seconds))
    await world.env.advance_time(3)
    ticket = await world.shows("Painting has begun")
    promised = int(ticket.content.partition("<t:")[2].partition(":")[0])
    assert promised >= before + 9


async def test_history_lists_my_pictures_and_show_brings_them_back(world: World, engine: FakeEngine) -> None:
    result = await world.result()
    listed = await world.alice.slash(world.talk, "history")
    assert listed.ephemeral
    assert listed.response is not None
    assert result.jump_url in listed.response.content
    key = listed.response.content.split("`")[-2]
    again = listed
    for what in (key, result.jump_url, str(result.id), f"<{result.jump_url}>"):
        again = await world.alice.slash(world.talk, "show", picture=what)
        assert again.response is not None
        assert again.ephemeral
        assert await again.response.attachments[0].read() == engine.result
    await world.restart()
    await world.alice.click(said(again), label="Again")
    assert len(engine.jobs) == 2


async def test_pages_of_history(world: World, engine: FakeEngine) -> None:
    for _ in range(9):
        await world.result()
        await world.env.advance_time(1)
    first = await world.alice.slash(world.art, "history")
    page = said(first)
    assert page.ephemeral
    assert await page.attachments[0].read() == engine.sheet
    newest_first = [job.id for job in reversed(engine.jobs)]
    assert engine.wishes[-1] == ("sheet", dict(zip("12345678", newest_first[:8], strict=True)))
    newest = page.content
    await world.restart()
    await world.alice.click(page, label="Older")
    await world.until(lambda: page.content != newest)
    assert [line[:3] for line in page.content.splitlines()[1:]] == ["1. "]
    assert engine.wishes[-1] == ("sheet", {"1": newest_first[8]})
    assert [each.filename for each in page.attachments] == ["history-2.jpeg"]
    await world.alice.click(page, label="Newer")
    await world.until(lambda: page.content == newest)


def test_a_page_of_history_fits_a_message_whatever_is_on_it() -> None:
    mixed = replace(sample.ticket(), id="0" * 20, styles=(sample.WAVE,) * MAX_STYLES)
    link = f"https://discord.com/channels/{10**18}/{10**18}/{10**18}"
    assert len(album.history([(mixed, link)] * PAGE, 0)) <= MESSAGE_LIMIT


async def test_a_picture_of_the_history_is_brought_back(world: World, engine: FakeEngine) -> None:
    await world.result()
    page = said(await world.alice.slash(world.art, "history"))
    (menu,) = page.components[0]["components"]
    assert [option["label"] for option in menu["options"]] == ["Number 1"]
    await world.restart()
    shown = await world.alice.select(page, [engine.jobs[0].key], custom_id="album:show")
    assert said(shown).ephemeral
    assert await said(shown).attachments[0].read() == engine.result
    assert "More style" in str(said(shown).components)


async def test_a_history_without_its_pictures_is_a_list(world: World, engine: FakeEngine) -> None:
    await world.result()
    engine.forget()
    forgotten = said(await world.alice.slash(world.art, "history"))
    engine.go_down()
    away = said(await world.alice.slash(world.art, "history"))
    for page in (forgotten, away):
        assert "1. “The Great Wave" in page.content
        assert page.attachments == []


async def test_a_history_with_a_spoiler_hides_its_sheet(world: World) -> None:
    await world.result(content=("SPOILER_cat.png", png()))
    page = said(await world.alice.slash(world.art, "history"))
    assert page.attachments[0].is_spoiler()


async def test_nobody_has_a_history_of_others(world: World) -> None:
    await world.result()
    listed = await world.bob.slash(world.art, "history")
    assert listed.response is not None
    assert "You have no pictures here yet" in listed.response.content


async def test_a_picture_shown_to_all(world: World) -> None:
    result = await world.result()
    await world.bob.slash(world.art, "show", picture=result.jump_url, post=True)
    shown = await world.shows("’s picture in the style of")
    assert shown.attachments
    assert world.rung_by(shown) == []
    post = await world.bot.studio.store.posts.find(shown.id)
    assert post is not None
    assert post.role is Role.COPY


@pytest.mark.parametrize("what", ["rubbish", "https://example.com/channels/1/2/3", "0" * 20, "1" * 18])
async def test_a_picture_that_nobody_knows(world: World, what: str) -> None:
    answer = await world.alice.slash(world.art, "show", picture=what)
    assert answer.ephemeral
    assert answer.response is not None
    assert "I cannot find that picture" in answer.response.content
    world.sentences()


async def test_a_picture_of_a_channel_that_one_cannot_see(world: World) -> None:
    result = await world.result()
    channel = world.bot.get_channel(world.art.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.set_permissions(channel.guild.default_role, view_channel=False)
    answer = await world.bob.slash(world.talk, "show", picture=result.jump_url)
    assert answer.response is not None
    assert "I cannot find that picture" in answer.response.content
    world.sentences()


async def test_the_queue_tells_mine_and_others(world: World) -> None:
    nobody = await world.alice.slash(world.art, "queue")
    assert nobody.response is not None
    assert "Nobody is waiting" in nobody.response.content
    await world.stylize()
    await world.stylize(world.bob, style="starry_night")
    told = await world.alice.slash(world.art, "queue")
    assert told.ephemeral
    assert told.response is not None
    mine, others = told.response.content.split("**Others’ in this channel**")
    assert "Great Wave" in mine
    assert "Next in the queue" in mine
    assert re.search(r"ready at about <t:\d+:t>\.", mine), "nobody edits it, so it must stay true"
    assert f"<@{world.bob.id}>" in others
    elsewhere = await world.alice.slash(world.talk, "queue")
    assert elsewhere.response is not None
    assert "And 1 more in other channels" in elsewhere.response.content
    assert "Starry" not in elsewhere.response.content


async def test_a_result_that_was_closed_is_not_shown(world: World) -> None:
    await world.stylize()
    (ticket,) = await world.bot.studio.store.tickets.unfinished()
    assert ticket.state is TicketState.OPEN
    answer = await world.alice.slash(world.art, "show", picture=ticket.id)
    assert answer.response is not None
    assert "no longer have" in answer.response.content


async def test_a_result_in_a_thread_is_found_by_its_id(world: World, engine: FakeEngine) -> None:
    await asked_in_threads(world)
    (ticket,) = await world.bot.studio.store.tickets.unfinished()
    await world.tell(FINISHED)
    await shown_in(world, thread_of(world), "here it is")
    await world.alice.slash(world.art, "stylize", picture=ticket.id, style="starry_night")
    assert engine.jobs[1].parts["content"] == engine.result


async def test_a_picture_of_a_private_thread_that_one_is_not_in(world: World) -> None:
    channel = world.bot.get_channel(world.art.id)
    assert isinstance(channel, discord.TextChannel)
    thread = await channel.create_thread(name="secret", type=discord.ChannelType.private_thread)
    result = await world.result()
    posts = world.bot.studio.store.posts
    noted = await posts.find(result.id)
    assert noted is not None
    await posts.add(replace(noted, channel_id=thread.id))
    answer = await world.bob.slash(world.talk, "show", picture=result.jump_url)
    assert "I cannot find that picture" in told(answer)[0]
    world.sentences()
