"""How the process that paints is set up."""

import pytest
from tensorflow.python.framework import config as process

from engine.devices.device import PROCESSOR
from engine.painting.pulse import Pulse
from engine.protocol import Arithmetic, Precision
from engine.workers.ipc import Equipment
from engine.workers.main import MOST_BYTES, _open_session

NO_GPU = "-1"


@pytest.mark.parametrize("device", ["cpu", "auto"])
def test_a_processor_has_its_bound_of_memory_whether_it_was_chosen_or_found(
    device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", NO_GPU)
    for choice in (
        "ASSUME_FROZEN_WEIGHTS",
        "USE_SYSTEM_ALLOCATOR",
    ):  # which a process makes once, and a test's does not
        monkeypatch.setenv(f"TF_ONEDNN_{choice}", "0")
    repeats = device == "cpu"
    equipment = Equipment(
        weights="packaged", device=device, precision=Precision.FLOAT32, deterministic=repeats
    )
    try:
        session, taken = _open_session(equipment, Pulse())
        assert process.is_op_determinism_enabled() is repeats
    finally:
        process.disable_op_determinism()
    assert session.arithmetic == Arithmetic(deterministic=repeats)
    assert session.most_bytes == MOST_BYTES
    assert taken == PROCESSOR
