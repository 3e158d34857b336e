"""Whoever follows the jobs of `bench.scale`, in a process of its own: `python -m bench.followers URL`.

For each line "JOB SERVER" on standard input it does what a bot does for a ticket: reads the events, fetches those frames that
`bot.tickets.progress` finds worth an edit, and the result, and looks whether it is this job's. Leaves what it has seen as JSON
on standard output, when the input has ended and all that it follows are over.
"""

import asyncio
import json
import sys
from collections import Counter, defaultdict
from contextlib import aclosing

from bot.engine_client import Ending, EngineClient, open_engine
from bot.errors import EngineUnreachable
from bot.tickets.pauses import pauses
from bot.tickets.progress import ChannelPace, MessagePace
from engine.protocol import Finished, Preview, Refusal

MAX_BYTES = 10 * 10**6  # what Discord takes


class Followers:
    """All followers of one bot; a server has one channel."""

    def __init__(self, engine: EngineClient) -> None:
        self._engine = engine
        self._channels: defaultdict[str, ChannelPace] = defaultdict(ChannelPace)
        self.events: Counter[str] = Counter()
        self.ends: Counter[str] = Counter()  # by job: how often an end was told
        self.counts: Counter[str] = Counter()

    async def follow(self, job: str, server: str) -> None:
        """One job to its end."""
        after: int | None = None
        now = asyncio.get_running_loop().time
        pace, retries = MessagePace(self._channels[server], now()), pauses()
        while not self.ends[job]:
            try:
                async with aclosing(self._engine.events(job, after)) as events:
                    async for envelope in events:
                        after, retries = envelope.id, pauses()
                        event = envelope.event
                        self.events[event.type] += 1
                        if isinstance(event, Preview) and pace.due(event) <= now():
                            pace.note(event, now())
                            await self._show(job, event)
                        elif isinstance(event, Ending):
                            self.ends[job] += 1
                            await self._fetch(job, event)
            except EngineUnreachable as error:
                self.counts[f"retried, {error.code}"] += 1
                await asyncio.sleep(next(retries))

    async def _show(self, job: str, event: Preview) -> None:
        try:
            self.counts["frame bytes"] += len(await self._engine.preview(job, event.n))
            self.counts["frames"] += 1
        except Refusal:  # a newer one has come
            self.counts["frames gone"] += 1

    async def _fetch(self, job: str, event: Ending) -> None:
        if not isinstance(event, Finished):
            return
        data = (await self._engine.result(job, max_bytes=MAX_BYTES)).data
        self.counts["results"] += 1
        self.counts["results of another job"] += job.encode() not in data[:100]


async def main(url: str) -> None:
    """Follow whatever is said on standard input."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    async with open_engine(url, None) as engine, asyncio.TaskGroup() as tasks:
        followers = Followers(engine)
        async for line in reader:
            job, server = line.decode().split()
            tasks.create_task(followers.follow(job, server), name=f"follow {job}")
    ends = followers.ends.values()
    told = {"followed": len(ends), "told an end twice": sum(each > 1 for each in ends)}
    print(json.dumps({**told, **followers.counts, "events": followers.events}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
