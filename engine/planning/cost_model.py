"""How fast a device evaluates: what was measured of it at some sizes, and a line for those beyond.

Pure data, free of TensorFlow: the service plans with it and only the worker measures it. Rule: small pictures leave a GPU
waiting for its next order, so what it takes for them tells nothing of larger ones; between two sizes that were measured
nothing is assumed but a straight line.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, NamedTuple

from pydantic import ConfigDict, Field

from engine.protocol import Precision

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
MoreThanNone = Annotated[float, Field(gt=0, allow_inf_nan=False)]

# Megapixels at which speeds are compared: as many as there are workers would be too many.
_SIDES = (64, 96, 128, 192, 256, 320, 384, 448, 512, 640, 768, 896, 1024, 1536, 2048, 3072, 4096)
_COMPARED = tuple(side * side / 1e6 for side in _SIDES)


class Knot(NamedTuple):
    """What an evaluation was found to take at a size."""

    megapixels: MoreThanNone
    seconds: MoreThanNone


@dataclass(frozen=True)
class Speed:
    """Seconds of one evaluation (loss and gradient) = overhead + per_megapixel * megapixels, in this precision.

    compiling: seconds that a level takes longer when it is the first that its loop paints. knots: rising in megapixels; up to
    the last they are what counts, and beyond it the line, drawn to go through it.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    overhead: Seconds
    per_megapixel: Seconds
    precision: Precision = Precision.FLOAT32
    compiling: Seconds = 0.0
    knots: tuple[Knot, ...] = ()

    def seconds(self, width: int, height: int) -> float:
        """Seconds that one evaluation at width x height pixels takes."""
        return self.at(width * height / 1e6)

    def at(self, megapixels: float) -> float:
        """The same for so many pixels, of whatever shape."""
        if not self.knots:
            return self._line(megapixels)
        number = bisect_left(self.knots, megapixels, key=lambda knot: knot.megapixels)
        if number == 0:
            return self.knots[0].seconds
        below = self.knots[number - 1]
        if number == len(self.knots):
            return below.seconds * self._line(megapixels) / (self._line(below.megapixels) or 1.0)
        above = self.knots[number]
        share = (megapixels - below.megapixels) / (above.megapixels - below.megapixels)
        return below.seconds + share * (above.seconds - below.seconds)

    def _line(self, megapixels: float) -> float:
        return self.overhead + self.per_megapixel * megapixels


def slowest(speeds: Sequence[Speed]) -> Speed:
    """At each size that of the slower of them, so that what is planned with it holds on any; of one at least.

    The precision is theirs if it is one, and else the one that every device can do.
    """
    first, *others = dict.fromkeys(speeds)
    if not others:
        return first
    alike = {speed.precision for speed in speeds}
    largest = max(speeds, key=lambda speed: speed.at(_COMPARED[-1]))
    return Speed(
        largest.overhead,
        largest.per_megapixel,
        alike.pop() if len(alike) == 1 else Precision.FLOAT32,
        max(speed.compiling for speed in speeds),
        tuple(Knot(size, max(speed.at(size) for speed in (first, *others))) for size in _COMPARED),
    )
