"""A few faults of each kind, and that the harness would see what is lost."""

from pathlib import Path

import pytest

import bot as bot_package
from tests.faults import bot


def test_every_point_of_the_bot_is_reached_by_a_stage() -> None:
    """Those that are named and stand nowhere yet are their parts' own business."""
    source = "".join(
        path.read_text(encoding="utf-8") for path in Path(bot_package.__file__).parent.rglob("*.py")
    )
    there = {point for point in bot.CRASH_POINTS if f"CrashPoint.{point.name})" in source}
    assert there - {point for rules in bot.ALL_RULES for point in rules.points} == set()


@pytest.mark.integration
async def test_nothing_is_lost(tmp_path: Path) -> None:
    tally = await bot.in_turn(tmp_path, 1, points=7, killed=2, stopped=2, unheard=1)
    assert tally.faults >= 11  # on a busy machine a point may not be reached in its time
    assert tally.acknowledged >= 12
    assert tally.is_clean, tally
