"""A worker that is a child process of this machine, talked to over its standard input and output.

Rule: the child is watched, not trusted. Its end of file is its death, noticed at once; silence longer than any
step takes is a hang, and ends it too. Its session is its own, so that Ctrl-C reaches only us.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress

import structlog
from pydantic import ValidationError

from engine.planning.cost_model import Speed
from engine.workers.deaths import Witness, is_stopped
from engine.workers.interface import WorkerLost
from engine.workers.ipc import (
    LENGTH_BYTES,
    MESSAGES,
    Batch,
    End,
    Equipment,
    Ready,
    Report,
    Run,
    RunReport,
    Stop,
    WorkerMessage,
    pack,
)

log = structlog.get_logger()

SILENCE_SECONDS = 600.0  # the slowest step seen takes seconds; loading and compiling, a minute or two
GOODBYE_SECONDS = 5.0
LAST_BREATH_SECONDS = 2.0  # between the end of a child's output and its own


class LocalWorker:
    """One child on one device; `program` is the module that it runs."""

    program = "engine.workers.main"

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment
        self._process: Process | None = None
        self._batch = 1
        self._compiling = 0.0
        self._witness = Witness()

    @property
    def batch(self) -> int:
        """See `Worker.batch`."""
        return self._batch

    async def start(self) -> Speed:
        """See `Worker.start`."""
        await self.close()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self.program,
            self._equipment.model_dump_json(),
            stdin=PIPE,
            stdout=PIPE,
            start_new_session=True,
        )
        ready = await self._read()
        if not isinstance(ready, Ready):
            raise await self._lost(f"said {ready.type} instead of ready")
        self._batch = ready.batch
        log.info("worker is warm", pid=self._process.pid, device=self._equipment.device, batch=self._batch)
        self._compiling = ready.compiling
        return Speed(ready.overhead, ready.per_megapixel, ready.precision, ready.compiling)

    @property
    def is_alive(self) -> bool:
        """See `Worker.is_alive`."""
        return self._process is not None and self._process.returncode is None

    async def ended(self) -> None:
        """See `Worker.ended`."""
        if self._process is not None:
            await self._process.wait()

    @property
    def compiling(self) -> float:
        """See `Worker.compiling`."""
        return self._compiling

    async def run(self, batch: Sequence[Run]) -> AsyncGenerator[tuple[Run, Report], None]:
        """See `Worker.run`."""
        self._witness = Witness()
        self._write(Batch(runs=tuple(batch)))
        # At 4096 pixels a single step takes minutes, and the plan knows.
        longest_silence = SILENCE_SECONDS + sum(run.plan.seconds for run in batch)
        open_runs = dict(enumerate(batch))
        while open_runs:
            message = await self._read(longest_silence)
            if not isinstance(message, RunReport) or message.number not in open_runs:
                raise await self._lost("said what does not belong to its work")
            yield open_runs[message.number], message.report
            if isinstance(message.report, End):
                del open_runs[message.number]

    def stop(self, order: Stop) -> None:
        """See `Worker.stop`."""
        self._write(order)

    async def close(self) -> None:
        """See `Worker.close`.

        When its input ends, the child ends too, and leaves a checkpoint if it can; it is killed if it does not.
        """
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), GOODBYE_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()

    def _write(self, message: WorkerMessage) -> None:
        # Not drained: messages are small, and a child that does not read is found out by its silence.
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(pack(message))

    async def _read(self, longest_silence: float = SILENCE_SECONDS) -> Ready | RunReport:
        if self._process is None or self._process.stdout is None:
            raise WorkerLost("the worker is closed", of_its_work=False)
        stream = self._process.stdout
        try:
            async with asyncio.timeout(longest_silence):
                head = await stream.readexactly(LENGTH_BYTES)
                return MESSAGES.validate_json(await stream.readexactly(int.from_bytes(head)))
        except TimeoutError:
            raise await self._lost(f"was silent for {longest_silence:.0f} s") from None
        except (asyncio.IncompleteReadError, ConnectionError):
            raise await self._lost("died", has_ended=True) from None
        except ValidationError as error:
            raise await self._lost("said what is no report") from error

    async def _lost(self, why: str, *, has_ended: bool = False) -> WorkerLost:
        process, self._process = self._process, None
        if process is None:
            return WorkerLost(why, of_its_work=False)
        stopped = is_stopped(process)
        try:  # how it ended tells what it died of
            status = await asyncio.wait_for(process.wait(), LAST_BREATH_SECONDS if has_ended else 0)
            of_its_work = self._witness.blames_work(status)
        except TimeoutError:
            of_its_work = not stopped
            with suppress(ProcessLookupError):  # it may be dead without our knowing
                process.kill()
            await process.wait()
        log.error(
            "worker was lost", why=why, pid=process.pid, status=process.returncode, of_its_work=of_its_work
        )
        return WorkerLost(why, of_its_work=of_its_work)
