"""One level of a picture that is too large for one evaluation: the same losses, measured tile by tile.

Gram matrices and content errors are sums over locations. So every evaluation goes over the tiles twice: first to
add up what they measure, then to bring the gradient of the whole picture's loss back to each tile's pixels. No
tile is painted by itself, and the lines between tiles lie elsewhere at every evaluation, so that there are no
seams. A tile sees HALO pixels of its surroundings, less than the deepest layers' receptive field: what is
missing there is the only difference from an evaluation in one piece.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from engine.nst import losses, vgg
from engine.nst.optimise import LbfgsSettings, Optimiser
from engine.nst.parameterisation import Laplacian, Shape
from engine.nst.recipes import Recipe
from engine.nst.stylize import Checkpoint, LevelImages, Measured, Objective, Targets, bounded, to_host
from engine.protocol import Precision

TILE = 768  # pixels of a side, halos included
HALO = 64
PAIRS = 3  # of L-BFGS: at 4096 pixels each takes a quarter of a gigabyte, and few evaluations are made
ALIGNMENT = 32  # tiles begin at multiples of it, so that pooling sees the pixels in the same groups


@dataclass(frozen=True)
class Window:
    """A tile: where it begins, and the part of it, in pixels of the picture, that is counted as its own."""

    top: int
    left: int
    rows: tuple[int, int]
    columns: tuple[int, int]


def windows(shape: Shape, tile: Shape, shift: Shape) -> list[Window]:
    """Tiles whose own parts cover a picture of `shape` exactly once, the lines between them moved by `shift`."""
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


class TiledLevel:
    """See `engine.nst.stylize.Loop`; one picture at a time, and cells are not looked at."""

    def __init__(
        self,
        network: keras.Model,
        recipe: Recipe,
        shape: Shape,
        *,
        precision: Precision = Precision.FLOAT32,
        tile: int = TILE,
    ) -> None:
        # What a larger correction could move, the smaller picture has moved already.
        self.recipe = replace(recipe, evenness=0.0, laplacian_depth=1, optimiser=LbfgsSettings(pairs=PAIRS))
        self.shape = shape
        self.tile: Shape = (min(tile, shape[0]), min(tile, shape[1]))
        self.objective = Objective(network, self.recipe, precision)
        self.parameterisation = Laplacian(shape, self.recipe.laplacian_depth)
        self.optimiser: Optimiser = self.recipe.optimiser.build(1, self.parameterisation.size)
        self._best = tf.Variable(tf.zeros([1, *shape, 3]), name="best")
        self._best_loss = tf.Variable(tf.fill([1], np.inf), name="best_loss")
        self._measure = tf.function(self._measure_tile, autograph=False)
        self._back = tf.function(self._gradient_of_tile, autograph=False)
        self._values = tf.function(self._values_of, autograph=False)
        self._image = tf.function(self._image_of, autograph=False)
        self._move = tf.function(self._advance, autograph=False)

    def content_targets(self, content: tf.Tensor) -> tuple[tf.Tensor, ...]:
        """Nothing: a tile's own are measured when it is its turn, as those of the whole would fill the memory."""
        del content
        return ()

    @property
    def state(self) -> dict[str, tf.Variable]:
        """See `Loop`."""
        return {**self.optimiser.state, "best": self._best, "best_loss": self._best_loss}

    def run(
        self, images: LevelImages, change: tf.Tensor, resume: Checkpoint | None = None
    ) -> Iterator[tuple[int, NDArray[Any], tf.Tensor]]:
        """See `Loop`."""
        content, done = images.content, 0
        if resume is None:
            self.optimiser.reset(self.parameterisation.start(content, change))
            self._best.assign(vgg.clip(content + change))
            self._best_loss.assign(tf.fill([1], np.inf))
        else:
            done = int(resume["evaluation"])
            for name, variable in self.state.items():
                variable.assign(resume[name])
        for number in range(done, images.evaluations):
            values = self._evaluate(content, images.targets, number)
            yield number + 1, to_host(values), self._best - content

    def _evaluate(self, base: tf.Tensor, targets: Targets, number: int) -> tf.Tensor:
        height, width = np.random.default_rng(number).integers(0, TILE // ALIGNMENT, 2) * ALIGNMENT
        tiles = windows(self.shape, self.tile, (int(height), int(width)))
        seen = self._image(base)
        measured: list[tf.Tensor] | None = None
        for window in tiles:
            of_tile = self._measure(*self._cut(seen, base, targets, window))
            measured = (
                of_tile if measured is None else [a + b for a, b in zip(measured, of_tile, strict=True)]
            )
        values, pulls = self._values(measured, targets)
        gradient = np.zeros((1, *self.shape, 3), np.float32)
        for window in tiles:
            part = self._back(*self._cut(seen, base, targets, window), pulls)
            here = np.s_[:, window.top : window.top + self.tile[0], window.left : window.left + self.tile[1]]
            gradient[here] += part
        return self._move(base, seen, values, tf.constant(gradient))

    def _cut(
        self, seen: tf.Tensor, base: tf.Tensor, targets: Targets, window: Window
    ) -> tuple[tf.Tensor, tf.Tensor, list[tf.Tensor], list[tf.Tensor]]:
        """A tile of the image and of the content, and how much each location counts, by layer."""
        top, left = window.top, window.left
        here = np.s_[:, top : top + self.tile[0], left : left + self.tile[1]]
        guides, shares = [], []
        given = iter(targets.guides)
        for octave in self.recipe.octaves:
            for layer in octave.style_layers:
                size = octave.shrink * 2 ** (vgg.block_of(layer) - 1)
                own = self._own(window, size)
                if targets.guides:
                    whole = next(given)
                    own = (
                        own
                        * whole[
                            :,
                            :,
                            top // size : top // size + own.shape[2],
                            left // size : left // size + own.shape[3],
                        ]
                    )
                else:
                    own = own / float((self.shape[0] // size) * (self.shape[1] // size))
                guides.append(own)
            if octave.content:
                size = octave.shrink * 2 ** (vgg.block_of(self.recipe.content_layer) - 1)
                shares.append(self._own(window, size)[:, 0, :, :, None])
        return seen[here], base[here], guides, shares

    def _own(self, window: Window, size: int) -> tf.Tensor:
        """(1, 1, h, w): 1 for a tile's own locations of a layer that is `size` times smaller, 0 for the others."""
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
        self, seen: tf.Tensor, base: tf.Tensor, guides: list[tf.Tensor], shares: list[tf.Tensor]
    ) -> list[tf.Tensor]:
        """Gram matrices (1, R, C, C) by layer, then squared content differences and squares (1,) by octave."""
        grams: list[tf.Tensor] = []
        content: list[tf.Tensor] = []
        each_guide, each_share = iter(guides), iter(shares)
        wanted = iter(self.objective.content_of(base))
        for octave, features in self.objective.features(seen):
            for _, feature in zip(octave.style_layers, features, strict=False):
                grams.append(losses.guided_gram(feature, next(each_guide)))
            if octave.content:
                share, target = next(each_share), next(wanted)
                content.append(tf.reduce_sum(share * tf.math.squared_difference(features[-1], target))[None])
                content.append(tf.reduce_sum(share * tf.square(target))[None])
        return [*grams, *content]

    def _values_of(self, measured: list[tf.Tensor], targets: Targets) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """Losses (1, names), and the total's gradient by all that was measured."""
        layers = len(targets.styles)
        with tf.GradientTape() as tape:
            for each in measured:
                tape.watch(each)
            grams = measured[:layers] if targets.guides else [gram[:, 0] for gram in measured[:layers]]
            content = [a / b for a, b in zip(measured[layers::2], measured[layers + 1 :: 2], strict=True)]
            values = self.objective.values(Measured(grams, [None] * layers, content), targets)
        pulls = tape.gradient(values[0], measured)
        return tf.stack(values, axis=1), pulls

    def _gradient_of_tile(
        self,
        seen: tf.Tensor,
        base: tf.Tensor,
        guides: list[tf.Tensor],
        shares: list[tf.Tensor],
        pulls: list[tf.Tensor],
    ) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(seen)
            measured = self._measure_tile(seen, base, guides, shares)
        return tape.gradient(measured, seen, output_gradients=pulls)

    def _image_of(self, base: tf.Tensor) -> tf.Tensor:
        return vgg.clip(self.parameterisation.image(self.optimiser.point.read_value(), base))

    def _advance(self, base: tf.Tensor, seen: tf.Tensor, values: tf.Tensor, by_image: tf.Tensor) -> tf.Tensor:
        point = self.optimiser.point.read_value()
        with tf.GradientTape() as tape:
            tape.watch(point)
            image = self.parameterisation.image(point, base)
        total, gradient = bounded(self.recipe, image, values[:, 0], by_image)
        along = tape.gradient(image, point, output_gradients=gradient)
        better = total < self._best_loss
        self._best.assign(tf.where(better[:, None, None, None], seen, self._best))
        self._best_loss.assign(tf.where(better, total, self._best_loss))
        self.optimiser.advance(total, along)
        return tf.concat([total[:, None], values[:, 1:]], axis=1)
