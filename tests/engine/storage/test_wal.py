"""Damage to the write-ahead log is seen, wherever it strikes, and what is no damage is not taken for it."""

import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.storage.wal import Verdict, WalState, examine

ROWS = 12
FRAME = 24 + 4096


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as a killed process leaves it: each row is a transaction that was acknowledged."""
    folder = tmp_path_factory.mktemp("killed")
    connection = sqlite3.connect(folder / "live.db")
    for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE kept (number INTEGER PRIMARY KEY, text TEXT UNIQUE)")
    connection.commit()
    for number in range(ROWS):
        connection.execute("INSERT INTO kept VALUES (?, ?)", (number, f"{number}" * 300))
        connection.commit()
    for name in ("db", "db-wal"):
        shutil.copy(folder / f"live.{name}", folder / f"kept.{name}")
    connection.close()
    return folder / "kept.db"


def rows_read(database: bytes, log: bytes, folder: Path) -> int:
    """What SQLite makes of it."""
    folder.mkdir(exist_ok=True)
    (folder / "a.db").write_bytes(database)
    (folder / "a.db-wal").write_bytes(log)
    connection = sqlite3.connect(folder / "a.db")
    try:
        return int(connection.execute("SELECT count(*) FROM kept").fetchone()[0])
    except sqlite3.DatabaseError:
        return 0
    finally:
        connection.close()


def verdict_on(data: bytes, folder: Path) -> Verdict:
    path = folder / "log"
    path.write_bytes(data)
    return examine(path)


@given(bit=st.integers(min_value=0))
def test_a_bit_that_costs_a_row_is_seen(
    killed: Path, tmp_path_factory: pytest.TempPathFactory, bit: int
) -> None:
    log = bytearray(killed.with_name("kept.db-wal").read_bytes())
    log[bit // 8 % len(log)] ^= 1 << bit % 8
    folder = tmp_path_factory.mktemp("bit")
    verdict = verdict_on(bytes(log), folder)
    lost = ROWS - rows_read(killed.read_bytes(), bytes(log), folder)
    assert (verdict.state is WalState.WHOLE) <= (lost == 0)
    assert verdict.lost in (0, lost, lost + 1)  # the table itself was a transaction


def test_what_a_kill_leaves_is_whole(killed: Path, tmp_path: Path) -> None:
    log = killed.with_name("kept.db-wal").read_bytes()
    assert examine(killed.with_name("kept.db-wal")) == Verdict(WalState.WHOLE)
    assert examine(tmp_path / "none") == Verdict(WalState.WHOLE)
    assert verdict_on(b"", tmp_path) == Verdict(WalState.WHOLE)
    assert verdict_on(log[: 32 + 3 * FRAME], tmp_path) == Verdict(WalState.WHOLE)
    assert verdict_on(bytes(len(log)), tmp_path) == Verdict(WalState.WHOLE)


def test_a_torn_end_alone_proves_no_loss(killed: Path, tmp_path: Path) -> None:
    log = killed.with_name("kept.db-wal").read_bytes()
    assert verdict_on(log[:-100], tmp_path) == Verdict(WalState.TORN)
    assert verdict_on(log[:-100] + bytes(100), tmp_path) == Verdict(WalState.TORN)


def test_frames_of_an_earlier_round_are_no_damage(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE kept (data BLOB)")
    for _ in range(3):
        connection.execute("INSERT INTO kept VALUES (?)", (os.urandom(20_000),))
    connection.execute("PRAGMA wal_checkpoint")
    connection.execute("INSERT INTO kept VALUES (1)")  # begins anew, over the first of the old frames
    assert (tmp_path / "a.db-wal").stat().st_size > 10 * FRAME
    assert examine(tmp_path / "a.db-wal") == Verdict(WalState.WHOLE)
    connection.close()
