"""What a card has left is what its driver says, with what TensorFlow's allocator holds of it and does not use."""

import ctypes
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from engine.devices.memory import GPU, GpuMemory, free_bytes, gauge

GB = 2**30


class Driver:
    """CUDA's driver, as far as it is asked; fails: the call that does."""

    def __init__(self, free: int = 10 * GB, fails: str = "") -> None:
        self.free = free
        self.fails = fails
        self.retained = 0

    def cuInit(self, _flags: int) -> int:  # noqa: N802 - its names
        return int(self.fails == "cuInit")

    def cuDeviceGet(self, device: Any, number: int) -> int:  # noqa: N802
        device._obj.value = 40 + number
        return int(self.fails == "cuDeviceGet")

    def cuDevicePrimaryCtxRetain(self, context: Any, device: ctypes.c_int) -> int:  # noqa: N802
        assert device.value == 40
        context._obj.value = 7
        self.retained += 1
        return int(self.fails == "cuDevicePrimaryCtxRetain")

    def cuDevicePrimaryCtxRelease_v2(self, _device: ctypes.c_int) -> int:  # noqa: N802
        self.retained -= 1
        return 0

    def cuCtxPushCurrent_v2(self, context: ctypes.c_void_p) -> int:  # noqa: N802
        assert context.value == 7
        return int(self.fails == "cuCtxPushCurrent_v2")

    def cuCtxPopCurrent_v2(self, _context: Any) -> int:  # noqa: N802
        return 0

    def cuMemGetInfo_v2(self, free: Any, _total: Any) -> int:  # noqa: N802
        free._obj.value = self.free
        return int(self.fails == "cuMemGetInfo_v2")


class Allocator:
    """TensorFlow's."""

    def __init__(self) -> None:
        self.current = self.peak = 0
        self.limit: int | None = None

    def take(self, size: int) -> None:
        self.current += size
        self.peak = max(self.peak, self.current)

    def get_memory_info(self, device: str) -> dict[str, int]:
        assert device == GPU
        return {"current": self.current, "peak": self.peak}

    def reset_memory_stats(self, device: str) -> None:
        assert device == GPU
        self.peak = self.current


@pytest.fixture
def allocator(monkeypatch: pytest.MonkeyPatch) -> Allocator:
    """In place of TensorFlow, which has none of a GPU here."""
    found = Allocator()
    config, experimental = ModuleType("tensorflow.config"), ModuleType("tensorflow.config.experimental")
    vars(experimental).update(
        get_memory_info=found.get_memory_info, reset_memory_stats=found.reset_memory_stats
    )
    vars(config).update(
        get_visible_devices=lambda _: ["the card"],
        get_logical_device_configuration=lambda _: (
            found.limit and [SimpleNamespace(memory_limit=found.limit)]
        ),
        list_logical_devices=lambda _: [],
    )
    monkeypatch.setitem(sys.modules, "tensorflow.config", config)
    monkeypatch.setitem(sys.modules, "tensorflow.config.experimental", experimental)
    return found


def test_a_peak_is_what_something_took_besides_what_was_there(allocator: Allocator) -> None:
    allocator.take(GB)
    card = GpuMemory(Driver())
    allocator.take(3 * GB)
    allocator.take(-2 * GB)
    assert card.peak() == 3 * GB
    card.reset()
    allocator.take(GB)
    assert card.peak() == GB


def test_what_the_allocator_keeps_is_left_too(allocator: Allocator) -> None:
    card, driver = GpuMemory(), Driver()
    assert card.left() is None
    card = GpuMemory(driver)
    allocator.take(4 * GB)
    driver.free -= 4 * GB
    allocator.take(-3 * GB)  # it gives nothing back to the card
    assert card.left() == 9 * GB
    driver.free -= 5 * GB  # somebody else is on it
    assert card.left() == 4 * GB
    assert driver.retained == 0


def test_a_limit_that_was_set_is_all_there_is(allocator: Allocator) -> None:
    allocator.limit = 2048
    allocator.take(GB)
    assert GpuMemory(Driver()).left() == GB


@pytest.mark.parametrize(
    "call",
    ["cuInit", "cuDeviceGet", "cuDevicePrimaryCtxRetain", "cuCtxPushCurrent_v2", "cuMemGetInfo_v2"],
)
def test_a_driver_that_fails_says_nothing(call: str) -> None:
    assert free_bytes(Driver()) == 10 * GB
    assert free_bytes(Driver(fails=call)) is None


@pytest.mark.usefixtures("allocator")
def test_a_processor_has_none_of_its_own() -> None:
    assert gauge() is None
