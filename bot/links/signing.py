"""The tokens of private links: which picture, until when, and a signature, so that nothing needs to be kept of them.

Rule: whoever has a link has the picture until its end, and nobody can make one, or a later one, without the key. The key
is a file of the bot's data directory; without it, all links that there are end.
"""

import hmac
import os
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot.config import LinkConfig

KEY, DRAFT = "links.key", "links.draft"
ROUTE = "/p/"
_KEY_BYTES, _ID_BYTES, _TIME_BYTES, _SEAL_BYTES = 32, 10, 4, 16
# The 30 bytes of an id, a time and a seal, with nothing left over: each token is spelt in one way only.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{40}", re.ASCII)


@dataclass(frozen=True)
class Link:
    """A link, and when it ends, in seconds since 1970."""

    url: str = field(repr=False)  # whoever has it sees the picture
    until: int


class Links:
    """Makes links and reads their tokens; without an address there are none."""

    def __init__(self, config: LinkConfig, key: bytes = b"") -> None:
        self._address, self._seconds, self._key = config.address, config.hours * 3600, key

    @property
    def is_on(self) -> bool:
        """Whether the owner has given an address."""
        return bool(self._address)

    def link(self, ticket_id: str, now: float) -> Link:
        """A link to a ticket's result, from now on."""
        until = int(now + self._seconds)
        facts = bytes.fromhex(ticket_id) + until.to_bytes(_TIME_BYTES, "big")
        token = urlsafe_b64encode(facts + self._seal(facts)).decode()
        return Link(f"{self._address}{ROUTE}{token}", until)

    def ticket_of(self, token: str, now: float) -> str | None:
        """The ticket that a token is for; None if it was not made here, or its time is over."""
        if not _TOKEN.fullmatch(token):
            return None
        sent = urlsafe_b64decode(token)
        facts, seal = sent[:-_SEAL_BYTES], sent[-_SEAL_BYTES:]
        if not hmac.compare_digest(seal, self._seal(facts)):
            return None
        ticket_id, until = facts[:_ID_BYTES], int.from_bytes(facts[_ID_BYTES:], "big")
        return ticket_id.hex() if now < until else None

    def _seal(self, facts: bytes) -> bytes:
        return hmac.digest(self._key, facts, "sha256")[:_SEAL_BYTES]


def open_key(folder: Path) -> bytes:
    """The key in a folder, made if there is none or it is damaged. Blocks; raises OSError."""
    path, draft = folder / KEY, folder / f"{DRAFT}-{secrets.token_hex(4)}"
    key = path.read_bytes() if path.exists() else b""
    if len(key) != _KEY_BYTES:
        key = secrets.token_bytes(_KEY_BYTES)
        draft.unlink(missing_ok=True)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
            file.write(key)
        if path.exists():
            draft.replace(path)
        else:
            with suppress(FileExistsError):  # of several processes that start at once, one makes it
                path.hardlink_to(draft)
            draft.unlink()
            key = path.read_bytes()
    return key
