"""Whether a bundled study serves as well as its painting: `python -m bench.studies FOLDER [NAME...]`.

FOLDER holds the paintings as NAME.jpg. For each, a photo is painted in the style of the painting and in that of the
study, and the style distance of both to the painting is compared (`bench.measures`). Goal: at most 1.25 times.
"""

import argparse
from pathlib import Path

from bench.measures import Judge
from bench.scenes import AMPLE, PHOTOS
from engine import images
from engine.images import Picture, resize
from engine.painting.scene import Scene, Style
from engine.painting.session import Session
from engine.planning import planner
from engine.protocol import Settings
from engine.styles import catalogue

PHOTO = PHOTOS / "chelsea.png"
SIZE = 192
GOAL = 1.25


def ratio(session: Session, content: Picture, painting: Picture, study: Picture) -> float:
    """The style distance to the painting, with the study as the style over with the painting itself."""
    settings = Settings(size=SIZE)
    plan = planner.make_plan(settings, content.width, content.height, AMPLE)
    target = resize(painting, *planner.fit(painting.width, painting.height, SIZE, grid=1))
    judge = Judge(session.network, resize(content, *plan.result_size), target)
    distances = []
    for style in (study, painting):
        *_, last = session.paint(Scene(content, [Style(style)]), plan, settings)
        distances.append(judge.measure(last.picture()).style)
    return distances[0] / distances[1]


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(description="Compare the bundled studies with their paintings.")
    parser.add_argument("folder", type=Path, help="holds the paintings as NAME.jpg")
    parser.add_argument("names", nargs="*", metavar="NAME", help="styles; all of them if none is named")
    arguments = parser.parse_args()
    folder, names = arguments.folder, arguments.names
    unknown = set(names) - {card.name for card in catalogue.cards()}
    if unknown:
        parser.error(f"no such style: {', '.join(sorted(unknown))}")
    session = Session()
    content = images.decode(PHOTO.read_bytes(), "content")
    for card in catalogue.cards():
        if names and card.name not in names:
            continue
        path = folder / f"{card.name}.jpg"
        if not path.is_file():
            print(f"{card.name}: no {path}")
            continue
        painting = images.decode(path.read_bytes(), "painting")
        study = images.decode(catalogue.image_path(card.name).read_bytes(), "study")
        found = ratio(session, content, painting, study)
        print(f"{card.name}: {found:.2f}, goal {'met' if found <= GOAL else 'missed'}", flush=True)


if __name__ == "__main__":
    main()
