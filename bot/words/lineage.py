"""Where a picture comes from, in one small line."""

from dataclasses import dataclass

from bot.words.catalogue import say


@dataclass(frozen=True)
class Lineage:
    """The addresses of the messages with the picture that a line began with, and with the result before this one."""

    original: str | None = None
    parent: str | None = None


def line(lineage: Lineage) -> str:
    """The line, or nothing where there is nothing to point at."""
    parts = [say("lineage-original", url=lineage.original)] if lineage.original is not None else []
    parts += [say("lineage-parent", url=lineage.parent)] if lineage.parent is not None else []
    return f"-# {' · '.join(parts)}" if parts else ""
