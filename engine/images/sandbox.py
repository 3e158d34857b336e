"""A stranger's image file, decoded in a child process that may die instead of us.

The child has no environment, no file, no network and no other process (`engine.images.confinement`), and limits on its
memory and its processor time. Only these two judge a picture. What has other reasons (a child or its parent that was
killed, a machine that is too busy or has no memory) is tried once more and then is BUSY, which says nothing about the
picture. Rule: whatever becomes of the child, a thread of ours waits for it no longer than the limit on the wall clock,
which counts from before the child is started; and what it sends is checked, and read as numbers.
"""

import asyncio
import atexit
import json
import mmap
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from threading import Lock
from typing import Annotated, Any, Self

import numpy as np
import structlog
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from engine import images
from engine.images.confinement import DEFAULT, Limits, Measure
from engine.images.decoder_child import HEAD
from engine.images.types import Animation, Picture
from engine.protocol import BUSY_SECONDS, MAX_PIXELS, ErrorCode, Provenance, Refusal

_PARALLEL = 2  # children at once; more uploads wait, so that a crowd of them cannot fill the memory
_TRIES = 2
_START_SECONDS = 10.0  # for a child that says that it is there
_LONGEST_START_SECONDS = 60.0  # of that parent, on a machine that is busy
_END_SECONDS = 5.0  # for news of a child's end
_FROM_OUTSIDE = tuple(-number for number in (signal.SIGHUP, signal.SIGINT, signal.SIGKILL, signal.SIGTERM))
_MAX_HEAD = 2**20  # bytes
_MAX_ARRAYS = 4 * MAX_PIXELS  # bytes of all together: the largest picture, with its alpha

_log = structlog.get_logger(__name__)
_threads = ThreadPoolExecutor(_PARALLEL, thread_name_prefix="decoder")

_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); " + (
    "from engine.images import fork_server; from socket import socket; "
    "fork_server.main(socket(fileno=int(sys.argv[2])))"
)


