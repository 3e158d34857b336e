"""A painter in a booth, seen from the engine: what it says, whether it can be reached, what it has made.

Rule: it is watched where it is; here only the way to it is, by the booth's signs of life. What it leaves is fetched before
its loss is told: a checkpoint is in the job's folder, whole, and none is fetched twice.
"""

import asyncio
import os
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

from engine.protocol import CrashPoint, reach
from engine.storage.atomic import UNFINISHED
from engine.workers.cluster.office import Line, Office
from engine.workers.cluster.parcel import Parcel
from engine.workers.cluster.wire import (
    PIECE_BYTES,
    Clear,
    Demand,
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
)
from engine.workers.interface import WorkerLost
from engine.workers.ipc import Idle, Ready, RunReport
from engine.workers.mailbox import Mailbox

log = structlog.get_logger()

HELLO_SECONDS = 5.0  # between two; a booth waits for some times as long
SILENCE_SECONDS = 30.0  # of a booth that was heard before
PLACE_SECONDS = 60.0  # between two lines in the log of one that waits for a place
GOODBYE_SECONDS = 15.0  # for a painter to leave its checkpoint, and for that to be fetched

CLEAR_SECONDS = 5.0

Said = Ready | RunReport | Idle


class Painter:
    """One life of a worker in a cluster; parcel: what it has to paint."""

    def __init__(self) -> None:
        self.parcel = Parcel()
        self.pid: int | None = None  # on its machine
        self.machine = ""
        self._line: Line | None = None
        self._said: Mailbox[Said] = Mailbox(kind)
        self._silence: float | None = None  # since it was heard first
        self._is_ending = False
        self._why: tuple[str, bool] | None = None  # it was lost, and whether its work may be to blame
        self._ended = asyncio.Event()
        self._bringing = asyncio.Lock()
        self._brings: set[asyncio.Task[None]] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def hire(self, office: Office, number: int, post: Post, *, fresh: bool) -> None:
        """Have it from the office. Raises WorkerLost."""
        self._line = await office.hire(number, post, self, fresh=fresh)
        self._follow(self._watch(number))

    @property
    def is_alive(self) -> bool:
        """Whether it can be spoken to."""
        return self._line is not None and self._why is None

    async def ended(self) -> None:
        """Wait for its end."""
        await self._ended.wait()

    async def next(self) -> Said:
        """The next that it says. Raises WorkerLost once it has said all and is lost."""
        return await self._said.get()

    async def ask(self, demand: Demand, data: bytes = b"") -> bytes:
        """Demand something. Raises WorkerLost, and LookupError for what cannot be done there."""
        if self._line is None or self._why is not None:
            raise self._loss()
        return await self._line.ask(demand, data)

    def tell(self, demand: Demand) -> None:
        """Demand something, whatever comes of it."""
        self._follow(self._ask_quietly(demand))

    async def send(self, name: str, path: Path) -> None:
        """Give it a file. Raises OSError, and as `ask`."""
        with path.open("rb") as file:
            piece = await asyncio.to_thread(file.read, PIECE_BYTES)
            while True:
                following = await asyncio.to_thread(file.read, PIECE_BYTES)
                await self.ask(Put(name=name, is_last=not following), piece)
                if not following:
                    return
                piece = following

    async def bring(self, name: str, path: Path, *, for_good: bool) -> None:
        """Fetch a file; for_good: so that a power cut does not cost it. Raises OSError, and as `ask`."""
        unfinished = path.with_name(path.name + UNFINISHED)
        try:
            with unfinished.open("wb") as file:
                offset = 0
                while True:
                    piece = await self.ask(Fetch(name=name, offset=offset))
                    await asyncio.to_thread(file.write, piece)
                    offset += len(piece)
                    if len(piece) < PIECE_BYTES:
                        break
                file.flush()
                if for_good:
                    await asyncio.to_thread(os.fsync, file.fileno())
            unfinished.rename(path)
        except BaseException:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise

    async def settle(self) -> None:
        """Wait until what was offered is fetched."""
        while self._brings:
            await asyncio.wait(self._brings)

    async def end(self, why: str) -> WorkerLost:
        """End it, and its booth, for a reason of ours."""
        self.lose(why)
        if self._line is not None:
            await self._line.dismiss()
        return self._loss()

    async def close(self) -> None:
        """Let it end and leave a checkpoint if it can, and end its booth."""
        self._is_ending = True
        if self.is_alive and self._silence is not None:  # and has a place at all
            with suppress(WorkerLost, LookupError, TimeoutError):
                async with asyncio.timeout(GOODBYE_SECONDS):
                    await self.ask(Leave())
                    await self._ended.wait()
            await self._clear()
        await self.end("the worker is closed")
        await self.leave()

    async def leave(self) -> None:
        """Hear no more of it; the booth stays, for the next life of its worker."""
        self._is_ending = True
        self.lose("another takes its place")
        for task in [*self._tasks]:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- what is heard ------------------------------------------------------------------------------------

    def hear(self, word: Word) -> None:
        """The booth has said this."""
        self._silence = 0.0
        match word:
            case Here(machine=machine, painter=pid):
                self.machine, self.pid = machine, pid
            case Kept():
                self._brings.add(bring := self._follow(self._bring_kept(word)))
                bring.add_done_callback(self._brings.discard)
            case Lost():
                self._follow(self._mourn(word))
            case _:
                self._said.put(word)

    def lose(self, why: str, *, of_its_work: bool = False) -> None:
        """It is lost, or the way to it."""
        if self._why is None:
            self._why = why, of_its_work
            self._ended.set()
            self._said.close(self._loss)
            if not self._is_ending:
                log.error("worker was lost", why=why, pid=self.pid, machine=self.machine)

    # --- within -------------------------------------------------------------------------------------------

    def _loss(self) -> WorkerLost:
        why, of_its_work = self._why or ("is not there yet", False)
        return WorkerLost(why, of_its_work=of_its_work)

    def _follow(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _clear(self) -> None:
        """Others' pictures are not to stay there."""
        if self._line is not None:
            with suppress(WorkerLost, LookupError, TimeoutError):
                async with asyncio.timeout(CLEAR_SECONDS):
                    await self._line.ask(Clear())

    async def _ask_quietly(self, demand: Demand) -> None:
        with suppress(WorkerLost, LookupError):
            await self.ask(demand)

    async def _bring_kept(self, kept: Kept) -> None:
        async with self._bringing:
            path = self.parcel.kept.get(kept.of)
            try:
                if path is not None:
                    await self.bring(kept.name, path, for_good=False)
                    reach(CrashPoint.CHECKPOINT_BROUGHT)
            except (WorkerLost, LookupError, OSError) as error:
                # Lost with it, or the disk is full, or the job was cancelled and its folder removed.
                log.warning("a checkpoint cannot be brought", path=str(path), why=str(error))
            with suppress(WorkerLost, LookupError):
                await self.ask(Fetched(name=kept.name))

    async def _mourn(self, lost: Lost) -> None:
        await self.settle()
        self.lose(lost.why, of_its_work=lost.of_its_work)

    async def _watch(self, number: int) -> None:
        waited = 0.0
        while self._why is None:
            await asyncio.sleep(1.0)
            waited += 1.0
            if self._silence is None:  # it waits for a place, for as long as that takes
                if waited % PLACE_SECONDS == 0:
                    log.warning("a worker waits for a place in the cluster", worker=number, seconds=waited)
                continue
            self._silence += 1.0
            if waited % HELLO_SECONDS == 0:
                self.tell(Hello())
            if self._silence > SILENCE_SECONDS:
                await self.end("gave no sign of life")
