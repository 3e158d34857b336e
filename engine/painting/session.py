"""One warm model on one device, and what a job needs from it: the seam between a worker and the maths.

Rule: everything here may block; it runs in a worker process or behind the command line, never on an event
loop. Nothing here reads a clock (`benchmark` does, for `warm_up`), nor a file but the statistics' cache.
"""

import os
from collections.abc import Callable, Generator, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from threading import Condition
from typing import NamedTuple

from engine.log import native_stderr_muted

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read when TensorFlow is imported
with native_stderr_muted():  # what it prints before it reads that
    import tensorflow as tf

import keras
import numpy as np
from cachetools import LRUCache, cached
from cachetools.keys import hashkey
from numpy.typing import NDArray

from engine.images import Picture, resize
from engine.nst import PACKAGED, colour, masks, noise, stylize, vgg
from engine.nst.parameterisation import Shape
from engine.nst.recipes import RECIPES, STUDY, Recipe
from engine.nst.stylize import Checkpoint, LevelImages
from engine.nst.tiled_level import TiledLevel
from engine.painting import benchmark
from engine.painting.prefetch import Ahead
from engine.painting.progress import Meter, Step
from engine.painting.scene import Scene, Style, StyleTransfer, goes_side_by_side
from engine.painting.statistics_cache import StatisticsCache
from engine.painting.style_targets import StyleBook, roughness
from engine.planning import planner
from engine.planning.cost_model import Speed
from engine.protocol import Colours, Level, Likeness, Plan, Precision, RecipeName, Settings, Start

CHUNK_SECONDS = 0.5  # evaluations that take about as long together are one call
MOST_CHUNK = 20
LEAST_CALLS = 4  # at each level, so that a short painting has its moments too
LIKENESS_SIDE = 128
LIKENESS = Recipe(reduced=True)
NOISE = 15.0  # grey levels, of a picture that starts from noise


