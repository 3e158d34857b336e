"""One warm model on one device, and what a job needs from it: the seam between a worker and the maths.

Rule: everything here may block; it runs in a worker process or behind the command line, never on an event
loop. Nothing here reads a clock but `warm_up`, whose task is to measure, nor a file but the statistics' cache.
"""

import os
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial

from engine.log import native_stderr_muted

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read when TensorFlow is imported
with native_stderr_muted():  # what it prints before it reads that
    import tensorflow as tf

import numpy as np
from numpy.typing import NDArray

from engine.images import Picture, resize
from engine.nst import PACKAGED, colour, noise, stylize, vgg
from engine.nst.recipes import RECIPES, STUDY, Recipe
from engine.nst.stylize import Checkpoint, LevelImages
from engine.nst.tiled_level import TiledLevel
from engine.painting.piece import Piece
from engine.painting.prefetch import Ahead
from engine.painting.progress import Meter, Step
from engine.painting.recent import Recent
from engine.painting.scene import Scene, Style, goes_side_by_side
from engine.painting.statistics_cache import StatisticsCache
from engine.painting.style_targets import StyleBook
from engine.planning import planner
from engine.planning.cost_model import Speed
from engine.protocol import Colours, Level, Likeness, Plan, Precision, RecipeName, Settings, Start

WARM_UP_SIDES = (64, 192)  # two points make the line that `Speed` is
WARM_UP_TURNS = 4  # of which the fastest counts
CHUNK_SECONDS = 0.5  # evaluations that take about as long together are one call
MOST_CHUNK = 20
LEAST_CALLS = 4  # at each level, so that a short painting has its moments too
LIKENESS_SIDE = 128
LIKENESS = Recipe(reduced=True)
NOISE = 15.0  # grey levels, of a picture that starts from noise


