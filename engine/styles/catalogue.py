"""The bundled style studies, as `catalogue.toml` beside it lists them: data, read once.

Each is a texture that `python -m engine study` synthesised from a painting or a drawing in the public domain.
Rule: each says why it may be bundled.
"""

import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from engine.protocol import ErrorCode, Refusal, StyleCard, shown

FOLDER = Path(str(files("engine.styles")))


@cache
def _entries() -> dict[str, dict[str, Any]]:
    with (FOLDER / "catalogue.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def cards() -> tuple[StyleCard, ...]:
    """Every bundled style, in the catalogue's order."""
    return tuple(
        StyleCard(name=name, **entry | {"colours": tuple(entry["colours"])})
        for name, entry in _entries().items()
    )


def image_path(name: str) -> Path:
    """The study of a bundled style. Raises Refusal UNKNOWN_STYLE."""
    if name not in {card.name for card in cards()}:
        raise Refusal(ErrorCode.UNKNOWN_STYLE, name=shown(name))
    return FOLDER / f"{name}.jpg"
