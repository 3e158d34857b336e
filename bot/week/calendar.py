"""When something is that happens once a week, by the clocks of a server's time zone.

Rule: clocks are turned forward and back, so that what is set is a time of the day, and not a number of hours.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

from bot.storage.settings import Zone

log = structlog.get_logger(__name__)


def zone_of(zone: Zone) -> tzinfo:
    """A time zone; UTC where this machine does not know it."""
    try:
        return ZoneInfo(zone.value)
    except ZoneInfoNotFoundError:
        log.warning("time zone not known, taken for UTC", zone=zone.value)
        return UTC


def next_time(hour_of_week: int, zone: tzinfo, after: float) -> float:
    """The first such time after another one, in seconds since 1970; hours are counted from Monday's beginning."""
    local = datetime.fromtimestamp(after, zone)
    monday = local.date() - timedelta(days=local.weekday())
    weeks = (monday + timedelta(weeks=n, days=hour_of_week // 24) for n in range(3))
    times = (datetime(day.year, day.month, day.day, hour_of_week % 24, tzinfo=zone) for day in weeks)
    return next(moment for moment in (each.timestamp() for each in times) if moment > after)
