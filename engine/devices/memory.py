"""How much memory a GPU has left for what is painted, and how much of it something took at most.

Rule: what this process has asked for, TensorFlow's allocator says; what the card has besides, the driver does, as others may
be on it. A processor has no memory of its own: `engine.planning.memory` says what this machine has.
"""

import ctypes
from typing import Any, Protocol

from engine.devices.device import has_gpu

GPU = "GPU:0"  # as this process counts, which sees one
DRIVER = "libcuda.so.1"


class Gauge(Protocol):
    """Of one device."""

    def reset(self) -> None:
        """Forget the peak."""

    def peak(self) -> int:
        """Bytes that were taken at once, at most since the last reset, beyond those that were taken then."""

    def left(self) -> int | None:
        """Bytes that can still be taken; None if nobody knows."""


class GpuMemory:
    """Of the GPU that this process has. driver: CUDA's library; None where it is not found."""

    def __init__(self, driver: Any = None) -> None:
        self._driver = driver
        self._highest = 0  # what the allocator has taken from the card and keeps
        self._before = 0
        self.reset()

    def reset(self) -> None:
        """See `Gauge.reset`."""
        from tensorflow.config.experimental import reset_memory_stats

        self._before, _ = self._look()
        reset_memory_stats(GPU)

    def peak(self) -> int:
        """See `Gauge.peak`."""
        _, peak = self._look()
        return max(peak - self._before, 0)

    def left(self) -> int | None:
        """See `Gauge.left`."""
        current, _ = self._look()
        if (limit := _limit()) is not None:
            return max(limit - current, 0)
        free = None if self._driver is None else free_bytes(self._driver)
        return None if free is None else free + self._highest - current

    def _look(self) -> tuple[int, int]:
        from tensorflow.config.experimental import get_memory_info

        found = get_memory_info(GPU)
        current, peak = int(found["current"]), int(found["peak"])
        self._highest = max(self._highest, peak)
        return current, peak


def gauge() -> Gauge | None:
    """Of what this process paints on; None for a processor. Settles the device, see `has_gpu`."""
    if not has_gpu():
        return None
    try:
        driver = ctypes.CDLL(DRIVER)
    except OSError:
        driver = None
    return GpuMemory(driver)


def free_bytes(driver: Any) -> int | None:
    """What the first GPU that this process sees could still give to anybody, by CUDA's driver API."""
    device, context, popped = ctypes.c_int(), ctypes.c_void_p(), ctypes.c_void_p()
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    if driver.cuInit(0) or driver.cuDeviceGet(ctypes.byref(device), 0):
        return None
    # TensorFlow has this context already, so nothing is made for it.
    if driver.cuDevicePrimaryCtxRetain(ctypes.byref(context), device):
        return None
    try:
        if driver.cuCtxPushCurrent_v2(context):
            return None
        failed = driver.cuMemGetInfo_v2(ctypes.byref(free), ctypes.byref(total))
        driver.cuCtxPopCurrent_v2(ctypes.byref(popped))
        return None if failed else free.value
    finally:
        driver.cuDevicePrimaryCtxRelease_v2(device)


def _limit() -> int | None:
    """The bytes that `engine.devices.device.take` has allowed; None if as many as there are."""
    from tensorflow.config import get_logical_device_configuration, get_visible_devices

    configured = get_logical_device_configuration(get_visible_devices("GPU")[0])
    megabytes = configured[0].memory_limit if configured else None
    return None if megabytes is None else int(megabytes * 2**20)
