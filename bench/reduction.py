"""Fits the directions of `engine.nst.low_rank` to pictures: `python -m bench.reduction [--out FILE]`.

The pictures are of the kind that the network will see: the bundled studies, a photo that no bench paints, and what
the whole network makes of it in the style of each study, from the first evaluation of a level to its last. Layer by
layer the features of the whole network are regressed on those that the reduced one has by then, so that a layer
mends what the layers before it have lost, and the result is cut to the directions that hold KEPT of its variance:
more in the first blocks, whose errors all the others have too.

Prints each layer's rank, the share of its operations that is left, and the error of its features on photos that the
directions were not fitted to. Leaves the package's file.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from bench.report import table
from bench.scenes import AMPLE, PHOTOS, PICTURES
from engine import images, nst
from engine.images import Picture, resize
from engine.nst import low_rank, pixels, vgg
from engine.nst.recipes import STANDARD
from engine.painting.scene import Scene, Style
from engine.painting.session import Session
from engine.planning import planner
from engine.protocol import Settings
from engine.styles import catalogue

PHOTO = PHOTOS / "astronaut.png"
SIZE = 256
SIZES = (SIZE, SIZE // 2, SIZE // 4)
KEPT = {1: 0.997, 2: 0.997, 3: 0.996, 4: 0.988, 5: 0.98}  # share of a layer's variance, by its block
RIDGE = 1e-4  # of the mean variance of a channel, in the regression
MULTIPLE = 16  # of channels: what a processor's vectors hold
STORED = np.float16  # directions
SAVES = 0.85  # a layer is reduced if at most this share of its operations is left
LAYERS = vgg.layer_names()[: vgg.layer_names().index("block5_conv1") + 1]

# Of each picture the whole network's features and the reduced one's.
Pairs = list[tuple[tf.Tensor, tf.Tensor]]


def pictures(session: Session) -> Iterator[tf.Tensor]:
    """What the directions are fitted to, as the network gets it."""
    photo = images.decode(PHOTO.read_bytes(), "content")
    recipe = replace(STANDARD, reduced=False)
    plan = planner.make_plan(Settings(size=SIZE), photo.width, photo.height, AMPLE)
    ends = {0, *accumulate(level.evaluations for level in plan.levels)}
    yield from at_sizes(photo)
    for card in catalogue.cards():
        study = images.decode(catalogue.image_path(card.name).read_bytes(), "study")
        yield from at_sizes(study)
        for step in session.paint_with(recipe, Scene(photo, [Style(study)]), plan, Settings()):
            if step.evaluation in ends or step.evaluation - 1 in ends:
                picture = step.picture()
                yield pixels.to_tensor(resize(picture, step.width, step.height).rgb)


def at_sizes(picture: Picture) -> Iterator[tf.Tensor]:
    """A picture as the levels of a pyramid see it."""
    for size in SIZES:
        sides = planner.fit(picture.width, picture.height, size, grid=1)
        yield pixels.to_tensor(resize(picture, *sides).rgb)


def fit(network: vgg.Network, seen: Sequence[tf.Tensor]) -> dict[str, NDArray[np.float32]]:
    """What `low_rank.packaged` holds, for images (1, H, W, 3) in the network's range."""
    found: dict[str, NDArray[np.float32]] = {}
    features: Pairs = [(image, image) for image in seen]
    block = 1
    for name in LAYERS:
        if vgg.block_of(name) != block:
            block = vgg.block_of(name)
            features = [(pool(whole), pool(reduced)) for whole, reduced in features]
        kernel, bias = network.layers[name]
        weights = [kernel, bias]
        linear: Pairs = [(convolve(a, weights), convolve(b, weights)) for a, b in features]
        directions = regress(linear, KEPT[block]) if name != LAYERS[0] else None
        if directions is not None and saves(kernel, directions[0]):
            narrow, wide, offset = directions
            found[f"{name}/narrow"], found[f"{name}/wide"] = rounded(narrow), rounded(wide)
            found[f"{name}/bias"] = (offset + bias @ narrow @ wide).astype(np.float32)
            found[f"{name}/norm"] = np.array(low_rank.norm_of(kernel, found[f"{name}/narrow"]), np.float32)
            weights = low_rank.reduce({name: weights}, found)[name]
        pairs = zip(linear, features, strict=True)
        features = [(tf.nn.relu(whole), tf.nn.relu(convolve(b, weights))) for (whole, _), (_, b) in pairs]
    return found


def rounded(directions: NDArray[np.float64]) -> NDArray[np.float32]:
    """As they are stored."""
    return directions.astype(STORED).astype(np.float32)


def pool(features: tf.Tensor) -> tf.Tensor:
    """As between two blocks."""
    return tf.nn.max_pool2d(features, 2, 2, "VALID")


