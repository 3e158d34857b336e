"""What may end a process is tried out in another one, and tells why it ended."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.devices.trial import try_out
from tests.engine.devices.dying import LLVM

DYING = "tests.engine.devices.dying"


def test_a_child_that_aborts_tells_by_what_and_why() -> None:
    assert try_out(DYING, ("gpu:0", "float32")).why is None
    outcome = try_out(DYING, ("gpu:0", "bfloat16"))
    assert outcome.why == f"SIGABRT: {LLVM}"
    assert not outcome.is_of_the_moment


@pytest.mark.parametrize("device", ["full", "killed"])
def test_a_card_that_was_only_full_may_do_it_another_time(device: str) -> None:
    outcome = try_out(DYING, (device, "bfloat16"))
    assert outcome.why is not None
    assert outcome.is_of_the_moment


def test_one_that_hangs_is_given_up(tmp_path: Path) -> None:
    outcome = try_out(DYING, ("hangs", str(tmp_path / "pid")), seconds=0.2)
    assert outcome.why == "was not done after 0 s"
    assert outcome.is_of_the_moment


def test_one_whose_parent_is_killed_ends_too(tmp_path: Path) -> None:
    """A child that stays would keep the card's memory from the next worker."""
    note = tmp_path / "pid"
    asks = f"from engine.devices.trial import try_out; try_out({DYING!r}, ('hangs', {str(note)!r}))"
    parent = subprocess.Popen([sys.executable, "-c", asks])
    while not (note.exists() and note.read_text()):
        time.sleep(0.01)
    parent.kill()
    parent.wait()
    status = Path(f"/proc/{note.read_text()}/stat")
    while status.exists() and status.read_text().split()[2] != "Z":
        time.sleep(0.01)
