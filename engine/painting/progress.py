"""How far a painting is, over the levels of its pyramid and the frames of its animation. Free of TensorFlow."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.images import Picture
from engine.planning import planner
from engine.protocol import Level, Likeness

if TYPE_CHECKING:
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


class ProgressTracker:
    """Counts evaluations and progress over the levels of each frame."""

    def __init__(self, frames: Sequence[Sequence[Level]]) -> None:
        self._frames = frames
        self._evaluations = sum(_evaluations(levels) for levels in frames)
        self._cost = sum(_cost(levels) for levels in frames)

    def end_of(self, frame: int) -> tuple[int, int]:
        """(level, evaluation) of a frame's last step, as `step` counts them."""
        levels = self._frames[frame]
        return len(levels) - 1, levels[-1].evaluations

    def step(
        self,
        frame: int,
        level: int,
        evaluation: int,
        *,
        losses: dict[str, float],
        picture: Callable[[], Picture],
        likeness: Callable[[], Likeness],
        checkpoint: Callable[[], "Checkpoint"],
    ) -> Step:
        """After an evaluation, counted from 1, of a level of a frame, both counted from 0."""
        levels = self._frames[frame]
        current = levels[level]
        earlier = [each for levels in self._frames[:frame] for each in levels]
        done = [*earlier, *levels[:level], current.model_copy(update={"evaluations": evaluation})]
        return Step(
            level=level,
            width=current.width,
            height=current.height,
            evaluation=_evaluations(done),
            evaluations=self._evaluations,
            progress=_cost(done) / self._cost,
            losses=losses,
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
