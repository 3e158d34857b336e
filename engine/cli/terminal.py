"""What somebody at a terminal sees of a painting: what is waited for, how far it is, and what came of it.

Rule: Ctrl-C ends a painting after the evaluation under way, with a picture and a sound checkpoint; a second one
ends it at once.
"""

import signal
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from threading import Event
from types import FrameType
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from engine.painting.progress import Step
from engine.planning import planner
from engine.planning.memory import peak_bytes
from engine.protocol import Level

console = Console(stderr=True)


@dataclass(frozen=True)
class Outcome:
    """The last step, the seconds and evaluations of each level in this run, and whether it was ended early."""

    step: Step
    levels: tuple[Level, ...]  # with the evaluations that were done
    seconds: tuple[float, ...]
    stopped: bool

    def figures(self) -> dict[str, Any]:
        """What a report says besides the recipe: what was done, times, losses, memory."""
        peak = peak_bytes()
        return {
            "stopped_early": self.stopped,
            "evaluations_per_level": [level.evaluations for level in self.levels],
            "full_size_equivalent_evaluations": round(planner.equivalent_evaluations(self.levels), 2),
            "seconds_per_level": [round(value, 3) for value in self.seconds],
            "losses": self.step.losses,
            "peak_memory_mb": None if peak is None else round(peak / 2**20),
        }


def follow(
    steps: Generator[Step, None, None],
    levels: Sequence[Level],
    look: Callable[[Step], None] = lambda _: None,
    *,
    done: int = 0,
    most: int | None = None,
) -> Outcome:
    """Follow the steps with a progress bar, and `look` at each.

    levels: of the plan; the further frames of an animation are at the last. done: the evaluations of an earlier
    run. most: end after so many evaluations. Raises typer.Abort if it was ended before the first step.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[loss]}"),
        TimeRemainingColumn(),
    )
    seconds, counts = [0.0] * len(levels), [0] * len(levels)
    step: Step | None = None
    with Progress(*columns, console=console) as progress, closing(steps), _interruption() as asked:
        task = progress.add_task("preparing", total=1.0, loss="")
        before = time.perf_counter()
        for step in steps:
            now = time.perf_counter()
            level = len(levels) - 1 if step.frame else step.level
            seconds[level] += now - before
            counts[level] += max(step.evaluation - done, 0)
            done = max(step.evaluation, done)
            progress.update(
                task,
                completed=step.progress,
                description=f"{step.width} x {step.height}, evaluation {step.evaluation}/{step.evaluations}",
                loss=f"loss {step.losses.get('total', 0):.2f}",
            )
            look(step)
            if asked.is_set() or (most is not None and done >= most):
                break
            before = time.perf_counter()
    if step is None:
        raise typer.Abort
    pairs = zip(levels, counts, strict=True)
    reached = tuple(level.model_copy(update={"evaluations": count}) for level, count in pairs)
    return Outcome(step, reached, tuple(seconds), stopped=step.evaluation < step.evaluations)


def say(text: str, style: str | None = None) -> None:
    """One sentence on the standard error output, for the reader only."""
    console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def patience(text: str) -> Iterator[None]:
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
