"""Stories of duels: a challenge, two pictures in each other's style, a vote, and every way in which one ends before."""

import asyncio
from typing import Any

import discord
import pytest
from simcord import Env
from simcord.actors import MemberActor
from sqlalchemy import select

from bot.duels.challenges import MOST_CHALLENGES
from bot.duels.ring import LOOK_SECONDS, RETRY_SECONDS
from bot.errors import BotError, BotErrorCode
from bot.storage.consents import Answer
from bot.storage.duels import Duel, DuelState, End, votes
from bot.storage.settings import Work
from bot.tickets import posting
from bot.tickets.desk import Desk
from bot.week import sheets
from bot.words import duel as words
from bot.words.errors import sentence
from engine.protocol import ErrorCode, Failed, Problem
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import FINISHED, World, png, said, told

HOUR, DAY = 3600.0, 24 * 3600.0
RED, BLUE = png(colour="red"), png(colour="blue")


@pytest.fixture
def carol(world: World) -> MemberActor:
    return world.guild.add_member(world.env.create_user("carol"))


@pytest.fixture
def dave(world: World) -> MemberActor:
    return world.guild.add_member(world.env.create_user("dave"))


async def challenge(world: World, hours: int = 1) -> discord.Message:
    """Alice challenges Bob, where all accounts may vote; the message of it."""
    await world.set_server(star_account_days=0)
    answer = await world.alice.slash(
        world.art, "duel", opponent=world.bob, picture=("cat.png", RED), hours=hours
    )
    assert said(answer).content.startswith("Your challenge is here: https://")
    return await world.shows("challenges")


async def accept(world: World, message: discord.Message, picture: bytes | None = BLUE) -> Any:
    opened = await world.bob.click(message, label=words.ACCEPT())
    values = {"picture": ("dog.png", picture)} if picture is not None else {}
    return await world.bob.submit_modal(opened, values)


async def duel_of(world: World) -> Duel:
    store = world.bot.studio.store
    found = await store.duels.of_member(world.alice.id)
    return found[-1]


async def votes_of(world: World) -> list[int]:
    """Who has voted, as far as that is known."""
    async with world.bot.studio.store.database.connect() as connection:
        return [*await connection.scalars(select(votes.c.member_id))]


async def look(world: World) -> None:
    """Let the bot look how far the pictures are."""
    world.ahead += LOOK_SECONDS
    world.bot.studio.alarms.wake()
    await world.env.settle()


async def paint(world: World, engine: FakeEngine) -> None:
    await world.until(lambda: len(engine.jobs) == 2)
    for job in range(2):
        await world.tell(FINISHED, job)
    store = world.bot.studio.store

    for ticket in (await duel_of(world)).tickets:
        state = None
        while state != "delivered":
            await world.env.settle()
            state = await store.tickets.state(ticket)


async def to_the_vote(world: World, engine: FakeEngine, hours: int = 1) -> discord.Message:
    """A duel that is voted about; the message of both."""
    await accept(world, await challenge(world, hours))
    await paint(world, engine)
    await look(world)
    return await world.shows("Which one do you like better?")


async def close_vote(world: World) -> None:
    duel = await duel_of(world)
    assert duel.ends is not None
    await world.timers(duel.ends - world.bot.studio.alarms.clock() + 1)


