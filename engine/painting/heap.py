"""The memory that this process has and does not use, given back to the system.

Rule: memory is given back between jobs only, and none where the C library has no such function (not glibc).
"""

import ctypes
import gc
from collections.abc import Callable
from functools import cache


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
