"""A convolution, forward and back: `python -m engine.devices.convolution DEVICE PRECISION...`, for the doctor.

It says of each precision that it is done, and ends as the card ends it. Rule: it needs TensorFlow and nothing of ours that
paints, so what fails here is not the engine's.
"""

import os
import sys
from collections.abc import Sequence

from engine.devices.device import round_products, show, take
from engine.devices.trial import end_with_parent
from engine.protocol import Precision

DONE = "done"
CHANNELS, SIDE = 64, 32


def main(device: str, precisions: Sequence[Precision]) -> None:
    """Convolve in each. Raises NoDeviceError, and what TensorFlow says if it says something."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "0")
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")  # not to import Keras along
    show(device)
    taken = take(device)
    _say(f"on {taken.label}")
    for precision in precisions:
        round_products(precision is Precision.TENSORFLOAT32)
        _convolve(precision)
        _say(f"{DONE} {precision}")


def _convolve(precision: Precision) -> None:
    """Of ones with ones, the gradient of the sum is the number of the kernel's places that reach a pixel, times channels."""
    import tensorflow as tf

    kernel = tf.ones([3, 3, CHANNELS, CHANNELS], precision.numbers)

    def gradient(images: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(images)
            total = tf.reduce_sum(tf.cast(tf.nn.conv2d(images, kernel, 1, "SAME"), tf.float32))
        return tape.gradient(total, images)

    found = tf.function(gradient, autograph=False)(tf.ones([1, SIDE, SIDE, CHANNELS], precision.numbers))
    inside, corner = (float(found[0, place, place, 0]) for place in (SIDE // 2, 0))
    if (inside, corner) != (9 * CHANNELS, 4 * CHANNELS):
        raise ArithmeticError(
            f"the gradient is {inside} and {corner} where it is {9 * CHANNELS} and {4 * CHANNELS}"
        )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    end_with_parent()
    main(sys.argv[1], [Precision(name) for name in sys.argv[2:]])
    os._exit(0)
