"""Which versions these are."""

import platform
from collections.abc import AsyncIterator
from importlib.metadata import PackageNotFoundError, version

from bot.doctor.patient import Finding, Patient

_PACKAGES = ("atelier", "discord.py", "aiohttp", "SQLAlchemy", "asyncpg")


async def check(_patient: Patient) -> AsyncIterator[Finding]:
    """Say them; none is wrong by itself."""
    found = []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    yield Finding(True, f"Python {platform.python_version()} on {platform.platform()}; {', '.join(found)}")
