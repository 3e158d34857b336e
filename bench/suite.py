"""How long the tests take and how much memory: `python -m bench.suite [ARGUMENT ...]`.

Runs what `make unit` and `make tests` run (with arguments, `pytest ARGUMENT ...` instead) and prints for each the wall time,
the peak of the largest process, and the peak of all processes at one time, in which shared memory is counted once. Goals on 2
cores: unit tests in 3 minutes, all in 10, no process over 3 GB.
"""

import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from bench.report import met

ROOT = Path(__file__).parents[1]
PAUSE = 2.0  # to look at all processes takes the kernel some time; the largest has its own record of its peak
GOAL_GIGABYTES = 3.0
SUITES = {"unit": 180.0, "tests": 600.0}  # target of the Makefile: goal in seconds


def kilobytes(pid: int, file: str, field: str) -> int:
    """What the kernel tells of a process; 0 where it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/{file}").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1])
    return 0


def parents() -> dict[int, int]:
    """Of every process."""
    return {
        int(path.name): kilobytes(int(path.name), "status", "PPid") for path in Path("/proc").glob("[0-9]*")
    }


def family(pid: int, known: set[int]) -> set[int]:
    """A process with all that it, or one of those known before, has started and that are still there."""
    parent_of = parents()
    alive = ({pid} | known) & parent_of.keys()
    while more := {child for child, parent in parent_of.items() if parent in alive} - alive:
        alive |= more
    return alive


def measure(command: Sequence[str]) -> tuple[int, float, float, float]:
    """Exit code, seconds, gigabytes of the largest process, and of all together."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT)  # noqa: S603 - ours, or its caller's own
    known: set[int] = set()
    largest = together = 0
    while process.poll() is None:
        known = family(process.pid, known)
        largest = max(largest, *(kilobytes(pid, "status", "VmHWM") for pid in known), 0)
        together = max(together, sum(kilobytes(pid, "smaps_rollup", "Pss") for pid in known))
        time.sleep(PAUSE)
    return process.returncode, time.perf_counter() - start, largest / 1e6, together / 1e6


def tell(name: str, command: Sequence[str], goal: float | None) -> int:
    """Run and print; the exit code."""
    code, seconds, largest, together = measure(command)
    within = f" {met(seconds <= goal)}" if goal else ""
    print(
        f"{name}: {seconds:.0f} s{within}, largest process {largest:.2f} GB {met(largest <= GOAL_GIGABYTES)}, "
        f"all together {together:.2f} GB, exit code {code}"
    )
    return code


def main() -> int:
    """Measure the two suites, or one pytest."""
    if sys.argv[1:]:
        return tell("pytest", [sys.executable, "-m", "pytest", *sys.argv[1:]], None)
    return max([tell(name, ["make", name], goal) for name, goal in SUITES.items()])


if __name__ == "__main__":
    sys.exit(main())
