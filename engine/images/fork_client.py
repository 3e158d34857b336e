"""The decoders' parent as this process knows it: one fork server, started when it is needed, and its children.

Rule: whoever waits here waits no longer than they say, and a parent that does not answer is replaced. A child has seen
nobody's bytes before, so one may be there beforehand.
"""

import atexit
import json
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Self

START_SECONDS = 10.0  # for a child that says that it is there
END_SECONDS = 5.0  # for news of a child's end
_LONGEST_START_SECONDS = 60.0  # of the parent, on a machine that is busy

_START = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from engine.protocol import staying
with staying():
    from engine.images import fork_server
from socket import socket
fork_server.main(socket(fileno=int(sys.argv[2])))
"""


@dataclass(frozen=True)
class Usage:
    """How a child has ended, and what it has used."""

    exit: int  # negative: the signal
    cpu_seconds: float
    peak_bytes: int


class LostError(Exception):
    """A child is gone, or was never there, for no reason of the picture's."""


class LateError(Exception):
    """The wall clock's limit is over."""


class Child:
    """Our ends of the two sockets of a child: to speak with it, and to hear of its end."""

    def __init__(self, talk: socket.socket, ending: socket.socket, parent: "subprocess.Popen[bytes]") -> None:
        self.talk, self.parent = talk, parent
        self._ending = ending

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.talk.close()
        self._ending.close()  # which kills it, if it is not dead

    def usage(self) -> Usage | None:
        """How it has ended, waited for a short while; None if nobody is left to tell. Raises TimeoutError."""
        self._ending.settimeout(END_SECONDS)
        try:
            text = self._ending.recv(4096)
        except TimeoutError:
            raise
        except OSError:
            return None
        return Usage(**json.loads(text)) if text else None

    def end(self) -> Usage | None:
        """The same of a child that has no reason to go on: after the short while it is killed."""
        try:
            return self.usage()
        except TimeoutError:
            self.kill()
            return None

    def kill(self) -> None:
        """Kill it, and wait until it is dead; a parent that does not do that is replaced."""
        self._ending.shutdown(socket.SHUT_WR)
        try:
            self.usage()
        except TimeoutError:
            SERVER.drop(self.parent)


class Server:
    """The one fork server of this process, started when it is needed and again when it is gone; with a child to spare."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._spare: Child | None = None
        self._parent: tuple[subprocess.Popen[bytes], socket.socket] | None = None
        self._is_ready = False
        self._started = 0.0

    def fork(self, deadline: float) -> Child:
        """A child that waits for its limits. Raises LostError and LateError."""
        if not self._lock.acquire(timeout=max(deadline - time.monotonic(), 0)):
            raise LateError
        try:
            try:
                parent = self._running(deadline)
                if (child := self._spare) is not None:
                    self._spare = None
                    return child
                return _fork(*parent)
            except ConnectionError:  # it has ended, and nobody knew
                self._end()
                return _fork(*self._running(deadline))
        except (OSError, EOFError) as error:
            self._end()
            raise LostError(f"its parent does not answer: {error}") from error
        finally:
            self._lock.release()

    def prepare(self) -> None:
        """Have a child begun that the next to ask need not wait for, if nobody is at it."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            if self._spare is None and self._parent is not None and self._is_ready:
                self._spare = _fork(*self._parent)
        except OSError:
            self._end()
        finally:
            self._lock.release()

    def drop(self, process: "subprocess.Popen[bytes]") -> None:
        """End it, with its children, if it is still the one in use: the next child has another parent."""
        with self._lock:
            if self._parent is not None and process is self._parent[0]:
                self._end()

    def close(self) -> None:
        """End whichever there is."""
        with self._lock:
            self._end()

    def _running(self, deadline: float) -> tuple["subprocess.Popen[bytes]", socket.socket]:
        if self._parent is None or self._parent[0].poll() is not None:
            self._end()
            self._parent = self._start()
        if not self._is_ready:
            self._wait(self._parent[1], deadline)
        return self._parent

    def _start(self) -> tuple["subprocess.Popen[bytes]", socket.socket]:
        ours, theirs = socket.socketpair()
        paths = [str(Path(path).absolute()) for path in sys.path]
        self._started, self._is_ready = time.monotonic(), False
        with theirs:
            process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-I", "-c", _START, json.dumps(paths), str(theirs.fileno())],
                env={},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        return process, ours

    def _wait(self, control: socket.socket, deadline: float) -> None:
        """Until it has imported everything. Raises LateError, and the next to ask waits on."""
        control.settimeout(max(deadline - time.monotonic(), 0.001))
        try:
            self._is_ready = bool(control.recv(1))
        except TimeoutError as error:
            if time.monotonic() > self._started + _LONGEST_START_SECONDS:
                self._end()
            raise LateError from error
        if not self._is_ready:
            raise EOFError("it did not start")

    def _end(self) -> None:
        if self._spare is not None:
            self._spare.__exit__()
            self._spare = None
        if self._parent is not None:
            process, control = self._parent
            self._parent = None
            control.close()
            process.kill()
            process.wait()


def _fork(process: "subprocess.Popen[bytes]", control: socket.socket) -> Child:
    talk, theirs_talk = socket.socketpair()
    ending, theirs_ending = socket.socketpair()
    child = Child(talk, ending, process)
    with theirs_talk, theirs_ending:
        try:
            control.settimeout(START_SECONDS)
            socket.send_fds(control, [b"f"], [theirs_talk.fileno(), theirs_ending.fileno()])
        except OSError:
            child.__exit__()
            raise
    return child


SERVER = Server()
atexit.register(SERVER.close)
