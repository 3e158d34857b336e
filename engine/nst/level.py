"""One level of the pyramid: losses and gradients of images of one shape, and the optimiser that moves them.

Several pictures of one shape can be painted side by side. Rule: within a level in one piece nothing comes
back to the host but the losses, once a step, through `to_host`; a step is one evaluation or several, made in
one call.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from engine.nst import pixels
from engine.nst.objective import ContentTargets, Objective, Targets, loss_names
from engine.nst.optimiser import Optimiser
from engine.nst.parameterisation import Shape, parameterise
from engine.nst.recipes import Recipe
from engine.nst.rows import squared_norm
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


class BaseLevel:
    """What all levels share: the optimiser, whose points parameterise the images, and its steps."""

    def __init__(self, recipe: Recipe, shape: Shape, pictures: int = 1) -> None:
        self.recipe = recipe
        self.parameterisation = parameterise(shape, recipe.laplacian_depth)
        self.optimiser: Optimiser = recipe.optimiser.build(pictures, self.parameterisation.size)
        self._picture = tf.function(self._best_image, autograph=False)

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

    def _best_image(self, base: tf.Tensor) -> tf.Tensor:
        return pixels.clip(self.parameterisation.image(self.optimiser.best, base))


class WholeLevel(BaseLevel):
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
        super().__init__(recipe.at(shape), shape, pictures)
        self.objective = Objective(network, self.recipe, precision)
        # One level's arguments never change their shapes, so this is traced once; and once more for masks.
        self.evaluate = tf.function(self._evaluate, autograph=False)
        # A function of its own within the loop: in a loop's body TensorFlow misses kernels of oneDNN.
        by_itself = {"_noinline": True}
        self._evaluation = tf.function(self._once, autograph=False, experimental_attributes=by_itself)

    def content_targets(self, content: tf.Tensor, visible: tf.Tensor | None = None) -> ContentTargets:
        """See `Loop`."""
        return self.objective.content_of(content, visible)

    def compile(self, images: LevelImages) -> None:
        """Compile, so that the first evaluation of such images does not have to wait for it."""
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
        clipped = pixels.clip(image)
        with tf.GradientTape() as to_loss:
            to_loss.watch(clipped)
            values = self.objective.values(self.objective.measure(clipped, targets), targets)
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
    numbers = float(np.prod(image.shape[1:]))
    term = squared_norm(beyond) / numbers
    return total + recipe.bounds * term, gradient + (2 * recipe.bounds / numbers) * beyond


def to_host(tensor: tf.Tensor) -> NDArray[Any]:
    """The one way by which numbers leave the device while a picture is painted."""
    return np.asarray(tf.convert_to_tensor(tensor))  # on a processor without a copy; `numpy()` would make one
