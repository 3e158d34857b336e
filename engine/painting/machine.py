"""What is kept of a machine between one process that paints and the next: how fast it is, and what a painting takes of it.

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
from engine.devices.memory import Gauge
from engine.planning.measuring import Measured
from engine.planning.memory import available_bytes
from engine.protocol import Precision
from engine.storage.atomic import write_whole

if TYPE_CHECKING:
    from engine.painting.session import Session

MAX_AGE_SECONDS = 7 * 86400.0  # a machine gets other neighbours, and one that was busy may have become idle
SHARE_OF_LEFT = 0.9  # what is in pieces cannot be had in one, and libraries are loaded as they are needed
UNKNOWN = 2**50  # bytes of a GPU whose driver says nothing: it is found out by running out of them


class _Stored(BaseModel):
    """What was measured, and of what."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    machine: str
    measured: Measured


class MachineCache:
    """What one engine has measured on one machine, in a folder of its own below `folder`.

    precision: the one that is wanted; None leaves it to the warm-up, whose choice is another measurement.
    """

    def __init__(self, folder: Path, machine: str, precision: Precision | None = None) -> None:
        self._machine = machine
        self._folder = folder / hashlib.sha256(machine.encode()).hexdigest()[:16]
        self._speed_file = self._folder / f"speed-{precision or 'auto'}.json"

    def measured(
        self,
        session: "Session",
        *,
        anew: bool = False,
        waiting: AbstractContextManager[object] = nullcontext(),  # noqa: B008 - it holds nothing
    ) -> Measured:
        """What was measured last; or else, and if `anew`, what the session measures in `waiting`."""
        known = None if anew else self._known()
        if known is not None:
            session.assume(known.speed)
            return known
        with waiting:
            found = session.warm_up()
        self.keep(found)
        return found

    def keep(self, measured: Measured) -> None:
        """Remember it."""
        stored = _Stored(machine=self._machine, measured=measured)
        with suppress(OSError):
            write_whole(self._speed_file, stored.model_dump_json().encode())  # as another process may, too

    def _known(self) -> Measured | None:
        try:
            age = time.time() - self._speed_file.stat().st_mtime
            stored = _Stored.model_validate_json(self._speed_file.read_bytes())
        except (OSError, ValueError):
            return None
        if stored.machine != self._machine or not 0 <= age < MAX_AGE_SECONDS:
            return None
        return stored.measured


def memory_of_its_own(measured: Measured, gauge: Gauge | None) -> int | None:
    """Bytes that a painting may take of the device that this process paints on; None for a processor, which has none."""
    if gauge is None:
        return None
    left = gauge.left()
    return UNKNOWN if left is None else max(int(left * SHARE_OF_LEFT) - measured.base, 0)


def room(measured: Measured, gauge: Gauge | None) -> int | None:
    """What `needed_bytes` may say of a painting here; None if nothing is known of it."""
    own = memory_of_its_own(measured, gauge)
    return available_bytes() if own is None else int(own / measured.appetite)


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
