"""The style transfer loop: a generator of steps over the levels of a pyramid.

At each level the image starts as the content plus the change that the level before ended with, upsampled:
upsampling the change rather than the picture keeps the content's detail. Whoever consumes the steps decides
to show, keep or stop; closing the generator stops it after the evaluation under way.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from engine.nst import losses, vgg
from engine.nst.optimise import Optimiser
from engine.nst.parameterisation import Laplacian, Parameterisation, Pixels, Shape
from engine.nst.recipes import Recipe


@dataclass(frozen=True)
class LevelImages:
    """What one level works on: the content scaled to it (1, H, W, 3), the style's statistics, and its length."""

    content: tf.Tensor
    grams: tuple[tf.Tensor, ...]  # of each octave, finest first, each style layer
    evaluations: int


@dataclass(frozen=True)
class Step:
    """One evaluation done. `level` counts from 0 (coarsest), `evaluation` from 1 within the level."""

    level: int
    evaluation: int
    loss: float
    losses: dict[str, float]
    change: tf.Tensor  # (1, H, W, 3): the best image so far minus the content, at the level's size

    def onto(self, content: tf.Tensor) -> tf.Tensor:
        """The picture (1, H, W, 3): the change resized to the content's shape and added, clipped."""
        return vgg.clip(content + resize(self.change, shape_of(content)))


def shape_of(image: tf.Tensor) -> Shape:
    """(height, width) of (1, height, width, 3)."""
    return int(image.shape[1]), int(image.shape[2])


def resize(image: tf.Tensor, shape: Shape) -> tf.Tensor:
    """Bicubic; the image itself if it has the shape already."""
    return image if shape_of(image) == shape else tf.image.resize(image, shape, "bicubic")


class Level:
    """The compiled loop of one image shape and one recipe; kept and used again for jobs of the same shape."""

    def __init__(self, network: keras.Model, recipe: Recipe, shape: Shape) -> None:
        self.recipe = recipe
        self.parameterisation: Parameterisation = (
            Laplacian(shape, recipe.laplacian_depth) if recipe.laplacian_depth else Pixels(shape)
        )
        self.features = vgg.features(network, [*recipe.style_layers, recipe.content_layer])
        self.optimiser: Optimiser = recipe.optimiser.build(self.parameterisation.size)
        self._best = tf.Variable(tf.zeros([1, *shape, 3]), name="best")
        self._best_loss = tf.Variable(np.inf, dtype=tf.float32, name="best_loss")
        # The arguments' shapes never change for one Level, so each of these is traced once.
        self.evaluate = tf.function(self._evaluate, autograph=False)
        self.content_features = tf.function(lambda image: self.features(image)[-1], autograph=False)

    def run(
        self, images: LevelImages, change: tf.Tensor, strength: int
    ) -> Iterator[tuple[tf.Tensor, tf.Tensor]]:
        """Yield (losses, best change so far) for each evaluation; losses are total, content, then by layer."""
        content = images.content
        targets = losses.Targets(images.grams, self.content_features(content))
        weights = losses.Weights(
            tf.constant(self.recipe.style_weight), tf.constant(self.recipe.content_weight_at(strength))
        )
        self.optimiser.reset(self.parameterisation.start(content, change))
        # Never what an earlier job has left here, even if no loss ever compares as smaller.
        self._best.assign(vgg.clip(content + change))
        self._best_loss.assign(np.inf)
        for _ in range(images.evaluations):
            values = self.evaluate(content, targets, weights)
            yield values, self._best - content

    def _evaluate(self, base: tf.Tensor, targets: losses.Targets, weights: losses.Weights) -> tf.Tensor:
        """Loss and gradient at the optimiser's point, which is then moved on. Graph code."""
        point = self.optimiser.point.read_value()
        with tf.GradientTape() as to_image:
            to_image.watch(point)
            image = self.parameterisation.image(point, base)
        seen = vgg.clip(image)
        with tf.GradientTape() as to_loss:
            to_loss.watch(seen)
            values = self._losses(seen, targets, weights)
        # Clipped on the way in, the gradient straight through: a pixel at a bound can still come back.
        gradient = to_image.gradient(image, point, output_gradients=to_loss.gradient(values[0], seen))
        tf.cond(values[0] < self._best_loss, lambda: self._keep(seen, values[0]), lambda: self._best_loss)
        self.optimiser.advance(values[0], gradient)
        return tf.stack(values)

    def _keep(self, image: tf.Tensor, loss: tf.Tensor) -> tf.Tensor:
        self._best.assign(image)
        return self._best_loss.assign(loss)

    def _losses(self, image: tf.Tensor, targets: losses.Targets, weights: losses.Weights) -> list[tf.Tensor]:
        recipe = self.recipe
        *style_features, content_features = self.features(image)
        content = losses.mean_square_error(content_features, targets.content, normalised=recipe.normalised)
        for octave in range(1, recipe.octaves):
            smaller = tf.nn.avg_pool2d(image, 2**octave, 2**octave, "VALID")
            style_features += self.features(smaller)[:-1]
        layers = losses.style_losses(style_features, targets.grams, normalised=recipe.normalised)
        layer_weights = recipe.layer_weights * recipe.octaves
        style = tf.add_n([w * loss for w, loss in zip(layer_weights, layers, strict=True)]) / recipe.octaves
        return [weights.style * style + weights.content * content, content, *layers]


def loss_names(recipe: Recipe) -> list[str]:
    """The names of what `Level.evaluate` returns, in order."""
    octaves = [f" 1/{2**octave}" if octave else "" for octave in range(recipe.octaves)]
    return ["total", "content", *(layer + octave for octave in octaves for layer in recipe.style_layers)]


def noise(shape: Shape, amplitude: float, seed: int) -> tf.Tensor:
    """Seeded Gaussian noise (1, H, W, 3) in grey levels: what makes one seed's picture differ from another's."""
    sample: NDArray[np.float64] = np.random.default_rng(seed).normal(0.0, 1.0, (1, *shape, 3))
    return tf.constant(sample * amplitude, tf.float32)


def stylize(levels: Iterable[tuple[Level, LevelImages]], *, strength: int, seed: int) -> Iterator[Step]:
    """Paint over the levels, coarse to fine, one step an evaluation; the last step holds the result."""
    change: tf.Tensor | None = None
    for number, (level, images) in enumerate(levels):
        shape = shape_of(images.content)
        start = noise(shape, level.recipe.noise, seed) if change is None else resize(change, shape)
        names = loss_names(level.recipe)
        for evaluation, (values, best) in enumerate(level.run(images, start, strength), 1):
            numbers = dict(zip(names, values.numpy().tolist(), strict=True))
            yield Step(number, evaluation, numbers["total"], numbers, best)
            change = best
