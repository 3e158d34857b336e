"""One warm model on one device, and what a job needs from it: the seam between a worker and the maths.

Rule: everything here may block; it runs in a worker process or behind the command line, never on an event
loop. Nothing here reads a file or a clock but `warm_up`, whose task is to measure.
"""

import hashlib
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Generic, TypeVar

from engine.log import native_stderr_muted

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read when TensorFlow is imported
with native_stderr_muted():  # what it prints before it reads that
    import tensorflow as tf

import numpy as np
from numpy.typing import NDArray

from engine.images import Picture, resize
from engine.nst import PACKAGED, losses, planning, stylize, vgg
from engine.nst.recipes import RECIPES, STANDARD, STUDY, Recipe
from engine.nst.speed import Speed
from engine.protocol import Level, Plan

KEPT_LEVELS = 6  # compiled loops with their variables, more than one pyramid
KEPT_STATISTICS = 256  # Gram matrices of one style at one size: 1.4 MB each
WARM_UP_SIDES = (64, 192)  # two points make the line that `Speed` is

WeightsError = vgg.WeightsError  # for those who must not import TensorFlow before this module has

K = TypeVar("K")
V = TypeVar("V")


class _Recent(Generic[K, V]):
    """A bounded cache that forgets what was not used for longest."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._entries: OrderedDict[K, V] = OrderedDict()

    @property
    def entries(self) -> list[V]:
        """What is kept, least recently used first."""
        return list(self._entries.values())

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The entry, made if it is not there."""
        if key not in self._entries:
            self._entries[key] = make()
        self._entries.move_to_end(key)
        while len(self._entries) > self._capacity:
            self._entries.popitem(last=False)
        return self._entries[key]


@dataclass(frozen=True)
class Step:
    """How far a job is after one more evaluation; `picture()` is worth calling only when somebody looks."""

    level: int  # 0 is the coarsest
    width: int  # of the level
    height: int
    evaluation: int  # so far, over all levels
    evaluations: int  # planned, over all levels
    progress: float  # 0 to 1, by cost
    losses: dict[str, float]
    picture: Callable[[], Picture]  # the best so far, at the final size, with the content's alpha


