"""Stories of the palette: emojis under pictures in art channels."""

import asyncio
from typing import Any
from urllib.parse import unquote

import discord
import pytest
from simcord import Env
from sqlalchemy import event

from bot.cogs.palette import SEEDED_AT_ONCE, Palette
from bot.orders.admission import QUESTIONS
from bot.refusals import LATER, NO
from bot.storage.consents import Answer
from bot.storage.marks import Mark
from bot.storage.settings import Consent, Output
from bot.words.errors import sentence
from engine.protocol import ErrorCode, Refusal
from tests.bot.fake_engine import STARRY, FakeEngine
from tests.bot.world import FINISHED, World, png, preview, said


def marks(world: World, message: discord.Message) -> list[str]:
    """The reactions under a message as it is now."""
    return next(palette(each) for each in world.messages if each.id == message.id)


def asked_of_discord(world: World, method: str, part: str) -> list[Any]:
    """The bot's requests of one method whose path has a part."""
    calls = world.env.http_requests
    return [call for call in calls if call.method == method and part in unquote(call.path)]


def uploads(engine: FakeEngine) -> list[str]:
    return [call for call in engine.requests if call == "POST /v1/jobs"]


async def react_at_once(world: World, picture: discord.Message, crowd: list[Any]) -> None:
    """All of a crowd react before the bot has heard of any."""
    for member in crowd:
        world.env.backend.add_reaction(world.art.id, picture.id, "🌊", member.id)
    await world.env.settle()


def remove_all(world: World, picture: discord.Message, emoji: str | None = None) -> None:
    """A moderator removes the reactions to a picture, or those of one emoji."""
    if emoji is None:
        world.env.backend.clear_reactions(world.art.id, picture.id)
    else:
        world.env.backend.clear_reaction(world.art.id, picture.id, emoji)


def palette(message: discord.Message) -> list[str]:
    return [str(reaction.emoji) for reaction in message.reactions]


async def post(world: World, channel: Any = None, **options: Any) -> discord.Message:
    options.setdefault("attachments", [("cat.png", png())])
    return await world.bob.send(channel or world.art, "my cat", **options)


async def test_a_picture_gets_the_palette(world: World) -> None:
    await post(world)
    assert palette(world.messages[0]) == ["🌌", "🌊"]


async def test_no_palette_on_words_or_elsewhere(world: World) -> None:
    await post(world, attachments=[])
    await post(world, world.talk)
    assert palette(world.messages[0]) == []
    assert palette(world.talk.history()[0]) == []


async def test_the_bots_own_palette_paints_nothing(world: World, engine: FakeEngine) -> None:
    await post(world)
    assert engine.jobs == []


async def test_a_reaction_paints_once(world: World, engine: FakeEngine) -> None:
    picture = await post(world)
    await world.alice.react(picture, "🌊")
    ticket = await world.shows("Next in the queue")
    assert ticket.reference is not None
    assert ticket.reference.message_id == picture.id
    await world.tell(preview(1, 0.1))
    await world.shows("10%")
    await world.alice.unreact(picture, "🌊")
    await world.alice.react(picture, "🌊")
    assert len(engine.jobs) == 1
    await world.tell(FINISHED)
    result = await world.shows("here it is")
    assert world.rung_by(result) == [world.alice.id]
    assert len(world.messages) == 2
    await world.restart()
    await world.alice.unreact(picture, "🌊")
    await world.alice.react(picture, "🌊")
    assert len(engine.jobs) == 1


async def test_a_reaction_taken_back_and_given_again_at_once_counts_once(
    world: World, engine: FakeEngine, downloads: asyncio.Event
) -> None:
    picture = await post(world)
    await world.alice.react(picture, "🌊")
    await world.alice.unreact(picture, "🌊")
    await world.alice.react(picture, "🌊")
    downloads.set()
    await world.shows("Next in the queue")
    await world.env.settle()
    assert len(engine.jobs) == 1


async def test_a_reaction_cut_off_before_its_ticket_was_stored_may_be_given_again(
    world: World, engine: FakeEngine, downloads: asyncio.Event
) -> None:
    picture = await post(world)
    await world.alice.react(picture, "🌊")
    await world.restart()
    downloads.set()
    await world.alice.unreact(picture, "🌊")
    await world.alice.react(picture, "🌊")
    await world.shows("Next in the queue")
    wanted = [job for job in engine.jobs if not job.is_over]
    assert [job.request.owner.user for job in wanted] == [str(world.alice.id)]


