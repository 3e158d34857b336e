"""What a recipe measures of pictures, and the losses that this makes: the objective of the optimisation.

Rule: it knows of features and targets alone, not of how an image is parameterised or optimised, nor whether
it is evaluated in one piece (`engine.nst.level`) or in tiles (`engine.nst.tiled_level`).
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from engine.nst import losses, masks, subject, vgg, wasserstein
from engine.nst.recipes import Octave, Recipe
from engine.nst.rows import lengths, squared_norm
from engine.nst.subject import Blocks, SubjectTargets
from engine.protocol import Precision


class ContentTargets(NamedTuple):
    """What pictures keep of their contents: features (B, h, w, C) of the content layer, and the subject."""

    features: tf.Tensor
    subject: SubjectTargets


class Targets(NamedTuple):
    """What pictures are compared with; all of it has a row a picture.

    styles: the moments (B, C, C + 1) of each octave's style layers. strength: (B,), 0 to 100. independent_error:
    (B,), see `losses.independent_error`.
    components: the principal ones of the style layers that `wasserstein.distance` compares. guides: (B, R, h,
    w) of each octave's style layers, for R regions, and `areas` (B, R), the share of the picture that each
    region is; both empty where every style is everywhere. With regions, the moments have them as a second
    axis.
    """

    styles: tuple[tf.Tensor, ...]
    content: ContentTargets
    strength: tf.Tensor
    independent_error: tf.Tensor
    components: tuple[wasserstein.PrincipalComponents, ...] = ()
    guides: tuple[tf.Tensor, ...] = ()
    areas: tf.Tensor | None = None


def of_any_shape(
    targets: Targets, strips: losses.BorderStrips | None
) -> tuple[Targets, losses.BorderStrips | None]:
    """What tells a graph of them all but how large the pictures are, and of how many regions: each a `tf.TensorSpec`."""

    def spec(tensor: tf.Tensor, *unknown: int) -> tf.TensorSpec:
        shape = [None if axis in unknown else size for axis, size in enumerate(tensor.shape)]
        return tf.TensorSpec(shape, tensor.dtype)

    def maps(tensors: Iterable[tf.Tensor | None]) -> tuple[tf.TensorSpec | None, ...]:
        return tuple(None if each is None else spec(each, 1, 2) for each in tensors)

    subject = targets.content.subject
    regions = (1,) if targets.guides else ()
    return Targets(
        styles=tuple(spec(style, *regions) for style in targets.styles),
        content=ContentTargets(
            spec(targets.content.features, 1, 2),
            SubjectTargets(
                maps(subject.structure),
                spec(subject.tones, 1),
                spec(subject.distances, 1, 2),
                maps(subject.seen),
                None if subject.seen_blocks is None else spec(subject.seen_blocks, 1),
                Blocks(*(spec(each, 0, 1) for each in subject.blocks)),
            ),
        ),
        strength=spec(targets.strength),
        independent_error=spec(targets.independent_error),
        components=tuple(
            wasserstein.PrincipalComponents(*(spec(part, *regions) for part in components))
            for components in targets.components
        ),
        guides=tuple(spec(guide, 1, 2, 3) for guide in targets.guides),
        areas=None if targets.areas is None else spec(targets.areas, 1),
    ), None if strips is None else losses.BorderStrips(spec(strips.indices, 0), spec(strips.counts))


class Measurements(NamedTuple):
    """What losses are made of: each style layer's statistics, the content error (B,), and how unlike the subject is.

    unlike: (B,), weighted as at strength 0.
    """

    layers: list[losses.LayerStatistics]
    content: tf.Tensor
    unlike: tf.Tensor


def layers_of(octave: Octave, recipe: Recipe) -> list[str]:
    """All layers that have to be evaluated at an octave: of the style, of the content, of the structure."""
    if not octave.compares_content:
        return list(octave.style_layers)
    return [*octave.style_layers, recipe.content_layer, *(name for name, _ in recipe.structure)]


def layer_weight(recipe: Recipe) -> float:
    """Of one style layer at one octave: they all weigh the same, and sum to 1."""
    return 1 / sum(len(octave.style_layers) for octave in recipe.octaves)


def style_share(recipe: Recipe, strength: tf.Tensor) -> tf.Tensor:
    """(B,), 0 to 1: how much of its weight the style has; where a strength frees content, none at 0, all from 50 on.

    So 0 is the photo itself, of which even a style that costs no content would take the colours.
    """
    return tf.ones_like(strength) if recipe.kept is None else tf.minimum(strength / 50, 1.0)


def loss_names(recipe: Recipe) -> list[str]:
    """The names of what an evaluation returns, in order."""
    return ["total", "content", *(name for octave in recipe.octaves for name in octave.names())]


def shrunk(image: tf.Tensor, octave: Octave) -> tf.Tensor:
    """Images (B, H, W, 3) at the size at which an octave sees them."""
    return tf.nn.avg_pool2d(image, octave.shrink, octave.shrink, "VALID") if octave.shrink > 1 else image


class Objective:
    """What a recipe measures of an image, and the losses that this makes."""

    def __init__(self, network: vgg.Network, recipe: Recipe, precision: Precision) -> None:
        self.recipe = recipe
        self._features = [
            vgg.features_of(network, tuple(layers_of(octave, recipe)), precision, reduced=recipe.reduced)
            for octave in recipe.octaves
        ]
        of_content = (recipe.content_layer, *(name for name, _ in recipe.structure))
        self._content = vgg.features_of(network, of_content, precision, reduced=recipe.reduced)
        self._transported = [
            number < recipe.transported
            for octave in recipe.octaves
            for number in range(len(octave.style_layers))
        ]

    def features(self, image: tf.Tensor, octave: Octave) -> list[vgg.LayerFeatures]:
        """The features of an octave's layers, of images (B, H, W, 3)."""
        return self._features[self.recipe.octaves.index(octave)](shrunk(image, octave))

    def targets(
        self,
        styles: Sequence[tf.Tensor],
        content: ContentTargets,
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
        compared: list[tf.Tensor] = []
        given = iter(styles)
        independent = tf.zeros_like(strength)
        for octave in self.recipe.octaves:
            compared += islice(given, len(octave.style_layers))
            if octave.compares_content:
                style = next(given)
                mixed = style if areas is None else tf.reduce_sum(style * areas[..., None, None], 1)
                independent = losses.independent_error(content.features, mixed)
        components = tuple(
            components_of(style)
            for style, transported in zip(compared, self._transported, strict=True)
            if transported
        )
        return Targets(tuple(compared), content, strength, independent, components, guides, areas)

    def content_of(self, image: tf.Tensor, visible: tf.Tensor | None = None) -> ContentTargets:
        """Of contents (B, H, W, 3); visible: (B, H, W), 0 to 1; None where nothing is transparent."""
        features, *structure = self.content_features(image)
        return ContentTargets(features, subject.subject_targets(image, structure, visible))

    def content_features(self, image: tf.Tensor) -> list[tf.Tensor]:
        """Of the content layer, then of the structure's, of contents (B, H, W, 3)."""
        return [layer.exact for layer in self._content(shrunk(image, self.recipe.content_octave))]

    def style_of(
        self, image: tf.Tensor, octave: Octave, visible: NDArray[np.float32] | None = None
    ) -> list[tf.Tensor]:
        """The moments (C, C + 1) of one style image (1, h, w, 3), already shrunk for the octave.

        Of its style layers, and of the content layer, if it compares that.
        visible: 0 to 1 (h, w), how much each place counts, if not all count the same.
        """
        layers = self._features[self.recipe.octaves.index(octave)](image)
        wanted = [*octave.style_layers, *([self.recipe.content_layer] if octave.compares_content else [])]
        if visible is None:
            return [losses.layer_statistics(layer).moments[0] for layer in layers[: len(wanted)]]
        guides = [masks.layer_guides(visible[None], 2 ** (vgg.block_of(name) - 1)) for name in wanted]
        return [
            losses.guided_moments(layer.exact, guide)[0, 0]
            for layer, guide in zip(layers, guides, strict=False)
        ]

    def border_strips(self, image: tf.Tensor, targets: Targets) -> losses.BorderStrips | None:
        """Of images (B, H, W, 3), for `measure`; None where their borders are not looked at."""
        is_wanted = self.recipe.border and not targets.guides
        return losses.border_strips(*image.shape[:3]) if is_wanted else None

    def measure(self, image: tf.Tensor, targets: Targets, strips: losses.BorderStrips | None) -> Measurements:
        """Of images (B, H, W, 3) in one piece; strips: their `border_strips`."""
        return self.measured(image, targets, self.recipe.octaves, (), strips=strips)

    def measured(
        self,
        image: tf.Tensor,
        targets: Targets,
        octaves: Sequence[Octave],
        before: Sequence[losses.LayerStatistics],
        content: tf.Tensor | None = None,
        strips: losses.BorderStrips | None = None,
    ) -> Measurements:
        """Of images (B, H, W, 3), these octaves in one piece.

        before: the style layers' statistics of the octaves before them, measured tile by tile; content: the content
        error, if one of those compares it. strips: see `measure`.
        """
        found = list(before)
        unlike = tf.zeros_like(targets.strength)
        for octave in octaves:
            layers = self.features(image, octave)
            for layer in layers[: len(octave.style_layers)]:
                found.append(_statistics(layer, targets, len(found), strips))
            if octave.compares_content:
                own, *structure = (each.exact for each in layers[len(octave.style_layers) :])
                content = self._content_error(own, targets.content.features)
                unlike = self._unlike(image, structure, targets.content.subject)
        if content is None:
            raise ValueError("no octave compares the content")
        return Measurements(found, content, unlike)

    def values(self, measured: Measurements, targets: Targets) -> list[tf.Tensor]:
        """(B,) each: total, content and each layer's style error, as `loss_names` says."""
        layers = self._style_errors(measured, targets)
        # Not tf.add_n, which may add in another order the next time.
        style = layer_weight(self.recipe) * sum(layers)
        for layer in measured.layers:
            if layer.border_error is not None:
                style += self.recipe.border * layer.border_error
        style *= style_share(self.recipe, targets.strength)
        total = self.recipe.style_weight * style + self._content_term(measured.content, targets)
        total += (1 - targets.strength / 100) * measured.unlike
        return [total, measured.content, *layers]

    def _style_errors(self, measured: Measurements, targets: Targets) -> list[tf.Tensor]:
        """(B,) of each style layer, over all regions."""
        recipe, components = self.recipe, iter(targets.components)
        errors = []
        for layer, style, transported in zip(measured.layers, targets.styles, self._transported, strict=True):
            if transported:
                error = recipe.transport * wasserstein.distance(layer.moments, style, next(components))
            else:
                grams = losses.gram_of(layer.moments), losses.gram_of(style)
                error = losses.error(*grams, normalised=recipe.normalised)
            errors.append(error if targets.areas is None else tf.reduce_sum(error * targets.areas, axis=1))
        return errors

    def _unlike(self, image: tf.Tensor, structure: Sequence[tf.Tensor], targets: SubjectTargets) -> tf.Tensor:
        """(B,), weighted as at strength 0: what the recipe asks of the subject of images (B, H, W, 3)."""
        recipe = self.recipe
        total = tf.zeros([image.shape[0]])
        layers = subject.unlike_structure(structure, targets)
        for (_, weight), unlike in zip(recipe.structure, layers, strict=True):
            total += weight * unlike
        if recipe.tones or recipe.layout:
            colours = losses.locations(subject.thumbnail(image, targets.blocks))
            total += recipe.tones * subject.unlike_tones(colours, targets)
            total += recipe.layout * subject.unlike_layout(colours, targets)
        return total

    def _content_term(self, distance: tf.Tensor, targets: Targets) -> tf.Tensor:
        recipe, strength = self.recipe, targets.strength
        if recipe.kept is None or recipe.loosest is None:
            return recipe.content_weight * recipe.strength_range ** ((50 - strength) / 50) * distance
        free = (recipe.kept + (recipe.loosest - recipe.kept) * strength / 100) * targets.independent_error
        return recipe.content_weight * tf.square(tf.nn.relu(distance - free)) / free

    def _content_error(self, features: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
        # As of `losses.error`, but sums of squares are one pass each.
        unit = squared_norm(target) if self.recipe.normalised else lengths(features)
        return squared_norm(features - target) / unit


def _statistics(
    layer: vgg.LayerFeatures, targets: Targets, number: int, strips: losses.BorderStrips | None
) -> losses.LayerStatistics:
    """Of the style layer with this number, of which the first has a border."""
    if targets.guides:
        return losses.LayerStatistics(losses.guided_moments(layer.exact, targets.guides[number]))
    return losses.layer_statistics(layer, strips if number == 0 else None)
