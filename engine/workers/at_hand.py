"""What a worker's process has of earlier jobs, by which a next one of the same kind is quicker there than elsewhere.

Rule: it is told as it is when a batch is over: a shape whose loops had to go is not at hand any more.
"""

from collections.abc import Callable, Sequence

from cachetools import LRUCache

from engine.planning.placement import shape_of
from engine.protocol import Plan
from engine.workers.ipc import AtHand, Batch, Run

MOST_SHAPES = 32
MOST_STYLES = 64


class Recent:
    """The shapes and styles of the newest jobs.

    compiled: which levels of a plan need no compiling, as `Session.compiled`.
    """

    def __init__(self, compiled: Callable[[Plan], Sequence[bool]]) -> None:
        self._compiled = compiled
        self._plans: LRUCache[str, Plan] = LRUCache(MOST_SHAPES)
        self._styles: LRUCache[str, None] = LRUCache(MOST_STYLES)

    def note(self, batch: Batch) -> None:
        """This was painted."""
        for work in batch.runs:
            for run in (work,) if isinstance(work, Run) else work.tiles:
                self._plans[shape_of(run.plan)] = run.plan
                self._styles.update(dict.fromkeys(run.provenance.styles))

    def at_hand(self) -> AtHand:
        """What there is of it."""
        shapes = (shape for shape, plan in self._plans.items() if all(self._compiled(plan)))
        return AtHand(shapes=tuple(shapes), styles=tuple(self._styles))
