"""Stories of trying out all styles: one sheet that grows, and what is finished from it, for whoever chooses."""

from typing import Any

import discord
import pytest
from simcord import Env

from bot.errors import BotErrorCode
from bot.storage.consents import Answer
from bot.storage.settings import Consent, Output
from bot.words import audition as words
from bot.words.errors import phrase_of
from bot.words.palette import MORE
from engine.protocol import ErrorCode, Finished, JobRequest, Note, NoteCode, RecipeName, Refusal, Start, Tile
from engine.styles.catalogue import cards
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import FINISHED, World, png, preview, said, told

PLAIN_MORE = MORE[0]
CAT = png(colour="orange")
NAMES = [card.name for card in cards()]


@pytest.fixture
def engine(engine: FakeEngine) -> FakeEngine:
    """One with all the studies that there are."""
    engine.styles = cards()
    return engine


async def post(world: World, member: Any = None, **parts: Any) -> discord.Message:
    parts.setdefault("attachments", [("cat.png", CAT)])
    message: discord.Message = await (member or world.bob).send(world.art, "my cat", **parts)
    return message


def sheet_of(tiles: int) -> Finished:
    return Finished(seconds=40, width=1200, height=800, moments=tiles, stopped_early=tiles < len(NAMES))


async def sheet(world: World, tiles: int = len(NAMES), **options: Any) -> discord.Message:
    """A finished sheet of Alice's, by the command."""
    await world.alice.slash(world.art, "audition", **{"content": ("cat.png", CAT), **options})
    return await finished(world, tiles)


async def finished(world: World, tiles: int = len(NAMES), job: int = -1) -> discord.Message:
    await world.tell(sheet_of(tiles), job)
    return await world.shows(words.CHOOSE())


def options_of(message: discord.Message) -> list[discord.SelectOption]:
    rows = (row for row in message.components if isinstance(row, discord.ActionRow))
    menus = [item for row in rows for item in row.children if isinstance(item, discord.SelectMenu)]
    return menus[0].options if menus else []


def wanted(engine: FakeEngine) -> list[JobRequest]:
    return [job.request for job in engine.jobs]


# --- the sheet --------------------------------------------------------------------------------------------


async def test_one_command_tries_out_all_styles_on_one_sheet(world: World, engine: FakeEngine) -> None:
    await world.alice.slash(world.art, "audition", content=("cat.png", CAT), strength=70)
    [job] = engine.jobs
    assert [style.name for style in job.request.styles] == NAMES
    assert (job.request.audition, job.request.strength, job.parts) == (True, 70, {"content": CAT})
    await world.shows(f"**In {len(NAMES)} styles**, for <@{world.alice.id}>")
    result = await finished(world)
    assert f"here it is in {len(NAMES)} styles" in result.content
    assert "1 🌌 The Starry Night · 2 " in result.content
    first, *_, last = options_of(result)
    assert (first.value, first.label, first.description) == (
        "1",
        "1. The Starry Night",
        "Vincent van Gogh",
    )
    assert (str(first.emoji), last.value) == ("🌌", str(len(NAMES)))
    assert "Numbered: 1: The Starry Night, 2: " in (result.attachments[0].description or "")
    assert world.rung_by(result) == [world.alice.id]


async def test_the_sheet_grows_and_one_is_chosen_while_it_does(world: World, engine: FakeEngine) -> None:
    await world.alice.slash(world.art, "audition", content=("cat.png", CAT))
    count = len(NAMES)
    await world.tell(preview(1, 2 / count))
    growing = await world.shows(f"2 of {count} styles")
    assert [each.value for each in options_of(growing)] == ["1", "2"]
    assert words.CHOOSE_EARLY() in growing.content
    await world.tell(preview(2, 3 / count))
    growing = await world.shows(f"3 of {count} styles")
    assert len(options_of(growing)) == 3
    await world.bob.select(growing, ["3"])
    await world.until(lambda: len(engine.jobs) == 2)
    audition, whole = engine.jobs
    assert whole.request.tile == Tile(job=audition.id, number=3)
    assert whole.request.owner.user == str(world.bob.id)
    await world.tell(FINISHED, 1)
    await world.shows(f"<@{world.bob.id}>, here it is")
    await finished(world, job=0)


