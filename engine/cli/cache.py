"""What the command line keeps between calls: how fast this machine is, and the statistics of styles.

Rule: nothing but time depends on it. A file that is damaged or of another machine, engine or network is a
miss, and where nothing can be written nothing is kept.
"""

import hashlib
import json
import os
import platform
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from engine.painting.statistics_cache import StatisticsCache
from engine.planning.cost_model import Speed
from engine.protocol import Precision
from engine.storage.atomic import write_whole

STATISTICS_BYTES = 256 * 2**20

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _StoredSpeed(BaseModel):
    """A speed, and what it is the speed of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    machine: str
    overhead: Seconds
    per_megapixel: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    precision: Precision
    compiling: Seconds


class MachineCache:
    """What one engine has measured on one machine, in a folder of its own below `folder`."""

    def __init__(self, folder: Path, machine: str) -> None:
        self._machine = machine
        self._folder = folder / hashlib.sha256(machine.encode()).hexdigest()[:16]

    def speed(self) -> Speed | None:
        """The speed as it was measured last, if it was."""
        try:
            stored = _StoredSpeed.model_validate_json(self._speed_file.read_bytes())
        except (OSError, ValueError):
            return None
        if stored.machine != self._machine:
            return None
        return Speed(stored.overhead, stored.per_megapixel, stored.precision, stored.compiling)

    def keep(self, speed: Speed) -> None:
        """Remember a speed, if that can be done."""
        stored = _StoredSpeed(
            machine=self._machine,
            overhead=speed.overhead,
            per_megapixel=speed.per_megapixel,
            precision=speed.precision,
            compiling=speed.compiling,
        )
        with suppress(OSError):
            write_whole(self._speed_file, stored.model_dump_json().encode())  # as another call may, too

    def statistics(self) -> StatisticsCache:
        """The styles' statistics."""
        return StatisticsCache(self._folder / "styles", STATISTICS_BYTES)

    @property
    def _speed_file(self) -> Path:
        return self._folder / "speed.json"


def cache_folder() -> Path:
    """Where the user's caches are, by the XDG Base Directory Specification; it may not be there."""
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if given.is_absolute():  # the specification ignores others
        return given / "atelier"
    try:
        return Path.home() / ".cache" / "atelier"
    except RuntimeError:  # a user without a home: what is below a file can be neither read nor written
        return Path(os.devnull) / "atelier"


def machine(weights: str) -> str:
    """All that a measurement depends on, in words; loads TensorFlow."""
    import tensorflow as tf

    gpus = [
        str(tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name))
        for gpu in tf.config.list_physical_devices("GPU")
    ]
    facts = {
        "engine": version("atelier"),
        "tensorflow": tf.__version__,
        "processor": _processor(),
        "cores": _cores(),
        "gpus": gpus,
        "weights": _network(weights),
    }
    return json.dumps(facts, sort_keys=True)


def _processor() -> str:
    """The processor's model; Python itself knows it on some systems only."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            name, _, model = line.partition(":")
            if name.strip() == "model name":
                return model.strip()
    return platform.processor() or platform.machine()


def _cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _network(weights: str) -> str:
    """The weights by name, a file with what tells that it has been replaced."""
    path = Path(weights)
    if not path.is_file():
        return weights
    facts = path.stat()
    return f"{path.resolve()} {facts.st_size} {facts.st_mtime_ns}"
