"""What may end a process is tried out in another: a driver, a library or a compiler that meets what it cannot do aborts.

Rule: a child that tries something out hardly outlives whoever asked, and never takes longer than it is given. It answers by
how it ends; what it prints before is why. Free of TensorFlow.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

SECONDS = 300.0  # a card that is new to TensorFlow has its kernels compiled first
_TAIL_BYTES = 100_000
# How a kill from outside and TensorFlow's, CUDA's and this module's words for it begin.
_OF_THE_MOMENT = re.compile(
    r"^(SIGKILL|SIGTERM|was not done)|RESOURCE_?EXHAUSTED|out of memory|OUT_OF_MEMORY", re.IGNORECASE
)


@dataclass(frozen=True)
class Outcome:
    """How it went. why: it did not, in a few words; None if it did. said: the end of what the child printed."""

    why: str | None
    said: str = ""

    @property
    def is_of_the_moment(self) -> bool:
        """Whether it failed for want of time or memory, of which there may be more another time."""
        return self.why is not None and _OF_THE_MOMENT.search(f"{self.why}\n{self.said}") is not None


def try_out(module: str, arguments: Sequence[str] = (), seconds: float = SECONDS) -> Outcome:
    """Run a module in a child process with this one's environment, and tell how that went."""
    with tempfile.TemporaryFile() as printed:
        child = subprocess.Popen(  # noqa: S603 - a module of ours
            [sys.executable, "-m", module, *arguments], stdin=subprocess.PIPE, stdout=printed, stderr=printed
        )
        with child:
            try:
                status = child.wait(seconds)
            except subprocess.TimeoutExpired:
                status = None
            finally:
                child.kill()
        said = _tail(printed)
    if status is None:
        return Outcome(f"was not done after {seconds:.0f} s", said)
    return Outcome(None if status == 0 else _death(status, said), said)


def end_with_parent() -> None:
    """For the child: end when whoever asked has ended, whatever this process is doing."""
    threading.Thread(target=_wait_for_end, args=(sys.stdin.fileno(),), name="parent", daemon=True).start()


def _wait_for_end(stream: int) -> None:
    while os.read(stream, 1):
        pass
    os._exit(1)


def _tail(printed: IO[bytes]) -> str:
    printed.seek(max(printed.seek(0, os.SEEK_END) - _TAIL_BYTES, 0))
    return printed.read().decode(errors="replace").strip()


def _death(status: int, said: str) -> str:
    """In a few words: by which signal, and the last line that it printed."""
    how = signal.Signals(-status).name if -status in set(signal.Signals) else f"status {status}"
    last = said.rpartition("\n")[2].strip()
    return f"{how}: {last[-300:]}" if last else how
