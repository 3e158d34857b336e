"""VGG-19 as the feature network, with the packaged or somebody's own weights.

Simonyan and Zisserman, arXiv:1409.1556. Images are float32 tensors (B, H, W, 3) as `engine.nst.pixels` makes
them. Keras, whose import takes a third as long as TensorFlow's, is loaded only to read a file of its own.

Rule: the weights never change, which a process that paints tells TensorFlow (`engine.devices.onednn`). Outside of
a `tf.function` several layers would then share one convolution, and with it the first one's kernel; so
whether it was told or not, none is ever run there.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.python.framework.ops import gradient_registry

from engine.devices.ways import Ways, ways
from engine.nst import IMAGENET, PACKAGED, low_rank
from engine.protocol import ErrorCode, Precision, Refusal

CONVOLUTIONS = (2, 2, 4, 4, 4)  # in each block
DEEPEST = "block5_conv2"  # nothing looks beyond it, and the packaged weights end there


def layer_names() -> list[str]:
    """The convolutions in order, "block1_conv1" to "block5_conv4"."""
    return [f"block{b}_conv{c}" for b, count in enumerate(CONVOLUTIONS, 1) for c in range(1, count + 1)]


@dataclass(frozen=True, eq=False)
class Network:
    """What was loaded: of each convolution down to DEEPEST, in order, a kernel (3, 3, in, out) and a bias (out,).

    Never changed. It equals only itself, by which what was made of it is found.
    """

    layers: Mapping[str, low_rank.Weights]


def load(weights: str = PACKAGED) -> Network:
    """VGG-19 without its classifier.

    weights: "packaged" (8-bit codebooks in this package), "imagenet" (Keras downloads its own) or the path of
    a Keras weights file. Raises Refusal BAD_WEIGHTS naming the file.
    """
    if weights == IMAGENET:
        return _of_keras(IMAGENET)
    try:
        return _packaged() if weights == PACKAGED else _of_keras(None, weights)
    except (OSError, ValueError, KeyError) as error:
        raise Refusal(ErrorCode.BAD_WEIGHTS, path=weights, why=str(error).rstrip(".")) from error


def digest(network: Network) -> str:
    """What tells a network from every other, down to DEEPEST: "sha256:..." of its numbers, not of their file.

    So a file that is replaced under its name, or while it is loaded, is never mistaken for another.
    """
    whole = hashlib.sha256()
    for name in _names_down_to([DEEPEST]):
        for array in network.layers[name]:
            whole.update(f"{name} {array.shape} {array.dtype}".encode())
            whole.update(np.ascontiguousarray(array).data)
    return f"sha256:{whole.hexdigest()}"


def weights_of(network: Network, layers: Sequence[str], *, reduced: bool) -> dict[str, low_rank.Weights]:
    """Kernels and bias of each convolution in order, down to the deepest of `layers`."""
    whole = {name: network.layers[name] for name in _names_down_to(layers)}
    return low_rank.reduce(whole, low_rank.packaged()) if reduced else whole


def _names_down_to(layers: Sequence[str]) -> list[str]:
    names = layer_names()
    return names[: max(names.index(layer) for layer in layers) + 1]


class LayerFeatures(NamedTuple):
    """Features (B, h, w, C) of a layer in the network's precision, and their sums (B, C) in float32."""

    features: tf.Tensor
    sums: tf.Tensor

    @property
    def exact(self) -> tf.Tensor:
        """The features in float32, whose range and precision all that is computed of them needs."""
        return tf.cast(self.features, tf.float32)


class Features:
    """The part of the network that ends at the deepest of `layers`, in `precision`.

    reduced: with convolutions of low rank, see `engine.nst.low_rank`. Called with images (B, H, W, 3) it
    returns the features of the layers, in order.
    """

    def __init__(
        self,
        network: Network,
        layers: Sequence[str],
        precision: Precision = Precision.FLOAT32,
        *,
        reduced: bool = False,
    ) -> None:
        self._wanted = list(layers)
        self._dtype = tf.as_dtype(precision.numbers)
        constants = _constants_of(network, precision, reduced, ways()).down_to(layers)
        self._layers = [
            _Layer(
                name,
                convolutions,
                bias,
                is_wanted=name in self._wanted,
                is_last=following is None,
                is_pooled=following is not None and block_of(following) > block_of(name),
            )
            for (name, (convolutions, bias)), following in zip(
                constants.items(), [*list(constants)[1:], None], strict=True
            )
        ]
        any_size = tf.TensorSpec([None, None, None, 3])
        self._compiled = tf.function(self._evaluate, autograph=False, input_signature=[any_size])

    def __call__(self, images: tf.Tensor) -> list[LayerFeatures]:
        """See the class."""
        found: list[LayerFeatures] = (self._compiled if tf.executing_eagerly() else self._evaluate)(images)
        return found

    def _evaluate(self, images: tf.Tensor) -> list[LayerFeatures]:
        features = tf.cast(images, self._dtype)
        found = {}
        within: str | None = None  # the wanted layer whose features the next convolution takes and passes on
        for layer in self._layers:
            if within is None:
                features = layer.convolve(features)
            else:
                features, found[within] = layer.convolve_with_input(features)
            features, output = layer.activate(features)
            if output is not None:
                found[layer.name] = output
            within = layer.name if layer.is_wanted and output is None else None
        return [found[name] for name in self._wanted]


