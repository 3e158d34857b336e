"""Strikes secrets out of what a process says, for the log of either side.

Rule: this is the last line, not the first: nobody logs a token knowingly, but a library's message or traceback may quote
one.
"""

import json
import re
from typing import Any

STRUCK_OUT = "[token]"
# The path that a webhook or an interaction is answered at ends with its token.
_IN_PATH = re.compile(r"(/(?:webhooks|interactions)/\d+/)[\w.%-]{20,}")


class Censor:
    """Of some secrets, and of the tokens in Discord's paths; as a processor of structlog, behind the renderer."""

    def __init__(self, *secrets: str) -> None:
        spelled = {form for secret in secrets if secret for form in _spellings(secret)}
        self._forms = sorted(spelled, key=len, reverse=True)

    def __call__(self, _logger: Any, _method: str, line: Any) -> str:
        """The line without them."""
        text = line.decode() if isinstance(line, bytes) else str(line)
        for form in self._forms:
            text = text.replace(form, STRUCK_OUT)
        return _IN_PATH.sub(rf"\1{STRUCK_OUT}", text)


def _spellings(secret: str) -> set[str]:
    """As it is, and as Python's and JSON's literals write it."""
    written = {secret, repr(secret)[1:-1], repr(secret.encode())[2:-1]}
    return {*written, *(json.dumps(form)[1:-1] for form in written)}
