"""A batch as it travels: with names in place of the engine's paths, and the files by these names.

Rule: only the engine makes names, and only it says where a file of a name belongs; what a booth says leads nowhere else. A
bundled study is not sent, since it came along with the engine.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.styles import catalogue
from engine.workers.ipc import Audition, Run, Work

_STUDY = "study-"
_NAME = re.compile(r"(sent|kept|out|study)-[\w.-]+(/[\w.-]+)?", re.ASCII)


@dataclass
class Parcel:
    """A batch in names, in `works`; sent: the files that the booth is to be given.

    kept: where each checkpoint belongs. outboxes: of each of the works its name and the engine's folder.
    """

    works: list[Work] = field(default_factory=list)
    sent: dict[str, Path] = field(default_factory=dict)
    kept: dict[str, Path] = field(default_factory=dict)
    outboxes: list[tuple[str, Path]] = field(default_factory=list)

    @classmethod
    def of(cls, batch: Sequence[Work]) -> "Parcel":
        """Give everything a name; reads the files. Raises OSError."""
        parcel = cls()
        for work in batch:
            parcel.outboxes.append((f"out-{len(parcel.outboxes)}", Path(work.outbox)))
            renamed = moved(work, image=parcel._send, checkpoint=parcel._keep, outbox=parcel._put_out)
            parcel.works.append(renamed)
        return parcel

    def _send(self, image: str) -> str:
        file = Path(image)
        if file.parent == catalogue.FOLDER:
            return _STUDY + file.name
        name = f"sent-{hashlib.sha256(file.read_bytes()).hexdigest()}"
        self.sent[name] = file
        return name

    def _put_out(self, _: str) -> str:
        return self.outboxes[-1][0]

    def _keep(self, checkpoint: str) -> str:
        name, file = f"kept-{len(self.kept)}", Path(checkpoint)
        self.kept[name] = file
        if file.exists():
            self.sent[name] = file
        return name


def moved(
    work: Work, *, image: Callable[[str], str], checkpoint: Callable[[str], str], outbox: Callable[[str], str]
) -> Work:
    """The same work with its files elsewhere."""
    if isinstance(work, Audition):
        tiles = tuple(_moved(tile, image, checkpoint, outbox) for tile in work.tiles)
        return work.model_copy(update={"outbox": outbox(work.outbox), "tiles": tiles})
    return _moved(work, image, checkpoint, outbox)


def unpacked(work: Work, folder: Path) -> Work:
    """A work in names, by paths in the booth's folder. Raises ValueError for what is no name."""

    def path(name: str) -> str:
        return str(path_of(name, folder))

    return moved(work, image=path, checkpoint=path, outbox=path)


def path_of(name: str, folder: Path) -> Path:
    """Where a file of this name is in a booth's folder. Raises ValueError for what is no name."""
    if not _NAME.fullmatch(name) or ".." in name:
        raise ValueError(f"{name!r} is no name of a file")
    if name.startswith(_STUDY):
        return catalogue.FOLDER / name.removeprefix(_STUDY)
    return folder / name


def _moved(
    run: Run, image: Callable[[str], str], checkpoint: Callable[[str], str], outbox: Callable[[str], str]
) -> Run:
    styles = tuple(
        style.model_copy(
            update={"image": image(style.image), "mask": None if style.mask is None else image(style.mask)}
        )
        for style in run.styles
    )
    return run.model_copy(
        update={
            "content": image(run.content),
            "styles": styles,
            "previous": None if run.previous is None else image(run.previous),
            "outbox": outbox(run.outbox),
            "checkpoint": None if run.checkpoint is None else checkpoint(run.checkpoint),
        }
    )
