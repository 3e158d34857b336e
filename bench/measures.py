"""How good a picture is, by measures that no recipe optimises.

All distances are 0 for a perfect match and about 1 for unrelated images. The network is the engine's own, so
they compare pictures of this engine with each other and with its own tutorial; they favour it against engines
with other networks.
"""

import math
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from PIL import Image

from engine.images import Picture, resize
from engine.nst import pixels, vgg

STYLE_LAYERS = ("block1_conv2", "block2_conv2", "block3_conv3", "block4_conv3")
CONTENT_LAYER = "block4_conv2"
STRUCTURE_LAYER, PATCH_LAYERS = "block3_conv1", ("block3_conv1", "block4_conv1")
PLACES_SIDE = 256  # pixels at most: what compares each place with each other grows with the fourth power
PROJECTIONS = 96
QUANTILES = 256
GRID = 3


@dataclass(frozen=True)
class Quality:
    """style, content, cfsd, border, clipped: lower is better; edges, lp: higher.

    lp: similarity and variety of the style's patches; it sees monotony, which `style` does not. evenness: 1 is as even as
    the style; no goal, since a picture whose parts look alike has lost its subject, but much more tells of parts left
    as a photo. noise: 1 is as rough as the style; less is a blur.
    """

    style: float
    content: float
    cfsd: float
    edges: float
    lp: float
    evenness: float
    noise: float
    border: float
    clipped: float

    @property
    def faults(self) -> dict[str, float]:
        """Each measure turned such that lower is better."""
        turned = {"edges": 1 - self.edges, "lp": 1 - self.lp, "noise": abs(math.log(self.noise))}
        return asdict(self) | turned


class Judge:
    """Measures pictures against one content and one style image of the picture's size."""

    def __init__(self, network: vgg.Network, content: Picture, style: Picture) -> None:
        self._style_features = vgg.Features(network, STYLE_LAYERS)
        self._content_features = vgg.Features(network, [CONTENT_LAYER])
        self._patch_features = vgg.Features(network, PATCH_LAYERS)
        self._content, self._style = content, style
        self._targets = [self._statistics(each) for each in _octaves(style)]
        self._target_content = self._content_of(content)

    @cached_property
    def _own_cells(self) -> float:
        """Of the style's own cells in the mean."""
        return float(np.mean([self._distance(cell) for cell in _cells(self._style)]))

    def measure(self, picture: Picture) -> Quality:
        """All measures of one picture."""
        luma, style_luma = _luma(picture), _luma(self._style)
        return Quality(
            style=self.style_distance(picture),
            content=self.content_distance(picture),
            cfsd=self._structure_distance(picture),
            edges=_edge_agreement(luma, _luma(self._content)),
            lp=self._local_patterns(picture),
            evenness=max(self._distance(cell) for cell in _cells(picture)) / self._own_cells,
            noise=_roughness(luma) / _roughness(style_luma),
            border=_border(picture),
            clipped=float(np.mean((picture.rgb == 0) | (picture.rgb == 255))),
        )

    def style_distance(self, picture: Picture) -> float:
        """Sliced Wasserstein distance of features (Heitz et al., arXiv:2006.07229), at full and half size."""
        pairs = zip(_octaves(picture), self._targets, strict=True)
        return float(np.mean([_wasserstein(self._statistics(each), target) for each, target in pairs]))

    def _structure_distance(self, picture: Picture) -> float:
        """CFSD (StyleID, arXiv:2312.09008), see `structure_distance`."""
        ours, theirs = (
            self._maps(each)[PATCH_LAYERS.index(STRUCTURE_LAYER)] for each in (picture, self._content)
        )
        return structure_distance(ours, theirs)

    def _local_patterns(self, picture: Picture) -> float:
        """LP (Wang et al., arXiv:2101.06381): mean over two layers, see `local_patterns`."""
        layers = zip(self._maps(picture), self._style_maps, strict=True)
        return float(np.mean([local_patterns(ours, theirs) for ours, theirs in layers]))

    @cached_property
    def _style_maps(self) -> list[NDArray[np.float32]]:
        return self._maps(self._style)

    def _maps(self, picture: Picture) -> list[NDArray[np.float32]]:
        """Of PATCH_LAYERS (height, width, channels), of the picture at PLACES_SIDE pixels at most."""
        scale = min(1.0, PLACES_SIDE / max(picture.width, picture.height))
        small = resize(picture, round(picture.width * scale), round(picture.height * scale))
        return [seen.exact[0].numpy() for seen in self._patch_features(pixels.to_tensor(small.rgb))]

    def _distance(self, cell: Picture) -> float:
        """Of one cell to the whole style, at full size only: a cell's half size has too few locations."""
        return _wasserstein(self._statistics(cell), self._targets[0])

    def content_distance(self, picture: Picture) -> float:
        """Squared distance of features (relu4_2), as a share of the content's own square."""
        error = np.mean((self._content_of(picture) - self._target_content) ** 2)
        return float(error / np.mean(self._target_content**2))

    def _content_of(self, picture: Picture) -> NDArray[np.float32]:
        features: NDArray[np.float32] = self._content_features(pixels.to_tensor(picture.rgb))[
            0
        ].features.numpy()
        return features

    def _statistics(self, picture: Picture) -> list[NDArray[np.float64]]:
        """For each layer the quantiles (QUANTILES, PROJECTIONS) of its features on fixed random directions."""
        found = []
        for seen in self._style_features(pixels.to_tensor(picture.rgb)):
            found.append(_projected(tf.reshape(seen.features, [-1, seen.features.shape[-1]]).numpy()))
        return found