@dataclass(frozen=True)
class Order:
    """What a child is asked to do: one of `decoder_child.WORKS`, with its options. `which` is for the `Refusal`."""

    work: str
    which: str
    data: bytes
    options: dict[str, int | str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Usage:
    """How a child has ended, and what it has used."""

    exit: int  # negative: the signal
    cpu_seconds: float
    peak_bytes: int


_Number = Annotated[int, Field(ge=0, lt=2**53)]


class _Head(BaseModel):
    """What a child has found, as far as it is believed: a few numbers, and the shapes of the arrays to come."""

    model_config = ConfigDict(extra="forbid", strict=True)

    code: str | None = None
    numbers: dict[str, _Number] = {}
    unforeseen: str = ""
    shapes: list[list[_Number]] = []
    alpha: list[bool] = []
    milliseconds: list[_Number] = []
    total: _Number = 0
    text: str | None = None
    escapes: list[str] = []


@dataclass(frozen=True)
class Answer:
    """What a child has found, with its arrays, what its confinement lacks, and what it has used."""

    head: _Head
    arrays: tuple[NDArray[np.uint8], ...]
    missing: frozenset[Measure]
    usage: Usage | None  # None if nobody was left to tell


class _LostError(Exception):
    """A child is gone, or was never there, for no reason of the picture's."""


class _LateError(Exception):
    """The wall clock's limit is over."""


# --- what is asked for ----------------------------------------------------------------------------------------


async def decode(
    data: bytes, which: str, *, long_side: int | None = None, limits: Limits = DEFAULT
) -> Picture:
    """Decode as `engine.images.decode` does, but out of harm's way. Raises Refusal."""
    answer = await ask(Order("picture", which, data, {"which": which, "long_side": long_side}), limits)
    return _pictures(answer, which, [len(answer.arrays) > 1])[0]


async def decode_content(
    data: bytes, which: str, *, most: int, long_side: int, frame_side: int, limits: Limits = DEFAULT
) -> Animation:
    """Decode as `engine.images.decode_content` does, but out of harm's way. Raises Refusal."""
    options: dict[str, int | str | None] = {
        "which": which,
        "most": most,
        "long_side": long_side,
        "frame_side": frame_side,
    }
    answer = await ask(Order("content", which, data, options), limits)
    frames = _pictures(answer, which, answer.head.alpha)
    times = tuple(answer.head.milliseconds)
    sizes = {frame.rgb.shape for frame in frames}
    if len(times) != len(frames) or len(sizes) != 1 or len(frames) > most:
        raise Refusal(ErrorCode.BROKEN_IMAGE, image=which)
    return Animation(frames, times, answer.head.total)


async def decode_mask(
    data: bytes, which: str, *, long_side: int, limits: Limits = DEFAULT
) -> NDArray[np.uint8]:
    """Decode as `engine.images.decode_mask` does, but out of harm's way. Raises Refusal."""
    answer = await ask(Order("mask", which, data, {"which": which, "long_side": long_side}), limits)
    if [array.ndim for array in answer.arrays] != [2]:
        raise Refusal(ErrorCode.BROKEN_IMAGE, image=which)
    return answer.arrays[0]


async def read_provenance(data: bytes, *, limits: Limits = DEFAULT) -> Provenance:
    """Read as `engine.images.read_provenance` does, but out of harm's way. Raises Refusal likewise, or BUSY."""
    try:
        answer = await ask(Order("text", "content", data), limits)
    except Refusal as refusal:  # a file that kills its reader tells nothing
        if refusal.code is ErrorCode.BUSY:
            raise
        raise Refusal(ErrorCode.NO_RECIPE) from refusal
    return images.parse_provenance(answer.head.text)


async def probe(limits: Limits = DEFAULT) -> Answer:
    """Have a child try to get out: what its confinement lacks, and in `head.escapes` what it got at. Raises Refusal."""
    return await ask(Order("probe", "content", b""), limits)


async def ask(order: Order, limits: Limits = DEFAULT) -> Answer:
    """What a child makes of an order; to cancel this kills the child. Raises Refusal."""
    call = _Call(order, limits)
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, call.run)
    except asyncio.CancelledError:
        call.cancel()
        raise


def _pictures(answer: Answer, which: str, has_alpha: Sequence[bool]) -> tuple[Picture, ...]:
    """The arrays as pictures. Raises Refusal if they cannot be any."""
    arrays, pictures = iter(answer.arrays), []
    for opaque in has_alpha:
        rgb, alpha = next(arrays, None), next(arrays, None) if opaque else None
        if rgb is None or rgb.ndim != 3 or rgb.shape[2] != 3 or 0 in rgb.shape:
            raise Refusal(ErrorCode.BROKEN_IMAGE, image=which)
        if opaque and (alpha is None or alpha.shape != rgb.shape[:2]):
            raise Refusal(ErrorCode.BROKEN_IMAGE, image=which)
        pictures.append(Picture(rgb, alpha))
    if not pictures or next(arrays, None) is not None:
        raise Refusal(ErrorCode.BROKEN_IMAGE, image=which)
    return tuple(pictures)


# --- one child ------------------------------------------------------------------------------------------------


