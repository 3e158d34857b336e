"""In which numbers a device can paint, found out before any picture depends on it.

A card that lacks bfloat16 does not always say so: cuDNN, CUDA's libraries or LLVM end the process. So on a GPU a child paints
a small level in it first (`engine.painting.trial`), before this process opens the card; what it cannot do is done in float32.
Rule: it is said once, when it is found, and then known for a week, or until TensorFlow, this engine or the driver is another;
a card that was only full is asked again. A processor does all, if slowly, and is asked nothing.
"""

import hashlib
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import structlog
from pydantic import BaseModel, ConfigDict

from engine.devices.device import Device, repeat_exactly
from engine.devices.facts import driver_version
from engine.devices.trial import try_out
from engine.painting.machine import MAX_AGE_SECONDS
from engine.protocol import Arithmetic, Plan, Precision
from engine.storage.atomic import write_whole

log = structlog.get_logger()

TRIAL = "engine.painting.trial"
FIRST_SEEN = "gpu:0"  # of those that this process is shown, as `take` takes it
NO_TF32 = "only GPUs from Ampere on (compute capability 8) round products to TensorFloat-32"

Lacks = Mapping[Precision, str]  # why not, in a few words


class _StoredTrial(BaseModel):
    """Whether a device paints in bfloat16, and what it is told of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    device: str
    why_not: str | None


def lacks(
    device: Device,
    wanted: Precision | None,
    *,
    memory_mb: int = 0,
    folder: Path | None = None,
    trial: str = TRIAL,
) -> Lacks:
    """The precisions, of those that are `wanted` (None: any), in which the device that was taken cannot paint.

    memory_mb: as of `take`. folder: where it is kept; None keeps nothing. trial: the module that tries it out.
    """
    found = dict[Precision, str]()
    if wanted is Precision.TENSORFLOAT32 and not device.has_tf32:
        found[wanted] = NO_TF32
        log.warning("painting in float32", precision=wanted, device=device.label, why=NO_TF32)
    if device.is_gpu and wanted in (None, Precision.BFLOAT16):
        why_not = _why_no_bfloat16(device, memory_mb, folder, trial)
        if why_not is not None:
            found[Precision.BFLOAT16] = why_not
    return found


def settle(device: Device, *, deterministic: bool) -> Arithmetic:
    """Set this process up to repeat itself exactly or not, before it computes anything, and say what pictures are to tell."""
    if deterministic:
        repeat_exactly()
    return Arithmetic(gpu=device.is_gpu, deterministic=deterministic)


def able(plan: Plan, lacking: Lacks) -> Plan:
    """A plan as a device that lacks this can carry it out: one made for another card may want numbers that this one lacks."""
    return plan.model_copy(update={"precision": Precision.FLOAT32}) if plan.precision in lacking else plan


def _why_no_bfloat16(device: Device, memory_mb: int, folder: Path | None, trial: str) -> str | None:
    told_of = json.dumps([device.label, driver_version(), version("atelier"), _tensorflow(), trial])
    path = folder and folder / f"bfloat16-{hashlib.sha256(told_of.encode()).hexdigest()[:16]}.json"
    if path is not None and (known := _known(path, told_of)) is not None:
        return known.why_not
    outcome = try_out(trial, (FIRST_SEEN, Precision.BFLOAT16, str(memory_mb)))
    why_not = outcome.why
    if why_not is not None:
        log.warning("painting in float32", precision=Precision.BFLOAT16, device=device.label, why=why_not)
    if path is not None and not outcome.is_of_the_moment:
        found_out = _StoredTrial(device=told_of, why_not=why_not)
        with suppress(OSError):
            write_whole(path, found_out.model_dump_json().encode())  # as another process may, too
    return why_not


def _known(path: Path, told_of: str) -> _StoredTrial | None:
    try:
        age = time.time() - path.stat().st_mtime
        stored = _StoredTrial.model_validate_json(path.read_bytes())
    except (OSError, ValueError):
        return None
    return stored if stored.device == told_of and 0 <= age < MAX_AGE_SECONDS else None


def _tensorflow() -> str:
    import tensorflow as tf

    return str(tf.__version__)