async def test_one_more_small_picture_is_always_worth_an_edit(world: World, env: Env) -> None:
    await world.alice.slash(world.art, "audition", content=("cat.png", CAT))
    count = len(NAMES)
    for n in range(1, count):
        await world.tell(preview(n, n / count))
        await env.advance_time(10)
        await world.shows(f"{n} of {count} styles")


async def test_what_there_is_can_be_kept_and_chosen_from(world: World, engine: FakeEngine) -> None:
    await world.alice.slash(world.art, "audition", content=("cat.png", CAT))
    await world.tell(preview(1, 4 / len(NAMES)))
    engine.kept = sheet_of(4)
    await world.alice.click(await world.shows("4 of"), label="Stop, keep this")
    assert engine.jobs[0].calls == ["finish"]
    result = await world.shows(words.CHOOSE())
    assert "stopped early" in result.content
    assert [each.value for each in options_of(result)] == ["1", "2", "3", "4"]
    assert "· 4 " in result.content
    assert "· 5 " not in result.content


async def test_cancelling_leaves_nothing(world: World, engine: FakeEngine) -> None:
    await world.alice.slash(world.art, "audition", content=("cat.png", CAT))
    await world.alice.click(await world.shows("styles**"), label="Cancel")
    stopped = await world.shows("Stopped: nothing was kept.")
    assert engine.jobs[0].calls == ["cancel"]
    assert stopped.components == []


async def test_an_audition_outlives_the_process(world: World, engine: FakeEngine) -> None:
    await world.alice.slash(world.art, "audition", content=("cat.png", CAT))
    await world.tell(preview(1, 1 / len(NAMES)))
    await world.restart()
    result = await finished(world)
    await world.restart()
    await world.alice.select(result, ["2"])
    await world.until(lambda: len(engine.jobs) == 2)
    assert engine.jobs[1].request.styles[0].name == NAMES[1]


async def test_an_engine_that_is_away_or_full_is_told_as_ever(world: World, engine: FakeEngine) -> None:
    engine.refusals = [Refusal(ErrorCode.QUEUE_FULL, waiting=100, minutes=7)]
    refused = await world.alice.slash(world.art, "audition", content=("cat.png", CAT))
    assert "The queue is full" in said(refused).content
    world.sentences()
    engine.go_down()
    await world.alice.slash(world.art, "audition", content=("cat.png", CAT))
    await world.shows("cannot be reached")
    engine.come_back()
    await world.until(lambda: len(engine.jobs) == 1)
    assert engine.jobs[0].request.audition


async def test_more_styles_than_may_be_at_once_are_fewer(world: World, engine: FakeEngine) -> None:
    engine.refusals = [Refusal(ErrorCode.AUDITION_TOO_LONG, seconds=900.0, limit=300.0, styles=4)]
    await world.alice.slash(world.art, "audition", content=("cat.png", CAT))
    assert [style.name for style in wanted(engine)[0].styles] == NAMES[:4]
    await world.shows("**In 4 styles**")
    assert len(options_of(await finished(world, tiles=4))) == 4


async def test_what_had_no_room_is_on_the_next_sheet(world: World, engine: FakeEngine) -> None:
    engine.refusals = [Refusal(ErrorCode.AUDITION_TOO_LONG, seconds=900.0, limit=300.0, styles=4)]
    await world.alice.slash(world.art, "audition", content=("cat.png", CAT))
    first = await finished(world, tiles=4)
    await world.alice.click(first, label=words.MORE_STYLES())
    assert [style.name for style in wanted(engine)[-1].styles] == NAMES[4:]
    assert engine.jobs[-1].parts["content"] == CAT
    before = {message.id for message in world.messages}
    await world.tell(sheet_of(len(NAMES) - 4), -1)
    await world.until(lambda: any("Choose" in m.content for m in world.messages if m.id not in before))
    last = next(m for m in world.messages if m.id not in before and "Choose" in m.content)
    assert words.MORE_STYLES() not in str([row.to_dict() for row in last.components])


