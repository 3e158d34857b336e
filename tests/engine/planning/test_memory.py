"""How much memory there is, read from made-up `/proc` and `/sys` trees."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine.planning.memory import available_bytes, peak_bytes, resident_bytes

MEMINFO = "MemTotal:       24684000 kB\nMemFree:         1000000 kB\nMemAvailable:    8000000 kB\nHugePages_Total: 0\n"
GB = 10**9


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    write(tmp_path / "proc/meminfo", MEMINFO)
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def group(folder: Path, limit: str, usage: int, cache: int) -> None:
    write(folder / "memory.max", limit + "\n")
    write(folder / "memory.current", f"{usage}\n")
    write(folder / "memory.stat", f"anon 5\ninactive_file {cache}\nactive_file 7\n")


def test_without_control_groups_it_is_what_the_kernel_would_give(machine: Path) -> None:
    assert available_bytes(machine) == 8_000_000 * 1024


def test_another_system_says_nothing(tmp_path: Path) -> None:
    assert available_bytes(tmp_path) is None


def test_version_2_counts_the_group_and_those_above_and_not_the_file_cache(machine: Path) -> None:
    write(machine / "proc/self/cgroup", "0::/system.slice/atelier.service\n")
    root = machine / "sys/fs/cgroup"
    group(root / "system.slice/atelier.service", str(5 * GB), 3 * GB, GB)
    assert available_bytes(machine) == 3 * GB
    group(root / "system.slice", str(4 * GB), 3 * GB, 0)
    assert available_bytes(machine) == GB
    group(root / "system.slice", "max", 3 * GB, 0)
    assert available_bytes(machine) == 3 * GB


def test_version_2_in_a_container_is_what_is_mounted_at_the_top(machine: Path) -> None:
    write(machine / "proc/self/cgroup", "0::/docker/0123abcd\n")
    group(machine / "sys/fs/cgroup", str(2 * GB), GB, 0)
    assert available_bytes(machine) == GB


def test_version_1(machine: Path) -> None:
    write(machine / "proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/docker/0123abcd\n1:name=systemd:/\n")
    folder = machine / "sys/fs/cgroup/memory"
    write(folder / "memory.limit_in_bytes", f"{4 * GB}\n")
    write(folder / "memory.usage_in_bytes", f"{3 * GB}\n")
    write(folder / "memory.stat", f"total_inactive_file {GB // 2}\n")
    assert available_bytes(machine) == GB + GB // 2


def test_a_group_over_its_limit_has_nothing(machine: Path) -> None:
    write(machine / "proc/self/cgroup", "0::/\n")
    group(machine / "sys/fs/cgroup", str(GB), 2 * GB, 0)
    assert available_bytes(machine) == 0


def test_a_limit_on_the_address_space_counts(machine: Path) -> None:
    status = machine / "proc/self/status"
    limits = "Max processes   95   95   processes\nMax address space         {}           unlimited   bytes\n"
    write(status, "VmPeak:\t  900000 kB\nVmSize:\t  800000 kB\nVmHWM:\t  700000 kB\n")
    write(machine / "proc/self/limits", limits.format("unlimited"))
    assert available_bytes(machine) == 8_000_000 * 1024
    write(machine / "proc/self/limits", limits.format(4 * GB))
    assert available_bytes(machine) == 4 * GB - 800_000 * 1024


def test_the_peak_is_this_processs_own(machine: Path, tmp_path: Path) -> None:
    assert peak_bytes(tmp_path / "elsewhere") is None
    write(machine / "proc/self/status", "VmHWM:\t  700000 kB\n")
    assert peak_bytes(machine) == 700_000 * 1024


def test_of_another_process_both_are_told(machine: Path) -> None:
    assert resident_bytes(machine, "7") is None
    write(machine / "proc/7/status", "VmHWM:\t  700000 kB\nVmRSS:\t  600000 kB\n")
    assert peak_bytes(machine, "7") == 700_000 * 1024
    assert resident_bytes(machine, "7") == 600_000 * 1024


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")
def test_the_peak_is_not_that_of_a_larger_parent() -> None:
    ballast = bytearray(600 * 2**20)
    code = "from engine.planning.memory import peak_bytes; print(peak_bytes())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(run.stdout) < len(ballast)
