"""The recipes, as data: what is compared, how the image is parameterised and optimised, over which levels.

Code reads a recipe's fields and never its name.
"""

from dataclasses import dataclass, replace

from engine.nst.optimise import AdamSettings, LbfgsSettings
from engine.nst.vgg import MEAN
from engine.protocol import RecipeName

STYLE_LAYERS = tuple(f"block{block}_conv1" for block in range(1, 6))


@dataclass(frozen=True)
class Recipe:
    """All that the loop needs to know besides the plan.

    laplacian_depth: number of corrections, 0 for plain pixels. normalised: see `engine.nst.losses`.
    content_weight is the one at strength 50; each 50 more or less divide or multiply it by `strength_range`.
    noise: grey levels (standard deviation) of seeded noise that the first level starts with.
    enlarges_style: whether a style image smaller than the level is scaled up to it.
    octaves: at how many sizes, each half the one before, the style is compared.
    """

    style_layers: tuple[str, ...]
    layer_weights: tuple[float, ...]
    content_layer: str
    style_weight: float
    content_weight: float
    strength_range: float
    normalised: bool
    laplacian_depth: int
    optimiser: AdamSettings | LbfgsSettings
    noise: float
    enlarges_style: bool = False
    octaves: int = 1

    def content_weight_at(self, strength: int) -> float:
        """The content loss's weight for a strength of 0 to 100."""
        return self.content_weight * float(self.strength_range ** ((50 - strength) / 50))


STANDARD = Recipe(
    style_layers=STYLE_LAYERS,
    layer_weights=(1 / 5,) * 5,
    content_layer="block4_conv2",
    style_weight=1e3,
    content_weight=50.0,
    strength_range=15.0,
    normalised=True,
    laplacian_depth=3,
    optimiser=LbfgsSettings(),
    noise=4.0,
)

RECIPES: dict[RecipeName, Recipe] = {
    RecipeName.DRAFT: STANDARD,
    RecipeName.STANDARD: STANDARD,
    RecipeName.TUTORIAL: Recipe(
        style_layers=STYLE_LAYERS,
        layer_weights=(1 / 5,) * 5,
        content_layer="block5_conv2",
        style_weight=1e-2,
        content_weight=1e3,
        strength_range=25.0,
        normalised=False,
        laplacian_depth=0,
        optimiser=AdamSettings(
            lower=tuple(float(value) for value in -MEAN), upper=tuple(float(value) for value in 255 - MEAN)
        ),
        noise=0.0,
        enlarges_style=True,
    ),
}

# A style study: the style alone, from noise, at several sizes at once so that it serves at any of them.
STUDY = replace(STANDARD, content_weight=0.0, laplacian_depth=5, noise=40.0, octaves=3)
