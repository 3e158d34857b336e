"""Judge the pictures of a folder: `python -m bench.subject FOLDER`.

Files are named PHOTO-PAINTING-SIZE-METHOD.png. All are compared at 256 pixels: what is larger is shrunk first, so that
sizes can be compared too. Prints a table with a line a method and size, and one for each anchor: the content untouched
and blurred, and the style itself. A measure that ranks an anchor above the paintings is one to distrust.
"""

import argparse
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from bench.measures import Judge
from bench.scenes import GRID, PHOTOS
from bench.subject.classifiers import VARIANTS, Classifier
from bench.subject.judges import SubjectJudge
from bench.subject.tables import Line, by_method, by_pair
from engine import images
from engine.images import Picture, resize
from engine.nst import vgg
from engine.planning import planner
from engine.styles import catalogue

SIZE = 256
BLUR = 8.0  # pixels of deviation


@dataclass(frozen=True)
class Entry:
    """A file of the folder."""

    path: Path
    photo: str
    painting: str
    size: int
    method: str


@dataclass(frozen=True)
class Subject:
    """What a picture was painted of, and in which style."""

    content: Picture
    style: Picture


def entries(folder: Path) -> list[Entry]:
    """All pictures of a folder; ValueError names a file that is called otherwise."""
    found = []
    for path in sorted(folder.glob("*.png")):
        photo, painting, size, method = (*path.stem.split("-", 3), "", "", "")[:4]
        if not size.isdecimal() or not method:
            raise ValueError(f"{path.name} is not called PHOTO-PAINTING-SIZE-METHOD.png")
        found.append(Entry(path, photo, painting, int(size), method))
    return found


def load(photo: Path, style: Path) -> Subject:
    """Decode both, and scale them to the size at which all are compared."""
    content, study = (flat(images.decode(path.read_bytes(), "content")) for path in (photo, style))
    return Subject(
        resize(content, *planner.fit(content.width, content.height, SIZE, grid=GRID)),
        resize(study, *planner.fit(study.width, study.height, SIZE, grid=1)),
    )


def flat(picture: Picture) -> Picture:
    """On white where it is transparent."""
    if picture.alpha is None:
        return picture
    share = picture.alpha[..., None] / 255
    return Picture(np.rint(picture.rgb * share + 255 * (1 - share)).astype(np.uint8), None)


def named(folder: Path | None, name: str) -> Path | None:
    """The image of that name, whatever its format."""
    found = sorted(folder.glob(f"{name}.*")) if folder else []
    return found[0] if found else None


class Bench:
    """Judges that stay loaded, and where the contents and styles are."""

    def __init__(self, photos: Path | None, styles: Path | None, *, quick: bool) -> None:
        self._photos, self._styles = photos, styles
        self._classifiers = [Classifier(each) for each in VARIANTS]
        self._network = None if quick else vgg.load()

    def lines(self, entries: Sequence[Entry]) -> Iterator[Line]:
        """Of all pictures of one pair, with its anchors first."""
        subject = self._subject(entries[0])
        content = subject.content
        subject_judge = SubjectJudge(self._classifiers, content)
        judge = Judge(self._network, content, subject.style) if self._network else None

        def line(method: str, picture: Picture) -> Line:
            fitted = resize(picture, content.width, content.height)
            return Line(
                f"{entries[0].photo}-{entries[0].painting}",
                method,
                subject_judge.judge(fitted),
                judge.style_distance(fitted) if judge else math.nan,
                judge.content_distance(fitted) if judge else math.nan,
            )

        for name, anchor in anchors(subject).items():
            yield line(name, anchor)
        for entry in entries:
            yield line(f"{entry.method} at {entry.size}", flat(images.decode(entry.path.read_bytes(), "content")))

    def _subject(self, entry: Entry) -> Subject:
        photo = named(self._photos, entry.photo) or named(PHOTOS, entry.photo)
        style = named(self._styles, entry.painting) or catalogue.image_path(entry.painting)
        if photo is None:
            raise ValueError(f"there is no photo {entry.photo}; say --photos FOLDER")
        return load(photo, style)


def anchors(subject: Subject) -> dict[str, Picture]:
    """What no good measure ranks above a painting in everything."""
    content, style = subject.content, subject.style
    soft = Image.fromarray(content.rgb).filter(ImageFilter.GaussianBlur(BLUR))
    return {
        "content untouched": content,
        "blurred content": Picture(np.asarray(soft), None),
        "style itself": resize(style, content.width, content.height),
    }


def grouped(entries: Iterable[Entry]) -> dict[tuple[str, str], list[Entry]]:
    """By pair, in the order of the folder."""
    found: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        found.setdefault((entry.photo, entry.painting), []).append(entry)
    return found


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(description="Judge what is seen in painted pictures.")
    parser.add_argument("folder", type=Path, help="with PHOTO-PAINTING-SIZE-METHOD.png")
    parser.add_argument("--photos", type=Path, help="folder of other photos than the demo's")
    parser.add_argument("--styles", type=Path, help="folder of other styles than the bundled studies")
    parser.add_argument("--pairs", action="store_true", help="print each pair too")
    parser.add_argument("--only", nargs="+", metavar="METHOD", help="of the folder's methods")
    parser.add_argument("--quick", action="store_true", help="without style and content")
    options = parser.parse_args()
    chosen = [each for each in entries(options.folder) if not options.only or each.method in options.only]
    if not chosen:
        parser.error(f"nothing to judge in {options.folder}")
    bench = Bench(options.photos, options.styles, quick=options.quick)
    lines = [line for of_pair in grouped(chosen).values() for line in bench.lines(of_pair)]
    if options.pairs:
        print(by_pair(lines), end="\n\n")
    print(by_method(lines))


if __name__ == "__main__":
    main()