async def test_a_picture_refused_after_the_engine_was_away_may_be_asked_for_again(
    world: World, engine: FakeEngine, env: Env
) -> None:
    picture = await post(world)
    engine.go_down()
    await world.alice.react(picture, "🌊")
    full = Refusal(ErrorCode.QUEUE_FULL, waiting=100, minutes=7)
    engine.refusals = [full]
    engine.come_back()
    await env.advance_time(60)
    await world.shows(sentence(full))
    await world.alice.unreact(picture, "🌊")
    await world.alice.react(picture, "🌊")
    assert len(engine.jobs) == 1


async def test_a_cancelled_reaction_has_counted(world: World, engine: FakeEngine) -> None:
    picture = await post(world)
    await world.alice.react(picture, "🌊")
    await world.alice.click(await world.shows("Next in the queue"), label="Cancel")
    await world.shows("Stopped: nothing was kept")
    await world.alice.unreact(picture, "🌊")
    await world.alice.react(picture, "🌊")
    assert len(engine.jobs) == 1


async def test_another_style_or_member_counts_anew(world: World, engine: FakeEngine) -> None:
    picture = await post(world)
    await world.alice.react(picture, "🌊")
    await world.alice.react(picture, "🌌")
    await world.bob.react(picture, "🌊")
    assert [job.request.styles[0].name for job in engine.jobs] == ["great_wave", "starry_night", "great_wave"]


async def test_a_skin_tone_does_not_matter(world: World, engine: FakeEngine) -> None:
    engine.styles = (STARRY.model_copy(update={"name": "udnie", "emoji": "💃"}),)
    await world.learn_styles()
    picture = await post(world)
    assert palette(world.messages[0]) == ["💃"]
    await world.alice.react(picture, "💃🏽")
    assert [job.request.styles[0].name for job in engine.jobs] == ["udnie"]


async def test_other_emoji_channels_and_bots_are_left_alone(world: World, engine: FakeEngine) -> None:
    await world.alice.react(await post(world), "👍")
    await world.alice.react(await post(world, world.talk), "🌊")
    robot = world.guild.add_member(world.env.create_user("robot", bot=True))
    await robot.react(await post(world), "🌊")
    assert engine.jobs == []


async def test_a_refusal_is_told_and_may_be_tried_again(world: World, engine: FakeEngine) -> None:
    picture = await post(world)
    full = Refusal(ErrorCode.QUEUE_FULL, waiting=100, minutes=7)
    engine.refusals = [full]
    await world.alice.react(picture, "🌊")
    told = await world.shows(sentence(full))
    assert told.raw_mentions == [world.alice.id]
    await world.alice.unreact(picture, "🌊")
    await world.alice.react(picture, "🌊")
    assert len(engine.jobs) == 1


async def test_many_refusals_are_one_mark_a_picture_and_one_notice_a_minute(
    world: World, engine: FakeEngine, env: Env
) -> None:
    pictures = [await post(world) for _ in range(3)]
    full = Refusal(ErrorCode.QUEUE_FULL, waiting=100, minutes=7)
    engine.refusals = [full] * 4

    def told() -> list[int]:
        return [m.raw_mentions[0] for m in world.messages if sentence(full) in m.content]

    await world.alice.react(pictures[0], "🌊")
    await world.alice.react(pictures[1], "🌊")
    await world.bob.react(pictures[1], "🌊")
    assert told() == [world.alice.id]
    assert [LATER in marks(world, picture) for picture in pictures] == [True, True, False]
    assert len(asked_of_discord(world, "PUT", LATER)) == 2
    await env.advance_time(60)
    await world.bob.react(pictures[2], "🌊")
    assert told() == [world.bob.id, world.alice.id] or told() == [world.alice.id, world.bob.id]


async def test_a_mark_goes_with_the_last_reaction_that_was_refused(world: World, engine: FakeEngine) -> None:
    picture = await post(world)
    engine.refusals = [Refusal(ErrorCode.QUEUE_FULL, waiting=100, minutes=7)] * 2
    await world.alice.react(picture, "🌊")
    await world.bob.react(picture, "🌌")
    await world.alice.unreact(picture, "🌊")
    assert LATER in marks(world, picture)
    await world.restart()
    await world.bob.unreact(picture, "🌌")
    assert LATER not in marks(world, picture)