class _Call:
    """One order, from before a child is started to after its last byte."""

    def __init__(self, order: Order, limits: Limits) -> None:
        self._order, self._limits = order, limits
        self._lock = Lock()
        self._open: socket.socket | None = None
        self._cancelled = False

    def run(self) -> Answer:
        """Ask a child, and a second one if the first is lost. Raises Refusal."""
        deadline = time.monotonic() + self._limits.wall_seconds
        for left in reversed(range(_TRIES)):
            try:
                return self._try(deadline)
            except _LostError as lost:
                _log.warning("image decoder lost", image=self._order.which, reason=str(lost), tries_left=left)
            except _LateError:
                _log.warning("image decoder late", image=self._order.which, limit=self._limits.wall_seconds)
                break
            if self._cancelled:
                break
        raise Refusal(ErrorCode.BUSY, seconds=BUSY_SECONDS)

    def cancel(self) -> None:
        """End it from another thread: it waits for nothing more, and the child is killed."""
        with self._lock:
            self._cancelled = True
            if self._open is not None:
                self._open.shutdown(socket.SHUT_RDWR)

    def _try(self, deadline: float) -> Answer:
        child = _server.fork(deadline)
        with child:
            self._hold(child.talk)
            try:
                return self._converse(_Line(child.talk, deadline), child)
            except TimeoutError as error:
                child.kill()
                raise _LateError from error
            except (OSError, EOFError) as error:
                raise self._verdict(child) from error
            finally:
                self._hold(None)

    def _hold(self, talk: socket.socket | None) -> None:
        with self._lock:
            self._open = talk
            if self._cancelled and talk is not None:
                talk.shutdown(socket.SHUT_RDWR)

    def _converse(self, line: "_Line", child: "_Child") -> Answer:
        which = self._order.which
        missing = self._greet(line, child)
        options = {"work": self._order.work, "bytes": len(self._order.data), **self._order.options}
        line.send_head(options)
        line.send(self._order.data)
        try:
            head = _Head.model_validate_json(line.receive_head())
            arrays = tuple(_empty(shape) for shape in _checked(head.shapes))
        except ValueError as error:
            _log.warning("image decoder says nonsense", image=which, kind=type(error).__name__)
            raise Refusal(ErrorCode.BROKEN_IMAGE, image=which) from error
        if head.code is not None:
            raise self._refusal(head.code, head)
        for array in arrays:
            line.receive_into(array.data.cast("B"))
        return Answer(head, arrays, missing, child.end())

    def _greet(self, line: "_Line", child: "_Child") -> frozenset[Measure]:
        """Set the limits, and hear what the child's confinement lacks."""
        line.send_head({"memory_bytes": self._limits.memory_bytes, "cpu_seconds": self._limits.cpu_seconds})
        starting = _Line(line.socket, min(line.deadline, time.monotonic() + _START_SECONDS))
        try:
            return frozenset(Measure(name) for name in json.loads(starting.receive_head())["missing"])
        except TimeoutError as error:
            child.kill()  # and if its parent does not answer either, that is replaced
            if time.monotonic() >= line.deadline:
                raise _LateError from error
            raise _LostError("it did not start") from error
        except (OSError, EOFError) as error:  # it has not seen the picture yet
            if child.end() is None:
                _server.drop(child.parent)
            raise _LostError("it ended at once") from error

    def _refusal(self, said: str, head: _Head) -> Exception:
        """What to raise for a child that has no picture."""
        if head.unforeseen:
            _log.error("image decoder failed", image=self._order.which, what=head.unforeseen[:200])
        try:
            code = ErrorCode(said)
            if code is ErrorCode.BUSY:
                return _LostError("it got no thread")
            if code is ErrorCode.HUGE_IMAGE and not machine_has(self._limits.memory_bytes // 2):
                return Refusal(ErrorCode.BUSY, seconds=BUSY_SECONDS)
            return Refusal(code, image=self._order.which, **head.numbers)
        except (TypeError, ValueError):
            return Refusal(ErrorCode.BROKEN_IMAGE, image=self._order.which)

    def _verdict(self, child: "_Child") -> Exception:
        """What to raise for a child that speaks no more."""
        which = self._order.which
        if self._cancelled:
            child.kill()
            return _LostError("cancelled")
        try:
            usage = child.usage()
        except TimeoutError:
            child.kill()
            return _LostError("nobody tells of its end")
        if usage is None:
            _server.drop(child.parent)
            return _LostError("its parent is gone")
        _log.warning("image decoder died", image=which, **vars(usage))
        if usage.exit == -signal.SIGXCPU or usage.cpu_seconds >= self._limits.cpu_seconds:
            return Refusal(ErrorCode.SLOW_IMAGE, image=which, seconds=self._limits.cpu_seconds)
        if usage.exit in _FROM_OUTSIDE:
            return _LostError("it was killed")
        return Refusal(ErrorCode.BROKEN_IMAGE, image=which)


def machine_has(count: int) -> bool:
    """Whether the system still gives so many bytes, to one who has met no limit of their own."""
    with suppress(OSError, ValueError):
        mmap.mmap(-1, count).close()
        return True
    return False


def _checked(shapes: list[list[int]]) -> list[list[int]]:
    """Shapes that can be those of pictures. Raises ValueError, before there is memory for them."""
    if (
        any(len(shape) not in (2, 3) or 0 in shape for shape in shapes)
        or sum(map(prod, shapes)) > _MAX_ARRAYS
    ):
        raise ValueError("these are no pictures")
    return shapes


def _empty(shape: list[int]) -> NDArray[np.uint8]:
    return np.empty(shape, np.uint8)


class _Line:
    """The socket to a child, until a moment of the monotonic clock. All raises OSError, of which TimeoutError."""

    def __init__(self, talk: socket.socket, deadline: float) -> None:
        self.socket, self.deadline = talk, deadline

    def send_head(self, head: dict[str, Any]) -> None:
        text = json.dumps(head).encode()
        self.send(HEAD.pack(len(text)) + text)

    def send(self, data: bytes) -> None:
        self._arm()
        self.socket.sendall(data)  # its limit is that of the whole

    def receive_head(self) -> bytes:
        size = bytearray(HEAD.size)
        self.receive_into(memoryview(size))
        (length,) = HEAD.unpack(size)
        if length > _MAX_HEAD:
            raise ValueError("this is no head")
        text = bytearray(length)
        self.receive_into(memoryview(text))
        return bytes(text)

    def receive_into(self, view: memoryview) -> None:
        """Fill it. Raises EOFError."""
        while view:
            self._arm()
            count = self.socket.recv_into(view)
            if not count:
                raise EOFError
            view = view[count:]

    def _arm(self) -> None:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.socket.settimeout(left)


# --- the children's parent ------------------------------------------------------------------------------------


class _Child:
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
        self._ending.settimeout(_END_SECONDS)
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
            _server.drop(self.parent)


class _Server:
    """The one fork server of this process, started when it is needed and again when it is gone."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._parent: tuple[subprocess.Popen[bytes], socket.socket] | None = None
        self._is_ready = False
        self._started = 0.0

    def fork(self, deadline: float) -> _Child:
        """A child that waits for its limits. Raises _LostError and _LateError."""
        if not self._lock.acquire(timeout=max(deadline - time.monotonic(), 0)):
            raise _LateError
        try:
            try:
                return _fork(*self._running(deadline))
            except ConnectionError:  # it has ended, and nobody knew
                self._end()
                return _fork(*self._running(deadline))
        except (OSError, EOFError) as error:
            self._end()
            raise _LostError(f"its parent does not answer: {error}") from error
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
        """Until it has imported everything. Raises _LateError, and the next to ask waits on."""
        control.settimeout(max(deadline - time.monotonic(), 0.001))
        try:
            self._is_ready = bool(control.recv(1))
        except TimeoutError as error:
            if time.monotonic() > self._started + _LONGEST_START_SECONDS:
                self._end()
            raise _LateError from error
        if not self._is_ready:
            raise EOFError("it did not start")

    def _end(self) -> None:
        if self._parent is not None:
            process, control = self._parent
            self._parent = None
            control.close()
            process.kill()
            process.wait()


def _fork(process: "subprocess.Popen[bytes]", control: socket.socket) -> _Child:
    talk, theirs_talk = socket.socketpair()
    ending, theirs_ending = socket.socketpair()
    child = _Child(talk, ending, process)
    with theirs_talk, theirs_ending:
        try:
            control.settimeout(_START_SECONDS)
            socket.send_fds(control, [b"f"], [theirs_talk.fileno(), theirs_ending.fileno()])
        except OSError:
            child.__exit__()
            raise
    return child


_server = _Server()
atexit.register(_server.close)
