"""What was learnt about styles: their statistics and principal directions, kept between jobs.

Rule: an image is known by its bytes, and what was measured of it by all that decides the numbers. So the same style is
measured once, whatever it is called and whoever sent it.
"""

import hashlib
from collections.abc import Sequence
from functools import partial
from threading import Condition

import numpy as np
import tensorflow as tf
from cachetools import LRUCache, cached
from numpy.typing import NDArray

from engine.images import Picture, resize
from engine.nst import losses, low_rank, masks, noise, stylize, vgg
from engine.nst.losses import StyleStatistics
from engine.nst.recipes import Octave, Recipe
from engine.nst.stylize import Targets
from engine.painting.scene import StyleTransfer
from engine.painting.statistics_cache import StatisticsCache
from engine.planning import planner
from engine.protocol import Precision

KEPT_STATISTICS = 64  # of one style at one size: 3.5 MB each
KEPT_DEVIATIONS = 256  # of one layer of a style or a blend: 0.3 MB at most for each region of a mask


class StyleBook:
    """In memory, and on the disk in `stored`; measured by the network with these `weights`."""

    def __init__(self, weights: str, stored: StatisticsCache | None) -> None:
        self._weights = weights
        # What several threads ask for is made by one of them, and the others wait.
        self._statistics = cached(LRUCache(KEPT_STATISTICS), key=_first, condition=Condition())(
            partial(_load_or_measure, stored)
        )
        self._deviations = cached(LRUCache(KEPT_DEVIATIONS), key=_shape_and_digest, condition=Condition())(
            losses.deviations
        )

    def targets(
        self,
        objective: stylize.Objective,
        precision: Precision,
        shape: tuple[int, int],
        transfers: Sequence[StyleTransfer],
        content: tuple[tf.Tensor, ...],
    ) -> Targets:
        """What pictures of `shape` are compared with, whose contents have these features.

        Side by side are only transfers that nothing guides.
        """
        recipe = objective.recipe
        found = [self._statistics_of(objective, precision, shape, transfer) for transfer in transfers]
        strength = tf.constant([float(transfer.settings.strength) for transfer in transfers])
        if not transfers[0].is_guided:
            stacked = [
                StyleStatistics(
                    tf.stack([each.moments for each in layer]), tf.stack([each.spread for each in layer])
                )
                for layer in zip(*(losses.blend(styles, weights) for styles, weights in found), strict=True)
            ]
            return objective.targets(stacked, content, strength, deviations_of=self._deviations_of)
        transfer, (styles, weights) = transfers[0], found[0]
        parts = masks.regions([style.mask for style in transfer.styles], transfer.content.alpha, shape)
        where = np.stack([part.where for part in parts])
        areas = where.mean((1, 2))
        share = tf.constant(areas / max(float(areas.sum()), 1e-9), tf.float32)[None]
        mixed = [
            losses.blend(
                [styles[number] for number in part.styles], [weights[number] for number in part.styles]
            )
            for part in parts
        ]
        stacked = [
            StyleStatistics(tf.stack([each.moments for each in layer])[None], tf.zeros([1]))
            for layer in zip(*mixed, strict=True)
        ]
        sizes = [
            octave.shrink * 2 ** (vgg.block_of(layer) - 1)
            for octave in recipe.octaves
            for layer in octave.style_layers
        ]
        by_layer = tuple(masks.of_layer(where, size) for size in sizes)
        return objective.targets(stacked, content, strength, by_layer, share, self._deviations_of)

    def _deviations_of(self, moments: tf.Tensor) -> losses.Deviations:
        """Kept for each picture: those of 512 channels take as long as a tenth of an evaluation of 384 pixels."""
        found = [self._deviations(row) for row in tf.unstack(moments)]
        return losses.Deviations(*(tf.stack(parts) for parts in zip(*found, strict=True)))

    def _statistics_of(
        self,
        objective: stylize.Objective,
        precision: Precision,
        shape: tuple[int, int],
        transfer: StyleTransfer,
    ) -> tuple[list[list[StyleStatistics]], list[float]]:
        """Of each style all octaves' layers, and its weight."""
        styles = [
            [
                layer
                for octave in objective.recipe.octaves
                for layer in self._measure_style(
                    objective, precision, octave, max(shape), style.picture, transfer
                )
            ]
            for style in transfer.styles
        ]
        return styles, [style.weight for style in transfer.styles]

    def _measure_style(
        self,
        objective: stylize.Objective,
        precision: Precision,
        octave: Octave,
        size: int,
        picture: Picture,
        transfer: StyleTransfer,
    ) -> list[StyleStatistics]:
        """One style image's statistics for an octave of a picture whose long side is `size`."""
        side = transfer.style_side(objective.recipe, size, picture) // octave.shrink
        rgb = transfer.recoloured(picture)
        recipe = objective.recipe
        layers = stylize.layers_of(octave, recipe)
        network = self._weights, recipe.reduced and low_rank.digest()
        digest = hashlib.sha256(
            repr((rgb.shape, side, layers, precision, recipe.evenness > 0, network)).encode()
        )
        digest.update(rgb.tobytes())
        key = digest.hexdigest()
        return self._statistics(key, objective, octave, side, rgb)


def _load_or_measure(
    stored: StatisticsCache | None,
    key: str,
    objective: stylize.Objective,
    octave: Octave,
    side: int,
    rgb: NDArray[np.uint8],
) -> list[StyleStatistics]:
    if stored is not None and (arrays := stored.get(key)) is not None:
        pairs = zip(arrays[::2], arrays[1::2], strict=True)
        return [StyleStatistics(tf.constant(moments), tf.constant(spread)) for moments, spread in pairs]
    found = objective.style_of(style_image(rgb, side), octave)
    if stored is not None:
        stored.put(key, tuple(each.numpy() for layer in found for each in layer))
    return found


def _first(key: str, *_: object) -> str:
    return key


def _shape_and_digest(tensor: tf.Tensor) -> tuple[tuple[int, ...], bytes]:
    # The moments of one region have the bytes of those of the whole picture, and another shape.
    return tuple(tensor.shape), hashlib.sha256(tensor.numpy()).digest()


def style_image(rgb: NDArray[np.uint8], side: int) -> tf.Tensor:
    """A style's pixels (h, w, 3), scaled to a long side, in the network's range (1, H, W, 3)."""
    width, height = planner.fit(rgb.shape[1], rgb.shape[0], side, grid=1)
    return vgg.to_tensor(resize(Picture(rgb), width, height).rgb)


def roughness(transfer: StyleTransfer, recipe: Recipe, size: int) -> tf.Tensor:
    """(1,), the styles' mean, at the sizes at which a picture whose long side is `size` sees them."""
    total = sum(style.weight for style in transfer.styles)
    found = tf.zeros([1])
    for style in transfer.styles:
        side = transfer.style_side(recipe, size, style.picture)
        image = style_image(transfer.recoloured(style.picture), side)
        found += noise.roughness(image) * (style.weight / total)
    return found