async def test_a_duel_from_its_challenge_to_its_winner(
    world: World, engine: FakeEngine, carol: MemberActor, dave: MemberActor
) -> None:
    asked = await challenge(world)
    assert world.rung_by(asked) == [world.bob.id]
    assert "a picture of yours is shown here and used for this" in asked.content
    assert await asked.attachments[0].read() == RED
    answer = await accept(world, asked)
    assert said(answer).content == words.ACCEPTED()
    await world.until(lambda: len(engine.jobs) == 2)
    first, second = engine.jobs
    assert first.parts == {"content": RED, "style-1": BLUE}
    assert second.parts == {"content": BLUE, "style-1": RED}
    assert [job.request.owner.user for job in engine.jobs] == [str(world.alice.id), str(world.bob.id)]
    shown = await world.shows("both pictures are painted")
    assert shown.id == asked.id
    assert len(shown.attachments) == 2
    assert shown.components == []
    assert world.env.backend.channels[asked.id].name == "alice & bob’s picture"
    await paint(world, engine)
    await look(world)
    ballot = await world.shows("Which one do you like better?")
    assert engine.collages == [{1: engine.result, 2: engine.result}]
    for voter, number in ((carol, 1), (dave, 2), (dave, 1)):
        vote = await voter.click(ballot, label=words.vote(number))
        assert f"Your vote: {number}." in told(vote)[0]
    own = await world.alice.click(ballot, label=words.vote(1))
    assert told(own) == [sentence(BotError(BotErrorCode.OWN_DUEL))]
    await close_vote(world)
    won = f"<@{world.alice.id}> wins 2 to 0"
    ended = [message for message in world.messages if won in message.content]
    assert {message.id for message in ended} > {ballot.id}
    assert len(ended) == 2
    assert ended[0].components == ended[1].components == []
    assert [world.rung_by(message) for message in ended] == [[], []]
    assert await votes_of(world) == [], "who, is forgotten"


async def test_what_all_see_is_in_the_servers_language(world: World, engine: FakeEngine) -> None:
    world.set_locale(world.bob, discord.Locale.german)
    await accept(world, await challenge(world))
    shown = await world.shows("both pictures are painted")
    assert len({each.description for each in shown.attachments}) == 1


@pytest.mark.parametrize(("votes", "text"), [([], "Nobody has voted"), ([1, 2], "A draw, 1 to 1")])
async def test_no_winner(
    world: World, engine: FakeEngine, carol: MemberActor, dave: MemberActor, votes: list[int], text: str
) -> None:
    ballot = await to_the_vote(world, engine)
    for voter, number in zip((carol, dave), votes, strict=False):
        await voter.click(ballot, label=words.vote(number))
    await close_vote(world)
    assert await world.shows(text)


async def test_the_newest_picture_of_whoever_accepts(world: World, engine: FakeEngine) -> None:
    await world.bob.send(world.art, "my dog", attachments=[("dog.png", BLUE)])
    await world.alice.send(world.art, "not his", attachments=[("cat.png", png())])
    await accept(world, await challenge(world), picture=None)
    await world.until(lambda: len(engine.jobs) == 2)
    assert engine.jobs[1].parts["content"] == BLUE


async def test_without_a_picture_there_is_none_to_take(world: World, engine: FakeEngine) -> None:
    answer = await accept(world, await challenge(world), picture=None)
    assert said(answer).content == sentence(BotError(BotErrorCode.NO_PICTURE_HERE))
    assert (await duel_of(world)).state is DuelState.ASKED


async def test_refused_called_off_or_not_answered(world: World, carol: MemberActor) -> None:
    asked = await challenge(world)
    for label in (words.ACCEPT(), words.REFUSE(), words.CANCEL()):
        stranger = await carol.click(asked, label=label)
        assert told(stranger) == [sentence(BotError(BotErrorCode.NOT_YOUR_DUEL))]
    await world.alice.click(asked, label=words.CANCEL())
    await world.timers()
    assert await world.shows("was called off")
    await challenge(world)
    await world.timers(DAY + 1)
    assert await world.shows("has not answered")
    assert (await duel_of(world)).end is End.NO_ANSWER
    third = await challenge(world)
    await world.bob.click(third, label=words.REFUSE())
    await world.timers()
    assert "would rather not duel" in (await world.shows("would rather not")).content
    assert (await world.shows("would rather not")).attachments == []


async def test_whom_one_cannot_challenge(world: World) -> None:
    async def refused(opponent: Any) -> str:
        answer = await world.alice.slash(world.art, "duel", opponent=opponent, picture=("cat.png", RED))
        return said(answer).content

    store = world.bot.studio.store
    assert await refused(world.alice) == sentence(BotError(BotErrorCode.CANNOT_DUEL))
    await store.consents.remember(world.bob.id, world.guild.id, Answer.NEVER, 1.0)
    assert await refused(world.bob) == sentence(BotError(BotErrorCode.DUEL_UNWANTED))
    await store.consents.remember(world.bob.id, world.guild.id, None, 1.0)
    await store.blocks.block(world.guild.id, world.bob.id, 7, 1.0)
    assert await refused(world.bob) == sentence(BotError(BotErrorCode.DUEL_UNWANTED))
    await store.blocks.unblock(world.guild.id, world.bob.id)
    await challenge(world)
    assert await refused(world.bob) == sentence(BotError(BotErrorCode.DUEL_UNDERWAY))
    await store.blocks.block(world.guild.id, world.alice.id, 7, 1.0)
    assert await refused(world.bob) == sentence(BotError(BotErrorCode.BLOCKED))


