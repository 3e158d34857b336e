"""Stories of pictures that are somebody else's: their author is asked, answers, and it is painted or not."""

import asyncio
from datetime import timedelta
from typing import Any

import discord
import pytest
from simcord import Env

from bot.consent import agreed, inquiries
from bot.errors import BotError, BotErrorCode
from bot.refusals import NO
from bot.storage.consents import EVERYWHERE, Answer, Question
from bot.storage.settings import Consent
from bot.words import consent as words
from bot.words.errors import sentence
from engine.protocol import CrashPoint, ErrorCode, Refusal
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import World, png, said, told

QUESTION = "would like to see this in"


@pytest.fixture(autouse=True)
async def asking(world: World) -> None:
    """The server wants its authors asked."""
    await world.set_server(consent=Consent.ASK)


async def post(world: World, author: Any = None, channel: Any = None) -> discord.Message:
    """A picture of Bob's, unless told otherwise."""
    return await (author or world.bob).send(channel or world.art, "my cat", attachments=[("cat.png", png())])


def questions(world: World) -> list[discord.Message]:
    return [message for message in world.messages if QUESTION in message.content]


def painted(engine: FakeEngine) -> list[tuple[str, str | None]]:
    return [(job.request.owner.user, job.request.styles[0].name) for job in engine.jobs]


async def asked(world: World) -> tuple[discord.Message, discord.Message]:
    """Alice has tapped on a picture of Bob's: the picture and the question."""
    picture = await post(world)
    await world.alice.react(picture, "🌊")
    (question,) = questions(world)
    return picture, question


async def test_the_author_is_asked_in_one_message_and_nothing_is_fetched(
    world: World, engine: FakeEngine, fetched: list[str]
) -> None:
    picture, question = await asked(world)
    assert question.content == (
        f"<@{world.bob.id}>, <@{world.alice.id}> would like to see this in "
        "The Great Wave off Kanagawa: may I paint it?"
    )
    assert world.rung_by(question) == [world.bob.id]
    assert question.reference is not None
    assert question.reference.message_id == picture.id
    assert (engine.jobs, fetched) == ([], [])


async def test_one_asks_once_for_a_style(world: World) -> None:
    picture, question = await asked(world)
    menu = await world.alice.context_menu(world.art, "Stylize this image", picture)
    await world.alice.select(said(menu), ["great_wave"])
    assert [message.content for message in questions(world)] == [question.content]


async def test_always_paints_at_once_and_is_remembered(world: World, engine: FakeEngine) -> None:
    picture, question = await asked(world)
    await world.bob.click(question, label="Always")
    ticket = await world.shows("Next in the queue")
    assert ticket.reference is not None
    assert ticket.reference.message_id == picture.id
    assert painted(engine) == [(str(world.alice.id), "great_wave")]
    (answered,) = [message for message in world.messages if message.id == question.id]
    assert answered.content == words.SAID_ALWAYS(author=f"<@{world.bob.id}>")
    assert answered.components == []
    await world.alice.react(await post(world), "🌌")
    assert len(engine.jobs) == 2
    assert questions(world) == []


async def test_this_once_is_for_one_picture(world: World, engine: FakeEngine) -> None:
    _, question = await asked(world)
    await world.bob.click(question, label="This once")
    await world.until(lambda: engine.jobs)
    await world.alice.react(await post(world), "🌊")
    assert len(questions(world)) == 1
    assert len(engine.jobs) == 1


async def test_no_is_remembered_and_said_by_a_mark(world: World, engine: FakeEngine, env: Env) -> None:
    picture, question = await asked(world)
    await world.bob.click(question, label="No")
    assert await world.shows(words.SAID_NO(author=f"<@{world.bob.id}>"))
    await world.alice.react(picture, "🌌")
    (under,) = [message for message in world.messages if message.id == picture.id]
    assert NO in [str(reaction.emoji) for reaction in under.reactions]
    await world.restart()
    await env.settle()
    assert questions(world) == []
    assert engine.jobs == []


async def test_nobody_answers_for_the_author(world: World, engine: FakeEngine) -> None:
    _, question = await asked(world)
    pressed = await world.alice.click(question, label="Always")
    assert told(pressed) == [f"Only <@{world.bob.id}> can answer that, as it is their picture."]
    world.sentences()
    assert engine.jobs == []
    assert len(questions(world)) == 1


