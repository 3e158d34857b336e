"""Stories of a server's own styles: a member's picture becomes one with its author's yes, and is none any more without."""

import asyncio
import copy
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any
from unicodedata import category

import discord
import pytest
from simcord.actors import MemberActor
from simcord.builders import UserHandle
from simcord.results import InteractionResult

from bot.errors import BotError, BotErrorCode
from bot.languages import DEFAULT
from bot.museum import acquisitions
from bot.museum.acquisitions import Proposal
from bot.museum.labels import EMOJIS, credit_of
from bot.orders.venue import Actor, Venue
from bot.storage.backup import Backup
from bot.storage.consents import Answer
from bot.storage.museum import ALIVE, IMAGE, State
from bot.storage.settings import Work
from bot.tickets.posting import ids_of
from bot.words import museum as words
from bot.words.errors import phrase_of
from bot.words.palette import MORE
from bot.words.setup import Page
from bot.words.ticket import STYLE_GONE
from engine.protocol import CrashPoint, ErrorCode, Finished, Refusal
from tests.bot.fake_engine import FakeEngine
from tests.bot.words.catalogues import text_of
from tests.bot.words.test_provenance import provenance
from tests.bot.world import World, png, said, told

ART = png(colour="navy")


async def posted(world: World, member: Any = None, **parts: Any) -> discord.Message:
    """A picture of Bob's."""
    parts.setdefault("attachments", [("harbour.png", ART)])
    message: discord.Message = await (member or world.bob).send(world.art, "my harbour", **parts)
    return message


async def offered(
    world: World, member: Any, message: discord.Message, name: str = "Night harbour", emoji: str = "⚓"
) -> InteractionResult:
    """By the menu of a message."""
    opened = await member.context_menu(world.art, words.MENU(), message)
    result: InteractionResult = await member.submit_modal(opened, {"name": name, "emoji": emoji})
    return result


async def shown(world: World, mia: Any, **options: Any) -> str:
    """A picture of Bob's that is a style, by a moderator's proposal; its id."""
    await offered(world, mia, await posted(world), **options)
    name = options.get("name", "Night harbour")
    await world.bob.click(await world.shows(f"*{name}*. Is that all right"), label=words.YES())
    [style] = [each for each in styles(world) if each.name == name]
    assert style.state is State.SHOWN
    found: str = style.id
    return found


def styles(world: World) -> list[Any]:
    return world.bot.studio.store.museum.of_server(world.guild.id, *State)


async def test_a_moderator_proposes_and_the_author_says_yes(
    world: World, mia: MemberActor, engine: FakeEngine
) -> None:
    picture = await posted(world)
    result = await offered(world, mia, picture)
    assert f"I have asked <@{world.bob.id}>" in told(result)[-1]
    question = await world.shows("would like to make this picture a style")
    assert words.PURPOSE() in question.content
    assert world.rung_by(question) == [world.bob.id]
    assert not (world.bot.studio.config.data_dir / "museum").exists()  # nothing is kept before a yes
    denied = await world.alice.click(question, label=words.YES())
    assert told(denied) == [phrase_of(BotErrorCode.NOT_THE_AUTHOR)(author=f"<@{world.bob.id}>")]
    await world.bob.click(question, label=words.YES())
    [style] = styles(world)
    assert (style.state, style.wording, style.author_id, style.proposer_id, style.message_id) == (
        State.SHOWN,
        1,
        world.bob.id,
        mia.id,
        picture.id,
    )
    assert style.consented_at is not None
    await world.shows("is now a style of this server")


async def test_an_author_who_is_quicker_than_discord_is_asked_no_more(world: World, mia: MemberActor) -> None:
    await offered(world, mia, await posted(world))
    museum = world.bot.studio.store.museum
    asked = await museum.save(styles(world)[0], State.ASKED, question_id=None)  # not said by Discord yet
    said_yes = await museum.save(styles(world)[0], State.ASKED, state=State.OFFERED)
    assert asked is not None
    assert said_yes is not None
    await asyncio.gather(*map(world.bot.studio.acquisitions.show, (asked, said_yes)))
    await world.shows("A moderator decides whether")
    assert [m for m in world.messages if "Is that all right" in m.content] == []


async def test_a_style_is_used_by_its_name_and_credited(
    world: World, mia: MemberActor, engine: FakeEngine
) -> None:
    style = await shown(world, mia)
    found = await world.alice.autocomplete(world.art, "stylize", "style", "harb")
    assert [choice["value"] for choice in found] == [style]
    await world.stylize(style="night harbor")
    job = engine.jobs[-1]
    assert [(each.name, each.part) for each in job.request.styles] == [(None, "style-1")]
    assert job.parts["style-1"].endswith(ART)
    credit = f"in the style of *Night harbour* by <@{world.bob.id}>"
    await world.shows(f"**I{credit[1:]}**")
    result = await world.finish(0)
    assert credit in result.content
    assert "“Night harbour” by bob" in (result.attachments[0].description or "")
    assert world.rung_by(result) == [world.alice.id]


