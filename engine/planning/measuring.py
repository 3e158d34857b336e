"""At which sizes a device is measured, and when that is enough.

Pure, free of TensorFlow and of clocks: whoever measures brings samples. Rule: a size is foreseen before it is measured, and
measuring ends when one was foreseen well where the device is busy: below that a GPU takes as long for any size, and a line
through two such sizes is right for a third and wrong by a hundred times for what is painted. A processor is busy at any size,
so the first two are enough for it; what is painted tells the rest (`corrections`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from engine.planning.cost_model import Knot, Speed
from engine.planning.planner import BYTES_PER_PIXEL, PYRAMIDS, needed_bytes
from engine.protocol import Precision, RecipeName

SIDES = (64, 192, 384, 640, 896, 1024)  # pixels; what is larger than the last is painted in tiles
FEWEST = 2  # sizes, on any device
FORESEEN = 0.15  # how far a size may be from what was foreseen
BUSY = 0.5  # the share of an evaluation that is for its pixels, from where on the device is not just waiting
TURNS = 4  # evaluations of each size after the first
MOST_SECONDS = 60.0  # for sizes that are measured beyond the first two
MEMORY_SHARE = 0.8  # of what there is, that a size may be expected to take: nothing is to fail here


class Sample(NamedTuple):
    """Seconds of the first evaluation of a size, compiling included, and of the fastest after it; peak: bytes, if known."""

    first: float
    seconds: float
    peak: int | None = None


Measure = Callable[
    [int], Sample | None
]  # of a picture of so many pixels a side; None: there is too little memory for it


@dataclass(frozen=True)
class Measured:
    """What was found of a device. appetite: see `Abilities`; base: bytes that a painting takes whatever its size."""

    speed: Speed
    appetite: float = 1.0
    base: int = 0


def measure_device(
    measure: Measure, precision: Precision, *, waits: bool = False, memory: int | None = None
) -> Measured:
    """Measure as many sizes as it takes.

    waits: whether the device may be waiting for orders at small sizes, as a GPU does. memory: bytes that it has for paintings,
    None where that is not asked. Raises MemoryError if there is too little for the smallest sizes.
    """
    samples: dict[int, Sample] = {}
    spent = 0.0
    for side in SIDES if waits else SIDES[:FEWEST]:
        known = dict(samples)
        if len(known) >= FEWEST and not (_fits(side, known, memory) and spent < MOST_SECONDS):
            break
        sample = measure(side)
        if sample is None:
            if len(known) < FEWEST:
                raise MemoryError(f"a picture of {side} pixels does not fit")
            break
        samples[side] = sample
        if len(samples) > FEWEST:
            spent += sample.first + TURNS * sample.seconds
            if _is_foreseen(known, side, sample):
                break
    appetite, base = _appetite(samples)
    return Measured(_speed_of(samples, precision), appetite, base)


def _speed_of(samples: Mapping[int, Sample], precision: Precision) -> Speed:
    """A line through the two largest sizes, and all that were measured."""
    overhead, per_megapixel = _line(samples)
    first = samples[SIDES[0]]  # by a loop that serves all sizes of this kind
    knots = tuple(Knot(_megapixels(side), max(_standard(side, each), 1e-6)) for side, each in samples.items())
    return Speed(overhead, per_megapixel, precision, max(first.first - first.seconds, 0.0), knots)


def _megapixels(side: int) -> float:
    return side * side / 1e6


def _line(samples: Mapping[int, Sample]) -> tuple[float, float]:
    """Seconds whatever the size, and for each megapixel, by the two largest sizes."""
    (small, one), (large, other) = list(samples.items())[-2:]
    pixels = _megapixels(small), _megapixels(large)
    seconds = _standard(small, one), _standard(large, other)
    per_megapixel = max((seconds[1] - seconds[0]) / (pixels[1] - pixels[0]), 1e-6)
    return max(seconds[0] - per_megapixel * pixels[0], 0.0), per_megapixel


def _standard(side: int, sample: Sample) -> float:
    """Seconds as `Speed` tells them: a large picture is seen from afar, which makes its evaluation cheaper."""
    return sample.seconds / PYRAMIDS[RecipeName.STANDARD].cost_of(side, side)


def _is_foreseen(known: Mapping[int, Sample], side: int, sample: Sample) -> bool:
    """Whether the sizes before told this one, and the device was busy there."""
    overhead, per_megapixel = _line(known)
    found = _standard(side, sample)
    expected = overhead + per_megapixel * _megapixels(side)
    _, slope = _line({**known, side: sample})
    is_busy = slope * _megapixels(side) >= BUSY * found
    return is_busy and abs(expected - found) <= FORESEEN * found


def _fits(side: int, samples: Mapping[int, Sample], memory: int | None) -> bool:
    if memory is None:
        return True
    appetite, base = _appetite(samples)
    return base + appetite * needed_bytes(side, side) <= MEMORY_SHARE * memory


def _appetite(samples: Mapping[int, Sample]) -> tuple[float, int]:
    """Bytes for each that a size is said to need, by the two largest whose peak is known, and what all need besides."""
    peaks = [(side * side, sample.peak) for side, sample in samples.items() if sample.peak is not None]
    if len(peaks) < 2:
        return 1.0, 0
    (small, low), (large, high) = peaks[-2:]
    per_pixel = max((high - low) / (large - small), 1.0)
    return per_pixel / BYTES_PER_PIXEL, max(round(low - per_pixel * small), 0)
