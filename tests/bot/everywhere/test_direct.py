"""Stories of direct messages with the bot: commands, pictures that are sent to it, and what can be pressed there."""

import re
from dataclasses import replace
from typing import Any

import pytest
from discord import app_commands

from bot.errors import BotError, BotErrorCode
from bot.words import deletion as deletion_words
from bot.words import result as words
from bot.words.errors import sentence
from bot.words.guide import guide
from bot.words.palette import MORE
from bot.words.post import MESSAGE_LIMIT
from bot.words.sources import SPOKEN_TO
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import FINISHED, World, png, preview, said


def last(world: World) -> Any:
    """The newest message between Alice and the bot."""
    return world.alice.user.dm_channel.last_message


def shown(world: World) -> list[str]:
    """What the bot has written to Alice."""
    return [
        m.content
        for m in world.alice.user.dm_channel.history()
        if m.author.id == world.env.backend.bot_user.id
    ]


async def send(world: World, words: str = "") -> None:
    """Alice sends the bot a picture, perhaps with words."""
    channel = world.alice.user.dm_channel
    stored = world.env.backend.store_attachments(channel.id, [("cat.png", png())])
    await world.alice.user.send_dm(words, attachments=stored)


async def result(world: World, job: int = 0) -> Any:
    """The finished picture of a job, in the direct messages."""
    await world.tell(FINISHED, job)
    await world.until(lambda: "here it is" in last(world).content)
    return last(world)


async def test_a_command_paints_there(world: World, engine: FakeEngine) -> None:
    await world.alice.user.slash("stylize", content=("cat.png", png()), style="great_wave")
    assert "Next in the queue" in last(world).content
    await world.tell(preview(1, 0.1))
    await world.until(lambda: "10%" in last(world).content)
    assert await (await result(world)).attachments[0].read() == engine.result
    assert world.messages == []


@pytest.mark.parametrize("settings", [{"message_content": True}, {"message_content": False}])
@pytest.mark.parametrize("words", ["starry", "{me} starry"])
async def test_a_picture_with_the_name_of_a_painting(world: World, engine: FakeEngine, words: str) -> None:
    me = f"<@{world.env.backend.bot_user.id}>"
    await send(world, words.format(me=me))
    await world.until(lambda: engine.jobs)
    assert engine.jobs[0].request.styles[0].name == "starry_night"
    await result(world)


async def test_a_picture_alone_is_asked_about(world: World, engine: FakeEngine) -> None:
    await send(world)
    menu = last(world)
    await world.alice.user.select(menu, ["great_wave"])
    assert engine.jobs[0].request.styles[0].name == "great_wave"
    await result(world)


async def test_who_only_speaks_is_told_how_it_is_done(world: World, engine: FakeEngine) -> None:
    await world.alice.user.send_dm("hello there")
    await world.alice.user.send_dm("hello?")
    assert shown(world) == [SPOKEN_TO()]
    await world.alice.user.send_dm("starry")
    assert len(shown(world)) == 2
    assert engine.jobs == []


async def test_a_result_is_gone_on_from(world: World, engine: FakeEngine) -> None:
    await send(world, "great wave")
    painted = await result(world)
    await world.alice.user.click(painted, label="More style")
    await result(world, 1)
    panel = said(await world.alice.user.click(painted, label=words.MORE()))
    labels = [each["label"] for row in panel.components for each in row["components"]]
    assert words.EMOJI() not in labels
    assert words.STICKER() not in labels
    await world.alice.user.click(panel, label=words.LARGER())
    assert len(engine.jobs) == 3
    moves = said(await world.alice.user.click(panel, label=words.TIMELAPSE()))
    assert moves.attachments
    await world.alice.user.click(moves, label=words.POST_IT())
    assert last(world).attachments
    assert said(await world.alice.user.click(panel, label=words.COPY())).content == words.COPY_SENT()
    asked = said(await world.alice.user.click(painted, label="Delete"))
    await world.alice.user.click(asked, label=deletion_words.CONFIRMED())
    await world.until(lambda: painted.id not in [m.id for m in world.alice.user.dm_channel.history()])