async def refused(world: World) -> str:
    """Why Alice may not challenge Bob."""
    answer = await world.alice.slash(world.art, "duel", opponent=world.bob, picture=("cat.png", RED))
    return said(answer).content


async def test_nobody_is_challenged_again_and_again(world: World) -> None:
    for _ in range(MOST_CHALLENGES):
        asked = await challenge(world)
        await world.alice.click(asked, label=words.CANCEL())
        await asked.delete()
        await world.timers()
    assert "challenged that member enough" in await refused(world)
    world.ahead += DAY + 1
    await world.bob.click(await challenge(world), label=words.REFUSE())
    assert "challenged that member enough" in await refused(world)


async def test_two_at_once_are_one(world: World, downloads: asyncio.Event) -> None:
    for _ in range(2):
        await world.alice.slash(world.art, "duel", opponent=world.bob, picture=("cat.png", RED))
    downloads.set()
    await world.shows("challenges")
    await world.env.settle()
    assert len([each for each in world.messages if "challenges" in each.content]) == 1


async def test_a_yes_that_comes_too_late_shows_no_picture(world: World, downloads: asyncio.Event) -> None:
    downloads.set()
    asked = await challenge(world)
    downloads.clear()
    answer = await accept(world, asked)
    await world.timers(DAY + 1)
    assert (await world.shows("has not answered")).attachments == []
    downloads.set()
    await world.env.settle()
    assert said(answer).content == sentence(BotError(BotErrorCode.DUEL_OVER))
    await world.timers()
    assert (await world.shows("has not answered")).attachments == []
    assert (await duel_of(world)).end is End.NO_ANSWER


async def test_new_accounts_and_members_have_no_vote(
    world: World, engine: FakeEngine, carol: MemberActor
) -> None:
    ballot = await to_the_vote(world, engine)
    for setting in ("star_account_days", "star_member_days"):
        await world.set_server(**{"star_account_days": 0, "star_member_days": 0, setting: 7})
        vote = await carol.click(ballot, label=words.vote(1))
        assert told(vote)[0].startswith("Votes count from whoever has been around for a while")
    await close_vote(world)
    assert await world.shows("Nobody has voted")


