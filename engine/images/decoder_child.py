"""What happens in the process that reads one stranger's file: it confines itself, decodes, answers and ends.

Rule: it is confined before it reads its order, and what it has open is the socket that the order comes from. What it
answers are numbers and pixels, which `engine.images.sandbox` checks: whoever has taken this process over speaks there.
"""

import json
import os
import resource
import signal
import struct
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import chain
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from engine import images
from engine.images import confinement
from engine.images.confinement import Limits
from engine.images.types import Picture
from engine.protocol import ErrorCode, Refusal, most_bytes

HEAD = struct.Struct("<I")  # the length of a JSON text
_RESERVE_BYTES = 2**20

Arrays = tuple[NDArray[np.uint8], ...]
Answer = tuple[dict[str, Any], Arrays]


def run(talk: int) -> NoReturn:
    """Be the child: read one order from the socket `talk`, answer it, and end."""
    code = 1
    try:
        with suppress(OSError, EOFError):  # the engine waits no more
            confinement.die_with_parent()
            for number in (signal.SIGCHLD, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            signal.set_wakeup_fd(-1)
            os.closerange(0, talk)
            os.closerange(talk + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
            _answer(talk)
            code = 0
    finally:
        os._exit(code)


def _answer(talk: int) -> None:
    # The engine sends the limits first, and the order only to a child that has them.
    limits = Limits(**json.loads(_read(talk, _length(talk))))
    _write_head(talk, {"missing": sorted(confinement.confine(limits))})
    head, arrays = _work(talk, limits)
    _write_head(talk, head | {"shapes": [array.shape for array in arrays]})
    for array in arrays:
        _write(talk, np.ascontiguousarray(array).data.cast("B"))


def _work(talk: int, limits: Limits) -> Answer:
    reserve = bytearray(_RESERVE_BYTES)  # of memory, to be able to say that there is none
    try:
        order = json.loads(_read(talk, _length(talk)))
        data = _read(talk, order.pop("bytes"))
        return WORKS[order.pop("work")](data, **order)
    except Refusal as refusal:
        if _was_thread(refusal):
            return {"code": ErrorCode.BUSY}, ()
        if not _was_memory(refusal):
            numbers = {name: value for name, value in refusal.facts.items() if isinstance(value, int)}
            return {"code": refusal.code, "numbers": numbers}, ()
    except MemoryError:
        pass
    except Exception as error:  # noqa: BLE001 - the process's boundary: the engine logs it
        return {"code": ErrorCode.BROKEN_IMAGE, "unforeseen": _place(error)}, ()
    del reserve
    return {"code": ErrorCode.HUGE_IMAGE, "numbers": {"limit": limits.memory_bytes}}, ()


def _place(error: Exception) -> str:
    """What went wrong and where, without a word of the file."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}, {place.name}, line {place.lineno}"


def _was_memory(refusal: Refusal) -> bool:
    """Whether memory is what a damaged file was wanting; libraries say so in their own words."""
    cause = refusal.__cause__
    said = str(cause).lower()
    return isinstance(cause, MemoryError) or (
        refusal.code is ErrorCode.BROKEN_IMAGE and "memory" in said and "security limit" not in said
    )


def _was_thread(refusal: Refusal) -> bool:
    """Whether a thread is what a sound file was wanting: libheif has no other word for that, and of damage it has."""
    return refusal.code is ErrorCode.BROKEN_IMAGE and "unexpected C++ exception" in str(refusal.__cause__)


# --- the works ------------------------------------------------------------------------------------------------


def _decode(data: bytes, *, which: str, long_side: int | None) -> Answer:
    picture = images.decode(data, which, long_side=long_side, max_bytes=most_bytes(which))
    return {}, _arrays([picture])


def _decode_content(data: bytes, *, which: str, most: int, long_side: int, frame_side: int) -> Answer:
    animation = images.decode_content(data, which, most=most, long_side=long_side, frame_side=frame_side)
    facts = {
        "alpha": [frame.alpha is not None for frame in animation.frames],
        "milliseconds": animation.milliseconds,
        "total": animation.total,
    }
    return facts, _arrays(animation.frames)


def _decode_mask(data: bytes, *, which: str, long_side: int) -> Answer:
    return {}, (images.decode_mask(data, which, long_side=long_side),)


def _read_text(data: bytes) -> Answer:
    return {"text": images.read_text(data)}, ()


def _probe(_data: bytes) -> Answer:
    """Try to get out, and tell how."""
    ways: dict[str, Callable[[], object]] = {
        "files": lambda: os.open("/", os.O_RDONLY),
        "network": _connect,
        "processes": lambda: os.waitpid(_fork(), 0),
        "environment": lambda: next(iter(os.environ)),
    }
    found = []
    for name, way in ways.items():
        with suppress(OSError, StopIteration):
            way()
            found.append(name)
    return {"escapes": found}, ()


def _connect() -> None:
    import socket

    socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()


def _fork() -> int:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    return pid


WORKS: dict[str, Callable[..., Answer]] = {
    "picture": _decode,
    "content": _decode_content,
    "mask": _decode_mask,
    "text": _read_text,
    "probe": _probe,
}


def _arrays(pictures: Iterable[Picture]) -> Arrays:
    pairs = (
        (picture.rgb,) if picture.alpha is None else (picture.rgb, picture.alpha) for picture in pictures
    )
    return tuple(chain.from_iterable(pairs))


# --- the socket -----------------------------------------------------------------------------------------------


def _length(talk: int) -> int:
    return int(HEAD.unpack(_read(talk, HEAD.size))[0])


def _read(talk: int, count: int) -> bytes:
    data, done = bytearray(count), 0
    while done < count:
        piece = os.read(talk, min(count - done, 2**20))
        if not piece:
            raise EOFError
        data[done : done + len(piece)] = piece
        done += len(piece)
    return bytes(data)


def _write(talk: int, data: bytes | memoryview) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(talk, view) :]


def _write_head(talk: int, head: dict[str, Any]) -> None:
    text = json.dumps(head).encode()
    _write(talk, HEAD.pack(len(text)) + text)
