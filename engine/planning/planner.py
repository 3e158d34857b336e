"""Which levels, and how many evaluations on each: a recipe's budget of seconds turned into a plan.

Pure arithmetic, free of TensorFlow: the service plans a job when it admits it, from the speed that the
workers measured at warm-up; the plan is stored with the job and replayed exactly.

Rule: there is always a plan. The result has the picture's shape to the pixel; the levels are buckets, with
sides in multiples of a grid, so that many pictures go over the same, and what was painted at a bucket is resized
onto the result. What memory does not allow is painted smaller, and said.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from engine.planning.cost_model import Speed
from engine.protocol import (
    MAX_PAINTED_FRAMES,
    MIN_LEVEL_SIDE,
    PRESETS,
    Level,
    Note,
    NoteCode,
    Plan,
    Precision,
    RecipeName,
    Settings,
    Start,
)

GRID = 16  # block 5 sees one pixel of each 16, so that pooling loses nothing
SHORTEST = MIN_LEVEL_SIDE  # pixels of a level's side; a narrower picture is stretched to it
SECONDS_AROUND = 2.0  # reading, the styles' statistics, encoding

LARGE_SIDE = 1024  # the long side above which a level only refines what the smaller ones have painted
SIZES = (192, 256, 320, 384, 448, 512, 640, 768, 896, LARGE_SIDE)  # that a plan chooses from by itself
ASKED_SIZES = (1280, 1536, 2048, 2560, 3072, 4096)  # that come to these only if asked for larger ones
SHORT_OF_MEMORY = (64, 128)  # the last resorts

# Memory that an evaluation takes, as `bench.large` measures it and a little more. Above TILE_PIXELS it is done tile
# by tile: for each pixel only the image and the optimiser's vectors are kept, and one tile's features at a time.
BYTES_PER_PIXEL = 4500  # in float32, in one piece
TILE_PIXELS = 1024 * 1024
BYTES_OF_TILE = 3_400_000_000
BYTES_PER_TILED_PIXEL = 240
# Of an evaluation's operations, those of the layers that are evaluated at every size, by `bench.flops`.
SHALLOW_COST = 0.71
# Of an evaluation in one piece: each tile goes forward twice, and a third of it is halo.
TILED_COST = 2.9

# Of all compiled loops that a worker keeps, less what a picture takes while it is painted: with what TensorFlow and
# the network take, 1.1 GB, a worker stays below 2.5 GB up to 512 x 512 pixels (`bench.shapes`).
KEPT_BYTES = 1_300_000_000
_BYTES_PER_PAINTED_PIXEL = 4000  # the features of an evaluation up to that size, and nothing besides
BYTES_OF_LOOP = 130_000_000  # compiled, with kernels laid out for the processor, whatever the size

PREVIOUS_SHARE = 0.5  # of the evaluations, when going on from an earlier result
ANIMATION_BUDGETS = 5.0  # an animation may take as many times a picture's budget
FIRST_FRAME_SHARE = 1 / ANIMATION_BUDGETS  # what its first frame gets of that: as much as a picture


@dataclass(frozen=True)
class Pyramid:
    """How a recipe spends its time.

    budget: seconds. coarsest: no level's long side is smaller, unless the picture's own is. growth: how many
    times more evaluations each coarser level (half the size, a quarter of the cost) gets, up to `coarse_most`,
    from where on a level has settled. At the full size there are `fewest` to `most` evaluations; of `sizes`, the
    largest that allows `enough` is taken. large: the evaluations at each level above LARGE_SIDE, and then the
    others are those of the largest level below, with `enough` at least. frame_fewest to frame_most: the
    evaluations of each further frame of an animation. grid: a level's sides are multiples of it. exact: in
    float32, whatever is faster. cost: how many times as long an evaluation takes as one of `standard`, whose
    speed is known. view: the recipe's; a level that is larger sees its deep layers at that size alone.
    """

    budget: float
    coarsest: int
    growth: float
    coarse_most: int
    fewest: int
    enough: int
    most: int
    large: int = 5
    frame_fewest: int = 3
    frame_most: int = 8
    sizes: tuple[int, ...] = SIZES
    grid: int = GRID
    exact: bool = False
    cost: float = 1.0
    view: int | None = 256

    def cost_of(self, width: int, height: int) -> float:
        """How many times as long an evaluation takes as one of `standard` at small sizes, for each pixel."""
        shrink = self.shrink_of(width, height)
        return self.cost * (1.0 if shrink < 2 else SHALLOW_COST + 1 / shrink**2)

    def shrink_of(self, width: int, height: int) -> int:
        """How many times smaller a level is seen from afar; 1 if it is no larger than the view."""
        sides = width, height
        return max(min(max(sides) // self.view, min(sides) // SHORTEST), 1) if self.view else 1


PYRAMIDS: dict[RecipeName, Pyramid] = {
    RecipeName.DRAFT: Pyramid(
        10, coarsest=64, growth=2.5, coarse_most=20, fewest=3, enough=6, most=10, large=4
    ),
    RecipeName.STANDARD: Pyramid(60, coarsest=64, growth=2.5, coarse_most=40, fewest=4, enough=14, most=30),
    RecipeName.FINE: Pyramid(
        300, coarsest=64, growth=2.0, coarse_most=100, fewest=14, enough=40, most=80, large=6
    ),
    # One level at 512 pixels, rounded as the notebook rounds, and always its 1000 steps.
    RecipeName.TUTORIAL: Pyramid(
        3600,
        coarsest=2**16,
        growth=1.0,
        coarse_most=1000,
        fewest=1000,
        enough=1000,
        most=1000,
        frame_fewest=100,
        frame_most=100,
        sizes=(512,),
        grid=1,
        exact=True,
        cost=1.55,  # at 512 pixels, by `bench.quality`; 1 with weights that are not reduced
        view=None,
    ),
}


def fit(width: int, height: int, long_side: int, grid: int) -> tuple[int, int]:
    """The (width, height) of a picture scaled to a long side, up or down, in whole multiples of `grid`, at least SHORTEST."""
    scale = long_side / max(width, height)
    return (
        max(SHORTEST, round(width * scale / grid) * grid),
        max(SHORTEST, round(height * scale / grid) * grid),
    )


def make_plan(
    request: Settings,
    width: int,
    height: int,
    speed: Speed,
    *,
    frames: int = 1,
    memory: int | None = None,
) -> Plan:
    """The plan for a picture, or an animation of `frames` frames, of width x height pixels.

    memory: bytes that the painting may take; None: nothing is known of it. A plan always exists: too small a
    budget is overrun, and too little memory makes the picture smaller, but never refuses it.
    Raises ValueError if there are no frames, or more than are ever painted.
    """
    if not 1 <= frames <= MAX_PAINTED_FRAMES:
        raise ValueError(f"an animation of {frames} frames cannot be planned")
    pyramid = PYRAMIDS[request.recipe]
    if request.preset is not None and PRESETS[request.preset].cropped:
        facts = PRESETS[request.preset]
        width, height = facts.width, facts.height  # what is left after the crop
    work = _Work(pyramid, request, width, height, speed, frames)
    wanted = _asked_size(request, width, height)
    if wanted is None:
        wanted = max((s for s in pyramid.sizes if work.is_enough(s)), default=min(pyramid.sizes))
    size = _within_memory(wanted, work, memory)
    # Discord wants a preset's size, whatever size it is painted at.
    result_side = wanted if request.preset is not None else size
    result_width, result_height = _scaled(width, height, result_side)
    note = Note.of(NoteCode.SMALLER_FOR_MEMORY, wanted=wanted, size=size)
    levels = work.levels(size)
    frame_evaluations = work.frame_evaluations(size, levels[-1].evaluations)
    return Plan(
        recipe=request.recipe,
        levels=levels,
        seconds=round(SECONDS_AROUND + work.seconds(levels, frame_evaluations), 1),
        width=result_width,
        height=result_height,
        precision=Precision.FLOAT32 if pyramid.exact else speed.precision,
        frames=frames,
        frame_evaluations=frame_evaluations,
        notes=(note,) if size < wanted else (),
    )


def equivalent_evaluations(levels: Sequence[Level]) -> float:
    """Evaluations of all levels, each weighted by its level's share of the pixels of the last, the full size."""
    full = levels[-1].width * levels[-1].height
    return sum(level.evaluations * level.width * level.height for level in levels) / full


