"""A small level painted in one precision: `python -m engine.painting.trial DEVICE PRECISION MEMORY_MB`, see `precisions`.

It makes all operations that a picture is made of, on the device that this process is shown. Rule: it answers by how it ends.
"""

import os
import sys

import numpy as np

from engine.devices.device import take
from engine.devices.trial import end_with_parent
from engine.images import Picture
from engine.painting.scene import Scene, Style
from engine.protocol import Level, Plan, Precision, RecipeName, Settings

SIDE = 64


def main(device: str, precision: Precision, memory_mb: int) -> None:
    """Paint on a device that is named as this process sees it. Raises what TensorFlow says of what it cannot do, if it does."""
    from engine.painting.session import Session

    take(device, memory_mb)
    session = Session(precision=precision)
    noise = Picture(np.random.default_rng(0).integers(0, 255, (SIDE, SIDE, 3), np.uint8))
    level = Level(width=SIDE, height=SIDE, evaluations=2)
    plan = Plan(recipe=RecipeName.STANDARD, levels=(level,), seconds=0, precision=precision)
    *_, last = session.paint(Scene(noise, [Style(noise)]), plan, Settings())
    last.picture()
    if not np.isfinite(last.losses["total"]):
        raise ArithmeticError(f"the loss is {last.losses['total']}")


if __name__ == "__main__":
    end_with_parent()
    main(sys.argv[1], Precision(sys.argv[2]), int(sys.argv[3]))
    sys.stderr.flush()
    os._exit(0)
