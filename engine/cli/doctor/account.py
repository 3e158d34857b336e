"""Whether the engine runs with more rights than it needs."""

import os
from collections.abc import Iterator
from pathlib import Path

from engine.cli.doctor.patient import Finding, Patient
from engine.protocol import nearest


def check(patient: Patient) -> Iterator[Finding]:
    """By who asks, and whose the data are."""
    yield account_of(os.geteuid(), patient.data_dir)


def account_of(user: int, data_dir: Path) -> Finding:
    """Of whoever runs this, and whose the data are: the engine's, where it has run."""
    owner = data_dir.stat().st_uid if nearest(data_dir) == data_dir.absolute() else user
    if 0 in (user, owner):
        who = "this runs as root" if user == 0 else f"{data_dir} is root's"
        return Finding(
            False, f"Account: {who}, and the engine needs no such rights: give it an account of its own"
        )
    return Finding(True, "Account: not root")
