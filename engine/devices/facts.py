"""What this machine says of its GPUs without TensorFlow: the driver, the device files, nvidia-smi, the container around it.

Rule: reads and asks, changes nothing, and an absence is a fact like any other.
"""

import re
from pathlib import Path


def driver_version(root: Path = Path("/")) -> str | None:
    """Of NVIDIA's kernel module, as in "570.133.20"; None without one. `root` is where `proc` is looked for."""
    try:
        text = (root / "proc/driver/nvidia/version").read_text()
    except OSError:
        return None
    found = re.search(r"Kernel Module.*?\b(\d{3,}\.\d+(?:\.\d+)?)\b", text)
    return found[1] if found else None
