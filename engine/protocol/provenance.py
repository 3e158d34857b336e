"""How a picture was painted, as it is written inside it.

Rule: it can come back from anywhere, so all of it is bounded, and what no engine paints by is refused.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Any, cast

from pydantic import Field, StringConstraints, model_validator

from engine.protocol import limits, settings
from engine.protocol.message import Evaluations, Message
from engine.protocol.plan import Plan
from engine.protocol.request import Settings, Weight

_MOST_EVALUATIONS = cast("int", settings.EVALUATIONS.maximum)  # of a level

# Where an image came from: "sha256:..." of the file that was sent, or a bundled style's name.
Source = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{0,80}$")]


class Arithmetic(Message):
    """What decides the last bits of a picture besides its plan, its seed and its network.

    gpu: whether one painted it, which adds in another order each time; deterministic: unless it was told not to.
    """

    gpu: bool = False
    deterministic: bool = False


class Provenance(Message):
    """How a picture was painted, as it is written inside it; it can come back from anywhere, so all is bounded.

    weights, masks: of the styles; no masks at all if none has one. previous: the earlier result that it went on
    from. network: "sha256:..." of the numbers that it was painted with; older pictures tell neither this nor the arithmetic.
    plan: with the settings, the images and the network all that decides the picture but for rounding, because the same
    request may get another plan on another machine.
    """

    engine: str = Field(pattern=r"^[A-Za-z0-9_.+-]{0,40}$")  # its version
    content: Source
    styles: tuple[Source, ...] = Field(min_length=1, max_length=limits.MAX_STYLES)
    weights: tuple[Weight, ...]
    masks: tuple[Source | None, ...] = ()
    previous: Source | None = None
    network: Source | None = None
    arithmetic: Arithmetic | None = None
    settings: Settings
    plan: Plan
    evaluations_done: Evaluations

    @classmethod
    def from_anywhere(cls, text: str | bytes) -> "Provenance":
        """What a text says that may come from anybody: bounded like a request, and like the plan of one.

        Raises ValueError for what no engine has ever painted by.
        """
        provenance = cls.model_validate_json(text)
        if problems := sorted(_impossible(provenance)):
            raise ValueError(f"nothing is painted by such {', '.join(problems)}")
        return provenance

    @model_validator(mode="before")
    @classmethod
    def _without_worded_notes(cls, data: Any) -> Any:
        """Older pictures hold notes as sentences, which decide nothing."""
        match data:
            case {"plan": {"notes": [{"message": _}, *_]} as plan}:
                return data | {"plan": plan | {"notes": []}}
        return data

    @model_validator(mode="after")
    def _one_of_each(self) -> "Provenance":
        if len(self.weights) != len(self.styles) or len(self.masks) not in (0, len(self.styles)):
            raise ValueError("each style has one weight and at most one mask")
        return self


def _impossible(provenance: Provenance) -> Iterator[str]:
    """What of a provenance is beyond what an engine does."""
    plan, wish = provenance.plan, provenance.settings
    sides = [(level.width, level.height) for level in plan.levels]
    counts = [level.evaluations for level in plan.levels] + [plan.frame_evaluations] * (plan.frames > 1)
    box = limits.PRESETS[wish.preset] if wish.preset else None
    width, height = plan.result_size
    possible = {
        "auditions": plan.audition is None,
        "numbers of levels": len(sides) <= limits.MAX_LEVELS,
        "levels": all(limits.MIN_LEVEL_SIDE <= side <= limits.MAX_SIDE for size in sides for side in size),
        "orders of levels": all(
            a <= b for one, next_ in pairwise(sides) for a, b in zip(one, next_, strict=True)
        ),
        "evaluations": all(1 <= count <= _MOST_EVALUATIONS for count in counts),
        "numbers of frames": plan.frames <= limits.MAX_PAINTED_FRAMES,
        "sizes": max(width, height) <= limits.MAX_SIDE,
        "sizes for a purpose": box is None or (width <= box.width and height <= box.height),
        "ends": provenance.evaluations_done <= plan.evaluations,
    }
    yield from (name for name, is_possible in possible.items() if not is_possible)
