"""Who on this machine can read what the bot keeps."""

import os
import stat
from collections.abc import AsyncIterator

from bot.doctor.patient import Finding, Patient
from engine.protocol import nearest, outlook


async def check(patient: Patient) -> AsyncIterator[Finding]:
    """Nobody else, and the bot can write there."""
    data_dir = patient.config.data_dir
    if nearest(data_dir) != data_dir.absolute():
        can_be_made, words = outlook(data_dir)
        yield Finding(can_be_made, f"Data: {data_dir} {words}")
        return
    if not os.access(data_dir, os.R_OK | os.W_OK | os.X_OK):
        yield Finding(
            False, f"Data: this account may not write into {data_dir}: chown it to the bot's account"
        )
    elif stat.S_IMODE(data_dir.stat().st_mode) & 0o077:
        yield Finding(
            False, f"Data: other accounts of this machine get into {data_dir}: chmod 700 {data_dir}"
        )
    else:
        yield Finding(True, f"Data: {data_dir} is closed to other accounts")
