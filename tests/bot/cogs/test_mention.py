"""Stories of mentioning the bot: with a picture, in reply to one, by name, and of those who only speak of it."""

from typing import Any

import discord
import pytest

from bot.errors import BotErrorCode
from bot.refusals import LATER
from bot.storage.settings import Consent
from bot.words.errors import phrase_of, sentence
from bot.words.sources import NOTHING_TO_PAINT, ONLY_THE_ASKER
from engine.protocol import ErrorCode, Refusal
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import FINISHED, World, png, told


async def say(world: World, words: str, member: Any = None, **parts: Any) -> discord.Message:
    me = world.guild.me
    assert me is not None
    message: discord.Message = await (member or world.alice).send(world.art, f"<@{me.id}> {words}", **parts)
    return message


def answers(world: World) -> list[str]:
    """What the bot has said in the channel."""
    return [message.content for message in world.messages if message.author == world.bot.user]


@pytest.mark.parametrize("settings", [{"message_content": True}, {"message_content": False}])
async def test_a_picture_and_the_name_of_a_style(world: World, engine: FakeEngine) -> None:
    cat = png(colour="orange")
    message = await say(world, "great wave", attachments=[("cat.png", cat)])
    ticket = await world.shows("Next in the queue")
    assert ticket.reference is not None
    assert ticket.reference.message_id == message.id
    (job,) = engine.jobs
    assert (job.parts, job.request.owner.user) == ({"content": cat}, str(world.alice.id))
    assert job.request.styles[0].name == "great_wave"
    await world.tell(FINISHED)
    result = await world.shows("here it is")
    assert world.rung_by(result) == [world.alice.id]


async def test_in_reply_to_a_picture(world: World, engine: FakeEngine) -> None:
    cat = png(colour="orange")
    message = await world.bob.send(world.art, "my cat", attachments=[("cat.png", cat)])
    await say(world, "🌌", reply_to=message)
    await world.shows("Next in the queue")
    assert engine.jobs[0].parts == {"content": cat}
    (ticket,) = await world.bot.studio.store.tickets.unfinished()
    assert (ticket.author_id, ticket.source_message_id) == (world.bob.id, message.id)


async def test_in_reply_to_a_result(world: World, engine: FakeEngine) -> None:
    await say(world, "starry", reply_to=await world.result())
    await world.until(lambda: len(engine.jobs) == 2)
    assert engine.jobs[1].parts == {"content": engine.result}


async def test_without_a_name_the_picker_asks(world: World, engine: FakeEngine) -> None:
    cat = png(colour="orange")
    await say(world, "", attachments=[("cat.png", cat)])
    asked = await world.shows("Which painting shall it look like?")
    stranger = await world.bob.select(asked, ["great_wave"])
    assert told(stranger) == [ONLY_THE_ASKER()]
    assert engine.jobs == []
    await world.alice.select(asked, ["great_wave"])
    assert engine.jobs[0].parts == {"content": cat}
    assert [text for text in answers(world) if "Which painting" in text] == []


async def test_a_name_that_nobody_knows(world: World) -> None:
    await say(world, "*rococo* @everyone", attachments=[("cat.png", png())])
    asked = await world.shows("I do not know a style called")
    assert "“\\*rococo\\*" in asked.content
    assert "@everyone" not in asked.content


async def test_several_pictures_are_chosen_from(world: World, engine: FakeEngine) -> None:
    dog = png(colour="brown")
    await say(world, "great wave", attachments=[("cat.png", png()), ("dog.png", dog)])
    asked = await world.shows("Shall I paint this one?")
    await world.alice.select(asked, ["1"])
    await world.alice.click(await world.shows("Shall I paint this one?"), label="Paint this")
    assert engine.jobs[0].parts == {"content": dog}


async def test_a_picker_that_nobody_uses_is_put_away(world: World) -> None:
    await say(world, "", attachments=[("cat.png", png())])
    await world.shows("Which painting shall it look like?")
    await world.env.advance_time(301)
    assert answers(world) == []


async def test_whoever_sends_no_picture_is_told_once(world: World) -> None:
    await say(world, "")
    await say(world, "great wave")
    assert answers(world) == [NOTHING_TO_PAINT()]


async def test_whoever_only_speaks_of_the_bot_is_left_alone(world: World, engine: FakeEngine) -> None:
    await say(world, "is so cool, thank you all for that")
    result = await world.result()
    before = len(world.messages)
    await world.bob.send(world.art, "nice", reply_to=result)  # which rings for the bot too
    await world.bob.send(world.art, "great wave", attachments=[("cat.png", png())])
    assert len(world.messages) == before + 2 + 0
    assert len(engine.jobs) == 1


async def test_bots_are_not_listened_to(world: World, engine: FakeEngine) -> None:
    robot = world.guild.add_member(world.env.create_user("robot", bot=True))
    await say(world, "great wave", robot, attachments=[("cat.png", png())])
    assert (engine.jobs, answers(world)) == ([], [])


async def test_consent_holds(world: World, engine: FakeEngine) -> None:
    await world.set_server(consent=Consent.OWN)
    message = await world.bob.send(world.art, "my cat", attachments=[("cat.png", png())])
    await say(world, "great wave", reply_to=message)
    await world.shows(phrase_of(BotErrorCode.ONLY_OWN_PICTURES)())
    assert engine.jobs == []


async def test_what_passes_is_told_by_marks_and_once_a_minute_in_words(
    world: World, engine: FakeEngine
) -> None:
    full = Refusal(ErrorCode.QUEUE_FULL, waiting=100, minutes=7)
    engine.refusals = [full, full]
    cat = ("cat.png", png())
    messages = [
        await say(world, "great wave", member, attachments=[cat]) for member in (world.alice, world.bob)
    ]
    await world.until(lambda: not engine.refusals)
    stored = [world.env.backend.get_message(world.art.id, message.id) for message in messages]
    await world.until(lambda: all(LATER in {chip.emoji for chip in each.reactions} for each in stored))
    assert answers(world) == [f"<@{world.alice.id}> {sentence(full)}"]


async def test_nothing_is_read_for_whoever_may_not_have_pictures_painted(world: World) -> None:
    original = await world.bob.send(world.talk, "my cat", attachments=[("cat.png", png())])
    forwarded = await world.bob.forward(original, world.art)
    await world.set_server(starters=(world.guild.create_role("Artists").id,))
    asked = len(world.env.http_requests)
    await say(world, "great wave", reply_to=forwarded)
    remark = await world.bob.send(world.art, "what do you think?")
    await say(world, "thanks, all of you, for that", reply_to=remark)
    await say(world, "is so cool, thank you all for that")
    assert len(answers(world)) == 1
    assert "can have pictures painted here" in answers(world)[0]
    assert [call.path for call in world.env.http_requests[asked:] if call.method == "GET"] == []


@pytest.mark.parametrize("settings", [{"message_content": False}])
async def test_without_the_intent_a_reply_is_told_of_the_menu(world: World) -> None:
    message = await world.bob.send(world.art, "my cat", attachments=[("cat.png", png())])
    await say(world, "great wave", reply_to=message)
    await world.shows(phrase_of(BotErrorCode.PICTURES_NOT_SEEN)())


async def test_links_and_emoji_are_no_names(world: World, engine: FakeEngine) -> None:
    image = png(128, 128)
    world.env.backend.cdn._blobs[f"{discord.Asset.BASE}/emojis/123456789012345678.png"] = image
    await say(world, "<:blob:123456789012345678> great wave https://example.org")
    await world.until(lambda: engine.jobs)
    assert engine.jobs[0].parts == {"content": image}
