"""What an owner wants to know when something is wrong: versions, devices, memory, disk, the decoder's confinement.

Rule: each check is one line, says what to do where something is amiss, and changes nothing.
"""

import asyncio
import os
import platform
import shutil
import stat
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from engine.protocol import Refusal
from engine.words import sentence

_PACKAGES = ("atelier", "tensorflow-cpu", "pillow", "pillow-heif", "numpy", "aiohttp")
_LEAST_FREE = 2 * 2**30  # bytes of disk


def lines(data_dir: Path) -> Iterator[tuple[bool, str]]:
    """Each finding, and whether all is well."""
    yield True, f"Python {platform.python_version()} on {platform.platform()}; {_versions()}"
    yield True, f"Devices: {_devices()}"
    yield _memory()
    yield _disk(data_dir)
    yield _permissions(data_dir)
    yield _account(os.geteuid(), data_dir)
    yield asyncio.run(_sandbox())


def _versions() -> str:
    from importlib.metadata import PackageNotFoundError

    found = []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)


def _devices() -> str:
    from engine.log import native_stderr_muted

    with native_stderr_muted():
        import tensorflow as tf

        return ", ".join(
            device.name.removeprefix("/physical_device:") for device in tf.config.list_physical_devices()
        )


def _memory() -> tuple[bool, str]:
    from engine.planning import memory

    free = memory.available_bytes()
    if free is None:
        return True, "Memory: this system does not say how much is free"
    return free > 2 * 2**30, f"Memory: {free / 2**30:.1f} GB may still be taken; a painting wants 2 GB"


def _disk(data_dir: Path) -> tuple[bool, str]:
    existing = next(path for path in (data_dir.absolute(), *data_dir.absolute().parents) if path.exists())
    free = shutil.disk_usage(existing).free
    return free > _LEAST_FREE, f"Disk: {free / 2**30:.1f} GB free for {data_dir}"


def _permissions(data_dir: Path) -> tuple[bool, str]:
    if not data_dir.exists():
        return True, f"Data: {data_dir} is made at the first start"
    others = stat.S_IMODE(data_dir.stat().st_mode) & 0o077
    if others:
        return False, f"Data: other accounts of this machine get into {data_dir}: chmod 700 {data_dir}"
    return True, f"Data: {data_dir} is closed to other accounts"


def _account(user: int, data_dir: Path) -> tuple[bool, str]:
    """Of whoever runs this, and whose the data are: the engine's, where it has run."""
    owner = data_dir.stat().st_uid if data_dir.exists() else user
    if 0 in (user, owner):
        who = "this runs as root" if user == 0 else f"{data_dir} is root's"
        return False, f"Account: {who}, and the engine needs no such rights: give it an account of its own"
    return True, "Account: not root"


async def _sandbox() -> tuple[bool, str]:
    from engine.images import sandbox

    try:
        found = await sandbox.probe()
    except Refusal as refusal:
        return False, f"Decoder: it does not start. {sentence(refusal)}"
    if found.head.escapes:
        return False, f"Decoder: a stranger's file could get at {', '.join(found.head.escapes)}"
    if found.missing:
        lacking = ", ".join(sorted(found.missing))
        return False, f"Decoder: confined, though without {lacking}: is libseccomp installed, and pyseccomp?"
    return True, "Decoder: confined by all that this system has"
