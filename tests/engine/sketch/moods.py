"""The worker that sketches, with a mood for each seed: what a worker does that is not as it should be."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import Any

from engine.painting import pulse
from engine.painting.progress import Step
from engine.painting.pulse import Activity, Pulse
from engine.painting.scene import Scene
from engine.protocol import Plan, Settings
from engine.workers.ipc import Equipment
from tests.engine.sketch.worker import Saved, SketchSession, run

PAUSE = 0.1
PAUSES = 26  # together several times what the tests wait for a sign of life


INTERRUPTED_AT = 30  # later than the first checkpoint


class Mood(IntEnum):
    """The seed of a job that is painted so."""

    WELL = 0
    HANGS = 1  # the thread that paints does; the others go on
    SLOW = 2  # but alive: what takes long gives signs in between
    COMPILES = 3  # for long, without a sign
    FORESEEN = 4  # an evaluation takes long, and was said to
    DEAF = 5  # paints, and hears of no stop
    DIES = 6
    INTERRUPTED = 7  # gets no further until it is ended, and does better when it goes on from its checkpoint


class MoodySession(SketchSession):
    """A sketch, and at the first evaluation what the mood is."""

    def __init__(self, pulse: Pulse) -> None:
        super().__init__()
        self._pulse = pulse

    def paint(
        self, scene: Scene, plan: Plan, settings: Settings, *, resume: Saved | None = None
    ) -> Iterator[Step]:
        """As usual, but once not."""
        self._pulse.enter(Activity.PAINTING)
        for step in super().paint(scene, plan, settings, resume=resume):
            if step.evaluation == 1:
                _DOES.get(Mood(settings.seed), _do_nothing)(self._pulse)
            yield step
            while (settings.seed, step.evaluation, resume) == (Mood.INTERRUPTED, INTERRUPTED_AT, None):
                time.sleep(PAUSE)
                yield step


def _do_nothing(_: Pulse) -> None:
    pass


def _hang(_: Pulse) -> None:
    threading.Event().wait()


def _be_slow(pulse: Pulse) -> None:
    for _ in range(PAUSES):
        time.sleep(PAUSE)
        pulse.beat()


def _be_silent(pulse: Pulse, activity: Activity, seconds: float) -> None:
    pulse.enter(activity, seconds)
    time.sleep(PAUSE * PAUSES)
    pulse.enter(Activity.PAINTING)


def _be_deaf(pulse: Pulse) -> None:
    while True:
        time.sleep(PAUSE)
        pulse.beat()


_DOES: dict[Mood, Callable[[Pulse], Any]] = {
    Mood.HANGS: _hang,
    Mood.SLOW: _be_slow,
    Mood.COMPILES: lambda pulse: _be_silent(pulse, Activity.COMPILING, 0.0),
    Mood.FORESEEN: lambda pulse: _be_silent(pulse, Activity.PAINTING, PAUSE * PAUSES),
    Mood.DEAF: _be_deaf,
    Mood.DIES: lambda _: os.abort(),
}


if __name__ == "__main__":
    pulse.SECONDS = 0.05
    run(Equipment.model_validate_json(sys.argv[1]), lambda _, pulse: MoodySession(pulse))