async def test_a_mark_goes_when_its_time_is_over_also_after_a_restart(
    world: World, engine: FakeEngine, env: Env
) -> None:
    picture = await post(world)
    engine.refusals = [Refusal(ErrorCode.QUEUE_FULL, waiting=100, minutes=7)]
    await world.alice.react(picture, "🌊")
    await world.restart()
    await env.advance_time(6 * 60)
    assert LATER in marks(world, picture)
    await env.advance_time(2 * 60)
    assert LATER not in marks(world, picture)


async def test_a_mark_that_a_former_process_did_not_live_to_make_is_made(
    world: World, engine: FakeEngine
) -> None:
    first, second = await post(world), await post(world)
    now = discord.utils.utcnow().timestamp()
    await world.bot.studio.store.marks.add(Mark(second.id, LATER, world.art.id, world.guild.id, now + 60))
    engine.refusals = [Refusal(ErrorCode.QUEUE_FULL, waiting=100, minutes=7)] * 2
    await world.alice.react(first, "🌊")  # of which the words are that are said once a minute
    await world.alice.react(second, "🌊")
    assert LATER in marks(world, second)


async def test_a_no_that_discord_does_not_take_for_now_is_said_by_the_next_process(
    world: World, engine: FakeEngine, env: Env
) -> None:
    picture = await post(world)
    refusal = Refusal(ErrorCode.OUT_OF_MEMORY)
    engine.refusals = [refusal] * 2
    env.inject_error("PUT", "/channels/*/messages/*/reactions/*", status=503)
    env.inject_error("POST", f"/channels/{world.art.id}/messages", status=503)
    await world.alice.react(picture, "🌊")
    assert NO not in marks(world, picture)
    await world.restart()
    await world.shows(sentence(refusal))
    assert NO in marks(world, picture)


async def test_of_thirty_at_once_as_many_are_fetched_as_there_are_places(
    world: World, engine: FakeEngine, env: Env, fetched: list[str]
) -> None:
    engine.places = 2
    picture = await post(world)
    await world.restart()  # which makes it unknown
    crowd = [world.guild.add_member(env.create_user(f"member{n}")) for n in range(30)]
    await react_at_once(world, picture, crowd)
    await world.until(lambda: len(engine.jobs) == 2)
    assert len(uploads(engine)) == 2
    assert len(fetched) == 2
    read = [
        call for call in asked_of_discord(world, "GET", "/messages/") if call.path.endswith(str(picture.id))
    ]
    assert len(read) == 1
    assert len([m for m in world.messages if "The queue is full" in m.content]) == 1
    assert len(asked_of_discord(world, "PUT", LATER)) == 1


async def test_once_the_queue_is_full_nothing_is_fetched_or_sent(
    world: World, engine: FakeEngine, env: Env, fetched: list[str]
) -> None:
    engine.places_of_group = 0
    picture = await post(world)
    crowd = [world.guild.add_member(env.create_user(f"member{n}")) for n in range(30)]
    await react_at_once(world, picture, crowd)
    await env.advance_time(2)
    assert (uploads(engine), fetched) == ([], [])
    assert asked_of_discord(world, "GET", f"/messages/{picture.id}") == []
    assert len([m for m in world.messages if m.author == world.bot.user]) == 1
    assert len([call for call in engine.requests if call == "GET /v1/queue"]) <= QUESTIONS


async def test_a_reaction_taken_back_before_painting_begins_is_not_painted(
    world: World, engine: FakeEngine
) -> None:
    picture = await post(world)
    await world.alice.react(picture, "🌊")
    await world.shows("Next in the queue")
    await world.alice.unreact(picture, "🌊")
    await world.until(lambda: "cancel" in engine.jobs[0].calls)
    await world.until(lambda: [message.id for message in world.messages] == [picture.id])
    await world.alice.react(picture, "🌊")
    await world.shows("Next in the queue")
    assert len(engine.jobs) == 2


