"""What is kept of this machine between calls, and that nothing but time depends on it."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from engine.cli.paint import cache_folder
from engine.painting.machine import MAX_AGE_SECONDS, MachineCache, machine
from engine.planning.cost_model import Knot, Speed
from engine.planning.measuring import Measured
from engine.protocol import Precision

if TYPE_CHECKING:
    from engine.painting.session import Session

SPEED = Speed(0.01, 2.5, Precision.BFLOAT16, 1.5, (Knot(0.004, 0.02), Knot(0.04, 0.11)))
MEASURED = Measured(SPEED, 1.25, 10**8)


class MeasuredSession:
    """A session that counts how often it is measured."""

    def __init__(self) -> None:
        self.measured = 0
        self.assumed: list[Speed] = []

    def warm_up(self) -> Measured:
        self.measured += 1
        return MEASURED

    def assume(self, speed: Speed) -> None:
        self.assumed.append(speed)


def measure(cache: MachineCache, *, anew: bool = False) -> MeasuredSession:
    session = MeasuredSession()
    assert cache.measured(cast("Session", session), anew=anew) == MEASURED
    return session


def speed_file(folder: Path) -> Path:
    (path,) = folder.rglob("speed*.json")
    return path


def test_it_is_measured_once(tmp_path: Path) -> None:
    cache = MachineCache(tmp_path, "machine")
    assert measure(cache).measured == 1
    again = measure(cache)
    assert (again.measured, again.assumed) == (0, [SPEED])
    assert measure(cache, anew=True).measured == 1


def test_another_machine_measures_for_itself(tmp_path: Path) -> None:
    measure(MachineCache(tmp_path, "machine"))
    assert measure(MachineCache(tmp_path, "another")).measured == 1
    assert measure(MachineCache(tmp_path, "machine")).measured == 0


def test_another_precision_is_another_measurement(tmp_path: Path) -> None:
    measure(MachineCache(tmp_path, "machine"))
    assert measure(MachineCache(tmp_path, "machine", Precision.FLOAT32)).measured == 1
    assert measure(MachineCache(tmp_path, "machine", Precision.BFLOAT16)).measured == 1
    assert measure(MachineCache(tmp_path, "machine", Precision.FLOAT32)).measured == 0


@pytest.mark.parametrize("age", [MAX_AGE_SECONDS + 1, -60])
def test_an_old_measurement_is_made_again(tmp_path: Path, age: float) -> None:
    cache = MachineCache(tmp_path, "machine")
    measure(cache)
    then = time.time() - age
    os.utime(speed_file(tmp_path), (then, then))
    assert measure(cache).measured == 1
    assert measure(cache).measured == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [("2.5", "-1"), ("2.5", "NaN"), ("2.5", "1e999"), ("0.01", '"x"'), ("bfloat16", "int4"), ("}", "")],
)
def test_a_damaged_file_is_a_miss(tmp_path: Path, old: str, new: str) -> None:
    cache = MachineCache(tmp_path, "machine")
    measure(cache)
    path = speed_file(tmp_path)
    path.write_text(path.read_text().replace(old, new))
    assert measure(cache).measured == 1
    assert measure(cache).measured == 0


def test_a_foreign_file_is_a_miss(tmp_path: Path) -> None:
    cache = MachineCache(tmp_path, "machine")
    measure(cache)
    path = speed_file(tmp_path)
    path.write_text(path.read_text().replace('"machine":"machine"', '"machine":"another"'))
    assert measure(cache).measured == 1
    path.write_bytes(b"\xff\x00")
    assert measure(cache).measured == 1


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = MachineCache(tmp_path / "file", "machine")
    assert measure(cache).measured == 1
    assert measure(cache).measured == 1


def test_the_folder_is_where_caches_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "atelier"
    monkeypatch.setenv("HOME", str(tmp_path))
    for ignored in ("", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", ignored)
        assert cache_folder() == tmp_path / ".cache" / "atelier"


def test_another_network_makes_another_machine() -> None:
    assert machine("sha256:1") == machine("sha256:1") != machine("sha256:2")
