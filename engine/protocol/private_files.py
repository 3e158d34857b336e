"""Data of members is for the account that runs the process, and for no other of the machine.

Both processes keep such data. Rule: what is made from now on is private by the umask; what was there before is made
so at a start. A folder that is private already hides all that is in it, which is not looked at again.
"""

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def keep_private() -> None:
    """Make all files of this process and its children private from now on."""
    os.umask(_OTHERS)


def nearest(path: Path) -> Path:
    """A path, absolute; or of the folders above it the nearest that this account can reach, where it cannot reach the path."""
    path = path.absolute()
    return next(each for each in (path, *path.parents) if os.access(each, os.F_OK))


def outlook(folder: Path) -> tuple[bool, str]:
    """Whether this account can make a folder that is not there yet, and what a doctor says of it."""
    above = nearest(folder)
    if above.is_dir() and os.access(above, os.W_OK | os.X_OK):
        return True, "is made at the first start"
    return False, f"cannot be made: {above} is no folder into which this account may write"


def make_private(folder: Path, names: Iterable[str]) -> list[Path]:
    """Make a folder and what is in it by these names private, to all depths; returns what could not be made so.

    names: patterns, as `Path.glob` takes them. What else there is in the folder belongs to somebody else, and the folder
    then stays as it is, as does one that all write to (/tmp). Links are not followed.
    """
    failed: list[Path] = []
    ours = {path for name in names for path in folder.glob(name)}
    if ours.issuperset(folder.iterdir()) and not folder.stat().st_mode & stat.S_ISVTX:
        _restrict(folder, failed)
    for path in sorted(ours):
        _restrict_all(path, failed)
    return failed


def _restrict_all(path: Path, failed: list[Path]) -> None:
    if path.is_symlink() or not _restrict(path, failed) or not path.is_dir():
        return
    with suppress(OSError):  # gone meanwhile, or not ours to read
        for inner in path.iterdir():
            _restrict_all(inner, failed)


def _restrict(path: Path, failed: list[Path]) -> bool:
    """Take away what others may do; whether there was something to take."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & _OTHERS:
            path.chmod(mode & ~_OTHERS)
            return True
    except FileNotFoundError:
        pass
    except OSError:
        failed.append(path)
        return True
    return False
