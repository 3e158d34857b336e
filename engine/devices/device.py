"""The device that this process has: taken once, before TensorFlow computes anything, and asked for ever after.

Rule: whoever paints takes one first (`show` before TensorFlow is imported, `take` after it); a device that is not there ends
that in one sentence, and never in another device. What differs on a GPU asks `is_gpu` of the one that was taken.
"""

import os
from dataclasses import dataclass
from typing import Any

from engine.devices.names import MASK, NoDeviceError, is_gpu_name, mask_for
from engine.devices.onednn import assume_frozen_weights

GPU_BATCH = 4  # jobs side by side; a guess, which `make bench-gpu` would tell on a GPU


@dataclass(frozen=True)
class Device:
    """What was taken. label: what its maker calls it, "CPU" for the processor. capability: of a GPU, as CUDA counts it."""

    label: str
    is_gpu: bool
    capability: tuple[int, int] | None = None

    @property
    def has_tf32(self) -> bool:
        """Whether it can round products of float32 to TensorFloat-32, which Ampere brought."""
        return self.capability is not None and self.capability >= (8, 0)

    @property
    def usual_batch(self) -> int:
        """How many pictures side by side: a small one leaves most of a GPU idle, a processor would only paint all later."""
        return GPU_BATCH if self.is_gpu else 1


PROCESSOR = Device("CPU", is_gpu=False)


def show(name: str) -> None:
    """Let TensorFlow, not loaded yet, see only this device; "auto" leaves all that the operator shows.

    Raises NoDeviceError.
    """
    mask = mask_for(name)
    if mask is not None:
        os.environ[MASK] = mask


def take(name: str, memory_mb: int = 0) -> Device:
    """Open what `show` has left, with so much of a GPU's memory at most; 0 takes more as it is needed.

    Either leaves room for others on the card: by itself TensorFlow takes all of it at once. Raises NoDeviceError where a
    GPU was meant and there is none, or its memory was settled before.
    """
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        if is_gpu_name(name):
            raise NoDeviceError(
                f"There is no {name}, or TensorFlow cannot use it: `python -m engine doctor` shows what it sees."
            )
        assume_frozen_weights()
        return PROCESSOR
    first = gpus[0]
    try:
        tf.config.set_visible_devices([first], "GPU")  # whoever paints does so on one
        if memory_mb:
            limit = tf.config.LogicalDeviceConfiguration(memory_limit=memory_mb)
            tf.config.set_logical_device_configuration(first, [limit])
        else:
            tf.config.experimental.set_memory_growth(first, True)
    except RuntimeError as error:
        raise NoDeviceError(
            f"TensorFlow uses {first.name} already, and its memory cannot be settled any more."
        ) from error
    return Device(_label(first), is_gpu=True, capability=_details(first).get("compute_capability"))


def round_products(allowed: bool) -> None:
    """Let a GPU round what it multiplies in float32 to 10 bits (TensorFloat-32) from now on, or not; TensorFlow would."""
    from tensorflow.config.experimental import enable_tensor_float_32_execution

    enable_tensor_float_32_execution(allowed)


def repeat_exactly() -> None:
    """Have all that this process computes come out the same, to the last bit, each time; it cannot be taken back.

    Sums then go in one order on a GPU and convolutions choose among fewer algorithms, which takes longer.
    """
    from tensorflow.config.experimental import enable_op_determinism

    enable_op_determinism()


def has_gpu() -> bool:
    """Whether what this process computes is computed on a GPU; it is settled from then on."""
    from tensorflow.config import list_logical_devices

    return bool(list_logical_devices("GPU"))


def labels_of_gpus() -> list[str]:
    """What the makers call the GPUs that TensorFlow sees here."""
    from tensorflow.config import list_physical_devices

    return [_label(gpu) for gpu in list_physical_devices("GPU")]


def _label(gpu: Any) -> str:
    return str(_details(gpu).get("device_name", gpu.name))


def _details(gpu: Any) -> dict[str, Any]:
    from tensorflow.config.experimental import get_device_details

    found: dict[str, Any] = get_device_details(gpu)
    return found