@dataclass(frozen=True)
class _Layer:
    """A convolution (or a narrow one and a 1x1 one that widens it), bias, rectifier, and pooling."""

    name: str
    convolutions: list["_Convolution"]
    bias: tf.Tensor
    is_wanted: bool
    is_last: bool  # of the network
    is_pooled: bool

    def convolve(self, features: tf.Tensor) -> tf.Tensor:
        """(B, h, w, in) -> (B, h, w, out), before the rectifier."""
        return self._widen(self.convolutions[0](features))

    def convolve_with_input(self, features: tf.Tensor) -> tuple[tf.Tensor, LayerFeatures]:
        """The same, and its input, which is the output of the layer before."""
        narrow, inputs = self.convolutions[0].with_input(features)
        return self._widen(narrow), inputs

    def _widen(self, features: tf.Tensor) -> tf.Tensor:
        for convolution in self.convolutions[1:]:
            features = convolution(features)
        return tf.nn.bias_add(features, self.bias)

    def activate(self, features: tf.Tensor) -> tuple[tf.Tensor, LayerFeatures | None]:
        """The next layer's input; and the layer's features, if they are wanted and not that input."""
        if self.is_pooled and not self.is_wanted:
            # Before the rectifier, which has a quarter to do then, forward and back; the maximum is the same.
            return tf.nn.relu(_pool(features)), None
        features = tf.nn.relu(features)
        if not (self.is_pooled or self.is_last):
            return features, None
        output = LayerFeatures(features, _sums(features))
        return (_pool(features) if self.is_pooled else features), output


class _Convolution:
    """A convolution with a kernel (h, w, in, out) that never changes, and TensorFlow's own gradient."""

    def __init__(self, kernel: NDArray[np.float32], dtype: tf.DType) -> None:
        self._kernel = tf.constant(kernel, dtype)

    def __call__(self, features: tf.Tensor) -> tf.Tensor:
        """(B, h, w, in) -> (B, h, w, out)."""
        return _convolve(features, self._kernel)

    def with_input(self, features: tf.Tensor) -> tuple[tf.Tensor, LayerFeatures]:
        """The same, and its input, which is a layer's output."""
        return self(features), LayerFeatures(features, _sums(features))


