"""How much memory may still be taken: what the kernel would give, and what every limit on us and above us allows.

What needs more is made smaller beforehand, because a process that takes too much in a container is killed without
a word, and native libraries that are refused memory may end it too. Rule: reads of `/proc` and `/sys` only, and
"unknown" where there is nothing to read.
"""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

ADDRESS_SPACE = "Max address space"  # the line's name in `/proc/self/limits`


def available_bytes(root: Path = Path("/")) -> int | None:
    """Bytes that this process and its children may take in addition, or None if nothing says (not Linux).

    `root` is where `proc` and `sys` are looked for.
    """
    limits = [left for left in (_machine(root), _address_space(root), *_groups(root)) if left is not None]
    return max(min(limits), 0) if limits else None


def peak_bytes(root: Path = Path("/"), process: str = "self") -> int | None:
    """The most memory that this process, or the one with an id, has had at once; None if nothing says (not Linux).

    What `getrusage` says would be the parent's peak, where that was larger when this process was started.
    """
    return _status(root, process, "VmHWM:")


def resident_bytes(root: Path = Path("/"), process: str = "self") -> int | None:
    """The memory that this process, or the one with an id, has now; None if nothing says (not Linux)."""
    return _status(root, process, "VmRSS:")


def _status(root: Path, process: str, name: str) -> int | None:
    kilobytes = _fields(root / "proc" / process / "status").get(name)
    return None if kilobytes is None else kilobytes * 1024


def kills_for_memory(root: Path = Path("/")) -> int | None:
    """How many processes the kernel has ended for want of memory since it started, or None if nothing says."""
    return _fields(root / "proc/vmstat").get("oom_kill")


def _machine(root: Path) -> int | None:
    kilobytes = _fields(root / "proc/meminfo").get("MemAvailable:")
    return None if kilobytes is None else kilobytes * 1024


def _address_space(root: Path) -> int | None:
    """What is left below this process's own limit."""
    line = next((line for line in _lines(root / "proc/self/limits") if line.startswith(ADDRESS_SPACE)), "")
    soft = line.removeprefix(ADDRESS_SPACE).split()[:1]
    size = _status(root, "self", "VmSize:")
    if size is None or not soft or not soft[0].isdecimal():  # no such file, or "unlimited"
        return None
    return int(soft[0]) - size


def _groups(root: Path) -> Iterator[int | None]:
    """What is left in each control group that this process is in, and in those above, of versions 2 and 1."""
    for line in _lines(root / "proc/self/cgroup"):
        number, controllers, path = line.split(":", 2)
        # Inside a container the path may be the host's, which is not mounted here; the group itself then is
        # what is mounted at the top.
        groups = [PurePosixPath(path), *PurePosixPath(path).parents]
        if number == "0":
            base, names = root / "sys/fs/cgroup", ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            base = root / "sys/fs/cgroup/memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        for group in groups:
            yield _room(base / group.relative_to("/"), *names)


def _room(folder: Path, limit_name: str, usage_name: str, cache_name: str) -> int | None:
    limit, usage = _number(folder / limit_name), _number(folder / usage_name)
    if limit is None or usage is None:  # no such group, or "max"
        return None
    # Files that were read once count as used, but are dropped before anybody is killed.
    return limit - usage + _fields(folder / "memory.stat").get(cache_name, 0)


def _number(path: Path) -> int | None:
    text = next(iter(_lines(path)), "")
    return int(text) if text.isdecimal() else None


def _fields(path: Path) -> dict[str, int]:
    """The "name number ..." lines of a file."""
    words = [line.split() for line in _lines(path)]
    return {line[0]: int(line[1]) for line in words if len(line) > 1 and line[1].isdecimal()}


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
