"""What is where in a picture, in figures: pure functions of arrays.

All compare a picture with its content at the same size, of 256 pixels at the long side: the scales below are pixels
of that.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

LUMA_SIDE = 16
CENTRE, SURROUND = 4.0, 16.0  # standard deviations
COLOUR_BLUR = 1.0
TEXTURE_WINDOW = 9

Map = NDArray[np.float64]


def correlation(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    """Pearson's, of all values; 0 where one of them is constant."""
    left, right = (each.ravel().astype(np.float64) - float(each.mean()) for each in (a, b))
    spread = float(np.sqrt((left @ left) * (right @ right)))
    return float(left @ right) / spread if spread > 1e-9 else 0.0


def similarity(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    """Mean over places of the cosine of two feature maps (height, width, channels)."""
    lengths = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)
    return float(np.mean((a * b).sum(-1) / np.maximum(lengths, 1e-6)))


def best_rank(logits: NDArray[np.floating], labels: NDArray[np.integer]) -> int:
    """1 if one of the labels is the likeliest class."""
    return int(1 + np.sum(logits > logits[labels].max()))


def luma(rgb: NDArray[np.uint8]) -> Map:
    """Of each pixel (height, width), 0 to 255."""
    return np.asarray(Image.fromarray(rgb).convert("L"), np.float64)


def lights(rgb: NDArray[np.uint8]) -> Map:
    """Luma at 16 x 16 pixels."""
    small = Image.fromarray(rgb).convert("L").resize((LUMA_SIDE, LUMA_SIDE), Image.Resampling.BICUBIC)
    return np.asarray(small, np.float64)


def saliency(rgb: NDArray[np.uint8]) -> Map:
    """How much the colour of a place differs from what is around it (height, width), after Itti et al. 1998."""
    colours = lab(rgb)
    distance = np.linalg.norm(blurred(colours, CENTRE) - blurred(colours, SURROUND), axis=-1)
    return blurred(distance[..., None], SURROUND / 2)[..., 0]


def local_colour(rgb: NDArray[np.uint8]) -> Map:
    """CIELAB (height, width, 3)."""
    return blurred(lab(rgb), COLOUR_BLUR)


def local_texture(rgb: NDArray[np.uint8]) -> Map:
    """Deviation of the luma in a window around each place (height, width, 1)."""
    values = luma(rgb)
    variance = _windowed(values**2) - _windowed(values) ** 2
    return np.sqrt(np.maximum(variance, 0.0))[..., None]


def explained(values: Map, labels: NDArray[np.integer]) -> float:
    """Share of the variance of values (height, width, channels) that lies between segments: η² of an ANOVA.

    labels: (height, width), each from 0. 0 where the values are constant.
    """
    rows, flat = values.reshape(-1, values.shape[-1]), labels.ravel()
    centred = rows - rows.mean(0)
    total = float((centred**2).sum())
    counts = np.maximum(np.bincount(flat), 1)
    sums = np.stack([np.bincount(flat, channel) for channel in centred.T], axis=1)
    between = float((sums**2 / counts[:, None]).sum())
    return between / total if total > 1e-9 else 0.0


def blurred(values: Map, deviation: float) -> Map:
    """By a Gaussian, of each channel of (height, width, channels); the border is mirrored."""
    reach = int(4 * deviation + 0.5)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    kernel /= kernel.sum()
    for axis in (0, 1):
        widths = [(reach, reach) if each == axis else (0, 0) for each in range(values.ndim)]
        padded = np.pad(values, widths, mode="symmetric")
        windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.size, axis=axis)
        values = windows @ kernel
    return values


def _windowed(values: Map) -> Map:
    """Mean over a square window, as large as the image: the border is mirrored."""
    side = TEXTURE_WINDOW
    padded = np.pad(values, side // 2, mode="symmetric")
    total = np.pad(padded.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    windows = total[side:, side:] - total[:-side, side:] - total[side:, :-side] + total[:-side, :-side]
    means: Map = windows / side**2
    return means


def lab(rgb: NDArray[np.uint8]) -> Map:
    """CIELAB of sRGB (height, width, 3), for the white point D65."""
    encoded = rgb.astype(np.float64) / 255
    linear = np.where(encoded > 0.04045, ((encoded + 0.055) / 1.055) ** 2.4, encoded / 12.92)
    to_xyz = np.array(
        [
            [0.412453, 0.357580, 0.180423],
            [0.212671, 0.715160, 0.072169],
            [0.019334, 0.119193, 0.950227],
        ]
    )
    scaled = linear @ to_xyz.T / np.array([0.95047, 1.0, 1.08883])
    x, y, z = np.moveaxis(np.where(scaled > 0.008856, np.cbrt(scaled), 7.787 * scaled + 16 / 116), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def overlap(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    """Intersection over union of two masks; 0 where both are empty."""
    union = int((a | b).sum())
    return int((a & b).sum()) / union if union else 0.0
