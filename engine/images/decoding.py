"""One image, decoded by one child: what it is asked, what it may answer, and what it means if it does not.

Rule: only the limits and the child itself judge a picture. What has other reasons (a child or its parent that was killed,
a machine that is too busy or has no memory) is tried once more and then is BUSY, which says nothing about the picture.
What a child sends is checked, and read as numbers.
"""

import asyncio
import json
import mmap
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from math import prod
from threading import Lock
from typing import Annotated, Any

import numpy as np
import structlog
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from engine.images import fork_client
from engine.images.confinement import DEFAULT, Limits, Measure
from engine.images.decoder_child import HEAD
from engine.images.fork_client import SERVER, Child, LateError, LostError, Usage
from engine.protocol import BUSY_SECONDS, MAX_PIXELS, ErrorCode, Refusal

_PARALLEL = 2  # children at once; more uploads wait, so that a crowd of them cannot fill the memory
_TRIES = 2
_FROM_OUTSIDE = tuple(-number for number in (signal.SIGHUP, signal.SIGINT, signal.SIGKILL, signal.SIGTERM))
_MAX_HEAD = 2**20  # bytes
_MAX_ARRAYS = 4 * MAX_PIXELS  # bytes of all together: the largest picture, with its alpha

_log = structlog.get_logger(__name__)
_threads = ThreadPoolExecutor(_PARALLEL, thread_name_prefix="decoder")


@dataclass(frozen=True)
class Order:
    """What a child is asked to do: one of `decoder_child.WORKS`, with its options. `which` is for the `Refusal`."""

    work: str
    which: str
    data: bytes
    options: dict[str, int | str | None] = field(default_factory=dict)


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
    """What a child has found, with its arrays, what its confinement lacks, and if that was asked for what it has used."""

    head: _Head
    arrays: tuple[NDArray[np.uint8], ...]
    missing: frozenset[Measure]
    usage: Usage | None  # None if nobody was left to tell, too


async def ask(order: Order, limits: Limits = DEFAULT, *, measured: bool = False) -> Answer:
    """What a child makes of an order; to cancel this kills the child. Raises Refusal.

    measured: wait for its end, and for what it has used.
    """
    call = _Call(order, limits, measured=measured)
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, call.run)
    except asyncio.CancelledError:
        call.cancel()
        raise


class _Call:
    """One order, from before a child is started to after its last byte."""

    def __init__(self, order: Order, limits: Limits, *, measured: bool) -> None:
        self._order, self._limits, self._measured = order, limits, measured
        self._lock = Lock()
        self._open: socket.socket | None = None
        self._cancelled = False

    def run(self) -> Answer:
        """Ask a child, and a second one if the first is lost. Raises Refusal."""
        deadline = time.monotonic() + self._limits.wall_seconds
        for left in reversed(range(_TRIES)):
            try:
                return self._try(deadline)
            except LostError as lost:
                _log.warning("image decoder lost", image=self._order.which, reason=str(lost), tries_left=left)
            except LateError:
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
        child = SERVER.fork(deadline)
        with child:
            self._hold(child.talk)
            try:
                return self._converse(_Line(child.talk, deadline), child)
            except TimeoutError as error:
                child.kill()
                raise LateError from error
            except (OSError, EOFError) as error:
                raise self._verdict(child) from error
            finally:
                self._hold(None)
                SERVER.prepare()

    def _hold(self, talk: socket.socket | None) -> None:
        with self._lock:
            self._open = talk
            if self._cancelled and talk is not None:
                talk.shutdown(socket.SHUT_RDWR)

    def _converse(self, line: "_Line", child: Child) -> Answer:
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
        return Answer(head, arrays, missing, child.end() if self._measured else None)

    def _greet(self, line: "_Line", child: Child) -> frozenset[Measure]:
        """Set the limits, and hear what the child's confinement lacks."""
        line.send_head({"memory_bytes": self._limits.memory_bytes, "cpu_seconds": self._limits.cpu_seconds})
        starting = _Line(line.socket, min(line.deadline, time.monotonic() + fork_client.START_SECONDS))
        try:
            return frozenset(Measure(name) for name in json.loads(starting.receive_head())["missing"])
        except TimeoutError as error:
            child.kill()  # and if its parent does not answer either, that is replaced
            if time.monotonic() >= line.deadline:
                raise LateError from error
            raise LostError("it did not start") from error
        except (OSError, EOFError) as error:  # it has not seen the picture yet
            if child.end() is None:
                SERVER.drop(child.parent)
            raise LostError("it ended at once") from error

    def _refusal(self, said: str, head: _Head) -> Exception:
        """What to raise for a child that has no picture."""
        if head.unforeseen:
            _log.error("image decoder failed", image=self._order.which, what=head.unforeseen[:200])
        try:
            code = ErrorCode(said)
            if code is ErrorCode.BUSY:
                return LostError("it got no thread")
            if code is ErrorCode.HUGE_IMAGE and not machine_has(self._limits.memory_bytes // 2):
                return Refusal(ErrorCode.BUSY, seconds=BUSY_SECONDS)
            return Refusal(code, image=self._order.which, **head.numbers)
        except (TypeError, ValueError):
            return Refusal(ErrorCode.BROKEN_IMAGE, image=self._order.which)

    def _verdict(self, child: Child) -> Exception:
        """What to raise for a child that speaks no more."""
        which = self._order.which
        if self._cancelled:
            child.kill()
            return LostError("cancelled")
        try:
            usage = child.usage()
        except TimeoutError:
            child.kill()
            return LostError("nobody tells of its end")
        if usage is None:
            SERVER.drop(child.parent)
            return LostError("its parent is gone")
        _log.warning("image decoder died", image=which, **vars(usage))
        if usage.exit == -signal.SIGXCPU or usage.cpu_seconds >= self._limits.cpu_seconds:
            return Refusal(ErrorCode.SLOW_IMAGE, image=which, seconds=self._limits.cpu_seconds)
        if usage.exit in _FROM_OUTSIDE:
            return LostError("it was killed")
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
