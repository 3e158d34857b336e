"""What somebody at a terminal sees of a painting: what is waited for, how far it is, and what came of it.

Rule: Ctrl-C ends a painting after the evaluation under way, with a picture and a sound checkpoint; a second
one ends it at once.
"""

import signal
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from threading import Event
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Self

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from engine.planning import planner
from engine.protocol import Level

if TYPE_CHECKING:
    from engine.painting.progress import Step

console = Console(stderr=True)


class PaintingProgress:
    """A progress bar over a plan's levels, and what was done and how long it took.

    Ctrl-C is only noted meanwhile. The further frames of an animation are at the last level.
    """

    def __init__(self, levels: Sequence[Level]) -> None:
        self._levels = levels
        self._seconds = [0.0] * len(levels)
        self._evaluations = [0] * len(levels)
        self._stack = ExitStack()
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[loss]}"),
            TimeRemainingColumn(),
            console=console,
        )
        self._before = 0.0
        self._done: int | None = None  # evaluations, those of earlier runs included
        self.step: Step | None = None  # the last

    def __enter__(self) -> Self:
        self._interruption = self._stack.enter_context(_interruption())
        self._stack.enter_context(self._bar)
        self._task = self._bar.add_task("preparing", total=1.0, loss="")
        self._before = time.perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, failure, traceback)

    @property
    def is_interrupted(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return self._interruption.is_set()

    def show(self, step: "Step", taken_over: int = 0) -> None:
        """A step; `taken_over` evaluations of all were done by an earlier run."""
        now = time.perf_counter()
        if self._done is None:
            self._done = taken_over
            if taken_over:
                print_line(f"Going on after {taken_over} evaluations")
        level = len(self._levels) - 1 if step.frame else step.level
        self._seconds[level] += now - self._before
        self._evaluations[level] += max(step.evaluation - self._done, 0)
        self._done = max(step.evaluation, self._done)
        self._bar.update(
            self._task,
            completed=step.progress,
            description=f"{step.width} x {step.height}, evaluation {step.evaluation}/{step.evaluations}",
            loss=f"loss {step.losses.get('total', 0):.2f}",
        )
        self.step = step
        self._before = now

    def figures(self) -> dict[str, Any]:
        """What a report says of this run's work, level by level."""
        pairs = zip(self._levels, self._evaluations, strict=True)
        done = [level.model_copy(update={"evaluations": count}) for level, count in pairs]
        return {
            "evaluations_per_level": self._evaluations,
            "full_size_equivalent_evaluations": round(planner.equivalent_evaluations(done), 2),
            "seconds_per_level": [round(value, 3) for value in self._seconds],
        }


def follow(steps: "Generator[Step, None, None]", levels: Sequence[Level]) -> "Step":
    """The last of the steps, which are shown as they come. Raises typer.Abort if there was none."""
    with PaintingProgress(levels) as progress, closing(steps):
        for step in steps:
            progress.show(step)
            if progress.is_interrupted:
                break
    if progress.step is None:
        raise typer.Abort
    return progress.step


def print_line(text: str, style: str | None = None) -> None:
    """One line on the standard error output, for the reader only."""
    console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def waiting_for(text: str) -> Iterator[None]:
    """Say what is being waited for, while it lasts."""
    with console.status(text):
        yield


@contextmanager
def _interruption() -> Iterator[Event]:
    """An event for the first Ctrl-C; the network's state is whole only between two steps."""
    asked = Event()

    def ask(_signal: int, _frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)
