"""`python -m demo`: what it leaves behind, and what it says when something is in its way."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from demo.processes import Child, ChildError

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]


def demo(output: Path) -> "subprocess.CompletedProcess[str]":
    """Run the demo to its end."""
    command = (sys.executable, "-m", "demo", "--once", "--output", str(output))
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "holiday.txt").write_text("precious")
    told = demo(tmp_path)
    assert told.returncode == 1
    assert told.stdout.strip() == f"{tmp_path} holds something else: name an empty folder with --output."
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.txt"]


def test_a_child_that_stops_is_told_with_its_log(tmp_path: Path) -> None:
    log = tmp_path / "child.log"
    child = Child("child", (sys.executable, "-c", "print('last words'); raise SystemExit(3)"), {}, log)
    child.start()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    with pytest.raises(ChildError) as told:
        child.check()
    assert str(told.value) == f"The child stopped with exit code 3; its log is {log}."
    assert log.read_text() == "last words\n"


@pytest.mark.slow
def test_the_first_picture(tmp_path: Path) -> None:
    told = demo(tmp_path / "output")
    assert told.returncode == 0, told.stdout
    assert list((tmp_path / "output" / "frames").iterdir())
    transcript = (tmp_path / "output" / "transcript.md").read_text(encoding="utf-8")
    assert "](painting-1.png)" in transcript
    with Image.open(tmp_path / "output" / "painting-1.png") as painting:
        assert min(painting.size) > 100
