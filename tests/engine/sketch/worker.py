"""The worker's process, with a session that mixes content and style, evaluation by evaluation.

Rule: a picture depends on its scene and the evaluation alone, so one that goes on from a checkpoint ends as one
that was never interrupted.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType, ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.devices.device import PROCESSOR
from engine.images import Picture, resize
from engine.painting.progress import ProgressTracker, Step
from engine.painting.pulse import Pulse
from engine.painting.scene import Scene
from engine.planning.cost_model import Speed
from engine.planning.measuring import Measured
from engine.protocol import Arithmetic, Likeness, Plan, Precision, Settings
from engine.workers import main
from engine.workers.ipc import Equipment

PAUSE_VARIABLE = "ATELIER_SKETCH_SECONDS"  # for each evaluation
CHECKPOINT_SECONDS = 0.1
SPEED = Speed(overhead=0.001, per_megapixel=0.1, precision=Precision.FLOAT32, compiling=0.0)

Saved = Mapping[str, NDArray[Any]]


class SketchSession:
    """As much of `engine.painting.session.Session` as a worker asks for."""

    network_digest = "sha256:sketch"
    lacks: Mapping[Precision, str] = MappingProxyType({})
    arithmetic = Arithmetic()
    kept_bytes = 0

    def __init__(self) -> None:
        self._pause = float(os.environ.get(PAUSE_VARIABLE, "0.01"))

    def compiled(self, plan: Plan, pictures: int = 1) -> tuple[bool, ...]:
        """Nothing has to be."""
        del pictures
        return (True,) * len(plan.levels)

    def paint(
        self, scene: Scene, plan: Plan, settings: Settings, *, resume: Saved | None = None
    ) -> Iterator[Step]:
        """All levels of the first frame, and then of each frame the last."""
        del settings
        later = plan.levels[-1].model_copy(update={"evaluations": plan.frame_evaluations})
        frames = [plan.levels, *[(later,)] * (plan.frames - 1)]
        tracker = ProgressTracker(frames)
        contents = [scene.content, *scene.frames][: plan.frames]
        done = 0 if resume is None else int(resume["evaluation"])
        for number, (levels, content) in enumerate(zip(frames, contents, strict=True)):
            for level, facts in enumerate(levels):
                for evaluation in range(1, facts.evaluations + 1):
                    picture = partial(_mixed, content, scene, plan, level, evaluation)
                    step = tracker.step(
                        number,
                        level,
                        evaluation,
                        losses={"total": 1.0},
                        picture=picture,
                        likeness=lambda: Likeness(style_reached=50, content_kept=50),
                        checkpoint=dict,
                    )
                    if step.evaluation > done or (level, evaluation) == tracker.end_of(number):
                        time.sleep(self._pause if step.evaluation > done else 0)
                        yield _with_checkpoint(step)

    def paint_batch(self, jobs: Sequence[tuple[Scene, Plan, Settings]]) -> Iterator[list[Step]]:
        """A step of each at a time."""
        yield from (list(steps) for steps in zip(*(self.paint(*job) for job in jobs), strict=True))


def _with_checkpoint(step: Step) -> Step:
    saved: Any = {"evaluation": np.array(step.evaluation)}
    return replace(step, checkpoint=lambda: saved)


def _mixed(content: Picture, scene: Scene, plan: Plan, level: int, evaluation: int) -> Picture:
    size = plan.result_size
    share = (level + evaluation / plan.levels[level].evaluations) / len(plan.levels) / 2
    photo, style = resize(content, *size), resize(scene.styles[0].picture, *size)
    mixed = photo.rgb * (1 - share) + style.rgb * share
    return Picture(mixed.round().astype(np.uint8), photo.alpha)


class TroubleError(Exception):
    """In place of TensorFlow's errors; it is never raised."""


def run(
    equipment: Equipment, open_session: Callable[[Equipment, Pulse], Any] = lambda *_: SketchSession()
) -> None:
    """Run the engine's worker with this session, and without the seconds that TensorFlow takes to load."""
    errors = ModuleType("tensorflow.errors")
    vars(errors).update(OpError=TroubleError, ResourceExhaustedError=TroubleError)
    sys.modules.update({"tensorflow": ModuleType("tensorflow"), "tensorflow.errors": errors})
    vars(main).update(
        _open_session=lambda *given: (open_session(*given), PROCESSOR),
        _measured=lambda *_: (Measured(SPEED), lambda _: None),
    )
    main.main(equipment.model_copy(update={"checkpoint_seconds": CHECKPOINT_SECONDS}))


if __name__ == "__main__":
    run(Equipment.model_validate_json(sys.argv[1]))
