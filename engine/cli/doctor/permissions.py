"""Whether other accounts of this machine get at what members sent."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from engine.cli.doctor.patient import Finding, Patient
from engine.protocol import nearest


def check(patient: Patient) -> Iterator[Finding]:
    """By the data directory's mode."""
    data_dir = patient.data_dir
    there = nearest(data_dir)
    if there != data_dir.absolute():
        yield _of_none(data_dir, there)
    elif stat.S_IMODE(data_dir.stat().st_mode) & 0o077:
        yield Finding(
            False, f"Data: other accounts of this machine get into {data_dir}: chmod 700 {data_dir}"
        )
    else:
        yield Finding(True, f"Data: {data_dir} is closed to other accounts")


def _of_none(data_dir: Path, above: Path) -> Finding:
    """Of a folder that is not there yet; above: the nearest that is."""
    if above.is_dir() and os.access(above, os.W_OK | os.X_OK):
        return Finding(True, f"Data: {data_dir} is made at the first start")
    why = "this account may not write into" if above.is_dir() else "there is a file at"
    return Finding(False, f"Data: {data_dir} cannot be made: {why} {above}")
