"""What is kept of a painting while it is made, so that a crash costs seconds of it and not all.

Rule: a checkpoint is used whole, and for the very same work, or not at all: it carries a digest of what it
belongs to, and a file that is damaged, stale or of another engine is as good as none. Writing one never fails
a painting, and takes at most SHARE of its time. It is not synced: a power cut may cost it, a crash does not.
"""

import hashlib
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from engine.images import Picture
from engine.painting.snapshots import Snapshot
from engine.protocol import CrashPoint, reach
from engine.workers.ipc import Run

log = structlog.get_logger()

SHARE = 0.02
_RESUME = "resume/"
_PICTURE = "picture"
_DAMAGE = (  # all that NumPy and the zip module were seen to raise for damaged files
    ArithmeticError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Saved:
    """All that a painting goes on from.

    resume: `Step.checkpoint()`. evaluation: of that step. seconds: what it took so far. snapshots, spacing:
    of its `SnapshotSampler`. picture: of a tile of an audition, as it is shown.
    """

    resume: Mapping[str, NDArray[Any]]
    evaluation: int
    seconds: float
    snapshots: tuple[Snapshot, ...]
    spacing: float
    picture: Picture | None = None


class Checkpoints:
    """The checkpoint file of one job; without a path there is none.

    seconds: the least between two. outlast_stop: one is written when the painting is stopped early, too,
    because whoever has stopped it may go on.
    """

    def __init__(
        self, path: Path | None, digest: bytes, seconds: float, *, outlast_stop: bool = False
    ) -> None:
        self.outlast_stop = outlast_stop
        self._path = path
        self._digest = np.frombuffer(digest, np.uint8)
        self._seconds = seconds
        self._next = time.monotonic() + seconds

    @property
    def is_due(self) -> bool:
        """Whether enough time has passed for another one."""
        return self._path is not None and time.monotonic() >= self._next

    def read(self) -> Saved | None:
        """What to go on from, if there is anything."""
        if self._path is None or not self._path.exists():
            return None
        try:
            # Opened here: NumPy leaves a file that is no archive open.
            with self._path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
                if not np.array_equal(archive["digest"], self._digest):
                    return None
                return _unpack({name: archive[name] for name in archive.files})
        except _DAMAGE as error:
            log.warning("a checkpoint is damaged", path=str(self._path), why=type(error).__name__)
            return None

    def write(self, save: Callable[[], Saved]) -> None:
        """Keep what `save` returns; where that is not possible, go on without."""
        if self._path is None:
            return
        start = time.monotonic()
        temporary = self._path.with_name(self._path.name + ".part")
        try:
            with temporary.open("wb") as file:
                np.savez(file, allow_pickle=False, digest=self._digest, **_pack(save()))
            reach(CrashPoint.CHECKPOINT_BEGUN)
            temporary.rename(self._path)
            reach(CrashPoint.CHECKPOINT_WRITTEN)
        except (OSError, MemoryError) as error:
            # The disk is full, or the job was cancelled and its folder removed.
            log.warning("a checkpoint cannot be written", path=str(self._path), why=str(error))
            with suppress(OSError):  # what there is of it would take the room that is missing
                temporary.unlink(missing_ok=True)
        end = time.monotonic()
        self._next = end + max(self._seconds, (end - start) / SHARE)


def digest_of(run: Run, network: str) -> bytes:
    """Hash all that decides how the picture will look, when it is painted with the network of this `vgg.digest`.

    Raises OSError for an image that cannot be read.
    """
    whole = hashlib.sha256(f"{version('atelier')} {network}".encode())
    plan = run.plan.model_dump_json(exclude={"seconds", "notes"})
    whole.update(run.settings.model_dump_json().encode() + plan.encode())
    masks = [style.mask for style in run.styles]
    for path in (run.content, run.previous, *(style.image for style in run.styles), *masks):
        whole.update(hashlib.sha256(Path(path).read_bytes()).digest() if path else b"-")
    whole.update(repr([style.weight for style in run.styles]).encode())
    return whole.digest()


def _pack(saved: Saved) -> Arrays:
    arrays: Arrays = {f"{_RESUME}{name}": np.asarray(array) for name, array in saved.resume.items()}
    arrays["facts"] = np.array([saved.evaluation, saved.seconds, saved.spacing], np.float64)
    arrays["snapshots"] = np.array(
        [(snapshot.progress, snapshot.evaluation) for snapshot in saved.snapshots], np.float64
    ).reshape(-1, 2)
    for number, snapshot in enumerate(saved.snapshots):
        arrays |= _pack_picture(f"snapshot-{number}", snapshot.picture)
    return arrays if saved.picture is None else arrays | _pack_picture(_PICTURE, saved.picture)


def _unpack(arrays: Arrays) -> Saved:
    evaluation, seconds, spacing = arrays["facts"].tolist()
    return Saved(
        resume={
            name.removeprefix(_RESUME): array for name, array in arrays.items() if name.startswith(_RESUME)
        },
        evaluation=int(evaluation),
        seconds=seconds,
        snapshots=tuple(
            Snapshot(progress, int(at), _unpack_picture(f"snapshot-{number}", arrays))
            for number, (progress, at) in enumerate(arrays["snapshots"].tolist())
        ),
        spacing=spacing,
        picture=_unpack_picture(_PICTURE, arrays) if f"{_PICTURE}/rgb" in arrays else None,
    )


def _pack_picture(name: str, picture: Picture) -> Arrays:
    alpha = {} if picture.alpha is None else {f"{name}/alpha": picture.alpha}
    return {f"{name}/rgb": picture.rgb, **alpha}


def _unpack_picture(name: str, arrays: Arrays) -> Picture:
    return Picture(arrays[f"{name}/rgb"], arrays.get(f"{name}/alpha"))
