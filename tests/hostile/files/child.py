"""Decoding that is measured: the engine's own code on one file after the other, in a process that may die of one.

It is quicker than a child for every file, as the engine has it, and tells what each has cost; of what a death
means to somebody who sent the file, `campaign` asks the engine's own sandbox.
"""

import resource
import signal
import warnings
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from time import process_time
from typing import Self

from engine import images
from engine.images.files import open_file
from engine.images.plugins import DAMAGE
from engine.protocol import MAX_ANIMATED_SIDE, MAX_PAINTED_FRAMES, Refusal, sniff

LONG_SIDE = 2048
SHOWN = "shown"
_GUARD_SECONDS, _GUARD_BYTES = (
    20,
    4 * 2**30,
)  # far beyond what is allowed, so that it is seen how far a file goes

_context = get_context("forkserver")
_context.set_forkserver_preload(["engine.images"])


@dataclass(frozen=True)
class Seen:
    """What came of a file: `SHOWN`, the code of a refusal, or how it ended the process; pixels: of all its frames."""

    outcome: str
    seconds: float = 0.0
    megabytes: float = 0.0
    pixels: int = 0

    @property
    def died(self) -> bool:
        """Whether there was no answer."""
        return self.outcome.startswith("died")


class Child:
    """A process, started anew after each death. To be used by one thread."""

    def __init__(self) -> None:
        self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._process.join()

    def decode(self, data: bytes) -> Seen:
        """Have a file decoded."""
        try:
            self._connection.send_bytes(data)
            seen = self._connection.recv()
        except (EOFError, OSError):
            self._process.join()
            code = self._process.exitcode or 0
            self._connection.close()
            self._start()
            return Seen(f"died of {signal.Signals(-code).name if code < 0 else code}")
        assert isinstance(seen, Seen)
        return seen

    def _start(self) -> None:
        self._connection, theirs = _context.Pipe()
        self._process = _context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()


# --- in the child ---------------------------------------------------------------------------------------------


def _serve(connection: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_GUARD_BYTES, _GUARD_BYTES))
    warnings.simplefilter("ignore")
    with suppress(EOFError):
        while True:
            data = connection.recv_bytes()
            signal.setitimer(signal.ITIMER_PROF, _GUARD_SECONDS)  # kills by SIGPROF
            connection.send(_seen(data))


def _seen(data: bytes) -> Seen:
    Path("/proc/self/clear_refs").write_text("5")  # forgets the peak of the file before
    start = process_time()
    try:
        images.decode_content(
            data, "content", most=MAX_PAINTED_FRAMES, long_side=LONG_SIDE, frame_side=MAX_ANIMATED_SIDE
        )
        outcome = SHOWN
    except Refusal as refusal:
        outcome = str(refusal.code)
    images.read_text(data)
    seconds = process_time() - start
    return Seen(outcome, seconds, _peak(), _pixels(data))


def _peak() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    (kilobytes,) = (int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    return kilobytes * 1024 / 10**6


def _pixels(data: bytes) -> int:
    image_format = sniff(data[:32])
    if image_format is None:
        return 0
    try:
        with open_file(image_format, data) as image:
            return image.width * image.height * getattr(image, "n_frames", 1)
    except DAMAGE:
        return 0