def seconds_of(recipe: RecipeName, level: Level, speed: Speed) -> float:
    """What a level's evaluations take."""
    return level.evaluations * _evaluation_seconds(PYRAMIDS[recipe], (level.width, level.height), speed)


def tiled_cost(width: int, height: int) -> float:
    """How many times more an evaluation takes than one in one piece would: more than 1 only for tiles."""
    return TILED_COST if width * height > TILE_PIXELS else 1.0


def needed_bytes(width: int, height: int) -> int:
    """Memory that painting takes whose last level is width x height pixels, besides the network."""
    pixels = width * height
    in_tiles = BYTES_OF_TILE + BYTES_PER_TILED_PIXEL * pixels if pixels > TILE_PIXELS else 0
    # What is painted in tiles was painted in one piece before, at nearly TILE_PIXELS.
    return max(BYTES_PER_PIXEL * min(pixels, TILE_PIXELS), in_tiles)


def painting_bytes(pixels: int) -> int:
    """Memory that an evaluation of pictures of so many pixels takes, which is given back when it is done."""
    return _BYTES_PER_PAINTED_PIXEL * min(pixels, TILE_PIXELS)


@dataclass(frozen=True)
class _Work:
    """What a size costs, and what it gets."""

    pyramid: Pyramid
    request: Settings
    width: int
    height: int
    speed: Speed
    frames: int

    def is_enough(self, size: int) -> bool:
        """Whether the budget allows this size's evaluations, and those of all frames."""
        rest = self._frame_seconds() / (self.pyramid.frame_fewest * self._seconds(self.finest(size)))
        return self._affordable(size) >= self.pyramid.enough and rest >= self.frames - 1

    def finest(self, size: int) -> tuple[int, int]:
        """(width, height) of the last level."""
        return self._sides(size)[0]

    def levels(self, size: int) -> tuple[Level, ...]:
        """The levels, coarse to fine, of a picture or an animation's first frame."""
        pyramid, request = self.pyramid, self.request
        most = self._most()
        sides = self._sides(size)
        large = _count_large(sides)
        # What is refined for long deserves to be painted well first.
        fewest = pyramid.enough if large else pyramid.fewest
        base = min(max(self._affordable(size), fewest), most)
        counts = [min(pyramid.large, most)] * large
        counts += [_evaluations(base, pyramid, octave) for octave in range(len(sides) - large)]
        if request.start is Start.PREVIOUS:
            counts = [max(round(PREVIOUS_SHARE * count), 1) for count in counts]
        return tuple(
            Level(width=w, height=h, evaluations=count)
            for (w, h), count in reversed(list(zip(sides, counts, strict=True)))
        )

    def frame_evaluations(self, size: int, most: int) -> int:
        """The evaluations of each frame after the first, which has `most` at the last level."""
        if self.frames == 1:
            return 0
        pyramid = self.pyramid
        share = self._frame_seconds() / ((self.frames - 1) * self._seconds(self.finest(size)))
        return min(max(int(share), pyramid.frame_fewest), pyramid.frame_most, most)

    def seconds(self, levels: Sequence[Level], frame_evaluations: int) -> float:
        """What all evaluations take."""
        further = (self.frames - 1) * frame_evaluations
        first = sum(level.evaluations * self._seconds((level.width, level.height)) for level in levels)
        return first + further * self._seconds((levels[-1].width, levels[-1].height))

    def _most(self) -> int:
        """Evaluations at the full size, however fast the device is; whoever asks for more may have them."""
        return self.request.evaluations or self.pyramid.most

    def _budget(self) -> float:
        """Seconds for all evaluations; a budget that was asked for is for the whole of an animation."""
        seconds = self.request.budget or self.pyramid.budget
        if self.frames > 1 and self.request.budget is None:
            seconds *= ANIMATION_BUDGETS
        return max(seconds - SECONDS_AROUND, 0.0)

    def _frame_seconds(self) -> float:
        """What all frames after the first may take together."""
        return (1 - FIRST_FRAME_SHARE) * self._budget()

    def _affordable(self, size: int) -> int:
        """Evaluations at the full size (below the large ones) that fit with all that the coarser levels get."""
        budget = self._budget() if self.frames == 1 else FIRST_FRAME_SHARE * self._budget()
        sides = self._sides(size)
        large = _count_large(sides)
        rest = budget - self.pyramid.large * sum(self._seconds(side) for side in sides[:large])
        seconds = [self._seconds(side) for side in sides[large:]]

        def cost(base: int) -> float:
            return sum(_evaluations(base, self.pyramid, octave) * each for octave, each in enumerate(seconds))

        return bisect_right(range(1, max(self._most(), self.pyramid.most) + 1), rest, key=cost)

    def _sides(self, size: int) -> list[tuple[int, int]]:
        """(width, height) of each level, the finest first."""
        sizes = [size]
        while sizes[-1] // 2 >= self.pyramid.coarsest:
            sizes.append(sizes[-1] // 2)
        return [fit(self.width, self.height, long_side, self.pyramid.grid) for long_side in sizes]

    def _seconds(self, side: tuple[int, int]) -> float:
        return _evaluation_seconds(self.pyramid, side, self.speed)


def _evaluation_seconds(pyramid: Pyramid, side: tuple[int, int], speed: Speed) -> float:
    return pyramid.cost_of(*side) * speed.seconds(*side) * tiled_cost(*side)


def _asked_size(request: Settings, width: int, height: int) -> int | None:
    """The long side that a preset or the request decides, for a picture of width x height pixels."""
    if request.preset is None:
        return request.size
    box = PRESETS[request.preset]
    scale = min(box.width / width, box.height / height)
    return round(max(width, height) * scale)


def _within_memory(wanted: int, work: _Work, memory: int | None) -> int:
    """The size that is wanted, or the largest smaller one that there is memory for, or the smallest."""
    needed = needed_bytes(*work.finest(wanted))
    if memory is None or needed <= memory:
        return wanted
    needs = {size: needed_bytes(*work.finest(size)) for size in (*SHORT_OF_MEMORY, *SIZES, *ASKED_SIZES)}
    smaller = [size for size, bytes_ in needs.items() if bytes_ < needed]
    return max((size for size in smaller if needs[size] <= memory), default=min(smaller, default=wanted))


def _evaluations(base: int, pyramid: Pyramid, octave: int) -> int:
    """At a level `octave` times half as large as the one that gets `base`."""
    return max(base, min(int(base * pyramid.growth**octave), pyramid.coarse_most))


def _scaled(width: int, height: int, long_side: int) -> tuple[int, int]:
    scale = long_side / max(width, height)
    return max(round(width * scale), 1), max(round(height * scale), 1)


def _count_large(sides: Sequence[tuple[int, int]]) -> int:
    """How many levels are above LARGE_SIDE; the coarsest never is."""
    return sum(max(side) > LARGE_SIDE for side in sides[:-1])
