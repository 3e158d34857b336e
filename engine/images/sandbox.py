"""A stranger's image file, decoded in a child process that may die instead of us.

The child has a limit on its memory, its processor time and the wall clock. Whatever becomes of it, the answer
is what `engine.images` makes of the file or a `Refusal`, and this process goes on. It forks from a small server
that has this module imported already, so it is ready within milliseconds, and what it sends back is read as
plain numbers, never unpickled.
"""

import asyncio
import json
import mmap
import resource
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import chain
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Timer
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from engine import images
from engine.images import Animation, Picture
from engine.protocol import ErrorCode, Provenance, Refusal, most_bytes

_PARALLEL = 2  # children at once; more uploads wait, so that a crowd of them cannot fill the memory

_log = structlog.get_logger(__name__)
_context = get_context("forkserver")
_context.set_forkserver_preload(["engine.images.sandbox"])
_threads = ThreadPoolExecutor(_PARALLEL, thread_name_prefix="decoder")


@dataclass(frozen=True)
class Limits:
    """What one image may use. The largest that `engine.protocol` allows needs 1.2 GB and 3 s."""

    memory_bytes: int = 1536 * 2**20  # of address space, on top of what the child starts with
    cpu_seconds: int = 15
    wall_seconds: float = 30.0


@dataclass(frozen=True)
class _Answer:
    """What the child has found: a few words and numbers, and the arrays they are about."""

    facts: dict[str, Any]
    arrays: tuple[NDArray[np.uint8], ...] = ()


@dataclass(frozen=True)
class _Order:
    work: Callable[[], _Answer]  # a partial of one of the functions below, so that it can be sent
    which: str
    limits: Limits


async def decode(
    data: bytes, which: str, *, long_side: int | None = None, limits: Limits = Limits()
) -> Picture:
    """Decode as `engine.images.decode` does, but out of harm's way. Raises Refusal.

    With `long_side` the child shrinks the picture as `engine.images.shrink` does, before it hands it over.
    """
    answer = await _ask(_Order(partial(_decode, data, which, long_side), which, limits))
    return Picture(*answer.arrays)


async def decode_content(
    data: bytes, which: str, *, most: int, long_side: int, frame_side: int, limits: Limits = Limits()
) -> Animation:
    """Decode as `engine.images.decode_content` does, but out of harm's way. Raises Refusal."""
    work = partial(_decode_content, data, which, most, long_side, frame_side)
    answer = await _ask(_Order(work, which, limits))
    arrays = iter(answer.arrays)
    frames = tuple(
        Picture(next(arrays), next(arrays) if has_alpha else None) for has_alpha in answer.facts["alpha"]
    )
    return Animation(frames, tuple(answer.facts["milliseconds"]), answer.facts["total"])


async def decode_mask(
    data: bytes, which: str, *, long_side: int, limits: Limits = Limits()
) -> NDArray[np.uint8]:
    """Decode as `engine.images.decode_mask` does, but out of harm's way. Raises Refusal."""
    (mask,) = (await _ask(_Order(partial(_decode_mask, data, which, long_side), which, limits))).arrays
    return mask


async def read_provenance(data: bytes, *, limits: Limits = Limits()) -> Provenance:
    """Read as `engine.images.read_provenance` does, but out of harm's way. Raises Refusal likewise."""
    try:
        answer = await _ask(_Order(partial(_read_text, data), "content", limits))
    except Refusal as refusal:  # a file that kills its reader tells nothing
        raise Refusal(ErrorCode.NO_RECIPE) from refusal
    return images.parse_provenance(answer.facts["text"])


async def _ask(order: _Order) -> _Answer:
    return await asyncio.get_running_loop().run_in_executor(_threads, _run_child, order)


def _run_child(order: _Order) -> _Answer:
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
        _log.warning("image decoder died", exitcode=child.exitcode, image=order.which)
        raise Refusal(ErrorCode.BROKEN_IMAGE, image=order.which) from error
    finally:
        child.join()  # ends at the alarm, if not before
        alarm.cancel()
        alarm.join()
        child.close()


def _receive(answers: Connection) -> _Answer:
    head = json.loads(answers.recv_bytes())
    if "code" in head:
        raise Refusal(ErrorCode(head["code"]), **head["facts"])
    arrays = tuple(np.empty(shape, np.uint8) for shape in head["shapes"])
    for array in arrays:
        answers.recv_bytes_into(array.data.cast("B"))
    return _Answer(head["facts"], arrays)


# --- in the child -----------------------------------------------------------------------------------------


def _serve(answers: Connection, order: _Order) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to deal with
    limit_self(order.limits)
    try:
        answer = order.work()
    except Refusal as refusal:
        _send(answers, {"code": refusal.code, "facts": refusal.facts})
        return
    _send(answers, {"facts": answer.facts, "shapes": [array.shape for array in answer.arrays]})
    for array in answer.arrays:
        answers.send_bytes(np.ascontiguousarray(array).data.cast("B"))


def _send(answers: Connection, head: dict[str, object]) -> None:
    answers.send_bytes(json.dumps(head).encode())


def _decode(data: bytes, which: str, long_side: int | None) -> _Answer:
    picture = images.decode(data, which, max_bytes=most_bytes(which))
    return _Answer({}, _arrays(picture if long_side is None else images.shrink(picture, long_side)))


def _decode_content(data: bytes, which: str, most: int, long_side: int, frame_side: int) -> _Answer:
    animation = images.decode_content(data, which, most=most, long_side=long_side, frame_side=frame_side)
    facts = {
        "alpha": [frame.alpha is not None for frame in animation.frames],
        "milliseconds": animation.milliseconds,
        "total": animation.total,
    }
    return _Answer(facts, tuple(chain.from_iterable(map(_arrays, animation.frames))))


def _decode_mask(data: bytes, which: str, long_side: int) -> _Answer:
    return _Answer({}, (images.decode_mask(data, which, long_side=long_side),))


def _read_text(data: bytes) -> _Answer:
    return _Answer({"text": images.read_text(data)})


def _arrays(picture: Picture) -> tuple[NDArray[np.uint8], ...]:
    return (picture.rgb,) if picture.alpha is None else (picture.rgb, picture.alpha)


def limit_self(limits: Limits) -> None:
    """Put the limits on memory and processor time on this process, for good."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    if sys.platform == "linux":  # other systems do not enforce a limit on the address space
        mapped = int(Path("/proc/self/statm").read_text().split()[0]) * mmap.PAGESIZE
        most = mapped + limits.memory_bytes
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