class Studio:
    """The network on this process's device, with what it learnt from earlier jobs."""

    def __init__(self, weights: str = PACKAGED) -> None:
        """Load the network. Raises engine.nst.vgg.WeightsError."""
        tf.get_logger().setLevel("ERROR")  # it takes the one compilation of each level for a mistake
        self.network = vgg.load(weights)
        self._levels: _Recent[tuple[Recipe, int, int], stylize.Level] = _Recent(KEPT_LEVELS)
        self._statistics: _Recent[tuple[str, int, tuple[str, ...]], tuple[tf.Tensor, ...]] = _Recent(
            KEPT_STATISTICS
        )

    @property
    def levels(self) -> list[stylize.Level]:
        """The compiled loops that are kept, least recently used first."""
        return self._levels.entries

    def warm_up(self) -> Speed:
        """Evaluate at two sizes and return the device's speed; the first evaluations, which compile, don't count."""
        small, large = (self._seconds_of_evaluation(side) for side in WARM_UP_SIDES)
        pixels = [side * side / 1e6 for side in WARM_UP_SIDES]
        per_megapixel = max((large - small) / (pixels[1] - pixels[0]), 1e-6)
        return Speed(overhead=max(small - per_megapixel * pixels[0], 0.0), per_megapixel=per_megapixel)

    def paint(
        self,
        content: Picture,
        styles: Sequence[tuple[Picture, float]],
        plan: Plan,
        *,
        strength: int,
        seed: int,
    ) -> Generator[Step, None, None]:
        """Carry out a plan, one step an evaluation; the last step's picture is the result.

        styles: pictures with their weights. The generator may be closed at any step.
        """
        recipe = RECIPES[plan.recipe]
        yield from self.paint_with(recipe, content, styles, plan.levels, strength=strength, seed=seed)

    def study(self, painting: Picture, levels: Sequence[Level], *, seed: int) -> Generator[Step, None, None]:
        """Synthesise a texture with the painting's style and none of its content, from noise."""
        nothing = np.broadcast_to(np.rint(vgg.MEAN[::-1]).astype(np.uint8), painting.rgb.shape)
        content, style = Picture(nothing, None), [(painting, 1.0)]
        yield from self.paint_with(STUDY, content, style, levels, strength=50, seed=seed)

    def paint_with(
        self,
        recipe: Recipe,
        content: Picture,
        styles: Sequence[tuple[Picture, float]],
        levels: Sequence[Level],
        *,
        strength: int,
        seed: int,
    ) -> Generator[Step, None, None]:
        """The same for any recipe, as the benches try them out."""
        full = resize(content, levels[-1].width, levels[-1].height)
        background = vgg.to_tensor(full.rgb)
        evaluations = sum(level.evaluations for level in levels)
        costs = [level.evaluations * level.width * level.height for level in levels]
        prepared = (self._prepare(recipe, level, content, styles) for level in levels)
        for done, step in enumerate(stylize.stylize(prepared, strength=strength, seed=seed), 1):
            level = levels[step.level]
            spent = sum(costs[: step.level]) + step.evaluation * level.width * level.height
            yield Step(
                level=step.level,
                width=level.width,
                height=level.height,
                evaluation=done,
                evaluations=evaluations,
                progress=spent / sum(costs),
                losses=step.losses,
                picture=partial(_picture, step, background, full.alpha),
            )

    def _prepare(
        self, recipe: Recipe, level: Level, content: Picture, styles: Sequence[tuple[Picture, float]]
    ) -> tuple[stylize.Level, stylize.LevelImages]:
        scaled = resize(content, level.width, level.height)
        loop = self._levels.get(
            (recipe, level.width, level.height),
            lambda: stylize.Level(self.network, recipe, (level.height, level.width)),
        )
        grams = [self._grams(style, level, loop) for style, _ in styles]
        blended = losses.blend(grams, [weight for _, weight in styles])
        return loop, stylize.LevelImages(vgg.to_tensor(scaled.rgb), blended, level.evaluations)

    def _grams(self, style: Picture, level: Level, loop: stylize.Level) -> tuple[tf.Tensor, ...]:
        """The style's statistics at the level's size, and each further octave's at half the one before."""
        size = max(level.width, level.height)
        if not loop.recipe.enlarges_style:
            # Enlarged, it would teach the finest layer that the style is blurred.
            size = min(size, max(style.width, style.height))
        digest = hashlib.sha256(repr(style.rgb.shape).encode() + style.rgb.tobytes()).hexdigest()
        layers = loop.recipe.style_layers
        octaves = (
            self._statistics.get((digest, side, layers), partial(self._measure, style, side, loop))
            for side in (size >> octave for octave in range(loop.recipe.octaves))
        )
        return tuple(chain.from_iterable(octaves))

    def _measure(self, style: Picture, long_side: int, loop: stylize.Level) -> tuple[tf.Tensor, ...]:
        width, height = planning.fit(style.width, style.height, long_side, grid=1)
        *features, _ = loop.features(vgg.to_tensor(resize(style, width, height).rgb))
        return tuple(losses.gram(feature) for feature in features)

    def _seconds_of_evaluation(self, side: int) -> float:
        loop = stylize.Level(self.network, STANDARD, (side, side))
        grey = stylize.noise((side, side), 40.0, seed=0)
        grams = tuple(losses.gram(feature) for feature in loop.features(grey)[:-1])
        images = stylize.LevelImages(grey, grams, evaluations=5)
        seconds = []
        start = time.perf_counter()
        for values, _ in loop.run(images, tf.zeros_like(grey), strength=50):
            values.numpy()
            now = time.perf_counter()
            seconds.append(now - start)
            start = now
        return min(seconds[1:])


def _picture(step: stylize.Step, background: tf.Tensor, alpha: NDArray[np.uint8] | None) -> Picture:
    return Picture(vgg.to_rgb(step.onto(background)), alpha)