def structure_distance(ours: NDArray[np.float32], content: NDArray[np.float32]) -> float:
    """Of two feature maps (height, width, channels): how far apart what each place resembles is.

    Each place's similarities to all others become probabilities by a softmax; the distance is the mean over places of
    the Kullback-Leibler divergence from the content's. Other than in the paper's code, where features have the scale
    of its network, each map is in units of its own root mean square.
    """
    log_ours, log_content = _log_similarities(ours), _log_similarities(content)
    return float(np.mean((np.exp(log_content) * (log_content - log_ours)).sum(1)))


def _log_similarities(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """The logarithm of each place's probabilities (places, places)."""
    unit = np.float32(max(np.sqrt(np.mean(features**2)), 1e-6))
    rows: NDArray[np.float32] = features.reshape(-1, features.shape[-1]) / unit
    products = rows @ rows.T / rows.shape[1]
    products -= products.max(1, keepdims=True)
    found: NDArray[np.float32] = products - np.log(np.exp(products).sum(1, keepdims=True))
    return found


def local_patterns(ours: NDArray[np.float32], style: NDArray[np.float32]) -> float:
    """Of two feature maps (height, width, channels): half how alike, half how various; 1 is best.

    Each 3 x 3 patch has a nearest one in the style. The first half is the mean of their cosines, the second the number
    of patches that are some patch's nearest, as a share of those that are when the style is asked itself.
    """
    cosines = _patch_cosines(ours, style)
    used = len(np.unique(cosines.argmax(1)))
    available = len(np.unique(_patch_cosines(style, style).argmax(1)))
    return 0.5 * float(cosines.max(1).mean()) + 0.5 * used / available


def _patch_cosines(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Between all 3 x 3 patches of two maps: (patches of a, patches of b).

    A product of patches is the sum of nine products of places, which are computed once.
    """
    places = np.tensordot(a, b, axes=(2, 2))
    products = sum(
        places[i : i + a.shape[0] - 2, j : j + a.shape[1] - 2, i : i + b.shape[0] - 2, j : j + b.shape[1] - 2]
        for i, j in np.ndindex(3, 3)
    )
    lengths = [np.sqrt(_patch_squares(each)).ravel() for each in (a, b)]
    flat = np.asarray(products, np.float32).reshape(lengths[0].size, lengths[1].size)
    found: NDArray[np.float32] = flat / np.maximum(lengths[0][:, None] * lengths[1], np.float32(1e-6))
    return found


def _patch_squares(features: NDArray[np.float32]) -> NDArray[np.float32]:
    windows = np.lib.stride_tricks.sliding_window_view((features**2).sum(-1), (3, 3))
    found: NDArray[np.float32] = windows.sum((2, 3))
    return found


def _projected(rows: NDArray[Any]) -> NDArray[np.float64]:
    """The quantiles (QUANTILES, PROJECTIONS) of rows (n, channels) along fixed random directions."""
    channels = rows.shape[1]
    directions = np.random.default_rng(channels).normal(size=(channels, PROJECTIONS))
    directions /= np.linalg.norm(directions, axis=0)
    levels = (np.arange(QUANTILES) + 0.5) / QUANTILES
    # What np.quantile gives, in half its time: that partitions anew for each level.
    ordered = np.sort(np.ascontiguousarray((rows.astype(np.float64) @ directions).T), axis=1)
    position = levels * (ordered.shape[1] - 1)
    below = position.astype(int)
    above = np.minimum(below + 1, ordered.shape[1] - 1)
    share = position - below
    quantiles: NDArray[np.float64] = (ordered[:, below] * (1 - share) + ordered[:, above] * share).T
    return quantiles


def _wasserstein(ours: list[NDArray[np.float64]], target: list[NDArray[np.float64]]) -> float:
    """Mean over layers of the root mean square quantile distance, in units of the target's own spread."""
    layers = [
        np.sqrt(np.mean((a - b) ** 2) / np.mean((b - b.mean(0)) ** 2))
        for a, b in zip(ours, target, strict=True)
    ]
    return float(np.mean(layers))


def _octaves(picture: Picture) -> list[Picture]:
    return [picture, resize(picture, picture.width // 2, picture.height // 2)]


def _cells(picture: Picture) -> list[Picture]:
    """The cells of a 3 x 3 grid, row by row."""
    rows = np.array_split(picture.rgb, GRID, axis=0)
    return [
        Picture(np.ascontiguousarray(cell), None)
        for row in rows
        for cell in np.array_split(row, GRID, axis=1)
    ]


def _luma(picture: Picture) -> NDArray[np.float64]:
    return np.asarray(Image.fromarray(picture.rgb).convert("L"), np.float64)


def _gradient(luma: NDArray[np.float64]) -> NDArray[np.float64]:
    down, right = np.gradient(luma)
    length: NDArray[np.float64] = np.hypot(down, right)
    return length


def _box(image: NDArray[np.float64], radius: int = 3) -> NDArray[np.float64]:
    """Mean over a square window, by an integral image; the border is cut off."""
    total = np.pad(image.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    side = 2 * radius + 1
    windows = total[side:, side:] - total[:-side, side:] - total[side:, :-side] + total[:-side, :-side]
    means: NDArray[np.float64] = windows / side**2
    return means


def _edge_agreement(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    """Structure term of SSIM (Wang et al. 2004) between the gradients of two lumas: 1 is full agreement."""
    a, b = _gradient(ours), _gradient(theirs)
    mean_a, mean_b = _box(a), _box(b)
    covariance = _box(a * b) - mean_a * mean_b
    spread = np.sqrt(np.maximum(_box(a * a) - mean_a**2, 0) * np.maximum(_box(b * b) - mean_b**2, 0))
    stable = (0.03 * 255) ** 2 / 2
    return float(np.mean((covariance + stable) / (spread + stable)))


def _roughness(luma: NDArray[np.float64]) -> float:
    """Root mean square of the discrete Laplacian: energy at the highest frequencies."""
    middle = luma[1:-1, 1:-1]
    around = luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:]
    return float(np.sqrt(np.mean((around - 4 * middle) ** 2)))


def _border(picture: Picture, strip: int = 4) -> float:
    """How much the outer strip differs from the strip right inside it: brightness, colours, contrast and texture.

    Sliced Wasserstein distance of 3 x 3 patches of pixels. The difference of the mean luma would be mostly chance:
    photos and paintings themselves have from 0.1 to 4.7 grey levels.
    """
    patches = np.lib.stride_tricks.sliding_window_view(picture.rgb.astype(np.float64), (3, 3), axis=(0, 1))
    height, width = patches.shape[:2]
    rows, columns = np.ogrid[:height, :width]
    depth = np.minimum(
        np.minimum(rows, height - 1 - rows), np.minimum(columns, width - 1 - columns)
    )  # of a patch's corner; the patch is a pixel larger on each side
    outer, inner = (
        _projected(patches[where].reshape(-1, 27))
        for where in (depth < strip - 1, (depth >= strip - 1) & (depth < 2 * strip - 1))
    )
    return _wasserstein([outer], [inner])
