"""Every setting of a job, declared once: name, default, bounds and help.

The slash command's options, the validation of a request, the command line and the help texts read these;
nothing else may state a default or a bound.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class RecipeName(StrEnum):
    """The ways to paint; what each does is data in `engine.nst.recipes`."""

    DRAFT = "draft"
    STANDARD = "standard"
    FINE = "fine"
    TUTORIAL = "tutorial"


class Colours(StrEnum):
    """Whose colours the result has."""

    PAINTED = "painted"
    KEPT = "kept"
    MATCHED = "matched"


class Start(StrEnum):
    """What the optimisation begins with."""

    CONTENT = "content"
    NOISE = "noise"
    PREVIOUS = "previous"


class Preset(StrEnum):
    """What the result is for; sizes and byte limits are in `limits.PRESETS`."""

    EMOJI = "emoji"
    STICKER = "sticker"
    AVATAR = "avatar"
    BANNER = "banner"


@dataclass(frozen=True)
class Knob(Generic[T]):
    """One setting; a default of None means that the engine chooses."""

    name: str
    help: str
    default: T
    minimum: T | None = None
    maximum: T | None = None


RECIPE: Knob[RecipeName] = Knob(
    "recipe",
    "draft: a quick look; standard: the usual; fine: slow, but the best; tutorial: the 2018 classic.",
    RecipeName.STANDARD,
)
SIZE: Knob[int | None] = Knob(
    "size",
    "Longer side of the result in pixels; without it, as large as the recipe has time for.",
    None,
    64,
    4096,
)
STRENGTH: Knob[int] = Knob(
    "strength",
    "How much style: 0 is the picture itself, 100 is all style.",
    50,
    0,
    100,
)
SEED: Knob[int] = Knob(
    "seed",
    "Another number paints another version; the same number paints the same one again.",
    0,
    0,
    2**31 - 1,
)
BUDGET: Knob[float | None] = Knob(
    "budget", "Seconds the painting may take; left out, the recipe's own.", None, 1.0, 3600.0
)
EVALUATIONS: Knob[int | None] = Knob(
    "evaluations",
    "Most evaluations (loss and gradient) at the full size; left out, what the budget allows.",
    None,
    1,
    5000,
)

COLOURS: Knob[Colours] = Knob(
    "colours",
    "painted: the style's; kept: the picture's own; matched: the style's, made to suit the picture.",
    Colours.PAINTED,
)
STYLE_SCALE: Knob[float] = Knob(
    "style_scale", "Size of the brush strokes: 0.5 for finer ones, 2 for larger ones.", 1.0, 0.25, 4.0
)
START: Knob[Start] = Knob(
    "start",
    "content: the picture itself; noise: paint it afresh; previous: go on from an earlier result.",
    Start.CONTENT,
)
PRESET: Knob[Preset | None] = Knob(
    "preset", "Make it the right size for an emoji, a sticker, an avatar or a banner.", None
)

KNOBS: dict[str, Knob[Any]] = {
    knob.name: knob
    for knob in (
        RECIPE,
        SIZE,
        STRENGTH,
        SEED,
        BUDGET,
        EVALUATIONS,
        COLOURS,
        STYLE_SCALE,
        START,
        PRESET,
    )
}
