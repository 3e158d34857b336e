"""What the tiles of auditions are when one of them is to be finished.

Rule: a picture goes on from a tile that is of the very same content, style, settings and group, and of nothing else.
There being none is no reason to refuse it.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from engine.protocol import JobRequest, Plan
from engine.service.job import settings_of
from engine.storage.files import tile_file
from engine.storage.jobs import JobRecord, JobStore


@dataclass(frozen=True)
class Beginning:
    """By what a tile is finished: its audition's plan, and its checkpoint if it is painted."""

    plan: Plan
    checkpoint: bytes | None


class Auditions:
    """Those of one store."""

    def __init__(self, store: JobStore) -> None:
        self._store = store

    async def beginning(self, request: JobRequest, content: str, style: str) -> Beginning | None:
        """That of a request with a `tile`, whose images came from these sources; None if it cannot be gone on from."""
        if request.tile is None or (record := await self._store.by_id(request.tile.job)) is None:
            return None
        audition = record.plan.audition
        if audition is None or not _is_of(record, request, request.tile.number, content, style):
            return None
        path = self._store.files.path(record.id, tile_file(request.tile.number))
        return Beginning(audition.finished, await asyncio.to_thread(_read, path))


def _is_of(record: JobRecord, request: JobRequest, number: int, content: str, style: str) -> bool:
    """Whether a tile of this number is of what is to be painted."""
    if number > len(record.sources) or record.content != content or record.sources[number - 1] != style:
        return False
    auditioned = record.request
    weights = auditioned.styles[number - 1].weight, request.styles[0].weight
    is_of_one_style = weights[0] == weights[1] and request.styles[0].mask is None
    return (
        is_of_one_style
        and auditioned.owner.group == request.owner.group
        and settings_of(auditioned) == settings_of(request)
    )


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:  # it is not painted yet, or there was no room for it
        return None
