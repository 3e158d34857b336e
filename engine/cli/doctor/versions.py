"""What this is, and what it runs on: for whoever is shown all this."""

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from engine.cli.doctor.patient import Finding, Patient

PACKAGES = (
    "atelier",
    "tensorflow-cpu",
    "tensorflow",
    "nvidia-cudnn-cu12",
    "pillow",
    "pillow-heif",
    "numpy",
    "aiohttp",
)


def check(patient: Patient) -> Iterator[Finding]:
    """Nothing can be amiss with it."""
    del patient
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    yield Finding(True, f"Python {platform.python_version()} on {platform.platform()}; {', '.join(found)}")
