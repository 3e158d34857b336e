"""What this machine says of its GPUs without TensorFlow: the driver, the device files, nvidia-smi, what is installed, and
whether this is a container or WSL.

Rule: reads and asks, changes nothing, and an absence is a fact like any other. What follows from the facts is for others.
"""

import os
import platform
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType

from engine.devices.names import shown_by

Version = tuple[int, ...]

SMI = ("nvidia-smi", "--query-gpu=index,name,driver_version,compute_cap", "--format=csv,noheader")
SMI_SECONDS = 30.0  # the first call may load the driver
WSL_LIBRARIES = "/usr/lib/wsl/lib"
PACKAGES = ("tensorflow", "tensorflow-cpu", "nvidia-cudnn-cu12")
_CONTAINERS = ("docker", "containerd", "kubepods", "libpod", "lxc")


@dataclass(frozen=True)
class Card:
    """A GPU as nvidia-smi lists it. capability: as CUDA counts it; None where the driver is too old to say."""

    index: int
    name: str
    driver: Version
    capability: Version | None


@dataclass(frozen=True)
class Facts:
    """Of this machine.

    architecture: as "x86_64". driver: of the kernel module. nodes: the names of NVIDIA's device files. cards: as nvidia-smi
    lists them; smi: what it says in place of that, None where it is not there or lists some. wsl_libraries: whether
    Windows' CUDA is where WSL puts it. library_path: where the loader was told to look besides. shown: by the operator's mask; None without one. packages: their
    versions.
    """

    architecture: str = "x86_64"
    driver: Version | None = None
    nodes: tuple[str, ...] = ()
    cards: tuple[Card, ...] = ()
    smi: str | None = None
    in_container: bool = False
    in_wsl: bool = False
    wsl_libraries: bool = False
    library_path: tuple[str, ...] = ()
    shown: tuple[str, ...] | None = None
    packages: Mapping[str, Version] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def may_have_gpu(self) -> bool:
        """Whether anything of a GPU is seen here."""
        return bool(self.driver or self.nodes or self.cards or (self.in_wsl and self.wsl_libraries))


def gather(
    root: Path = Path("/"),
    environ: Mapping[str, str] = os.environ,
    ask: Callable[[], str | None] | None = None,
) -> Facts:
    """Look. root: where `proc`, `dev` and `usr` are looked for; ask: says what nvidia-smi prints, None where there is none."""
    printed = (ask or ask_smi)()
    cards = cards_of(printed or "")
    driver = driver_version(root)
    return Facts(
        architecture=platform.machine(),
        driver=version_of(driver) if driver else None,
        nodes=tuple(sorted(path.name for path in (root / "dev").glob("nvidia*"))),
        cards=cards,
        smi=None if cards or printed is None else printed.strip(),
        in_container=_in_container(root),
        in_wsl="microsoft" in _text(root / "proc/version").lower(),
        wsl_libraries=(root / WSL_LIBRARIES.lstrip("/") / "libcuda.so.1").exists(),
        library_path=tuple(filter(None, environ.get("LD_LIBRARY_PATH", "").split(":"))),
        shown=shown_by(environ),
        packages=_installed(),
    )


def ask_smi() -> str | None:
    """What nvidia-smi prints of the cards, or of why it cannot; None where there is no nvidia-smi."""
    try:
        told = subprocess.run(  # noqa: S603 - words of ours
            SMI, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SMI_SECONDS, check=False, text=True
        )
    except FileNotFoundError:
        return None
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return told.stdout


def cards_of(printed: str) -> tuple[Card, ...]:
    """Those of nvidia-smi's lines, "0, NVIDIA A10G, 570.133.20, 8.6"; none of what is no such line."""
    found = []
    for line in printed.splitlines():
        parts = [part.strip() for part in line.split(",")]
        if len(parts) == 4 and parts[0].isdecimal() and re.fullmatch(r"[\d.]+", parts[2]):
            capability = version_of(parts[3]) if re.fullmatch(r"\d+\.\d+", parts[3]) else None
            found.append(Card(int(parts[0]), parts[1], version_of(parts[2]), capability))
    return tuple(found)


def driver_version(root: Path = Path("/")) -> str | None:
    """Of NVIDIA's kernel module, as in "570.133.20"; None without one. `root` is where `proc` is looked for."""
    text = _text(root / "proc/driver/nvidia/version")
    found = re.search(r"Kernel Module.*?\b(\d{3,}\.\d+(?:\.\d+)?)\b", text)
    return found[1] if found else None


def version_of(text: str) -> Version:
    """The numbers of a version, "9.24.0.43"; what is no number ends it."""
    numbers = []
    for part in text.split("."):
        if not part.isdecimal():
            break
        numbers.append(int(part))
    return tuple(numbers)


def written(numbers: Version) -> str:
    """A version as people write it."""
    return ".".join(map(str, numbers))


def _in_container(root: Path) -> bool:
    if (root / ".dockerenv").exists() or (root / "run/.containerenv").exists():
        return True
    return any(name in _text(root / "proc/1/cgroup") for name in _CONTAINERS)


def _installed() -> dict[str, Version]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version_of(version(name))
        except PackageNotFoundError:
            continue
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