async def test_lists_and_help_are_there(world: World) -> None:
    await send(world, "great wave")
    assert "The Great Wave" in said(await world.alice.user.slash("queue")).content
    await result(world)
    assert "The Great Wave" in said(await world.alice.user.slash("history")).content
    guide = said(await world.alice.user.slash("help")).content
    assert "Send me a picture" in guide
    assert "/setup" not in guide
    assert said(await world.alice.user.slash("styles")).attachments
    assert "In all servers" in said(await world.alice.user.slash("consent")).content
    assert said(await world.alice.user.slash("privacy show")).attachments


async def test_what_somebody_else_has_posted_cannot_be_sent_there(world: World, engine: FakeEngine) -> None:
    cat = await world.bob.send(world.art, "my cat", attachments=[("cat.png", png())])
    await world.stylize(content=None, picture=cat.jump_url)
    (ticket,) = await world.bot.studio.store.tickets.unfinished()
    assert ticket.author_id == world.bob.id
    world.env.inject_error("POST", f"/channels/{world.art.id}/messages", status=403, code=50013)
    await result(world)
    again = await world.alice.user.slash("stylize", picture=ticket.id, style="starry_night")
    assert said(again).content in (
        sentence(BotError(BotErrorCode.NOBODY_TO_ASK)),
        sentence(BotError(BotErrorCode.MESSAGE_NOT_SEEN)),
    )
    assert len(engine.jobs) == 1
    world.sentences()


def test_each_command_says_where_it_is_offered(world: World) -> None:
    everywhere = {
        "stylize",
        "audition",
        "paint",
        "styles",
        "show",
        "history",
        "queue",
        "help",
        "privacy",
        "consent",
    }
    everywhere |= {
        "Stylize this image",
        "Stylize this avatar",
        "Try all styles on this image",
        "How was this painted?",
    }
    tree, offered = world.bot.tree, {}
    for command in tree.get_commands(type=None):
        told = command.to_dict(tree)
        offered[str(command.name)] = (told["integration_types"], told["contexts"])
    for name in everywhere:
        assert offered.pop(name) == ([0, 1], [0, 1, 2]), name
    for name in ("Delete this result", "museum"):
        assert offered.pop(name) == ([0], [0, 1]), name
    assert offered
    assert {name for name, where in offered.items() if where != ([0], [0])} == set()


@pytest.mark.parametrize(
    ("situation", "installs", "context"),
    [
        ({"in_server": True}, {0}, 0),
        ({"in_server": False}, {0}, 1),
        ({"in_server": False, "is_invited": False}, {1}, 1),
        ({"in_server": False, "by_token": True, "is_invited": False}, {1}, 0),
        ({"in_server": False, "by_token": True, "is_invited": False}, {1}, 2),
    ],
)
def test_help_names_what_there_is_and_nothing_else(
    world: World, situation: dict[str, bool], installs: set[int], context: int
) -> None:
    tree, names, there = world.bot.tree, set(), set()
    for command in tree.get_commands(type=None):
        told = command.to_dict(tree)
        is_there = installs & {*told["integration_types"]} and context in told["contexts"]
        name = (
            f"/{command.name}"
            if isinstance(command, app_commands.Command | app_commands.Group)
            else command.name
        )
        names.add(str(name))
        there |= {str(name)} if is_there else set()
    text = guide(True, **situation)
    assert len(text) <= MESSAGE_LIMIT
    commands, menus = re.findall(r"`(/[a-z]+)", text), re.findall(r"\*([^*\n]+)\*", text)
    named = {*commands, *(menu for menu in menus if menu in names)}
    assert named <= there
    assert there - named <= {"/help", "/check", "/gallery", "/paint"}
    if context != 0 or situation.get("by_token"):  # where nobody taps
        assert MORE not in text


def test_what_belongs_to_a_server_is_not_offered_there(world: World) -> None:
    available = set(world.alice.user.available_commands())
    assert {"stylize", "help", "privacy delete"} <= available
    assert not {"setup", "block", "off", "check"} & available


async def test_an_age_restricted_picture_is_not_painted_there(world: World, engine: FakeEngine) -> None:
    await world.stylize()
    await world.tell(FINISHED)
    await world.shows("here it is")
    (ticket,) = await world.bot.studio.store.tickets.delivered_to(world.alice.id, None, 1)
    await world.bot.studio.store.tickets.save(replace(ticket, nsfw=True), "nsfw")
    shown_again = said(await world.alice.user.slash("show", picture=ticket.id))
    assert shown_again.content == sentence(BotError(BotErrorCode.AGE_RESTRICTED))
    world.sentences()