async def test_a_reaction_taken_back_while_its_picture_is_fetched_is_not_painted(
    world: World, engine: FakeEngine, downloads: asyncio.Event
) -> None:
    picture = await post(world)
    await world.alice.react(picture, "🌊")
    await world.alice.unreact(picture, "🌊")
    downloads.set()
    await world.until(lambda: engine.jobs and "cancel" in engine.jobs[0].calls)
    await world.until(lambda: len(world.messages) == 1)
    assert await world.bot.studio.store.tickets.unfinished() == []


@pytest.mark.parametrize("emoji", [None, "🌊"])
async def test_reactions_that_a_moderator_removes_are_all_taken_back(
    world: World, engine: FakeEngine, emoji: str | None
) -> None:
    picture = await post(world)
    await world.alice.react(picture, "🌊")
    await world.bob.react(picture, "🌊")
    await world.alice.react(picture, "🌌")
    await world.until(lambda: len(engine.jobs) == 3)
    remove_all(world, picture, emoji)
    taken_back = [job for job in engine.jobs if emoji is None or job.request.styles[0].name == "great_wave"]
    await world.until(lambda: all("cancel" in job.calls for job in taken_back))
    await world.env.settle()
    assert [job for job in engine.jobs if "cancel" in job.calls] == taken_back
    await world.until(lambda: len(world.messages) == 1 + len(engine.jobs) - len(taken_back))
    await world.alice.react(picture, "🌊")
    assert len(engine.jobs) == 4, "so it may be given again"


async def test_a_reaction_that_a_moderator_removes_while_its_picture_is_fetched_is_not_painted(
    world: World, engine: FakeEngine, downloads: asyncio.Event
) -> None:
    picture = await post(world)
    await world.alice.react(picture, "🌊")
    remove_all(world, picture)
    downloads.set()
    await world.until(lambda: engine.jobs and "cancel" in engine.jobs[0].calls)
    await world.until(lambda: len(world.messages) == 1)


async def test_what_was_refused_is_forgotten_with_the_reactions_that_a_moderator_removes(
    world: World, engine: FakeEngine
) -> None:
    picture = await post(world)
    engine.refusals = [Refusal(ErrorCode.QUEUE_FULL, waiting=100, minutes=7)]
    await world.alice.react(picture, "🌊")
    remove_all(world, picture)
    await world.env.settle()
    assert await world.bot.studio.store.reactions.to_message(picture.id) == []
    assert await world.bot.studio.store.marks.earliest() is None


async def test_a_picture_by_the_menu_is_not_withdrawn_by_a_reaction(world: World, engine: FakeEngine) -> None:
    picture = await post(world)
    menu = await world.alice.context_menu(world.art, "Stylize this image", picture)
    await world.alice.select(said(menu), ["great_wave"])
    await world.alice.react(picture, "🌊")
    await world.alice.unreact(picture, "🌊")
    assert [job.calls for job in engine.jobs] == [[]]


async def test_one_who_may_not_write_here_gets_a_mark_and_nothing_else(
    world: World, engine: FakeEngine
) -> None:
    world.art = world.guild.create_text_channel(
        "quiet", overwrites={world.alice: discord.PermissionOverwrite(send_messages=False)}
    )
    await world.set_channel(is_art=True)
    picture = await post(world)
    await world.alice.react(picture, "🌊")
    assert [call for call in engine.requests if "queue" in call or "jobs" in call] == []
    assert NO in marks(world, picture)
    assert [message.id for message in world.messages] == [picture.id]


async def test_a_blocked_member_is_not_answered_at_all(world: World, engine: FakeEngine) -> None:
    picture = await post(world)
    await world.bot.studio.store.blocks.block(world.guild.id, world.alice.id, world.bob.id, 0.0)
    await world.alice.react(picture, "🌊")
    assert marks(world, picture) == ["🌌", "🌊"]
    assert [message.id for message in world.messages] == [picture.id]
    assert engine.jobs == []


async def test_another_bots_picture_and_an_unfinished_one_are_left_alone(
    world: World, engine: FakeEngine
) -> None:
    robot = world.guild.add_member(world.env.create_user("robot", bot=True))
    foreign = await robot.send(world.art, "look", attachments=[("cat.png", png())])
    await world.alice.react(foreign, "🌊")
    await world.stylize()
    await world.tell(preview(1, 0.1))
    await world.bob.react(await world.shows("10%"), "🌊")
    assert len(engine.jobs) == 1


