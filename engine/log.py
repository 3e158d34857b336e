"""One line per event on standard error: readable in a terminal, JSON everywhere else; of libraries only warnings.

Rule: what a member sent (pictures, names) and the token are never logged; ids, sizes and times are. A traceback shows
the lines of the source and no values, and whatever a library puts into its message, the token is struck out of it.
A line that cannot be written, as on a full disk, is lost, and whoever wrote it goes on.
"""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import StringIO
from typing import TextIO

import structlog

from engine.protocol import Censor


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


def set_up(token: str | None = None) -> None:
    """Configure logging for this process; call once, before the first line. token: what must never show."""
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    tail: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if sys.stderr.isatty()
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    tail.append(Censor(token or ""))
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *shared, *tail],
        logger_factory=structlog.PrintLoggerFactory(_Lossy(sys.stderr)),
    )
    handler = logging.StreamHandler(sys.stderr)
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[remove, *tail])
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


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