async def test_further_members_and_styles_are_added_to_the_question(
    world: World, engine: FakeEngine, env: Env
) -> None:
    picture, question = await asked(world)
    carol, *others = (world.guild.add_member(env.create_user(f"member{n}")) for n in range(4))
    await carol.react(picture, "🌊")
    await world.alice.react(picture, "🌌")
    for member in others:
        await member.react(picture, "🌊")
    (now,) = questions(world)
    assert now.id == question.id
    assert now.content == (
        f"<@{world.bob.id}>, <@{world.alice.id}>, <@{carol.id}>, <@{others[0].id}> and 2 others would like to "
        "see this in The Great Wave off Kanagawa and The Starry Night: may I paint it?"
    )
    assert world.rung_by(now) == [world.bob.id]
    await world.bob.click(now, label="This once")
    await world.until(lambda: len(engine.jobs) == 6)
    assert sorted(painted(engine)) == sorted(
        [
            *((str(member.id), "great_wave") for member in (world.alice, carol, *others)),
            (str(world.alice.id), "starry_night"),
        ]
    )


async def test_always_answers_every_question_of_the_author(world: World, engine: FakeEngine) -> None:
    await asked(world)
    await world.alice.react(await post(world), "🌌")
    first, second = questions(world)
    await world.bob.click(first, label="Always")
    await world.until(lambda: len(engine.jobs) == 2)
    assert questions(world) == []
    assert [m for m in world.messages if m.id in (first.id, second.id) and m.components] == []


async def test_a_question_outlives_the_process(world: World, engine: FakeEngine, env: Env) -> None:
    _, question = await asked(world)
    await world.restart()
    await env.settle()
    assert [message.id for message in questions(world)] == [question.id]
    await world.bob.click(question, label="Always")
    await world.until(lambda: engine.jobs)
    assert painted(engine) == [(str(world.alice.id), "great_wave")]


