"""Whose the bot's process and its data are."""

import os
from collections.abc import AsyncIterator

from bot.doctor.patient import Finding, Patient
from engine.protocol import nearest


async def check(patient: Patient) -> AsyncIterator[Finding]:
    """It needs no more rights than its own folder."""
    data_dir, user = patient.config.data_dir, os.geteuid()
    owner = data_dir.stat().st_uid if nearest(data_dir) == data_dir.absolute() else user
    if 0 in (user, owner):
        who = "this runs as root" if user == 0 else f"{data_dir} is root's"
        yield Finding(
            False, f"Account: {who}, and the bot needs no such rights: give it an account of its own"
        )
    elif owner != user:
        yield Finding(
            False, f"Account: {data_dir} belongs to another account than this: chown it, or use that one"
        )
    else:
        yield Finding(True, "Account: not root, and the data are its own")
