"""Stories of a server's own styles: a member's picture becomes one with its author's yes, and is none any more without."""

from typing import Any

import discord
import pytest
from simcord import Env
from simcord.actors import MemberActor
from simcord.results import InteractionResult

from bot.errors import BotErrorCode
from bot.storage.museum import State
from bot.words import museum as words
from bot.words.errors import BOT_SENTENCES
from bot.words.ticket import STYLE_GONE
from engine.protocol import ErrorCode, Refusal
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import World, png, said, told

ART = png(colour="navy")


@pytest.fixture
def mia(world: World) -> MemberActor:
    """She moderates."""
    moderating = world.guild.create_role("Staff", permissions=discord.Permissions(manage_messages=True))
    return world.guild.add_member(world.env.create_user("mia"), roles=[moderating])


async def posted(world: World, member: Any = None, **parts: Any) -> discord.Message:
    """A picture of Bob's."""
    parts.setdefault("attachments", [("harbour.png", ART)])
    message: discord.Message = await (member or world.bob).send(world.art, "my harbour", **parts)
    return message


async def offered(
    world: World, member: Any, message: discord.Message, name: str = "Night harbour", emoji: str = "⚓"
) -> InteractionResult:
    """By the menu of a message."""
    opened = await member.context_menu(world.art, words.MENU, message)
    result: InteractionResult = await member.submit_modal(opened, {"name": name, "emoji": emoji})
    return result


async def shown(world: World, mia: Any, **options: Any) -> str:
    """A picture of Bob's that is a style, by a moderator's proposal; its id."""
    await offered(world, mia, await posted(world), **options)
    name = options.get("name", "Night harbour")
    await world.bob.click(await world.shows(f"*{name}*. Is that all right"), label=words.YES)
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
    assert words.PURPOSE in question.content
    assert world.rung_by(question) == [world.bob.id]
    assert not (world.bot.studio.config.data_dir / "museum").exists()  # nothing is kept before a yes
    denied = await world.alice.click(question, label=words.YES)
    assert told(denied) == [BOT_SENTENCES[BotErrorCode.NOT_THE_AUTHOR].format(author=world.bob.id)]
    await world.bob.click(question, label=words.YES)
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


# --- taken back -------------------------------------------------------------------------------------------


async def taken_back(world: World, act: str = words.KEEP_RESULTS) -> str:
    """Bob takes his style back, by the button at our message."""
    question = await world.bob.click(
        await world.shows("is now a style of this server"), label=words.TAKE_BACK
    )
    assert "Take ⚓ *Night harbour* back?" in told(question)[-1]
    answer = await world.bob.click(said(question), label=act)
    return said(answer).content


async def test_what_is_taken_back_is_nowhere_any_more(
    world: World, mia: MemberActor, engine: FakeEngine
) -> None:
    style = await shown(world, mia)
    kept = world.bot.studio.config.data_dir / "museum" / style
    assert kept.exists()
    await taken_back(world)
    await world.until(lambda: not kept.exists())
    assert await world.alice.autocomplete(world.art, "stylize", "style", "harbour") == []
    gone = BOT_SENTENCES[BotErrorCode.STYLE_TAKEN_BACK].format(title="Night harbour")
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
    await world.shows(STYLE_GONE)
    await world.until(lambda: engine.deleted == [engine.jobs[0].key])


async def test_what_waits_for_the_engine_is_never_sent_to_it(
    world: World, mia: MemberActor, engine: FakeEngine
) -> None:
    await shown(world, mia)
    engine.go_down()
    await world.stylize(style="night harbour")
    await world.shows("your picture waits here")
    await taken_back(world)
    await world.shows(STYLE_GONE)
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
    await world.shows(STYLE_GONE)
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
    gone = BOT_SENTENCES[BotErrorCode.STYLE_TAKEN_BACK].format(title="Night harbour")
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
    assert "disappears in a moment" in await taken_back(world, words.DELETE_RESULTS)
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
    member = world.bob.user if where == "direct" else world.bob
    if where == "left":
        world.guild.remove_member(world.bob)
        member = world.bob.user
    listed = said(
        await (member.slash("museum show") if where != "server" else member.slash(world.talk, "museum show"))
    )
    await member.select(listed, [styles(world)[0].id])
    question = await member.click(listed, label=words.TAKE_BACK)
    await member.click(said(question), label=words.KEEP_RESULTS)
    assert styles(world)[0].state is State.TAKEN_BACK


async def test_nobody_else_takes_it_back(world: World, mia: MemberActor) -> None:
    style = await shown(world, mia)
    message = await world.shows("is now a style of this server")
    denied = BOT_SENTENCES[BotErrorCode.NOT_THE_AUTHOR].format(author=world.bob.id)
    for member in (world.alice, mia):
        assert told(await member.click(message, label=words.TAKE_BACK)) == [denied]
    assert styles(world)[0].id == style


async def test_deleting_the_picture_takes_it_back(world: World, mia: MemberActor, engine: FakeEngine) -> None:
    picture = await posted(world)
    await offered(world, mia, picture)
    await world.bob.click(await world.shows("Is that all right"), label=words.YES)
    await world.stylize(style="night harbour")
    await world.bob.delete(picture)
    await world.shows(STYLE_GONE)
    assert styles(world)[0].state is State.TAKEN_BACK


async def test_a_ban_takes_it_along(world: World, mia: MemberActor) -> None:
    await shown(world, mia)
    world.env.backend.apply_ban(world.guild.id, world.bob.id, None)
    await world.until(lambda: styles(world)[0].state is State.TAKEN_BACK)


async def test_who_has_left_is_found_within_a_day(world: World, mia: MemberActor) -> None:
    await shown(world, mia)
    world.guild.remove_member(world.bob)
    await world.later(25 * 3600)
    await world.until(lambda: styles(world)[0].state is State.TAKEN_BACK)


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
