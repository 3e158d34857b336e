"""Several pictures side by side, a row each: what is computed row by row of vectors as long as a picture.

Rule: such a vector is read and written as seldom as can be, which is what the time goes into.
"""

from collections.abc import Sequence

import tensorflow as tf

from engine.devices.ways import ways


def any_length(pictures: int, name: str) -> tf.Variable:
    """(pictures, n), for now empty: each value that it is assigned may have another n."""
    return tf.Variable(tf.zeros([pictures, 0]), shape=[pictures, None], name=name)


def empty(*vectors: tf.Variable) -> None:
    """Let go of what vectors of `any_length` hold."""
    for vector in vectors:
        vector.assign(tf.zeros([vector.shape[0], 0]))


def lengths(rows: tf.Tensor) -> tf.Tensor:
    """(pictures, ...) -> (): how many numbers each row has, in float32. Graph code."""
    return tf.cast(tf.size(rows) // tf.shape(rows)[0], tf.float32)


def select(chosen: tf.Tensor, yes: list[tf.Tensor], no: list[tf.Tensor]) -> list[tf.Tensor]:
    """Rows of each `yes` where `chosen` (pictures,), of its `no` elsewhere; all (pictures, n). Graph code."""

    def row_by_row() -> list[tf.Tensor]:
        return [tf.where(chosen[:, None], *pair) for pair in zip(yes, no, strict=True)]

    if waits_for_branches():
        return row_by_row()
    # Nearly always it is all of them, and nothing has to be copied.
    found: list[tf.Tensor] = tf.cond(tf.reduce_all(chosen), lambda: yes, row_by_row)
    return found


def waits_for_branches() -> bool:
    """Whether the host would have to wait for the device to know which way a branch goes: so it is with a GPU."""
    return not ways().branches


def squared_norm(rows: tf.Tensor) -> tf.Tensor:
    """(pictures, ...) -> (pictures,): the sum of the squares of each picture."""
    # Unlike a sum of products this needs no memory for them.
    return tf.stack([2 * tf.nn.l2_loss(row) for row in tf.unstack(rows)])


def dot(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """Of each row."""
    if not ways().sums_as_products:
        return tf.reduce_sum(a * b, -1)
    # As products of matrices: a sum of products would write these down first.
    products = [tf.matmul(*pair, transpose_b=True) for pair in zip(_apart(a), _apart(b), strict=True)]
    return tf.reshape(products[0] if len(products) == 1 else tf.concat(products, 0), [-1])


def _apart(rows: tf.Tensor) -> list[tf.Tensor]:
    """(pictures, n) -> (1, n) each."""
    return [rows] if rows.shape[0] == 1 else tf.split(rows, rows.shape[0])


def dots(rows: Sequence[tf.Variable], vector: tf.Tensor) -> tf.Tensor:
    """(pictures, n) several times and once more -> (pictures, rows)."""
    return tf.stack([dot(row, vector) for row in rows], 1)
