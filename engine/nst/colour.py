"""Whose colours the result has: the content's kept, or the style's matched to the content before the
painting.

Both are Gatys, Bethge, Hertzmann and Shechtman's, "Preserving Color in Neural Artistic Style Transfer"
(arXiv:1606.05897). Pure arithmetic on 8-bit sRGB arrays, free of TensorFlow; whatever the image, grey, of one
colour or of two, the answer is an image.
"""

import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]  # (height, width, 3)

LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # of R, G, B: Rec. 601, the Y of YIQ
# A direction in which a style's colours vary by less (variance in grey levels squared) is that of compression
# noise, which must not be stretched to what the content's colours do: a grey style stays grey.
NOISE_VARIANCE = 4.0
# Root mean square distance from the mean colour, in grey levels: the flattest of 10 paintings and 10 studies
# has 51, a sheet of one colour as JPEG less than 1, and one photographed with strong noise 4.
FLAT_DISTANCE = 10.0
GREY_SPREAD = 4  # grey levels between a pixel's channels that nobody sees: what a JPEG may make of grey


def keep_colours(painted: Rgb, content: Rgb) -> Rgb:
    """The luma of `painted` in the colours of `content`; both of one shape (height, width, 3).

    A colour that the new luma leaves no room for gets paler instead of being clipped, which would change the
    luma, and with it the brush strokes.
    """
    luma = painted @ LUMA
    chroma = content - (content @ LUMA)[..., None]  # of luma 0: what makes a colour differ from grey
    # The largest share of it that stays within a byte, channel by channel.
    room = np.where(chroma > 0, 255 - luma[..., None], luma[..., None])
    share = (room / np.maximum(np.abs(chroma), 1e-6)).min(-1, keepdims=True)
    return _to_bytes(luma[..., None] + np.minimum(share, 1) * chroma)


def match_colours(style: Rgb, content: Rgb, seen: Rgb | None = None) -> Rgb:
    """The style recoloured by the linear map that gives it the content's mean colour and covariance.

    Of all such maps the one that moves the colours least (Monge and Kantorovich's; Pitie and Kokaram 2007),
    so that what was light, dark, warm or cold stays so as far as it can. Shapes (h, w, 3) and (H, W, 3).
    seen: (n, 1, 3), those of the style's colours that count, if not all.
    """
    mean, covariance = _statistics(style if seen is None else seen)
    wanted_mean, wanted = _statistics(content)
    values, directions = np.linalg.eigh(covariance)
    inverse = np.where(values > NOISE_VARIANCE, 1 / np.sqrt(np.maximum(values, NOISE_VARIANCE)), 0)
    root = _root(covariance)
    inverse_root = (directions * inverse) @ directions.T
    transport = inverse_root @ _root(root @ wanted @ root) @ inverse_root
    return _to_bytes((style - mean) @ transport.astype(np.float32) + wanted_mean)


def grey(image: Rgb) -> Rgb:
    """The luma of an image (height, width, 3) in all three channels."""
    return _to_bytes(np.repeat((image @ LUMA)[..., None], 3, -1))


def is_grey(image: Rgb) -> bool:
    """Whether an image (height, width, 3) has no colours at all."""
    return bool((image.max(-1) - image.min(-1) <= GREY_SPREAD).all())


def is_flat(style: Rgb) -> bool:
    """Whether an image (height, width, 3) has hardly any variation, so that there is little style to take."""
    _, covariance = _statistics(style)
    return bool(np.trace(covariance) < FLAT_DISTANCE**2)


def _statistics(image: Rgb) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Mean colour (3,) and covariance (3, 3) over the pixels."""
    colours = image.reshape(-1, 3).astype(np.float32)
    mean = colours.mean(0, dtype=np.float64).astype(np.float32)
    colours -= mean
    return mean, (colours.T @ colours).astype(np.float64) / len(colours)


def _root(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The symmetric square root of a symmetric matrix without negative eigenvalues but rounding's."""
    values, directions = np.linalg.eigh(matrix)
    root: NDArray[np.float64] = (directions * np.sqrt(np.maximum(values, 0))) @ directions.T
    return root


def _to_bytes(image: NDArray[np.floating]) -> Rgb:
    clipped: Rgb = np.clip(np.rint(image), 0, 255).astype(np.uint8)
    return clipped
