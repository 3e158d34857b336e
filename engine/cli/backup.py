"""A backup of what an engine keeps, whether it runs or not, and back.

The running engine alone can read its database, so it is asked for a copy, which is then fetched from its data directory.
Rule: who may read that directory may have a backup, and nobody else.
"""

import shutil
from pathlib import Path

from pydantic import SecretStr, ValidationError

from engine.cli.running import NotRunningError, RefusedError, running
from engine.protocol import Backup, keep_private
from engine.storage import backup
from engine.storage.backup import BackupError, InUse

ASKING_SECONDS = 600.0


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
    try:
        answer = running(data_dir, token).ask("/v1/backup", "POST", ASKING_SECONDS)
        made = Path(Backup.model_validate_json(answer).folder)
    except RefusedError as error:
        raise BackupError(f"The engine makes no backup now: {error}".removesuffix(": ")) from error
    except (NotRunningError, ValidationError) as error:
        raise BackupError(
            f"The engine that uses {data_dir} does not answer yet: try again in a moment."
        ) from error
    return data_dir / made.name  # in a container the same folder may have another path
