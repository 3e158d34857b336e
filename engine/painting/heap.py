"""The memory that this process has and does not use, given back to the system; and what stays, looked through no more.

Rule: memory is given back between jobs only, and none where the C library has no such function (not glibc).
"""

import ctypes
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache


@contextmanager
def staying() -> Iterator[None]:
    """What is imported in here stays as long as the process does, so garbage is not looked for in it, nor ever again.

    It is a million objects of TensorFlow's: one look through them takes longer than a small picture's evaluation.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()


def give_back() -> None:
    """Collect what is garbage, and let the system have the free pages of all arenas."""
    gc.collect()
    if (trim := _trim()) is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return None
    return found
