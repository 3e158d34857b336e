"""The doctor tells what is amiss, one line each."""

import os
from pathlib import Path

from engine.cli import doctor


def test_a_folder_that_others_get_into_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert doctor._permissions(tmp_path) == (
        False,
        f"Data: other accounts of this machine get into {tmp_path}: chmod 700 {tmp_path}",
    )
    tmp_path.chmod(0o700)
    assert doctor._permissions(tmp_path)[0]


def test_an_engine_that_runs_as_root_is_told(tmp_path: Path) -> None:
    own = tmp_path / "own"
    assert doctor._account(0, own)[1].startswith("Account: this runs as root, and")
    assert doctor._account(1000, own) == (True, "Account: not root")
    own.mkdir()
    is_well, line = doctor._account(1000, own)
    assert (is_well, "is root's" in line) == (os.geteuid() != 0, os.geteuid() == 0)


async def test_the_decoder_is_confined() -> None:
    is_well, line = await doctor._sandbox()
    assert is_well
    assert line.startswith("Decoder: confined")
