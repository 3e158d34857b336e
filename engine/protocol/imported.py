"""What a process imports stays as long as the process does: garbage is not looked for in it.

Both processes import a hundred thousand objects and more. To look through them takes a quarter of a start, and nearly all
of an end, at which the interpreter looks through everything once more. Rule: whoever imports much does it in `staying`.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def staying() -> Iterator[None]:
    """Look for no garbage in what is imported in here: not now, nor ever again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()
