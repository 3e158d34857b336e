"""The engine that runs here, or elsewhere, as the commands ask it: over HTTP, with the token in a header.

Rule: where it listens is what it has noted in its data directory, unless a command is told; the token goes to no other
address.
"""

import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr, ValidationError

from engine.protocol import ErrorBody
from engine.storage.address import address_of

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # the token is for the engine alone


class NotRunningError(Exception):
    """Nobody answers; its text is one sentence for the operator."""


class RefusedError(Exception):
    """The engine says no; its text is its own sentence, or empty if it gives none."""


@dataclass(frozen=True)
class RunningEngine:
    """An engine at an address."""

    url: str
    token: SecretStr | None

    def ask(self, path: str, method: str = "GET", seconds: float = 30.0) -> bytes:
        """What it answers. Raises NotRunningError and RefusedError."""
        # `http.client` writes a header in Latin-1, and the token is UTF-8 on the wire.
        shown = f"Bearer {self.token.get_secret_value()}".encode().decode("latin-1") if self.token else ""
        request = urllib.request.Request(  # noqa: S310 - the address is the engine's own
            f"{self.url}{path}", method=method, headers={"Authorization": shown} if shown else {}
        )
        try:
            with _opener.open(request, timeout=seconds) as answer:
                body: bytes = answer.read()
        except urllib.error.HTTPError as error:
            with error:
                raise RefusedError(_sentence(error.read())) from error
        except (OSError, ValueError) as error:
            raise NotRunningError(
                f"The engine at {self.url} does not answer: try again in a moment."
            ) from error
        return body


def running(data_dir: Path, token: SecretStr | None, url: str | None = None) -> RunningEngine:
    """The engine at `url`, or else the one that uses the directory. Raises NotRunningError."""
    if url is not None:
        if not url.startswith(("http://", "https://")):
            raise NotRunningError(f"{url} is no address of an engine: it begins with http:// or https://.")
        return RunningEngine(url.rstrip("/"), token)
    try:
        address = address_of(data_dir)
    except OSError as error:
        raise NotRunningError(f"{data_dir} cannot be read: {error.strerror}.") from error
    if address is None:
        raise NotRunningError(
            f"No engine runs on {data_dir}, or it does not answer yet: start it, or name its configuration by --config."
        )
    return RunningEngine(address, token)


def _sentence(body: bytes) -> str:
    try:
        return ErrorBody.model_validate_json(body).message
    except ValidationError:
        return ""
