"""A card that cannot do bfloat16 paints in float32, and it is said once."""

import json
import os
import time
from pathlib import Path

import pytest

from engine.devices.device import PROCESSOR, Device
from engine.painting.machine import MAX_AGE_SECONDS
from engine.painting.precisions import NO_TF32, lacks
from engine.protocol import Precision
from tests.engine.devices.dying import LLVM

AMPERE, TURING = Device("A", is_gpu=True, capability=(8, 6)), Device("T", is_gpu=True, capability=(7, 5))
DYING = "tests.engine.devices.dying"
NEVER = "tests.engine.devices.there_is_no_such_trial"
CANNOT = {Precision.BFLOAT16: f"SIGABRT: {LLVM}"}


def test_what_ends_a_child_is_not_painted_in_and_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lacks(TURING, None, folder=tmp_path, trial=DYING) == CANNOT
    assert LLVM in capsys.readouterr().out
    assert lacks(TURING, None, folder=tmp_path, trial=DYING) == CANNOT
    assert capsys.readouterr().out == ""


def test_it_is_tried_anew_after_a_week_and_where_the_file_is_damaged(tmp_path: Path) -> None:
    lacks(TURING, None, folder=tmp_path, trial=DYING)
    (kept,) = tmp_path.iterdir()
    stored = json.loads(kept.read_text()) | {"why_not": "as it was kept"}
    kept.write_text(json.dumps(stored))
    assert lacks(TURING, None, folder=tmp_path, trial=DYING) == {Precision.BFLOAT16: "as it was kept"}
    then = time.time() - MAX_AGE_SECONDS - 1
    os.utime(kept, (then, then))
    assert lacks(TURING, None, folder=tmp_path, trial=DYING) == CANNOT
    kept.write_bytes(b"{")
    assert lacks(TURING, None, folder=tmp_path, trial=DYING) == CANNOT


def test_a_card_that_was_full_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.painting.precisions.FIRST_SEEN", "full")
    assert Precision.BFLOAT16 in lacks(AMPERE, None, folder=tmp_path, trial=DYING)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("device", "wanted"),
    [(PROCESSOR, None), (PROCESSOR, Precision.BFLOAT16), (AMPERE, Precision.FLOAT32)],
)
def test_nothing_is_tried_where_there_is_nothing_to_find(device: Device, wanted: Precision | None) -> None:
    assert lacks(device, wanted, trial=NEVER) == {}


def test_tensorfloat32_needs_a_card_that_has_it() -> None:
    wanted = Precision.TENSORFLOAT32
    assert lacks(PROCESSOR, wanted, trial=NEVER) == lacks(TURING, wanted, trial=NEVER) == {wanted: NO_TF32}
    assert lacks(AMPERE, wanted, trial=NEVER) == {}
