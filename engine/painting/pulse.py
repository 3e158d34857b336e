"""Signs of life of the thread that paints, and what it is at, so that one that hangs is told from one that is slow.

Rule: only the thread that paints gives them, on its way from one thing to the next. What another thread says of it would
prove nothing: a deadlock in a native library stops the one and not the other.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum

SECONDS = 1.0  # the least between two signs


class Activity(StrEnum):
    """What may take long without a sign in between, or is not to."""

    IDLE = "idle"  # waits for work
    LOADING = "loading"  # TensorFlow and the network
    MEASURING = "measuring"  # how fast the device is
    READING = "reading"  # images and checkpoints
    PREPARING = "preparing"  # what a level is compared with
    COMPILING = "compiling"
    PAINTING = "painting"
    SAVING = "saving"  # a checkpoint
    ENCODING = "encoding"  # the files of a result


class Pulse:
    """What a thread is at; `say` passes it on, with the seconds that it may take until the next sign.

    A change is passed on at once, and that it goes on, once in SECONDS.
    """

    def __init__(self, say: Callable[[Activity, float], None] = lambda _activity, _seconds: None) -> None:
        self._say = say
        self._now = (Activity.LOADING, 0.0)
        self._next = 0.0

    def enter(self, activity: Activity, seconds: float = 0.0) -> None:
        """Be at this from now on; seconds: how long it is expected to take from one sign to the next, if that is known."""
        if self._now == (activity, seconds):
            self.beat()
        else:
            self._now = (activity, seconds)
            self._pass_on()

    def beat(self) -> None:
        """It goes on."""
        if time.monotonic() >= self._next:
            self._pass_on()

    @contextmanager
    def during(self, activity: Activity) -> Iterator[None]:
        """Be at this within, and then again at what was before."""
        before = self._now
        self.enter(activity)
        try:
            yield
        finally:
            self.enter(*before)

    def _pass_on(self) -> None:
        self._next = time.monotonic() + SECONDS
        self._say(*self._now)
