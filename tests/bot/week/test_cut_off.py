"""A bot that ends in the middle of a week's or a duel's step: the next one goes on, and everything is posted once."""

from dataclasses import replace

import discord
import pytest
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from bot import alarms
from bot.duels import challenges, ring
from bot.week import collage, weekly
from bot.words import duel as duel_words
from engine.protocol import CrashPoint
from tests.bot.duels import test_duels as duels
from tests.bot.fake_engine import FakeEngine
from tests.bot.week import test_week as weeks
from tests.bot.world import World

mia, carol = weeks.mia, duels.carol
week_channel = weeks.weekly


@pytest.fixture(params=[])
def point(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[CrashPoint]:
    """What was reached; at the point of the test, the process stops doing whatever it does."""
    reached: list[CrashPoint] = []

    def stop(each: CrashPoint) -> None:
        if each is request.param and each not in reached:
            reached.append(each)
            raise RuntimeError("the process ends")

    for module in (weekly, collage, ring, challenges):
        monkeypatch.setattr(module, "reach", stop)
    return reached


async def next_process(world: World) -> None:
    """End the process as it is: nothing that it was at is noted as done."""
    await world.bot.close()
    await world.env.restart_bot(world._new_bot())
    await world.timers()


@pytest.fixture(autouse=True)
def ends_at_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of a timer's handler is none that is got over, as a process that has ended gets over nothing."""
    monkeypatch.setattr("bot.alarms.is_passing", lambda error: True)
    monkeypatch.setattr("bot.alarms.short", repr)


def once(messages: list[discord.Message], *texts: str) -> bool:
    return all(len([m for m in messages if text in m.content]) == 1 for text in texts)


@pytest.mark.parametrize(
    "point",
    [
        CrashPoint.BOT_WEEK_BEGUN,
        CrashPoint.BOT_WEEK_ANNOUNCED,
        CrashPoint.BOT_WEEK_OPENED,
        CrashPoint.BOT_WEEK_ENDING,
        CrashPoint.BOT_COLLAGE_POSTED,
        CrashPoint.BOT_COLLAGE_NOTED,
        CrashPoint.BOT_COLLAGE_TALKED,
    ],
    indirect=True,
)
async def test_a_week(world: World, point: list[CrashPoint], week_channel: ChannelHandle) -> None:
    store = world.bot.studio.store
    timer = (await store.timers.due(9e9))[0]
    world.ahead = timer.due - world.bot.studio.alarms.clock()
    world.bot.studio.alarms.wake()
    await world.env.settle()
    if point:
        await next_process(world)
    week = await weeks.week_of(world)
    world.ahead = 0.0
    await world.bot.studio.store.weeks.save(replace(week, begins=1.0), "begins")
    await weeks.painted(world, world.alice, style=week.style)
    world.ahead = week.ends - discord.utils.utcnow().timestamp()
    world.bot.studio.alarms.wake()
    await world.env.settle()
    if await world.bot.studio.store.weeks.running(world.guild.id) is not None:
        await next_process(world)
    assert point
    assert once(week_channel.history(), "Style of the week", "by one member")
    assert await world.bot.studio.store.weeks.running(world.guild.id) is None
    assert weeks.collage(week_channel).id in world.env.backend.channels


@pytest.mark.parametrize("point", [CrashPoint.BOT_COLLAGE_POSTED], indirect=True)
async def test_a_collage_that_is_not_noted_loses_what_is_deleted(
    world: World, engine: FakeEngine, mia: MemberActor, point: list[CrashPoint], week_channel: ChannelHandle
) -> None:
    await weeks.begin(world, mia)
    await weeks.painted(world, world.alice)
    await weeks.painted(world, world.bob)
    await mia.slash(world.art, "week end")
    assert point
    await world.bot.studio.deletion.delete(engine.jobs[0].key)
    await world.bot.close()
    await world.env.restart_bot(world._new_bot())
    await world.later(alarms.RETRY_SECONDS)
    await world.timers()
    assert str(world.alice.id) not in weeks.collage(week_channel).content
    world.sentences()


@pytest.mark.parametrize(
    "point",
    [
        CrashPoint.BOT_DUEL_ACCEPTED,
        CrashPoint.BOT_DUEL_PAINTED,
        CrashPoint.BOT_DUEL_POSTED,
        CrashPoint.BOT_DUEL_COUNTED,
        CrashPoint.BOT_DUEL_TOLD,
    ],
    indirect=True,
)
async def test_a_duel(world: World, engine: FakeEngine, carol: MemberActor, point: list[CrashPoint]) -> None:
    await duels.accept(world, await duels.challenge(world))
    if point:
        await next_process(world)
    await duels.paint(world, engine)
    await duels.look(world)
    if point in ([CrashPoint.BOT_DUEL_PAINTED], [CrashPoint.BOT_DUEL_POSTED]):
        await next_process(world)
    ballot = await world.shows("Which one do you like better?")
    assert once(world.messages, "Which one do you like better?")
    await carol.click(ballot, label=duel_words.vote(1))
    duel = await duels.duel_of(world)
    world.ahead += (duel.ends or 0.0) - world.bot.studio.alarms.clock() + 1
    world.bot.studio.alarms.wake()
    await world.env.settle()
    assert await duels.votes_of(world) == [], "once they are counted"
    await next_process(world)
    assert point
    assert len([m for m in world.messages if "wins 1 to 0" in m.content]) == 2
    assert not [m for m in world.messages if "Which one" in m.content]


@pytest.mark.parametrize("point", [CrashPoint.BOT_DUEL_STORED, CrashPoint.BOT_DUEL_SHOWN], indirect=True)
async def test_a_challenge(world: World, engine: FakeEngine, point: list[CrashPoint]) -> None:
    await world.alice.slash(world.art, "duel", opponent=world.bob, picture=("cat.png", duels.RED))
    await next_process(world)
    assert point
    posted = [m for m in world.messages if "challenges" in m.content]
    assert len(posted) == (point == [CrashPoint.BOT_DUEL_SHOWN])
    for message in posted:  # what was not noted is known by its buttons
        await duels.accept(world, message)
        await world.until(lambda: len(engine.jobs) == 2)
    if not posted:  # of which nobody knows, and it is in nobody's way
        await world.timers(challenges.NOTED_SECONDS)
        assert await duels.challenge(world)
    world.sentences()


@pytest.mark.parametrize("point", [CrashPoint.BOT_DUEL_SHOWN], indirect=True)
async def test_a_challenge_that_is_not_noted_is_found(world: World, point: list[CrashPoint]) -> None:
    await world.alice.slash(world.art, "duel", opponent=world.bob, picture=("cat.png", duels.RED))
    await next_process(world)
    await world.timers(challenges.NOTED_SECONDS)
    assert point
    assert (await duels.duel_of(world)).message_id == (await world.shows("challenges")).id
    await world.timers(ring.ANSWER_SECONDS)
    assert await world.shows("has not answered")
    world.sentences()


@pytest.mark.parametrize("point", [CrashPoint.BOT_DUEL_POSTED], indirect=True)
async def test_a_ballot_that_is_not_noted_goes_with_its_results(
    world: World, engine: FakeEngine, point: list[CrashPoint]
) -> None:
    await duels.accept(world, await duels.challenge(world))
    await duels.paint(world, engine)
    await duels.look(world)
    assert await world.shows("Which one do you like better?")
    await world.bot.studio.deletion.delete((await duels.duel_of(world)).tickets[0])
    await next_process(world)
    assert point
    assert not [m for m in world.messages if "Which one" in m.content]