async def test_a_result_that_is_deleted_while_both_are_drawn_is_not_voted_about(
    world: World, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = sheets.Sheets.draw

    async def deleted_meanwhile(self: sheets.Sheets, *arguments: Any) -> Any:
        drawn = await draw(self, *arguments)
        await world.bot.studio.deletion.delete((await duel_of(world)).tickets[0])
        return drawn

    monkeypatch.setattr(sheets.Sheets, "draw", deleted_meanwhile)
    await accept(world, await challenge(world))
    await paint(world, engine)
    await look(world)
    assert await world.shows("was deleted, so it has ended without a winner")
    assert not [each for each in world.messages if "Which one do you like" in each.content]


async def test_whoever_is_forgotten_while_both_are_drawn_is_not_shown(
    world: World, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:

    async def forgotten_meanwhile(*arguments: Any) -> Any:
        await world.bot.studio.store.duels.forget((await duel_of(world)).id)
        return await posting.send(*arguments)

    monkeypatch.setattr("bot.duels.ring.send", forgotten_meanwhile)
    await accept(world, await challenge(world))
    await paint(world, engine)
    await look(world)
    assert not [each for each in world.messages if "Which one do you like" in each.content]


async def test_all_may_vote_for_as_long_as_was_said_however_late_it_begins(
    world: World, engine: FakeEngine, carol: MemberActor
) -> None:
    await accept(world, await challenge(world))
    await paint(world, engine)
    engine.go_down()
    await look(world)
    assert (await duel_of(world)).state is DuelState.VOTING
    world.ahead += 2 * HOUR
    engine.come_back()
    await world.env.advance_time(61)
    ballot = await world.shows("Which one do you like better?")
    vote = await carol.click(ballot, label=words.vote(1))
    assert "Your vote: 1." in told(vote)[0]


async def test_one_that_discord_does_not_let_go_on_waits_for_a_day(world: World, engine: FakeEngine) -> None:
    asked = await challenge(world)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.bot.studio.alarms, "wake", lambda: None)
        await accept(world, asked)
    world.env.inject_error("GET", f"/channels/*/messages/{asked.id}", status=403, code=50001, times=2)
    world.bot.studio.alarms.wake()
    await world.env.settle()
    assert (await duel_of(world)).state is DuelState.ACCEPTED
    world.ahead += DAY + 1
    await world.env.advance_time(RETRY_SECONDS + 1)
    await world.timers()
    assert (await duel_of(world)).end is End.CANCELLED
    await challenge(world)


async def test_one_that_cannot_be_painted_ends_it(world: World, engine: FakeEngine) -> None:
    await accept(world, await challenge(world))
    await world.until(lambda: len(engine.jobs) == 2)
    await world.tell(Failed(error=Problem(code=ErrorCode.OUT_OF_MEMORY)), 0)
    await look(world)
    assert await world.shows("could not be painted, so there is no vote")
    assert engine.jobs[1].is_over, "the other one is not painted for nothing"


@pytest.mark.parametrize("how", ["blocked", "off"])
async def test_who_may_not_any_more_is_not_painted_for(world: World, engine: FakeEngine, how: str) -> None:
    asked, store = await challenge(world), world.bot.studio.store
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.bot.studio.alarms, "wake", lambda: None)
        await accept(world, asked)
    assert (await duel_of(world)).state is DuelState.ACCEPTED
    if how == "blocked":
        await store.blocks.block(world.guild.id, world.alice.id, 7, 1.0)
    else:
        await world.set_server(work=Work.FINISH)
    await world.timers()
    assert await world.shows("was called off")
    assert engine.jobs == []


async def test_the_vote_of_who_is_blocked_does_not_count(
    world: World, engine: FakeEngine, carol: MemberActor
) -> None:
    ballot = await to_the_vote(world, engine)
    await carol.click(ballot, label=words.vote(1))
    await world.bot.studio.store.blocks.block(world.guild.id, carol.id, 7, 1.0)
    await close_vote(world)
    assert await world.shows("Nobody has voted")


async def test_what_a_challenge_shows_is_said_in_the_language_of_all(world: World) -> None:
    asked = await challenge(world)
    spoken = asked.attachments[0].description
    assert spoken
    await world.alice.click(asked, label=words.CANCEL())
    await world.timers()
    world.set_locale(world.alice, discord.Locale.german)
    await world.alice.slash(world.art, "duel", opponent=world.bob, picture=("cat.png", RED), hours=1)
    assert (await world.shows("challenges")).attachments[0].description == spoken


async def test_no_vote_is_begun_where_nobody_may_vote(world: World, engine: FakeEngine) -> None:
    await accept(world, await challenge(world))
    await paint(world, engine)
    await world.set_server(work=Work.FINISH)
    await look(world)
    assert await world.shows("was called off")
    assert engine.collages == []


async def test_a_result_that_is_deleted_ends_the_vote(world: World, engine: FakeEngine) -> None:
    ballot = await to_the_vote(world, engine)
    await world.bot.studio.deletion.delete((await duel_of(world)).tickets[0])
    await world.timers()
    assert await world.shows("was deleted, so it has ended without a winner")
    assert ballot.id not in {message.id for message in world.messages}


