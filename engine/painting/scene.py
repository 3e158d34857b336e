"""What is to be painted: the images of a job. Free of TensorFlow."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.images import Picture


@dataclass(frozen=True)
class Style:
    """A style image, how much of it, and where: white in the mask (h, w), of any size; None is everywhere."""

    picture: Picture
    weight: float = 1.0
    mask: NDArray[np.uint8] | None = None


@dataclass(frozen=True)
class Scene:
    """The images of a job. previous: an earlier result to go on from. frames: of an animation, after `content`."""

    content: Picture
    styles: Sequence[Style]
    previous: Picture | None = None
    frames: Sequence[Picture] = ()


def goes_side_by_side(scene: Scene) -> bool:
    """Whether a scene can be painted beside others: not with masks, transparency, an earlier result or frames."""
    is_guided = scene.content.alpha is not None or any(style.mask is not None for style in scene.styles)
    return not (is_guided or scene.previous or scene.frames)
