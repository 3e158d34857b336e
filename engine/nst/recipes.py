"""The recipes, as data: what is compared, how the image is parameterised and optimised.

Code reads a recipe's fields and never its name. Over which levels a recipe goes is
`engine.planning.planner`'s.
"""

from dataclasses import dataclass, field, replace

from engine.nst import pixels
from engine.nst.adam import AdamSettings
from engine.nst.lbfgs import LbfgsSettings
from engine.nst.parameterisation import Shape
from engine.protocol import RecipeName

LEAST_SIDE = 16  # pixels, of which the deepest block sees one
STYLE_LAYERS = tuple(f"block{block}_conv1" for block in range(1, 6))
SHALLOW_LAYERS = STYLE_LAYERS[:4]  # without what is where, which the deepest would put somewhere else


@dataclass(frozen=True)
class Octave:
    """What is compared at one size of the image, which is shrunk `shrink` times.

    compares_content: one octave of a recipe does. in_one_piece: even of a picture that is painted in tiles.
    """

    shrink: int = 1
    style_layers: tuple[str, ...] = STYLE_LAYERS
    compares_content: bool = True
    in_one_piece: bool = False

    def names(self) -> list[str]:
        """What the style layers' losses are called."""
        return [f"{layer} 1/{self.shrink}" if self.shrink > 1 else layer for layer in self.style_layers]


@dataclass(frozen=True)
class Recipe:
    """All that the loop needs to know besides the plan.

    style_weight: of the mean over octaves and layers. normalised: see `engine.nst.losses`. transported: so
    many of each octave's style layers, the first, are compared by `wasserstein.distance`, which counts
    `transport` times, the others by `losses.error`.
    kept, loosest: how much of the content may go at strength 0, and at 100: a share of the distance that a
    picture has which is of the style and independent of the content (`losses.independent_error`). What is
    beyond is held back by `content_weight`. So a strength means the same for every style, a restless one too,
    which cannot be there at all without more distance. Without them the content error counts from 0,
    `content_weight` is the one at strength 50, and each 50 more or less divide or multiply it by
    `strength_range`; with them, the style counts less below strength 50 (`objective.style_share`).
    border: weight of `LayerStatistics.border_error` in the first style layer, relative to the style.
    structure: layers with the weight of `subject.unlike_structure`; tones, layout: weights of `unlike_tones` and
    `unlike_layout`. All at strength 0; they fall to nothing at 100.
    view: the long side, in pixels, of what a picture is looked at from afar: a larger one is shrunk to it, or to less
    than twice as much (a very narrow one less, to LEAST_SIDE across), and content, subject and large strokes are
    compared there, so that a strength means the same at each size. What is finer is the style's alone: a level beyond
    the view begins with as little of the content's finest details as its strength says. Few evaluations are made
    there, so structure counts `steady` times. A recipe with a view has one octave otherwise.
    bounds: weight of the mean squared excess over what a byte can hold, less `margin` grey levels at both
    ends: without it the optimiser takes the clipping for free and burns out lights and shadows.
    laplacian_depth: number of corrections, 0 for plain pixels. noise: grey levels (standard deviation) of
    seeded noise that the first level starts with. grain: every level starts with enough of it in addition to
    be this many times as rough as the style: the finest details of a style are found sooner from it than from
    something smooth.
    enlarges_style: whether a style image smaller than the level is scaled up to it.
    reduced: whether the network has convolutions of low rank, see `engine.nst.low_rank`.
    """

    octaves: tuple[Octave, ...] = (Octave(),)
    content_layer: str = "block4_conv2"
    style_weight: float = 1e3
    content_weight: float = 50.0
    strength_range: float = 15.0
    kept: float | None = None
    loosest: float | None = None
    normalised: bool = True
    transported: int = 0
    transport: float = 1.5
    border: float = 0.0
    structure: tuple[tuple[str, float], ...] = ()
    tones: float = 0.0
    layout: float = 0.0
    view: int | None = None
    steady: float = 2.0
    bounds: float = 0.0
    margin: float = 3.0
    laplacian_depth: int = 3
    optimiser: AdamSettings | LbfgsSettings = field(default_factory=LbfgsSettings)
    noise: float = 4.0
    grain: float = 0.0
    enlarges_style: bool = False
    reduced: bool = False

    def at(self, shape: Shape) -> "Recipe":
        """The recipe for a level of this shape: with an octave for the view, if it is smaller."""
        shrink = min(max(shape) // self.view, min(shape) // LEAST_SIDE) if self.view else 1
        if shrink < 2:
            return self
        (whole,) = self.octaves
        near = replace(whole, compares_content=False)
        afar = replace(whole, shrink=shrink, in_one_piece=True)
        structure = tuple((layer, self.steady * weight) for layer, weight in self.structure)
        return replace(self, octaves=(near, afar), structure=structure)

    @property
    def is_beyond_view(self) -> bool:
        """Whether its level is larger than what is compared with the content."""
        return self.content_octave.in_one_piece

    @property
    def content_octave(self) -> Octave:
        """The one that compares the content."""
        (found,) = (octave for octave in self.octaves if octave.compares_content)
        return found


STANDARD = Recipe(
    octaves=(Octave(style_layers=SHALLOW_LAYERS),),
    kept=0.16,
    loosest=0.566,
    content_weight=2e3,
    transported=len(SHALLOW_LAYERS),
    border=0.2,
    structure=(("block5_conv1", 260.0), ("block5_conv2", 520.0)),
    tones=156.0,
    layout=78.0,
    view=256,
    bounds=1.0,
    optimiser=LbfgsSettings(pairs=3, stretch=1.5),
    grain=0.8,
    reduced=True,
)

RECIPES: dict[RecipeName, Recipe] = {
    RecipeName.DRAFT: STANDARD,
    RecipeName.STANDARD: STANDARD,
    RecipeName.FINE: STANDARD,
    RecipeName.TUTORIAL: Recipe(
        content_layer="block5_conv2",
        style_weight=1e-2,
        content_weight=1e3,
        strength_range=25.0,
        normalised=False,
        laplacian_depth=0,
        optimiser=AdamSettings(
            lower=tuple(float(value) for value in -pixels.MEAN),
            upper=tuple(float(value) for value in 255 - pixels.MEAN),
        ),
        noise=0.0,
        enlarges_style=True,
    ),
}

# A style study: the style alone, from noise, at several sizes at once so that it serves at any of them.
STUDY = Recipe(
    octaves=(Octave(), Octave(2, compares_content=False), Octave(4, compares_content=False)),
    content_weight=0.0,
    transported=len(STYLE_LAYERS),
    laplacian_depth=5,
    optimiser=LbfgsSettings(pairs=12, first_step=1.0),
    noise=40.0,
)
