"""The style transfer loop: a generator of steps over the levels of a pyramid.

At each level the images start as the content plus the change that the level before ended with, upsampled:
upsampling the change rather than the picture keeps the content's detail. Whoever consumes the steps decides
to show, keep or stop; closing the generator stops it after the evaluation under way.

Several pictures of one shape can be painted side by side. Rule: within a level in one piece nothing comes back
to the host but the losses, once a step, through `to_host`; a step is one evaluation or several, made in one call.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from engine.nst import losses, vgg
from engine.nst.losses import StyleStatistics
from engine.nst.noise import grain, noise
from engine.nst.optimise import Optimiser, square
from engine.nst.parameterisation import Shape, parameterise
from engine.nst.recipes import Octave, Recipe
from engine.protocol import Precision

Checkpoint = Mapping[str, NDArray[Any]]  # ready for `numpy.savez`


class Targets(NamedTuple):
    """What pictures are compared with; all of it has a row a picture.

    styles: of each octave's style layers. deviations: of those that are transported. content: features (B, h, w, C)
    of each octave that compares content. strength: 0 to 100. unrelated: see `losses.unrelated`. guides: (B, R, h, w)
    of each octave's style layers, for R regions, and `areas` (B, R), the share of the picture that each region is;
    both empty where every style is everywhere. With regions, the statistics have them as a second axis.
    """

    styles: tuple[StyleStatistics, ...]
    content: tuple[tf.Tensor, ...]
    strength: tf.Tensor
    unrelated: tf.Tensor
    deviations: tuple[losses.Deviations, ...] = ()
    guides: tuple[tf.Tensor, ...] = ()
    areas: tf.Tensor | None = None


class Measured(NamedTuple):
    """What the losses are made of: of each style layer what is there, and the content distances (B,)."""

    layers: list[losses.Located]
    content: list[tf.Tensor]


@dataclass(frozen=True)
class LevelImages:
    """What one level works on: the contents scaled to it (B, H, W, 3), the targets, and its length.

    chunk: how many evaluations are made in one call, after the first. roughness: (B,), that grain at the start gives the
    pictures.
    """

    content: tf.Tensor
    targets: Targets
    evaluations: int
    chunk: int = 1
    roughness: tf.Tensor | None = None


@dataclass(frozen=True)
class Step:
    """One or more evaluations done. `level` counts from 0 (coarsest), `evaluation` from 1 within the level.

    losses: of each picture at the last of the evaluations. best: (B, H, W, 3), the images so far, made of `content`.
    start: see `stylize`.
    """

    level: int
    evaluation: int
    losses: list[dict[str, float]]
    content: tf.Tensor
    best: tf.Tensor
    loop: "Loop"
    start: tf.Tensor | None

    @property
    def moved(self) -> tf.Tensor:
        """(B, H, W, 3): how the best images differ from what was begun with at this size."""
        change = self.best - self.content
        return change if self.start is None else change - resize(self.start, shape_of(change))

    def change(self, shape: Shape, row: int = 0) -> tf.Tensor:
        """(1, height, width, 3): a picture's best image minus its content at any size, with the details of `start`."""
        start = None if self.start is None else self.start[row : row + 1]
        return added(start, self.moved[row : row + 1], shape)

    def checkpoint(self, row: int = 0) -> Checkpoint:
        """All that is needed to go on with one of the pictures as if nothing had been; to be called before the next step.

        A picture that was painted beside others goes on by itself.
        """
        state = {name: to_host(variable) for name, variable in self.loop.state.items()}
        return {
            "level": np.array(self.level),
            "evaluation": np.array(self.evaluation),
            "losses": np.array([list(self.losses[row].values())]),
            **{name: array[row : row + 1] if array.ndim else array for name, array in state.items()},
        }


def shape_of(image: tf.Tensor) -> Shape:
    """(height, width) of (B, height, width, channels)."""
    return int(image.shape[1]), int(image.shape[2])


