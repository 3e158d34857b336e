"""What the benches paint: a fixed set of photos and paintings, with the plans to paint them by.

Rule: all benches paint with `Session.paint` as a job does, and all pictures of one pair have one size, so that they
can be compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine import images
from engine.images import Picture, resize
from engine.painting.scene import Scene, Style
from engine.planning import planner
from engine.planning.cost_model import Speed
from engine.protocol import Level, Plan, RecipeName, Settings
from engine.styles import catalogue

PHOTOS = Path(__file__).parents[1] / "demo" / "photos"
VARIOUS = Path(__file__).parent / "pictures"  # what nobody tuned to, see its README
PICTURES = tuple(PHOTOS / name for name in ("chelsea.png", "coffee.png", "rocket.jpg"))
PAINTINGS = ("starry_night", "great_wave", "the_scream", "composition_vii", "water_lilies")
CHELSEA, COFFEE, ROCKET = PICTURES
STARRY_NIGHT, GREAT_WAVE, SCREAM, COMPOSITION, WATER_LILIES = PAINTINGS
GRID = 8  # of the size that the pictures of a pair have
AMPLE = Speed(0.0, 1e-6)  # a device so fast that a plan is what its recipe wants at most


@dataclass(frozen=True)
class Pair:
    """A photo in the style of a bundled study, at a long side in pixels."""

    photo: Path
    painting: str
    size: int

    def __str__(self) -> str:
        return f"{self.photo.stem}-{self.painting}-{self.size}"


@dataclass(frozen=True)
class Subject:
    """A pair's images: as they are, and scaled to the size at which they are compared."""

    pair: Pair
    photo: Picture
    study: Picture
    content: Picture
    style: Picture

    @property
    def scene(self) -> Scene:
        """What a job gets."""
        return Scene(self.photo, [Style(self.study)])

    @property
    def pixels(self) -> int:
        """Of each picture."""
        return self.content.width * self.content.height


def pairs(size: int, photos: Sequence[Path] = PICTURES, paintings: Sequence[str] = PAINTINGS) -> list[Pair]:
    """Each photo with each painting."""
    return [Pair(photo, painting, size) for painting in paintings for photo in photos]


def hard(size: int) -> list[Pair]:
    """One pair of each painting, those on which the measures differ most from method to method."""
    chosen = (
        (COFFEE, COMPOSITION),
        (ROCKET, STARRY_NIGHT),
        (CHELSEA, SCREAM),
        (COFFEE, WATER_LILIES),
        (CHELSEA, GREAT_WAVE),
    )
    return [Pair(photo, painting, size) for photo, painting in chosen]


def various(size: int) -> list[Pair]:
    """Kinds of contents and styles that the set has not: none of them was tuned to."""
    photos = sorted(path for path in (VARIOUS / "photos").iterdir() if path.suffix != ".md")
    styles = [path.stem for path in sorted((VARIOUS / "styles").iterdir())]
    face = [Pair(PHOTOS / "astronaut.png", painting, size) for painting in (SCREAM, GREAT_WAVE, STARRY_NIGHT)]
    painted = [Pair(photo, painting, size) for photo in photos for painting in (STARRY_NIGHT, SCREAM)]
    return [
        *face,
        *painted,
        *(Pair(photo, style, size) for style in styles for photo in (CHELSEA, photos[0])),
    ]


def style_path(name: str) -> Path:
    """A bundled study, or one of the styles that are no paintings. Raises Refusal UNKNOWN_STYLE."""
    own = VARIOUS / "styles" / f"{name}.png"
    return own if own.is_file() else catalogue.image_path(name)


def load(pair: Pair) -> Subject:
    """Decode and scale a pair."""
    photo = images.decode(pair.photo.read_bytes(), "content")
    study = images.decode(style_path(pair.painting).read_bytes(), "style")
    content = resize(photo, *planner.fit(photo.width, photo.height, pair.size, grid=GRID))
    style = resize(study, *planner.fit(study.width, study.height, pair.size, grid=1))
    return Subject(pair, photo, study, content, style)


def single_level(subject: Subject, recipe: RecipeName, evaluations: int) -> Plan:
    """All evaluations at the full size, as the tutorial has it."""
    level = Level(width=subject.content.width, height=subject.content.height, evaluations=evaluations)
    return Plan(recipe=recipe, levels=(level,), seconds=0)


def usual(subject: Subject, recipe: RecipeName, evaluations: int | None = None) -> Plan:
    """What the engine would plan if time did not matter, to come out at the pair's size."""
    settings = Settings(recipe=recipe, size=subject.pair.size, evaluations=evaluations)
    plan = planner.make_plan(settings, subject.photo.width, subject.photo.height, AMPLE)
    return plan.model_copy(update={"width": subject.content.width, "height": subject.content.height})


def shortened(subject: Subject, recipe: RecipeName, equivalents: float) -> Plan:
    """The longest plan of at most `equivalents` evaluations: the engine's own, or its longest made longer evenly."""
    most = usual(subject, recipe)
    longest = most.levels[-1].evaluations
    plans = [usual(subject, recipe, finest) for finest in range(1, longest + 1)]
    plans += [stretched(most, finest) for finest in range(longest + 1, int(equivalents) + 1)]
    affordable = [each for each in plans if equivalents_of(each) <= equivalents]
    return max(affordable, key=equivalents_of, default=plans[0])


def stretched(plan: Plan, finest: int) -> Plan:
    """The plan with `finest` evaluations at the full size, and as many more or fewer at each other level."""
    factor = finest / plan.levels[-1].evaluations
    levels = tuple(
        level.model_copy(update={"evaluations": max(1, round(level.evaluations * factor))})
        for level in plan.levels
    )
    return plan.model_copy(update={"levels": levels})


def brief(plan: Plan) -> Plan:
    """One evaluation at each level: enough to have all shapes seen."""
    levels = tuple(level.model_copy(update={"evaluations": 1}) for level in plan.levels)
    return plan.model_copy(update={"levels": levels})


def equivalents_of(plan: Plan) -> float:
    """What a plan costs, in evaluations at the size of its result.

    A level's sides are rounded more coarsely than the result's, which is counted.
    """
    width, height = plan.result_size
    last = plan.levels[-1]
    return planner.equivalent_evaluations(plan.levels) * last.width * last.height / (width * height)