@pytest.fixture
def point(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[CrashPoint]:
    """What was reached; at the point of the test, the process stops doing whatever it does."""
    reached: list[CrashPoint] = []

    def stop(each: CrashPoint) -> None:
        if each is request.param and not reached:
            reached.append(each)
            raise RuntimeError("the process ends")

    monkeypatch.setattr(acquisitions, "reach", stop)
    return reached


def about(world: World) -> list[discord.Message]:
    """Our messages about styles."""
    return [each for each in world.messages if "museum:" in ids_of(each)]


@pytest.mark.parametrize("point", [CrashPoint.BOT_STYLE_ASKED], indirect=True)
@pytest.mark.parametrize("proposer", ["mia", "bob"])
async def test_a_message_that_is_not_noted_is_found_and_goes_with_the_style(
    world: World, mia: MemberActor, point: list[CrashPoint], proposer: str
) -> None:
    result = await offered(world, mia if proposer == "mia" else world.bob, await posted(world))
    if proposer == "bob":
        await world.bob.click(said(result), label=words.YES())
    assert point
    await world.restart()
    await world.env.settle()
    [question] = about(world)
    if proposer == "mia":
        await world.bob.click(question, label=words.YES())
        [question] = about(world)
    sure = said(await world.bob.click(question, label=words.TAKE_BACK()))
    await world.bob.click(sure, label=words.KEEP_RESULTS())
    await world.until(lambda: not about(world))
    world.sentences()


@pytest.mark.parametrize("point", [CrashPoint.BOT_STYLE_ASKED], indirect=True)
async def test_a_style_that_ended_before_its_message_was_noted_takes_it_along(
    world: World, mia: MemberActor, point: list[CrashPoint]
) -> None:
    await offered(world, mia, await posted(world))
    await world.bot.studio.deletion.end_styles(styles(world), State.DECLINED)
    assert len(about(world)) == len(point)
    await world.restart()
    await world.until(lambda: not about(world))
    world.sentences()


async def test_a_style_that_cannot_be_told_of_holds_up_no_other(world: World, mia: MemberActor) -> None:
    await offered(world, mia, await posted(world))
    [asked], museum = styles(world), world.bot.studio.store.museum
    closed = world.channel_without("closed", "send_messages", "view_channel")
    hindered = replace(
        asked, id="own_0000000000000001", name="Closed", channel_id=closed.id, question_id=None
    )
    waiting = replace(asked, id="own_0000000000000002", name="Waiting", question_id=None)
    await museum.add(hindered)
    await museum.add(waiting)
    await world.bot.studio.acquisitions.sweep()
    assert await world.shows("*Waiting*. Is that all right")


@pytest.mark.parametrize("point", [CrashPoint.BOT_STYLE_VOTED], indirect=True)
async def test_the_last_vote_that_is_needed_counts_over_a_restart(
    world: World, point: list[CrashPoint]
) -> None:
    await world.set_server(style_votes=1, star_account_days=0)
    await world.bob.click(said(await offered(world, world.bob, await posted(world))), label=words.YES())
    await world.alice.click(await world.shows("offers this picture as a style"), label=words.vote_label(0))
    assert point
    await world.restart()
    await world.shows("is now a style of this server")
    assert styles(world)[0].state is State.SHOWN
    world.sentences()


# --- taken back -------------------------------------------------------------------------------------------


async def taken_back(world: World, act: str = words.KEEP_RESULTS()) -> str:
    """Bob takes his style back, by the button at our message."""
    question = await world.bob.click(
        await world.shows("is now a style of this server"), label=words.TAKE_BACK()
    )
    assert "Take ⚓ *Night harbour* back?" in told(question)[-1]
    answer = await world.bob.click(said(question), label=act)
    return said(answer).content


async def test_who_asks_to_take_one_back_may_keep_it(world: World, mia: MemberActor) -> None:
    await shown(world, mia)
    ours = await world.shows("is now a style of this server")
    question = said(await world.bob.click(ours, label=words.TAKE_BACK()))
    await world.bob.click(question, label=words.KEEP_IT())
    assert "*Night harbour* by" in question.content
    assert styles(world)[0].state is State.SHOWN


async def test_what_is_taken_back_is_nowhere_any_more(
    world: World, mia: MemberActor, engine: FakeEngine
) -> None:
    style = await shown(world, mia)
    kept = world.bot.studio.config.data_dir / "museum" / style
    digest = hashlib.sha256((kept / IMAGE).read_bytes()).hexdigest()
    assert kept.exists()
    await taken_back(world)
    await world.until(lambda: not kept.exists())
    assert engine.forgotten == [f"sha256:{digest}"]
    assert await world.alice.autocomplete(world.art, "stylize", "style", "harbour") == []
    gone = phrase_of(BotErrorCode.STYLE_TAKEN_BACK)(title="Night harbour")
    await world.alice.slash(world.art, "stylize", content=("cat.png", png()), style="Night harbour")
    assert world.sentences() == [gone]
    await world.until(lambda: not [m for m in world.messages if "is now a style" in m.content])
    picture = await posted(world, world.alice)
    await world.alice.react(picture, "⚓")
    await world.shows(gone)
    assert engine.jobs == []
    [row] = styles(world)
    assert (row.state, row.sha256) == (State.TAKEN_BACK, None)
    assert row.withdrawn_at is not None


async def test_what_is_being_painted_in_it_stops_at_once(
    world: World, mia: MemberActor, engine: FakeEngine
) -> None:
    await shown(world, mia)
    await world.stylize(style="night harbour")
    await taken_back(world)
    await world.shows(STYLE_GONE())
    await world.until(lambda: engine.deleted == [engine.jobs[0].key])


async def test_what_waits_for_the_engine_is_never_sent_to_it(
    world: World, mia: MemberActor, engine: FakeEngine
) -> None:
    await shown(world, mia)
    engine.go_down()
    await world.stylize(style="night harbour")
    await world.shows("your picture waits here")
    await taken_back(world)
    await world.shows(STYLE_GONE())
    engine.come_back()
    await world.later(120)
    assert engine.jobs == []


async def test_a_former_process_is_no_way_around_it(
    world: World, mia: MemberActor, engine: FakeEngine
) -> None:
    await shown(world, mia)
    await world.stylize(style="night harbour")
    await world.restart()
    await taken_back(world)
    await world.shows(STYLE_GONE())
    await world.restart()
    assert await world.alice.autocomplete(world.art, "stylize", "style", "harbour") == []


@pytest.mark.parametrize("label", ["Again", "More style", "Larger", "Keep my colours"])
async def test_the_buttons_of_a_result_say_that_it_is_taken_back(
    world: World, mia: MemberActor, engine: FakeEngine, label: str
) -> None:
    await shown(world, mia)
    await world.stylize(style="night harbour")
    result = await world.finish(0)
    if label in ("Again", "More style"):
        again = await world.alice.click(result, label=label)
        await world.until(lambda: len(engine.jobs) == 2)
        assert engine.jobs[1].parts["style-1"].endswith(ART)
        assert again is not None
    await taken_back(world)
    before = len(engine.jobs)
    if label in ("Again", "More style"):
        answer = await world.alice.click(result, label=label)
    else:
        answer = await world.more(result, label)
    gone = phrase_of(BotErrorCode.STYLE_TAKEN_BACK)(title="Night harbour")
    assert gone in [*told(answer), *filter(None, world.sentences())]
    assert len(engine.jobs) == before


async def test_results_stay_with_their_credit_or_go_as_the_author_chooses(
    world: World, mia: MemberActor, engine: FakeEngine
) -> None:
    await shown(world, mia)
    await world.stylize(style="night harbour")
    result = await world.finish(0)
    await world.stylize()
    other = await world.finish(1)
    assert "disappears in a moment" in await taken_back(world, words.DELETE_RESULTS())
    await world.until(lambda: result.id not in {m.id for m in world.messages})
    assert other.id in {m.id for m in world.messages}


async def test_results_stay_if_the_author_lets_them(
    world: World, mia: MemberActor, engine: FakeEngine
) -> None:
    await shown(world, mia)
    await world.stylize(style="night harbour")
    result = await world.finish(0)
    assert "disappears" not in await taken_back(world)
    await world.env.settle()
    assert result.id in {m.id for m in world.messages}
    listed = said(await world.alice.slash(world.art, "history"))
    assert "Night harbour” by bob" in listed.content


@pytest.mark.parametrize("where", ["server", "direct", "left"])
async def test_it_is_taken_back_from_anywhere(world: World, mia: MemberActor, where: str) -> None:
    await shown(world, mia)
    member: MemberActor | UserHandle = world.bob
    if where == "left":
        world.guild.remove_member(world.bob)
    if where == "server":
        listed = said(await world.bob.slash(world.talk, "museum show"))
    else:
        member = world.bob.user
        listed = said(await member.slash("museum show"))
    await member.select(listed, [styles(world)[0].id])
    question = await member.click(listed, label=words.TAKE_BACK())
    await member.click(said(question), label=words.KEEP_RESULTS())
    assert styles(world)[0].state is State.TAKEN_BACK


async def test_nobody_else_takes_it_back(world: World, mia: MemberActor) -> None:
    style = await shown(world, mia)
    message = await world.shows("is now a style of this server")
    denied = phrase_of(BotErrorCode.NOT_THE_AUTHOR)(author=f"<@{world.bob.id}>")
    for member in (world.alice, mia):
        assert told(await member.click(message, label=words.TAKE_BACK())) == [denied]
    assert styles(world)[0].id == style


async def test_deleting_the_picture_takes_it_back(world: World, mia: MemberActor, engine: FakeEngine) -> None:
    picture = await posted(world)
    await offered(world, mia, picture)
    await world.bob.click(await world.shows("Is that all right"), label=words.YES())
    await world.stylize(style="night harbour")
    await world.bob.delete(picture)
    await world.shows(STYLE_GONE())
    assert styles(world)[0].state is State.TAKEN_BACK


async def test_a_ban_takes_it_along(world: World, mia: MemberActor) -> None:
    await shown(world, mia)
    world.env.backend.apply_ban(world.guild.id, world.bob.id, None)
    await world.until(lambda: styles(world)[0].state is State.TAKEN_BACK)


async def test_who_has_left_is_found_within_a_day(world: World, mia: MemberActor) -> None:
    await shown(world, mia)
    world.guild.remove_member(world.bob)
    for hour in range(24):
        await world.bot.studio.acquisitions.look_for_authors(hour)
    assert styles(world)[0].state is State.TAKEN_BACK


async def test_who_is_forgotten_is_named_nowhere(world: World, mia: MemberActor, engine: FakeEngine) -> None:
    await shown(world, mia)
    await world.stylize(style="night harbour")
    await world.finish(0)
    asked = await world.bob.slash(world.talk, "privacy delete")
    await world.bob.click(said(asked), label="Delete my data")
    assert styles(world) == []
    kept = said(await world.bob.slash(world.talk, "privacy show"))
    assert "picture" not in kept.content
    listed = said(await world.alice.slash(world.art, "history"))
    assert "“Night harbour”" in listed.content
    assert "bob" not in listed.content


# --- the server decides -----------------------------------------------------------------------------------


async def by_bob(world: World, **options: Any) -> InteractionResult:
    """Bob offers a picture of his own, and says yes."""
    question = await offered(world, world.bob, await posted(world), **options)
    [text] = told(question)
    assert words.PURPOSE() in text
    answer: InteractionResult = await world.bob.click(said(question), label=words.YES())
    return answer


async def test_a_member_offers_their_own_and_a_moderator_accepts(
    world: World, mia: MemberActor, engine: FakeEngine
) -> None:
    answer = await by_bob(world)
    assert "A moderator now decides" in said(answer).content
    message = await world.shows("A moderator decides whether")
    refused = await world.alice.click(message, label=words.ADD_IT())
    assert told(refused) == [phrase_of(BotErrorCode.NOT_A_CURATOR)()]
    await mia.click(message, label=words.ADD_IT())
    assert styles(world)[0].state is State.SHOWN
    over = await mia.click(await world.shows("is now a style"), label=words.TAKE_BACK())
    assert told(over) == [phrase_of(BotErrorCode.NOT_THE_AUTHOR)(author=f"<@{world.bob.id}>")]


async def test_a_moderators_own_needs_nobody_else(world: World, mia: MemberActor) -> None:
    question = await offered(world, mia, await posted(world, mia))
    await mia.click(said(question), label=words.YES())
    await world.shows("is now a style of this server")


async def test_a_role_of_the_server_decides_too(world: World) -> None:
    role = world.guild.create_role("Curators")
    carl = world.guild.add_member(world.env.create_user("carl"), roles=[role])
    await world.set_server(curators=(role.id,))
    await by_bob(world)
    await carl.click(await world.shows("A moderator decides whether"), label=words.ADD_IT())
    assert styles(world)[0].state is State.SHOWN


async def test_what_is_declined_is_nothing_and_not_proposed_again_by_others(
    world: World, mia: MemberActor
) -> None:
    picture = await posted(world)
    await offered(world, mia, picture)
    answer = await world.bob.click(await world.shows("Is that all right"), label=words.NO())
    assert told(answer) == [words.SAID_NO()]
    await world.until(lambda: not [m for m in world.messages if "Is that all right" in m.content])
    await mia.context_menu(world.art, words.MENU(), picture)
    assert world.sentences() == [phrase_of(BotErrorCode.STYLE_DECLINED)()]
    question = await offered(world, world.bob, picture)  # its author may think otherwise
    assert words.PURPOSE() in told(question)[0]


async def test_members_vote_if_the_server_lets_them(world: World, mia: MemberActor) -> None:
    await world.set_server(style_votes=2, style_vote_days=1, star_account_days=0)
    await by_bob(world)
    message = await world.shows("With 2 ✅ until")
    own = await world.bob.click(message, label="✅ 0")
    assert told(own) == [phrase_of(BotErrorCode.OWN_VOTE)()]
    assert told(await world.alice.click(message, label="✅ 0")) == [words.voted(True)]
    message = await world.shows("1 so far")
    assert told(await world.alice.click(message, label="✅ 1")) == [words.voted(False)]
    message = await world.shows("0 so far")
    await world.alice.click(message, label="✅ 0")
    await world.restart()
    await mia.click(await world.shows("1 so far"), label="✅ 1")
    assert styles(world)[0].state is State.SHOWN


async def test_the_vote_of_who_is_blocked_does_not_count(world: World, mia: MemberActor) -> None:
    await world.set_server(style_votes=2, style_vote_days=1, star_account_days=0)
    await by_bob(world)
    await world.alice.click(await world.shows("0 so far"), label="✅ 0")
    await world.bot.studio.store.blocks.block(world.guild.id, world.alice.id, mia.id, 0.0)
    await mia.click(await world.shows("1 so far"), label="✅ 1")
    await world.shows("1 so far")
    assert styles(world)[0].state is State.OFFERED
    blocked = await world.alice.click(await world.shows("1 so far"), label="✅ 1")
    assert told(blocked) == [phrase_of(BotErrorCode.BLOCKED)()]


async def test_an_account_that_was_made_for_it_has_no_vote(world: World, mia: MemberActor) -> None:
    await world.set_server(style_votes=1, style_vote_days=1, star_account_days=7)
    await by_bob(world)
    refused = await world.alice.click(await world.shows("With 1 ✅ until"), label="✅ 0")
    assert "Votes count from whoever has been around for a while" in told(refused)[0]
    assert styles(world)[0].state is State.OFFERED


async def late(world: World, **times: Any) -> None:
    """Let it be long ago, and the bot look at what waits."""
    studio = world.bot.studio
    await studio.store.museum.save(styles(world)[0], *ALIVE, **times)
    await studio.acquisitions.sweep()


async def test_a_vote_ends_when_its_time_is_over(world: World) -> None:
    await world.set_server(style_votes=2, style_vote_days=1, star_account_days=0)
    await by_bob(world)
    await late(world, until=1.0)
    assert styles(world)[0].state is State.REMOVED
    await world.until(lambda: not [m for m in world.messages if "With 2 ✅" in m.content])


async def test_what_nobody_answers_is_let_go(world: World, mia: MemberActor) -> None:
    await offered(world, mia, await posted(world))
    await late(world, at=1.0)
    assert styles(world)[0].state is State.REMOVED


async def test_a_moderator_renames_and_removes(world: World, mia: MemberActor, engine: FakeEngine) -> None:
    style = await shown(world, mia)
    listed = said(await mia.slash(world.art, "museum show"))
    assert "1. ⚓ *Night harbour* by <@" in listed.content
    assert engine.wishes[-1] == ("styles", {"1": "Night harbour"})
    await mia.select(listed, [style])
    assert listed.attachments
    form = await mia.click(listed, label=words.RENAME())
    await mia.submit_modal(form, {"name": "Old Harbour", "emoji": "⚡"})
    assert (styles(world)[0].name, styles(world)[0].emoji) == ("Old Harbour", "⚡")
    await world.shows("⚡ *Old Harbour* by")
    await world.set_server(work=Work.STOP)  # which keeps nobody from taking out what is theirs to decide on
    question = await mia.click(listed, label=words.REMOVE())
    await mia.click(said(question), label=words.REMOVE_NOW())
    assert styles(world)[0].state is State.REMOVED
    await world.set_server(work=Work.ON)
    await world.alice.slash(world.art, "stylize", content=("cat.png", png()), style="Old Harbour")
    [sentence] = world.sentences()
    assert sentence is not None
    assert "no style called" in sentence


# --- what may be one --------------------------------------------------------------------------------------


async def test_a_member_proposes_nobody_elses(world: World) -> None:
    await world.alice.context_menu(world.art, words.MENU(), await posted(world))
    assert world.sentences() == [phrase_of(BotErrorCode.NOT_A_CURATOR)()]


async def test_where_members_vote_they_propose_too_and_the_author_is_asked(world: World) -> None:
    await world.set_server(style_votes=1, star_account_days=0)
    await offered(world, world.alice, await posted(world))
    await world.bob.click(await world.shows("Is that all right"), label=words.YES())
    await world.alice.click(await world.shows("With 1 ✅ until"), label="✅ 0")
    assert styles(world)[0].state is State.SHOWN


async def test_what_was_painted_here_is_none(world: World, mia: MemberActor) -> None:
    result = await world.result()
    await mia.context_menu(world.art, words.MENU(), result)
    assert world.sentences() == [phrase_of(BotErrorCode.NOT_FOR_MUSEUM)()]


async def test_who_never_wants_to_be_asked_is_not(world: World, mia: MemberActor) -> None:
    consents = world.bot.studio.store.consents
    await consents.remember(world.bob.id, world.guild.id, Answer.NEVER, 0.0)
    await mia.context_menu(world.art, words.MENU(), await posted(world))
    assert world.sentences() == [phrase_of(BotErrorCode.AUTHOR_SAYS_NO)()]


@pytest.mark.parametrize(
    ("name", "emoji", "code"),
    [
        ("@everyone", "⚓", BotErrorCode.BAD_STYLE_NAME),
        ("**loud**", "⚓", BotErrorCode.BAD_STYLE_NAME),
        ("x", "⚓", BotErrorCode.BAD_STYLE_NAME),
        ("123", "⚓", BotErrorCode.BAD_STYLE_NAME),
        ("a\u200bb\u2066c", "⚓", BotErrorCode.BAD_STYLE_NAME),
        ("z" + "\u0301" * 9, "⚓", BotErrorCode.BAD_STYLE_NAME),
        ("https://evil.example", "⚓", BotErrorCode.BAD_STYLE_NAME),
        ("n" * 33, "⚓", BotErrorCode.BAD_STYLE_NAME),
        ("the starry NIGHT", "⚓", BotErrorCode.STYLE_NAME_TAKEN),
        ("Alle Stile", "⚓", BotErrorCode.STYLE_NAME_TAKEN),
        ("Night harbour", "🌌", BotErrorCode.STYLE_EMOJI_TAKEN),
        ("Night harbour", "<:own:123456789012345678>", BotErrorCode.BAD_STYLE_EMOJI),
        ("Night harbour", "x", BotErrorCode.BAD_STYLE_EMOJI),
        ("Night harbour", "⚓⚓", BotErrorCode.BAD_STYLE_EMOJI),
    ],
)
async def test_a_name_and_an_emoji_are_looked_at(
    world: World, mia: MemberActor, name: str, emoji: str, code: BotErrorCode
) -> None:
    result = await offered(world, mia, await posted(world), name, emoji)
    beginning = text_of(phrase_of(code).id, DEFAULT).partition(" = ")[2].partition("{")[0].strip()
    assert told(result)[-1].startswith(beginning)
    assert styles(world) == []


async def test_an_emoji_is_chosen_for_who_gives_none(world: World, mia: MemberActor) -> None:
    await shown(world, mia, emoji="")
    assert styles(world)[0].emoji not in ("", "🌌", "🌊")


async def test_what_members_star_with_stands_for_no_style(world: World, mia: MemberActor) -> None:
    await world.set_server(star="🎨")
    result = await offered(world, mia, await posted(world), emoji="🎨")
    assert "🎨 stands for something else here" in told(result)[-1]
    await shown(world, mia, emoji="")
    assert styles(world)[0].emoji != "🎨"


async def test_two_styles_have_neither_name_nor_emoji_in_common(world: World, mia: MemberActor) -> None:
    await shown(world, mia)
    other = await posted(world, attachments=[("other.png", png(colour="red"))])
    result = await offered(world, mia, other, name="NIGHT HÄRBOUR")
    assert "“Night harbour”" in told(result)[-1]
    result = await offered(world, mia, other, name="Day harbour")
    assert "stands for something else here" in told(result)[-1]


@pytest.mark.parametrize(
    ("other", "name", "code"),
    [
        (False, "Day harbour", BotErrorCode.STYLE_THERE),
        (True, "Night harbour", BotErrorCode.STYLE_NAME_TAKEN),
        (True, "Day harbour", BotErrorCode.STYLE_EMOJI_TAKEN),
    ],
)
async def test_of_two_that_are_proposed_at_once_one_is(
    world: World, mia: MemberActor, other: bool, name: str, code: BotErrorCode
) -> None:
    first = await posted(world)
    second = await posted(world) if other else first
    studio, channel = world.bot.studio, world.bot.get_channel(world.art.id)
    assert isinstance(channel, discord.TextChannel)
    actor, venue = Actor(mia.id, discord.Permissions.all()), Venue.of_channel(channel)
    proposals = []
    for message, called in ((first, "Night harbour"), (second, name)):
        [picture] = await studio.sources.of_message(await channel.fetch_message(message.id))
        proposals.append(Proposal(actor, venue, picture, called, "⚓"))
    done = await asyncio.gather(*map(studio.acquisitions.propose, proposals), return_exceptions=True)
    [refused] = [each for each in done if isinstance(each, BaseException)]
    assert isinstance(refused, BotError)
    assert refused.code is code
    assert len(styles(world)) == 1


async def test_the_same_picture_is_proposed_once(world: World, mia: MemberActor) -> None:
    picture = await posted(world)
    await offered(world, mia, picture)
    await mia.context_menu(world.art, words.MENU(), picture)
    assert world.sentences() == [phrase_of(BotErrorCode.STYLE_THERE)()]


@pytest.mark.parametrize("settings", [{"museum_styles": 1}])
async def test_a_museum_has_so_many_and_no_more(
    world: World, mia: MemberActor, settings: dict[str, Any]
) -> None:
    await shown(world, mia)
    await mia.context_menu(world.art, words.MENU(), await posted(world))
    assert world.sentences() == [phrase_of(BotErrorCode.MUSEUM_FULL)(limit=settings["museum_styles"])]


async def test_what_the_engine_does_not_take_becomes_none(
    world: World, mia: MemberActor, engine: FakeEngine
) -> None:
    await offered(world, mia, await posted(world))
    engine.style_refusals.append(Refusal(ErrorCode.CLEAR_STYLE, image="style"))
    answer = await world.bob.click(await world.shows("Is that all right"), label=words.YES())
    assert "transparent all over" in told(answer)[-1]
    assert styles(world)[0].state is State.REMOVED


async def test_a_yes_waits_for_the_engine(world: World, mia: MemberActor, engine: FakeEngine) -> None:
    await offered(world, mia, await posted(world))
    engine.go_down()
    answer = await world.bob.click(await world.shows("Is that all right"), label=words.YES())
    assert "as soon as the painting engine can be reached" in told(answer)[-1]
    await world.restart()
    engine.come_back()
    await world.later(3700)
    await world.until(lambda: styles(world)[0].state is State.SHOWN)


async def test_several_pictures_of_a_message_are_told_apart(
    world: World, mia: MemberActor, engine: FakeEngine
) -> None:
    other = png(colour="red")
    picture = await posted(world, attachments=[("a.png", ART), ("b.png", other)])
    opened = await mia.context_menu(world.art, words.MENU(), picture)
    await mia.submit_modal(opened, {"which": ["1"], "name": "Red", "emoji": ""})
    await world.bob.click(await world.shows("Is that all right"), label=words.YES())
    await world.stylize(style="red")
    assert engine.jobs[0].parts["style-1"].endswith(other)


async def test_a_style_is_proposed_by_a_link(world: World, mia: MemberActor) -> None:
    picture = await posted(world)
    answer = await mia.slash(world.talk, "museum add", picture=picture.jump_url, name="Night harbour")
    assert f"I have asked <@{world.bob.id}>" in said(answer).content
    await world.bob.click(await world.shows("Is that all right"), label=words.YES())
    assert styles(world)[0].state is State.SHOWN


# --- where ------------------------------------------------------------------------------------------------


async def test_it_is_in_no_other_server_nor_in_direct_messages(
    world: World, mia: MemberActor, engine: FakeEngine
) -> None:
    style = await shown(world, mia)
    other = world.env.create_guild()
    place = other.create_text_channel("art")
    alice = other.add_member(world.alice.user)
    assert await alice.autocomplete(place, "stylize", "style", "harbour") == []
    await alice.slash(place, "stylize", content=("cat.png", png()), style=style)
    assert world.sentences() == [f"There is no style called “{style}” here: `/styles` lists them all."]
    listed = said(await alice.slash(place, "museum show"))
    assert "no styles of its own" in listed.content
    await world.stylize(style="night harbour")
    await world.finish(0)
    ticket = engine.jobs[0].key
    brought = await alice.slash(place, "show", picture=ticket, post=True)
    assert brought is not None
    there = [m for m in place.history() if "Night harbour" in m.content]
    if there:
        again = await alice.click(there[0], label="Again")
        elsewhere = phrase_of(BotErrorCode.STYLE_ELSEWHERE)(title="Night harbour")
        assert elsewhere in [*told(again), *filter(None, world.sentences())]
    assert len(engine.jobs) == 1


async def test_what_is_age_restricted_stays_where_it_may_be_seen(
    world: World, mia: MemberActor, engine: FakeEngine
) -> None:
    cellar = world.guild.create_text_channel("cellar")
    known = world.bot.get_channel(cellar.id)
    assert isinstance(known, discord.TextChannel)
    known.nsfw = True  # which simcord cannot be asked for
    picture = await world.bob.send(cellar, "mine", attachments=[("harbour.png", ART)])
    opened = await mia.context_menu(cellar, words.MENU(), picture)
    await mia.submit_modal(opened, {"name": "Night harbour", "emoji": "⚓"})
    question = next(m for m in cellar.history() if "Is that all right" in m.content)
    await world.bob.click(question, label=words.YES())
    [style] = styles(world)
    assert (style.state, style.nsfw) == (State.SHOWN, True)
    assert await world.alice.autocomplete(world.art, "stylize", "style", "harbour") == []
    [found] = await world.alice.autocomplete(cellar, "stylize", "style", "harbour")
    assert found["value"] == style.id
    await world.alice.slash(cellar, "stylize", content=("cat.png", png()), style="night harbour")
    assert len(engine.jobs) == 1
    await world.stylize(style=style.id)
    assert len(engine.jobs) == 1
    assert "no style called" in str(world.sentences())


# --- among the other styles -------------------------------------------------------------------------------


async def test_it_is_tried_out_with_all_others_and_finished(
    world: World, mia: MemberActor, engine: FakeEngine
) -> None:
    await shown(world, mia)
    await world.alice.slash(world.art, "audition", content=("cat.png", png()))
    sheet = engine.jobs[0]
    assert [(each.name, each.part) for each in sheet.request.styles] == [
        ("starry_night", None),
        ("great_wave", None),
        (None, "style-1"),
    ]
    assert sheet.parts["style-1"].endswith(ART)
    await world.tell(Finished(seconds=9, width=900, height=300, moments=3), 0)
    result = await world.shows("Choose a number below")
    assert "3 ⚓ Night harbour" in result.content
    await world.bob.select(result, ["3"])
    await world.until(lambda: len(engine.jobs) == 2)
    finished = engine.jobs[1]
    assert finished.parts["style-1"].endswith(ART)
    assert finished.request.tile is not None


async def test_its_emoji_is_tapped_and_can_be_among_the_first(
    world: World, mia: MemberActor, engine: FakeEngine
) -> None:
    style = await shown(world, mia)
    await world.set_channel(favourites=(style,))
    picture = await posted(world, world.alice, attachments=[("cat.png", png())])
    seeded = next(each for each in world.messages if each.id == picture.id)
    assert [str(each.emoji) for each in seeded.reactions] == ["🌌", "🌊", "⚓"]
    await world.alice.react(picture, "⚓")
    await world.until(lambda: len(engine.jobs) == 1)
    result = await world.finish(0)
    await world.bob.react(result, "⚓")
    await world.until(lambda: len(engine.jobs) == 2)
    assert engine.jobs[1].parts["style-1"].endswith(ART)


async def test_the_styles_of_the_server_are_on_the_pages_of_all(
    world: World, mia: MemberActor, engine: FakeEngine
) -> None:
    style = await shown(world, mia)
    listed = said(await world.alice.slash(world.art, "styles"))
    assert f"3. ⚓ **Night harbour**, by <@{world.bob.id}>" in listed.content
    assert engine.wishes[-1] == ("styles", {"1": "starry_night", "2": "great_wave", "3": "Night harbour"})
    await world.alice.select(listed, [style])
    assert f"by <@{world.bob.id}>" in listed.content
    form = await world.alice.click(listed, label="Paint with this one")
    await world.alice.submit_modal(form, {"picture": ("cat.png", png()), "own_style": [style]})
    assert engine.jobs[0].parts["style-1"].endswith(ART)


async def test_it_is_mixed_with_a_painting_and_an_image(
    world: World, mia: MemberActor, engine: FakeEngine
) -> None:
    await shown(world, mia)
    image = png(colour="green")
    await world.stylize(style="night harbour", style_image=("s.png", image))
    job = engine.jobs[0]
    assert [each.part for each in job.request.styles] == ["style-1", "style-2"]
    assert job.parts["style-1"].endswith(ART)
    assert job.parts["style-2"] == image
    result = await world.finish(0)
    await world.alice.click(result, label="Again")
    await world.until(lambda: len(engine.jobs) == 2)
    assert engine.jobs[1].parts["style-1"].endswith(ART)
    assert engine.jobs[1].parts["style-2"] == image


async def test_how_it_was_painted_names_its_author_only_here_and_as_long_as_they_let_it(
    world: World, mia: MemberActor, engine: FakeEngine
) -> None:
    await shown(world, mia)
    await world.stylize(style="night harbour")
    result = await world.finish(0)
    engine.provenance = provenance(f"sha256:{styles(world)[0].sha256}")
    told_here = said(await world.alice.context_menu(world.art, "How was this painted?", result))
    assert f"in the style of *Night harbour* by <@{world.bob.id}>" in told_here.content
    assert "style:Night harbour" in told_here.content
    other = world.env.create_guild()
    place = other.create_text_channel("art")
    alice = other.add_member(world.alice.user)
    copy = await alice.send(place, "look", attachments=[("atelier.png", png())])
    told_there = said(await alice.context_menu(place, "How was this painted?", copy))
    assert "in the style of a style image" in told_there.content
    await taken_back(world)
    told_later = said(await world.alice.context_menu(world.art, "How was this painted?", result))
    assert "in the style of a style image" in told_later.content


@pytest.mark.parametrize(
    ("display", "credit"),
    [
        ("bob", "bob"),
        ("**B**ob @everyone", "Bob everyone"),
        ("\u202eb\u200bob", "bob"),
        ("日本 太郎", "日本 太郎"),
        ("<@1> [x](http://a)", "1 x(httpa)"),
        ("⚡️⚡️", ""),
        ("ａｂｃ", "abc"),
        ("b" * 80, "b" * 32),
    ],
)
def test_a_credit_is_a_name_that_may_stand_anywhere(display: str, credit: str) -> None:
    assert credit_of(display) == credit


def test_every_emoji_of_the_list_is_one_and_no_paintings() -> None:
    assert len(set(EMOJIS)) == len(EMOJIS) > 100
    assert not set(EMOJIS) & {MORE[0]}
    assert all(category(each) == "So" for each in EMOJIS)


async def test_a_backup_has_the_pictures_of_styles(world: World, mia: MemberActor, tmp_path: Path) -> None:
    style = await shown(world, mia)
    data = world.bot.studio.config.data_dir.resolve()
    await Backup(world.bot.studio.store.database, data).make(tmp_path / "copy")
    assert (tmp_path / "copy" / "museum" / style / IMAGE).read_bytes().endswith(ART)


async def test_a_server_that_sends_the_bot_away_leaves_nothing(world: World, mia: MemberActor) -> None:
    style = await shown(world, mia)
    kept = world.bot.studio.config.data_dir / "museum" / style
    await world.bot.studio.deletion.server_gone(world.guild.id)
    assert styles(world) == []
    await world.until(lambda: not kept.exists())


async def test_the_roles_and_votes_are_set_and_put_back(world: World) -> None:
    role = world.guild.create_role("Curators")
    managing = world.guild.create_role("Owners", permissions=discord.Permissions(manage_guild=True))
    olga = world.guild.add_member(world.env.create_user("olga"), roles=[managing])
    panel = said(await olga.slash(world.art, "setup"))
    await olga.select(panel, [Page.MUSEUM], custom_id="setup:jump")
    await olga.select(panel, [role], custom_id="setup:curators")
    await olga.select(panel, ["5"], custom_id="setup:set:style_votes:0")
    settings = world.bot.studio.store.settings
    assert (settings.server(world.guild.id).curators, settings.server(world.guild.id).style_votes) == (
        (role.id,),
        5,
    )
    await olga.click(panel, label="Undo")
    assert settings.server(world.guild.id).style_votes == 0


async def test_a_member_has_a_few_that_wait_and_no_more(world: World) -> None:
    for number in range(3):
        await by_bob(world, name=f"Harbour {number}", emoji="")
    await world.bob.context_menu(world.art, words.MENU(), await posted(world))
    assert world.sentences() == [phrase_of(BotErrorCode.OFFERED_ENOUGH)()]


async def test_what_is_hidden_is_shown_to_nobody(world: World, mia: MemberActor) -> None:
    hidden = await posted(world, attachments=[("SPOILER_harbour.png", ART)])
    await mia.context_menu(world.art, words.MENU(), hidden)
    assert world.sentences() == [phrase_of(BotErrorCode.HIDDEN_PICTURE)()]


async def test_an_author_does_not_rename_what_was_agreed_on(world: World, mia: MemberActor) -> None:
    style = await shown(world, mia)
    listed = said(await world.bob.slash(world.talk, "museum show"))
    await world.bob.select(listed, [style])
    labels = [item["label"] for row in listed.components for item in row["components"]]
    assert words.TAKE_BACK() in labels
    assert words.RENAME() not in labels


async def test_what_was_decided_goes_on_as_soon_as_the_bot_is_back(world: World, mia: MemberActor) -> None:
    await by_bob(world)
    await world.shows("A moderator decides whether")
    museum = world.bot.studio.store.museum
    await museum.save(styles(world)[0], State.OFFERED, approved=True)  # and cut off then
    await world.restart()
    await world.shows("is now a style of this server")
    assert styles(world)[0].state is State.SHOWN


async def test_who_is_blocked_says_no_or_nothing(world: World, mia: MemberActor) -> None:
    await offered(world, mia, await posted(world))
    question = await world.shows("Is that all right")
    await world.bot.studio.store.blocks.block(world.guild.id, world.bob.id, mia.id, 0.0)
    refused = await world.bob.click(question, label=words.YES())
    assert told(refused) == [phrase_of(BotErrorCode.BLOCKED)()]
    assert styles(world)[0].state is State.ASKED
    await world.set_server(work=Work.FINISH)
    assert told(await world.bob.click(question, label=words.NO())) == [words.SAID_NO()]


async def test_a_member_asks_few_authors_at_once(world: World) -> None:
    await world.set_server(style_votes=2)
    for name in ("carl", "dora", "emil", "faye"):
        author = world.guild.add_member(world.env.create_user(name))
        picture = await posted(world, author)
        opened = await world.alice.context_menu(world.art, words.MENU(), picture)
        if name != "faye":
            await world.alice.submit_modal(opened, {"name": f"Harbour of {name}", "emoji": ""})
    assert len(styles(world)) == 3
    assert world.sentences() == [phrase_of(BotErrorCode.OFFERED_ENOUGH)()]


async def test_a_style_from_a_channel_that_is_restricted_by_now_is_seen_in_no_other(
    world: World, mia: MemberActor
) -> None:
    style = await shown(world, mia)
    known = world.bot.get_channel(world.art.id)
    assert isinstance(known, discord.TextChannel)
    before = copy.copy(known)
    known.nsfw = True  # which simcord cannot be asked for
    world.bot.dispatch("guild_channel_update", before, known)
    await world.until(lambda: styles(world)[0].nsfw)
    found = await world.alice.autocomplete(world.talk, "stylize", "style", "harb")
    assert style not in [choice["value"] for choice in found]
