"""How much of the style and of the content a painting has, in percent that a person understands.

`style_reached` is how much nearer to the styles than the untouched content a painting is: by Gram matrices of the
first four blocks, which see colours and strokes, each compared by the norm of the difference over the sum of both
norms, so that none outweighs the others.
`content_kept` is how well what is where in the painting correlates with what is where in the content: its lights and
darks, and what the network sees.

Rule: measured at one small size (or its own, if a painting is smaller) and by one network, so that it means the same
for all; what nobody can see counts for nothing. The content untouched has 0 % of the style and is kept by 100 %; a
style itself is reached by 100 %, and so is it by a content that is the style already.
"""

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from engine.images import Picture, bleed, resize
from engine.nst import masks, pixels, subject, vgg
from engine.nst.colour import LUMA
from engine.nst.objective import Objective
from engine.nst.recipes import SHALLOW_LAYERS, Octave, Recipe
from engine.painting.scene import StyleTransfer
from engine.painting.style_targets import StyleTargets
from engine.planning import planner
from engine.protocol import Likeness, Precision

SIDE = 256
# The fifth block sees motifs, which no painting has at the size at which it is measured if it is much larger.
RECIPE = Recipe(octaves=(Octave(style_layers=SHALLOW_LAYERS),), reduced=True)
UNSEEN = 0.03  # of a distance from the styles: scaling alone makes as much
FLAT = 2.0  # grey levels, or as much of a feature: a deviation that nobody sees

Where = NDArray[np.float32]  # (H, W), 0 to 1


def measure(
    network: vgg.Network,
    precision: Precision,
    style_targets: StyleTargets,
    transfer: StyleTransfer,
    painted: Picture,
) -> Likeness:
    """Compare a painting with the untouched content, and both with the styles."""
    # Enlarged, it would be blurred beside a style that is not.
    side = min(SIDE, max(painted.width, painted.height))
    width, height = planner.fit(painted.width, painted.height, side, planner.GRID)
    visible, styled = _where(transfer, (height, width))
    if not styled.any():
        return Likeness(style_reached=0, content_kept=100)
    objective = Objective(network, RECIPE, precision)
    ours, content = (
        pixels.to_tensor(bleed(resize(each, width, height))) for each in (painted, transfer.content)
    )
    wanted = style_targets.blended(objective, precision, (height, width), transfer)
    distances = [
        max(_style_distance(objective, image, styled, wanted) - UNSEEN, 0.0) for image in (ours, content)
    ]
    kept = [
        _correlation(np.asarray(features(ours)), np.asarray(features(content)), visible)
        for features in (_tones, lambda image: objective.content_features(image)[0])
    ]
    reached = 1 - distances[0] / max(distances[1], UNSEEN)
    return Likeness(style_reached=_percent(reached), content_kept=_percent(float(np.mean(kept))))


def _where(transfer: StyleTransfer, shape: tuple[int, int]) -> tuple[Where, Where]:
    """Of a picture of `shape` what can be seen, and of that what is painted."""
    alpha = transfer.content.alpha
    visible = np.ones(shape, np.float32) if alpha is None else masks.scaled(alpha, shape)
    regions = masks.regions([style.mask for style in transfer.styles], alpha, shape)
    styled = np.max([region.where for region in regions], 0) if regions else visible
    return visible, styled


def _style_distance(objective: Objective, image: tf.Tensor, where: Where, wanted: list[tf.Tensor]) -> float:
    """0 to 1: the mean over the style layers."""
    (octave,) = RECIPE.octaves
    layers = len(octave.style_layers)
    found = objective.style_of(image, octave, where)[:layers]
    return float(np.mean([_distance(*pair) for pair in zip(found, wanted[:layers], strict=True)]))


def _distance(one: tf.Tensor, other: tf.Tensor) -> float:
    """Of two layers' moments (C, C + 1), by their Gram matrices."""
    a, b = (np.asarray(each)[:, :-1] for each in (one, other))
    size = float(np.linalg.norm(a)) + float(np.linalg.norm(b))
    return float(np.linalg.norm(a - b)) / max(size, 1e-9)


def _tones(image: tf.Tensor) -> NDArray[np.float32]:
    """(1, H, W, 3) in BGR -> (1, h, w, 1): how light each block of the thumbnail is."""
    return np.asarray(subject.thumbnail(image)) @ LUMA[::-1, None]


def _correlation(ours: NDArray[np.float32], content: NDArray[np.float32], visible: Where) -> float:
    """Of features (1, h, w, C), place by place; the mean over channels, which count as much as the content's vary."""
    weights = tf.image.resize(visible[..., None], ours.shape[1:3], "area").numpy()
    weights /= max(float(weights.sum()), 1e-9)
    a, b = (each[0] - (each[0] * weights).sum((0, 1)) for each in (ours, content))
    both, own, others = ((weights * x * y).sum((0, 1)) for x, y in ((a, b), (a, a), (b, b)))
    floor = FLAT**2
    # Each channel's correlation is (both + floor) over both deviations, and its weight the content's deviation.
    return float(np.sum((both + floor) / np.sqrt(own + floor)) / np.sum(np.sqrt(others + floor)))


def _percent(share: float) -> int:
    return round(100 * min(max(share, 0.0), 1.0))
