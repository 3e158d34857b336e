"""Whether NVIDIA's driver is there, runs, and is new enough for the CUDA that TensorFlow comes with."""

from collections.abc import Iterator

from engine.cli.doctor.patient import Finding, Patient
from engine.devices.facts import written

LEAST = (525, 60)  # for any CUDA 12: "CUDA Compatibility", minor version compatibility
MISMATCH = "Driver/library version mismatch"


def check(patient: Patient) -> Iterator[Finding]:
    """Not in WSL, whose driver is Windows'."""
    facts = patient.facts
    version = facts.driver or next((card.driver for card in facts.cards), None)
    if facts.smi is not None and MISMATCH in facts.smi:
        yield Finding(False, "Driver: it was updated and the old one still runs: restart this machine")
    elif version is not None and version[: len(LEAST)] < LEAST:
        yield Finding(
            False,
            f"Driver: {written(version)} is too old for CUDA 12: install {LEAST[0]} or newer, and restart this machine",
        )
    elif version is not None:
        yield Finding(True, f"Driver: {written(version)}")
    elif patient.wants_gpu and not facts.in_wsl:
        yield Finding(
            False,
            "Driver: NVIDIA's is not loaded: install it on this machine itself, and see that nvidia-smi lists the card",
        )