def shrunk(image: tf.Tensor, octave: Octave) -> tf.Tensor:
    """Images (B, H, W, 3) at the size at which an octave sees them."""
    return tf.nn.avg_pool2d(image, octave.shrink, octave.shrink, "VALID") if octave.shrink > 1 else image


def resize(image: tf.Tensor, shape: Shape) -> tf.Tensor:
    """Bicubic; the image itself if it has the shape already."""
    return image if shape_of(image) == shape else tf.image.resize(image, shape, "bicubic")


def added(start: tf.Tensor | None, moved: tf.Tensor, shape: Shape) -> tf.Tensor:
    """Both together at one size; each keeps the details that it has."""
    wide = resize(moved, shape)
    return wide if start is None else wide + resize(start, shape)


def to_host(tensor: tf.Tensor) -> NDArray[Any]:
    """The one way by which numbers leave the device while a picture is painted."""
    return np.asarray(tf.convert_to_tensor(tensor))  # on a processor without a copy; `numpy()` would make one


def layers_of(octave: Octave, recipe: Recipe) -> list[str]:
    """All layers that have to be evaluated at an octave, the content layer last."""
    return [*octave.style_layers, *([recipe.content_layer] if octave.content else [])]


def layer_weight(recipe: Recipe) -> float:
    """Of one style layer at one octave: they all weigh the same, and sum to 1."""
    return 1 / sum(len(octave.style_layers) for octave in recipe.octaves)


def loss_names(recipe: Recipe) -> list[str]:
    """The names of what an evaluation returns, in order."""
    return ["total", "content", *(name for octave in recipe.octaves for name in octave.names())]


