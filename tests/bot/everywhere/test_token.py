"""Stories of a member who has installed the bot for themselves, where the bot is not: all goes by the interaction's token."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import discord
import pytest
from simcord.results import InteractionResult

from bot.errors import BotError, BotErrorCode
from bot.storage.consents import EVERYWHERE, Answer
from bot.storage.settings import Consent, Work
from bot.storage.tickets import TicketState
from bot.tickets import follower
from bot.words import deletion as deletion_words
from bot.words import result as result_words
from bot.words.errors import sentence
from bot.words.result import MORE
from engine.protocol import CrashPoint, ErrorCode, Refusal
from tests.bot.everywhere.conftest import Foreign
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import FINISHED, World, png, preview, said

NEARLY_OVER = timedelta(minutes=13, seconds=5).total_seconds()
OVER = timedelta(minutes=3).total_seconds()


def private(result: InteractionResult) -> list[str]:
    """What only whoever asked was told."""
    answers = [result.response] if result.response is not None else []
    return [answer.content for answer in (*answers, *result.followups) if answer.ephemeral]


def direct(world: World) -> Any:
    """The newest direct message between Alice and the bot."""
    return world.alice.user.dm_channel.last_message


async def finished(foreign: Foreign, world: World, job: int = 0) -> Any:
    """The message of a result that is finished now."""
    await world.tell(FINISHED, job)
    await world.until(lambda: "here it is" in foreign.last().content)
    return foreign.last()


async def delivered(world: World, ticket_id: str) -> None:
    """A ticket is over, and has its picture, though that may be nowhere."""
    for _ in range(200):
        if await world.bot.studio.store.tickets.state(ticket_id) == TicketState.DELIVERED:
            return
        await world.env.settle()
        await asyncio.sleep(0.01)
    raise AssertionError("it is not over")


async def refused(foreign: Foreign, result: InteractionResult) -> str:
    """What somebody was told in private, while nothing is left where all see it."""
    (text,) = private(result)
    assert [message for message in foreign.channel.history() if not message.flags.ephemeral] == []
    foreign.world.sentences()
    assert await foreign.world.bot.studio.store.tickets.unfinished() == []
    assert await foreign.world.bot.studio.store.owed.all() == []
    return text


# --- painting ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_group", [False, True])
async def test_a_picture_is_painted_in_the_answer_itself(
    foreign: Foreign, engine: FakeEngine, world: World
) -> None:
    await foreign.stylize()
    shown = foreign.last()
    assert "Next in the queue" in shown.content
    owner = engine.jobs[0].request.owner
    assert (owner.group, owner.user) == (str(world.alice.id), str(world.alice.id))
    await world.tell(preview(1, 0.1))
    await world.until(lambda: "10%" in foreign.last().content)
    result = await finished(foreign, world)
    assert result.id == shown.id
    assert await result.attachments[0].read() == engine.result
    assert foreign.tokens == {}
    assert world.messages == []
    assert await world.bot.studio.store.tickets.unfinished() == []
    assert await world.bot.studio.store.owed.all() == []


async def test_a_style_is_chosen_in_private_and_painted_for_all(
    foreign: Foreign, engine: FakeEngine, world: World
) -> None:
    asked = await foreign.stylize(style=None)
    assert said(asked).ephemeral
    await foreign.alice.select(said(asked), ["starry_night"])
    shown = await finished(foreign, world)
    assert not shown.flags.ephemeral
    assert engine.jobs[0].request.styles[0].name == "starry_night"


async def test_what_would_take_too_long_is_refused_and_forgotten(
    foreign: Foreign, engine: FakeEngine, world: World
) -> None:
    engine.eta_seconds = 25 * 60
    text = await refused(foreign, await foreign.stylize())
    assert text == sentence(BotError(BotErrorCode.TOO_LONG_HERE, seconds=25 * 60))
    assert "about 25 minutes" in text
    (key,) = [job.key for job in engine.jobs]
    await world.until(lambda: engine.deleted == [key])
    engine.eta_seconds = 11 * 60
    await foreign.stylize()
    assert "Next in the queue" in foreign.last().content


@pytest.mark.parametrize("settings", [{"message_content": False}])
async def test_what_cannot_be_painted_is_told_in_private(
    foreign: Foreign, engine: FakeEngine, world: World
) -> None:
    assert "not an image" in await refused(foreign, await foreign.stylize(content=("cat.png", b"words")))
    engine.refusals = [Refusal(ErrorCode.QUEUE_FULL, waiting=100, minutes=7)]
    full = sentence(Refusal(ErrorCode.QUEUE_FULL, waiting=100, minutes=7))
    assert await refused(foreign, await foreign.stylize()) == full


async def test_what_is_looked_for_and_not_found_is_told_in_private(
    foreign: Foreign, engine: FakeEngine, world: World
) -> None:
    unseen = await foreign.stylize(content=None, picture="1" * 18)
    assert await refused(foreign, unseen) == sentence(BotError(BotErrorCode.MESSAGE_NOT_SEEN))
    newest = await foreign.stylize(content=None, style=None)
    assert await refused(foreign, newest) == sentence(BotError(BotErrorCode.PICTURES_NOT_SEEN))
    assert engine.jobs == []


async def test_a_form_is_painted_too(foreign: Foreign, world: World) -> None:
    form = await foreign.alice.slash(foreign.channel, "paint")
    await foreign.alice.submit_modal(
        form,
        {"picture": [("cat.png", png())], "style": ["great_wave"], "style_images": [], "strength": ["50"]},
    )
    assert "Next in the queue" in foreign.last().content
    await finished(foreign, world)


async def test_where_apps_are_private_permissions_to_post_do_not_matter(
    foreign: Foreign, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = discord.Permissions(view_channel=True, use_external_apps=False)
    monkeypatch.setattr(discord.Interaction, "permissions", lacking)
    await foreign.stylize()
    assert len(engine.jobs) == 1
    lacking = discord.Permissions(view_channel=True, use_external_apps=True)
    monkeypatch.setattr(discord.Interaction, "permissions", lacking)
    assert "Attach Files" in private(await foreign.stylize())[0]
    foreign.world.sentences()


# --- the end of a token, and of a process -----------------------------------------------------------------


async def test_a_restart_goes_on_in_the_same_answer(
    foreign: Foreign, engine: FakeEngine, world: World
) -> None:
    await foreign.stylize()
    shown = foreign.last()
    await world.restart()
    await world.tell(preview(1, 0.1))
    await world.until(lambda: "10%" in foreign.last().content)
    assert (await finished(foreign, world)).id == shown.id
    assert foreign.tokens == {}


async def test_a_restart_between_storing_and_showing_shows_it_once(
    foreign: Foreign, engine: FakeEngine, world: World
) -> None:
    engine.go_down()
    await foreign.stylize()
    store = world.bot.studio.store
    (ticket,) = await store.tickets.unfinished()
    engine.come_back()
    await world.restart()
    await finished_later(foreign, world, engine)
    assert len([m for m in foreign.channel.history() if not m.flags.ephemeral]) == 1
    assert await world.bot.studio.store.tickets.state(ticket.id) == TicketState.DELIVERED


async def finished_later(foreign: Foreign, world: World, engine: FakeEngine) -> None:
    await world.until(lambda: engine.jobs)
    await finished(foreign, world)


async def test_what_is_late_goes_on_in_direct_messages(
    foreign: Foreign, engine: FakeEngine, world: World
) -> None:
    await foreign.stylize()
    await world.later(NEARLY_OVER)
    await world.until(lambda: direct(world))
    moved = direct(world)
    assert "Next in the queue" in moved.content
    assert f"I go on in our direct messages: {moved.jump_url}" in foreign.last().content
    assert await world.bot.studio.store.owed.all() == []
    await world.later(OVER)
    await world.restart()
    await world.tell(FINISHED)
    await world.until(lambda: "here it is" in direct(world).content)
    assert await direct(world).attachments[0].read() == engine.result


async def test_what_goes_on_in_direct_messages_is_there_once_over_a_kill(
    foreign: Foreign, engine: FakeEngine, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached: list[CrashPoint] = []

    def stop(point: CrashPoint) -> None:
        if point is CrashPoint.BOT_TICKET_MOVED and not reached:
            reached.append(point)
            raise RuntimeError("the process ends")

    monkeypatch.setattr(follower, "reach", stop)
    await foreign.stylize()
    await world.later(NEARLY_OVER)
    await world.until(lambda: reached)
    moved = direct(world)
    await world.restart()
    await world.until(lambda: f"I go on in our direct messages: {moved.jump_url}" in foreign.last().content)
    assert direct(world).id == moved.id
    world.sentences()


async def test_what_is_late_where_direct_messages_are_closed_is_kept(
    foreign: Foreign, engine: FakeEngine, world: World
) -> None:
    await foreign.stylize()
    world.env.inject_error("POST", "/channels/*/messages", status=403, code=50007, times=None)
    await world.later(NEARLY_OVER)
    (ticket,) = await world.bot.studio.store.tickets.unfinished()
    await world.until(lambda: "are closed to me" in foreign.last().content)
    assert f"`/show picture:{ticket.id}` brings it" in foreign.last().content
    await world.later(OVER)
    await world.tell(FINISHED)
    await delivered(world, ticket.id)
    brought = await foreign.alice.slash(foreign.channel, "show", picture=ticket.id)
    assert await said(brought).attachments[0].read() == engine.result


@pytest.mark.parametrize("nsfw", [True])
async def test_what_is_age_restricted_goes_nowhere_else(
    foreign: Foreign, engine: FakeEngine, world: World
) -> None:
    await foreign.stylize()
    await world.later(NEARLY_OVER)
    await world.until(lambda: "send nowhere else" in foreign.last().content)
    await world.later(OVER)
    await world.restart()
    (ticket,) = await world.bot.studio.store.tickets.unfinished()
    await world.tell(FINISHED)
    await delivered(world, ticket.id)
    assert direct(world) is None
    asked = await world.alice.slash(world.art, "show", picture=ticket.id, post=True)
    assert sentence(BotError(BotErrorCode.AGE_RESTRICTED)) in private(asked)
    world.sentences()


@pytest.mark.parametrize("is_thread", [True])
async def test_what_is_from_a_thread_of_which_nothing_is_told_goes_nowhere_else(
    foreign: Foreign, engine: FakeEngine, world: World
) -> None:
    await foreign.stylize()
    first = await finished(foreign, world)
    again = await foreign.alice.click(first, label="Again")
    assert private(again) == []
    await world.until(lambda: len(engine.jobs) == 2)
    own = await foreign.alice.send(foreign.channel, "my cat", attachments=[("cat.png", png())])
    menu = await foreign.alice.context_menu(foreign.channel, "Stylize this image", own)
    await foreign.alice.select(said(menu), ["great_wave"])
    await world.until(lambda: len(engine.jobs) == 3)
    (ticket,) = await world.bot.studio.store.tickets.delivered_to(world.alice.id, None, 1)
    restricted = sentence(BotError(BotErrorCode.AGE_RESTRICTED))
    for member, channel in ((world.alice, world.art), (foreign.alice, foreign.channel)):
        posted = await member.slash(channel, "show", picture=ticket.id, post=True)
        assert restricted in private(posted)
    assert said(await foreign.alice.slash(foreign.channel, "show", picture=ticket.id)).attachments
    world.sentences()


@pytest.mark.parametrize("is_thread", [True])
async def test_what_is_age_restricted_elsewhere_is_not_shown_in_such_a_thread(
    foreign: Foreign, engine: FakeEngine, world: World
) -> None:
    await world.result()
    (ticket,) = await world.bot.studio.store.tickets.delivered_to(world.alice.id, None, 1)
    await world.bot.studio.store.tickets.save(replace(ticket, nsfw=True), "nsfw")
    shown_again = said(await foreign.alice.slash(foreign.channel, "show", picture=ticket.id))
    assert shown_again.content == sentence(BotError(BotErrorCode.AGE_RESTRICTED))
    world.sentences()


async def test_a_token_that_is_over_during_a_restart_is_gone_on_from_directly(
    foreign: Foreign, engine: FakeEngine, world: World
) -> None:
    await foreign.stylize()
    await world.bot.close()
    await world.env.advance_time(16 * 60)
    await world.env.restart_bot(world._new_bot())
    await world.until(lambda: direct(world))
    await world.tell(FINISHED)
    await world.until(lambda: "here it is" in direct(world).content)


async def test_an_engine_that_was_away_is_waited_for_in_direct_messages(
    foreign: Foreign, engine: FakeEngine, world: World
) -> None:
    await foreign.alice.autocomplete(foreign.channel, "stylize", "style", "")
    engine.go_down()
    await foreign.stylize()
    assert "cannot be reached" in foreign.last().content
    engine.eta_seconds = 25 * 60
    engine.come_back()
    await world.until(lambda: engine.jobs)
    await world.later(NEARLY_OVER)
    await world.until(lambda: direct(world))


# --- whose pictures ---------------------------------------------------------------------------------------


async def test_somebody_elses_picture_needs_their_word_for_everywhere(
    foreign: Foreign, engine: FakeEngine, world: World
) -> None:
    cat = await foreign.bob.send(foreign.channel, "my cat", attachments=[("cat.png", png())])
    menu = await foreign.alice.context_menu(foreign.channel, "Stylize this image", cat)
    assert private(menu) == [sentence(BotError(BotErrorCode.NOBODY_TO_ASK))]
    world.sentences()
    now = discord.utils.utcnow().timestamp()
    await world.bot.studio.store.consents.remember(world.bob.id, EVERYWHERE, Answer.ALWAYS, now)
    menu = await foreign.alice.context_menu(foreign.channel, "Stylize this image", cat)
    await foreign.alice.select(said(menu), ["great_wave"])
    assert f"<@{world.bob.id}>’s picture" in (await finished(foreign, world)).content
    await world.bot.studio.store.consents.remember(world.bob.id, EVERYWHERE, Answer.NEVER, now)
    menu = await foreign.alice.context_menu(foreign.channel, "Stylize this image", cat)
    assert private(menu) == [sentence(BotError(BotErrorCode.AUTHOR_SAYS_NO))]
    world.sentences()


async def test_ones_own_message_is_painted(foreign: Foreign, engine: FakeEngine, world: World) -> None:
    cat = await foreign.alice.send(foreign.channel, "my cat", attachments=[("cat.png", png())])
    menu = await foreign.alice.context_menu(foreign.channel, "Try all styles on this image", cat)
    assert engine.jobs[0].request.audition
    assert private(menu) == []


async def test_a_server_that_the_bot_is_in_has_its_say(
    foreign: Foreign, engine: FakeEngine, world: World
) -> None:
    foreign.installs.used_by_members.add(world.guild.id)
    await world.set_server(consent=Consent.ASK, starters=(1,))
    assert said(await world.stylize()).content == sentence(BotError(BotErrorCode.NOT_A_STARTER, roles=[1]))
    await world.set_server(starters=(), work=Work.FINISH)
    assert said(await world.stylize()).content == sentence(BotError(BotErrorCode.SWITCHED_OFF))
    await world.set_server(work=Work.ON)
    await world.bot.studio.store.blocks.block(world.guild.id, world.alice.id, world.bob.id, 1.0)
    assert said(await world.stylize()).content == sentence(BotError(BotErrorCode.BLOCKED))
    await world.stylize(world.bob)
    assert len(engine.jobs) == 1
    world.sentences()


@pytest.mark.parametrize("settings", [{"personal_open": 2, "personal_daily": 3}])
async def test_a_member_has_so_many_outside_of_servers(
    foreign: Foreign, engine: FakeEngine, world: World
) -> None:
    await foreign.stylize()
    await world.alice.user.slash("stylize", content=("cat.png", png()), style="great_wave")
    assert len(engine.jobs) == 2
    third = await foreign.stylize()
    assert "You already have 2 on the way" in private(third)[0]
    await world.tell(FINISHED, 0)
    await world.tell(FINISHED, 1)
    await world.until(lambda: "here it is" in direct(world).content)
    await foreign.stylize()
    assert "as many pictures outside of servers" in private(await foreign.stylize())[0]
    await world.stylize()  # in a server, which has limits of its own
    assert len(engine.jobs) == 4
    world.sentences()


# --- results ----------------------------------------------------------------------------------------------


async def test_a_result_is_gone_on_from(foreign: Foreign, engine: FakeEngine, world: World) -> None:
    await foreign.stylize()
    result = await finished(foreign, world)
    await foreign.alice.click(result, label="Again")
    assert foreign.last().id != result.id
    assert "Next in the queue" in foreign.last().content
    again = await finished(foreign, world, 1)
    panel = await foreign.alice.click(again, label=MORE())
    labels = [each["label"] for row in said(panel).components for each in row["components"]]
    assert result_words.LARGER() in labels
    assert result_words.EMOJI() not in labels
    await foreign.alice.click(said(panel), label=result_words.LARGER())
    assert len(engine.jobs) == 3
    moves = await foreign.alice.click(said(panel), label=result_words.TIMELAPSE())
    posted = await foreign.alice.click(said(moves), label=result_words.POST_IT())
    assert any(not answer.ephemeral and answer.attachments for answer in posted.followups)


async def test_somebody_else_cannot_go_on_from_it(foreign: Foreign, engine: FakeEngine, world: World) -> None:
    await foreign.stylize()
    result = await finished(foreign, world)
    pressed = await foreign.bob.click(result, label="Again")
    assert private(pressed) == [sentence(BotError(BotErrorCode.NOBODY_TO_ASK))]
    pressed = await foreign.bob.click(result, label="Delete")
    assert private(pressed) == [sentence(BotError(BotErrorCode.NOT_YOURS_TO_DELETE))]
    world.sentences()


async def test_a_result_is_deleted_by_two_presses_at_itself(
    foreign: Foreign, engine: FakeEngine, world: World
) -> None:
    await foreign.stylize()
    result = await finished(foreign, world)
    asked = await foreign.alice.click(result, label="Delete")
    assert private(asked) == [deletion_words.CONFIRM_HERE()]
    asked = await foreign.alice.click(foreign.last(), label="Delete")  # once more
    await world.restart()
    shown = next(each for each in foreign.channel.history() if each.id == result.id)
    done = await foreign.alice.click(shown, label=deletion_words.CONFIRMED())
    assert private(done) == [deletion_words.DELETED()]
    assert result.id not in [each.id for each in foreign.channel.history()]
    await world.until(lambda: engine.deleted == [engine.jobs[0].key])


async def test_a_painting_is_stopped(foreign: Foreign, engine: FakeEngine, world: World) -> None:
    await foreign.stylize()
    await foreign.alice.click(foreign.last(), label="Cancel")
    await world.until(lambda: "Stopped" in foreign.last().content)
    assert await world.bot.studio.store.owed.all() == []


async def test_ones_pictures_are_listed_anywhere(foreign: Foreign, world: World) -> None:
    await foreign.stylize()
    queue = await foreign.alice.slash(foreign.channel, "queue")
    assert "The Great Wave" in said(queue).content
    assert "The Great Wave" not in said(await foreign.bob.slash(foreign.channel, "queue")).content
    await finished(foreign, world)
    assert "The Great Wave" in said(await foreign.alice.slash(foreign.channel, "history")).content
    guide = said(await foreign.alice.slash(foreign.channel, "help")).content
    assert "15 minutes" in guide
    assert len(guide) <= 2000
    assert "in this server" not in said(await foreign.alice.slash(foreign.channel, "consent")).content
