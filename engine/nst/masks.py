"""Where each style goes: masks and transparency made into regions, and regions into guides for every layer.

Rule: no masks and no transparency, no regions, and nothing of this costs anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from engine.nst.parameterisation import Shape


@dataclass(frozen=True)
class Region:
    """A part of the picture, 0 to 1 (H, W), and which of the job's styles are mixed in it."""

    where: NDArray[np.float32]
    styles: tuple[int, ...]


def regions(
    masks: Sequence[NDArray[np.uint8] | None], alpha: NDArray[np.uint8] | None, shape: Shape
) -> list[Region]:
    """The regions of a picture of `shape`, from each style's mask and the content's transparency, of any
    sizes.

    A style with a mask is where that is white; those without share what no mask covers. Nothing is painted
    for the sake of what is transparent. Empty if every style is everywhere.
    """
    if alpha is None and all(mask is None for mask in masks):
        return []
    visible = np.ones(shape, np.float32) if alpha is None else scaled(alpha, shape)
    covered = np.zeros(shape, np.float32)
    found = []
    for number, mask in enumerate(masks):
        if mask is not None:
            where = scaled(mask, shape)
            covered = np.maximum(covered, where)
            found.append(Region(where * visible, (number,)))
    if rest := tuple(number for number, mask in enumerate(masks) if mask is None):
        found.append(Region((1 - covered) * visible, rest))
    return found


def scaled(mask: NDArray[np.uint8], shape: Shape) -> NDArray[np.float32]:
    """A mask (h, w) as 0 to 1 of `shape`, each value the mean of what it stands for."""
    resized = tf.image.resize(mask[..., None].astype(np.float32) / 255, shape, "area")
    array: NDArray[np.float32] = resized.numpy()[..., 0]
    return array


def layer_guides(where: NDArray[np.float32], size: int) -> tf.Tensor:
    """(R, H, W) -> (1, R, h, w): how much each location of a layer `size` times smaller counts; sums to 1, or
    is 0.
    """
    height, width = where.shape[1] // size, where.shape[2] // size
    smaller = tf.image.resize(tf.constant(where[..., None]), (height, width), "area")[..., 0]
    total = tf.reduce_sum(smaller, axis=[1, 2], keepdims=True)
    return tf.math.divide_no_nan(smaller, total)[None]
