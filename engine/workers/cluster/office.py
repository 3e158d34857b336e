"""The engine's side of its driver: one process for all workers, started when it is wanted and watched like a worker.

Rule: its death, its silence and whatever it should not say are the loss of every worker that it spoke for, of none of their
work, and the next that is wanted starts another.
"""

import asyncio
import sys
import uuid
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from typing import Protocol

import structlog
from pydantic import ValidationError

from engine.workers.cluster.wire import (
    LENGTH_BYTES,
    MAX_HEAD_BYTES,
    MAX_PIECE_BYTES,
    NEWS,
    Answered,
    Ask,
    Demand,
    Dismiss,
    DriverSettings,
    Gone,
    Hire,
    News,
    NoCluster,
    Post,
    Said,
    Unanswered,
    Up,
    Word,
    dump,
    frame,
    read_word,
)
from engine.workers.interface import WorkerLost

log = structlog.get_logger()

# A cluster of this machine alone starts in seven, and takes many times as long where all is busy.
CONNECT_SECONDS = 300.0
ADDRESS_SECONDS = 30.0  # between two lines in the log of one that has none yet: the address may be wrong
SILENCE_SECONDS = 30.0  # of a driver that is up
GOODBYE_SECONDS = 15.0  # a cluster of this machine alone has some processes to end
PROGRAM = "engine.workers.cluster.driver"


class Listener(Protocol):
    """Whoever has a line."""

    def hear(self, word: Word) -> None:
        """The booth has said this."""

    def lose(self, why: str) -> None:
        """The booth, or the way to it, is lost."""


class Line:
    """The way to one booth, under one lease, until one of the two is lost."""

    def __init__(self, driver: "_Driver", worker: int, listener: Listener) -> None:
        self.worker = worker
        self.lease = uuid.uuid4().hex
        self._driver = driver
        self._listener = listener
        self._lost: str | None = None

    def hear(self, word: bytes) -> None:
        """Something was said."""
        if self._lost is None:
            try:
                self._listener.hear(read_word(word))
            except ValidationError as error:
                self.lose(f"said what is no word: {error.error_count()} errors")

    def lose(self, why: str) -> None:
        """Nothing more is heard."""
        if self._lost is None:
            self._lost = why
            self._listener.lose(why)

    async def ask(self, demand: Demand, data: bytes = b"") -> bytes:
        """The booth's answer. Raises WorkerLost, and LookupError for what the booth cannot do."""
        if self._lost is not None:
            raise WorkerLost(self._lost, of_its_work=False)
        return await self._driver.ask(self, demand, data)

    async def dismiss(self) -> None:
        """End the booth, if it can be reached."""
        if self._lost is None:
            await self._driver.dismiss(self)