class Objective:
    """What a recipe measures of an image, and the losses that this makes."""

    def __init__(self, network: keras.Model, recipe: Recipe, precision: Precision) -> None:
        self.recipe = recipe
        self._features = [
            vgg.features_of(network, tuple(layers_of(octave, recipe)), precision, reduced=recipe.reduced)
            for octave in recipe.octaves
        ]
        self._content = vgg.features_of(network, (recipe.content_layer,), precision, reduced=recipe.reduced)
        self._transported = [
            number < recipe.transported
            for octave in recipe.octaves
            for number in range(len(octave.style_layers))
        ]

    def features(self, image: tf.Tensor) -> Iterator[tuple[Octave, list[vgg.Seen]]]:
        """What the layers of each octave see of images (B, H, W, 3)."""
        for octave, features in zip(self.recipe.octaves, self._features, strict=True):
            yield octave, features(shrunk(image, octave))

    def targets(
        self,
        styles: Sequence[StyleStatistics],
        content: tuple[tf.Tensor, ...],
        strength: tf.Tensor,
        guides: tuple[tf.Tensor, ...] = (),
        areas: tf.Tensor | None = None,
        deviations_of: Callable[[tf.Tensor], losses.Deviations] = losses.deviations,
    ) -> Targets:
        """See `Targets`; `styles` as `style_of` gives them octave by octave, with a row a picture (and region).

        deviations_of: in place of `losses.deviations`, by who has kept what it gave.
        """
        compared, unrelated = [], tf.zeros_like(strength)
        given, features = iter(styles), iter(content)
        for octave in self.recipe.octaves:
            compared += [next(given) for _ in octave.style_layers]
            if octave.content:
                style = next(given).moments
                mixed = style if areas is None else tf.reduce_sum(style * areas[..., None, None], 1)
                unrelated += self._share(octave) * losses.unrelated(next(features), mixed)
        deviations = tuple(
            deviations_of(style.moments)
            for style, transported in zip(compared, self._transported, strict=True)
            if transported
        )
        return Targets(tuple(compared), content, strength, unrelated, deviations, guides, areas)

    def _share(self, octave: Octave) -> float:
        return octave.content / sum(each.content for each in self.recipe.octaves)

    def content_of(self, image: tf.Tensor) -> tuple[tf.Tensor, ...]:
        """The features that `Targets.content` holds."""
        seen = (shrunk(image, octave) for octave in self.recipe.octaves if octave.content)
        return tuple(self._content(each)[0].exact for each in seen)

    def style_of(self, image: tf.Tensor, octave: Octave) -> list[StyleStatistics]:
        """The statistics of one style image (1, h, w, 3), already shrunk for the octave, of all of `layers_of`."""
        layers = self._features[self.recipe.octaves.index(octave)](image)
        found = []
        for layer, seen in zip(layers_of(octave, self.recipe), layers, strict=True):
            there = self._located(layer, seen)
            spread = tf.zeros([])
            if there.cells is not None:
                gram = losses.gram_of(there.moments)
                spread = tf.reduce_mean(losses.error(there.cells, gram[:, None], normalised=True))
            found.append(StyleStatistics(there.moments[0], spread))
        return found

    def measure(self, features: Iterable[tuple[Octave, list[vgg.Seen]]], targets: Targets) -> Measured:
        """Images in one piece, from what `features` gives for them."""
        found: list[losses.Located] = []
        content: list[tf.Tensor] = []
        contents, guides = iter(targets.content), iter(targets.guides)
        for octave, layers in features:
            for layer, seen in zip(octave.style_layers, layers, strict=False):
                if targets.guides:
                    found.append(losses.Located(losses.guided_moments(seen.exact, next(guides))))
                else:
                    found.append(self._located(layer, seen, border=bool(self.recipe.border) and not found))
            if octave.content:
                content.append(self._content_error(layers[-1].exact, next(contents)))
        return Measured(found, content)

    def values(self, measured: Measured, targets: Targets) -> list[tf.Tensor]:
        """(B,) each: total, content and each layer's style error, as `loss_names` says."""
        recipe = self.recipe
        weight = layer_weight(recipe)
        layers, elsewhere = [], tf.zeros_like(measured.content[0])
        deviations = iter(targets.deviations)
        for seen, style, transported in zip(measured.layers, targets.styles, self._transported, strict=True):
            wanted = losses.gram_of(style.moments)
            if transported:
                distance = losses.transport(seen.moments, style.moments, next(deviations))
                error = recipe.transport * distance
            else:
                error = losses.error(losses.gram_of(seen.moments), wanted, normalised=recipe.normalised)
            layers.append(error if targets.areas is None else tf.reduce_sum(error * targets.areas, axis=1))
            if seen.cells is not None:
                uneven = losses.excess(seen.cells, wanted, recipe.slack * style.spread)
                elsewhere += recipe.evenness * weight * uneven
            if seen.border is not None:
                elsewhere += recipe.border * seen.border
        # Not tf.add_n, which may add in another order the next time.
        content = sum(
            error * self._share(octave)
            for error, octave in zip(
                measured.content, (octave for octave in recipe.octaves if octave.content), strict=True
            )
        )
        style = weight * sum(layers) + elsewhere
        total = recipe.style_weight * style + self._content_term(content, targets)
        return [total, content, *layers]

    def tones(self, image: tf.Tensor, content: tf.Tensor, targets: Targets) -> tf.Tensor:
        """What it adds to the total (B,) that images are light or dark elsewhere than contents, both (B, H, W, 3)."""
        if not self.recipe.tones or targets.guides:
            return tf.zeros_like(targets.strength)
        alike = tf.reduce_sum(losses.tones(image) * losses.tones(content), 1)
        return self.recipe.tones * (1 - targets.strength / 100) * (1 - alike)

    def _content_term(self, distance: tf.Tensor, targets: Targets) -> tf.Tensor:
        recipe, strength = self.recipe, targets.strength
        if recipe.kept is None or recipe.loosest is None:
            return recipe.content_weight * recipe.strength_range ** ((50 - strength) / 50) * distance
        free = (recipe.kept + (recipe.loosest - recipe.kept) * strength / 100) * targets.unrelated
        return recipe.content_weight * tf.square(tf.nn.relu(distance - free)) / free

    def _content_error(self, features: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
        # As of `losses.error`, but sums of squares are one pass each.
        unit = square(target) if self.recipe.normalised else float(np.prod(features.shape[1:]))
        return square(features - target) / unit

    def _located(self, layer: str, seen: vgg.Seen, *, border: bool = False) -> losses.Located:
        """Cells' Gram matrices only where the recipe wants them and the grid's cells see enough."""
        enough = vgg.block_of(layer) <= 3 and min(shape_of(seen.features)) >= losses.GRID
        return losses.located(seen, cells=bool(self.recipe.evenness) and enough, border=border)


class Loop(Protocol):
    """What paints one level; `Level` in one piece, `engine.nst.tiled_level.TiledLevel` in many."""

    recipe: Recipe
    objective: Objective

    @property
    def state(self) -> dict[str, tf.Variable]:
        """All variables by name."""

    def content_targets(self, content: tf.Tensor) -> tuple[tf.Tensor, ...]:
        """What `Targets.content` is for contents (B, H, W, 3)."""

    def run(
        self, images: LevelImages, change: tf.Tensor, resume: Checkpoint | None = None
    ) -> Iterator[tuple[int, NDArray[Any], tf.Tensor]]:
        """Yield (evaluations so far, their last losses (B, names), best images so far) of each step.

        Of a checkpoint what it holds comes first.
        """


Evaluate = Callable[[int, int], tf.Tensor]  # (evaluations done, how many now) -> the last losses (B, names)


class Canvas:
    """What a level paints on: the optimiser's points, and the images that they mean."""

    def __init__(self, recipe: Recipe, shape: Shape, pictures: int = 1) -> None:
        self.recipe = recipe
        self.parameterisation = parameterise(shape, recipe.laplacian_depth)
        self.optimiser: Optimiser = recipe.optimiser.build(pictures, self.parameterisation.size)
        self._picture = tf.function(self._best_image, autograph=False)

    @property
    def state(self) -> dict[str, tf.Variable]:
        """See `Loop`."""
        return self.optimiser.state

    def _steps(
        self, images: LevelImages, change: tf.Tensor, resume: Checkpoint | None, evaluate: Evaluate
    ) -> Iterator[tuple[int, NDArray[Any], tf.Tensor]]:
        """What `Loop.run` yields, from a change or where a checkpoint was."""
        content, done = images.content, 0
        if resume is None:
            self.optimiser.reset(self.parameterisation.start(content, change))
        else:
            for name, variable in self.state.items():
                variable.assign(resume[name])
            done = int(resume["evaluation"])
            yield done, resume["losses"], self._picture(content)
        while done < images.evaluations:
            # The first by itself: somebody waits for a first frame.
            count = min(images.chunk if done else 1, images.evaluations - done)
            values = evaluate(done, count)
            done += count
            yield done, to_host(values), self._picture(content)

    def _best_image(self, base: tf.Tensor) -> tf.Tensor:
        return vgg.clip(self.parameterisation.image(self.optimiser.best, base))


class Level(Canvas):
    """The compiled loop of one image shape and one recipe; kept and used again for jobs of the same shape."""

    def __init__(
        self,
        network: keras.Model,
        recipe: Recipe,
        shape: Shape,
        *,
        pictures: int = 1,
        precision: Precision = Precision.FLOAT32,
    ) -> None:
        super().__init__(recipe, shape, pictures)
        self.objective = Objective(network, recipe, precision)
        # One Level's arguments never change their shapes, so this is traced once; and once more for masks.
        self.evaluate = tf.function(self._evaluate, autograph=False)
        # A function of its own within the loop: in a loop's body TensorFlow does not find every kernel of oneDNN.
        by_itself = {"_noinline": True}
        self._evaluation = tf.function(self._once, autograph=False, experimental_attributes=by_itself)

    def content_targets(self, content: tf.Tensor) -> tuple[tf.Tensor, ...]:
        """See `Loop`."""
        return self.objective.content_of(content)

    def compile(self, images: LevelImages) -> None:
        """Do what would keep the first evaluation of such images waiting, as far as it can be done without one."""
        self._compiled(images)(images.content, images.targets, tf.constant(0))

    def _compiled(self, images: LevelImages) -> Callable[[tf.Tensor, Targets, tf.Tensor], tf.Tensor]:
        found: Callable[[tf.Tensor, Targets, tf.Tensor], tf.Tensor]
        found = self.evaluate.get_concrete_function(images.content, images.targets, tf.constant(1))
        return found

    def run(
        self, images: LevelImages, change: tf.Tensor, resume: Checkpoint | None = None
    ) -> Iterator[tuple[int, NDArray[Any], tf.Tensor]]:
        """See `Loop`."""
        content, targets, compiled = images.content, images.targets, self._compiled(images)
        yield from self._steps(
            images, change, resume, lambda _, count: compiled(content, targets, tf.constant(count))
        )

    def _evaluate(self, base: tf.Tensor, targets: Targets, count: tf.Tensor) -> tf.Tensor:
        """`count` times losses and gradients at the optimiser's points, which are moved on. Graph code."""
        names = len(loss_names(self.recipe))
        _, values = tf.while_loop(
            lambda done, _: done < count,
            lambda done, _: (done + 1, self._evaluation(base, targets)),
            (tf.constant(0), tf.zeros([base.shape[0], names])),
        )
        return values

    def _once(self, base: tf.Tensor, targets: Targets) -> tf.Tensor:
        point = self.optimiser.point.read_value()
        with tf.GradientTape() as to_image:
            to_image.watch(point)
            image = self.parameterisation.image(point, base)
        seen = vgg.clip(image)
        with tf.GradientTape() as to_loss:
            to_loss.watch(seen)
            measured = self.objective.measure(self.objective.features(seen), targets)
            values = self.objective.values(measured, targets)
            total = values[0] + self.objective.tones(seen, base, targets)
        total, gradient = bounded(self.recipe, image, total, to_loss.gradient(total, seen))
        # Clipped on the way in, the gradient straight through: a pixel at a bound can still come back.
        along = to_image.gradient(image, point, output_gradients=gradient)
        self.optimiser.advance(total, along)
        return tf.stack([total, *values[1:]], axis=1)


def bounded(
    recipe: Recipe, image: tf.Tensor, total: tf.Tensor, gradient: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Losses (B,) and gradients (B, H, W, 3) with the recipe's term that keeps colours within their bounds."""
    if not recipe.bounds:
        return total, gradient
    beyond = image - vgg.clip(image, recipe.margin)
    numbers = float(np.prod(image.shape[1:]))
    term = square(beyond) / numbers
    return total + recipe.bounds * term, gradient + (2 * recipe.bounds / numbers) * beyond


def stylize(
    levels: Sequence[Callable[[], tuple[Loop, LevelImages]]],
    *,
    start: tf.Tensor | None,
    seeds: Sequence[int],
    resume: Checkpoint | None = None,
) -> Iterator[Step]:
    """Paint over the levels, coarse to fine, each prepared when it is its turn; the last step holds the result.

    start: change (B, h, w, 3) of any size to begin with; without it, the recipe's seeded noise and grain. Each level
    begins with it anew, and with what the levels before have made different: so a finished picture is changed at large
    and keeps its details, as in a multigrid method (Brandt 1977).
    resume: goes on after it.
    """
    moved: tf.Tensor | None = None
    first = 0 if resume is None else int(resume["level"])
    for number, prepare in enumerate(levels[first:], first):
        loop, images = prepare()
        shape = shape_of(images.content)
        if moved is None and start is None:
            moved = tf.concat([noise(shape, loop.recipe.noise, seed) for seed in seeds], 0)
        names = loss_names(loop.recipe)
        begin = resize(start, shape) if moved is None else added(start, moved, shape)
        if images.roughness is not None and start is None:
            begin += grain(images.content + begin, images.roughness, [seed + number for seed in seeds])
        for done, values, best in loop.run(images, begin, resume if number == first else None):
            rows = [dict(zip(names, map(float, row), strict=True)) for row in values]
            step = Step(number, done, rows, images.content, best, loop, start)
            yield step
        moved = step.moved
