"""How much of the style and of the content a painting has, in percent that a person understands.

Rule: measured at one small size and by one recipe, whatever the painting's are, so that it means the same for all.
"""

import keras
import tensorflow as tf

from engine.images import Picture, resize
from engine.nst import pixels
from engine.nst.objective import Objective
from engine.nst.recipes import Recipe
from engine.painting.scene import StyleTransfer
from engine.painting.style_targets import StyleTargets
from engine.planning import planner
from engine.protocol import Likeness, Precision

SIDE = 128
RECIPE = Recipe(reduced=True)


def measure(
    network: keras.Model,
    precision: Precision,
    style_targets: StyleTargets,
    transfer: StyleTransfer,
    painted: Picture,
) -> Likeness:
    """Compare a painting with the untouched content, by how far both are from the styles."""
    width, height = planner.fit(painted.width, painted.height, SIDE, planner.GRID)
    objective = Objective(network, RECIPE, precision)
    both = tf.concat(
        [pixels.to_tensor(resize(each, width, height).rgb) for each in (painted, transfer.content)], 0
    )
    content = objective.content_of(both[1:])
    targets = style_targets.targets(objective, precision, (height, width), [transfer], content)
    values = objective.values(objective.measure(both, targets), targets)
    ours, untouched = tf.unstack(tf.add_n(values[2:]))
    style = float(ours) / max(float(untouched), 1e-9)
    distance = float(values[1][0]) / max(float(targets.independent_error[0]), 1e-9)
    return Likeness(style_reached=_percent(1 - style), content_kept=_percent(1 - distance))


def _percent(share: float) -> int:
    return round(100 * min(max(share, 0.0), 1.0))