async def test_a_channel_tries_out_what_it_offers(world: World, engine: FakeEngine) -> None:
    await world.set_channel(palette=("udnie", "great_wave", "cherry_tree"))
    await world.alice.slash(world.art, "audition", content=("cat.png", CAT))
    assert {style.name for style in wanted(engine)[0].styles} == {"udnie", "great_wave", "cherry_tree"}
    await world.alice.slash(world.talk, "audition", content=("cat.png", CAT))
    assert len(wanted(engine)[1].styles) == len(NAMES)


async def test_how_a_sheet_was_painted(world: World) -> None:
    result = await sheet(world)
    answer = await world.bob.context_menu(world.art, "How was this painted?", result)
    assert f"This sheet tries out {len(NAMES)} styles" in said(answer).content


# --- what is finished from it -----------------------------------------------------------------------------


async def test_what_is_chosen_is_finished_from_its_small_picture(world: World, engine: FakeEngine) -> None:
    result = await sheet(world, strength=70, seed=7, colours="kept")
    await world.bob.select(result, ["3"])
    audition, whole = engine.jobs
    assert whole.request.tile == Tile(job=audition.id, number=3)
    assert [style.name for style in whole.request.styles] == [NAMES[2]]
    assert whole.parts == {"content": CAT}
    unlike = {"owner", "styles", "audition", "tile"}
    assert whole.request.model_dump(exclude=unlike) == audition.request.model_dump(exclude=unlike)
    assert whole.request.owner == replace_user(audition.request, world.bob.id)
    painted = await world.finish(1)
    assert f"<@{world.bob.id}>, here it is" in painted.content
    assert f"in the style of “{cards()[2].title}”" in painted.content
    assert f"made from [this result]({result.jump_url})" in painted.content


def replace_user(request: JobRequest, user_id: int) -> Any:
    return request.owner.model_copy(update={"user": str(user_id)})


async def test_it_is_a_result_like_any_other(world: World, engine: FakeEngine) -> None:
    await world.alice.select(await sheet(world), ["1"])
    painted = await world.finish(1)
    await world.alice.click(painted, label="More style")
    await world.until(lambda: len(engine.jobs) == 3)
    again = engine.jobs[2].request
    assert (again.tile, again.audition, again.start) == (None, False, Start.PREVIOUS)
    listed = said(await world.alice.slash(world.art, "history")).content
    assert f"{len(NAMES)} styles" in listed
    assert "The Starry Night" in listed


async def test_choosing_twice_is_one_order_for_each_member(world: World, engine: FakeEngine) -> None:
    result = await sheet(world)
    await world.alice.select(result, ["1"])
    again = await world.alice.select(result, ["1"])
    assert told(again) == [phrase_of(BotErrorCode.ALREADY_UNDERWAY)()]
    await world.alice.select(result, ["2"])
    await world.bob.select(result, ["1"])
    assert len(engine.jobs) == 4


async def test_what_the_engine_paints_afresh_says_so(world: World, engine: FakeEngine) -> None:
    await world.alice.select(await sheet(world), ["1"])
    note = Note(code=NoteCode.PAINTED_AFRESH)
    await world.tell(FINISHED.model_copy(update={"notes": (note,)}), 1)
    painted = await world.shows("here it is in the style of")
    assert "painted afresh" in painted.content


async def test_a_sheet_that_was_deleted_offers_nothing(world: World, engine: FakeEngine) -> None:
    result = await sheet(world)
    asked = await world.alice.click(result, label="Delete")
    await world.alice.click(said(asked), label="Yes, delete it")
    await world.until(lambda: result.id not in {each.id for each in world.messages})
    ticket = engine.jobs[0].key
    found = await world.bot.studio.store.tickets.find(ticket)
    assert found is not None
    assert found.state == "deleted"