async def test_a_result_is_painted_further(world: World, engine: FakeEngine) -> None:
    result = await world.result()
    await world.bob.react(result, "🌌")
    assert [job.request.styles[0].name for job in engine.jobs] == ["great_wave", "starry_night"]
    (ticket,) = await world.bot.studio.store.tickets.unfinished()
    assert ticket.author_id == world.alice.id


async def test_missing_permission_is_told(world: World, engine: FakeEngine) -> None:
    world.art = world.channel_without("art", "attach_files")
    await world.set_channel(is_art=True)
    await world.alice.react(await post(world), "🌊")
    await world.shows("I need the permission “Attach Files” here")
    assert engine.jobs == []


async def test_a_palette_that_may_not_be_seeded_does_no_harm(world: World) -> None:
    world.art = world.channel_without("art", "add_reactions")
    await world.set_channel(is_art=True)
    await post(world)
    assert palette(world.messages[0]) == []


async def test_without_palette_reactions_still_paint(world: World, engine: FakeEngine) -> None:
    await world.set_channel(seeds_palette=False)
    picture = await post(world)
    assert palette(world.messages[0]) == []
    await world.alice.react(picture, "🌊")
    assert len(engine.jobs) == 1


@pytest.mark.parametrize("settings", [{"message_content": False}])
async def test_without_message_content_nothing_breaks(world: World, engine: FakeEngine, env: Env) -> None:
    picture = await post(world)
    assert palette(world.messages[0]) == []
    await world.alice.react(picture, "🌊")
    await env.settle()
    await world.stylize()
    assert engine.jobs != []


async def test_a_picture_that_is_deleted_at_once_is_none(world: World, engine: FakeEngine, env: Env) -> None:
    picture = await post(world)
    await world.restart()
    env.inject_error("GET", "/channels/*/messages/*", status=404, code=10008)
    await world.alice.react(picture, "🌊")
    await env.settle()
    assert engine.jobs == []
    assert [message.id for message in world.messages] == [picture.id]


async def test_only_the_palette_of_the_channel_is_put_there_and_counts(
    world: World, engine: FakeEngine
) -> None:
    await world.set_channel(palette=("great_wave",))
    picture = await post(world)
    assert palette(world.messages[0]) == ["🌊"]
    await world.alice.react(picture, "🌌")
    await world.restart()
    assert engine.jobs == []
    await world.alice.react(picture, "🌊")
    await world.until(lambda: engine.jobs)


async def test_on_a_result_the_picture_that_it_was_painted_from_is_painted(
    world: World, engine: FakeEngine
) -> None:
    cat = png(colour="orange")
    result = await world.result(content=("SPOILER_cat.png", cat), size=256)
    await world.bob.react(result, "🌌")
    await world.until(lambda: len(engine.jobs) == 2)
    job = engine.jobs[1]
    assert job.parts == {"content": cat}
    assert [style.name for style in job.request.styles] == ["starry_night"]
    assert (job.request.size, job.request.owner.user) == (256, str(world.bob.id))
    (child,) = await world.bot.studio.store.tickets.unfinished()
    assert (child.author_id, child.parent_id, child.spoiler) == (world.alice.id, child.root_id, True)
    await world.tell(FINISHED, 1)
    await world.until(lambda: len([m for m in world.messages if "here it is" in m.content]) == 2)
    await world.bob.unreact(result, "🌌")
    await world.bob.react(result, "🌌")
    assert len(engine.jobs) == 2


@pytest.mark.parametrize("settings", [{"message_content": False}])
async def test_on_a_result_it_needs_no_intent(world: World, engine: FakeEngine) -> None:
    result = await world.result()
    await world.bob.react(result, "🌌")
    await world.until(lambda: len(engine.jobs) == 2)


async def test_on_a_painting_that_is_under_way_it_asks_for_nothing(world: World, engine: FakeEngine) -> None:
    await world.stylize()
    await world.tell(preview(1, 0.1))
    await world.bob.react(await world.shows("10%"), "🌌")
    assert len(engine.jobs) == 1


