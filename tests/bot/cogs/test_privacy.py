"""Stories of members who want to see, and to be rid of, what is kept about them."""

import json
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.cogs.missed import AGE
from bot.storage import members
from bot.storage.consents import Answer
from bot.storage.counted import KEPT_SECONDS
from bot.storage.database import metadata
from bot.storage.reactions import SEEN
from bot.storage.wishes import Wishes
from bot.words import privacy as words
from tests.bot.fake_engine import FakeEngine
from tests.bot.tickets.test_deletion import Scene
from tests.bot.world import World, png, said


@pytest.fixture
async def scene(world: World, engine: FakeEngine, tmp_path: Path) -> Scene:
    picture = await world.bob.send(world.art, "my cat", attachments=[("cat.png", png())])
    return Scene(world, engine, tmp_path / "bot", picture)


async def shown(world: World, member: Any) -> tuple[str, dict[str, Any]]:
    """The answer to `/privacy show`: its text and what its file says."""
    answer = said(await member.slash(world.art, "privacy show"))
    assert answer.ephemeral
    if not answer.attachments:
        return answer.content, {}
    return answer.content, json.loads(await answer.attachments[0].read())


async def forgotten(world: World, member: Any, *labels: str) -> str:
    """Press these buttons beneath `/privacy delete`, one after the other; what is said at last."""
    answer = said(await member.slash(world.art, "privacy delete"))
    assert answer.ephemeral
    for label in labels:
        await world.restart()
        await member.click(answer, label=label)
    return answer.content


def test_every_table_says_whom_it_names() -> None:
    named = {table.name for table in (*members.NAMING, *members.OF_TICKETS, *members.OF_NOBODY)}
    assert named == set(metadata.tables)
    people = {
        "user_id",
        "author_id",
        "member_id",
        "asker_id",
        "by_id",
        "owner_id",
        "challenger_id",
        "opponent_id",
        "proposer_id",
    }
    for table in metadata.tables.values():
        found = people & set(table.columns.keys())
        assert found == set(members.NAMING.get(table, ())), table.name


async def test_who_has_asked_for_nothing_is_told_so(world: World) -> None:
    assert await shown(world, world.bob) == (words.NOTHING(), {})


async def test_everything_is_shown_and_nobody_else_is(scene: Scene) -> None:
    world, store = scene.world, scene.world.bot.studio.store
    await world.alice.react(scene.picture, "🌊")
    await world.finish(0)
    await store.consents.remember(world.alice.id, world.guild.id, Answer.NEVER, 1.0)
    await store.blocks.block(world.guild.id, world.bob.id, world.alice.id, 1.0)
    text, rows = await shown(world, world.alice)
    for line in (
        "- 1 picture that you asked for",
        "- 1 message of mine",
        "- 1 reaction",
        "- 1 answer",
        "- 1 decision",
        "- 1 picture whose images",
    ):
        assert line in text
    assert set(rows) >= {"tickets", "posts", "reactions", "consents", "blocks", "audit"}
    assert str(world.bob.id) not in json.dumps(rows)
    assert "attachments/" not in json.dumps(rows)
    [ticket] = rows["tickets"]
    assert (ticket["user_id"], ticket["author_id"]) == ("you", "somebody else")
    _, theirs = await shown(world, world.bob)
    assert [(each["user_id"], each["author_id"]) for each in theirs["tickets"]] == [("somebody else", "you")]


async def test_nothing_goes_before_the_second_press(scene: Scene) -> None:
    world = scene.world
    await world.alice.react(scene.picture, "🌊")
    await world.finish(0)
    assert await forgotten(world, world.alice, words.KEEP()) == words.KEPT()
    assert len(await world.bot.studio.store.tickets.known()) == 1


