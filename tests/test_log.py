"""What a process says in its log never holds a token, nor the values of variables, on a terminal either."""

import json
import os
import pty
import subprocess
import sys
from contextlib import suppress

import pytest

TOKEN = 'a token with "quotes", \\ and \N{SNOWMAN}'  # noqa: S105

PROGRAM = """
import logging, sys
import structlog
from {side} import log

token = sys.argv[1]
log.set_up(token)

def inner():
    member = "the words of a " + "member"
    raise ValueError(f"Invalid header: {{f'Authorization: Bearer {{token}}'.encode()!r}}")

for say in (structlog.get_logger().exception, logging.getLogger("a.library").exception):
    try:
        inner()
    except ValueError:
        say("it failed")
structlog.get_logger().info("said", header="Bearer " + token)
logging.getLogger("discord.http").warning(
    "%s responded with 429", "https://discord.com/api/v10/webhooks/123/" + "aW50ZXJhY3Rpb246" * 4 + "/messages/@original"
)
"""


def said(side: str, *, terminal: bool) -> str:
    """What a process of a side puts on standard error."""
    ours, theirs = pty.openpty() if terminal else os.pipe()
    command = [sys.executable, "-c", PROGRAM.format(side=side), TOKEN]
    with subprocess.Popen(command, stderr=theirs):
        os.close(theirs)
        told = b""
        with suppress(OSError):  # how the end of a terminal is told
            while data := os.read(ours, 2**16):
                told += data
    os.close(ours)
    return told.decode()


@pytest.mark.parametrize("side", ["engine", "bot"])
@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "file"])
def test_a_log_holds_no_secrets(side: str, terminal: bool) -> None:
    told = said(side, terminal=terminal)
    assert told.count("Traceback") == 2
    assert told.count("[token]") == 4
    for form in (TOKEN, json.dumps(TOKEN)[1:-1], "aW50ZXJhY3Rpb246", "the words of a member", "quotes"):
        assert form not in told
    if not terminal:
        for line in told.splitlines():
            json.loads(line)
