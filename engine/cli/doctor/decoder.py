"""Whether what decodes strangers' files is confined, and starts at all."""

import asyncio
from collections.abc import Iterator

from engine.cli.doctor.patient import Finding, Patient
from engine.protocol import Refusal
from engine.words import sentence


def check(patient: Patient) -> Iterator[Finding]:
    """A file of ours, which tries to get out."""
    del patient
    yield asyncio.run(probe())


async def probe() -> Finding:
    """What the decoder could get at."""
    from engine.images import sandbox

    try:
        found = await sandbox.probe()
    except Refusal as refusal:
        return Finding(False, f"Decoder: it does not start. {sentence(refusal)}")
    if found.head.escapes:
        return Finding(False, f"Decoder: a stranger's file could get at {', '.join(found.head.escapes)}")
    if found.missing:
        lacking = ", ".join(sorted(found.missing))
        return Finding(
            False, f"Decoder: confined, though without {lacking}: is libseccomp installed, and pyseccomp?"
        )
    return Finding(True, "Decoder: confined by all that this system has")
