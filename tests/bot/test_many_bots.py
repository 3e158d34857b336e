"""Two bot processes over one PostgreSQL, one engine and one Discord: each with its servers, and one for the other.

Rule: both are real processes on real connections, as an operator would start them; one is killed, and the other feels nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from simcord.actors import MemberActor
from simcord.backend.models import Message
from simcord.builders import ChannelHandle
from simcord.results import ResponseMessage

from bot.storage import shards
from bot.words import privacy as words
from demo.processes import Child, Crew
from demo.standin import StandIn, stand_in
from tests.bot.world import png
from tests.faults.bot import PaintingEngine
from tests.postgres import Postgres
from tests.wire.channel import messages

pytestmark = pytest.mark.integration

SECONDS = 120.0  # only a failure takes so long


@dataclass
class Pair:
    """Both processes, and a server for each: that of the shard 0 is the first."""

    discord: StandIn
    engine: PaintingEngine
    bots: tuple[Child, Child]
    channels: tuple[ChannelHandle, ChannelHandle]
    alices: tuple[MemberActor, MemberActor]  # one person, in both servers

    async def start(self, *which: int) -> None:
        """Start some of them, and wait until they are there."""
        for each in which:
            self.bots[each].start()
        await self.until(lambda: {*which} <= self.discord.gateway.listening)
        await self.until(lambda: any(self.discord.world.backend.commands.values()))

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for something to be seen in Discord."""
        await self.discord.world.until(condition, SECONDS)

    async def done(self, condition: Callable[[], object]) -> None:
        """Wait for something that is seen elsewhere."""
        async with asyncio.timeout(SECONDS):
            while not condition():  # noqa: ASYNC110 - another process does it
                await asyncio.sleep(0.02)

    def results(self, which: int) -> list[Message]:
        """The pictures that the bot has in the channel of a server."""
        found = messages(self.discord, self.channels[which])
        return [each for each in found if "here it is" in each.content and each.attachments]

    async def stylize(self, which: int) -> None:
        """Alice asks for a picture in a server."""
        given = {"content": ("cat.png", png()), "style": "great_wave"}
        answer = await self.alices[which].slash(self.channels[which], "stylize", **given)
        assert answer.acknowledged


@asynccontextmanager
async def pair_of(folder: Path, **settings: object) -> AsyncIterator[Pair]:
    """Everything but the processes, which are stopped at the end."""
    with PaintingEngine() as engine:
        crew = replace(Crew.assemble(folder), port=int(engine.url.rsplit(":", 1)[1]))
        crew.write_config(**settings)
        async with stand_in() as discord:
            discord.gateway.shards = 2
            first = discord.guild
            other = first
            while shard_of(other.id) == shard_of(first.id):
                other = discord.world.create_guild("The other one", owner=discord.mia.user)
            channel, alice = other.create_text_channel("studio"), other.add_member(discord.alice.user)
            both = [(discord.studio, discord.alice), (channel, alice)]
            if shard_of(first.id):
                both.reverse()
            one = crew.bot(discord.origin)
            bots = [
                replace(one, command=(*one.command, "--shard-ids", str(n)), log=folder / f"bot-{n}.log")
                for n in (0, 1)
            ]
            pair = Pair(
                discord, engine, (bots[0], bots[1]), (both[0][0], both[1][0]), (both[0][1], both[1][1])
            )
            try:
                yield pair
            finally:
                await asyncio.gather(*(asyncio.to_thread(each.stop) for each in pair.bots))


def shard_of(server_id: int) -> int:
    return shards.Shards((0,), 2).of(server_id)


async def test_one_is_killed_and_the_other_feels_nothing(postgres: Postgres, tmp_path: Path) -> None:
    """Nothing is lost, nothing is there twice; what a member deletes in one's server goes in the other's; and a third
    process, for which there is no shard, says so."""
    async with pair_of(tmp_path, database_url=postgres.create("first_start"), shard_count=2) as pair:
        engine = pair.engine
        await pair.start(0, 1)
        engine.may_paint.clear()
        for which in (0, 1):
            await pair.stylize(which)
        await pair.done(lambda: len(engine.jobs) == 2)
        await asyncio.to_thread(pair.bots[1].kill)
        await pair.until(lambda: pair.discord.gateway.listening == {0})
        engine.may_paint.set()
        await pair.until(lambda: pair.results(0))
        assert not pair.results(1)  # which is not the first one's to bring
        await pair.stylize(0)
        await pair.until(lambda: len(pair.results(0)) == 2)
        await pair.start(1)
        await pair.until(lambda: pair.results(1))
        for which in (1, 0):
            await pair.stylize(which)
        await pair.until(lambda: (len(pair.results(0)), len(pair.results(1))) == (3, 2))
        assert len({job.key for job in engine.jobs}) == len(engine.jobs) == 5
        # By the one process, which neither has the other server nor follows its tickets.
        answer = await pair.alices[0].slash(pair.channels[0], "privacy delete")
        assert isinstance(answer.response, ResponseMessage)
        for label in ("Delete my results too", words.DELETE_NOW()):
            await pair.alices[0].click(answer.response, label=label)
        await pair.until(lambda: not pair.results(0) and not pair.results(1))
        for bot in pair.bots:
            bot.check()
        twin = replace(pair.bots[0], log=tmp_path / "twin.log")
        twin.start()
        await pair.done(lambda: "Shard 0 is served by another bot process" in twin.log.read_text())
        await asyncio.to_thread(twin.stop)
        pair.bots[0].check()
        assert "Traceback" not in "".join(bot.log.read_text() for bot in pair.bots)


@pytest.mark.slow
async def test_one_process_has_as_many_shards_as_discord_recommends(tmp_path: Path) -> None:
    """Over SQLite, with nothing set."""
    async with pair_of(tmp_path) as pair:
        command = pair.bots[0].command
        pair.bots = (replace(pair.bots[0], command=command[: command.index("--shard-ids")]), pair.bots[1])
        pair.bots[0].start()
        await pair.until(lambda: pair.discord.gateway.listening == {0, 1})
        await pair.until(lambda: any(pair.discord.world.backend.commands.values()))
        for which in (0, 1):
            await pair.stylize(which)
        await pair.until(lambda: len(pair.results(0)) == len(pair.results(1)) == 1)
        await asyncio.to_thread(pair.bots[0].kill)
        await pair.until(lambda: not pair.discord.gateway.listening)
        pair.bots[0].start()
        await pair.until(lambda: pair.discord.gateway.listening == {0, 1})
        await pair.stylize(1)
        await pair.until(lambda: len(pair.results(1)) == 2)
        assert len(pair.results(0)) == 1
