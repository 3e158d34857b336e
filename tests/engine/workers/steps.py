"""Steps of a painting that nobody paints, and the run that they are of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from engine.images import Picture
from engine.protocol import Level, Likeness, Plan, RecipeName, Settings
from engine.workers.ipc import Run, WeightedStyle
from tests.engine.scripted import provenance


@dataclass(frozen=True)
class FakeStep:
    """As much of a session's step as is looked at."""

    evaluation: int
    evaluations: int
    shown: Picture
    frame: int = 0
    level: int = 0
    width: int = 8
    height: int = 8
    losses: dict[str, float] = field(default_factory=dict)

    @property
    def progress(self) -> float:
        return self.evaluation / self.evaluations

    def picture(self) -> Picture:
        return self.shown

    def likeness(self) -> Likeness:
        return Likeness(style_reached=70, content_kept=50)

    def checkpoint(self) -> dict[str, np.ndarray[Any, Any]]:
        return {"evaluation": np.array(self.evaluation)}


def noise(width: int, height: int, seed: int = 0, *, alpha: bool = False) -> Picture:
    numbers = np.random.default_rng(seed).integers(0, 256, (height, width, 4), np.uint8)
    return Picture(numbers[..., :3], numbers[..., 3] if alpha else None)


def steps(count: int, shown: Sequence[Picture]) -> list[Any]:
    """So many steps of each frame; any, because a real one would bring in TensorFlow."""
    total = count * len(shown)
    return [FakeStep(n + 1, total, shown[n // count], frame=n // count) for n in range(total)]


def run_of(folder: Path, frames: int = 1, **settings: Any) -> Run:
    knobs = Settings(**settings)
    plan = Plan(
        recipe=RecipeName.DRAFT,
        levels=(Level(width=8, height=8, evaluations=1),),
        seconds=1.0,
        frames=frames,
    )
    return Run(
        job="job",
        attempt=1,
        content="content",
        styles=(WeightedStyle(image="style", weight=1.0),),
        settings=knobs,
        plan=plan,
        outbox=str(folder / "outbox"),
        provenance=provenance(plan, knobs),
    )
