"""One warm model on one device, and what a job needs from it: the seam between a worker and the maths.

Rule: everything here may block; it runs in a worker process or behind the command line, never on an event
loop. Nothing here reads a clock (`benchmark` does, for `warm_up`), nor a file but the statistics' cache.
"""

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import cache, partial
from types import MappingProxyType

from engine.devices.onednn import use_on_any_x86
from engine.log import native_stderr_muted
from engine.protocol import staying

# Read when TensorFlow is imported; nobody has the legacy Keras here, so none is imported along (see `vgg`).
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
with native_stderr_muted(), staying():  # what it prints before it reads that
    use_on_any_x86()
    import tensorflow as tf

import numpy as np
from numpy.typing import NDArray

from engine.devices.device import round_products
from engine.devices.memory import gauge
from engine.images import Picture, bleed, resize
from engine.nst import PACKAGED, masks, noise, pixels, pyramid, vgg
from engine.nst.level import Checkpoint, LevelImages, Loop, WholeLevel
from engine.nst.parameterisation import Shape
from engine.nst.recipes import RECIPES, STUDY, Recipe
from engine.nst.tiled_level import TILE
from engine.painting import benchmark, likeness
from engine.painting.compositor import Compositor, Smoother
from engine.painting.loop_cache import LoopCache, LoopKey, LoopName, keys_of
from engine.painting.precisions import Lacks, able
from engine.painting.prefetch import Prefetcher
from engine.painting.progress import ProgressTracker, Step
from engine.painting.pulse import Activity, Pulse
from engine.painting.scene import Scene, Style, StyleTransfer
from engine.painting.statistics_cache import StatisticsCache
from engine.painting.style_targets import StyleTargets, texture
from engine.planning import planner
from engine.planning.batching import can_be_batched
from engine.planning.cost_model import Speed
from engine.planning.measuring import Measured
from engine.protocol import Arithmetic, Level, Likeness, Plan, Precision, RecipeName, Settings, Start

CHUNK_SECONDS = 0.5  # evaluations that take about as long together are one call
MOST_CHUNK = 20
MEASURED = (Precision.FLOAT32, Precision.BFLOAT16)  # TensorFloat-32 is for who asks for it
LEAST_CALLS = 4  # at each level, so that a short painting has its snapshots too


