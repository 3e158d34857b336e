"""How long each level's evaluations take while a picture is painted, for `engine.planning.corrections`.

Rule: only what lies between two steps of one level counts: the first step of a level waits for what is compiled and prepared.
What is done with a step meanwhile does not.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Generator
from contextlib import closing

from engine.painting.progress import Step


class Stopwatch:
    """times: seconds of an evaluation, of each call, by the number of the level; of an animation, of its first frame."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.times: dict[int, list[float]] = defaultdict(list)
        self._clock = clock

    def timed(self, steps: Generator[Step, None, None]) -> Generator[Step, None, None]:
        """The same steps."""
        with closing(steps):
            before: Step | None = None
            begun = self._clock()
            for step in steps:
                seconds = self._clock() - begun
                if before is not None and step.frame == before.frame == 0 and step.level == before.level:
                    done = step.evaluation - before.evaluation
                    if done:  # and it is not the same step once more
                        self.times[step.level].append(seconds / done)
                before = step
                yield step
                begun = self._clock()
