"""What a worker died of: whether its work may be to blame.

Rule: only what its own process did is evidence. One that somebody has stopped or killed from outside says nothing of
the picture that it was painting; one that the kernel has killed for want of memory does, and looks the same.
"""

import signal
from asyncio.subprocess import Process
from pathlib import Path

from engine.planning.memory import kills_for_memory

# What people, scripts and service managers send. A process that fails by itself has another end.
_SENT_BY_OTHERS = frozenset({signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT})
_STOPPED = ("T", "t")  # by a signal, by a debugger


class Witness:
    """Looks at the machine when work begins, so that an end can be told of later."""

    def __init__(self) -> None:
        self._kills = kills_for_memory()

    def blames_work(self, status: int) -> bool:
        """Whether a process that has ended so, and that we did not end, may have died of its work."""
        if -status not in _SENT_BY_OTHERS:
            return True
        return self._kills is not None and self._kills != kills_for_memory()


def is_stopped(process: Process) -> bool:
    """Whether a process is silent because somebody has stopped it; False where nothing says."""
    try:
        status = Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] in _STOPPED
