"""One line per event on standard error: readable in a terminal, JSON everywhere else.

Rule: what a member sent (pictures, names) and the token are never logged; ids, sizes and times are. A line that cannot
be written, as on a full disk, is lost, and whoever wrote it goes on.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import StringIO
from typing import TextIO

import structlog


class _Lossy(StringIO):
    """A stream in place of another; what that does not take is dropped."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def set_up() -> None:
    """Configure structlog for this process; call once, before the first line."""
    terminal = sys.stderr.isatty()
    tail: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer()]
        if terminal
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *tail,
        ],
        logger_factory=structlog.PrintLoggerFactory(_Lossy(sys.stderr)),
    )


@contextmanager
def native_stderr_muted() -> Iterator[None]:
    """Drop what compiled code prints past Python: TensorFlow announces its CPU kernels before any setting."""
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - a device, not a path
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
