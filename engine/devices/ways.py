"""Which of two ways to the same numbers this process's device takes.

What makes an evaluation quick on a processor (oneDNN's fused convolutions, few passes over memory, LAPACK) is of no use on a
GPU, where products are cheap, launches and waiting are not, and a convolution's own gradient is cuDNN's. Rule: both ways give
the same numbers but for rounding, and tests compare them on a processor; nobody else asks what the device is. That the ways of
a GPU are the faster ones there was not measured: `make bench-gpu` tells.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from engine.devices.device import has_gpu


@dataclass(frozen=True)
class Ways:
    """True is a processor's.

    turned_kernels: a convolution's gradient is one with its turned kernel, and takes up as its bias what is added to it; or
    it is TensorFlow's. sums_as_products: sums over many places are products with ones, and dot products those of matrices; or
    they are sums, which no GPU rounds (TensorFloat-32). single: small products in which differences cancel are in float32, of
    which a processor rounds nothing; or in float64. branches: what is rarely needed is left out by a branch; or computed, as
    the host would have to wait for the device to know. eigenvalues: those of small matrices are computed where all else is;
    or on the host.
    """

    turned_kernels: bool = True
    sums_as_products: bool = True
    single: bool = True
    branches: bool = True
    eigenvalues: bool = True


OF_PROCESSORS = Ways()
OF_GPUS = Ways(turned_kernels=False, sums_as_products=False, single=False, branches=False, eigenvalues=False)


_instead: Ways | None = None


def ways() -> Ways:
    """Those of the device that this process computes on, which is settled from then on."""
    if _instead is not None:
        return _instead
    return OF_GPUS if has_gpu() else OF_PROCESSORS


@contextmanager
def taking(others: Ways) -> Iterator[None]:
    """Have all graphs that are made within go these ways: for those who compare them."""
    global _instead
    before, _instead = _instead, others
    try:
        yield
    finally:
        _instead = before
