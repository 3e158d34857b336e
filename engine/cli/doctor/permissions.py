"""Whether other accounts of this machine get at what members sent."""

import stat
from collections.abc import Iterator

from engine.cli.doctor.patient import Finding, Patient
from engine.protocol import nearest, outlook


def check(patient: Patient) -> Iterator[Finding]:
    """By the data directory's mode."""
    data_dir = patient.data_dir
    if nearest(data_dir) != data_dir.absolute():
        can_be_made, words = outlook(data_dir)
        yield Finding(can_be_made, f"Data: {data_dir} {words}")
    elif stat.S_IMODE(data_dir.stat().st_mode) & 0o077:
        yield Finding(
            False, f"Data: other accounts of this machine get into {data_dir}: chmod 700 {data_dir}"
        )
    else:
        yield Finding(True, f"Data: {data_dir} is closed to other accounts")
