"""VGG-19 as the feature network: Keras' own architecture with the packaged or somebody's own weights.

Images are float32 tensors (1, H, W, 3), BGR, 0-255 with MEAN subtracted: the network's native "Caffe" range,
as in `keras.applications.vgg19.preprocess_input`. Simonyan and Zisserman, arXiv:1409.1556.

Rule: the weights never change, and TensorFlow is told so. Each convolution of a compiled function then lays its
kernel out for the processor once, and not at every call. Called as they are, outside of a function, several layers
would share one convolution, and with it the first one's kernel; so they are never called like that.
"""

import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.resources import as_file, files

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from engine.nst import IMAGENET, PACKAGED, reduction
from engine.protocol import ErrorCode, Precision, Refusal

MEAN = np.array([103.939, 116.779, 123.68], np.float32)  # BGR, of ImageNet
CONVOLUTIONS = (2, 2, 4, 4, 4)  # in each block

os.environ.setdefault("TF_ONEDNN_ASSUME_FROZEN_WEIGHTS", "1")  # read at the first convolution


def layer_names() -> list[str]:
    """The convolutions in order, "block1_conv1" to "block5_conv4"."""
    return [f"block{b}_conv{c}" for b, count in enumerate(CONVOLUTIONS, 1) for c in range(1, count + 1)]


def load(weights: str = PACKAGED) -> keras.Model:
    """VGG-19 without its classifier, frozen.

    weights: "packaged" (8-bit codebooks in this package, up to block5_conv2), "imagenet" (Keras downloads its
    own) or the path of a Keras weights file. Raises Refusal BAD_WEIGHTS naming the file.
    """
    if weights == IMAGENET:
        return _frozen(keras.applications.VGG19(include_top=False, weights="imagenet"))
    network = keras.applications.VGG19(include_top=False, weights=None)
    try:
        if weights == PACKAGED:
            with as_file(files("engine.nst") / "weights" / "vgg19_8bit.npz") as path:
                _set_codebooks(network, str(path))
        else:
            network.load_weights(weights)
    except (OSError, ValueError, KeyError) as error:
        raise Refusal(ErrorCode.BAD_WEIGHTS, path=weights, why=str(error).rstrip(".")) from error
    return _frozen(network)


def weights_of(network: keras.Model, layers: Sequence[str], *, reduced: bool) -> dict[str, reduction.Weights]:
    """Kernels and bias of each convolution in order, down to the deepest of `layers`."""
    names = layer_names()
    deepest = max(names.index(layer) for layer in layers)
    whole = {name: network.get_layer(name).get_weights() for name in names[: deepest + 1]}
    return reduction.reduce(whole, reduction.packaged()) if reduced else whole


class Features:
    """The part of the network that ends at the deepest of `layers`, in the numbers of `precision`.

    reduced: with convolutions of low rank, see `engine.nst.reduction`. Called with images (B, H, W, 3) it returns
    the layers' float32 features (B, h, w, C), in order: what is computed of them needs a range and a precision that
    bfloat16 does not have.
    """

    def __init__(
        self,
        network: keras.Model,
        layers: Sequence[str],
        precision: Precision = Precision.FLOAT32,
        *,
        reduced: bool = False,
    ) -> None:
        self._wanted = list(layers)
        self._dtype = tf.as_dtype(precision.value)
        self._convolutions = {
            name: [tf.constant(array, self._dtype) for array in arrays]
            for name, arrays in weights_of(network, layers, reduced=reduced).items()
        }
        self._first = _of_images(next(iter(self._convolutions.values()))[0])
        any_size = tf.TensorSpec([None, None, None, 3])
        self._compiled = tf.function(self._evaluate, autograph=False, input_signature=[any_size])

    def __call__(self, images: tf.Tensor) -> list[tf.Tensor]:
        """See the class."""
        found: list[tf.Tensor] = (self._compiled if tf.executing_eagerly() else self._evaluate)(images)
        return found

    def _evaluate(self, images: tf.Tensor) -> list[tf.Tensor]:
        features = tf.cast(images, self._dtype)
        found = {}
        names = list(self._convolutions)
        for name, following in zip(names, [*names[1:], None], strict=True):
            *kernels, bias = self._convolutions[name]
            for kernel in kernels:
                features = self._first(features) if name == names[0] else _convolved(features, kernel)
            features = tf.nn.bias_add(features, bias)
            pooled = following is not None and block_of(following) > block_of(name)
            if pooled and name not in self._wanted:
                # Before the rectifier, which has a quarter to do then, forward and back; the maximum is the same.
                features = tf.nn.relu(tf.nn.max_pool2d(features, 2, 2, "VALID"))
                continue
            features = tf.nn.relu(features)
            if name in self._wanted:
                found[name] = tf.cast(features, tf.float32)
            if pooled:
                features = tf.nn.max_pool2d(features, 2, 2, "VALID")
        return [found[name] for name in self._wanted]


