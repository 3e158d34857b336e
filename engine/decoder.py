"""A stranger's image file, decoded in a child process that may die instead of us.

The child has a limit on its memory, its processor time and the wall clock. Whatever becomes of it, the answer
is a `Picture` or a `Refusal`, and this process goes on. It forks from a small server that has this module
imported already, so it is ready within milliseconds, and what it sends back is read as plain numbers, never
unpickled.
"""

import asyncio
import json
import mmap
import resource
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Timer

import numpy as np
import structlog

from engine import images
from engine.images import Picture
from engine.protocol import ErrorCode, Refusal

_PARALLEL = 2  # children at once; more uploads wait, so that a crowd of them cannot fill the memory

_log = structlog.get_logger(__name__)
_context = get_context("forkserver")
_context.set_forkserver_preload(["engine.decoder"])
_threads = ThreadPoolExecutor(_PARALLEL, thread_name_prefix="decoder")


@dataclass(frozen=True)
class Limits:
    """What one image may use. The largest that `engine.protocol` allows needs 1.2 GB and 3 s."""

    memory_bytes: int = 1536 * 2**20  # of address space, on top of what the child starts with
    cpu_seconds: int = 15
    wall_seconds: float = 30.0


@dataclass(frozen=True)
class _Order:
    data: bytes
    what: str
    long_side: int | None
    limits: Limits


async def decode(
    data: bytes, what: str, *, long_side: int | None = None, limits: Limits = Limits()
) -> Picture:
    """Decode as `engine.images.decode` does, but out of harm's way. Raises Refusal.

    With `long_side` the child shrinks the picture as `engine.images.shrink` does, before it hands it over.
    """
    order = _Order(data, what, long_side, limits)
    return await asyncio.get_running_loop().run_in_executor(_threads, _decode, order)


def _decode(order: _Order) -> Picture:
    ours, theirs = _context.Pipe(duplex=False)
    child = _context.Process(target=_serve, args=(theirs, order), daemon=True)
    with closing(theirs):  # only the child's copy may stay open, or its death would go unnoticed
        child.start()
    alarm = Timer(order.limits.wall_seconds, child.kill)
    alarm.start()
    try:
        with closing(ours):
            return _receive(ours)
    except (EOFError, OSError) as error:
        child.join()
        _log.warning("image decoder died", exitcode=child.exitcode, bytes=len(order.data))
        raise Refusal(ErrorCode.BROKEN_IMAGE, what=order.what) from error
    finally:
        child.join()  # ends at the alarm, if not before
        alarm.cancel()
        alarm.join()
        child.close()


def _receive(answers: Connection) -> Picture:
    head = json.loads(answers.recv_bytes())
    if "code" in head:
        raise Refusal.from_wire(ErrorCode(head["code"]), head["sentence"])
    height, width = head["shape"]
    rgb = np.empty((height, width, 3), np.uint8)
    answers.recv_bytes_into(rgb.data.cast("B"))
    if not head["alpha"]:
        return Picture(rgb)
    alpha = np.empty((height, width), np.uint8)
    answers.recv_bytes_into(alpha.data.cast("B"))
    return Picture(rgb, alpha)


# --- in the child -----------------------------------------------------------------------------------------


def _serve(answers: Connection, order: _Order) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to deal with
    limit_self(order.limits)
    try:
        picture = images.decode(order.data, order.what)
    except Refusal as refusal:
        _send(answers, {"code": refusal.code, "sentence": refusal.sentence})
        return
    if order.long_side is not None:
        picture = images.shrink(picture, order.long_side)
    _send(answers, {"shape": picture.rgb.shape[:2], "alpha": picture.alpha is not None})
    for array in (picture.rgb, picture.alpha):
        if array is not None:
            answers.send_bytes(np.ascontiguousarray(array).data.cast("B"))


def _send(answers: Connection, head: dict[str, object]) -> None:
    answers.send_bytes(json.dumps(head).encode())


def limit_self(limits: Limits) -> None:
    """Put the limits on memory and processor time on this process, for good."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    if sys.platform == "linux":  # other systems do not enforce a limit on the address space
        mapped = int(Path("/proc/self/statm").read_text().split()[0]) * mmap.PAGESIZE
        most = mapped + limits.memory_bytes
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
