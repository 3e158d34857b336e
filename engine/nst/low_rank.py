"""VGG-19 with convolutions of low rank: what it sees in pictures, for half of the operations.

The features of a layer vary along few directions. A convolution to all channels is replaced by one to few,
and a 1x1 convolution that widens them to all again (Zhang et al., arXiv:1505.06798; the shape is Jaderberg's,
arXiv:1405.3866). The directions come with this package; `bench.reduction` has fitted them to pictures.

Rule: they are applied only to the kernels that they were fitted to. A network with others is left whole.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import as_file, files

import numpy as np
from numpy.typing import NDArray

FILE = "reduction.npz"
# Of a kernel's norm: so much may the packaged 8-bit kernels differ from those that they were made of.
TOLERANCE = 0.01

# A kernel (3, 3, in, out) and a bias; reduced: a narrow kernel, a 1x1 kernel and a bias.
Weights = list[NDArray[np.float32]]
# For each reduced layer "NAME/narrow" (out, r), "NAME/wide" (r, out), "NAME/bias" (out,), "NAME/norm" ().
Directions = Mapping[str, NDArray[np.float32]]


def reduce(layers: Mapping[str, Weights], directions: Directions) -> dict[str, Weights]:
    """The layers' weights, reduced where there are directions for it; all as they are if these are of other
    kernels.
    """
    fitted = [name for name in layers if f"{name}/norm" in directions]
    if not all(_was_fitted(directions, name, layers[name][0]) for name in fitted):
        return dict(layers)
    return {name: _reduced(directions, name, weights) for name, weights in layers.items()}


@cache
def packaged() -> Directions:
    """Those for the packaged weights."""
    with as_file(files("engine.nst") / "weights" / FILE) as path, np.load(path) as archive:
        return {name: archive[name].astype(np.float32) for name in archive.files}


@cache
def digest() -> str:
    """Tells the packaged directions from those of other versions."""
    return hashlib.sha256((files("engine.nst") / "weights" / FILE).read_bytes()).hexdigest()


def norm_of(kernel: NDArray[np.float32], narrow: NDArray[np.float32]) -> float:
    """What tells whether a kernel (3, 3, in, out) is the one that directions (out, r) were fitted to."""
    return float(np.linalg.norm(kernel.reshape(-1, kernel.shape[3]) @ narrow))


def _was_fitted(directions: Directions, name: str, kernel: NDArray[np.float32]) -> bool:
    wanted = float(directions[f"{name}/norm"])
    return abs(norm_of(kernel, directions[f"{name}/narrow"]) - wanted) <= TOLERANCE * wanted


def _reduced(directions: Directions, name: str, weights: Weights) -> Weights:
    if f"{name}/narrow" not in directions:
        return weights
    narrow, wide = directions[f"{name}/narrow"], directions[f"{name}/wide"]
    return [weights[0] @ narrow, wide[None, None], directions[f"{name}/bias"]]
