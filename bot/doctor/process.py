"""Whether a bot runs on these data."""

from collections.abc import AsyncIterator

from bot.doctor.patient import Finding, Patient
from bot.heartbeat import is_beating


async def check(patient: Patient) -> AsyncIterator[Finding]:
    """Either is fine: a doctor is asked before the first start, too."""
    runs = is_beating(patient.config.own_dir)
    line = (
        "runs on these data, and its line to Discord is open"
        if runs
        else "runs on these data, as far as is known"
    )
    yield Finding(True, f"Process: {'a bot' if runs else 'no bot'} {line}")
