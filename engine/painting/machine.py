"""What is kept of a machine between one process that paints and the next: how fast it is.

Rule: nothing but time depends on it. A file that is damaged, of another machine, engine or network, or a week old is a
miss, and where nothing can be written nothing is kept.
"""

import hashlib
import json
import os
import platform
import time
from contextlib import AbstractContextManager, nullcontext, suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from engine.devices.device import labels_of_gpus
from engine.planning.cost_model import Speed
from engine.protocol import Precision
from engine.storage.atomic import write_whole

if TYPE_CHECKING:
    from engine.painting.session import Session

MAX_AGE_SECONDS = 7 * 86400.0  # a machine gets other neighbours, and one that was busy may have become idle


class _StoredSpeed(BaseModel):
    """A speed, and what it is the speed of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    machine: str
    speed: Speed


class MachineCache:
    """What one engine has measured on one machine, in a folder of its own below `folder`.

    precision: the one that is wanted; None leaves it to the warm-up, whose choice is another measurement.
    """

    def __init__(self, folder: Path, machine: str, precision: Precision | None = None) -> None:
        self._machine = machine
        self._folder = folder / hashlib.sha256(machine.encode()).hexdigest()[:16]
        self._speed_file = self._folder / f"speed-{precision or 'auto'}.json"

    def speed_of(
        self,
        session: "Session",
        *,
        anew: bool = False,
        waiting: AbstractContextManager[object] = nullcontext(),  # noqa: B008 - it holds nothing
    ) -> Speed:
        """The speed as it was measured last; or else, and if `anew`, as the session measures it in `waiting`."""
        speed = None if anew else self._known_speed()
        if speed is not None:
            session.assume(speed)
            return speed
        with waiting:
            speed = session.warm_up()
        self._keep(speed)
        return speed

    def _known_speed(self) -> Speed | None:
        try:
            age = time.time() - self._speed_file.stat().st_mtime
            stored = _StoredSpeed.model_validate_json(self._speed_file.read_bytes())
        except (OSError, ValueError):
            return None
        if stored.machine != self._machine or not 0 <= age < MAX_AGE_SECONDS:
            return None
        return stored.speed

    def _keep(self, speed: Speed) -> None:
        stored = _StoredSpeed(machine=self._machine, speed=speed)
        with suppress(OSError):
            write_whole(self._speed_file, stored.model_dump_json().encode())  # as another process may, too


def machine(network: str) -> str:
    """All that a measurement with the network of this `vgg.digest` depends on, in words; loads TensorFlow."""
    import tensorflow as tf

    facts = {
        "engine": version("atelier"),
        "tensorflow": tf.__version__,
        "processor": _processor(),
        "cores": _cores(),
        "gpus": labels_of_gpus(),
        "weights": network,
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
