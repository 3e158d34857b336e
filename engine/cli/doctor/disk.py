"""Whether the disk has room for jobs and their files."""

import shutil
from collections.abc import Iterator

from engine.cli.doctor.patient import Finding, Patient

LEAST = 2 * 2**30  # bytes


def check(patient: Patient) -> Iterator[Finding]:
    """Of the data directory, or of where it is going to be."""
    wanted = patient.data_dir.absolute()
    existing = next(path for path in (wanted, *wanted.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    yield Finding(free > LEAST, f"Disk: {free / 2**30:.1f} GB free for {patient.data_dir}")
