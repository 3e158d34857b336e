"""Folders of painted pictures, as the benches that judge them take them: PHOTO-PAINTING-SIZE-METHOD.png.

Rule: content, style and picture are compared as people see them, what is transparent on white.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.scenes import GRID, PHOTOS, VARIOUS, style_path
from engine import images
from engine.images import Picture, resize
from engine.planning import planner


@dataclass(frozen=True)
class Entry:
    """A file of such a folder."""

    path: Path
    photo: str
    painting: str
    size: int
    method: str

    @property
    def pair(self) -> str:
        """What was painted how."""
        return f"{self.photo}-{self.painting}"


@dataclass(frozen=True)
class Sources:
    """Where contents and styles are, besides those of the benches; the first found counts."""

    photos: Path | None = None
    styles: Path | None = None

    def content(self, entry: Entry) -> Picture:
        """What a picture was painted of, as large as it is. ValueError: there is no such photo."""
        for folder in (self.photos, PHOTOS, VARIOUS / "photos"):
            if found := _named(folder, entry.photo):
                return _read(found)
        raise ValueError(f"there is no photo {entry.photo}; say --photos FOLDER")

    def style(self, entry: Entry) -> Picture:
        """In which style. Raises Refusal UNKNOWN_STYLE."""
        return _read(_named(self.styles, entry.painting) or style_path(entry.painting))


def entries(folder: Path) -> list[Entry]:
    """All pictures of a folder. ValueError names a file that is called otherwise."""
    found = []
    for path in sorted(folder.glob("*.png")):
        photo, painting, size, method = (*path.stem.split("-", 3), "", "", "")[:4]
        if not size.isdecimal() or not method:
            raise ValueError(f"{path.name} is not called PHOTO-PAINTING-SIZE-METHOD.png")
        found.append(Entry(path, photo, painting, int(size), method))
    return found


def read(entry: Entry) -> Picture:
    """The painted picture."""
    return _read(entry.path)


def fitted(picture: Picture, size: int, *, grid: int = GRID) -> Picture:
    """With a long side of `size` pixels, as a pair's content has it."""
    return resize(picture, *planner.fit(picture.width, picture.height, size, grid=grid))


def flat(picture: Picture) -> Picture:
    """On white where it is transparent."""
    if picture.alpha is None:
        return picture
    share = picture.alpha[..., None] / 255
    return Picture(np.rint(picture.rgb * share + 255 * (1 - share)).astype(np.uint8), None)


def _read(path: Path) -> Picture:
    return flat(images.decode(path.read_bytes(), "content"))


def _named(folder: Path | None, name: str) -> Path | None:
    found = sorted(folder.glob(f"{name}.*")) if folder else []
    return found[0] if found else None
