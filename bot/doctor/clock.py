"""Whether this machine's clock is right, by Discord's."""

import time
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime

from bot.doctor.patient import Finding, Patient

_MOST_SECONDS = 5.0  # of which a second is the header's, and some the way's


async def check(patient: Patient) -> AsyncIterator[Finding]:
    """Pauses, timers and the ends of private links go by it."""
    answer = await patient.ask(f"{patient.discord}/api/v10/gateway")
    try:
        wrong = time.time() - parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    except ValueError:
        return  # nobody has told the time
    if abs(wrong) > _MOST_SECONDS:
        which = "fast" if wrong > 0 else "slow"
        yield Finding(
            False,
            f"Clock: {abs(wrong):.0f} s {which}: turn on time synchronisation (timedatectl set-ntp true)",
        )
    else:
        yield Finding(True, "Clock: right, as far as Discord's tells")
