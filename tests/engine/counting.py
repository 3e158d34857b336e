"""A session that only counts: what is done before and after the painting, without the network."""

import signal
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.images import Picture
from engine.protocol import Arithmetic, Likeness, Plan, Precision, Settings

if TYPE_CHECKING:
    from engine.painting.scene import Scene


@dataclass(frozen=True)
class Step:
    """What `engine.painting.progress.Step` is, and how to make a picture of a number."""

    level: int
    width: int
    height: int
    evaluation: int
    evaluations: int
    progress: float
    losses: dict[str, float]
    picture: Callable[[], Picture]
    likeness: Callable[[], Likeness]
    checkpoint: Callable[[], dict[str, Any]]
    frame: int = 0


class CountingSession:
    """Its picture is as bright as the number of evaluations, ten times."""

    network_digest = "sha256:counting"
    lacks: Mapping[Precision, str] = MappingProxyType({})
    arithmetic = Arithmetic()

    def __init__(self, interrupted_at: int | None = None) -> None:
        self.scene: Scene
        self.evaluated: list[int] = []
        self._interrupted_at = interrupted_at

    def paint(
        self, scene: "Scene", plan: Plan, settings: Settings, *, resume: dict[str, Any] | None = None
    ) -> Generator[Step, None, None]:
        """Count to the plan's end."""
        del settings
        self.scene = scene
        first = sum(level.evaluations for level in plan.levels)
        total = first + (min(plan.frames, 1 + len(scene.frames)) - 1) * plan.frame_evaluations
        for n in range(int(resume["evaluation"]) + 1 if resume else 1, total + 1):
            self.evaluated.append(n)
            if n == self._interrupted_at:
                signal.raise_signal(signal.SIGINT)
            frame = 0 if n <= first else 1 + (n - first - 1) // plan.frame_evaluations
            yield self._step(plan, n, total, frame)

    def _step(self, plan: Plan, n: int, total: int, frame: int) -> Step:
        level = 0 if n <= plan.levels[0].evaluations else len(plan.levels) - 1
        width, height = plan.result_size
        return Step(
            level=level,
            width=plan.levels[level].width,
            height=plan.levels[level].height,
            evaluation=n,
            evaluations=total,
            progress=n / total,
            losses={"total": 100.0 / n},
            picture=lambda: Picture(np.full((height, width, 3), 10 * n % 256, np.uint8)),
            likeness=lambda: Likeness(style_reached=70, content_kept=60),
            checkpoint=lambda: {"evaluation": np.array(n), "finished": np.array(frame)},
            frame=frame,
        )