def _convolved(features: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    return tf.nn.conv2d(features, kernel, 1, "SAME")


def _of_images(kernel: tf.Tensor) -> Callable[[tf.Tensor], tf.Tensor]:
    """The convolution of images with a kernel (3, 3, 3, C).

    Its usual gradient makes room for many more channels than an image has. Here a row of the kernel at a time is brought
    back, all beside one another, and these are added where they belong: half the time.
    """
    height, width, colours, channels = kernel.shape
    rows = tf.reshape(tf.transpose(kernel[:, ::-1], [1, 3, 0, 2]), [1, width, channels, height * colours])
    placed = np.einsum("ij,kl->ijkl", np.eye(height)[::-1], np.eye(colours))
    sums = tf.constant(placed.reshape(height, 1, height * colours, colours), kernel.dtype)

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def convolved(images: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
        return _convolved(images, kernel), lambda pulls: _convolved(_convolved(pulls, rows), sums)

    result: Callable[[tf.Tensor], tf.Tensor] = convolved
    return result


@lru_cache(maxsize=8)
def features_of(
    network: keras.Model, layers: tuple[str, ...], precision: Precision, *, reduced: bool
) -> Features:
    """The same `Features` for all who ask for the same, which compile only once then."""
    return Features(network, layers, precision, reduced=reduced)


def block_of(layer: str) -> int:
    """The 1 of "block1_conv2": a layer's features are 2**(block - 1) times smaller than the image."""
    return int(layer[5])


def _set_codebooks(network: keras.Model, path: str) -> None:
    """kernel = codebook[codes] for each packaged convolution; the two after block5_conv2 stay unused."""
    with np.load(path) as archive:
        for name in layer_names():
            if f"{name}/codes" in archive:
                kernel = archive[f"{name}/codebook"][archive[f"{name}/codes"]]
                network.get_layer(name).set_weights([kernel, archive[f"{name}/bias"]])


def _frozen(network: keras.Model) -> keras.Model:
    network.trainable = False
    return network


def to_tensor(rgb: NDArray[np.uint8]) -> tf.Tensor:
    """(H, W, 3) RGB bytes -> (1, H, W, 3) in the network's range."""
    return tf.constant(rgb[None, ..., ::-1].astype(np.float32) - MEAN)


def changed(rgb: NDArray[np.uint8], change: NDArray[np.float32]) -> NDArray[np.uint8]:
    """RGB bytes (H, W, 3) with a change (H, W, 3) in the network's range added, rounded and clipped."""
    sums = change[..., ::-1] + rgb
    np.rint(sums, out=sums)  # in place: new memory takes longer than the arithmetic
    np.clip(sums, 0, 255, out=sums)
    return sums.astype(np.uint8)


def clip(image: tf.Tensor, margin: float = 0.0) -> tf.Tensor:
    """Keep each colour of images (B, H, W, 3) within what a byte can hold, less `margin` grey levels at both ends."""
    # Bounds for a whole row of pixels: to broadcast those of one pixel takes three times as long.
    low, high = (np.tile(bounds, image.shape[2]) for bounds in (margin - MEAN, 255 - margin - MEAN))
    return tf.reshape(tf.clip_by_value(tf.reshape(image, [-1, low.size]), low, high), image.shape)
