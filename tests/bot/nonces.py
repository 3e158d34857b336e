"""What Discord does with a message of the same nonce as one of the last minutes, and simcord does not: it is not posted again."""

from datetime import datetime, timedelta
from typing import Any

from simcord.backend import Backend
from simcord.http import router

_REMEMBERED = timedelta(minutes=5)  # "in the past few minutes"


class Nonces:
    """Stands before simcord's routes."""

    def __init__(self) -> None:
        self._dispatch = router.dispatch
        self._sent: dict[tuple[str, str], tuple[datetime, str]] = {}

    def dispatch(
        self, backend: Backend, method: str, path: str, *, json: Any | None = None, **given: Any
    ) -> Any:
        """Answer a request, with the message that is there already if it is to be posted once more."""
        if method != "POST" or not isinstance(json, dict) or not json.get("enforce_nonce"):
            return self._dispatch(backend, method, path, json=json, **given)
        now, key = backend.clock.now(), (path, str(json["nonce"]))
        at, message = self._sent.get(key, (now, ""))
        if message and now - at < _REMEMBERED:
            return self._dispatch(backend, "GET", f"{path}/{message}")
        answer = self._dispatch(backend, method, path, json=json, **given)
        self._sent[key] = now, answer["id"]
        return answer
