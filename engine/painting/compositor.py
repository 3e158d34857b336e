"""From a step of the maths to the picture that somebody sees: the change laid over the content where it belongs.

Rule: what no mask covers stays as it is to the bit, and so does the content's transparency.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from engine.images import Picture, bleed, resize
from engine.nst import colour, denoising, masks, pixels
from engine.nst.level import to_host
from engine.nst.pyramid import LevelStep
from engine.painting.scene import StyleTransfer
from engine.protocol import Colours


def smoothed(content: Picture) -> Picture:
    """Without its noise; the same picture if it has none."""
    seen = bleed(content)
    smooth = denoising.denoised(seen)
    return content if smooth is seen else Picture(smooth, content.alpha)


class Smoother:
    """`smoothed`, each content once for as long as somebody has it."""

    def __init__(self) -> None:
        self._found: WeakKeyDictionary[Picture, Picture | None] = WeakKeyDictionary()  # None: it has no noise

    def __call__(self, content: Picture) -> Picture:
        """See `smoothed`."""
        if content not in self._found:
            smooth = smoothed(content)
            self._found[content] = None if smooth is content else smooth
        return self._found[content] or content


@dataclass(frozen=True)
class Compositor:
    """Makes pictures of `size` (width, height) for one style transfer, which is a row of its batch.

    given: the transfer as it was sent, whose content is what stays where no style goes. smooth: finds the content
    without its noise, or the same picture if it has none; several in one content need it once.
    """

    given: StyleTransfer
    size: tuple[int, int]
    row: int = 0
    smooth: Callable[[Picture], Picture] = smoothed

    @cached_property
    def transfer(self) -> StyleTransfer:
        """The one that is painted: if its content has noise, onto the content without. It takes seconds to find."""
        smooth = self.smooth(self.given.content)
        return self.given if smooth is self.given.content else replace(self.given, content=smooth)

    @cached_property
    def background(self) -> Picture:
        """What the changes are added to, at the size of the result."""
        smooth = resize(self.transfer.content, *self.size)
        covered = self._covered
        if covered is None or self.transfer is self.given:
            return smooth
        given = resize(self.given.content, *self.size).rgb
        mixed = given + covered[..., None] * (smooth.rgb - given.astype(np.float32))
        return Picture(np.rint(mixed).astype(np.uint8), smooth.alpha)

    @cached_property
    def _is_grey(self) -> bool:
        """Whether nothing that is put in has colours: then a tint would be the network's own."""
        pictures = (self.transfer.content, *self.transfer.recoloured)
        return all(colour.is_grey(picture.visible) for picture in pictures)

    def picture(self, step: LevelStep) -> Picture:
        """The best picture after a step, with the content's alpha."""
        background = self.background
        shape = background.height, background.width
        change = step.change(shape, self.row)
        covered = self._covered
        if covered is not None:
            change = change * covered[None, ..., None]
        rgb = pixels.changed(background.rgb, to_host(change)[0])
        if self.given.settings.colours is Colours.KEPT:
            rgb = colour.keep_colours(rgb, background.rgb)
        if self._is_grey:
            painted = True if covered is None else covered[..., None] > 0
            rgb = np.where(painted, colour.grey(rgb), rgb)
        return Picture(rgb, background.alpha)

    def with_alpha(self, rgb: NDArray[np.uint8]) -> Picture:
        """A finished one again, from its colours (H, W, 3)."""
        return Picture(rgb, resize(self.given.content, *self.size).alpha)

    @cached_property
    def _covered(self) -> NDArray[np.float32] | None:
        """0 to 1 (H, W) of the result: where any style goes; None is everywhere."""
        given = [style.mask for style in self.given.styles]
        if any(mask is None for mask in given):
            return None
        width, height = self.size
        covered: NDArray[np.float32] = np.max(
            [region.where for region in masks.regions(given, None, (height, width))], axis=0
        )
        return covered
