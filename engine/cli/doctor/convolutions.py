"""Whether each device convolves, forward and back, in each precision: in a child process, which may die of it."""

import re
from collections.abc import Callable, Iterator, Sequence

from engine.cli.doctor.libraries import INSTALL
from engine.cli.doctor.patient import Finding, Patient
from engine.devices.convolution import DONE
from engine.devices.names import AUTO, CPU, is_gpu_name
from engine.devices.trial import Outcome, try_out
from engine.protocol import Precision

CONVOLUTION = "engine.devices.convolution"
ON_PROCESSORS = (Precision.FLOAT32, Precision.BFLOAT16)
# What TensorFlow, CUDA and cuDNN say, the more telling first, and what to do about it.
ADVICE = (
    (r"out of memory|OUT_OF_MEMORY|RESOURCE_?EXHAUSTED", "others have taken its memory: see who does in nvidia-smi"),
    (
        r"driver version is insufficient|INSUFFICIENT_DRIVER|SYSTEM_DRIVER_MISMATCH|forward compatibility was attempted",
        "the driver is too old for CUDA 12: install 525 or newer, and restart this machine",
    ),
    (
        r"INVALID_PTX|no kernel image|NO_BINARY_FOR_GPU|not built with CUDA kernel binaries compatible",
        'this TensorFlow has no code for the card: paint on the processor (devices = ["cpu"]), or run the engine in'
        " NVIDIA's TensorFlow container",
    ),
    (
        r"find any supported configs|DEVICE_TYPE_INVALID|No algorithm worked|CUDNN_STATUS_\w+",
        f"cuDNN has no way to run it, as those before 9.24: {INSTALL}",
    ),
    (r"DEVICES_UNAVAILABLE|busy or unavailable", "another process has it for itself: nvidia-smi -c DEFAULT shares it"),
    (
        r"Cannot dlopen|Could not load dynamic library|Could not find cuda drivers",
        f"TensorFlow does not find CUDA's libraries: {INSTALL}; in WSL, export LD_LIBRARY_PATH=/usr/lib/wsl/lib",
    ),
    (
        r"CUDA_ERROR_UNKNOWN|NVML: Unknown Error",
        "the driver does not answer: recreate a container that has lost its GPUs, and restart a machine that has slept",
    ),
    (r"NO_DEVICE|no CUDA-capable device|There is no (gpu|GPU|MIG)", "it is not there, or hidden: see `nvidia-smi -L`"),
)  # fmt: skip


def check(patient: Patient, attempt: Callable[[str, Sequence[str]], Outcome] = try_out) -> Iterator[Finding]:
    """Of the devices that are configured, or of all that there are."""
    for device in _devices(patient):
        works = False
        left = ON_PROCESSORS if device == CPU else tuple(Precision)
        while left:
            outcome = attempt(CONVOLUTION, (device, *left))
            done = [name for name in left if f"{DONE} {name}" in outcome.said.splitlines()]
            works = works or bool(done)
            if done:
                yield Finding(True, f"{_label(device, outcome)}: convolves in {', '.join(done)}")
            left = left[len(done) :]
            if left:
                yield Finding(*_failure(_label(device, outcome), left[0], outcome, works=works))
                left = left[1:] if _is_there(outcome) else ()


def _devices(patient: Patient) -> list[str]:
    named = [name for name in patient.devices if is_gpu_name(name)]
    if patient.devices == (AUTO,) and patient.facts.may_have_gpu:
        # As this engine counts them: nvidia-smi lists those that are hidden, too.
        seen = patient.facts.cards if patient.facts.shown is None else patient.facts.shown
        named = [f"gpu:{number}" for number in range(len(seen))]
    return list(dict.fromkeys([*named, CPU]))


def _is_there(outcome: Outcome) -> bool:
    """Whether the device was opened at all; other precisions are tried then."""
    return any(line.startswith("on ") for line in outcome.said.splitlines())


def _label(device: str, outcome: Outcome) -> str:
    said = next(
        (line.removeprefix("on ") for line in outcome.said.splitlines() if line.startswith("on ")), ""
    )
    return device if said in ("", "CPU") else f"{device}, {said}"


def _failure(device: str, precision: Precision, outcome: Outcome, *, works: bool) -> tuple[bool, str]:
    """What is amiss and what to do; nothing is to be mended where a card works, but for one precision."""
    why = outcome.why or "it ended without a word"
    if works and not outcome.is_of_the_moment:
        return True, f"{device}: no {precision}, so the engine paints in float32 ({why})"
    if device == CPU:
        return False, f"{device}: {precision} fails ({why})"
    for pattern, advice in ADVICE:
        if re.search(pattern, f"{outcome.said}\n{why}", re.IGNORECASE):
            return False, f"{device}: {precision} fails: {advice}"
    return False, f"{device}: {precision} fails ({why})"
