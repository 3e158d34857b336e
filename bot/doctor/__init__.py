"""What an owner wants to know when the bot does not do what it should: `python -m bot doctor`.

A file for each check: what it looks at, whether something is amiss, what to do then. Rule: each finding is one line,
in English as the log is, since no member reads it; nothing is changed, nothing secret is said, and the bot may be running
meanwhile.
"""

from collections.abc import AsyncIterator, Callable, Sequence

from bot.doctor import (
    account,
    clock,
    database,
    disk,
    engine,
    images,
    intents,
    links,
    permissions,
    process,
    token,
    versions,
)
from bot.doctor.patient import Finding, Patient

CHECKS: Sequence[Callable[[Patient], AsyncIterator[Finding]]] = (
    versions.check,
    account.check,
    permissions.check,
    disk.check,
    database.check,
    images.check,
    process.check,
    token.check,
    intents.check,
    clock.check,
    engine.check,
    links.check,
)


async def findings(patient: Patient) -> AsyncIterator[Finding]:
    """Of all checks, in an order in which what comes first may be why what follows is amiss."""
    for check in CHECKS:
        async for finding in check(patient):
            yield finding
