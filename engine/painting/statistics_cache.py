"""Statistics of style images, kept on the disk: a style that was measured once is not measured again.

Rule: it is a cache, and nothing but time depends on it. A file that is damaged, half written or gone is a
miss, and a disk that is full or read-only keeps nothing. Several worker processes share one folder without
locks: files are written under a name of their own, then renamed, and whoever writes tidies up. Whose image they are of is
noted beside them, so that they go when the image is taken back.
"""

import hashlib
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.storage.atomic import UNFINISHED, write_whole

_SUFFIX, _NOTE = ".statistics", ".origin"
_UNFINISHED_SECONDS = 3600.0  # after which nobody is still writing it
_DIGEST_BYTES = hashlib.sha256().digest_size


class StatisticsCache:
    """Tuples of arrays by key, in one folder of at most `max_bytes`; those not used for longest go first.

    keeps: of which images, as they are noted; of others nothing is written.
    """

    def __init__(
        self, folder: Path, max_bytes: int, keeps: Callable[[str], bool] = lambda _origin: True
    ) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._keeps = keeps

    def get(self, key: str) -> tuple[NDArray[np.float32], ...] | None:
        """What was put under the key, or None; a damaged file is removed."""
        path = self._path(key)
        try:
            data = path.read_bytes()
            arrays = _unpack(data)
            if arrays is None:
                path.unlink()
            else:
                os.utime(path)  # now used most recently
        except OSError:  # none there, or somebody else has just removed it
            return None
        return arrays

    def put(self, key: str, arrays: Sequence[NDArray[np.float32]], origin: str = "") -> None:
        """Keep arrays under a key, unless they alone are larger than the bound or cannot be written.

        Nor if they are of an image, as noted before, that was to be forgotten while they were measured.
        """
        data = _pack(arrays)
        if len(data) > self._max_bytes or not self._keeps(origin):
            return
        with suppress(OSError):
            write_whole(self._path(key), data)
            if origin and not self._note(key, origin).exists():
                self._path(key).unlink(missing_ok=True)
            self._tidy()

    def note(self, key: str, origin: str) -> None:
        """Remember that what is put under a key, before or later, is of this image; "" is nobody's."""
        if origin and self._keeps(origin):
            with suppress(OSError):
                self._folder.mkdir(parents=True, exist_ok=True)
                self._note(key, origin).touch()

    def forget(self, origin: str) -> None:
        """Remove whatever is of this image. Raises OSError."""
        for note in self._folder.glob(f"{_hashed(origin)}.*{_NOTE}"):
            self._measured(note).unlink(missing_ok=True)
            note.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / (_hashed(key) + _SUFFIX)

    def _note(self, key: str, origin: str) -> Path:
        """The file that says what a key is of."""
        return self._folder / f"{_hashed(origin)}.{_hashed(key)}{_NOTE}"

    def _measured(self, note: Path) -> Path:
        """The file that a note is about."""
        return self._folder / (note.suffixes[0].removeprefix(".") + _SUFFIX)

    def _tidy(self) -> None:
        """Remove what others have left unfinished, then the least recently used until the rest fits."""
        kept: list[tuple[int, int, Path]] = []
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):  # removed by another worker meanwhile
                facts = path.stat()
                if path.suffix == _SUFFIX:
                    kept.append((facts.st_mtime_ns, facts.st_size, path))
                elif path.suffix == _NOTE and facts.st_mtime < time.time() - _UNFINISHED_SECONDS:
                    if not self._measured(path).exists():
                        path.unlink()
                elif path.suffix == UNFINISHED and facts.st_mtime < time.time() - _UNFINISHED_SECONDS:
                    path.unlink()
        total = sum(size for _, size, _ in kept)
        for _, size, path in sorted(kept):
            if total <= self._max_bytes:
                break
            path.unlink(missing_ok=True)
            total -= size


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _pack(arrays: Sequence[NDArray[np.float32]]) -> bytes:
    """The arrays as an npz file, behind its SHA-256."""
    out = BytesIO()
    np.savez(out, *arrays)
    data = out.getvalue()
    return hashlib.sha256(data).digest() + data


def _unpack(data: bytes) -> tuple[NDArray[np.float32], ...] | None:
    digest, packed = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
    if hashlib.sha256(packed).digest() != digest:
        return None
    with np.load(BytesIO(packed)) as archive:
        return tuple(archive[f"arr_{n}"] for n in range(len(archive.files)))