async def test_a_question_that_a_killed_process_did_not_note_is_not_asked_again(
    world: World, engine: FakeEngine, env: Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached: list[CrashPoint] = []

    def stop(point: CrashPoint) -> None:
        if point is CrashPoint.BOT_QUESTION_SHOWN and not reached:
            reached.append(point)
            raise RuntimeError("the process ends")

    monkeypatch.setattr(inquiries, "reach", stop)
    _, question = await asked(world)
    await world.restart()
    await env.settle()
    assert reached
    assert [message.id for message in questions(world)] == [question.id]
    await world.bob.click(question, label="Always")
    await world.until(lambda: engine.jobs)
    world.sentences()


async def test_a_question_that_was_not_noted_is_the_one_that_further_members_are_added_to(
    world: World, env: Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    _end_once_at(CrashPoint.BOT_QUESTION_SHOWN, monkeypatch)
    picture, question = await asked(world)
    await env.advance_time(600)  # Discord knows the nonce no more
    await world.guild.add_member(env.create_user("carol")).react(picture, "🌌")
    await env.settle()
    assert [message.id for message in questions(world)] == [question.id]


async def test_what_is_answered_while_it_is_taken_up_is_not_asked_again(
    world: World, env: Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    _end_once_at(CrashPoint.BOT_QUESTION_SHOWN, monkeypatch)
    picture, question = await asked(world)
    await env.advance_time(600)  # Discord knows the nonce no more
    asking = world.bot.studio.inquiries
    settle, answered, calls = asking._settle, asyncio.Event(), []

    async def settle_slowly(*arguments: Any, **options: Any) -> None:
        calls.append(arguments)
        if len(calls) == 1:  # of whoever takes it up, who has looked before the answer comes
            await settle(*arguments, **options)
            await answered.wait()
            return
        answered.set()
        if not asking._turn(picture.id).locked():
            await taking_up
        await settle(*arguments, **options)

    monkeypatch.setattr(asking, "_settle", settle_slowly)
    taking_up = asyncio.create_task(asking._take_up())
    await world.until(lambda: calls)
    await world.bob.click(question, label="Always")
    await taking_up
    await env.settle()
    about = [each for each in world.messages if each.reference and each.reference.message_id == picture.id]
    assert len([each for each in about if f"<@{world.bob.id}>" in each.content]) == 1


def _end_once_at(point: CrashPoint, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is done end at a point, as if the process did."""
    reached: list[CrashPoint] = []

    def stop(here: CrashPoint) -> None:
        if here is point and not reached:
            reached.append(here)
            raise RuntimeError("the process ends")

    monkeypatch.setattr(inquiries, "reach", stop)


async def test_a_yes_outlives_a_full_queue_and_the_process(
    world: World, engine: FakeEngine, env: Env
) -> None:
    engine.places_of_group = 0
    picture = await post(world)
    question = await _asked_despite_a_full_queue(world, engine, picture)
    await world.bob.click(question, label="This once")
    await world.restart()
    await env.settle()
    assert engine.jobs == []
    engine.places_of_group = 10
    await env.advance_time(agreed.RETRY_SECONDS + 5)
    await world.until(lambda: engine.jobs)
    await world.restart()
    await env.advance_time(agreed.RETRY_SECONDS + 5)
    assert painted(engine) == [(str(world.alice.id), "great_wave")]
    assert await world.bot.studio.store.consents.agreed() == []


async def _asked_despite_a_full_queue(
    world: World, engine: FakeEngine, picture: discord.Message
) -> discord.Message:
    engine.places_of_group = 10
    await world.alice.react(picture, "🌊")
    engine.places_of_group = 0
    (question,) = questions(world)
    return question


async def test_a_reaction_taken_back_takes_its_question_along(world: World) -> None:
    picture, question = await asked(world)
    await world.alice.react(picture, "🌌")
    await world.alice.unreact(picture, "🌊")
    (now,) = questions(world)
    assert "The Great Wave" not in now.content
    await world.alice.unreact(picture, "🌌")
    assert questions(world) == []
    assert question.id not in [message.id for message in world.messages]


async def test_reactions_that_a_moderator_removes_take_their_questions_along(world: World) -> None:
    picture, _ = await asked(world)
    await world.alice.react(picture, "🌌")
    world.env.backend.clear_reaction(world.art.id, picture.id, "🌊")
    await world.env.settle()
    (now,) = questions(world)
    assert "The Great Wave" not in now.content
    world.env.backend.clear_reactions(world.art.id, picture.id)
    await world.env.settle()
    assert questions(world) == []


async def test_a_picture_that_is_deleted_is_not_asked_about_any_more(world: World) -> None:
    picture, _ = await asked(world)
    await world.bob.delete(picture)
    assert questions(world) == []
    assert await world.bot.studio.store.consents.open_questions() == []


async def test_a_question_that_is_deleted_is_no_question(world: World, engine: FakeEngine) -> None:
    _, question = await asked(world)
    world.env.backend.delete_message(world.art.id, question.id)
    await world.env.settle()
    assert await world.bot.studio.store.consents.open_questions() == []


async def test_after_a_few_questions_the_author_is_left_in_peace(world: World, engine: FakeEngine) -> None:
    for _ in range(inquiries.OPEN_QUESTIONS + 2):
        await world.alice.react(await post(world), "🌊")
    assert len(questions(world)) == inquiries.OPEN_QUESTIONS
    menu = await world.alice.context_menu(world.art, "Stylize this image", await post(world))
    picked = await world.alice.select(said(menu), ["great_wave"])
    assert told(picked)[-1] == (
        f"I have asked <@{world.bob.id}>, whose picture that is, a few times today already: "
        "please try again tomorrow."
    )
    world.sentences()


async def test_a_question_is_void_after_its_time(
    world: World, env: Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agreed, "VOID_AFTER", timedelta(minutes=3))
    await asked(world)
    await world.bot.studio.inquiries.sweep()  # which comes each hour
    assert len(questions(world)) == 1
    await env.advance_time(200)
    await world.bot.studio.inquiries.sweep()
    await env.settle()
    assert questions(world) == []


async def test_what_a_blocked_member_has_asked_is_void(world: World, engine: FakeEngine) -> None:
    await asked(world)
    await world.bot.studio.store.blocks.block(world.guild.id, world.alice.id, world.bob.id, 0.0)
    await world.bot.studio.inquiries.blocked(world.guild.id)
    assert questions(world) == []


async def test_a_member_who_left_is_not_painted_for(world: World, engine: FakeEngine) -> None:
    _, question = await asked(world)
    world.env.backend.remove_member(world.guild.id, world.alice.id)
    await world.bob.click(question, label="Always")
    await world.env.settle()
    assert engine.jobs == []
    assert await world.bot.studio.store.consents.agreed() == []


async def test_an_author_who_left_is_not_asked(world: World, engine: FakeEngine) -> None:
    picture = await post(world)
    world.env.backend.remove_member(world.guild.id, world.bob.id)
    menu = await world.alice.context_menu(world.art, "Stylize this image", picture)
    picked = await world.alice.select(said(menu), ["great_wave"])
    assert told(picked)[-1] == (
        f"<@{world.bob.id}>, whose picture that is, would have to say yes and is not here."
    )
    world.sentences()
    assert questions(world) == []


async def test_by_the_menu_whoever_asks_is_told_privately(world: World, engine: FakeEngine) -> None:
    picture = await post(world)
    menu = await world.alice.context_menu(world.art, "Stylize this image", picture)
    picked = await world.alice.select(said(menu), ["starry_night"])
    assert said(menu).ephemeral
    shown = [answer.content for answer in (picked.response, *picked.followups) if answer is not None]
    assert words.ASKED(author=f"<@{world.bob.id}>") in [*shown, *_contents(world)]
    (question,) = questions(world)
    await world.bob.click(question, label="This once")
    await world.until(lambda: engine.jobs)
    assert painted(engine) == [(str(world.alice.id), "starry_night")]


def _contents(world: World) -> list[str]:
    calls = [call for call in world.env.http_requests if call.method == "PATCH"]
    return [(call.json or {}).get("content", "") for call in calls]


async def test_a_results_buttons_ask_whoever_made_the_first_picture(
    world: World, engine: FakeEngine, env: Env
) -> None:
    _, question = await asked(world)
    await world.bob.click(question, label="This once")
    await world.until(lambda: engine.jobs)
    result = await world.finish(0)
    carol = world.guild.add_member(env.create_user("carol"))
    pressed = await carol.click(result, label="More style")
    assert told(pressed) == [words.ASKED(author=f"<@{world.bob.id}>")]
    (question,) = questions(world)
    assert question.reference is not None
    assert question.reference.message_id == result.id
    assert len(engine.jobs) == 1
    await world.bob.click(result, label="More style")
    assert len(engine.jobs) == 2
    await world.bob.click(question, label="Always")
    await world.until(lambda: len(engine.jobs) == 3)
    assert engine.jobs[2].request.owner.user == str(carol.id)
    assert "previous" in engine.jobs[2].parts


async def test_a_result_painted_further_by_a_reaction_asks_as_well(world: World, engine: FakeEngine) -> None:
    result = await world.result()
    await world.bob.react(result, "🌌")
    (question,) = questions(world)
    assert question.content.startswith(f"<@{world.alice.id}>, <@{world.bob.id}>")
    assert len(engine.jobs) == 1


async def test_ones_own_are_painted_without_a_word(world: World, engine: FakeEngine) -> None:
    picture = await post(world, world.alice)
    await world.alice.react(picture, "🌊")
    await world.stylize()
    assert len(engine.jobs) == 2
    assert questions(world) == []


async def test_a_reaction_made_meanwhile_asks_once(world: World, engine: FakeEngine, env: Env) -> None:
    picture = await post(world)
    await world.bot.close()
    env.backend.add_reaction(world.art.id, picture.id, "🌊", world.alice.id)
    await env.restart_bot(world._new_bot())
    await world.until(lambda: questions(world))
    await world.restart()
    await env.advance_time(60)
    assert len(questions(world)) == 1
    assert engine.jobs == []


async def test_an_author_who_has_said_yes_is_not_asked_again_after_a_restart(
    world: World, engine: FakeEngine, env: Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, question = await asked(world)
    with monkeypatch.context() as cut_off:  # before it is painted
        cut_off.setattr("bot.consent.agreed.AgreedPictures.paint", lambda _: None)
        await world.bob.click(question, label="This once")
        await world.restart()
        await env.advance_time(60)
    assert questions(world) == []
    await world.restart()
    await world.until(lambda: engine.jobs)
    await env.advance_time(60)
    assert (len(engine.jobs), questions(world)) == (1, [])


async def test_an_answer_that_discord_no_longer_wants_to_hear_of_holds(
    world: World, engine: FakeEngine, env: Env
) -> None:
    _, question = await asked(world)
    env.inject_error("POST", "/interactions/*/*/callback", status=404, code=10062)
    await world.bob.click(question, label="This once")
    await world.until(lambda: engine.jobs)
    await world.shows(words.SAID_ONCE(author=f"<@{world.bob.id}>"))
    assert questions(world) == []


async def test_an_answer_that_is_kept_and_not_said_is_said_by_the_next_process(
    world: World, env: Env
) -> None:
    picture, _ = await asked(world)
    consents = world.bot.studio.store.consents
    await consents.agree(*[each.id for each in await consents.open_questions(message_id=picture.id)])
    await world.restart()
    await world.shows(words.SAID_ONCE(author=f"<@{world.bob.id}>"))
    assert questions(world) == []


async def test_a_yes_that_comes_while_others_are_looked_for_is_painted(
    world: World, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asked(world)
    consents, pictures = world.bot.studio.store.consents, world.bot.studio.inquiries._agreed
    look, waiting = consents.agreed, await consents.open_questions()

    async def agreed_meanwhile() -> list[Question]:
        found = await look()
        while waiting:
            await consents.agree(waiting.pop().id)
            pictures.paint()
        return found

    monkeypatch.setattr(consents, "agreed", agreed_meanwhile)
    pictures.paint()
    await world.until(lambda: engine.jobs)


async def test_a_yes_outlives_an_outage_of_discords(world: World, engine: FakeEngine, env: Env) -> None:
    await asked(world)
    consents, guild = world.bot.studio.store.consents, world.bot.get_guild(world.guild.id)
    assert guild is not None
    known = dict(guild._channels)
    world.bot._connection.parse_guild_delete({"id": str(guild.id), "unavailable": True})
    guild._channels.clear()
    await consents.agree(*(each.id for each in await consents.open_questions()))
    pictures = world.bot.studio.inquiries._agreed
    (question,) = await consents.agreed()
    assert not await pictures._paint(question)
    pictures.paint()
    guild._channels, guild.unavailable = known, False
    await env.advance_time(agreed.RETRY_SECONDS + 5)
    await world.until(lambda: engine.jobs)


async def test_a_picture_that_is_refused_after_a_yes_is_refused_by_the_next_process(
    world: World, engine: FakeEngine, env: Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cut_off(*_: Any) -> None:
        raise asyncio.CancelledError

    _, question = await asked(world)
    refusal = Refusal(ErrorCode.OUT_OF_MEMORY)
    engine.refusals = [refusal, refusal]
    with monkeypatch.context() as patched:
        patched.setattr("bot.consent.agreed.AgreedPictures._refuse", cut_off)
        await world.bob.click(question, label="This once")
        await world.until(lambda: len(engine.refusals) == 1)
    await world.restart()
    await world.shows(sentence(refusal))
    await env.advance_time(60)
    assert (engine.jobs, questions(world)) == ([], [])


async def test_in_an_open_server_whoever_wants_to_be_asked_is(world: World, engine: FakeEngine) -> None:
    await world.set_server(consent=Consent.OPEN)
    await world.bot.studio.store.consents.remember(world.bob.id, EVERYWHERE, Answer.ASK, 0.0)
    await world.alice.react(await post(world), "🌊")
    assert len(questions(world)) == 1
    assert engine.jobs == []


@pytest.mark.parametrize("rule", [Consent.OWN, Consent.OPEN])
async def test_never_holds_whatever_the_server_wants(world: World, engine: FakeEngine, rule: Consent) -> None:
    await world.set_server(consent=rule)
    await world.bot.studio.store.consents.remember(world.bob.id, EVERYWHERE, Answer.NEVER, 0.0)
    await world.alice.react(await post(world), "🌊")
    assert (engine.jobs, questions(world)) == ([], [])


async def test_what_cannot_be_painted_after_a_yes_is_said(world: World, engine: FakeEngine) -> None:
    _, question = await asked(world)
    refusal = Refusal(ErrorCode.OUT_OF_MEMORY)
    engine.refusals = [refusal]
    await world.bob.click(question, label="Always")
    notice = await world.shows(sentence(refusal))
    assert notice.raw_mentions == [world.alice.id]


async def test_consent_is_shown_and_changed_privately(world: World, engine: FakeEngine) -> None:
    await asked(world)
    answer = await world.bob.slash(world.art, "consent")
    assert said(answer).ephemeral
    assert "by this server’s rule" in said(answer).content
    await world.bob.select(said(answer), [Answer.NEVER.value], custom_id="consents:everywhere")
    assert await world.bot.studio.store.consents.answers(world.bob.id) == {EVERYWHERE: Answer.NEVER}
    assert questions(world) == []
    await world.shows(words.SAID_NO(author=f"<@{world.bob.id}>"))
    await world.bob.select(said(answer), [Answer.ALWAYS.value], custom_id="consents:here")
    await world.alice.react(await post(world), "🌊")
    assert len(engine.jobs) == 1


async def test_changed_to_always_it_paints_what_was_asked(world: World, engine: FakeEngine) -> None:
    await asked(world)
    answer = await world.bob.slash(world.art, "consent")
    await world.bob.select(said(answer), [Answer.ALWAYS.value], custom_id="consents:everywhere")
    await world.until(lambda: engine.jobs)
    assert questions(world) == []


def test_a_day_is_shorter_than_a_question_lives() -> None:
    assert timedelta(days=1) < agreed.VOID_AFTER


async def test_a_reaction_taken_back_while_its_author_is_being_asked_leaves_no_question(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture, asking = await post(world), world.bot.studio.inquiries.ask

    async def taken_back_meanwhile(*arguments: Any) -> None:
        await asking(*arguments)
        world.env.backend.remove_reaction(world.art.id, picture.id, "🌊", world.alice.id)
        for _ in range(100):  # until the bot has heard of it
            await asyncio.sleep(0)

    monkeypatch.setattr(world.bot.studio.inquiries, "ask", taken_back_meanwhile)
    await world.alice.react(picture, "🌊")
    assert questions(world) == []
    assert await world.bot.studio.store.consents.open_questions() == []


async def question_in(channel: Any) -> discord.Message:
    question: discord.Message
    (question,) = [message for message in channel.history() if "may I paint it?" in message.content]
    return question


async def test_of_a_picture_elsewhere_the_question_has_the_link_and_a_yes_paints_it(
    world: World, engine: FakeEngine
) -> None:
    picture = await post(world, channel=world.talk)
    await world.stylize(content=None, picture=picture.jump_url)
    question = await question_in(world.art)
    assert f"would like to see [this]({picture.jump_url}) in" in question.content
    assert question.reference is None
    await world.bob.click(question, label="This once")
    await world.until(lambda: engine.jobs)


@pytest.mark.parametrize("name", ["art", "talk"])
async def test_a_yes_to_what_was_asked_at_a_result_that_only_its_asker_saw_paints_it(
    world: World, engine: FakeEngine, name: str
) -> None:
    await world.bob.react(await post(world), "🌊")
    result, channel = await world.finish(0), getattr(world, name)
    shown_again = await world.alice.slash(channel, "show", picture=result.jump_url)
    await world.alice.click(said(shown_again), label="More style")
    question = await question_in(channel)
    is_beneath = question.reference is not None and question.reference.message_id == result.id
    assert is_beneath or result.jump_url in question.content
    await world.bob.click(question, label="This once")
    await world.until(lambda: len(engine.jobs) == 2)


async def test_a_yes_to_a_forwarded_picture_paints_it(world: World, engine: FakeEngine) -> None:
    forwarded = await world.alice.forward(await post(world, channel=world.talk), world.art)
    await world.alice.react(forwarded, "🌊")
    await world.bob.click(await question_in(world.art), label="This once")
    await world.until(lambda: engine.jobs)


async def test_of_an_avatar_the_question_says_so(world: World) -> None:
    carol = world.guild.add_member(world.env.create_user("carol", avatar="0" * 32))
    await world.alice.slash(world.art, "stylize", member=carol, style="great_wave")
    question = await question_in(world.art)
    assert "would like to see your avatar in The Great Wave" in question.content


async def test_a_yes_does_not_count_once_the_server_wants_nobody_elses_pictures_painted(
    world: World, engine: FakeEngine
) -> None:
    _, question = await asked(world)
    await world.set_server(consent=Consent.OWN)
    await world.bob.click(question, label="Always")
    await world.shows(sentence(BotError(BotErrorCode.ONLY_OWN_PICTURES)))
    assert engine.jobs == []
