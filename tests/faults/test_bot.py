"""A few faults of each kind, and that the harness would see what is lost."""

from pathlib import Path

import pytest

from tests.faults import bot

pytestmark = pytest.mark.integration


async def test_nothing_is_lost(tmp_path: Path) -> None:
    tally = await bot.in_turn(tmp_path, 1, points=7, killed=2, stopped=2, unheard=1)
    assert tally.faults >= 11  # on a busy machine a point may not be reached in its time
    assert tally.acknowledged >= 12
    assert tally.is_clean, tally