class Session:
    """The network on this process's device, with its compiled levels and the statistics of styles."""

    def __init__(
        self,
        weights: str = PACKAGED,
        *,
        precision: Precision | None = None,
        lacks: Lacks = MappingProxyType({}),
        arithmetic: Arithmetic = Arithmetic(),  # noqa: B008 - it does not change
        statistics: StatisticsCache | None = None,
        pulse: Pulse | None = None,
        most_bytes: int | None = None,
    ) -> None:
        """Load the network; without a `precision`, `warm_up` finds the faster. Raises Refusal BAD_WEIGHTS.

        lacks: what the device cannot do, see `precisions`; float32 is painted in instead. arithmetic: what pictures are to say of this
        process, which is set up for it.
        pulse: is told what the thread that paints is at. most_bytes: see `LoopCache`.
        """
        # With it, the same loop gives other last bits after some ninety evaluations, which then grow: the same
        # request would not give the same picture.
        tf.config.optimizer.set_experimental_options({"arithmetic_optimization": False})
        tf.get_logger().setLevel("ERROR")  # it takes the one compilation of each level for a mistake
        self.network = vgg.load(weights)
        self.network_digest = vgg.digest(self.network)
        self.lacks, self.arithmetic = lacks, arithmetic
        wanted = (precision,) if precision else MEASURED
        self._precisions = tuple(each for each in wanted if each not in lacks) or (Precision.FLOAT32,)
        self.precision = self._precisions[0]
        round_products(self.precision is Precision.TENSORFLOAT32)
        self._speed: Speed | None = None
        self._pulse = pulse or Pulse()
        self.most_bytes = most_bytes
        self._loops = LoopCache(self.network, self._pulse.beat, most_bytes)
        self._smooth = Smoother()
        self._style_targets = StyleTargets(self.network_digest, statistics)

    @property
    def fixed_precision(self) -> Precision | None:
        """The one in which it paints; None where `warm_up` chooses."""
        return self._precisions[0] if len(self._precisions) == 1 else None

    @property
    def loops(self) -> list[Loop]:
        """The compiled loops that are kept."""
        return self._loops.loops

    @property
    def kept_bytes(self) -> int:
        """What the loops that are kept take while nobody paints."""
        return self._loops.kept_bytes

    def compiled(self, plan: Plan, pictures: int = 1) -> tuple[bool, ...]:
        """Which levels of a plan need no compiling, for so many pictures at once.

        That is done for the first of those that one loop paints. A level in tiles is compiled for each job anew.
        """
        keys = keys_of(RECIPES[plan.recipe], plan.levels, pictures, able(plan, self.lacks).precision)
        new = self._to_compile(keys)
        return tuple(number not in new for number in range(len(keys)))

    def warm_up(self) -> Measured:
        """Return what the device can do, measured in the precision whose convolutions are faster here."""
        if len(self._precisions) > 1:
            self.precision = benchmark.faster_precision(self.network, self._precisions)
        recipe = RECIPES[RecipeName.STANDARD]
        paint, prepare = partial(self.paint_with, recipe), partial(self._prepare_first, recipe)
        measured = benchmark.measure(paint, prepare, self.precision, gauge())
        self._speed = measured.speed
        return measured

    def assume(self, speed: Speed) -> None:
        """Take what `warm_up` has measured on this device before."""
        self.precision, self._speed = speed.precision, speed

    def chunk(self, level: Level) -> int:
        """How many evaluations of a level are made in one call: few enough that nobody waits for the next preview."""
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
        compositors = [
            Compositor(transfer, plan.result_size, smooth=self._smooth)
            for transfer in scene.transfers(settings)[: plan.frames]
        ]
        pyramids = _pyramids(plan, len(compositors))
        tracker = ProgressTracker(pyramids)
        finished: list[NDArray[np.uint8]] = []
        if resume is not None:
            finished += [rgb.astype(np.uint8) for rgb in resume["finished"]]
            yield from self._repeat(tracker, compositors, finished, resume)
        start = None if finished else _start(compositors[0].transfer, scene.previous, plan)
        for frame in range(len(finished), len(compositors)):
            transfers = [compositors[frame].transfer]
            for step in self._run(
                recipe, transfers, pyramids[frame], plan.precision, start=start, resume=resume
            ):
                reported = self._report(tracker, step, compositors[frame], finished)
                yield reported
            start, resume = step.change(pyramid.shape_of(step.content)), None
            finished.append(reported.picture().rgb)

    def paint_batch(self, jobs: Sequence[tuple[Scene, Plan, Settings]]) -> Generator[list[Step], None, None]:
        """Paint several pictures side by side, a step of each at a time.

        For jobs that `can_be_batched`, by plans of one `batch_key`; ValueError otherwise.
        """
        _check_batch(jobs)
        plan = jobs[0][1]
        tracker = ProgressTracker([plan.levels])
        compositors = [
            Compositor(
                StyleTransfer(scene.content, scene.styles, settings), own.result_size, row, self._smooth
            )
            for row, (scene, own, settings) in enumerate(jobs)
        ]
        transfers = [each.transfer for each in compositors]
        for step in self._run(RECIPES[plan.recipe], transfers, plan.levels, plan.precision):
            yield [self._report(tracker, step, each) for each in compositors]

    def study(self, painting: Picture, levels: Sequence[Level], *, seed: int) -> Generator[Step, None, None]:
        """Synthesise a picture that has the painting's style and little of what it shows, from noise."""
        nothing = np.broadcast_to(np.rint(pixels.MEAN[::-1]).astype(np.uint8), painting.rgb.shape)
        plan = Plan(recipe=RecipeName.STANDARD, levels=tuple(levels), seconds=0, precision=self.precision)
        scene = Scene(Picture(nothing, None), [Style(painting)])
        yield from self.paint_with(STUDY, scene, plan, Settings(seed=seed))

    # --- within -------------------------------------------------------------------------------------------

    def _repeat(
        self,
        tracker: ProgressTracker,
        compositors: Sequence[Compositor],
        finished: Sequence[NDArray[np.uint8]],
        resume: Checkpoint,
    ) -> Iterator[Step]:
        """The last step of each frame that was finished before the painting was interrupted."""
        for frame, rgb in enumerate(finished):
            compositor = compositors[frame]
            picture = cache(partial(compositor.with_alpha, rgb))
            yield tracker.step(
                frame,
                *tracker.end_of(frame),
                losses={},
                picture=picture,
                likeness=partial(self._likeness, compositor, picture),
                checkpoint=lambda: resume,
            )

    def _report(
        self,
        tracker: ProgressTracker,
        step: pyramid.LevelStep,
        compositor: Compositor,
        finished: Sequence[NDArray[np.uint8]] = (),
    ) -> Step:
        """A step of the maths as those see it who wait for the picture, after the frames that are finished."""
        picture = cache(partial(compositor.picture, step))
        return tracker.step(
            len(finished),
            step.level,
            step.evaluation,
            losses=step.losses[compositor.row],
            picture=picture,
            likeness=partial(self._likeness, compositor, picture),
            checkpoint=partial(_checkpoint, step, compositor, tuple(finished)),
        )

    def _likeness(self, compositor: Compositor, picture: Callable[[], Picture]) -> Likeness:
        return likeness.measure(
            self.network, self.precision, self._style_targets, compositor.transfer, picture()
        )

    def _run(
        self,
        recipe: Recipe,
        transfers: Sequence[StyleTransfer],
        levels: Sequence[Level],
        precision: Precision,
        *,
        start: tf.Tensor | None = None,
        resume: Checkpoint | None = None,
    ) -> Iterator[pyramid.LevelStep]:
        """Go over the levels, compiling the next ones in the background."""
        round_products(precision is Precision.TENSORFLOAT32)
        keys = keys_of(recipe, levels, len(transfers), precision)
        first = 0 if resume is None else int(resume["level"])
        new = self._to_compile(keys, first)
        # In tiles there are gigabytes, which wait for their turn.
        ahead = [number for number in new if number > first and not keys[number].is_tiled]
        prepare = [
            partial(self._prepare_compiled if number in ahead else self._prepare, key, level, transfers)
            for number, (key, level) in enumerate(zip(keys, levels, strict=True))
        ]
        with Prefetcher(prepare) as prefetcher:
            steps = pyramid.stylize(
                [
                    partial(
                        self._take,
                        prefetcher,
                        keys,
                        number,
                        # What is guided is compiled apart.
                        compiles=number in new or transfers[0].is_guided,
                    )
                    for number in range(len(keys))
                ],
                start=start,
                seeds=[transfer.settings.seed for transfer in transfers],
                resume=resume,
            )
            for number, step in enumerate(steps):
                if number == 0:  # not before: somebody waits for the first preview
                    prefetcher.begin(ahead)
                self._pulse.enter(Activity.PAINTING, self._seconds_of_call(levels[step.level]))
                yield step

    def _take(
        self,
        prefetcher: Prefetcher[tuple[Loop, LevelImages]],
        keys: Sequence[LoopKey],
        number: int,
        *,
        compiles: bool,
    ) -> tuple[Loop, LevelImages]:
        """A level, ready; of one that compiles, the first evaluation still does."""
        self._loops.make_room(keys[number:], keys[:number])
        self._pulse.enter(Activity.COMPILING if compiles else Activity.PREPARING)
        taken = prefetcher.take(number)
        # Only now is its own memory taken, if it was still compiled.
        self._loops.make_room(keys[number:], keys[:number])
        if not compiles:
            self._pulse.enter(Activity.PAINTING)
        return taken

    def _seconds_of_call(self, level: Level) -> float:
        """How long nothing is heard while it is painted; 0 where nobody knows."""
        if self._speed is None:
            return 0.0
        if level.width * level.height > planner.TILE_PIXELS:
            return self._speed.seconds(TILE, TILE)
        return self.chunk(level) * self._speed.seconds(level.width, level.height)

    def _to_compile(self, keys: Sequence[LoopKey], first: int = 0) -> list[int]:
        """The numbers of the levels, from `first` on, that are painted by a loop that is not there yet.

        Of those that one loop paints, the first.
        """
        found: dict[LoopName | LoopKey, int] = {}
        for number, key in enumerate(keys[first:], first):
            if key not in self._loops:
                found.setdefault(key if key.is_tiled else key.loop, number)
        return list(found.values())

    def _prepare_first(self, recipe: Recipe, scene: Scene, plan: Plan, settings: Settings) -> None:
        """What is before the first evaluation of a plan, but what compiles."""
        (key,) = keys_of(recipe, plan.levels[:1], 1, plan.precision)
        self._prepare(key, plan.levels[0], scene.transfers(settings)[:1])

    def _prepare_compiled(
        self, key: LoopKey, level: Level, transfers: Sequence[StyleTransfer]
    ) -> tuple[Loop, LevelImages]:
        loop, images = self._prepare(key, level, transfers)
        if isinstance(loop, WholeLevel):
            loop.compile(images)
        return loop, images

    def _prepare(
        self, key: LoopKey, level: Level, transfers: Sequence[StyleTransfer]
    ) -> tuple[Loop, LevelImages]:
        loop = self._loops.get(key)
        contents = tf.concat([_at_level(transfer.content, level) for transfer in transfers], 0)
        shape = pyramid.shape_of(contents)
        content = loop.content_targets(contents, _visible(transfers[0].content, shape))
        targets = self._style_targets.targets(loop.objective, key.precision, shape, transfers, content)
        rough = _wanted_roughness(key.recipe, level, transfers)
        return loop, LevelImages(contents, targets, level.evaluations, self.chunk(level), rough)