async def test_a_sheet_comes_back_with_its_menu(world: World, engine: FakeEngine) -> None:
    await sheet(world, tiles=5)
    shown = said(await world.alice.slash(world.art, "show", picture=engine.jobs[0].key))
    assert words.CHOOSE() in shown.content
    await world.alice.select(shown, ["5"])
    await world.until(lambda: len(engine.jobs) == 2)
    assert engine.jobs[1].request.tile == Tile(job=engine.jobs[0].id, number=5)


async def test_results_go_where_the_channel_has_them(world: World, engine: FakeEngine) -> None:
    results = world.guild.create_text_channel("results")
    await world.set_channel(output=Output.RESULTS)
    await world.set_server(results_id=results.id)
    picture = await post(world)
    await world.alice.react(picture, MORE)
    result = await finished(world)
    await world.alice.select(result, ["1"])
    await world.tell(FINISHED, 1)
    await world.until(lambda: len(results.history()) == 1)
    assert "in the style of “The Starry Night”" in results.history()[0].content


async def test_a_thread_has_the_sheet_and_what_comes_of_it(world: World, engine: FakeEngine) -> None:
    await world.set_channel(output=Output.THREAD)
    picture = await post(world)
    await world.alice.react(picture, MORE)
    await world.until(lambda: world.art.threads)
    [thread] = world.art.threads
    await world.tell(sheet_of(len(NAMES)))
    await world.until(lambda: any(words.CHOOSE() in each.content for each in thread.history()))
    await world.bob.select(next(each for each in thread.history() if words.CHOOSE() in each.content), ["1"])
    await world.tell(FINISHED, 1)
    await world.until(lambda: any("The Starry Night” by" in each.content for each in thread.history()))


async def test_what_was_hidden_stays_hidden(world: World, engine: FakeEngine) -> None:
    await post(world, attachments=[("SPOILER_cat.png", CAT)])
    picture = world.messages[0]
    await world.alice.react(picture, MORE)
    result = await finished(world)
    assert result.attachments[0].is_spoiler()
    await world.bob.select(result, ["1"])
    assert (await world.finish(1)).attachments[0].is_spoiler()


# --- the ways in ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("emoji", [MORE, PLAIN_MORE])
async def test_the_last_emoji_of_the_palette(world: World, engine: FakeEngine, emoji: str) -> None:
    picture = await post(world)
    await world.alice.react(picture, emoji)
    [job] = engine.jobs
    assert (job.request.audition, job.parts) == (True, {"content": CAT})
    ticket = await world.shows("styles**")
    assert ticket.reference is not None
    assert ticket.reference.message_id == picture.id
    await world.alice.unreact(picture, emoji)
    assert engine.jobs[0].calls == ["cancel"]
    await world.alice.react(picture, emoji)
    await world.until(lambda: len(engine.jobs) == 2)
    await finished(world)
    await world.alice.unreact(picture, emoji)
    await world.alice.react(picture, emoji)
    assert len(engine.jobs) == 2, "it counts once"
    await world.bob.react(picture, emoji)
    assert len(engine.jobs) == 3


async def test_a_tap_that_nobody_saw_counts_after_a_restart(
    world: World, engine: FakeEngine, env: Env
) -> None:
    picture = await post(world)
    await world.bot.close()
    env.backend.add_reaction(world.art.id, picture.id, MORE, world.alice.id)
    await env.restart_bot(world._new_bot())
    await world.until(lambda: engine.jobs)
    assert [job.request.audition for job in engine.jobs] == [True]
    env.backend.clear_reaction(world.art.id, picture.id, MORE)
    await world.until(lambda: engine.jobs[0].calls)
    assert engine.jobs[0].calls == ["cancel"]


