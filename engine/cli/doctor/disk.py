"""Whether the disk has room for jobs and their files."""

import shutil
from collections.abc import Iterator

from engine.cli.doctor.patient import Finding, Patient
from engine.protocol import nearest

LEAST = 2 * 2**30  # bytes


def check(patient: Patient) -> Iterator[Finding]:
    """Of the data directory, or of where it is going to be."""
    free = shutil.disk_usage(nearest(patient.data_dir)).free
    yield Finding(free > LEAST, f"Disk: {free / 2**30:.1f} GB free for {patient.data_dir}")
