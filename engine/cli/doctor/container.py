"""Whether a container was given the machine's GPUs, and has them still."""

import re
from collections.abc import Iterator

from engine.cli.doctor.patient import Finding, Patient

LOST = ("Unknown Error", "No devices were found")  # what NVML and nvidia-smi say then
CARD = re.compile(r"nvidia\d+")


def check(patient: Patient) -> Iterator[Finding]:
    """`systemctl daemon-reload` takes a running container's GPUs (nvidia-container-toolkit #48): the files stay, the rights go."""
    facts = patient.facts
    if not facts.in_container or facts.in_wsl or facts.driver is None:
        return
    if not any(CARD.fullmatch(name) for name in facts.nodes):
        if patient.wants_gpu:
            yield Finding(
                False,
                "Container: the machine has NVIDIA's driver, and this container none of its GPUs: install NVIDIA's"
                " container toolkit there, and give it `gpus: all` (docker run --gpus all)",
            )
    elif facts.smi is not None and any(words in facts.smi for words in LOST):
        yield Finding(
            False,
            "Container: it has lost its GPUs, as happens when systemd is reloaded: recreate it"
            " (docker compose up --force-recreate), as a restart is not enough where its devices were not noted",
        )
    else:
        yield Finding(True, "Container: it has the machine's GPUs")
