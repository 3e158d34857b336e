"""How long the frames of a time-lapse are shown."""

from engine.painting.timelapse import durations


def test_the_end_is_held_longer() -> None:
    *others, last = durations(5)
    assert len(others) == 4
    assert last > max(others)
    assert durations(1) == (last,)
