"""A booth: the place of one painter on some machine of a cluster, and what the engine may ask of it from afar.

It is an actor of Ray's, in a process of its own, and knows nothing of Ray. Rule: its painter is a child of its own, as it is
of the engine's on one machine: watched by the same vigil, blamed by the same evidence, with the same words. Whoever came
last has the lease: what others say is not heard, and what they had begun is dropped. Nobody who comes is the end of it.
"""

import asyncio
import os
import socket
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from pathlib import Path

import structlog

from engine.planning.abilities import Abilities
from engine.planning.memory import available_bytes
from engine.protocol import CrashPoint, reach
from engine.workers.cluster.parcel import unpacked
from engine.workers.cluster.scratch import Scratch
from engine.workers.cluster.wire import (
    DEMANDS,
    PIECE_BYTES,
    Clear,
    Fetch,
    Fetched,
    Hello,
    Here,
    Kept,
    Leave,
    Lost,
    Post,
    Put,
    Word,
    kind,
    packed_word,
)
from engine.workers.interface import WorkerLost
from engine.workers.ipc import Audition, Batch, RunReport, Stop, Work
from engine.workers.mailbox import Mailbox
from engine.workers.subprocess import LocalWorker

log = structlog.get_logger()

BEAT_SECONDS = 2.0  # between two signs of life
LEASE_SECONDS = (
    30.0  # without a word of the engine: then what it had begun is dropped, and another engine may come
)
LINGER_SECONDS = 300.0  # warm, for an engine that comes again; then the device is for others
WIRE_SHARE = 0.1  # of a painting's time in which checkpoints are fetched
MOST_PAUSE_SECONDS = 60.0  # between two, however long one took: what would be lost meanwhile counts for more


class LeaseError(Exception):
    """Somebody else has the booth."""


