"""How far a painting is, over the levels of its pyramid and the frames of its animation. Free of TensorFlow."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.images import Picture
from engine.planning import planner
from engine.protocol import Level, Likeness

if TYPE_CHECKING:
    from engine.nst import pyramid
    from engine.nst.level import Checkpoint


@dataclass(frozen=True)
class Step:
    """How far a job is after one or more evaluations; the functions are worth calling only when somebody looks."""

    level: int  # 0 is the coarsest
    width: int  # of the level
    height: int
    evaluation: int  # so far, over all levels and frames
    evaluations: int  # planned, over all levels and frames
    progress: float  # 0 to 1, by cost
    losses: dict[str, float]
    picture: Callable[[], Picture]  # the best so far, at the size of the result, with the content's alpha
    likeness: Callable[[], Likeness]
    checkpoint: Callable[[], "Checkpoint"]
    frame: int = 0  # of an animation


class Meter:
    """Counts evaluations and progress over levels and frames."""

    def __init__(self, frames: Sequence[Sequence[Level]]) -> None:
        self._frames = frames
        self._evaluations = sum(_evaluations(levels) for levels in frames)
        self._cost = sum(_cost(levels) for levels in frames)

    def end(
        self,
        frame: int,
        picture: Callable[[], Picture],
        likeness: Callable[[], Likeness],
        resume: "Checkpoint",
    ) -> Step:
        """The end of a frame that was finished before the painting was interrupted."""
        levels = self._frames[frame]
        done = [each for levels in self._frames[: frame + 1] for each in levels]
        return Step(
            level=len(levels) - 1,
            width=levels[-1].width,
            height=levels[-1].height,
            evaluation=_evaluations(done),
            evaluations=self._evaluations,
            progress=_cost(done) / self._cost,
            losses={},
            picture=picture,
            likeness=likeness,
            checkpoint=lambda: resume,
            frame=frame,
        )

    def step(
        self,
        frame: int,
        step: "pyramid.LevelStep",
        picture: Callable[[], Picture],
        likeness: Callable[[], Likeness],
        checkpoint: Callable[[], "Checkpoint"],
        row: int = 0,
    ) -> Step:
        """A step of the maths as those see it who wait for the picture."""
        levels = self._frames[frame]
        level = levels[step.level]
        begun = [level.model_copy(update={"evaluations": step.evaluation})]
        before = [each for levels in self._frames[:frame] for each in levels] + list(levels[: step.level])
        return Step(
            level=step.level,
            width=level.width,
            height=level.height,
            evaluation=_evaluations([*before, *begun]),
            evaluations=self._evaluations,
            progress=_cost([*before, *begun]) / self._cost,
            losses=step.losses[row],
            picture=picture,
            likeness=likeness,
            checkpoint=checkpoint,
            frame=frame,
        )


def _evaluations(levels: Sequence[Level]) -> int:
    return sum(level.evaluations for level in levels)


def _cost(levels: Sequence[Level]) -> float:
    return sum(
        level.evaluations * level.width * level.height * planner.tiled_cost(level.width, level.height)
        for level in levels
    )
