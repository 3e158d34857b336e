"""The events of one job, for any number of readers.

Rule: a stream holds the job's story as it matters now (its place, or its start and newest preview, or its end)
and no backlog. A reader asks for what comes after the last id it saw, so a slow one skips previews, never
its end, and costs nothing while it sleeps.
"""

import asyncio

from engine.protocol import Cancelled, Event, EventEnvelope, Failed, Finished, Preview

_ENDS = (Finished, Failed, Cancelled)


class EventStream:
    """Ids start above `base`, which has to grow from one run of the engine to the next."""

    def __init__(self, base: int) -> None:
        self._last_id = base
        self._story: tuple[EventEnvelope, ...] = ()
        self._news = asyncio.Event()
        self._closed = False

    def publish(self, event: Event) -> None:
        """Tell every reader; a preview replaces the one before, anything else replaces the whole story."""
        self._last_id += 1
        kept = self._story if isinstance(event, Preview) else ()
        kept = tuple(past for past in kept if not isinstance(past.event, Preview))
        self._story = (*kept, EventEnvelope(id=self._last_id, event=event))
        self._closed = self._closed or isinstance(event, _ENDS)
        self._wake()

    def close(self) -> None:
        """Let every reader go without an end: the engine stops, and they come back later."""
        self._closed = True
        self._wake()

    def known(self, last_id: int) -> int:
        """From where a reader goes on that comes with this id.

        One that this stream has not told yet was another job's, or of an engine whose data were put back since: its reader
        knows nothing. What is over is told to everybody who asks.
        """
        over = any(isinstance(past.event, _ENDS) for past in self._story)
        return 0 if over or last_id > self._last_id else last_id

    async def after(self, last_id: int) -> EventEnvelope | None:
        """Return the next event with a greater id, waiting for it; None when no more will come."""
        while True:
            for envelope in self._story:
                if envelope.id > last_id:
                    return envelope
            if self._closed:
                return None
            await self._news.wait()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
