"""Levels of the pyramid: losses and gradients of images of any shape, and the optimiser that moves them.

To build the graph of an evaluation, and to have TensorFlow optimise it, takes as long as dozens of evaluations. So a
graph knows no shape: what depends on one it is given, or computes.

Several pictures of one shape can be painted side by side. Rule: within a level in one piece nothing comes
back to the host but the losses, once a step, through `to_host`; a step is one evaluation or several, made in
one call.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from engine.nst import pixels, vgg
from engine.nst.losses import BorderStrips, has_inside
from engine.nst.objective import ContentTargets, Objective, Targets, loss_names, of_any_shape
from engine.nst.optimiser import Optimiser
from engine.nst.parameterisation import Parameterisation, Shape, parameterise
from engine.nst.recipes import Recipe
from engine.nst.rows import lengths, squared_norm
from engine.protocol import Precision

Checkpoint = Mapping[str, NDArray[Any]]  # ready for `numpy.savez`


@dataclass(frozen=True)
class LevelImages:
    """What one level works on: the contents scaled to it (B, H, W, 3), the targets, and its length.

    chunk: how many evaluations are made in one call, after the first. roughness: (B,), that grain at the
    start gives the pictures.
    """

    content: tf.Tensor
    targets: Targets
    evaluations: int
    chunk: int = 1
    roughness: tf.Tensor | None = None


class Loop(Protocol):
    """What paints one level; `WholeLevel` in one piece, `engine.nst.tiled_level.TiledLevel` in many."""

    recipe: Recipe
    objective: Objective

    @property
    def state(self) -> dict[str, tf.Variable]:
        """All variables by name."""

    @property
    def settled(self) -> tuple[str, ...]:
        """The names of those that a level which is done is gone on from."""

    def content_targets(self, content: tf.Tensor, visible: tf.Tensor | None = None) -> ContentTargets:
        """What `Targets.content` is for contents (B, H, W, 3); visible: see `Objective.content_of`."""

    def run(
        self, images: LevelImages, change: tf.Tensor, resume: Checkpoint | None = None
    ) -> Iterator[tuple[int, NDArray[Any], tf.Tensor]]:
        """Yield (evaluations so far, their last losses (B, names), best images so far) of each step.

        Of a checkpoint what it holds comes first.
        """


Evaluate = Callable[[int, int], tf.Tensor]  # (evaluations done, how many now) -> the last losses (B, names)


class Structure(NamedTuple):
    """What of a level decides its graph, and nothing of its shape besides; has_border: whether there is an inside."""

    recipe: Recipe
    parameterisation: Parameterisation
    has_border: bool


def structure_of(recipe: Recipe, shape: Shape) -> Structure:
    """Of a level of this shape by a recipe; most levels of a recipe have the same."""
    return Structure(
        recipe.at(shape),
        parameterise(shape, recipe.laplacian_depth),
        bool(recipe.border) and has_inside(*shape),
    )


class BaseLevel:
    """What all levels share: the optimiser, whose points parameterise the images, and its steps."""

    def __init__(self, structure: Structure, pictures: int = 1) -> None:
        self.recipe, self.parameterisation = structure.recipe, structure.parameterisation
        self.optimiser: Optimiser = self.recipe.optimiser.build(pictures)
        images = [tf.TensorSpec([pictures, None, None, 3])]
        self._picture = tf.function(self._best_image, autograph=False, input_signature=images)
        self._turn = object()

    @property
    def state(self) -> dict[str, tf.Variable]:
        """See `Loop`."""
        return self.optimiser.state

    @property
    def settled(self) -> tuple[str, ...]:
        """See `Loop`."""
        return self.optimiser.settled

    def _steps(
        self, images: LevelImages, change: tf.Tensor, resume: Checkpoint | None, evaluate: Evaluate
    ) -> Iterator[tuple[int, NDArray[Any], tf.Tensor]]:
        """What `Loop.run` yields, from a change or where a checkpoint was."""
        content, done = images.content, 0
        turn = self._turn = object()
        if resume is None:
            self.optimiser.reset(self.parameterisation.start(content, change))
        else:
            done = int(resume["evaluation"])
            for name in self.state if done < images.evaluations else self.settled:
                self.state[name].assign(resume[name])
            yield done, resume["losses"], self._picture(content)
        while done < images.evaluations:
            # The first by itself: somebody waits for a first preview.
            count = min(images.chunk if done else 1, images.evaluations - done)
            values = evaluate(done, count)
            done += count
            yield done, to_host(values), self._picture(content)
            if done < images.evaluations and self._turn is not turn:
                raise RuntimeError("another level is painted by this loop")
        if self._turn is turn:
            self.optimiser.release()

    def _best_image(self, base: tf.Tensor) -> tf.Tensor:
        return pixels.clip(self.parameterisation.image(self.optimiser.best, base))


class WholeLevel(BaseLevel):
    """The compiled loop of one `Structure`, kept and used again for all levels that have it.

    It paints one level at a time.
    """

    def __init__(
        self,
        network: vgg.Network,
        structure: Structure,
        *,
        pictures: int = 1,
        precision: Precision = Precision.FLOAT32,
    ) -> None:
        super().__init__(structure, pictures)
        self.objective = Objective(network, self.recipe, precision)
        # Traced once, and once more for masks and for what is transparent.
        self.evaluate = tf.function(self._evaluate, autograph=False)
        # A function of its own within the loop: in a loop's body TensorFlow misses kernels of oneDNN.
        by_itself = {"_noinline": True}
        self._evaluation = tf.function(self._once, autograph=False, experimental_attributes=by_itself)

    @property
    def graphs(self) -> int:
        """How many were made: one, and one more each for masks and for what is transparent."""
        return int(self.evaluate.experimental_get_tracing_count())

    def content_targets(self, content: tf.Tensor, visible: tf.Tensor | None = None) -> ContentTargets:
        """See `Loop`."""
        return self.objective.content_of(content, visible)

    def compile(self, images: LevelImages) -> None:
        """Compile, so that the first evaluation of such images does not have to wait for it."""
        self._compiled(images)(0)

    def _compiled(self, images: LevelImages) -> Callable[[int], tf.Tensor]:
        """What takes a number of evaluations and makes them."""
        content, targets = images.content, images.targets
        strips = self.objective.border_strips(content, targets)
        compiled = self.evaluate.get_concrete_function(
            *self._signature(content, targets, strips), tf.TensorSpec([], tf.int32)
        )
        return lambda count: compiled(content, targets, strips, tf.constant(count))

    def _signature(
        self, content: tf.Tensor, targets: Targets, strips: BorderStrips | None
    ) -> tuple[tf.TensorSpec, Targets, BorderStrips | None]:
        """What its graph knows of what it works on."""
        return tf.TensorSpec([content.shape[0], None, None, 3]), *of_any_shape(targets, strips)

    def run(
        self, images: LevelImages, change: tf.Tensor, resume: Checkpoint | None = None
    ) -> Iterator[tuple[int, NDArray[Any], tf.Tensor]]:
        """See `Loop`."""
        compiled = self._compiled(images)
        yield from self._steps(images, change, resume, lambda _, count: compiled(count))

    def _evaluate(
        self, base: tf.Tensor, targets: Targets, strips: BorderStrips | None, count: tf.Tensor
    ) -> tf.Tensor:
        """`count` times losses and gradients at the optimiser's points, which are moved on. Graph code."""
        names = len(loss_names(self.recipe))
        _, values = tf.while_loop(
            lambda done, _: done < count,
            lambda done, _: (done + 1, self._evaluation(base, targets, strips)),
            (tf.constant(0), tf.zeros([base.shape[0], names])),
        )
        return values

    def _once(self, base: tf.Tensor, targets: Targets, strips: BorderStrips | None) -> tf.Tensor:
        point = self.optimiser.point.read_value()
        with tf.GradientTape() as to_image:
            to_image.watch(point)
            image = self.parameterisation.image(point, base)
        clipped = pixels.clip(image)
        with tf.GradientTape() as to_loss:
            to_loss.watch(clipped)
            values = self.objective.values(self.objective.measure(clipped, targets, strips), targets)
        total, gradient = bounded(self.recipe, image, values[0], to_loss.gradient(values[0], clipped))
        # Clipped on the way in, the gradient straight through: a pixel at a bound can still come back.
        along = to_image.gradient(image, point, output_gradients=gradient)
        self.optimiser.advance(total, along)
        return tf.stack([total, *values[1:]], axis=1)


def bounded(
    recipe: Recipe, image: tf.Tensor, total: tf.Tensor, gradient: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Losses (B,) and gradients (B, H, W, 3) with the recipe's penalty on colours beyond their bounds."""
    if not recipe.bounds:
        return total, gradient
    beyond = image - pixels.clip(image, recipe.margin)
    numbers = lengths(image)
    term = squared_norm(beyond) / numbers
    return total + recipe.bounds * term, gradient + (2 * recipe.bounds / numbers) * beyond


def to_host(tensor: tf.Tensor) -> NDArray[Any]:
    """The one way by which numbers leave the device while a picture is painted."""
    return np.asarray(tf.convert_to_tensor(tensor))  # on a processor without a copy; `numpy()` would make one