def _pyramids(plan: Plan, frames: int) -> list[tuple[Level, ...]]:
    """The levels of each frame: after the first only the last one, as each starts from the one before."""
    later = plan.levels[-1].model_copy(update={"evaluations": plan.frame_evaluations})
    return [plan.levels, *[(later,)] * (frames - 1)]


def _check_batch(jobs: Sequence[tuple[Scene, Plan, Settings]]) -> None:
    if not all(can_be_batched(settings, plan, is_guided=scene.is_guided) for scene, plan, settings in jobs):
        raise ValueError("masks, transparency, other starts and animations are painted one by one")
    if len({plan.batch_key for _, plan, _ in jobs}) > 1:
        raise ValueError("the pictures of a batch go over the same levels")


def _at_level(picture: Picture, level: Level) -> tf.Tensor:
    """(1, H, W, 3), without colours that nobody sees."""
    return pixels.to_tensor(bleed(resize(picture, level.width, level.height)))


def _visible(content: Picture, shape: Shape) -> tf.Tensor | None:
    """(1, H, W), 0 to 1; in a batch nothing is transparent."""
    return None if content.alpha is None else tf.constant(masks.scaled(content.alpha, shape)[None])


def _start(transfer: StyleTransfer, previous: Picture | None, plan: Plan) -> tf.Tensor | None:
    """The change to begin with; None leaves it to the recipe."""
    first, last = plan.levels[0], plan.levels[-1]
    match transfer.settings.start:
        case Start.PREVIOUS if previous is not None:
            return _at_level(previous, last) - _at_level(transfer.content, last)
        case Start.NOISE:
            grey = noise.noise((first.height, first.width), noise.AMPLITUDE, transfer.settings.seed)
            return grey - _at_level(transfer.content, first)
        case _:
            return None


def _wanted_roughness(recipe: Recipe, level: Level, transfers: Sequence[StyleTransfer]) -> tf.Tensor | None:
    """(B,), that grain is to give the pictures, if the recipe has any."""
    if not recipe.grain:
        return None
    size = max(level.width, level.height)
    return tf.constant([recipe.grain * texture(transfer, recipe, size) for transfer in transfers])


def _checkpoint(
    step: pyramid.LevelStep, compositor: Compositor, finished: Sequence[NDArray[np.uint8]]
) -> Checkpoint:
    """A step's, with the frames of an animation that were finished before."""
    frames = np.array(finished, np.uint8).reshape(-1, *compositor.background.rgb.shape)
    return {**step.checkpoint(compositor.row), "finished": frames}
