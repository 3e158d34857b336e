"""What is counted, and the table of it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields


@dataclass
class Tally:
    """Of one stage. All but the first four have to be 0.

    faults: kills, stops, damages. acknowledged: jobs or requests whose asker was told that they are taken. refused: those
    that were turned down in a sentence, which promises nothing. interrupted: of the paintings, those that had to go on
    once more, of which a stage that harms whoever paints needs some. lost: of the acknowledged, not there any more, or
    without what they became. doubled: there twice. changed: results that look otherwise than those of the same request.
    given_up: failed, of which none was to blame. stuck: not over in a time that is long enough. orphaned: files that
    belong to nothing.
    """

    faults: int = 0
    acknowledged: int = 0
    refused: int = 0
    interrupted: int = 0
    lost: int = 0
    doubled: int = 0
    changed: int = 0
    given_up: int = 0
    stuck: int = 0
    orphaned: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether every promise was kept."""
        return not any(getattr(self, name) for name in NAMES[4:])

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(getattr(self, name) + getattr(other, name) for name in NAMES))


NAMES = [each.name for each in fields(Tally)]


def table(rows: Sequence[tuple[str, Tally]]) -> str:
    """All stages and their sum, as text."""
    total = sum((tally for _, tally in rows), Tally())
    lines = [f"{'':44}" + "".join(f"{name.replace('_', ' '):>13}" for name in NAMES)]
    for title, tally in [*rows, ("all", total)]:
        lines.append(f"{title:44}" + "".join(f"{getattr(tally, name):13}" for name in NAMES))
    return "\n".join(lines)
