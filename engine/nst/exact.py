"""Products in which nothing is rounded before it is multiplied, whatever else the process allows its GPU.

TensorFloat-32 is a switch of the whole process that TensorFlow looks at when a product of float32 is launched, so it cannot be
off for one product alone. But it touches neither float64 nor what is no product of matrices. Rule: where differences nearly
cancel (covariances and their eigenvalues, self-distances) or steer (L-BFGS), what this module offers is used, and nothing else.
"""

from contextlib import nullcontext

import tensorflow as tf

from engine.devices.ways import ways

HOST = "CPU:0"


def working(tensor: tf.Tensor) -> tf.Tensor:
    """A float32 tensor in the numbers in which its products are exact on this device: whoever is done casts back."""
    return tensor if ways().single else tf.cast(tensor, tf.float64)


def times(matrices: tf.Tensor, vectors: tf.Tensor) -> tf.Tensor:
    """(..., n, m) and (..., m) -> (..., n), of few numbers."""
    if ways().sums_as_products:
        return tf.linalg.matvec(matrices, vectors)
    return tf.reduce_sum(matrices * vectors[..., None, :], -1)


def eigenvalues(matrices: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Of symmetric matrices (..., n, n): eigenvalues (..., n) from the smallest on, and the vectors (..., n, n) as columns.

    In float32, by LAPACK: four of them are a part of each evaluation, too small to be worth a GPU's while.
    """
    with nullcontext() if ways().eigenvalues else tf.device(HOST):
        values, vectors = tf.linalg.eigh(tf.cast(matrices, tf.float32))
    return tf.cast(values, matrices.dtype), tf.cast(vectors, matrices.dtype)
