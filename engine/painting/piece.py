"""One picture to be painted, and its styles at the sizes at which it sees them.

Rule: sizes and colours of a style image are decided here, whoever measures it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from engine.images import Picture, resize
from engine.nst import colour, masks, noise, pixels
from engine.nst.recipes import Recipe
from engine.painting.scene import Style
from engine.planning import planner
from engine.protocol import Colours, Settings

LARGEST_STYLE = 1024  # pixels: a style is measured in one piece


@dataclass(frozen=True)
class Piece:
    """A content, its styles, and the settings."""

    content: Picture
    styles: Sequence[Style]
    settings: Settings

    @property
    def is_guided(self) -> bool:
        """Whether something says where a style goes: a mask, or transparency."""
        return self.content.alpha is not None or any(style.mask is not None for style in self.styles)

    def recoloured(self, style: Picture) -> NDArray[np.uint8]:
        """A style's pixels, in the content's colours if the settings ask for it."""
        if self.settings.colours is Colours.MATCHED:
            return colour.match_colours(style.rgb, self._seen())
        return style.rgb

    def _seen(self) -> NDArray[np.uint8]:
        """The colours of the content that are not hidden by transparency, (h, w, 3)."""
        alpha = self.content.alpha
        if alpha is None or not alpha.any():
            return self.content.rgb
        return self.content.rgb[alpha > 0][:, None]

    def painted_part(self, shape: tuple[int, int]) -> NDArray[np.float32] | None:
        """0 to 1 (H, W): where any style goes; None is everywhere."""
        given = [style.mask for style in self.styles]
        if any(mask is None for mask in given):
            return None
        parts = masks.regions(given, None, shape)
        covered: NDArray[np.float32] = np.max([part.where for part in parts], axis=0)
        return covered

    def style_side(self, recipe: Recipe, size: int, style: Picture) -> int:
        """The long side at which a style is seen for a picture whose long side is `size`."""
        if not recipe.enlarges_style:
            # Enlarged, it would teach the finest layer that the style is blurred.
            size = min(size, max(style.width, style.height))
        return min(round(size * self.settings.style_scale), LARGEST_STYLE)

    def roughness(self, recipe: Recipe, size: int) -> tf.Tensor:
        """(1,), the styles' mean, at the sizes at which a picture whose long side is `size` sees them."""
        total = sum(style.weight for style in self.styles)
        found = tf.zeros([1])
        for style in self.styles:
            image = style_image(self.recoloured(style.picture), self.style_side(recipe, size, style.picture))
            found += noise.roughness(image) * (style.weight / total)
        return found


def style_image(rgb: NDArray[np.uint8], side: int) -> tf.Tensor:
    """A style's pixels (h, w, 3), scaled to a long side, in the network's range."""
    width, height = planner.fit(rgb.shape[1], rgb.shape[0], side, grid=1)
    return pixels.to_tensor(resize(Picture(rgb), width, height).rgb)
