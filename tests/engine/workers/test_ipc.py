"""The pipe between the engine and a worker, and what neither side of it may load."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from engine.workers.interface import WorkerLost
from engine.workers.ipc import LENGTH_BYTES, MESSAGES, ORDERS, Equipment, Progress, RunReport, Stop, pack
from engine.workers.subprocess import LocalWorker


def test_images_cross_the_pipe_as_they_are() -> None:
    progress = Progress(
        preview=bytes(range(256)),
        progress=0.5,
        evaluation=1,
        evaluations=2,
        width=8,
        height=8,
        losses={"total": 1.0},
    )
    report = RunReport(number=1, report=progress)
    packed = pack(report)
    assert MESSAGES.validate_json(packed[LENGTH_BYTES:]) == report
    assert int.from_bytes(packed[:LENGTH_BYTES]) == len(packed) - LENGTH_BYTES


def test_what_is_not_an_order_is_refused() -> None:
    stop = Stop(job="job", attempt=1, keep=True)
    assert ORDERS.validate_json(pack(stop)[LENGTH_BYTES:]) == stop
    for order in (
        b"{}",
        b'{"type": "stop", "job": "job", "attempt": 1, "keep": true, "now": 1}',
        b"\x80\x04",
    ):
        with pytest.raises(ValidationError):
            ORDERS.validate_json(order)


async def test_a_worker_that_says_what_is_no_report_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    babbler = tmp_path / "babbler"
    babbler.write_text("#!/bin/sh\nprintf '\\000\\000\\000\\002{}'\nread -r _\n")
    babbler.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(babbler))
    with pytest.raises(WorkerLost):
        await asyncio.wait_for(LocalWorker(Equipment(weights="packaged", device="cpu")).start(), 60)


def test_the_service_loads_neither_tensorflow_nor_ray_nor_discord() -> None:
    foreign = {"tensorflow", "keras", "ray", "discord"}
    check = f"import sys, engine.service.app; sys.exit(bool({foreign} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", check], check=True)
