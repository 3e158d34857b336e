"""A few faults of each kind, and that the harness would see what is lost."""

import random
from collections import Counter
from pathlib import Path

import pytest

import bot as bot_package
from bot.refusals import LATER
from demo.standin import stand_in
from tests.faults import bot
from tests.faults.members import Members
from tests.faults.memory import SERVER
from tests.faults.tally import Tally
from tests.postgres import running


def test_every_point_of_the_bot_stands_once_and_is_reached_by_a_stage() -> None:
    files = Path(bot_package.__file__).parent.rglob("*.py")
    source = "".join(path.read_text(encoding="utf-8") for path in files)
    there = Counter({point: source.count(f"reach(CrashPoint.{point.name})") for point in bot.CRASH_POINTS})
    assert there == Counter(bot.CRASH_POINTS)
    assert {point for rules in bot.ALL_RULES for point in rules.points} == {*bot.CRASH_POINTS}


async def test_a_mark_is_an_answer_also_once_it_is_taken_back() -> None:
    async with stand_in() as discord:
        members, backend = Members(discord, random.Random(1)), discord.world.backend  # noqa: S311 - no secret
        await members.react()
        assert len(members.waiting) == 1
        picture, me = members.orders[0].picture or 0, backend.bot_user.id
        backend.add_reaction(discord.studio.id, picture, LATER, me)
        assert members.waiting == []
        backend.remove_reaction(discord.studio.id, picture, LATER, me)
        members.audit(tally := Tally())
        assert tally.is_clean, tally


@pytest.mark.integration
async def test_nothing_is_lost(tmp_path: Path) -> None:
    tally = await bot.in_turn(tmp_path, 1, points=5, killed=1, stopped=1, unheard=1)
    assert tally.faults >= 7  # on a busy machine a point may not be reached in its time
    assert tally.acknowledged >= 8
    assert tally.is_clean, tally


@pytest.mark.slow
@pytest.mark.integration
async def test_nothing_is_lost_over_postgresql(tmp_path: Path) -> None:
    with running() as server:
        before = SERVER.set(server)
        try:
            tally = await bot.in_turn(tmp_path, 1, points=5, killed=1, stopped=1, unheard=1)
        finally:
            SERVER.reset(before)
    assert tally.faults >= 7
    assert tally.is_clean, tally