async def test_emojis_on_a_result_and_on_a_sheet(world: World, engine: FakeEngine) -> None:
    result = await world.result(style="udnie", content=("cat.png", CAT), recipe="tutorial")
    await world.alice.react(result, MORE)
    await world.until(lambda: len(engine.jobs) == 2)
    audition = engine.jobs[1]
    assert (audition.request.audition, audition.request.recipe) == (True, RecipeName.STANDARD)
    assert audition.parts == {"content": CAT}, "not paint upon paint"
    made = await finished(world)
    await world.bob.react(made, "💃")
    await world.until(lambda: len(engine.jobs) == 3)
    assert engine.jobs[2].request.tile == Tile(job=audition.id, number=NAMES.index("udnie") + 1)
    await world.bob.unreact(made, "💃")
    assert engine.jobs[2].calls == ["cancel"]
    await world.bob.react(made, MORE)
    assert len(engine.jobs) == 3, "there they are"


async def test_the_menu_of_a_message(world: World, engine: FakeEngine) -> None:
    picture = await post(world)
    await world.alice.context_menu(world.art, words.MENU(), picture)
    [request] = wanted(engine)
    assert (request.audition, request.owner.user) == (True, str(world.alice.id))
    double = await post(world, attachments=[("a.png", CAT), ("b.png", png())])
    asked = said(await world.alice.context_menu(world.art, words.MENU(), double))
    await world.alice.click(asked, label="Paint this")
    assert len(wanted(engine)[1].styles) == len(NAMES)


async def test_the_newest_picture_and_an_avatar(world: World, engine: FakeEngine) -> None:
    await post(world)
    asked = said(await world.alice.slash(world.art, "audition"))
    assert engine.jobs == []
    await world.alice.click(asked, label="Paint this")
    assert engine.jobs[0].parts == {"content": CAT}
    several = await world.alice.slash(world.art, "audition", content=("cat.png", CAT), picture="newest")
    assert said(several).content == phrase_of(BotErrorCode.SEVERAL_SOURCES)()
    world.sentences()


async def test_a_button_where_one_chooses_a_style(world: World, engine: FakeEngine) -> None:
    asked = said(await world.stylize(style=None, strength=20))
    await world.alice.click(asked, label="All styles")
    [request] = wanted(engine)
    assert (request.audition, request.strength) == (True, 20)
    for unlike in ({"recipe": "tutorial"}, {"preset": "avatar"}):
        asked = said(await world.stylize(style=None, **unlike))
        assert "All styles" not in str(asked.components)


async def test_a_button_under_other_style(world: World, engine: FakeEngine) -> None:
    result = await world.result(style="udnie", content=("cat.png", CAT))
    menu = said(await world.bob.click(result, label="Other style"))
    await world.restart()
    await world.bob.click(menu, label="All styles")
    await world.until(lambda: len(engine.jobs) == 2)
    request = engine.jobs[1].request
    assert (request.audition, request.owner.user) == (True, str(world.bob.id))
    assert engine.jobs[1].parts == {"content": CAT}


async def test_all_instead_of_a_name(world: World, engine: FakeEngine) -> None:
    me = world.guild.me
    assert me is not None
    await world.alice.send(world.art, f"<@{me.id}> All", attachments=[("cat.png", CAT)])
    await world.shows("styles**")
    assert wanted(engine)[0].audition


# --- who may ----------------------------------------------------------------------------------------------


async def test_whose_picture_it_is_holds_for_every_way_in(world: World, engine: FakeEngine) -> None:
    picture = await post(world)
    await world.set_server(consent=Consent.OWN)
    await world.alice.react(picture, MORE)
    await world.shows("you can have your own pictures painted, and nobody else’s")
    asked = await world.alice.context_menu(world.art, words.MENU(), picture)
    assert "nobody else’s" in said(asked).content
    world.sentences()
    assert engine.jobs == []
    await world.bob.react(picture, MORE)
    result = await finished(world)
    refused = await world.alice.select(result, ["1"])
    assert "nobody else’s" in told(refused)[0]
    world.sentences()
    await world.bob.select(result, ["1"])
    assert len(engine.jobs) == 2


