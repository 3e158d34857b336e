"""The process that the decoders are forked from: it has everything imported, nothing in its environment and no
stranger's byte in its hands.

Its own process, and not `multiprocessing`'s fork server, because that one inherits the environment, and waits
for ever for a child that does not answer. Here nobody waits: the engine sends two sockets for each child, one to
speak with it and one to hear of its end, and a child whose second socket is closed by the engine is killed. With the
engine ends this process, and with this process its children.
"""

import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress

# Before numpy is loaded: threads would not survive a fork, and their stacks would count as a picture's memory.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

from engine.images import decoder_child

_FILES = 256  # that this process may have open: itself, and two for each child


class ForkServer:
    """Children by their process id, each with the socket on which its end is told."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._endings: dict[int, socket.socket] = {}
        self._woken, self._waker = socket.socketpair()  # at the end of a child
        self._woken.setblocking(False)
        self._waker.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)

    def run(self) -> None:
        """Fork what is asked for until the engine is gone."""
        while True:
            sockets = [self._control, self._woken, *self._endings.values()]
            readable, _, _ = select.select(sockets, [], [])
            if self._woken in readable:
                self._woken.recv(4096)
            self._reap()
            self._kill([pid for pid, ending in self._endings.items() if ending in readable])
            if self._control in readable and not self._fork():
                return

    def _fork(self) -> bool:
        """Start one child; False if the engine is gone."""
        message, files, _, _ = socket.recv_fds(self._control, 1, 2)
        if not message or len(files) != 2:
            return False
        talk, ending = files
        try:
            pid = os.fork()
        except (
            OSError
        ):  # no memory, or too many processes: of no child's making, as if it had been killed at once
            os.close(talk)
            _tell(socket.socket(fileno=ending), -signal.SIGKILL, 0.0, 0)
            return True
        if pid == 0:
            decoder_child.run(talk)  # does not return
        os.close(talk)
        self._endings[pid] = socket.socket(fileno=ending)
        return True

    def _reap(self) -> None:
        for pid in tuple(self._endings):
            ended, status, used = os.wait4(pid, os.WNOHANG)
            if not ended:
                continue
            peak_bytes = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
            seconds = used.ru_utime + used.ru_stime
            _tell(self._endings.pop(pid), os.waitstatus_to_exitcode(status), seconds, peak_bytes)

    def _kill(self, pids: list[int]) -> None:
        """Kill the children, not reaped yet, of which the engine has closed the socket: nothing else is sent on it."""
        for pid in pids:
            if pid in self._endings:
                os.kill(pid, signal.SIGKILL)
                os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        self._reap()


def _tell(ending: socket.socket, status: int, cpu_seconds: float, peak_bytes: int) -> None:
    """Say how a child has ended, and close the socket that was for that."""
    facts = {"exit": status, "cpu_seconds": cpu_seconds, "peak_bytes": peak_bytes}
    with ending, suppress(OSError):  # nobody may be waiting any more
        ending.sendall(json.dumps(facts).encode())


def main(control: socket.socket) -> None:
    """Serve the engine at the other end of `control`."""
    import resource

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the engine's to deal with
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.environ.clear()
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, _FILES))
    server = ForkServer(control)
    control.sendall(b"r")  # ready
    server.run()