def convolve(features: tf.Tensor, weights: Sequence[NDArray[np.floating]]) -> tf.Tensor:
    """By one kernel after the other, with the bias in the end."""
    *kernels, bias = weights

    def convolved() -> tf.Tensor:
        found = features
        for kernel in kernels:
            found = tf.nn.conv2d(found, tf.constant(kernel, tf.float32), 1, "SAME")
        return tf.nn.bias_add(found, tf.constant(bias, tf.float32))

    return tf.function(convolved, autograph=False)()  # the rule of `engine.nst.vgg`


def regress(pairs: Pairs, kept: float) -> tuple[NDArray[np.float64], ...]:
    """(narrow (C, r), wide (r, C), offset (C,)): features of the whole network from those at hand, at low rank.

    Reduced-rank regression (Izenman 1975): wanted = offset + given @ narrow @ wide. `kept`: share of the variance of
    what is told by it at full rank.
    """
    channels = pairs[0][0].shape[3]
    wanted_mean, given_mean = np.zeros(channels), np.zeros(channels)
    given_given, wanted_given = np.zeros((channels, channels)), np.zeros((channels, channels))
    for whole, reduced in pairs:  # each picture counts the same, whatever its size
        wanted, given = (tf.reshape(each, [-1, channels]).numpy().astype(float) for each in (whole, reduced))
        share = 1 / (len(pairs) * len(given))
        wanted_mean += share * wanted.sum(0)
        given_mean += share * given.sum(0)
        given_given += share * given.T @ given
        wanted_given += share * wanted.T @ given
    given_given -= np.outer(given_mean, given_mean)
    wanted_given -= np.outer(wanted_mean, given_mean)
    ridge = RIDGE * np.trace(given_given) / channels * np.eye(channels)
    full = np.linalg.solve(given_given + ridge, wanted_given.T).T
    values, vectors = np.linalg.eigh(full @ given_given @ full.T)
    share_of = np.cumsum(values[::-1]) / values.sum()
    rank = int(np.searchsorted(share_of, kept)) + 1
    rank = min(-(-rank // MULTIPLE) * MULTIPLE, channels)
    directions = vectors[:, ::-1][:, :rank]
    narrow, wide = full.T @ directions, directions.T
    return narrow, wide, wanted_mean - given_mean @ narrow @ wide


def saves(kernel: NDArray[np.float32], narrow: NDArray[np.float64]) -> bool:
    """Whether a layer gains enough."""
    inner, outer, rank = kernel[..., 0].size, kernel.shape[3], narrow.shape[1]
    return bool(rank * (inner + outer) <= SAVES * inner * outer)


def errors(network: vgg.Network, found: low_rank.Directions) -> list[float]:
    """Of each layer's features on photos, relative to the features."""
    whole = {name: network.layers[name] for name in LAYERS}
    reduced = low_rank.reduce(whole, found)
    each = []
    for photo in PICTURES:
        a = b = next(at_sizes(images.decode(photo.read_bytes(), "content")))
        block, of_layers = 1, []
        for name in LAYERS:
            if vgg.block_of(name) != block:
                block, a, b = vgg.block_of(name), pool(a), pool(b)
            a, b = tf.nn.relu(convolve(a, whole[name])), tf.nn.relu(convolve(b, reduced[name]))
            of_layers.append(float(tf.norm(a - b) / tf.norm(a)))
        each.append(of_layers)
    return [float(error) for error in np.mean(each, axis=0)]


def main() -> None:
    """Fit and report."""
    parser = argparse.ArgumentParser(description="Fit VGG-19 of low rank to pictures.")
    packaged = Path(str(nst.__file__)).parent / "weights" / low_rank.FILE
    parser.add_argument("-o", "--out", type=Path, default=packaged, help="default: the package's own file")
    options = parser.parse_args()
    session = Session()
    seen = list(pictures(session))
    found = fit(session.network, seen)
    stored: dict[str, Any] = {
        key: array.astype(STORED) if array.ndim == 2 else array for key, array in found.items()
    }
    np.savez(options.out, **stored)
    print(f"{len(seen)} pictures; {options.out}: {options.out.stat().st_size / 1e6:.1f} MB")
    rows = []
    for name, error in zip(LAYERS, errors(session.network, found), strict=True):
        kernel = session.network.layers[name][0]
        inner, outer = kernel[..., 0].size, kernel.shape[3]
        rank = found[f"{name}/narrow"].shape[1] if f"{name}/narrow" in found else None
        left = rank * (inner + outer) / (inner * outer) if rank else 1.0
        rows.append((name, f"{rank or outer} of {outer}", f"{left:.2f}", f"{error:.3f}"))
    print(table(("layer", "rank", "operations", "error"), rows))


if __name__ == "__main__":
    main()