async def test_a_yes_to_a_sheet_is_one_to_what_is_chosen_first(world: World, engine: FakeEngine) -> None:
    await world.set_server(consent=Consent.ASK)
    picture = await post(world)
    await world.alice.react(picture, MORE)
    question = await world.shows("may I paint it?")
    assert "The Starry Night" in question.content
    assert engine.jobs == []
    await world.bob.click(question, label="This once")
    await world.until(lambda: len(engine.jobs) == 1)
    result = await finished(world)
    await world.alice.select(result, ["2"])
    await world.until(lambda: len(engine.jobs) == 2)
    assert engine.jobs[1].request.tile == Tile(job=engine.jobs[0].id, number=2)
    await world.tell(FINISHED, 1)
    await world.alice.select(result, ["1"])
    question = await world.shows("may I paint it?")
    await world.bob.click(question, label="Always")
    await world.until(lambda: len(engine.jobs) == 3)
    answer = await world.bot.studio.store.consents.answer(world.bob.id, world.guild.id)
    assert answer is Answer.ALWAYS


@pytest.mark.parametrize("said_since", [Answer.NEVER, None])
async def test_a_yes_to_a_sheet_is_not_one_for_others_nor_against_a_no(
    world: World, engine: FakeEngine, said_since: Answer | None
) -> None:
    await world.set_server(consent=Consent.ASK)
    picture = await post(world)
    await world.alice.react(picture, MORE)
    await world.bob.click(await world.shows("may I paint it?"), label="This once")
    await world.until(lambda: len(engine.jobs) == 1)
    result = await finished(world)
    await world.bot.studio.store.consents.remember(world.bob.id, world.guild.id, said_since, 1.0)
    chooser = world.alice if said_since else world.guild.add_member(world.env.create_user("carol"))
    await chooser.select(result, ["2"])
    world.sentences()
    assert len(engine.jobs) == 1


async def test_a_sheet_is_painted_and_its_choice_made_without_a_pause(
    world: World, engine: FakeEngine
) -> None:
    await world.set_server(cooldown_seconds=600, daily_per_member=1)
    result = await sheet(world)
    await world.alice.select(result, ["2"])
    assert [each.tile is not None for each in wanted(engine)] == [False, True]
    await world.tell(FINISHED, 1)
    refused = await world.alice.select(result, ["3"])
    assert "pause between two pictures" in told(refused)[0]
    await world.set_server(cooldown_seconds=0)
    refused = await world.alice.select(result, ["3"])
    assert "as many pictures here in the last 24 hours" in told(refused)[0]
    world.sentences()
    assert len(engine.jobs) == 2


async def test_a_tap_on_ones_sheet_is_a_choice_without_a_pause(world: World, engine: FakeEngine) -> None:
    await world.set_server(cooldown_seconds=600)
    result = await sheet(world)
    await world.alice.react(result, "🌊")
    await world.until(lambda: len(engine.jobs) == 2)
    await world.bob.react(result, "🌌")
    await world.until(lambda: len(engine.jobs) == 3)
    await world.alice.react(result, "🌌")
    assert len(engine.jobs) == 3


async def test_caps_count_a_sheet_as_one_picture(world: World, engine: FakeEngine) -> None:
    await world.set_server(open_per_member=1)
    await world.alice.slash(world.art, "audition", content=("cat.png", CAT))
    refused = await world.alice.slash(world.art, "audition", content=("cat.png", CAT))
    assert "You already have 1 on the way here" in said(refused).content
    world.sentences()
    assert len(engine.jobs) == 1


async def test_a_blocked_member_chooses_nothing(world: World, engine: FakeEngine) -> None:
    result = await sheet(world)
    await world.bot.studio.store.blocks.block(world.guild.id, world.bob.id, world.alice.id, 0.0)
    refused = await world.bob.select(result, ["1"])
    assert told(refused)
    world.sentences()
    assert len(engine.jobs) == 1