async def test_a_picture_that_is_deleted_while_it_is_handed_in_is_not_painted(
    world: World, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = await world.bob.send(world.art, "my dog", attachments=[("dog.png", BLUE)])
    accept_in_turn = Desk.accept

    async def slowly(desk: Desk, *order: Any, **more: Any) -> Any:
        await world.bot.studio.deletion.messages_gone([mine.id])
        return await accept_in_turn(desk, *order, **more)

    monkeypatch.setattr(Desk, "accept", slowly)
    await accept(world, await challenge(world), picture=None)
    await world.timers()
    assert await world.shows("was deleted, so it has ended without a winner")
    await world.until(lambda: all(job.is_over for job in engine.jobs))


async def test_a_ballot_that_is_deleted_before_the_result_is_told_is_not_answered(
    world: World, engine: FakeEngine, env: Env, carol: MemberActor
) -> None:
    ballot = await to_the_vote(world, engine)
    await carol.click(ballot, label=words.vote(1))
    env.inject_error("POST", "/channels/*/messages", times=5)  # as often as discord.py tries
    duel = await duel_of(world)
    world.ahead += (duel.ends or 0.0) - world.bot.studio.alarms.clock() + 1
    world.bot.studio.alarms.wake()
    await world.later(60)
    assert not (await duel_of(world)).told
    await world.bot.studio.deletion.messages_gone([ballot.id])
    await world.later(RETRY_SECONDS)
    assert (await duel_of(world)).told
    assert not [message for message in world.messages if "wins" in message.content]


async def test_a_vote_that_comes_too_late_leaves_the_earlier_one(
    world: World, engine: FakeEngine, carol: MemberActor
) -> None:
    ballot, duels = await to_the_vote(world, engine), world.bot.studio.store.duels
    await carol.click(ballot, label=words.vote(1))
    duel = await duel_of(world)
    assert not await duels.vote(duel.id, carol.id, 2, duel.ends or 0.0)
    await close_vote(world)
    assert await world.shows("wins 1 to 0")


async def test_a_picture_that_is_deleted_takes_both_results_along(world: World, engine: FakeEngine) -> None:
    mine = await world.bob.send(world.art, "my dog", attachments=[("dog.png", BLUE)])
    await accept(world, await challenge(world), picture=None)
    await paint(world, engine)
    await world.bob.delete(mine)
    await world.timers()
    assert await world.shows("has ended without a winner")
    states = [await world.bot.studio.store.tickets.state(each) for each in (await duel_of(world)).tickets]
    assert states == ["deleted", "deleted"]


async def test_whoever_deletes_their_data_takes_the_duel_along(world: World, engine: FakeEngine) -> None:
    ballot = await to_the_vote(world, engine)
    answer = said(await world.bob.slash(world.art, "privacy delete"))
    await world.bob.click(answer, label="Delete my data")
    await world.timers()
    await world.until(lambda: ballot.id not in {message.id for message in world.messages})
    assert await world.bot.studio.store.duels.of_member(world.alice.id) == []


async def test_the_challenge_is_deleted_and_nothing_is_painted(world: World, engine: FakeEngine) -> None:
    asked = await challenge(world)
    await accept(world, asked)
    await world.until(lambda: len(engine.jobs) == 2)
    await asked.delete()
    await world.env.settle()
    await world.timers()
    await world.until(lambda: all(job.is_over for job in engine.jobs))
    assert (await duel_of(world)).state is DuelState.ENDED


@pytest.mark.parametrize("stage", ["asked", "painting", "voting", "over"])
async def test_it_goes_on_after_a_restart(
    world: World, engine: FakeEngine, carol: MemberActor, stage: str
) -> None:
    asked = await challenge(world)
    if stage == "asked":
        await world.restart()
    await accept(world, asked)
    await world.until(lambda: len(engine.jobs) == 2)
    if stage == "painting":
        await world.restart()
    await paint(world, engine)
    await look(world)
    ballot = await world.shows("Which one do you like better?")
    if stage == "voting":
        await world.restart()
    await carol.click(ballot, label=words.vote(2))
    if stage == "over":
        duel = await duel_of(world)
        await world.bot.close()
        world.ahead += (duel.ends or 0.0) - world.bot.studio.alarms.clock() + HOUR
        await world.env.restart_bot(world._new_bot())
    await close_vote(world)
    assert f"<@{world.bob.id}> wins 1 to 0" in (await world.shows("wins")).content
    assert len([m for m in world.messages if "Which one do you like" in m.content]) == 0
    assert len([m for m in world.messages if "wins 1 to 0" in m.content]) == 2
