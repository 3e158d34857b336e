"""What is to be painted: the images of a job, and how its styles are seen. Free of TensorFlow.

Rule: sizes and colours of a style image are decided here, whoever measures it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.images import Picture, bleed
from engine.nst import colour
from engine.protocol import Colours, Settings

if TYPE_CHECKING:
    from engine.nst.recipes import Recipe

LARGEST_STYLE = 1024  # pixels: a style is measured in one piece
WIDEST_USUAL = 16 / 9  # long side to short: photos and screens


@dataclass(frozen=True)
class Style:
    """A style image, how much of it, and where: white in the mask (h, w), of any size; None is everywhere."""

    picture: Picture
    weight: float = 1.0
    mask: NDArray[np.uint8] | None = None
    origin: str = ""  # what its file is called in a provenance, by which what was measured of it is forgotten


@dataclass(frozen=True)
class Scene:
    """The images of a job. previous: an earlier result to go on from. frames: of an animation, after `content`."""

    content: Picture
    styles: Sequence[Style]
    previous: Picture | None = None
    frames: Sequence[Picture] = ()

    @property
    def is_guided(self) -> bool:
        """Whether something says where a style goes: a mask, or transparency."""
        return _is_guided(self.content, self.styles)

    def transfers(self, settings: Settings) -> list["StyleTransfer"]:
        """One for each frame; one for a still picture."""
        return [StyleTransfer(frame, self.styles, settings) for frame in (self.content, *self.frames)]


@dataclass(frozen=True)
class StyleTransfer:
    """One content image, the styles that go onto it, and the settings; an animation is one for each frame."""

    content: Picture
    styles: Sequence[Style]
    settings: Settings

    @property
    def is_guided(self) -> bool:
        """Whether something says where a style goes: a mask, or transparency."""
        return _is_guided(self.content, self.styles)

    @property
    def weights(self) -> list[float]:
        """How much of each style."""
        return [style.weight for style in self.styles]

    @cached_property
    def recoloured(self) -> list[Picture]:
        """The styles, in the content's colours if the settings ask for it; without colours that nobody sees."""
        return [self._recoloured(style.picture) for style in self.styles]

    def _recoloured(self, style: Picture) -> Picture:
        rgb = style.rgb
        if self.settings.colours is Colours.MATCHED:
            visible = self.content.visible
            rgb = colour.match_colours(rgb, visible if visible.size else self.content.rgb, style.visible)
        return Picture(rgb) if style.alpha is None else Picture(bleed(Picture(rgb, style.alpha)), style.alpha)

    def style_side(self, recipe: "Recipe", size: int, style: Picture) -> int:
        """The long side at which a style is seen for a picture whose long side is `size`.

        That of the picture itself as long as its shape is a usual one, or no longer than the style's; of a longer
        picture, a panorama, that of one of such a shape with the same area: strokes as large as its length asks for
        would fill its height.
        """
        usual = max(WIDEST_USUAL, _elongation(style))
        size = round(size * min(1.0, math.sqrt(usual / _elongation(self.content))))
        if not recipe.enlarges_style:
            # Enlarged, it would teach the finest layer that the style is blurred.
            size = min(size, max(style.width, style.height))
        return min(round(size * self.settings.style_scale), LARGEST_STYLE)


def _elongation(picture: Picture) -> float:
    """The long side to the short one."""
    return max(picture.width, picture.height) / min(picture.width, picture.height)


def _is_guided(content: Picture, styles: Sequence[Style]) -> bool:
    return content.alpha is not None or any(style.mask is not None for style in styles)
