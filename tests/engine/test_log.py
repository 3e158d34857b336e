"""What cannot be written to the log stops nobody."""

import errno
from io import StringIO

import pytest
import structlog

import engine.log


class FullDisk(StringIO):
    """As standard error is that is a file without room."""

    def write(self, _text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_line_for_which_there_is_no_room_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    before = structlog.get_config()
    with monkeypatch.context() as full:
        full.setattr("sys.stderr", FullDisk())
        engine.log.set_up()
    try:
        structlog.get_logger().error("nobody reads this")
    finally:
        structlog.configure(**before)
