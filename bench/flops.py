"""How many floating-point operations an evaluation is, from the shapes of its layers.

A multiply and an add are two operations. Counted are the convolutions, once forward and once for the gradient to
the image (weights get none), and the Gram matrices of the style layers, forward and back.
"""

from engine.nst import vgg
from engine.nst.objective import layers_of
from engine.nst.recipes import Octave, Recipe


def of_evaluation(network: vgg.Network, recipe: Recipe, width: int, height: int) -> float:
    """Loss and gradient of one picture of width x height pixels."""
    at_size = recipe.at((height, width))
    return sum(_of_octave(network, at_size, octave, width, height) for octave in at_size.octaves)


def _of_octave(network: vgg.Network, recipe: Recipe, octave: Octave, width: int, height: int) -> float:
    total = 0.0
    weights = vgg.weights_of(network, layers_of(octave, recipe), reduced=recipe.reduced)
    for name, (*kernels, bias) in weights.items():
        shrink = octave.shrink * 2 ** (vgg.block_of(name) - 1)
        locations = (width // shrink) * (height // shrink)
        products = sum(kernel.size for kernel in kernels)
        if name in octave.style_layers:
            products += bias.size**2
        total += 2 * 2 * locations * products
    return total
