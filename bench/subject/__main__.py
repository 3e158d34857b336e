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

from bench.entries import Entry, Sources, entries, fitted, read
from bench.measures import Judge
from bench.subject.classifiers import VARIANTS, Classifier
from bench.subject.faces import FaceJudge, Networks
from bench.subject.judges import SubjectJudge
from bench.subject.tables import Line, by_method, by_pair, faces
from engine.images import Picture, resize
from engine.nst import vgg

SIZE, FACE_SIZE = 256, 384
BLUR = 8.0  # pixels of deviation


@dataclass(frozen=True)
class Subject:
    """What a picture was painted of, and in which style."""

    content: Picture
    enlarged: Picture  # the content as large as faces are judged: nothing is to be seen in small ones
    style: Picture


@dataclass(frozen=True)
class PairJudges:
    """All who judge pictures of one pair."""

    subject: Subject
    of_subject: SubjectJudge
    of_face: FaceJudge | None
    of_style: Judge | None

    def line(self, pair: str, method: str, picture: Picture) -> Line:
        """A picture of any size, judged at the sizes of this bench."""
        content, large = self.subject.content, self.subject.enlarged
        fitted = resize(picture, content.width, content.height)
        return Line(
            pair,
            method,
            self.of_subject.judge(fitted),
            self.of_style.style_distance(fitted) if self.of_style else math.nan,
            self.of_style.content_distance(fitted) if self.of_style else math.nan,
            self.of_face.judge(resize(picture, large.width, large.height)) if self.of_face else None,
        )


class Bench:
    """Judges that stay loaded."""

    def __init__(self, sources: Sources, *, quick: bool) -> None:
        self._sources = sources
        self._classifiers = [Classifier(each) for each in VARIANTS]
        self._network = None if quick else vgg.load()
        self._face_networks = Networks()

    def lines(self, of_pair: Sequence[Entry]) -> Iterator[Line]:
        """Of all pictures of one pair, with its anchors first."""
        first = of_pair[0]
        subject = load(first, self._sources)
        judges = self._judges(subject)
        for name, anchor in anchors(subject).items():
            yield judges.line(first.pair, name, anchor)
        for entry in of_pair:
            yield judges.line(entry.pair, f"{entry.method} at {entry.size}", read(entry))

    def _judges(self, subject: Subject) -> "PairJudges":
        large = subject.enlarged
        box = self._face_networks.face(large)
        return PairJudges(
            subject,
            SubjectJudge(self._classifiers, subject.content),
            FaceJudge(self._face_networks, large, box) if box else None,
            Judge(self._network, subject.content, subject.style) if self._network else None,
        )


def load(entry: Entry, sources: Sources) -> Subject:
    """Content and style, scaled to the sizes at which all are compared."""
    content, style = sources.content(entry), sources.style(entry)
    return Subject(fitted(content, SIZE), fitted(content, FACE_SIZE), fitted(style, SIZE, grid=1))


def anchors(subject: Subject) -> dict[str, Picture]:
    """What no good measure ranks above a painting in everything."""
    content, style = subject.content, subject.style
    soft = Image.fromarray(content.rgb).filter(ImageFilter.GaussianBlur(BLUR))
    return {
        "content untouched": content,
        "blurred content": Picture(np.asarray(soft), None),
        "style itself": resize(style, content.width, content.height),
    }


def grouped(found_entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """By pair, in the order of the folder."""
    found: dict[str, list[Entry]] = {}
    for entry in found_entries:
        found.setdefault(entry.pair, []).append(entry)
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
    bench = Bench(Sources(options.photos, options.styles), quick=options.quick)
    lines = [line for of_pair in grouped(chosen).values() for line in bench.lines(of_pair)]
    if options.pairs:
        print(by_pair(lines), end="\n\n")
    print(by_method(lines))
    if found := faces(lines):
        print(f"\nWhere the content has a face:\n\n{found}")


if __name__ == "__main__":
    main()
