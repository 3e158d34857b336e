"""How much room there is for pictures."""

import shutil
from collections.abc import AsyncIterator

from bot.doctor.patient import Finding, Patient
from engine.protocol import nearest

_LEAST_FREE = 2**30  # bytes


async def check(patient: Patient) -> AsyncIterator[Finding]:
    """Enough for the pictures that wait, and for those that are kept to go on with."""
    free = shutil.disk_usage(nearest(patient.config.data_dir)).free
    advice = "" if free > _LEAST_FREE else ": make room, or set keep_megabytes lower"
    yield Finding(
        free > _LEAST_FREE, f"Disk: {free / 2**30:.1f} GB free for {patient.config.data_dir}{advice}"
    )
