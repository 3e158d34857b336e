"""How long to wait between tries of what may well succeed a little later."""

import random
from collections.abc import Iterator

LONGEST_PAUSE = 60.0


def pauses() -> Iterator[float]:
    """Seconds to wait between tries: doubling up to LONGEST_PAUSE, with jitter so that whoever waits spreads."""
    pause = 1.0
    while True:
        yield pause * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing
        pause = min(2 * pause, LONGEST_PAUSE)