class _Driver:
    """One life of the process, with the tasks that listen to it and watch it."""

    def __init__(self, process: Process, address: str) -> None:
        self._process = process
        self._address = address
        self._lines: dict[int, Line] = {}
        self._calls: dict[int, asyncio.Future[bytes]] = {}
        self._number = 0
        self._is_up = asyncio.Event()
        self._silence = 0.0
        self._why: str | None = None
        self._tasks = [
            asyncio.create_task(self._listen(), name=f"listen-{process.pid}"),
            asyncio.create_task(self._watch(), name=f"watch-{process.pid}"),
        ]

    @property
    def is_alive(self) -> bool:
        return self._why is None

    async def up(self) -> None:
        """Wait until it has a cluster. Raises WorkerLost."""
        await self._is_up.wait()
        if self._why is not None:
            raise WorkerLost(self._why, of_its_work=False)

    async def hire(self, worker: int, post: Post, listener: Listener, *, fresh: bool) -> Line:
        line = Line(self, worker, listener)
        if (before := self._lines.get(worker)) is not None:
            before.lose("another has its booth")
        self._lines[worker] = line
        await self._tell(frame(Hire(worker=worker, lease=line.lease, fresh=fresh, post=post)))
        return line

    async def ask(self, line: Line, demand: Demand, data: bytes) -> bytes:
        body = dump(demand)
        ask = Ask(worker=line.worker, lease=line.lease, call=self._next(), demand_bytes=len(body))
        return await self._call(ask, body + data)

    async def dismiss(self, line: Line) -> None:
        with suppress(LookupError, WorkerLost):
            await self._call(Dismiss(worker=line.worker, lease=line.lease, call=self._next()))
        line.lose("the worker is closed")

    async def close(self) -> None:
        """Let it end; kill it if it does not."""
        self._lose("the driver is closed")
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), GOODBYE_SECONDS)
        except TimeoutError:
            self._kill()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- within -------------------------------------------------------------------------------------------

    def _next(self) -> int:
        self._number += 1
        return self._number

    async def _call(self, message: Ask | Dismiss, data: bytes = b"") -> bytes:
        if self._why is not None:
            raise WorkerLost(self._why, of_its_work=False)
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._calls[message.call] = answer
        try:
            await self._tell(frame(message, data))
            return await answer
        finally:
            del self._calls[message.call]

    async def _tell(self, packed: bytes) -> None:
        if self._process.stdin is not None:
            self._process.stdin.write(packed)
            with suppress(ConnectionError):  # its end is heard of
                await self._process.stdin.drain()

    async def _listen(self) -> None:
        try:
            while True:
                self._take(*await self._read())
        except (asyncio.IncompleteReadError, ConnectionError):
            why = "the driver died"
        except ValueError as error:  # pydantic's too
            text = str(error) if not isinstance(error, ValidationError) else f"{error.error_count()} errors"
            why = f"the driver said what is no news: {text}"
        if self.is_alive:
            self._end(why)

    async def _read(self) -> tuple[News, bytes]:
        stream = self._process.stdout
        if stream is None:
            raise ConnectionError("there is no pipe")
        lengths = await stream.readexactly(2 * LENGTH_BYTES)
        head, data = int.from_bytes(lengths[:LENGTH_BYTES]), int.from_bytes(lengths[LENGTH_BYTES:])
        if head > MAX_HEAD_BYTES or data > MAX_PIECE_BYTES:
            raise ValueError(f"{head} and {data} bytes")
        return NEWS.validate_json(await stream.readexactly(head)), await stream.readexactly(data)

    def _take(self, news: News, data: bytes) -> None:
        self._silence = 0.0
        match news:
            case Up():
                self._is_up.set()
            case NoCluster(why=why):
                self._end(f"there is no cluster at {self._address}: {why}")
            case Said(worker=worker, lease=lease) | Gone(worker=worker, lease=lease):
                line = self._lines.get(worker)
                if line is not None and line.lease == lease:  # and not an old one
                    line.hear(data) if isinstance(news, Said) else line.lose(news.why)
            case Answered(call=call) | Unanswered(call=call):
                answer = self._calls.get(call)
                if answer is not None and not answer.done():
                    if isinstance(news, Answered):
                        answer.set_result(data)
                    else:
                        answer.set_exception(LookupError(news.why))

    async def _watch(self) -> None:
        waited = 0.0
        while self._why is None:
            await asyncio.sleep(1.0)
            waited += 1.0
            self._silence += 1.0
            if not self._is_up.is_set():
                if waited > CONNECT_SECONDS:
                    self._end(f"the driver found no cluster at {self._address}")
                elif waited % ADDRESS_SECONDS == 0:
                    log.warning("nothing answers as the cluster", address=self._address, seconds=waited)
            elif self._silence > SILENCE_SECONDS:
                self._end("the driver gave no sign of life")

    def _end(self, why: str) -> None:
        log.error("driver was lost", why=why, pid=self._process.pid)
        self._lose(why)
        self._kill()

    def _lose(self, why: str) -> None:
        if self._why is not None:
            return
        self._why = why
        self._is_up.set()
        for line in self._lines.values():
            line.lose(why)
        for answer in self._calls.values():
            if not answer.done():
                answer.set_exception(WorkerLost(why, of_its_work=False))

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()


class Office:
    """Where workers in a cluster are had from; settings: of its driver."""

    def __init__(self, settings: DriverSettings) -> None:
        self._settings = settings
        self._driver: _Driver | None = None
        self._starting = asyncio.Lock()
        self.pid: int | None = None  # of the driver that was started last

    async def hire(self, worker: int, post: Post, listener: Listener, *, fresh: bool = False) -> Line:
        """A line to the worker's booth, which may have to wait for a place in the cluster. Raises WorkerLost."""
        async with self._starting:
            if self._driver is None or not self._driver.is_alive:
                if self._driver is not None:
                    await self._driver.close()
                self._driver = await self._start()
            driver = self._driver
        await driver.up()
        return await driver.hire(worker, post, listener, fresh=fresh)

    async def close(self) -> None:
        """End the driver; a booth that was not dismissed waits for it to come again."""
        async with self._starting:
            driver, self._driver = self._driver, None
            if driver is not None:
                await driver.close()

    async def _start(self) -> _Driver:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            PROGRAM,
            self._settings.model_dump_json(),
            stdin=PIPE,
            stdout=PIPE,
            start_new_session=True,
        )
        self.pid = process.pid
        log.info("driver was started", pid=process.pid, address=self._settings.address)
        return _Driver(process, self._settings.address)
