"""A backup of what an engine keeps, whether it runs or not, and back.

The running engine alone can read its database, so it is asked for a copy, which is then fetched from its data directory.
Rule: who may read that directory may have a backup, and nobody else.
"""

import shutil
import urllib.error
import urllib.request
from pathlib import Path

from pydantic import SecretStr, ValidationError

from engine.protocol import Backup, ErrorBody, keep_private
from engine.storage import backup
from engine.storage.address import address_of
from engine.storage.backup import BackupError, InUse

ASKING_SECONDS = 600.0

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # the token is for the engine alone


def take(data_dir: Path, token: SecretStr | None, destination: Path) -> None:
    """Leave a backup at `destination`, a folder that is not there yet. Raises BackupError and OSError."""
    keep_private()
    backup.require_elsewhere(data_dir, destination)
    try:
        backup.copy_closed(data_dir, destination)
    except InUse:
        made = _ask(data_dir, token)
        try:
            backup.copy_folder(made, destination)
        finally:
            shutil.rmtree(made, ignore_errors=True)


def bring_back(source: Path, data_dir: Path) -> None:
    """Make a backup the data directory. Raises BackupError and OSError."""
    keep_private()
    backup.restore(source, data_dir)


def _ask(data_dir: Path, token: SecretStr | None) -> Path:
    """Have the running engine make a copy beside what it keeps; returns where."""
    address = address_of(data_dir)
    if address is None:
        raise BackupError(f"An engine uses {data_dir} and does not answer yet: try again in a moment.")
    # `http.client` writes a header in Latin-1, and the token is UTF-8 on the wire.
    shown = f"Bearer {token.get_secret_value()}".encode().decode("latin-1") if token else ""
    headers = {"Authorization": shown} if token else {}
    request = urllib.request.Request(  # noqa: S310 - the address is the engine's own
        f"{address}/v1/backup", method="POST", headers=headers
    )
    try:
        with _opener.open(request, timeout=ASKING_SECONDS) as answer:
            made = Path(Backup.model_validate_json(answer.read()).folder)
    except urllib.error.HTTPError as error:
        with error:
            raise BackupError(_refused(error.read())) from error
    except (OSError, ValidationError) as error:
        raise BackupError(
            f"The engine that uses {data_dir} does not answer: try again in a moment."
        ) from error
    return data_dir / made.name  # in a container the same folder may have another path


def _refused(body: bytes) -> str:
    try:
        return f"The engine makes no backup now: {ErrorBody.model_validate_json(body).message}"
    except ValidationError:
        return "The engine makes no backup now."
