"""What the optimiser's vectors mean: how a flat point becomes an image, and back to a starting point.

`Pixels`: the point is the image. `Laplacian`: the point is a stack of corrections at several resolutions,
each added to the upsampled sum of the coarser ones and all of them to the content image; a gradient step then
moves large areas as easily as single pixels, which is what makes L-BFGS fast here (cf. Kolkin et al.,
STROTSS, arXiv:1904.12785, which optimises a Laplacian pyramid of the image itself).

Neither constrains the optimiser: an image is clipped on its way into the network and its gradient is passed
straight through. Both are for images of any shape, which `base` has.
"""

from dataclasses import dataclass
from math import prod

import tensorflow as tf

Shape = tuple[int, int]  # height, width
LEAST_SIDE = 4  # pixels of a correction


@dataclass(frozen=True)
class Pixels:
    """The point is the image, clipped after each step as in the tutorial."""

    def start(self, base: tf.Tensor, change: tf.Tensor) -> tf.Tensor:
        """The points (B, n) whose images are base + change; both (B, H, W, 3)."""
        return tf.reshape(base + change, [base.shape[0], -1])

    def image(self, point: tf.Tensor, base: tf.Tensor) -> tf.Tensor:
        """The images (B, H, W, 3) of points (B, n); of `base` only the shape is used."""
        return tf.reshape(point, tf.shape(base))


@dataclass(frozen=True)
class Laplacian:
    """The point is so many corrections, coarse to fine, the last one at the image's own resolution."""

    corrections: int

    def shapes(self, shape: Shape) -> list[Shape]:
        """(height, width) of each correction of an image, coarse to fine."""
        height, width = shape
        return [(-(-height >> k), -(-width >> k)) for k in reversed(range(self.corrections))]

    def start(self, base: tf.Tensor, change: tf.Tensor) -> tf.Tensor:
        """The points (B, n) whose images are base + change: all of the change in the finest correction."""
        batch, height, width, _ = base.shape
        coarse = sum(3 * prod(shape) for shape in self.shapes((height, width))[:-1])
        return tf.concat([tf.zeros([batch, coarse]), tf.reshape(change, [batch, -1])], 1)

    def image(self, point: tf.Tensor, base: tf.Tensor) -> tf.Tensor:
        """The images (B, H, W, 3) of points (B, n): base + the sum of the upsampled corrections."""
        sizes = [2**k for k in reversed(range(self.corrections))]
        # As `shapes`, but of a shape that the graph does not know.
        shapes = -(-tf.shape(base)[1:3] // tf.constant(sizes)[:, None])
        parts = tf.split(point, 3 * shapes[:, 0] * shapes[:, 1], axis=1, num=len(sizes))
        total = None
        for part, shape in zip(parts, tf.unstack(shapes), strict=True):
            correction = tf.reshape(part, tf.concat([[point.shape[0]], shape, [3]], 0))
            if total is not None:
                correction += tf.raw_ops.ResizeBilinear(images=total, size=shape, half_pixel_centers=True)
            total = correction
        return base + total


Parameterisation = Pixels | Laplacian


def parameterise(shape: Shape, depth: int) -> Parameterisation:
    """Of images like one of this shape: with up to `depth` corrections, none under LEAST_SIDE; plain pixels for 0."""
    corrections = [k for k in range(depth) if min(shape) >> k >= LEAST_SIDE]
    return Laplacian(len(corrections)) if depth else Pixels()
