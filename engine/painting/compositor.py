"""From a step of the maths to the picture that somebody sees: the change laid over the content where it belongs.

Rule: what no mask covers stays as it is to the bit, and so does the content's transparency.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.images import Picture, resize
from engine.nst import colour, masks, pixels
from engine.nst.level import to_host
from engine.nst.parameterisation import Shape
from engine.nst.pyramid import LevelStep
from engine.painting.scene import StyleTransfer
from engine.protocol import Colours


@dataclass(frozen=True)
class Compositor:
    """Makes pictures of `size` (width, height) for one style transfer, which is a row of its batch."""

    transfer: StyleTransfer
    size: tuple[int, int]
    row: int = 0

    @cached_property
    def background(self) -> Picture:
        """The content at the size of the result."""
        return resize(self.transfer.content, *self.size)

    @cached_property
    def _is_grey(self) -> bool:
        """Whether nothing that is put in has colours: then a tint would be the network's own."""
        transfer = self.transfer
        styles = (transfer.recoloured(style.picture) for style in transfer.styles)
        return all(colour.is_grey(picture.visible) for picture in (transfer.content, *styles))

    def picture(self, step: LevelStep) -> Picture:
        """The best picture after a step, with the content's alpha."""
        background = self.background
        shape = background.height, background.width
        change = step.change(shape, self.row)
        covered = self._covered(shape)
        if covered is not None:
            change = change * covered[None, ..., None]
        rgb = pixels.changed(background.rgb, to_host(change)[0])
        if self.transfer.settings.colours is Colours.KEPT:
            rgb = colour.keep_colours(rgb, background.rgb)
        if self._is_grey:
            rgb = colour.grey(rgb)
        return Picture(rgb, background.alpha)

    def _covered(self, shape: Shape) -> NDArray[np.float32] | None:
        """0 to 1 (H, W): where any style goes; None is everywhere."""
        given = [style.mask for style in self.transfer.styles]
        if any(mask is None for mask in given):
            return None
        covered: NDArray[np.float32] = np.max(
            [region.where for region in masks.regions(given, None, shape)], axis=0
        )
        return covered
