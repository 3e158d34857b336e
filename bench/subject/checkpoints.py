"""Weights that PyTorch saved, read without PyTorch: arrays are all that the judges need of it.

Rule: only what a state dictionary consists of is unpickled; any other name in the file is refused.
"""

import pickle
import struct
from collections import OrderedDict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

MAGIC = 0x1950A86A20F9469CFC6C
STORAGES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


class _Storage:
    """Memory that tensors are views of; its values come after all tensors in the file."""

    def __init__(self, kind: np.dtype[Any], count: int) -> None:
        self.kind, self.values = kind, np.zeros(count, kind)


class _Tensor:
    """A view of a storage."""

    def __init__(
        self, storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]
    ) -> None:
        self._storage, self._offset, self._shape, self._strides = storage, offset, shape, strides

    def array(self) -> NDArray[Any]:
        """Its values."""
        size = self._storage.kind.itemsize
        strides = [size * each for each in self._strides]
        seen = self._storage.values[self._offset :]
        return np.lib.stride_tricks.as_strided(seen, self._shape, strides).copy()


def _rebuilt(
    storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object
) -> _Tensor:
    return _Tensor(storage, offset, shape, strides)


class _Unpickler(pickle.Unpickler):
    """Knows tensors and nothing else."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuilt
        if module == "torch" and name in STORAGES:
            return STORAGES[name]
        raise pickle.UnpicklingError(f"a state dictionary has no {module}.{name}")

    def persistent_load(self, pid: Any) -> _Storage:
        _, kind, key, _, count, *_ = pid
        return self.storages.setdefault(key, _Storage(kind, count))


def read(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a state dictionary, by name, from the format before PyTorch 1.6.

    ValueError: it is another format.
    """
    with path.open("rb") as file:
        if _Unpickler(file).load() != MAGIC:
            raise ValueError(f"{path.name} is no checkpoint of PyTorch before 1.6")
        for _ in ("protocol", "sizes of types"):
            _Unpickler(file).load()
        tensors = _Unpickler(file)
        state = tensors.load()
        for key in _Unpickler(file).load():
            storage = tensors.storages[key]
            (count,) = struct.unpack("<q", file.read(8))
            storage.values[:] = np.frombuffer(file.read(count * storage.kind.itemsize), storage.kind)
    return {name: tensor.array() for name, tensor in state.items()}
