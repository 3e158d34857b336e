"""What the styles ask of a picture: their statistics and principal directions, measured once and kept between jobs.

Rule: an image is known by its bytes, and what was measured of it by all that decides the numbers. So the same style is
measured once, whatever it is called and whoever sent it.
"""

import hashlib
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from threading import Condition

import numpy as np
import tensorflow as tf
from cachetools import LRUCache, cached
from numpy.typing import NDArray

from engine.images import Picture, resize
from engine.nst import losses, low_rank, masks, noise, pixels, vgg, wasserstein
from engine.nst.masks import Region
from engine.nst.objective import ContentTargets, Objective, Targets, layers_of
from engine.nst.parameterisation import Shape
from engine.nst.recipes import Octave, Recipe
from engine.painting.scene import StyleTransfer
from engine.painting.statistics_cache import StatisticsCache
from engine.planning import planner
from engine.protocol import Precision

KEPT_STATISTICS = 16  # of one style at one size: 3.5 MB at most; more are on the disk
KEPT_COMPONENTS = 64  # of one layer of a style or a blend: 0.3 MB at most for each region of a mask


class StyleTargets:
    """Kept in memory, and on the disk in `stored`; measured by the network of this `vgg.digest`."""

    def __init__(self, network: str, stored: StatisticsCache | None) -> None:
        self._network, self._stored = network, stored
        # What several threads ask for is made by one of them, and the others wait.
        self._moments = cached(LRUCache(KEPT_STATISTICS), key=_first, condition=Condition())(
            partial(_load_or_measure, stored)
        )
        self._components = cached(LRUCache(KEPT_COMPONENTS), key=_shape_and_digest, condition=Condition())(
            wasserstein.principal_components
        )

    def targets(
        self,
        objective: Objective,
        precision: Precision,
        shape: Shape,
        transfers: Sequence[StyleTransfer],
        content: ContentTargets,
    ) -> Targets:
        """What pictures of `shape` (H, W) are compared with, whose contents have these targets.

        In a batch of several are only transfers that nothing guides.
        """
        statistics = [self._measure(objective, precision, max(shape), transfer) for transfer in transfers]
        strength = tf.constant([float(transfer.settings.strength) for transfer in transfers])
        guides: tuple[tf.Tensor, ...] = ()
        areas = None
        if transfers[0].is_guided:
            (transfer,) = transfers
            regions = _regions(transfer, shape)
            where = np.stack([region.where for region in regions])
            styles = _by_region(statistics[0], transfer.weights, regions)
            guides, areas = _guides(objective.recipe, where), _areas(where)
        else:
            weights = [transfer.weights for transfer in transfers]
            styles = _by_picture([losses.blend(*each) for each in zip(statistics, weights, strict=True)])
        return objective.targets(styles, content, strength, guides, areas, self._components_of)

    def blended(
        self, objective: Objective, precision: Precision, shape: Shape, transfer: StyleTransfer
    ) -> list[tf.Tensor]:
        """Of each layer the moments (C, C + 1) that a picture of `shape` (H, W) has which is of the styles alone."""
        statistics = self._measure(objective, precision, max(shape), transfer)
        if not transfer.is_guided:
            return losses.blend(statistics, transfer.weights)
        regions = _regions(transfer, shape)
        areas = _areas(np.stack([region.where for region in regions]))[..., None, None]
        styles = _by_region(statistics, transfer.weights, regions)
        return [tf.reduce_sum(moments * areas, 1)[0] for moments in styles]

    def _components_of(self, moments: tf.Tensor) -> wasserstein.PrincipalComponents:
        """Components of each picture, kept: those of 512 channels take as long as a tenth of an evaluation of 384 pixels."""
        found = [self._components(row) for row in tf.unstack(moments)]
        return wasserstein.PrincipalComponents(*(tf.stack(parts) for parts in zip(*found, strict=True)))

    def _measure(
        self, objective: Objective, precision: Precision, size: int, transfer: StyleTransfer
    ) -> list[list[tf.Tensor]]:
        """Of each style all octaves' layers' moments, for a picture whose long side is `size`."""
        pairs = zip(transfer.recoloured, transfer.styles, strict=True)
        return [
            self._measure_style(objective, precision, size, transfer, recoloured, style.origin)
            for recoloured, style in pairs
        ]

    def _measure_style(
        self,
        objective: Objective,
        precision: Precision,
        size: int,
        transfer: StyleTransfer,
        style: Picture,
        origin: str,
    ) -> list[tf.Tensor]:
        """All octaves' layers' moments of a style that is `recoloured`."""
        found: list[tf.Tensor] = []
        for octave in objective.recipe.octaves:
            side = transfer.style_side(objective.recipe, size // octave.shrink, style)
            key = _key(self._network, objective.recipe, precision, octave, side, style)
            if self._stored is not None:
                self._stored.note(key, origin)
            found += self._moments(key, objective, octave, side, style, origin)
        return found


def _load_or_measure(
    stored: StatisticsCache | None,
    key: str,
    objective: Objective,
    octave: Octave,
    side: int,
    style: Picture,
    origin: str,
) -> list[tf.Tensor]:
    if stored is not None and (arrays := stored.get(key)) is not None:
        return [tf.constant(moments) for moments in arrays]
    image, visible = style_image(style, side)
    found = objective.style_of(image, octave, visible)
    if stored is not None:
        stored.put(key, tuple(moments.numpy() for moments in found), origin)
    return found


def _key(
    network: str, recipe: Recipe, precision: Precision, octave: Octave, side: int, style: Picture
) -> str:
    """A digest of all that decides a style's statistics; it is a file's name, too."""
    given = [style.rgb] if style.alpha is None else [style.rgb, style.alpha]
    measuring = version("atelier"), tf.__version__, network, recipe.reduced and low_rank.digest()
    layers = layers_of(octave, recipe)
    facts = ([each.shape for each in given], side, layers, precision, measuring)
    digest = hashlib.sha256(repr(facts).encode())
    for each in given:
        digest.update(each.tobytes())
    return digest.hexdigest()


def _first(key: str, *_: object) -> str:
    return key


def _shape_and_digest(tensor: tf.Tensor) -> tuple[tuple[int, ...], bytes]:
    # The moments of one region have the bytes of those of the whole picture, and another shape.
    return tuple(tensor.shape), hashlib.sha256(tensor.numpy()).digest()


def _regions(transfer: StyleTransfer, shape: Shape) -> list[Region]:
    return masks.regions([style.mask for style in transfer.styles], transfer.content.alpha, shape)


def _by_picture(blends: Sequence[Sequence[tf.Tensor]]) -> list[tf.Tensor]:
    """Of each picture all layers -> of each layer (B, C, C + 1)."""
    return [tf.stack(layer) for layer in zip(*blends, strict=True)]


def _by_region(
    statistics: Sequence[Sequence[tf.Tensor]], weights: Sequence[float], regions: Sequence[Region]
) -> list[tf.Tensor]:
    """Of each style all layers -> of each layer (1, R, C, C + 1), blended for each region."""
    blends = [
        losses.blend([statistics[n] for n in region.styles], [weights[n] for n in region.styles])
        for region in regions
    ]
    return [tf.stack(layer)[None] for layer in zip(*blends, strict=True)]


def _guides(recipe: Recipe, where: NDArray[np.float32]) -> tuple[tf.Tensor, ...]:
    """See `Targets.guides`; where: (R, H, W)."""
    shrinks = [
        octave.shrink * 2 ** (vgg.block_of(layer) - 1)
        for octave in recipe.octaves
        for layer in octave.style_layers
    ]
    return tuple(masks.layer_guides(where, shrink) for shrink in shrinks)


def _areas(where: NDArray[np.float32]) -> tf.Tensor:
    """See `Targets.areas`; where: (R, H, W)."""
    areas = where.mean((1, 2))
    return tf.constant(areas / max(float(areas.sum()), 1e-9), tf.float32)[None]


def style_image(style: Picture, side: int) -> tuple[tf.Tensor, NDArray[np.float32] | None]:
    """A style that is `recoloured`, scaled to a long side: its pixels in the network's range (1, H, W, 3).

    And how visible each of them is, 0 to 1 (H, W); None if all are.
    """
    width, height = planner.fit(style.width, style.height, side, grid=1)
    rgb = resize(Picture(style.rgb), width, height).rgb
    visible = None if style.alpha is None else masks.scaled(style.alpha, (height, width))
    return pixels.to_tensor(rgb), visible


def texture(transfer: StyleTransfer, recipe: Recipe, size: int) -> float:
    """The mean of the styles' `noise.texture`, at the sizes at which a picture whose long side is `size` sees them."""
    total = sum(transfer.weights)
    found = 0.0
    for style, weight in zip(transfer.recoloured, transfer.weights, strict=True):
        side = transfer.style_side(recipe, size, style)
        found += noise.texture(*style_image(style, side)) * weight / total
    return found