class Studio:
    """The network on this process's device, with what it learnt from earlier jobs."""

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
        self._levels: Recent[_Key, stylize.Loop] = Recent(
            planner.KEPT_BYTES, lambda key: planner.kept_bytes(key.width, key.height, key.pictures)
        )
        self._styles = StyleBook(weights, statistics)

    @property
    def levels(self) -> list[stylize.Loop]:
        """The compiled loops that are kept, least recently used first."""
        return self._levels.entries

    def warm_up(self) -> Speed:
        """Return the device's speed, measured at two sizes in the precision whose convolutions are faster here."""
        if len(self._precisions) > 1:
            self.precision = min(self._precisions, key=self._seconds_of_network)
        self._speed = self._measure_speed()
        return self._speed

    def assume(self, speed: Speed) -> None:
        """Take what `warm_up` has measured on this device before."""
        self.precision, self._speed = speed.precision, speed

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
            piece = Piece(content, scene.styles, settings)
            background = resize(content, *plan.result_size)
            levels = (later,) if number else plan.levels
            start = change if number else self._start(piece, scene.previous, plan)
            if resume is not None and number < len(resume["finished"]):
                finished.append(resume["finished"][number].astype(np.uint8))
                picture: Callable[[], Picture] = partial(Picture, finished[-1], background.alpha)
                yield meter.end(number, picture, partial(self._likeness, piece, picture), resume)
                continue
            for step in self._run(recipe, [piece], levels, plan.precision, start=start, resume=resume):
                picture = cache(partial(_picture, step, 0, background, piece))
                yield meter.step(
                    number,
                    step,
                    picture,
                    partial(self._likeness, piece, picture),
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
        each = [Piece(scene.content, scene.styles, settings) for scene, _, settings in jobs]
        plans = [plan for _, plan, _ in jobs]
        plan = plans[0]
        if not all(goes_side_by_side(scene) for scene, _, _ in jobs):
            raise ValueError("masks, transparency, earlier results and animations are painted one by one")
        if any(other.course != plan.course for other in plans):
            raise ValueError("what is painted side by side goes over the same levels")
        meters = [Meter([plan.levels]) for _ in each]
        backgrounds = [
            resize(piece.content, *own.result_size) for piece, own in zip(each, plans, strict=True)
        ]
        for step in self._run(RECIPES[plan.recipe], each, plan.levels, plan.precision):
            steps = []
            for row, (meter, piece, background) in enumerate(zip(meters, each, backgrounds, strict=True)):
                picture = cache(partial(_picture, step, row, background, piece))
                likeness = partial(self._likeness, piece, picture)
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
        pieces: Sequence[Piece],
        levels: Sequence[Level],
        precision: Precision,
        *,
        start: tf.Tensor | None = None,
        resume: Checkpoint | None = None,
    ) -> Iterator[stylize.Step]:
        keys = [_Key(recipe, level.width, level.height, len(pieces), precision) for level in levels]
        first = 0 if resume is None else int(resume["level"])
        # In tiles there are gigabytes, which wait for their turn.
        new = [n for n, key in enumerate(keys) if n > first and key not in self._levels and not key.is_tiled]

        def prepare(number: int) -> tuple[stylize.Loop, LevelImages]:
            loop, images = self._prepare(keys[number], levels[number], pieces)
            if number in new and isinstance(loop, stylize.Level):
                loop.compile(images)
            return loop, images

        with Ahead([partial(prepare, number) for number in range(len(levels))]) as ahead:
            steps = stylize.stylize(
                [partial(ahead.take, number) for number in range(len(levels))],
                start=start,
                seeds=[piece.settings.seed for piece in pieces],
                resume=resume,
            )
            for number, step in enumerate(steps):
                if number == 0:  # not before: somebody waits for the first frame
                    ahead.begin(new)
                yield step

    def _prepare(
        self, key: "_Key", level: Level, pieces: Sequence[Piece]
    ) -> tuple[stylize.Loop, LevelImages]:
        recipe = key.recipe
        # A loop for a picture in tiles holds gigabytes: it is made for one job.
        loop = self._make_loop(key) if key.is_tiled else self._levels.get(key, partial(self._make_loop, key))
        contents = tf.concat(
            [vgg.to_tensor(resize(piece.content, level.width, level.height).rgb) for piece in pieces], 0
        )
        features = loop.content_targets(contents)
        targets = self._styles.targets(
            loop.objective, key.precision, stylize.shape_of(contents), pieces, features
        )
        rough = None
        if recipe.grain:
            size = max(level.width, level.height)
            rough = recipe.grain * tf.concat([piece.roughness(recipe, size) for piece in pieces], 0)
        return loop, LevelImages(contents, targets, level.evaluations, self.chunk(level), rough)

    def _make_loop(self, key: "_Key") -> stylize.Loop:
        shape = key.height, key.width
        if key.is_tiled:
            return TiledLevel(self.network, key.recipe, shape, precision=key.precision)
        return stylize.Level(self.network, key.recipe, shape, pictures=key.pictures, precision=key.precision)

    def _start(self, piece: Piece, previous: Picture | None, plan: Plan) -> tf.Tensor | None:
        """The change to begin with; None leaves it to the recipe."""

        def at(level: Level, picture: Picture) -> tf.Tensor:
            return vgg.to_tensor(resize(picture, level.width, level.height).rgb)

        first, last = plan.levels[0], plan.levels[-1]
        match piece.settings.start:
            case Start.PREVIOUS if previous is not None:
                return at(last, previous) - at(last, piece.content)
            case Start.NOISE:
                grey = noise.noise((first.height, first.width), NOISE, piece.settings.seed)
                return grey - at(first, piece.content)
            case _:
                return None

    def _likeness(self, piece: Piece, picture: Callable[[], Picture]) -> Likeness:
        """Measured at one small size, whatever the picture's, so that it means the same for all."""
        painted = picture()
        width, height = planner.fit(painted.width, painted.height, LIKENESS_SIDE, planner.GRID)
        objective = stylize.Objective(self.network, LIKENESS, self.precision)
        both = tf.concat(
            [vgg.to_tensor(resize(each, width, height).rgb) for each in (painted, piece.content)], 0
        )
        features = list(objective.features(both))
        content = tuple(layers[-1].exact[1:] for octave, layers in features if octave.content)
        targets = self._styles.targets(objective, self.precision, (height, width), [piece], content)
        values = objective.values(objective.measure(features, targets), targets)
        ours, untouched = tf.unstack(tf.add_n(values[2:]))
        style = float(ours) / max(float(untouched), 1e-9)
        distance = float(values[1][0]) / max(float(targets.unrelated[0]), 1e-9)
        return Likeness(style_reached=_percent(1 - style), content_kept=_percent(1 - distance))

    def _seconds_of_network(self, precision: Precision) -> float:
        """Forward and back, without all that a level has besides, which takes long to compile."""
        side = max(WARM_UP_SIDES)
        recipe = RECIPES[RecipeName.STANDARD]
        features = vgg.features_of(
            self.network,
            tuple(stylize.layers_of(recipe.octaves[0], recipe)),
            precision,
            reduced=recipe.reduced,
        )

        def gradient(image: tf.Tensor) -> tf.Tensor:
            with tf.GradientTape() as tape:
                tape.watch(image)
                sums = tf.add_n([tf.reduce_sum(seen.sums) for seen in features(image)])
            return tape.gradient(sums, image)

        compiled = tf.function(gradient, autograph=False)
        noisy = noise.noise((side, side), NOISE, 0)
        compiled(noisy)
        return min(_seconds(lambda: compiled(noisy).numpy()) for _ in range(WARM_UP_TURNS))

    def _measure_speed(self) -> Speed:
        (_, small), (first, large) = (self._seconds_of_evaluation(side) for side in WARM_UP_SIDES)
        pixels = [side * side / 1e6 for side in WARM_UP_SIDES]
        per_megapixel = max((large - small) / (pixels[1] - pixels[0]), 1e-6)
        overhead = max(small - per_megapixel * pixels[0], 0.0)
        # Of the second, as with the first there is more to load that is loaded once.
        return Speed(overhead, per_megapixel, self.precision, compiling=max(first - large, 0.0))

    def _seconds_of_evaluation(self, side: int) -> tuple[float, float]:
        """(of the first, of the fastest)"""
        grey = Picture(np.random.default_rng(0).integers(0, 255, (side, side, 3), np.uint8))
        piece = Piece(grey, [Style(grey)], Settings())
        level = Level(width=side, height=side, evaluations=1 + WARM_UP_TURNS)
        recipe = RECIPES[RecipeName.STANDARD]
        seconds = []
        start = time.perf_counter()
        for _ in self._run(recipe, [piece], [level], self.precision):
            now = time.perf_counter()
            seconds.append(now - start)
            start = now
        return seconds[0], min(seconds[1:])


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


def _checkpoint(
    step: stylize.Step, finished: Sequence[NDArray[np.uint8]], background: Picture, row: int = 0
) -> Checkpoint:
    """A step's, with the frames of an animation that were finished before."""
    frames = np.array(finished, np.uint8).reshape(-1, *background.rgb.shape)
    return {**step.checkpoint(row), "finished": frames}


def _picture(step: stylize.Step, row: int, background: Picture, piece: Piece) -> Picture:
    """The change in a row of a step, on the content at the size of that."""
    shape = background.height, background.width
    wide = step.change(shape, row)
    part = piece.painted_part(shape)
    if part is not None:
        wide = wide * part[None, ..., None]
    rgb = vgg.changed(background.rgb, stylize.to_host(wide)[0])
    if piece.settings.colours is Colours.KEPT:
        rgb = colour.keep_colours(rgb, background.rgb)
    return Picture(rgb, background.alpha)


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _percent(share: float) -> int:
    return round(100 * min(max(share, 0.0), 1.0))
