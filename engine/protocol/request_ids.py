"""The id of what somebody asked for, by which one search tells its whole story in the logs of bot and engine.

The bot makes it for each command, message or reaction, keeps it with the ticket and sends it along in REQUEST_HEADER; the
engine keeps it with the job. Rule: it is random and says nothing of anybody; one that is sent is taken only if it is made of
few and harmless characters, since it goes into lines of a log.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from structlog.contextvars import bound_contextvars, get_contextvars

REQUEST_HEADER = "X-Request-Id"
_NAME = "request"  # in the lines
_SOUND = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def new_request_id() -> str:
    """One that nobody else has."""
    return secrets.token_hex(8)


def sound_request_id(text: str) -> str:
    """What was sent, if it can be one; else nothing."""
    return text if _SOUND.fullmatch(text) else ""


def request_id() -> str:
    """That of what is being done just now; empty if nobody has asked for it."""
    return str(get_contextvars().get(_NAME, ""))


@contextmanager
def asked_as(name: str) -> Iterator[None]:
    """Have all lines that are written meanwhile, and in tasks that are begun here, name it; an empty one changes nothing."""
    if not name:
        yield
        return
    with bound_contextvars(**{_NAME: name}):
        yield