class Booth:
    """One painter, and the folder of its files.

    leave: ends this actor for good.
    """

    def __init__(self, post: Post, scratch: Scratch, leave: Callable[[], None]) -> None:
        self._post = post
        self._scratch = scratch
        self._leave = leave
        self._lease, self._holder = "", ""
        self._silence = 0.0  # of whoever has the lease: counted, so that a machine that sleeps counts none
        self._words: Mailbox[Word] = Mailbox(kind)
        if not post.num_gpus:  # of a processor it takes what Ray keeps for it
            os.environ.setdefault("TF_NUM_INTRAOP_THREADS", str(max(int(post.num_cpus), 1)))
        equipment = post.equipment.model_copy(update=scratch.folders(post.equipment))
        self._worker = LocalWorker(equipment, post.patience, post.grown_bytes)
        self._worker.program = post.program
        self._beginning = asyncio.Lock()
        self._starting: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None
        self._batch: asyncio.Task[None] | None = None
        self._works: tuple[Work, ...] = ()
        self._seen: dict[str, int] = {}  # of each checkpoint when the file was written that was offered last
        self._offered: dict[str, float] = {}  # what may not be replaced yet, and since when
        self._next_offer = 0.0
        self._watching = asyncio.create_task(self._watch(), name="booth")

    async def attend(self, lease: str, holder: str, *, fresh: bool) -> AsyncGenerator[bytes, None]:
        """Everything that is said from now on, to whoever has this lease; holder: which engine that is.

        The painter is brought back if it is lost, or anew if it is to be `fresh`. Raises LeaseError while another engine
        is there.
        """
        if holder != self._holder and self._silence < LEASE_SECONDS and self._lease:
            raise LeaseError("another engine has it: each needs a namespace of its own")
        words = self._lease_to(lease, "somebody else has it")
        self._holder, self._silence = holder, 0.0
        words.put(self._here())
        self._starting = asyncio.create_task(self._start(words, fresh=fresh), name="start")
        while True:
            yield packed_word(await words.get())

    async def answer(self, lease: str, demand: bytes, data: bytes) -> bytes:
        """Do what is demanded. Raises LeaseError, and what goes wrong with a file as OSError or ValueError."""
        if lease != self._lease:
            raise LeaseError("this lease is over")
        self._silence = 0.0
        match DEMANDS.validate_json(demand):
            case Hello():
                pass
            case Put(name=name, is_last=is_last):
                await asyncio.to_thread(self._scratch.put, name, data, is_last=is_last)
            case Fetch(name=name, offset=offset):
                return await asyncio.to_thread(self._scratch.read, name, offset, PIECE_BYTES)
            case Fetched(name=name):
                self._settle(name)
            case Batch() as batch:
                self._begin(batch)
            case Stop() as stop:
                self._worker.stop(stop)
            case Clear():
                await asyncio.to_thread(self._scratch.clear)
            case Leave():
                await self._worker.close()
        return b""

    async def close(self) -> None:
        """End the painter, and leave nothing of anybody's."""
        await self._worker.close()
        tasks = [task for task in (self._starting, self._ending, self._batch) if task is not None]
        for task in (self._watching, *tasks):
            if task is not asyncio.current_task():
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._scratch.close()

    # --- within -------------------------------------------------------------------------------------------

    def _lease_to(self, lease: str, why: str) -> Mailbox[Word]:
        """End the lease that there was, for a reason; what is said from now on is for this one."""
        self._lease = lease
        self._words.close(partial(LeaseError, why))
        self._words = Mailbox(kind)
        return self._words

    def _here(self) -> Here:
        return Here(machine=socket.gethostname(), painter=self._worker.pid)

    async def _start(self, words: Mailbox[Word], *, fresh: bool) -> None:
        async with self._beginning:
            if words is not self._words:
                return
            await self._drop()
            await asyncio.to_thread(self._scratch.clear)
            if self._ending is not None:
                self._ending.cancel()
            try:
                if fresh or self._worker.ready is None:
                    await self._worker.start()
            except (WorkerLost, OSError) as error:
                words.put(Lost(why=str(error), of_its_work=False))
                return
            if (ready := self._worker.ready) is not None:
                words.put(self._here())
                words.put(ready.model_copy(update={"abilities": self._on_its_machine(ready.abilities)}))
            self._ending = asyncio.create_task(self._tell_end(words), name="end")

    def _on_its_machine(self, abilities: Abilities) -> Abilities:
        """Of the memory that it shares with others there, it has as much as of the processors."""
        free = available_bytes()
        if abilities.memory is not None or free is None:
            return abilities
        share = min(self._post.num_cpus / (os.cpu_count() or 1), 1.0)
        return replace(abilities, memory=int(free * share))

    async def _tell_end(self, words: Mailbox[Word]) -> None:
        """Of a painter that is lost while it has nothing to paint."""
        await self._worker.ended()
        if self._batch is None or self._batch.done():
            words.put(Lost(why="it died while it waited", of_its_work=False))

    async def _drop(self) -> None:
        """End what an earlier lease has begun; the painter stays, if it obeys."""
        if self._batch is not None and not self._batch.done():
            for work in self._works:
                self._worker.stop(Stop(job=work.job, attempt=work.attempt, keep=False))
            await asyncio.wait([self._batch])
        self._batch, self._works = None, ()
        self._seen, self._offered = {}, {}

    def _begin(self, batch: Batch) -> None:
        if self._batch is not None and not self._batch.done():
            raise ValueError("a batch is not over yet")
        self._works = tuple(unpacked(work, self._scratch.folder) for work in batch.runs)
        self._seen = {path.name: path.stat().st_mtime_ns for path in self._checkpoints() if path.exists()}
        self._offered, self._next_offer = {}, 0.0
        reach(CrashPoint.BATCH_BEGUN)
        self._batch = asyncio.create_task(self._paint(self._works, self._words), name="batch")

    async def _paint(self, works: Sequence[Work], words: Mailbox[Word]) -> None:
        numbers = {(work.job, work.attempt): number for number, work in enumerate(works)}
        try:
            async with aclosing(self._worker.run(works)) as reports:
                async for work, report in reports:
                    # A tile is what others are painted from later, and there before it is seen.
                    self._offer(words, at_last=isinstance(work, Audition))
                    words.put(RunReport(number=numbers[work.job, work.attempt], report=report))
        except WorkerLost as lost:
            self._offer(words, at_last=True)
            words.put(Lost(why=str(lost), of_its_work=lost.of_its_work))
        else:
            idle = self._worker.idle
            abilities = idle.abilities and self._on_its_machine(idle.abilities)
            words.put(idle.model_copy(update={"abilities": abilities}))

    def _offer(self, words: Mailbox[Word], *, at_last: bool = False) -> None:
        """Offer the checkpoints that are new, unless one was just fetched."""
        if not at_last and (self._offered or time.monotonic() < self._next_offer):
            return
        for path in self._checkpoints():
            try:
                if (written := path.stat().st_mtime_ns) == self._seen.get(path.name):
                    continue
                self._seen[path.name] = written
                # Under a name of its own: the painter replaces the file while it is fetched.
                offered = path.with_name(f"{path.name}.{written}")
                os.link(path, offered)
            except FileNotFoundError:  # there is none yet
                continue
            except OSError as error:  # no more names fit there, or a file may have but one
                log.warning("a checkpoint cannot be offered", why=str(error))
                continue
            self._offered[offered.name] = time.monotonic()
            reach(CrashPoint.CHECKPOINT_OFFERED)
            words.put(Kept(of=path.name, name=offered.name))

    def _checkpoints(self) -> list[Path]:
        """Where the painter keeps those of the batch."""
        runs = [
            run for work in self._works for run in (work.tiles if isinstance(work, Audition) else (work,))
        ]
        return [Path(run.checkpoint) for run in runs if run.checkpoint is not None]

    def _settle(self, name: str) -> None:
        now = time.monotonic()
        took = now - self._offered.pop(name, now)
        self._next_offer = now + min(took * (1 / WIRE_SHARE - 1), MOST_PAUSE_SECONDS)
        self._scratch.remove(name)

    async def _watch(self) -> None:
        """Give signs of life, and look for those of the engine."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            self._silence += BEAT_SECONDS
            self._words.put(self._here())
            if self._batch is not None and not self._batch.done():
                self._offer(self._words)
            if self._silence > LINGER_SECONDS:
                log.warning("nobody came back to the booth")
                await self.close()
                self._leave()
                return
            if self._silence > LEASE_SECONDS and self._batch is not None:
                if not self._batch.done():
                    # It may only have been slow: then it hears of a loss, and not that what it did not stop was stopped.
                    why = "nothing was heard of the engine"
                    self._words.put(Lost(why=why, of_its_work=False))
                    self._lease_to("", why)
                await self._drop()
                self._scratch.clear()
