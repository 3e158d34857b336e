"""What is typed on the command line, made into files, styles, masks and formats.

Rule: a mistake is found before the network is loaded, and is one sentence that names the argument.
"""

import hashlib
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer
from pydantic import ValidationError

from engine.protocol import ImageFormat, Refusal, StyleChoice

FORMATS = {
    ".png": ImageFormat.PNG,
    ".jpg": ImageFormat.JPEG,
    ".jpeg": ImageFormat.JPEG,
    ".webp": ImageFormat.WEBP,
    ".gif": ImageFormat.GIF,
}
HASHED = "sha256:"
MOVING = {suffix: FORMATS[suffix] for suffix in (".webp", ".gif")}
STILL = {suffix: FORMATS[suffix] for suffix in FORMATS if suffix != ".gif"}


class FileRefusal(Refusal):
    """A refusal of one of the files that were named, with its path."""

    def __init__(self, refusal: Refusal, path: Path) -> None:
        self.path = path
        super().__init__(refusal.code, **refusal.facts)


@contextmanager
def reading(path: Path) -> Iterator[bytes]:
    """What a file holds; a Refusal of it becomes a FileRefusal. Raises OSError."""
    data = path.read_bytes()
    try:
        yield data
    except Refusal as refusal:
        raise FileRefusal(refusal, path) from refusal


@dataclass(frozen=True)
class StyleFile:
    """A style image, how much of it, and what a provenance calls it: a bundled style's name or the file's hash."""

    path: Path
    source: str
    weight: float = 1.0
    mask: Path | None = None

    @property
    def is_bundled(self) -> bool:
        """Whether it is one of ours, by its name."""
        return not self.source.startswith(HASHED)


def style_file(text: str) -> StyleFile:
    """NAME or FILE, with @WEIGHT or without. Raises Refusal and typer.BadParameter."""
    from engine.styles import catalogue

    weighted = re.fullmatch(r"(.+)@(\d+\.?\d*|\.\d+)", text, re.ASCII)
    name, number = weighted.groups() if weighted else (text, "1")
    try:
        weight = StyleChoice(part="style-1", weight=float(number)).weight
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise typer.BadParameter(f"the weight of {name}: {reason}", param_hint="STYLE") from error
    path = Path(name)
    if path.is_file():
        return StyleFile(path, hash_of(path), weight)
    return StyleFile(catalogue.image_path(name), name, weight)


def mask_files(texts: Sequence[str], styles: int) -> dict[int, Path]:
    """Each N=FILE as (index of the style, file). Raises typer.BadParameter."""
    found: dict[int, Path] = {}
    for text in texts:
        number, equals, name = text.partition("=")
        if not equals or not number.isdecimal() or not 1 <= int(number) <= styles:
            raise typer.BadParameter(
                f"{text} must be the number of a style, 1 to {styles}, and a file: 1=FILE",
                param_hint="--mask",
            )
        if int(number) - 1 in found:
            raise typer.BadParameter(f"style {number} has two masks", param_hint="--mask")
        if not Path(name).is_file():
            raise typer.BadParameter(f"the file {name} does not exist", param_hint="--mask")
        found[int(number) - 1] = Path(name)
    return found


def hash_of(path: Path) -> str:
    """What a provenance calls a file that is not ours. Raises OSError."""
    return f"{HASHED}{hashlib.sha256(path.read_bytes()).hexdigest()}"


def format_of(path: Path, option: str, formats: dict[str, ImageFormat]) -> ImageFormat:
    """What the ending of a file to be written asks for. Raises typer.BadParameter."""
    if path.suffix.lower() not in formats:
        raise typer.BadParameter(f"{path} must end in {', '.join(formats)}", param_hint=option)
    return formats[path.suffix.lower()]


def prove_writable(path: Path, option: str) -> None:
    """Find out before the work whether its outcome can be written; nothing is changed. Raises typer.BadParameter.

    A pipe or a device, as /dev/stdout for a report, is taken for writable: to open it could wait, or end its reader.
    """
    if not path.absolute().parent.is_dir():
        raise typer.BadParameter(f"the folder of {path} does not exist", param_hint=option)
    try:
        if path.is_dir():
            raise typer.BadParameter(f"{path} is a folder", param_hint=option)
        if path.exists() and not path.is_file():
            return
        target = path.resolve()
        is_new = not target.exists()
        target.open("ab").close()
        if is_new:
            target.unlink()
    except OSError as error:
        reason = f"{path} cannot be written: {error.strerror}"
        raise typer.BadParameter(reason, param_hint=option) from error


def prove_folder(folder: Path, option: str) -> None:
    """Make a folder if it is not there, and find out whether it can be written to. Raises typer.BadParameter."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = f"the folder {folder} cannot be written to: {error.strerror}"
        raise typer.BadParameter(reason, param_hint=option) from error


def check_kept(path: Path, option: str, inputs: Iterable[Path]) -> None:
    """Raise typer.BadParameter if a file to be written is one that is read."""
    for given in inputs:
        if path.exists() and path.samefile(given):
            reason = f"{path} is one of the files to paint from, and would be lost: say --overwrite to write over it"
            raise typer.BadParameter(reason, param_hint=option)
