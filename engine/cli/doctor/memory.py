"""Whether a painting has memory."""

from collections.abc import Iterator

from engine.cli.doctor.patient import Finding, Patient

LEAST = 2 * 2**30  # bytes


def check(patient: Patient) -> Iterator[Finding]:
    """By the kernel and all limits above this process."""
    from engine.planning import memory

    del patient
    free = memory.available_bytes()
    if free is None:
        yield Finding(True, "Memory: this system does not say how much is free")
        return
    yield Finding(free > LEAST, f"Memory: {free / 2**30:.1f} GB may still be taken; a painting wants 2 GB")
