"""The signs of life of the thread that paints."""

import pytest

from engine.painting import pulse
from engine.painting.pulse import Activity, Pulse

Said = list[tuple[Activity, float]]


def test_a_change_is_said_at_once_and_that_it_goes_on_now_and_then() -> None:
    said: Said = []
    alive = Pulse(lambda *sign: said.append(sign))
    alive.enter(Activity.PAINTING, 0.5)
    for _ in range(100):
        alive.beat()
        alive.enter(Activity.PAINTING, 0.5)
    alive.enter(Activity.PAINTING, 0.25)
    assert said == [(Activity.PAINTING, 0.5), (Activity.PAINTING, 0.25)]


def test_that_it_goes_on_is_said_when_it_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "SECONDS", 0.0)
    said: Said = []
    alive = Pulse(lambda *sign: said.append(sign))
    alive.enter(Activity.PAINTING)
    alive.beat()
    alive.enter(Activity.PAINTING)
    assert said == [(Activity.PAINTING, 0.0)] * 3


def test_after_what_comes_in_between_it_is_at_what_was_before() -> None:
    said: Said = []
    alive = Pulse(lambda *sign: said.append(sign))
    alive.enter(Activity.PAINTING, 0.5)
    with pytest.raises(OSError, match="full"), alive.during(Activity.SAVING):
        raise OSError("full")
    assert said == [(Activity.PAINTING, 0.5), (Activity.SAVING, 0.0), (Activity.PAINTING, 0.5)]
