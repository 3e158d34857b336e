"""A few faults of each kind that takes little time, and that the harness would see what is lost."""

from pathlib import Path

import pytest

from tests.engine.engine_process import talk
from tests.faults import engine
from tests.faults.ledger import Ledger

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("stage", "faults"),
    [
        (engine.killed_anywhen, 3),
        (engine.worker_killed, 4),
        pytest.param(engine.disk_filled, 1, marks=pytest.mark.slow),
        pytest.param(engine.clock_jumped, 2, marks=pytest.mark.slow),
        pytest.param(engine.database_damaged, 3, marks=pytest.mark.slow),
    ],
)
async def test_nothing_is_lost(tmp_path: Path, stage: engine.Stage, faults: int) -> None:
    tally = await stage(tmp_path, faults, 1)
    assert tally.faults == faults
    assert tally.acknowledged
    assert tally.is_clean, tally


async def test_what_is_lost_is_counted(tmp_path: Path) -> None:
    ledger = Ledger(0)
    with engine.sketching(tmp_path, "engine") as running:
        async with talk(running.ready()) as client:
            await ledger.submit(client)
            await ledger.submit(client)
            await client.painted(ledger.orders[0].job or "")
        running.stop()
    for path in (tmp_path / "data").glob("jobs.db*"):
        path.unlink()
    with engine.sketching(tmp_path, "again") as running:
        async with talk(running.ready()) as client:
            await ledger.audit(client)
    assert ledger.tally.acknowledged == 2
    assert ledger.tally.lost == 2
