"""One level of a picture that is too large for one evaluation: the same losses, measured tile by tile.

Gram matrices and content errors are sums over locations. So every evaluation goes over the tiles twice: first
to add up what they measure, then to bring the gradient of the whole picture's loss back to each tile's
pixels. No tile is painted by itself, and the lines between tiles lie elsewhere at every evaluation, so that
there are no seams. A tile sees HALO pixels of its surroundings, less than the deepest layers' receptive
field: what is missing there is the only difference from an evaluation in one piece. What is as large as the
picture and not needed by each tile, the gradient and the content's features, is gathered on the host.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from engine.nst import losses, pixels, subject, vgg
from engine.nst.lbfgs import LbfgsSettings
from engine.nst.level import BaseLevel, Checkpoint, LevelImages, Structure, bounded
from engine.nst.losses import LayerStatistics
from engine.nst.objective import ContentTargets, Objective, Targets
from engine.nst.parameterisation import Shape, parameterise
from engine.nst.recipes import Recipe
from engine.protocol import Precision

TILE = 640  # pixels of a side, halos included
HALO = 64
PAIRS = 2  # of L-BFGS: at 4096 pixels each takes 1.1 GB, and few evaluations are made
ALIGNMENT = 32  # tiles begin at multiples of it, so that pooling sees the pixels in the same groups


@dataclass(frozen=True)
class Window:
    """A tile: where it begins, and the part of it, in pixels of the picture, that is counted as its own."""

    top: int
    left: int
    rows: tuple[int, int]
    columns: tuple[int, int]


def windows(shape: Shape, tile: Shape, shift: Shape) -> list[Window]:
    """Tiles whose own parts cover a picture exactly once; `shift` moves the lines between them."""
    return [
        Window(top, left, rows, columns)
        for top, rows in _spans(shape[0], tile[0], shift[0])
        for left, columns in _spans(shape[1], tile[1], shift[1])
    ]


def _spans(length: int, tile: int, shift: int) -> list[tuple[int, tuple[int, int]]]:
    """(begin of the tile, its own part) along one side."""
    if length <= tile:
        return [(0, (0, length))]
    own = tile - 2 * HALO
    lines = [0, *range(own - shift % own or own, length, own), length]
    lines = [line for line in lines if line in (0, length) or min(line, length - line) >= ALIGNMENT]
    return [(min(max(begin - HALO, 0), length - tile), (begin, end)) for begin, end in pairwise(lines)]


class TiledLevel(BaseLevel):
    """See `engine.nst.level.Loop`; one picture at a time, without a border.

    What its recipe sees in one piece, from afar, is measured so. beat: is called after each tile.
    """

    def __init__(
        self,
        network: vgg.Network,
        recipe: Recipe,
        shape: Shape,
        *,
        precision: Precision = Precision.FLOAT32,
        tile: int = TILE,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._beat = beat
        recipe = replace(recipe.at(shape), border=0.0)
        if recipe.laplacian_depth:
            # What a larger correction could move, the smaller picture has moved already.
            recipe = replace(recipe, laplacian_depth=1, optimiser=LbfgsSettings(pairs=PAIRS))
        super().__init__(Structure(recipe, parameterise(shape, recipe.laplacian_depth), has_border=False))
        self.shape = shape
        self.tile: Shape = (min(tile, shape[0]), min(tile, shape[1]))
        self.objective = Objective(network, self.recipe, precision)
        self._tiled = [octave for octave in self.recipe.octaves if not octave.in_one_piece]
        self._whole = [octave for octave in self.recipe.octaves if octave.in_one_piece]
        self._measure = tf.function(self._measure_tile, autograph=False)
        self._tile_gradient = tf.function(self._gradient_of_tile, autograph=False)
        self._values = tf.function(self._values_of, autograph=False)
        self._image = tf.function(self._image_of, autograph=False)
        self._move = tf.function(self._advance, autograph=False)

    def content_targets(self, content: tf.Tensor, visible: tf.Tensor | None = None) -> ContentTargets:
        """See `Loop`.

        Features that are compared tile by tile are on the host, put together from tiles whose halos are wider than
        what the layer sees.
        """
        if self._content_size is None:
            return self.objective.content_of(content, visible)
        found: NDArray[np.float32] | None = None
        for window in windows(self.shape, self.tile, (0, 0)):
            features = self.objective.content_features(content[self._extent(window, 1)])[0].numpy()
            if found is None:
                shape = (1, *_smaller(self.shape, self._content_size), features.shape[-1])
                found = np.zeros(shape, np.float32)
            here = self._extent(window, self._content_size)
            own = self._own(window, self._content_size).numpy()[0, 0, :, :, None] > 0
            found[here] = np.where(own, features, found[here])
            self._beat()
        return ContentTargets(found, subject.subject_targets(content, (), visible))

    @property
    def _content_size(self) -> int | None:
        """How many times smaller than the picture the content layer is, if it is compared tile by tile."""
        octave = self.recipe.content_octave
        size = octave.shrink * 2 ** (vgg.block_of(self.recipe.content_layer) - 1)
        return None if octave.in_one_piece else size

    def _extent(self, window: Window, size: int) -> tuple[slice, slice, slice]:
        """Where a tile lies in a layer that is `size` times smaller than the picture."""
        height, width = _smaller(self.tile, size)
        top, left = window.top // size, window.left // size
        return np.s_[:, top : top + height, left : left + width]

    def run(
        self, images: LevelImages, change: tf.Tensor, resume: Checkpoint | None = None
    ) -> Iterator[tuple[int, NDArray[Any], tf.Tensor]]:
        """See `Loop`."""
        one_by_one = replace(images, chunk=1)
        yield from self._steps(
            one_by_one,
            change,
            resume,
            lambda done, _: self._evaluate(images.content, images.targets, done),
        )

    def _evaluate(self, base: tf.Tensor, targets: Targets, number: int) -> tf.Tensor:
        height, width = np.random.default_rng(number).integers(0, TILE // ALIGNMENT, 2) * ALIGNMENT
        tiles = windows(self.shape, self.tile, (int(height), int(width)))
        image = self._image(base)
        measured: list[tf.Tensor] | None = None
        for window in tiles:
            of_tile = self._measure(*self._cut(image, targets, window))
            measured = (
                of_tile if measured is None else [a + b for a, b in zip(measured, of_tile, strict=True)]
            )
            self._beat()
        values, upstream, by_image = self._values(measured, image, targets)
        gradient = np.array(by_image)
        del by_image  # as large as the picture
        for window in tiles:
            part = self._tile_gradient(*self._cut(image, targets, window), upstream)
            gradient[self._extent(window, 1)] += part
            self._beat()
        return self._move(base, values, tf.constant(gradient))

    def _cut(
        self, image: tf.Tensor, targets: Targets, window: Window
    ) -> tuple[tf.Tensor, list[tf.Tensor], list[tf.Tensor], list[tf.Tensor]]:
        """A tile of the image and of the content's features, and how much each location counts, by layer."""
        guides = []
        given = iter(targets.guides)
        for octave in self._tiled:
            for layer in octave.style_layers:
                size = octave.shrink * 2 ** (vgg.block_of(layer) - 1)
                own = self._own(window, size)
                if targets.guides:
                    _, rows, columns = self._extent(window, size)
                    guides.append(own * next(given)[:, :, rows, columns])
                else:
                    guides.append(own / float(np.prod(_smaller(self.shape, size))))
        content, shares = [], []
        if (size := self._content_size) is not None:
            content = [tf.constant(targets.content.features[self._extent(window, size)])]
            shares = [self._own(window, size)[:, 0, :, :, None]]
        return image[self._extent(window, 1)], content, guides, shares

    def _own(self, window: Window, size: int) -> tf.Tensor:
        """(1, 1, h, w): 1 for a tile's own locations of a layer that is `size` times smaller, 0 for the
        others.
        """
        rows, columns = (
            tf.cast(
                tf.logical_and(
                    tf.range(length // size) >= (part[0] - begin) // size,
                    tf.range(length // size) < -(-(part[1] - begin) // size),
                ),
                tf.float32,
            )
            for length, begin, part in (
                (self.tile[0], window.top, window.rows),
                (self.tile[1], window.left, window.columns),
            )
        )
        return (rows[:, None] * columns[None, :])[None, None]

    def _measure_tile(
        self,
        image: tf.Tensor,
        content: list[tf.Tensor],
        guides: list[tf.Tensor],
        shares: list[tf.Tensor],
    ) -> list[tf.Tensor]:
        """Moments (1, R, C, C + 1) by layer; then the squared content differences and what divides them (1,), if
        they are compared tile by tile.
        """
        moments: list[tf.Tensor] = []
        errors: list[tf.Tensor] = []
        each_guide = iter(guides)
        for octave in self._tiled:
            layers = self.objective.features(image, octave)
            for layer in layers[: len(octave.style_layers)]:
                moments.append(losses.guided_moments(layer.exact, next(each_guide)))
            if octave.compares_content:
                own = layers[len(octave.style_layers)].exact
                unit = tf.square(content[0]) if self.recipe.normalised else tf.ones_like(content[0])
                errors.append(tf.reduce_sum(shares[0] * tf.math.squared_difference(own, content[0]))[None])
                errors.append(tf.reduce_sum(shares[0] * unit)[None])
        return [*moments, *errors]

    def _values_of(
        self, measured: list[tf.Tensor], image: tf.Tensor, targets: Targets
    ) -> tuple[tf.Tensor, list[tf.Tensor], tf.Tensor]:
        """Losses (1, names), and the total's gradients: by all that was measured, and by the image seen in one piece.

        Each is partial, as if the other did not change.
        """
        layers = sum(len(octave.style_layers) for octave in self._tiled)
        with tf.GradientTape() as tape:
            for each in (*measured, image):
                tape.watch(each)
            moments = measured[:layers] if targets.guides else [each[:, 0] for each in measured[:layers]]
            content = measured[layers] / measured[layers + 1] if self._content_size else None
            before = [LayerStatistics(each) for each in moments]
            all_measured = self.objective.measured(image, targets, self._whole, before, content)
            values = self.objective.values(all_measured, targets)
        upstream, by_image = tape.gradient(
            values[0], (measured, image), unconnected_gradients=tf.UnconnectedGradients.ZERO
        )
        return tf.stack(values, axis=1), upstream, by_image

    def _gradient_of_tile(
        self,
        image: tf.Tensor,
        content: list[tf.Tensor],
        guides: list[tf.Tensor],
        shares: list[tf.Tensor],
        upstream: list[tf.Tensor],
    ) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(image)
            measured = self._measure_tile(image, content, guides, shares)
        return tape.gradient(measured, image, output_gradients=upstream)

    def _image_of(self, base: tf.Tensor) -> tf.Tensor:
        return pixels.clip(self.parameterisation.image(self.optimiser.point.read_value(), base))

    def _advance(self, base: tf.Tensor, values: tf.Tensor, by_image: tf.Tensor) -> tf.Tensor:
        point = self.optimiser.point.read_value()
        with tf.GradientTape() as tape:
            tape.watch(point)
            image = self.parameterisation.image(point, base)
        total, gradient = bounded(self.recipe, image, values[:, 0], by_image)
        along = tape.gradient(image, point, output_gradients=gradient)
        self.optimiser.advance(total, along)
        return tf.concat([total[:, None], values[:, 1:]], axis=1)


def _smaller(shape: Shape, size: int) -> Shape:
    return shape[0] // size, shape[1] // size
