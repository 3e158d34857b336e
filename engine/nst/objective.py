"""What a recipe measures of pictures, and the losses that this makes: the objective of the optimisation.

Rule: it knows of features and targets alone, not of how an image is parameterised or optimised, nor whether
it is evaluated in one piece (`engine.nst.level`) or in tiles (`engine.nst.tiled_level`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from engine.nst import losses, masks, vgg, wasserstein
from engine.nst.losses import StyleStatistics
from engine.nst.recipes import Octave, Recipe
from engine.nst.rows import squared_norm
from engine.protocol import Precision


class Targets(NamedTuple):
    """What pictures are compared with; all of it has a row a picture.

    styles: the statistics of each octave's style layers. content: features (B, h, w, C) of the content layer,
    for each octave that compares content. strength: (B,), 0 to 100. independent_error: (B,), see
    `losses.independent_error`.
    components: the principal ones of the style layers that `wasserstein.distance` compares. guides: (B, R, h,
    w) of each octave's style layers, for R regions, and `areas` (B, R), the share of the picture that each
    region is; both empty where every style is everywhere. With regions, the statistics have them as a second
    axis.
    """

    styles: tuple[StyleStatistics, ...]
    content: tuple[tf.Tensor, ...]
    strength: tf.Tensor
    independent_error: tf.Tensor
    components: tuple[wasserstein.PrincipalComponents, ...] = ()
    guides: tuple[tf.Tensor, ...] = ()
    areas: tf.Tensor | None = None


class Measurements(NamedTuple):
    """What losses are made of: each style layer's statistics, and each octave's content error (B,)."""

    layers: list[losses.LayerStatistics]
    content: list[tf.Tensor]


def layers_of(octave: Octave, recipe: Recipe) -> list[str]:
    """All layers that have to be evaluated at an octave, the content layer last."""
    return [*octave.style_layers, *([recipe.content_layer] if octave.content else [])]


def layer_weight(recipe: Recipe) -> float:
    """Of one style layer at one octave: they all weigh the same, and sum to 1."""
    return 1 / sum(len(octave.style_layers) for octave in recipe.octaves)


def loss_names(recipe: Recipe) -> list[str]:
    """The names of what an evaluation returns, in order."""
    return ["total", "content", *(name for octave in recipe.octaves for name in octave.names())]


def shrunk(image: tf.Tensor, octave: Octave) -> tf.Tensor:
    """Images (B, H, W, 3) at the size at which an octave sees them."""
    return tf.nn.avg_pool2d(image, octave.shrink, octave.shrink, "VALID") if octave.shrink > 1 else image


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

    def features(self, image: tf.Tensor) -> Iterator[tuple[Octave, list[vgg.LayerFeatures]]]:
        """The features of each octave's layers, of images (B, H, W, 3)."""
        for octave, features in zip(self.recipe.octaves, self._features, strict=True):
            yield octave, features(shrunk(image, octave))

    def targets(
        self,
        styles: Sequence[StyleStatistics],
        content: tuple[tf.Tensor, ...],
        strength: tf.Tensor,
        guides: tuple[tf.Tensor, ...] = (),
        areas: tf.Tensor | None = None,
        components_of: Callable[
            [tf.Tensor], wasserstein.PrincipalComponents
        ] = wasserstein.principal_components,
    ) -> Targets:
        """See `Targets`; `styles` as `style_of` gives them octave by octave, with a row a picture (and
        region).

        components_of: in place of `wasserstein.principal_components`, to keep what it gives.
        """
        compared, independent = [], tf.zeros_like(strength)
        given, features = iter(styles), iter(content)
        for octave in self.recipe.octaves:
            compared += [next(given) for _ in octave.style_layers]
            if octave.content:
                style = next(given).moments
                mixed = style if areas is None else tf.reduce_sum(style * areas[..., None, None], 1)
                independent += self._share(octave) * losses.independent_error(next(features), mixed)
        components = tuple(
            components_of(style.moments)
            for style, transported in zip(compared, self._transported, strict=True)
            if transported
        )
        return Targets(tuple(compared), content, strength, independent, components, guides, areas)

    def _share(self, octave: Octave) -> float:
        return octave.content / sum(each.content for each in self.recipe.octaves)

    def content_of(self, image: tf.Tensor) -> tuple[tf.Tensor, ...]:
        """The features that `Targets.content` holds."""
        images = (shrunk(image, octave) for octave in self.recipe.octaves if octave.content)
        return tuple(self._content(each)[0].exact for each in images)

    def style_of(
        self, image: tf.Tensor, octave: Octave, visible: NDArray[np.float32] | None = None
    ) -> list[StyleStatistics]:
        """Of one style image (1, h, w, 3), already shrunk for the octave; for all of `layers_of`.

        visible: 0 to 1 (h, w), how much each place counts, if not all count the same; then without a spread.
        """
        layers = self._features[self.recipe.octaves.index(octave)](image)
        found = []
        for name, layer in zip(layers_of(octave, self.recipe), layers, strict=True):
            if visible is not None:
                guide = masks.layer_guides(visible[None], 2 ** (vgg.block_of(name) - 1))
                moments = losses.guided_moments(layer.exact, guide)[0, 0]
                found.append(StyleStatistics(moments, tf.zeros([])))
                continue
            whole = self._statistics(name, layer)
            spread = tf.zeros([])
            if whole.cell_grams is not None:
                gram = losses.gram_of(whole.moments)
                spread = tf.reduce_mean(losses.error(whole.cell_grams, gram[:, None], normalised=True))
            found.append(StyleStatistics(whole.moments[0], spread))
        return found

    def measure(
        self, features: Iterable[tuple[Octave, list[vgg.LayerFeatures]]], targets: Targets
    ) -> Measurements:
        """Images in one piece, from what `features` gives for them."""
        found: list[losses.LayerStatistics] = []
        content: list[tf.Tensor] = []
        contents, guides = iter(targets.content), iter(targets.guides)
        for octave, layers in features:
            for name, layer in zip(octave.style_layers, layers, strict=False):
                if targets.guides:
                    found.append(losses.LayerStatistics(losses.guided_moments(layer.exact, next(guides))))
                else:
                    found.append(self._statistics(name, layer, border=bool(self.recipe.border) and not found))
            if octave.content:
                content.append(self._content_error(layers[-1].exact, next(contents)))
        return Measurements(found, content)

    def values(self, measured: Measurements, targets: Targets) -> list[tf.Tensor]:
        """(B,) each: total, content and each layer's style error, as `loss_names` says."""
        layers = self._style_errors(measured, targets)
        compared = (octave for octave in self.recipe.octaves if octave.content)
        # Not tf.add_n, which may add in another order the next time.
        content = sum(
            error * self._share(octave) for error, octave in zip(measured.content, compared, strict=True)
        )
        style = layer_weight(self.recipe) * sum(layers) + self._local_errors(measured, targets)
        total = self.recipe.style_weight * style + self._content_term(content, targets)
        return [total, content, *layers]

    def _style_errors(self, measured: Measurements, targets: Targets) -> list[tf.Tensor]:
        """(B,) of each style layer, over all regions."""
        recipe, components = self.recipe, iter(targets.components)
        errors = []
        for layer, style, transported in zip(measured.layers, targets.styles, self._transported, strict=True):
            if transported:
                distance = wasserstein.distance(layer.moments, style.moments, next(components))
                error = recipe.transport * distance
            else:
                grams = losses.gram_of(layer.moments), losses.gram_of(style.moments)
                error = losses.error(*grams, normalised=recipe.normalised)
            errors.append(error if targets.areas is None else tf.reduce_sum(error * targets.areas, axis=1))
        return errors

    def _local_errors(self, measured: Measurements, targets: Targets) -> tf.Tensor:
        """(B,), weighted: `losses.excess` of the cells, and the border's error."""
        recipe, weight = self.recipe, layer_weight(self.recipe)
        total = tf.zeros_like(measured.content[0])
        for layer, style in zip(measured.layers, targets.styles, strict=True):
            if layer.cell_grams is not None:
                wanted = losses.gram_of(style.moments)
                total += (
                    recipe.evenness
                    * weight
                    * losses.excess(layer.cell_grams, wanted, recipe.slack * style.spread)
                )
            if layer.border_error is not None:
                total += recipe.border * layer.border_error
        return total

    def tones(self, image: tf.Tensor, content: tf.Tensor, targets: Targets) -> tf.Tensor:
        """(B,), weighted: how little the tones of images (B, H, W, 3) correlate with their contents'."""
        if not self.recipe.tones or targets.guides:
            return tf.zeros_like(targets.strength)
        alike = tf.reduce_sum(losses.tones(image) * losses.tones(content), 1)
        return self.recipe.tones * (1 - targets.strength / 100) * (1 - alike)

    def _content_term(self, distance: tf.Tensor, targets: Targets) -> tf.Tensor:
        recipe, strength = self.recipe, targets.strength
        if recipe.kept is None or recipe.loosest is None:
            return recipe.content_weight * recipe.strength_range ** ((50 - strength) / 50) * distance
        free = (recipe.kept + (recipe.loosest - recipe.kept) * strength / 100) * targets.independent_error
        return recipe.content_weight * tf.square(tf.nn.relu(distance - free)) / free

    def _content_error(self, features: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
        # As of `losses.error`, but sums of squares are one pass each.
        unit = squared_norm(target) if self.recipe.normalised else float(np.prod(features.shape[1:]))
        return squared_norm(features - target) / unit

    def _statistics(
        self, name: str, layer: vgg.LayerFeatures, *, border: bool = False
    ) -> losses.LayerStatistics:
        """Cells' Gram matrices only where the recipe wants them and the grid's cells see enough."""
        enough = vgg.block_of(name) <= 3 and min(layer.features.shape[1:3]) >= losses.GRID
        return losses.layer_statistics(layer, cells=bool(self.recipe.evenness) and enough, border=border)
