"""A process ends where it was told to, once if it was told so, and nowhere else."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from engine.protocol.crash_points import CRASH_VARIABLE, ONCE_VARIABLE, CrashPoint

PROGRAM = """
from engine.protocol import CrashPoint, reach
reach(CrashPoint.JOB_FILES_WRITTEN)
reach(CrashPoint.JOB_STORED)
"""


def ended(**environment: str) -> int:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM], env=os.environ | environment, check=False
    ).returncode


def test_it_ends_at_its_point_only() -> None:
    assert ended(**{CRASH_VARIABLE: CrashPoint.JOB_STORED}) == -signal.SIGKILL
    assert ended(**{CRASH_VARIABLE: "no such point"}) == 0
    assert ended() == 0


def test_it_ends_once(tmp_path: Path) -> None:
    once = {CRASH_VARIABLE: CrashPoint.JOB_STORED, ONCE_VARIABLE: str(tmp_path / "crashed")}
    assert [ended(**once), ended(**once)] == [-signal.SIGKILL, 0]
