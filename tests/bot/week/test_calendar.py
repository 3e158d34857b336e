"""Once a week by a server's clocks, also over the nights when these are changed."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.storage.settings import WEEK_HOURS, Zone
from bot.week.calendar import next_time, zone_of

BERLIN = ZoneInfo("Europe/Berlin")


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> float:
    return datetime(year, month, day, hour, minute, tzinfo=BERLIN).timestamp()


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (at(2026, 11, 30, 11, 59), at(2026, 11, 30, 12)),
        (at(2026, 11, 30, 12), at(2026, 12, 7, 12)),  # then, it is now
        (at(2026, 12, 6, 23, 59), at(2026, 12, 7, 12)),
        (at(2026, 3, 23, 13), at(2026, 3, 30, 12)),  # an hour less in between
        (at(2026, 10, 19, 13), at(2026, 10, 26, 12)),  # and one more
    ],
)
def test_monday_at_noon(after: float, expected: float) -> None:
    assert next_time(12, BERLIN, after) == expected


def test_there_is_always_one_within_a_week() -> None:
    start = at(2026, 3, 1)
    for zone in Zone:
        for hour in range(0, WEEK_HOURS, 5):
            following = next_time(hour, zone_of(zone), start + 3600 * hour)
            assert 0 < following - start - 3600 * hour <= 7 * 24 * 3600 + 3600


def test_every_zone_is_known() -> None:
    assert [str(zone_of(zone)) for zone in Zone] == [zone.value for zone in Zone]
