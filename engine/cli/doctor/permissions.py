"""Whether other accounts of this machine get at what members sent."""

import stat
from collections.abc import Iterator

from engine.cli.doctor.patient import Finding, Patient
from engine.protocol import nearest, obstacle_to


def check(patient: Patient) -> Iterator[Finding]:
    """By the data directory's mode."""
    data_dir = patient.data_dir
    if nearest(data_dir) != data_dir.absolute():
        if (obstacle := obstacle_to(data_dir)) is None:
            yield Finding(True, f"Data: {data_dir} is made at the first start")
        else:
            yield Finding(
                False,
                f"Data: {data_dir} cannot be made: {obstacle} is no folder into which this account may write",
            )
    elif stat.S_IMODE(data_dir.stat().st_mode) & 0o077:
        yield Finding(
            False, f"Data: other accounts of this machine get into {data_dir}: chmod 700 {data_dir}"
        )
    else:
        yield Finding(True, f"Data: {data_dir} is closed to other accounts")
