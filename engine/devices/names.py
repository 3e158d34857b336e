"""The names of devices in the configuration, and what a process has to be shown so that it sees the one meant.

A GPU goes by its number, as this engine's environment counts, or by the UUID that `nvidia-smi -L` prints, its own or that of
a slice of it (MIG). Rule: nothing here widens what the operator's `CUDA_VISIBLE_DEVICES` lets this engine see, and what it
does not let it see is one sentence. What the variable means is in the CUDA C++ Programming Guide ("CUDA Environment Variables").
"""

import os
import re
from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import StringConstraints

MASK = "CUDA_VISIBLE_DEVICES"
AUTO, CPU = "auto", "cpu"
NONE = "-1"  # what shows CUDA no device

_NUMBERED = re.compile(r"gpu:(\d+)")
_UUID = r"(GPU|MIG)-[0-9A-Za-z/-]+"

DeviceName = Annotated[str, StringConstraints(pattern=rf"^({AUTO}|{CPU}|gpu:\d+|{_UUID})$")]


def is_gpu_name(name: str) -> bool:
    """Whether it means a GPU, or a slice of one, and nothing else will do."""
    return name not in (AUTO, CPU)


class NoDeviceError(Exception):
    """A device cannot be had; its text is one sentence for the operator."""


def mask_for(name: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """What `CUDA_VISIBLE_DEVICES` has to be for a process that is to see this device alone, None for as it is.

    Raises NoDeviceError where the operator's own mask hides the device, or does not tell which one it is.
    """
    if name == AUTO:
        return None
    if name == CPU:
        return NONE
    shown = shown_by(environ)
    if (numbered := _NUMBERED.fullmatch(name)) is None:
        return _by_uuid(name, shown, environ)
    number = int(numbered[1])
    if shown is None:
        return str(number)
    if number >= len(shown):
        raise NoDeviceError(
            f"There is no {name}: {MASK}={environ[MASK]} shows {len(shown) or 'no'} GPU{'s' * (len(shown) != 1)}:"
            " they count from gpu:0."
        )
    return shown[number]


def shown_by(environ: Mapping[str, str]) -> tuple[str, ...] | None:
    """The devices that the operator's mask shows, in its order; None if there is no mask and all are seen.

    As CUDA reads it, the list ends at the first that is none.
    """
    if (mask := environ.get(MASK)) is None:
        return None
    shown = list[str]()
    for entry in (part.strip() for part in mask.split(",")):
        if not re.fullmatch(rf"\d+|{_UUID}", entry):
            break
        shown.append(entry)
    return tuple(shown)


def check(names: Sequence[str], environ: Mapping[str, str] = os.environ) -> None:
    """See that each can be told from the others. Raises NoDeviceError: one that is not shown, or is named twice.

    Several workers may share the processor; a GPU has one, which takes its memory for itself.
    """
    taken = dict[str, str]()
    if len({name.startswith("gpu:") for name in names if is_gpu_name(name)}) > 1:
        raise NoDeviceError(
            "Name all GPUs by their numbers or all by their UUIDs: one of each may be the same GPU."
        )
    for name in names:
        mask = mask_for(name, environ)
        if name == AUTO and len(names) > 1:
            raise NoDeviceError(f"“{AUTO}” may be any device, so it goes with no other: name them all.")
        if mask is None or mask == NONE:
            continue
        for other, its_name in taken.items():
            if _may_be_one(mask, other):
                raise NoDeviceError(f"“{its_name}” and “{name}” are the same GPU: each has one worker.")
        taken[mask] = name


def _by_uuid(name: str, shown: Sequence[str] | None, environ: Mapping[str, str]) -> str:
    """Raises NoDeviceError."""
    if shown is None or any(_may_be_one(name, entry) for entry in shown):
        return name
    if any(entry.isdecimal() for entry in shown):
        raise NoDeviceError(
            f"{MASK}={environ[MASK]} counts GPUs, so it does not say whether {name} is among them:"
            " name devices as it does, gpu:0 for its first."
        )
    raise NoDeviceError(f"There is no {name} among those that {MASK}={environ[MASK]} shows.")


def _may_be_one(name: str, other: str) -> bool:
    """Whether two names mean one device: a UUID may be cut short, as long as it is clear."""
    if name.isdecimal() or other.isdecimal():
        return name == other
    return name.startswith(other) or other.startswith(name)
