"""What a level of a new shape costs before it is painted: `python -m bench.compiling [--small]`.

Paints squares by one loop, as the engine does, and each also by a loop whose graph knows its shape and no other. Leaves
compiling.md: of both the operations that were traced for a square, the processor seconds until its first evaluation was
done, and, in turns, those of the fastest evaluation. Goals: nothing is traced for a second shape, and no evaluation takes
2 % longer for it.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import tensorflow as tf

from bench.loops import work_of
from bench.report import arguments, folder, leave, met, table
from bench.scenes import PAINTINGS, PICTURES, Pair, Subject, load
from engine.nst import vgg
from engine.nst.level import LevelImages, Structure, WholeLevel, structure_of
from engine.nst.losses import BorderStrips
from engine.nst.objective import Targets
from engine.nst.recipes import RECIPES
from engine.painting.session import Session
from engine.protocol import Precision, RecipeName

SIDES, FEW_SIDES = (64, 96, 128, 192, 256, 512), (64, 96, 128)
TURNS = 4
IN_A_ROW = 2  # evaluations of one kind
GOAL_RATIO = 1.02


class LevelOfOneShape(WholeLevel):
    """A loop whose graph is for one shape alone."""

    def _signature(
        self, content: tf.Tensor, targets: Targets, strips: BorderStrips | None
    ) -> tuple[tf.Tensor, Targets, BorderStrips | None]:
        return content, targets, strips


@dataclass
class Painting:
    """A level that goes on for as long as it is asked to; operations, first: traced, and seconds, until its first evaluation."""

    operations: int
    first: float
    steps: Iterator[object]

    def seconds(self) -> float:
        """Processor seconds of the fastest of some evaluations."""
        return min(_seconds(self.steps) for _ in range(IN_A_ROW))


def begin(level: WholeLevel, images: LevelImages) -> Painting:
    """Of a level that is nowhere painted now."""
    before = _operations(level)
    steps = level.run(replace(images, evaluations=10**6), tf.zeros_like(images.content))
    first = _seconds(steps)
    return Painting(_operations(level) - before, first, steps)


def _seconds(steps: Iterator[object]) -> float:
    begun = time.process_time()
    next(steps)
    return time.process_time() - begun


def _operations(level: WholeLevel) -> int:
    """In all of its graphs, and in the functions that they call."""
    graphs = [function.graph for function in level.evaluate._list_all_concrete_functions()]
    called = [function for graph in graphs for function in graph.as_graph_def().library.function]
    return sum(len(graph.get_operations()) for graph in graphs) + sum(len(each.node_def) for each in called)


class Measurement:
    """Of one network and one pair of pictures."""

    def __init__(self, network: vgg.Network, subject: Subject) -> None:
        self._network, self._subject = network, subject
        self._loops: dict[Structure, WholeLevel] = {}

    def row(self, side: int) -> tuple[int, float, tuple[str, ...]]:
        """(operations traced, how many times as long an evaluation takes, a line of the table), by the loop of all shapes."""
        structure = structure_of(RECIPES[RecipeName.STANDARD], (side, side))
        if structure not in self._loops:
            self._loops[structure] = WholeLevel(self._network, structure)
        shared = self._loops[structure]
        alone = LevelOfOneShape(self._network, structure)
        images = work_of(shared, self._subject, (side, side))
        ours, theirs = begin(shared, images), begin(alone, images)
        turns = [(ours.seconds(), theirs.seconds()) for _ in range(TURNS)]
        own, other = (min(seconds) for seconds in zip(*turns, strict=True))
        cells = [f"{side} x {side}"]
        for painting, seconds in ((ours, own), (theirs, other)):
            cells += [f"{painting.operations}", f"{painting.first:.2f}", f"{seconds:.3f}"]
        return ours.operations, own / other, (*cells, f"{own / other:.3f}")


def measure(sides: Sequence[int]) -> str:
    """The table, and whether the goals are met."""
    session = Session(precision=Precision.FLOAT32)
    measurement = Measurement(session.network, load(Pair(PICTURES[0], PAINTINGS[0], max(sides))))
    traced, ratios, rows = [], [], []
    for side in sides:
        operations, ratio, row = measurement.row(side)
        traced.append(operations)
        ratios.append(ratio)
        rows.append(row)
        print(*row, sep="\t", flush=True)
    header = ["level"]
    for whose in ("one loop", "a loop each"):
        header += [f"{whose}: operations", "s to the first", "s an evaluation"]
    structures = len({structure_of(RECIPES[RecipeName.STANDARD], (side, side)) for side in sides})
    traces = sum(map(bool, traced))
    goals = [
        f"Traced {traces} times, and there are {structures} structures: {met(traces == structures)}.",
        f"An evaluation takes {max(ratios):.3f} times as long at most: {met(max(ratios) <= GOAL_RATIO)}.",
    ]
    return "\n\n".join([table([*header, "ratio"], rows), *goals])


def main() -> None:
    """Run the measurement."""
    options = arguments("Measure what a new shape costs.", small="three small shapes").parse_args()
    leave(measure(FEW_SIDES if options.small else SIDES), folder(options) / "compiling.md")


if __name__ == "__main__":
    main()
