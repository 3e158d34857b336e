"""The configuration file, which both processes read, each its own table.

Rule: whatever stands in neither table is a mistake that is said, or the defaults would be taken in its place.
"""

from collections.abc import Mapping
from typing import Any

CONFIG_TABLES = ("engine", "bot")


def astray(document: Mapping[str, Any]) -> str | None:
    """The first name at the top of a configuration that is not one of its tables, or is not a table."""
    return next(
        (
            name
            for name, value in document.items()
            if name not in CONFIG_TABLES or not isinstance(value, Mapping)
        ),
        None,
    )