async def test_consent_holds_on_a_result_too(world: World, engine: FakeEngine) -> None:
    result = await world.result()
    await world.bot.studio.store.consents.remember(world.alice.id, world.guild.id, Answer.NEVER, 1.0)
    await world.bob.react(result, "🌌")
    await world.env.settle()
    assert len(engine.jobs) == 1


async def test_palettes_leave_discords_requests_to_what_somebody_waits_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = [await post(world, world.talk) for _ in range(SEEDED_AT_ONCE + 2)]
    under_way, seeded, may = list[int](), list[int](), asyncio.Event()

    async def add_reaction(message: discord.Message, emoji: str) -> None:
        under_way.append(message.id)
        await may.wait()
        seeded.append(message.id)

    monkeypatch.setattr(discord.Message, "add_reaction", add_reaction)
    cog = world.bot.get_cog("Palette")
    assert isinstance(cog, Palette)
    seeding = asyncio.gather(*(cog.seed(picture) for picture in pictures))
    await world.until(lambda: len(under_way) == SEEDED_AT_ONCE)
    assert not seeded
    may.set()
    await seeding
    assert set(seeded) == {picture.id for picture in pictures}


async def test_what_is_not_read_gets_no_palette(world: World) -> None:
    await post(world, attachments=[("scan.tiff", b"II*"), ("film.mp4", b"film")])
    assert palette(world.messages[0]) == []


async def test_a_proxys_picture_gets_a_palette_if_it_is_known_whose_it_is(world: World) -> None:
    proxy = world.guild.create_webhook(world.art, "PluralKit")
    await proxy.send("whose?", attachments=[("cat.png", png())])
    assert palette(world.messages[-1]) == []
    await post(world)
    await proxy.send("my cat", attachments=[("cat.png", png())])
    assert palette(world.messages[-1]) == ["🌌", "🌊"]


async def test_a_forwarded_picture_gets_a_palette_if_anybody_could_be_asked(world: World) -> None:
    await world.set_server(consent=Consent.ASK)
    original = await post(world, world.talk)
    await world.alice.forward(original, world.art)
    assert palette(world.messages[-1]) == ["🌌", "🌊"]
    hidden = world.channel_without("hidden", "view_channel")
    original = await post(world, hidden)
    await world.alice.forward(original, world.art)
    assert palette(world.messages[-1]) == []


async def test_an_emoji_is_no_picture_to_react_to(world: World, engine: FakeEngine) -> None:
    message = await world.bob.send(world.art, "<:blob:123456789012345678>")
    await world.alice.react(message, "🌊")
    assert engine.jobs == []


async def test_of_many_who_react_at_once_one_opens_the_thread(world: World, engine: FakeEngine) -> None:
    await world.set_channel(output=Output.THREAD)
    picture = await post(world)
    crowd = [world.guild.add_member(world.env.create_user(f"member{n}")) for n in range(8)]
    await react_at_once(world, picture, crowd)
    await world.until(lambda: len(engine.jobs) == len(crowd))
    await world.until(
        lambda: len(asked_of_discord(world, "POST", f"/channels/{picture.id}/messages")) == len(crowd)
    )
    assert len(asked_of_discord(world, "POST", "/threads")) == 1
    assert len(asked_of_discord(world, "GET", f"/messages/{picture.id}")) == 0  # known since it was posted


async def test_a_picture_is_read_again_if_something_has_happened_to_it(
    world: World, engine: FakeEngine
) -> None:
    picture = await post(world)
    await world.alice.react(picture, "🌊")
    assert asked_of_discord(world, "GET", f"/messages/{picture.id}") == []
    await world.bob.edit(picture, "my cat, again")
    await world.alice.react(picture, "🌌")
    await world.until(lambda: len(engine.jobs) == 2)
    assert len(asked_of_discord(world, "GET", f"/messages/{picture.id}")) == 1


async def test_of_many_refusals_at_once_one_writes_the_mark(world: World, engine: FakeEngine) -> None:
    engine.places = 0
    picture = await post(world)
    crowd = [world.guild.add_member(world.env.create_user(f"member{n}")) for n in range(8)]
    written: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "marks" in statement and not statement.startswith("SELECT"):
            written.append(statement)

    event.listen(world.bot.studio.store.database.sync_engine, "before_cursor_execute", note)
    await react_at_once(world, picture, crowd)
    await world.until(lambda: LATER in marks(world, picture))
    assert len(written) == 1
