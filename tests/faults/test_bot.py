"""A few faults of each kind, and that the harness would see what is lost."""

from pathlib import Path

import pytest

from tests.faults import bot

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("stage", "faults"),
    [(bot.killed_at_points, 7), (bot.killed_anywhen, 2), (bot.stopped, 2), (bot.unheard, 1)],
)
async def test_nothing_is_lost(tmp_path: Path, stage: bot.Stage, faults: int) -> None:
    tally = await stage(tmp_path, faults, 1)
    assert tally.faults == faults
    assert tally.acknowledged >= faults
    assert tally.is_clean, tally
