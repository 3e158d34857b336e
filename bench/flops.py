"""How many floating-point operations an evaluation is, from the shapes of its layers.

A multiply and an add are two operations. Counted are the convolutions, once forward and once for the gradient to
the image (weights get none), and the Gram matrices of the style layers, forward and back. The cells' matrices, of
which the whole one is the mean, count as that one.
"""

from engine.nst import stylize, vgg
from engine.nst.recipes import Octave, Recipe

CHANNELS = (64, 128, 256, 512, 512)  # of each block's convolutions


def of_evaluation(recipe: Recipe, width: int, height: int) -> float:
    """Loss and gradient of one picture of width x height pixels."""
    return sum(_of_octave(recipe, octave, width, height) for octave in recipe.octaves)


def _of_octave(recipe: Recipe, octave: Octave, width: int, height: int) -> float:
    names = vgg.layer_names()
    wanted = stylize.layers_of(octave, recipe)
    total, channels_in = 0.0, 3
    for name in names[: 1 + max(names.index(layer) for layer in wanted)]:
        shrink = octave.shrink * 2 ** (vgg.block_of(name) - 1)
        locations = (width // shrink) * (height // shrink)
        channels = CHANNELS[vgg.block_of(name) - 1]
        total += 2 * 2 * locations * 9 * channels_in * channels
        if name in octave.style_layers:
            total += 2 * 2 * locations * channels**2
        channels_in = channels
    return total
