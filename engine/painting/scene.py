"""What is to be painted: the images of a job, and how its styles are seen. Free of TensorFlow.

Rule: sizes and colours of a style image are decided here, whoever measures it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.images import Picture
from engine.nst import colour
from engine.protocol import Colours, Settings

if TYPE_CHECKING:
    from engine.nst.recipes import Recipe

LARGEST_STYLE = 1024  # pixels: a style is measured in one piece


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

    def recoloured(self, style: Picture) -> NDArray[np.uint8]:
        """A style's pixels (h, w, 3), in the content's colours if the settings ask for it."""
        if self.settings.colours is Colours.MATCHED:
            return colour.match_colours(style.rgb, self._visible())
        return style.rgb

    def style_side(self, recipe: "Recipe", size: int, style: Picture) -> int:
        """The long side at which a style is seen for a picture whose long side is `size`."""
        if not recipe.enlarges_style:
            # Enlarged, it would teach the finest layer that the style is blurred.
            size = min(size, max(style.width, style.height))
        return min(round(size * self.settings.style_scale), LARGEST_STYLE)

    def _visible(self) -> NDArray[np.uint8]:
        """The colours of the content that are not hidden by transparency, (h, w, 3)."""
        alpha = self.content.alpha
        if alpha is None or not alpha.any():
            return self.content.rgb
        return self.content.rgb[alpha > 0][:, None]


def _is_guided(content: Picture, styles: Sequence[Style]) -> bool:
    return content.alpha is not None or any(style.mask is not None for style in styles)
