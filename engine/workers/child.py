"""A process that paints, seen from the engine: what it says, whether it lives, how it ends.

Rule: it is watched, not trusted. It is read all the time, whoever waits for what it says, so that neither a slow reader
nor a full pipe looks like a hang; of what nobody has fetched yet, only the newest of a kind is kept. Its end of file is
its death; a silence longer than `engine.workers.vigil` allows, a cancel that it does not obey and whatever it should not
say end it.
"""

import asyncio
from asyncio.subprocess import Process
from contextlib import suppress

import structlog
from pydantic import ValidationError

from engine.painting.pulse import Activity
from engine.workers.deaths import Witness, is_stopped
from engine.workers.interface import WorkerLost
from engine.workers.ipc import (
    LENGTH_BYTES,
    MAX_MESSAGE_BYTES,
    MESSAGES,
    Alive,
    End,
    Idle,
    Message,
    Ready,
    RunReport,
    WorkerMessage,
    pack,
)
from engine.workers.mailbox import Mailbox
from engine.workers.vigil import Patience, Starvation, Vigil

log = structlog.get_logger()

GOODBYE_SECONDS = 5.0
LAST_BREATH_SECONDS = 2.0  # between the end of a child's output and its own
REAP_SECONDS = 10.0  # what a driver keeps from ending is left to the system

Said = Ready | RunReport | Idle


class Child:
    """One process with its pipes, and the tasks that listen to it and watch it until it has ended."""

    def __init__(self, process: Process, patience: Patience) -> None:
        self.pid = process.pid
        self.vigil = Vigil(patience)
        self._process = process
        self._tick = patience.tick
        self._starvation = Starvation(process.pid)
        self._witness = Witness()
        self._said: Mailbox[Said] = Mailbox(_kind)
        self._is_ending = False
        self._why: tuple[str, bool] | None = None  # it was lost, and whether its work may be to blame
        self._ended = asyncio.Event()
        self._tasks = [
            asyncio.create_task(self._listen(), name=f"listen-{self.pid}"),
            asyncio.create_task(self._watch(), name=f"watch-{self.pid}"),
        ]

    @property
    def is_alive(self) -> bool:
        """Whether it can be spoken to."""
        return not self._is_ending and self._process.returncode is None

    async def ended(self) -> None:
        """Wait for its end."""
        await self._ended.wait()

    def tell(self, message: WorkerMessage) -> None:
        """Give it an order."""
        # Not drained: messages are small, and a child that does not read is found out by its silence.
        if self._process.stdin is not None:
            self._process.stdin.write(pack(message))

    def begin(self) -> None:
        """It gets work: how it ends from now on may have to do with that."""
        self.vigil.begin()
        self._witness = Witness()

    async def hear(self) -> Said:
        """The next that it says. Raises WorkerLost once it has said all and is lost."""
        return await self._said.get()

    async def end(self, why: str, *, of_its_work: bool | None = None) -> WorkerLost:
        """Kill it for a reason; of_its_work: as of `WorkerLost`, None leaves it to how it was found."""
        await self._lose(why, of_its_work=of_its_work)
        return self._loss()

    async def close(self) -> None:
        """Let it end, and leave a checkpoint if it can; kill it if it does not."""
        if self._is_ending:
            await self.ended()
        else:
            self._is_ending = True
            if self._process.stdin is not None:
                self._process.stdin.close()
            try:
                await asyncio.wait_for(self._process.wait(), GOODBYE_SECONDS)
            except TimeoutError:
                await self._kill()
            finally:
                self._finish("the worker is closed", of_its_work=False)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- within -------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        try:
            while True:
                self._take(await self._read())
        except (asyncio.IncompleteReadError, ConnectionError):
            await self._lose("died", has_ended=True)
        except ValueError as error:  # pydantic's too
            why = str(error) if not isinstance(error, ValidationError) else f"{error.error_count()} errors"
            await self._lose(f"said what is no report: {why}")

    async def _read(self) -> Message:
        stream = self._process.stdout
        if stream is None:
            raise ConnectionError("there is no pipe")
        size = int.from_bytes(await stream.readexactly(LENGTH_BYTES))
        if size > MAX_MESSAGE_BYTES:
            raise ValueError(f"{size} bytes")
        return MESSAGES.validate_json(await stream.readexactly(size))

    def _take(self, message: Message) -> None:
        self.vigil.hear()
        if isinstance(message, Alive):
            self.vigil.expect(message.activity, message.seconds)
            return
        if isinstance(message, Ready | Idle):
            self.vigil.expect(Activity.IDLE)
        elif isinstance(message.report, End):
            self.vigil.settle(message.number)
        self._said.put(message)

    async def _watch(self) -> None:
        while not self._is_ending:
            await asyncio.sleep(self._tick)
            # Of a hundred workers that speak, a look at each takes more of the processor than to hear them.
            stopped = self.vigil.is_silent and is_stopped(self._process)
            self.vigil.wait(self._tick, self._starved(), stopped=stopped)
            if self.vigil.is_dead:
                await self._lose("gave no sign of life")
            elif self.vigil.is_disobeyed:
                await self._lose("did not drop what was cancelled", of_its_work=False)

    def _starved(self) -> float:
        """Of the last tick; only known of a silence that is worth the look."""
        if self.vigil.is_long:
            return min(self._starvation.since_last(), self._tick)
        self._starvation.forget()
        return 0.0

    async def _lose(self, why: str, *, has_ended: bool = False, of_its_work: bool | None = None) -> None:
        if self._is_ending:
            return
        self._is_ending = True
        found = not is_stopped(self._process)
        try:  # how it ended tells what it died of
            status = await asyncio.wait_for(self._process.wait(), LAST_BREATH_SECONDS if has_ended else 0)
            found = self._witness.blames_work(status)
        except TimeoutError:
            await self._kill()
        finally:
            self._finish(why, of_its_work=found if of_its_work is None else of_its_work)
        log.error("worker was lost", why=why, pid=self.pid, status=self._process.returncode)

    async def _kill(self) -> None:
        with suppress(ProcessLookupError):  # it may be dead without our knowing
            self._process.kill()
        try:
            await asyncio.wait_for(self._process.wait(), REAP_SECONDS)
        except TimeoutError:
            log.critical("a worker cannot be ended", pid=self.pid)

    def _finish(self, why: str, *, of_its_work: bool) -> None:
        self._why = why, of_its_work
        self._ended.set()
        self._said.close(self._loss)

    def _loss(self) -> WorkerLost:
        why, of_its_work = self._why or ("is ending", False)
        return WorkerLost(why, of_its_work=of_its_work)


def _kind(said: Said) -> tuple[object, ...]:
    """What is the same of two things said if the later one makes the earlier one old."""
    return (said.number, type(said.report)) if isinstance(said, RunReport) else (type(said),)
