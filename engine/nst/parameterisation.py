"""What the optimiser's vectors mean: how a flat point becomes an image, and back to a starting point.

`Pixels`: the point is the image. `Laplacian`: the point is a stack of corrections at several resolutions,
each added to the upsampled sum of the coarser ones and all of them to the content image; a gradient step then
moves large areas as easily as single pixels, which is what makes L-BFGS fast here (cf. Kolkin et al.,
STROTSS, arXiv:1904.12785, which optimises a Laplacian pyramid of the image itself).

Neither constrains the optimiser: an image is clipped on its way into the network and its gradient is passed
straight through.
"""

from dataclasses import dataclass
from math import prod

import tensorflow as tf

Shape = tuple[int, int]  # height, width


@dataclass(frozen=True)
class Pixels:
    """The point is the image, clipped after each step as in the tutorial."""

    shape: Shape

    @property
    def size(self) -> int:
        """Length of the point."""
        return 3 * prod(self.shape)

    def start(self, base: tf.Tensor, change: tf.Tensor) -> tf.Tensor:
        """The points (B, n) whose images are base + change; both (B, H, W, 3)."""
        return tf.reshape(base + change, [base.shape[0], -1])

    def image(self, point: tf.Tensor, base: tf.Tensor) -> tf.Tensor:
        """The images (B, H, W, 3) of points (B, n); `base` is not used."""
        del base
        return tf.reshape(point, [point.shape[0], *self.shape, 3])


@dataclass(frozen=True)
class Laplacian:
    """The point is `depth` corrections, coarse to fine, the last one at the image's own resolution."""

    shape: Shape
    depth: int

    @property
    def shapes(self) -> list[Shape]:
        """(height, width) of each correction, coarse to fine; none is smaller than 4 pixels."""
        height, width = self.shape
        octaves = [k for k in range(self.depth) if min(height, width) >> k >= 4]
        return [(-(-height >> k), -(-width >> k)) for k in reversed(octaves)]

    @property
    def size(self) -> int:
        """Length of the point."""
        return sum(3 * prod(shape) for shape in self.shapes)

    def start(self, base: tf.Tensor, change: tf.Tensor) -> tf.Tensor:
        """The points (B, n) whose images are base + change: all of the change in the finest correction."""
        batch = base.shape[0]
        coarse = self.size - 3 * prod(self.shape)
        return tf.concat([tf.zeros([batch, coarse]), tf.reshape(change, [batch, -1])], 1)

    def image(self, point: tf.Tensor, base: tf.Tensor) -> tf.Tensor:
        """The images (B, H, W, 3) of points (B, n): base + the sum of the upsampled corrections."""
        parts = tf.split(point, [3 * prod(shape) for shape in self.shapes], axis=1)
        total = None
        for part, shape in zip(parts, self.shapes, strict=True):
            correction = tf.reshape(part, [point.shape[0], *shape, 3])
            total = correction if total is None else tf.image.resize(total, shape, "bilinear") + correction
        return base + total


Parameterisation = Pixels | Laplacian


def parameterise(shape: Shape, depth: int) -> Parameterisation:
    """With `depth` corrections, or plain pixels for 0."""
    return Laplacian(shape, depth) if depth else Pixels(shape)
