"""A worker in a child process on this machine, with messages on its standard input and output.

Rule: a batch is over when the child has said so, and then it waits for the next; whatever is not as it should be ends
the child. Its session is its own, so that Ctrl-C reaches only us.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator, Sequence

import structlog

from engine.planning.abilities import Abilities
from engine.workers.child import Child
from engine.workers.interface import WorkerLost
from engine.workers.ipc import (
    AtHand,
    Batch,
    Began,
    End,
    Equipment,
    Idle,
    Ready,
    Report,
    RunReport,
    Stop,
    Work,
)
from engine.workers.vigil import Patience

log = structlog.get_logger()

PROGRAM = "engine.workers.main"
GROWN_BYTES = 300_000_000  # what a worker has of its first pictures, and of some twenty levels of new shapes


class LocalWorker:
    """One child on one device; `program` is the module that it runs.

    patience: for its silence. grown_bytes: so much more memory than when it was warm, loops aside, makes it spent.
    """

    program = PROGRAM

    def __init__(
        self, equipment: Equipment, patience: Patience | None = None, grown_bytes: int = GROWN_BYTES
    ) -> None:
        self._equipment = equipment
        self._patience = patience or Patience()
        self._grown_bytes = grown_bytes
        self._child: Child | None = None
        self._ready: Ready | None = None
        self._idle = Idle()
        self._runs: dict[int, Work] = {}  # of the batch, those that are not over
        self._begun: set[int] = set()
        self._dropped: set[tuple[str, int]] = set()  # attempts that are to be stopped with nothing kept

    async def start(self) -> Abilities:
        """See `Worker.start`."""
        await self.close()
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self.program,
            self._equipment.model_dump_json(),
            stdin=PIPE,
            stdout=PIPE,
            start_new_session=True,
        )
        self._child = child = Child(process, self._patience)
        ready = await child.hear()
        if not isinstance(ready, Ready):
            raise await child.end(f"said {ready.type} instead of ready")
        self._ready, self._idle = ready, Idle(at_hand=ready.at_hand)
        log.info("worker is warm", pid=child.pid, device=self._equipment.device, **ready.facts)
        return ready.abilities

    @property
    def abilities(self) -> Abilities:
        """See `Worker.abilities`."""
        if self._ready is None:
            raise RuntimeError("a worker that has not started says nothing of itself")
        return self._ready.abilities

    @property
    def ready(self) -> Ready | None:
        """What it can do and has at hand now; None if it is not alive."""
        return self._ready if self.is_alive else None

    @property
    def idle(self) -> Idle:
        """What it has said when its last batch was over."""
        return self._idle

    @property
    def pid(self) -> int | None:
        """Of the child, if there is one."""
        return None if self._child is None else self._child.pid

    @property
    def is_alive(self) -> bool:
        """See `Worker.is_alive`."""
        return self._child is not None and self._child.is_alive

    async def ended(self) -> None:
        """See `Worker.ended`."""
        if self._child is not None:
            await self._child.ended()

    @property
    def is_spent(self) -> bool:
        """See `Worker.is_spent`: it has grown, though it has given back what it does not use."""
        return not self._runs and self._idle.grown > self._grown_bytes

    @property
    def at_hand(self) -> AtHand:
        """See `Worker.at_hand`."""
        return self._idle.at_hand if self.is_alive else AtHand()

    async def run(self, batch: Sequence[Work]) -> AsyncGenerator[tuple[Work, Report], None]:
        """See `Worker.run`."""
        if (child := self._child) is None:
            raise WorkerLost("the worker is closed", of_its_work=False)
        self._runs, self._begun = dict(enumerate(batch)), set()
        child.begin()
        child.tell(Batch(runs=tuple(batch)))
        try:
            while self._runs:
                message = await child.hear()
                if not isinstance(message, RunReport) or message.number not in self._runs:
                    raise await child.end("said what does not belong to its work")
                run = self._runs[message.number]
                if isinstance(message.report, Began):
                    self._begun.add(message.number)
                    self._count_down(child)
                if isinstance(message.report, End):
                    del self._runs[message.number]
                yield run, message.report
            idle = await child.hear()
            if not isinstance(idle, Idle):
                raise await child.end("said more than its work was")
            self._idle = idle
            if self._ready is not None:
                self._ready = self._ready.after(idle)
        finally:
            self._runs = {}
            self._dropped.clear()

    def stop(self, order: Stop) -> None:
        """See `Worker.stop`."""
        if (child := self._child) is None:
            return
        child.tell(order)
        if not order.keep:
            self._dropped.add((order.job, order.attempt))
            self._count_down(child)

    async def close(self) -> None:
        """See `Worker.close`."""
        child, self._child = self._child, None
        if child is not None:
            await child.close()

    def _count_down(self, child: Child) -> None:
        """Of runs that are to be dropped; one that waits its turn in the batch has time."""
        for number, run in self._runs.items():
            if number in self._begun and (run.job, run.attempt) in self._dropped:
                child.vigil.cancel(number)