class Session:
    """The network on this process's device, with its compiled levels and the statistics of styles."""

    def __init__(
        self,
        weights: str = PACKAGED,
        *,
        precision: Precision | None = None,
        statistics: StatisticsCache | None = None,
    ) -> None:
        """Load the network; without a `precision`, `warm_up` finds the faster. Raises Refusal BAD_WEIGHTS."""
        # With it, the same loop gives other last bits after some ninety evaluations, which then grow: the same
        # request would not give the same picture.
        tf.config.optimizer.set_experimental_options({"arithmetic_optimization": False})
        tf.get_logger().setLevel("ERROR")  # it takes the one compilation of each level for a mistake
        self.network = vgg.load(weights)
        self.precision = precision or Precision.FLOAT32
        self._precisions = (precision,) if precision else tuple(Precision)
        self._speed: Speed | None = None
        self._loops: LRUCache[tuple[Hashable, ...], _SizedLoop] = LRUCache(
            planner.KEPT_BYTES, lambda kept: kept.bytes
        )
        self._loops_change = Condition()
        # What several threads ask for is made by one of them, and the others wait.
        self._kept_loop = cached(self._loops, condition=self._loops_change)(
            partial(_sized_loop, self.network)
        )
        self._styles = StyleBook(weights, statistics)

    @property
    def loops(self) -> list[stylize.Loop]:
        """The compiled loops that are kept."""
        with self._loops_change:
            return [self._loops[key].loop for key in self._loops]

    def compiled(self, plan: Plan, pictures: int = 1) -> tuple[bool, ...]:
        """Which levels of a plan need no compiling now, for so many pictures at once.

        A level that is painted in tiles is compiled for each job anew.
        """
        return tuple(
            hashkey(key) in self._loops
            for key in _keys(RECIPES[plan.recipe], plan.levels, pictures, plan.precision)
        )

    def warm_up(self) -> Speed:
        """Return the device's speed, measured at two sizes in the precision whose convolutions are faster here."""
        if len(self._precisions) > 1:
            self.precision = benchmark.faster_precision(self.network, self._precisions)
        self._speed = benchmark.measure_speed(self.paint, self.precision)
        return self._speed

    def chunk(self, level: Level) -> int:
        """How many evaluations of a level are made in one call: few enough that nobody waits for the next frame."""
        if self._speed is None:
            return 1
        seconds = self._speed.seconds(level.width, level.height)
        most = min(MOST_CHUNK, level.evaluations // LEAST_CALLS)
        return max(1, min(most, round(CHUNK_SECONDS / seconds)))

    def paint(
        self, scene: Scene, plan: Plan, settings: Settings, *, resume: Checkpoint | None = None
    ) -> Generator[Step, None, None]:
        """Carry out a plan; the last step's picture (of each frame) is the result.

        resume: a step's checkpoint, after which the painting goes on, for the same arguments. The generator may
        be closed at any step.
        """
        yield from self.paint_with(RECIPES[plan.recipe], scene, plan, settings, resume=resume)

    def paint_with(
        self,
        recipe: Recipe,
        scene: Scene,
        plan: Plan,
        settings: Settings,
        *,
        resume: Checkpoint | None = None,
    ) -> Generator[Step, None, None]:
        """The same for any recipe, as the benches try them out."""
        contents = [scene.content, *scene.frames][: plan.frames]
        later = plan.levels[-1].model_copy(update={"evaluations": plan.frame_evaluations})
        meter = Meter([plan.levels, *[(later,)] * (len(contents) - 1)])
        finished: list[NDArray[np.uint8]] = []
        change: tf.Tensor | None = None
        for number, content in enumerate(contents):
            transfer = StyleTransfer(content, scene.styles, settings)
            background = resize(content, *plan.result_size)
            levels = (later,) if number else plan.levels
            start = change if number else self._start(transfer, scene.previous, plan)
            if resume is not None and number < len(resume["finished"]):
                finished.append(resume["finished"][number].astype(np.uint8))
                picture: Callable[[], Picture] = partial(Picture, finished[-1], background.alpha)
                yield meter.end(number, picture, partial(self._likeness, transfer, picture), resume)
                continue
            for step in self._run(recipe, [transfer], levels, plan.precision, start=start, resume=resume):
                picture = cache(partial(_picture, step, 0, background, transfer))
                yield meter.step(
                    number,
                    step,
                    picture,
                    partial(self._likeness, transfer, picture),
                    partial(_checkpoint, step, finished, background),
                )
            change = step.change(stylize.shape_of(step.content))
            finished.append(picture().rgb)
            resume = None

    def paint_batch(self, jobs: Sequence[tuple[Scene, Plan, Settings]]) -> Generator[list[Step], None, None]:
        """Paint several pictures side by side, a step of each at a time.

        For contents that start from themselves and `goes_side_by_side`, by plans that differ in the result's size at
        most; ValueError otherwise.
        """
        each = [StyleTransfer(scene.content, scene.styles, settings) for scene, _, settings in jobs]
        plans = [plan for _, plan, _ in jobs]
        plan = plans[0]
        if not all(goes_side_by_side(scene) for scene, _, _ in jobs):
            raise ValueError("masks, transparency, earlier results and animations are painted one by one")
        if any(other.course != plan.course for other in plans):
            raise ValueError("what is painted side by side goes over the same levels")
        meters = [Meter([plan.levels]) for _ in each]
        backgrounds = [
            resize(transfer.content, *own.result_size) for transfer, own in zip(each, plans, strict=True)
        ]
        for step in self._run(RECIPES[plan.recipe], each, plan.levels, plan.precision):
            steps = []
            for row, (meter, transfer, background) in enumerate(zip(meters, each, backgrounds, strict=True)):
                picture = cache(partial(_picture, step, row, background, transfer))
                likeness = partial(self._likeness, transfer, picture)
                checkpoint = partial(_checkpoint, step, (), background, row)
                steps.append(meter.step(0, step, picture, likeness, checkpoint, row))
            yield steps

    def study(self, painting: Picture, levels: Sequence[Level], *, seed: int) -> Generator[Step, None, None]:
        """Synthesise a texture with the painting's style and none of its content, from noise."""
        nothing = np.broadcast_to(np.rint(vgg.MEAN[::-1]).astype(np.uint8), painting.rgb.shape)
        plan = Plan(recipe=RecipeName.STANDARD, levels=tuple(levels), seconds=0, precision=self.precision)
        scene = Scene(Picture(nothing, None), [Style(painting)])
        yield from self.paint_with(STUDY, scene, plan, Settings(seed=seed))

    # --- within -------------------------------------------------------------------------------------------

    def _run(
        self,
        recipe: Recipe,
        transfers: Sequence[StyleTransfer],
        levels: Sequence[Level],
        precision: Precision,
        *,
        start: tf.Tensor | None = None,
        resume: Checkpoint | None = None,
    ) -> Iterator[stylize.Step]:
        keys = _keys(recipe, levels, len(transfers), precision)
        first = 0 if resume is None else int(resume["level"])
        # In tiles there are gigabytes, which wait for their turn.
        new = [
            n
            for n, key in enumerate(keys)
            if n > first and hashkey(key) not in self._loops and not key.is_tiled
        ]

        def prepare(number: int) -> tuple[stylize.Loop, LevelImages]:
            loop, images = self._prepare(keys[number], levels[number], transfers)
            if number in new and isinstance(loop, stylize.Level):
                loop.compile(images)
            return loop, images

        with Ahead([partial(prepare, number) for number in range(len(levels))]) as ahead:
            steps = stylize.stylize(
                [partial(ahead.take, number) for number in range(len(levels))],
                start=start,
                seeds=[transfer.settings.seed for transfer in transfers],
                resume=resume,
            )
            for number, step in enumerate(steps):
                if number == 0:  # not before: somebody waits for the first frame
                    ahead.begin(new)
                yield step

    def _prepare(
        self, key: "_Key", level: Level, transfers: Sequence[StyleTransfer]
    ) -> tuple[stylize.Loop, LevelImages]:
        recipe = key.recipe
        # A loop for a picture in tiles holds gigabytes: it is made for one job.
        loop = _make_loop(self.network, key) if key.is_tiled else self._kept_loop(key).loop
        contents = tf.concat(
            [
                vgg.to_tensor(resize(transfer.content, level.width, level.height).rgb)
                for transfer in transfers
            ],
            0,
        )
        features = loop.content_targets(contents)
        targets = self._styles.targets(
            loop.objective, key.precision, stylize.shape_of(contents), transfers, features
        )
        rough = None
        if recipe.grain:
            size = max(level.width, level.height)
            rough = recipe.grain * tf.concat([roughness(transfer, recipe, size) for transfer in transfers], 0)
        return loop, LevelImages(contents, targets, level.evaluations, self.chunk(level), rough)

    def _start(self, transfer: StyleTransfer, previous: Picture | None, plan: Plan) -> tf.Tensor | None:
        """The change to begin with; None leaves it to the recipe."""

        def at(level: Level, picture: Picture) -> tf.Tensor:
            return vgg.to_tensor(resize(picture, level.width, level.height).rgb)

        first, last = plan.levels[0], plan.levels[-1]
        match transfer.settings.start:
            case Start.PREVIOUS if previous is not None:
                return at(last, previous) - at(last, transfer.content)
            case Start.NOISE:
                grey = noise.noise((first.height, first.width), NOISE, transfer.settings.seed)
                return grey - at(first, transfer.content)
            case _:
                return None

    def _likeness(self, transfer: StyleTransfer, picture: Callable[[], Picture]) -> Likeness:
        """Measured at one small size, whatever the picture's, so that it means the same for all."""
        painted = picture()
        width, height = planner.fit(painted.width, painted.height, LIKENESS_SIDE, planner.GRID)
        objective = stylize.Objective(self.network, LIKENESS, self.precision)
        both = tf.concat(
            [vgg.to_tensor(resize(each, width, height).rgb) for each in (painted, transfer.content)], 0
        )
        features = list(objective.features(both))
        content = tuple(layers[-1].exact[1:] for octave, layers in features if octave.content)
        targets = self._styles.targets(objective, self.precision, (height, width), [transfer], content)
        values = objective.values(objective.measure(features, targets), targets)
        ours, untouched = tf.unstack(tf.add_n(values[2:]))
        style = float(ours) / max(float(untouched), 1e-9)
        distance = float(values[1][0]) / max(float(targets.unrelated[0]), 1e-9)
        return Likeness(style_reached=_percent(1 - style), content_kept=_percent(1 - distance))


@dataclass(frozen=True)
class _Key:
    """What a compiled loop is made for."""

    recipe: Recipe
    width: int
    height: int
    pictures: int
    precision: Precision

    @property
    def is_tiled(self) -> bool:
        return self.width * self.height > planner.TILE_PIXELS


class _SizedLoop(NamedTuple):
    """A compiled loop, and how many bytes it takes while nobody paints."""

    loop: stylize.Loop
    bytes: int


def _sized_loop(network: keras.Model, key: _Key) -> _SizedLoop:
    """To be kept: the last one always is, whatever it takes."""
    size = planner.kept_bytes(key.width, key.height, key.pictures)
    return _SizedLoop(_make_loop(network, key), min(size, planner.KEPT_BYTES))


def _make_loop(network: keras.Model, key: _Key) -> stylize.Loop:
    shape = key.height, key.width
    if key.is_tiled:
        return TiledLevel(network, key.recipe, shape, precision=key.precision)
    return stylize.Level(network, key.recipe, shape, pictures=key.pictures, precision=key.precision)


def _keys(recipe: Recipe, levels: Sequence[Level], pictures: int, precision: Precision) -> list[_Key]:
    return [_Key(recipe, level.width, level.height, pictures, precision) for level in levels]


def _checkpoint(
    step: stylize.Step, finished: Sequence[NDArray[np.uint8]], background: Picture, row: int = 0
) -> Checkpoint:
    """A step's, with the frames of an animation that were finished before."""
    frames = np.array(finished, np.uint8).reshape(-1, *background.rgb.shape)
    return {**step.checkpoint(row), "finished": frames}


def _picture(step: stylize.Step, row: int, background: Picture, transfer: StyleTransfer) -> Picture:
    """The change in a row of a step, on the content at the size of that."""
    shape = background.height, background.width
    wide = step.change(shape, row)
    part = _painted_part(transfer, shape)
    if part is not None:
        wide = wide * part[None, ..., None]
    rgb = vgg.changed(background.rgb, stylize.to_host(wide)[0])
    if transfer.settings.colours is Colours.KEPT:
        rgb = colour.keep_colours(rgb, background.rgb)
    return Picture(rgb, background.alpha)


def _painted_part(transfer: StyleTransfer, shape: Shape) -> NDArray[np.float32] | None:
    """0 to 1 (H, W): where any style goes; None is everywhere."""
    given = [style.mask for style in transfer.styles]
    if any(mask is None for mask in given):
        return None
    parts = masks.regions(given, None, shape)
    covered: NDArray[np.float32] = np.max([part.where for part in parts], axis=0)
    return covered


def _percent(share: float) -> int:
    return round(100 * min(max(share, 0.0), 1.0))