class _TurnedConvolution(_Convolution):
    """One that says itself what its gradient is.

    It is a convolution as well, with the adjoint kernel (flipped, its channels swapped): oneDNN adds to what
    such a one gives while it is still at hand, so what else there is of a gradient costs no pass over the
    features of its own.
    """

    def __init__(self, kernel: NDArray[np.float32], dtype: tf.DType) -> None:
        super().__init__(kernel, dtype)
        self._adjoint = tf.constant(np.ascontiguousarray(kernel[::-1, ::-1].transpose(0, 1, 3, 2)), dtype)
        self._zero_bias = tf.zeros([kernel.shape[2]], dtype)

    def __call__(self, features: tf.Tensor) -> tf.Tensor:
        """(B, h, w, in) -> (B, h, w, out)."""

        def convolved(features: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
            return _convolve(features, self._kernel), self._input_gradient

        return _with_gradient(convolved, features)

    def with_input(self, features: tf.Tensor) -> tuple[tf.Tensor, LayerFeatures]:
        """The same, and its input, whose gradients are added by the convolution's own."""

        def convolved(features: tf.Tensor) -> tuple[tuple[tf.Tensor, ...], Callable[..., tf.Tensor]]:
            def gradient(upstream: tf.Tensor, by_features: tf.Tensor, by_sums: tf.Tensor) -> tf.Tensor:
                if features.shape[0] == 1:
                    bias = tf.cast(by_sums[0], upstream.dtype)
                    by_input = tf.nn.bias_add(_convolve(upstream, self._adjoint), bias)
                else:
                    by_input = self._input_gradient(upstream) + tf.cast(
                        by_sums[:, None, None], upstream.dtype
                    )
                return by_input + by_features

            return (_convolve(features, self._kernel), features, _sums(features)), gradient

        output, inputs, sums = _with_gradient(convolved, features)
        return output, LayerFeatures(inputs, sums)

    def _input_gradient(self, upstream: tf.Tensor) -> tf.Tensor:
        # With a bias, for only together with one it takes up what is added.
        return tf.nn.bias_add(_convolve(upstream, self._adjoint), self._zero_bias)


class _ImageConvolution(_TurnedConvolution):
    """The convolution of images.

    Its usual gradient makes room for many more channels than an image has. Here each row of the kernel has a
    gradient of its own, side by side in the channels, and a second convolution shifts and adds them: half the
    time.
    """

    def __init__(self, kernel: NDArray[np.float32], dtype: tf.DType) -> None:
        super().__init__(kernel, dtype)
        height, width, colours, channels = kernel.shape
        rows = kernel[:, ::-1].transpose(1, 3, 0, 2).reshape(1, width, channels, height * colours)
        placed = np.einsum("ij,kl->ijkl", np.eye(height)[::-1], np.eye(colours))
        self._rows = tf.constant(rows, dtype)
        self._placed = tf.constant(placed.reshape(height, 1, height * colours, colours), dtype)

    def _input_gradient(self, upstream: tf.Tensor) -> tf.Tensor:
        return _convolve(_convolve(upstream, self._rows), self._placed)


class _Constants:
    """The convolutions and biases of a network as tensors, which all that is evaluated of it shares."""

    def __init__(self, network: Network, precision: Precision, reduced: bool) -> None:
        self._network, self._reduced = network, reduced
        self._dtype = tf.as_dtype(precision.numbers)
        self._made: dict[str, tuple[list[_Convolution], tf.Tensor]] = {}

    def down_to(self, layers: Sequence[str]) -> dict[str, tuple[list[_Convolution], tf.Tensor]]:
        """In order, down to the deepest of `layers`; made when they are first asked for."""
        names = _names_down_to(layers)
        if names[-1] not in self._made:
            for name, (*kernels, bias) in weights_of(self._network, layers, reduced=self._reduced).items():
                if name not in self._made:
                    convolutions = _convolutions(kernels, self._dtype, takes_images=name == names[0])
                    self._made[name] = convolutions, tf.constant(bias, self._dtype)
        return {name: self._made[name] for name in names}


@lru_cache(maxsize=4)
def _constants_of(network: Network, precision: Precision, reduced: bool, ways: Ways) -> _Constants:
    del ways  # which only tells what was made for one device from what was made for another
    return _Constants(network, precision, reduced)


def _convolutions(
    kernels: Sequence[NDArray[np.float32]], dtype: tf.DType, *, takes_images: bool
) -> list[_Convolution]:
    kind: type[_Convolution] = _ImageConvolution if takes_images else _TurnedConvolution
    if not ways().turned_kernels:
        kind = _Convolution
    return [kind(kernel, dtype) for kernel in kernels]


def _with_gradient(function: Callable[..., tuple[Any, Callable[..., Any]]], features: tf.Tensor) -> Any:
    """What a function of features returns first, with the gradient that it returns second, for a `tf.GradientTape`.

    `tf.custom_gradient` also registers the gradient by a name, for graphs that are differentiated without a tape. Nobody
    removes it there, and with it every graph would be kept for as long as the process lives, 25 MB each.
    """
    outputs = tf.custom_gradient(function)(features)
    registered = gradient_registry._registry
    for name in [name for name in list(registered) if name.startswith("CustomGradient-")]:
        registered.pop(name, None)
    return outputs


def _pool(features: tf.Tensor) -> tf.Tensor:
    return tf.nn.max_pool2d(features, 2, 2, "VALID")


def _convolve(features: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    if tf.executing_eagerly():
        raise RuntimeError("a convolution of the network is only to be run within a tf.function")
    return tf.nn.conv2d(features, kernel, 1, "SAME")


def _sums(features: tf.Tensor) -> tf.Tensor:
    """(B, h, w, C) -> (B, C); as a product with ones, in half the time of a sum over the first axes."""
    batch, height, width, channels = tf.unstack(tf.shape(features))
    features = tf.cast(features, tf.float32)
    if not ways().sums_as_products:
        return tf.reduce_sum(features, [1, 2])
    down = tf.matmul(tf.ones([batch, 1, height]), tf.reshape(features, [batch, height, width * channels]))
    return tf.ensure_shape(
        tf.reduce_sum(tf.reshape(down, [batch, width, channels]), 1), [features.shape[0], features.shape[3]]
    )


@lru_cache(maxsize=8)
def features_of(
    network: Network, layers: tuple[str, ...], precision: Precision, *, reduced: bool
) -> Features:
    """The same `Features` for all who ask for the same, which compile only once then."""
    return Features(network, layers, precision, reduced=reduced)


def block_of(layer: str) -> int:
    """The 1 of "block1_conv2": a layer's features are 2**(block - 1) times smaller than the image."""
    return int(layer[5])


def _packaged() -> Network:
    with as_file(files("engine.nst") / "weights" / "vgg19_8bit.npz") as path, np.load(path) as archive:
        return Network(
            {
                name: [archive[f"{name}/codebook"][archive[f"{name}/codes"]], archive[f"{name}/bias"]]
                for name in _names_down_to([DEEPEST])
            }
        )


def _of_keras(weights: str | None, path: str | None = None) -> Network:
    """By Keras' own architecture: with its own weights, or those of a file."""
    from keras.applications import VGG19

    model = VGG19(include_top=False, weights=weights)
    if path is not None:
        model.load_weights(path)
    return Network({name: model.get_layer(name).get_weights() for name in _names_down_to([DEEPEST])})
