"""What a process gives up for good before it reads a stranger's bytes: files, network, other processes, most of
the memory and the processor's time.

Rule: everything that this system has is taken, and what it has not is told by name. The kernel's system-call
filter (seccomp, by libseccomp) denies all that is not on one short list: to work on memory that is there, to read
and write what is open, to start a thread, and to end. Where there is no such filter, the limits on open files and processes still
deny both. Nothing here needs rights that the engine does not have.
"""

import ctypes
import errno
import mmap
import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from types import ModuleType


class Measure(StrEnum):
    """Each part of a confinement, by the name that an operator can look up."""

    FILTER = "seccomp"
    NO_NEW_PRIVILEGES = "no_new_privs"
    NOT_DUMPABLE = "not dumpable"
    DIES_WITH_PARENT = "parent-death signal"
    MEMORY = "RLIMIT_DATA"
    LIMITS = "RLIMIT_CPU, NOFILE, FSIZE"
    OTHER_USER = "another user"  # of a process that is root only


@dataclass(frozen=True)
class Limits:
    """What one image may use: bytes of memory, with what the process starts with, and seconds.

    cpu_seconds: the largest that are allowed take 3 on a usual machine (`bench.decoder`), and there are slower ones.
    wall_seconds: of everything, from before the process is started to its last byte; kept by whoever waits for it.
    """

    memory_bytes: int = 700 * 10**6
    cpu_seconds: int = 8
    wall_seconds: float = 30.0


DEFAULT = Limits()

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38  # linux/prctl.h
_PROT_EXEC = 4
_MAP_GROWSDOWN = 0x100  # as all below, the same on each of Linux's processors that we run on
_CLONE_THREAD = 0x10000  # linux/sched.h
_NOBODY = 65534
_NONE = (
    resource.RLIMIT_CORE,
    resource.RLIMIT_FSIZE,
    resource.RLIMIT_NOFILE,  # what is open stays open
)
_ALLOWED = (
    "brk",
    "clock_gettime",
    "close",
    "exit",
    "exit_group",
    "futex",
    "getpid",
    "getrandom",
    "getrusage",
    "gettid",
    "gettimeofday",
    "madvise",
    "mremap",
    "munmap",
    "read",
    "restart_syscall",
    "rseq",
    "rt_sigprocmask",
    "rt_sigreturn",
    "sched_yield",
    "set_robust_list",
    "write",
)
_RESERVED_BYTES = 4 * 2**30  # that may be mapped and never written to: what is read of it takes page tables


def confine(limits: Limits) -> frozenset[Measure]:
    """Confine this process, which has one thread, and tell which measures this system does not have."""
    return frozenset(_refused(limits))


def die_with_parent() -> bool:
    """Have this process killed when the one that forked it ends; False where the system cannot."""
    return _control_process(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _refused(limits: Limits) -> Iterator[Measure]:
    if os.geteuid() == 0 and not _become_nobody():
        yield Measure.OTHER_USER
    if not _control_process(_PR_SET_DUMPABLE, 0):
        yield Measure.NOT_DUMPABLE
    if not die_with_parent():  # once more: a change of the user undoes it
        yield Measure.DIES_WITH_PARENT
    if not _limit_memory(limits):
        yield Measure.MEMORY
    if not _limit(limits):
        yield Measure.LIMITS
    if not _control_process(_PR_SET_NO_NEW_PRIVS, 1):
        yield Measure.NO_NEW_PRIVILEGES
    if not _filter():
        yield Measure.FILTER
        # The filter lets threads be made, and no processes; the limit cannot tell one from the other.
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def _become_nobody() -> bool:
    try:
        os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    except OSError:
        return False
    return True


def _control_process(option: int, value: int) -> bool:
    return sys.platform == "linux" and not _libc.prctl(option, value, 0, 0, 0)


def _limit(limits: Limits) -> bool:
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
        for kind in _NONE:
            resource.setrlimit(kind, (0, 0))
    except (OSError, ValueError):
        return False
    return True


def _limit_memory(limits: Limits) -> bool:
    if sys.platform != "linux":  # others have the limit, and do not keep it
        return False
    # Not RLIMIT_AS: it counts what is only reserved as well, of which libraries take as much as they like. Of what
    # this limit counts, too, most was never written to when the process starts, and is no memory yet.
    size, resident, _, _, _, data, _ = (int(pages) for pages in Path("/proc/self/statm").read_text().split())
    most = max(limits.memory_bytes + (data - resident) * mmap.PAGESIZE, 0)
    for kind, count in (
        (resource.RLIMIT_DATA, most),
        (resource.RLIMIT_AS, size * mmap.PAGESIZE + _RESERVED_BYTES),
    ):
        _, hard = resource.getrlimit(kind)
        count = count if hard == resource.RLIM_INFINITY else min(count, hard)
        resource.setrlimit(kind, (count, count))
    return True


# --- the filter -----------------------------------------------------------------------------------------------


def _library() -> ModuleType | None:
    with suppress(ImportError, OSError, RuntimeError):  # not installed, or no libseccomp to be found
        return import_module("pyseccomp")
    return None


_libc = ctypes.CDLL(None)
_seccomp = _library()  # found now: it looks into files


def _filter() -> bool:
    if _seccomp is None:
        return False
    try:
        rules = _seccomp.SyscallFilter(_seccomp.ERRNO(errno.EPERM))
        for name in _ALLOWED:
            rules.add_rule(_seccomp.ALLOW, name)
        no_code = _seccomp.Arg(2, _seccomp.MASKED_EQ, _PROT_EXEC, 0)
        rules.add_rule(_seccomp.ALLOW, "mprotect", no_code)
        # RLIMIT_DATA counts neither what is shared nor what grows downwards.
        counted = _seccomp.Arg(3, _seccomp.MASKED_EQ, mmap.MAP_SHARED | _MAP_GROWSDOWN, 0)
        rules.add_rule(_seccomp.ALLOW, "mmap", no_code, counted)
        # libde265 reads no HEIC without a thread of its own. Of `clone3` the filter cannot see what it is to make:
        # where there is none, the C library takes `clone`.
        thread = _seccomp.Arg(0, _seccomp.MASKED_EQ, _CLONE_THREAD, _CLONE_THREAD)
        rules.add_rule(_seccomp.ALLOW, "clone", thread)
        rules.add_rule(_seccomp.ERRNO(errno.ENOSYS), "clone3")
        rules.load()
    except OSError:
        return False
    return True