async def test_a_member_is_forgotten_and_their_results_stay(scene: Scene) -> None:
    world, engine = scene.world, scene.engine
    await world.alice.react(scene.picture, "🌊")
    result = await world.finish(0)
    await world.alice.click(result, label="Again")
    await world.until(lambda: len(engine.jobs) == 2)
    assert (await forgotten(world, world.alice, words.DELETE_NOW())).startswith("Deleted.")
    await scene.settle()
    _, rows = await shown(world, world.alice)
    assert set(rows) <= {"reactions", "audit"}  # she is also who has set the server up
    assert [each["refused"] for each in rows["reactions"]] == [True]  # seen, and of no use in four days
    assert [message.id for message in scene.ours] == [result.id]
    assert scene.images() == []
    assert sorted(engine.deleted) == sorted(job.key for job in engine.jobs)
    assert [message.id for message in world.messages if message.author == world.bot.user] == [result.id]
    await world.alice.click(result, label="Again")
    assert len(engine.jobs) == 2


async def test_their_results_go_too_if_they_want(scene: Scene) -> None:
    world = scene.world
    await world.alice.react(scene.picture, "🌊")
    await world.finish(0)
    answer = await forgotten(world, world.alice, "Delete my results too", words.DELETE_NOW())
    assert "disappear from their channels" in answer
    await scene.settle()
    assert scene.ours == []


@pytest.mark.parametrize("takes", [False, True])
async def test_an_author_takes_back_what_others_had_painted(scene: Scene, takes: bool) -> None:
    world = scene.world
    await world.alice.react(scene.picture, "🌊")
    result = await world.finish(0)
    pressed = ["Delete results of my pictures"] if takes else []
    await forgotten(world, world.bob, *pressed, words.DELETE_NOW())
    await scene.settle()
    assert await shown(world, world.bob) == (words.NOTHING(), {})
    assert scene.images() == []
    assert [message.id for message in scene.ours] == ([] if takes else [result.id])
    _, rows = await shown(world, world.alice)
    # The row is hers, and names him no more; that it was somebody's it tells, or it would be there for all to use.
    assert takes or rows["tickets"][0]["author_id"] == members.NOBODY


@pytest.mark.parametrize("keeps", [True, False])
async def test_a_no_is_kept_if_they_want(world: World, keeps: bool) -> None:
    store = world.bot.studio.store
    await store.consents.remember(world.alice.id, 0, Answer.NEVER, 1.0)
    await store.consents.remember(world.alice.id, world.guild.id, Answer.ALWAYS, 1.0)
    await forgotten(world, world.alice, *([] if keeps else ["Forget my “no” too"]), words.DELETE_NOW())
    left = await world.bot.studio.store.consents.answers(world.alice.id)
    assert left == ({0: Answer.NEVER} if keeps else {})


async def test_both_work_in_direct_messages(world: World) -> None:
    answer = said(await world.bob.user.slash("privacy show"))
    assert answer.content == words.NOTHING()
    assert said(await world.bob.user.slash("privacy delete")).content.startswith("This deletes")


@pytest.mark.parametrize("limit", ["daily_per_member", "daily_per_server"])
async def test_who_deletes_their_data_asks_for_no_more_in_a_day(world: World, limit: str) -> None:
    await world.set_server(**{limit: 1})
    await world.result()
    assert words.deleted(Wishes(), counts=True) == await forgotten(world, world.alice, words.DELETE_NOW())
    assert "daily limit" in words.deleted(Wishes(), counts=True)
    await world.stylize()
    [refused] = world.sentences()
    assert refused is not None
    assert "24 hours" in refused
    text, rows = await shown(world, world.alice)
    assert set(rows) <= {"counted"}
    assert ("1 picture that still counts" in text) == (limit == "daily_per_member")
    later = discord.utils.utcnow().timestamp() + KEPT_SECONDS
    await world.bot.studio.store.counts.forget(later)
    await world.stylize()
    assert world.sentences() == []


async def test_what_moderators_have_decided_stays_without_their_name(world: World) -> None:
    store = world.bot.studio.store
    await store.blocks.block(world.guild.id, world.bob.id, world.alice.id, 1.0)
    await forgotten(world, world.alice, words.DELETE_NOW())
    store = world.bot.studio.store
    assert store.blocks.blocked(world.guild.id) == [world.bob.id]
    assert {change.member_id for change in await store.settings.history(world.guild.id)} == {members.NOBODY}


def test_what_is_remembered_as_seen_is_longer_than_it_is_looked_for() -> None:
    assert SEEN > AGE
