"""What an owner wants to know when something is wrong: versions, GPUs, the cluster, memory, disk, the decoder's confinement.

A file for each check: what it looks at, whether something is amiss, what to do then. Rule: each finding is one line, and
nothing is changed.
"""

from collections.abc import Callable, Iterator

from engine.cli.doctor import (
    account,
    capability,
    cluster,
    container,
    convolutions,
    decoder,
    disk,
    driver,
    libraries,
    memory,
    permissions,
    versions,
    wsl,
)
from engine.cli.doctor.patient import Finding, Patient

CHECKS: tuple[Callable[[Patient], Iterator[Finding]], ...] = (
    versions.check,
    driver.check,
    container.check,
    wsl.check,
    capability.check,
    libraries.check,
    convolutions.check,
    cluster.check,
    memory.check,
    disk.check,
    permissions.check,
    account.check,
    decoder.check,
)


def findings(patient: Patient) -> Iterator[Finding]:
    """Of all checks, in an order in which what comes first may be why what follows is amiss."""
    for check in CHECKS:
        yield from check(patient)
