"""The process that paints: `python -m engine.workers.main EQUIPMENT` (as JSON), started by `LocalWorker`.

Orders come in on standard input and reports leave on what was standard output, which is kept from everybody
else. Rule: it hardly outlives its parent. When the pipe ends it finishes the step it is at and leaves a
checkpoint, for which it has FAREWELL_SECONDS; then it ends, whatever it was doing. The thread that paints says all by
itself, that it lives too.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, BinaryIO

import structlog

import engine.log
from engine.devices.device import Device, show, take
from engine.devices.memory import gauge
from engine.devices.names import NoDeviceError, is_gpu_name
from engine.devices.onednn import use_system_allocator
from engine.painting import heap
from engine.painting.machine import MachineCache, machine
from engine.painting.precisions import lacks, settle
from engine.painting.pulse import Activity, Pulse
from engine.painting.statistics_cache import StatisticsCache
from engine.planning.measuring import Measured
from engine.planning.memory import available_bytes, resident_bytes
from engine.planning.planner import needed_bytes
from engine.protocol import CrashPoint, ErrorCode, Plan, Problem, Refusal, asked_as, reach
from engine.styles import catalogue
from engine.workers.at_hand import Recent
from engine.workers.audition import Orders, hold
from engine.workers.checkpoints import Checkpoints, digest_of
from engine.workers.ipc import (
    LENGTH_BYTES,
    ORDERS,
    Alive,
    Audition,
    Batch,
    Began,
    End,
    Equipment,
    Failure,
    Idle,
    Ready,
    Report,
    Result,
    Run,
    RunReport,
    Stop,
    Stopped,
    Work,
    WorkerMessage,
    pack,
)
from engine.workers.runner import paint, paint_side_by_side
from engine.workers.skills import Skills

if TYPE_CHECKING:
    from engine.painting.session import Session

log = structlog.get_logger()

NICENESS = 10  # the service answers first, the painting takes what is left
FAREWELL_SECONDS = 4.0  # less than the parent waits
# Of a process that paints up to 512 x 512 pixels on a processor, between evaluations as `LoopCache` knows them; a little
# more is there while a level is compiled. On a GPU the libraries alone take more.
MOST_BYTES = 2_200_000_000
IDLE_SECONDS = 5.0  # between two signs of life while there is no work


class Inbox:
    """The orders: work waits its turn, a stop is noted for the attempt that it means, even an early one."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._work: SimpleQueue[Batch | None] = SimpleQueue()
        self._stops: dict[tuple[str, int], Stop] = {}
        self._over = threading.Event()
        self._busy = False
        threading.Thread(target=self._listen, name="inbox", daemon=True).start()

    def next_work(self, pulse: Pulse) -> Batch | None:
        """Wait for something to paint; None when no more will come."""
        pulse.enter(Activity.IDLE)
        while True:
            try:
                batch = self._work.get(timeout=IDLE_SECONDS)
            except Empty:
                pulse.beat()
            else:
                self._busy = batch is not None
                return batch

    def is_over(self) -> bool:
        """Whether the parent has hung up."""
        return self._over.is_set()

    def stop_for(self, run: Work) -> Stop | None:
        """Return the stop that was asked for, if one was."""
        return self._stops.get((run.job, run.attempt))

    def settle(self, batch: Batch) -> None:
        """Forget the stops of work that is over."""
        self._busy = False
        for run in batch.runs:
            self._stops.pop((run.job, run.attempt), None)

    def _listen(self) -> None:
        try:
            while head := self._stream.read(LENGTH_BYTES):
                self._take(self._stream.read(int.from_bytes(head)))
        finally:
            self._over.set()
            self._work.put(None)
            if self._busy:
                time.sleep(FAREWELL_SECONDS)
            os._exit(1)  # the main thread may be deep inside TensorFlow

    def _take(self, order: bytes) -> None:
        match ORDERS.validate_json(order):
            case Batch() as batch:
                self._work.put(batch)
            case Stop() as stop:
                self._stops[stop.job, stop.attempt] = stop


class Outbox:
    """What is said to the parent; once that has hung up, nobody listens and nothing is lost by it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def say(self, message: WorkerMessage) -> None:
        """Say it, and wait until the pipe has room for it."""
        with suppress(BrokenPipeError):
            self._stream.write(pack(message))
            self._stream.flush()

    def say_alive(self, activity: Activity, seconds: float) -> None:
        """Say what the thread that paints is at."""
        self.say(Alive(activity=activity, seconds=seconds))

    def report(self, report: RunReport) -> None:
        """Say it; a test may end the process before and after."""
        told = isinstance(report.report, Result)
        if told:
            reach(CrashPoint.RESULT_TO_TELL)
        self.say(report)
        if told:
            reach(CrashPoint.RESULT_TOLD)


class Painter:
    """Paints batches, and learns what the device can do."""

    def __init__(
        self,
        session: "Session",
        device: Device,
        skills: Skills,
        inbox: Inbox,
        equipment: Equipment,
        pulse: Pulse,
    ) -> None:
        self._session = session
        self._device = device
        self._skills = skills
        self._inbox = inbox
        self._equipment = equipment
        self._pulse = pulse

    def paint(self, batch: Batch) -> Iterator[RunReport]:
        """Side by side as far as that can be done, and the others one after the other."""
        self._pulse.enter(Activity.READING)
        left = dict(enumerate(batch.runs))
        runs = [run for run in batch.runs if isinstance(run, Run)]
        if len(runs) > 1 and len(runs) == len(left) and self._fits([run.plan for run in runs]):
            for report in self._side_by_side(runs):
                if isinstance(report.report, End):
                    del left[report.number]
                yield report
        for number, run in left.items():
            if not self._inbox.is_over():
                for each in self._alone(run):
                    yield RunReport(number=number, report=each)

    def _side_by_side(self, runs: Sequence[Run]) -> Iterator[RunReport]:
        """Whatever is in the way of painting all of them ends this early; one by one it shows whose it was."""
        from tensorflow.errors import OpError, ResourceExhaustedError  # the session has loaded it already

        try:
            reports = paint_side_by_side(
                self._session,
                runs,
                [self._checkpoints(run) for run in runs],
                began=self._began,
                stop=self._inbox.stop_for,
                is_over=self._inbox.is_over,
                pulse=self._pulse,
            )
            for number, report in reports:
                yield RunReport(number=number, report=report)
            for run in runs:
                log.info(
                    "painting ended, side by side", job=run.job, attempt=run.attempt, request=run.request_id
                )
        except (MemoryError, ResourceExhaustedError):
            log.warning("too little memory side by side", jobs=len(runs))
        except OpError:
            raise  # as below
        except Exception:
            log.exception("painting side by side failed", jobs=[run.job for run in runs])

    def _alone(self, run: Work) -> Iterator[Report]:
        """Paint one; all that is logged meanwhile names what was asked."""
        with asked_as(run.request_id):
            log.info("painting begins", job=run.job, attempt=run.attempt)
            yield from self._painted(run)
            log.info("painting ends", job=run.job, attempt=run.attempt)

    def _painted(self, run: Work) -> Iterator[Report]:
        from tensorflow.errors import OpError, ResourceExhaustedError

        stop = partial(self._inbox.stop_for, run)
        if (order := stop()) is not None and not order.keep:
            yield Stopped()
            return
        self._pulse.enter(Activity.READING)
        try:
            if isinstance(run, Audition):
                yield from self._hold(run, Orders(stop, self._inbox.is_over))
                return
            if not self._fits([run.plan], self._session.kept_bytes):
                raise MemoryError
            yield self._began(run, 1)
            with self._skills.practising(run.plan) as stopwatch:
                yield from paint(
                    self._session,
                    run,
                    self._checkpoints(run),
                    stop=stop,
                    is_over=self._inbox.is_over,
                    waits_for_room=True,
                    pulse=self._pulse,
                    stopwatch=stopwatch,
                )
        except (MemoryError, ResourceExhaustedError):
            yield _failure(Refusal(ErrorCode.OUT_OF_MEMORY))
        except OpError:
            raise  # a device in trouble fails every later job too, until a new process opens it
        except Refusal as refusal:
            yield _failure(refusal)
        except Exception:
            log.exception("painting failed", job=run.job, attempt=run.attempt)
            yield _failure(Refusal(ErrorCode.INTERNAL))

    def _hold(self, audition: Audition, orders: Orders) -> Iterator[Report]:
        """Side by side as far as there is memory for it."""
        from tensorflow.errors import ResourceExhaustedError

        tiles = min(self._equipment.batch or self._device.usual_batch, len(audition.tiles))
        together = tiles if self._fits([audition.plan.tile] * tiles) else 1
        try:
            yield from self._held(audition, orders, together)
        except (MemoryError, ResourceExhaustedError):
            if together == 1:
                raise
            log.warning("too little memory side by side", tiles=together)
            yield from self._held(audition, orders, 1)

    def _held(self, audition: Audition, orders: Orders, together: int) -> Iterator[Report]:
        yield self._began(audition, together)
        yield from hold(
            self._session,
            audition,
            [self._checkpoints(tile) for tile in audition.tiles],
            orders,
            together=together,
            waits_for_room=True,
            pulse=self._pulse,
        )

    def _fits(self, plans: Sequence[Plan], spare: int = 0) -> bool:
        """Whether there is memory for all at once, with so many bytes that loops of other pictures can give back.

        Asked beforehand, as a native library that gets none ends the process. What a GPU has of its own TensorFlow
        finds to be full in time.
        """
        free = available_bytes()
        if free is None or self._device.is_gpu:
            return True
        finest = [plan.levels[-1] for plan in plans]
        needed = sum(needed_bytes(level.width, level.height) for level in finest)
        if needed > free + spare:
            log.warning("too little memory", jobs=len(plans), needed=needed, free=free, spare=spare)
        return needed <= free + spare

    def _began(self, run: Work, pictures: int) -> Began:
        compiled = self._session.compiled(run.plan, pictures)
        compiling = self._skills.abilities.speed.compiling
        return Began(compiling=tuple(0.0 if done else compiling for done in compiled))

    def _checkpoints(self, run: Run) -> Checkpoints:
        path = Path(run.checkpoint) if run.checkpoint else None
        return Checkpoints(
            path, digest_of(run, self._session.network_digest), self._equipment.checkpoint_seconds
        )


def _failure(refusal: Refusal) -> Failure:
    return Failure(error=Problem.of(refusal))


def claim_output() -> BinaryIO:
    """Take standard output for the reports; what libraries print goes to standard error."""
    reports = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return reports


def _open_session(equipment: Equipment, pulse: Pulse) -> tuple["Session", Device]:
    """Take the device, and load TensorFlow and the network; what cannot be used ends the process."""
    if not is_gpu_name(equipment.device):  # or it may still turn out to be the processor
        use_system_allocator()
    try:
        show(equipment.device)
        # This brings in TensorFlow, which has to see the choice.
        from engine.painting.session import Session

        device = take(equipment.device, equipment.gpu_memory_mb)
        speeds = None if equipment.speeds is None else Path(equipment.speeds)
        arithmetic = settle(device, deterministic=equipment.deterministic)
        unable = lacks(device, equipment.precision, memory_mb=equipment.gpu_memory_mb, folder=speeds)
        session = Session(
            equipment.weights,
            precision=equipment.precision,
            lacks=unable,
            arithmetic=arithmetic,
            statistics=_statistics(equipment),
            pulse=pulse,
            most_bytes=None if device.is_gpu else MOST_BYTES,
        )
        return session, device
    except NoDeviceError as error:
        log.critical("the device cannot be used", why=str(error))
    except Refusal as refusal:
        log.critical("the weights cannot be used", code=refusal.code, **refusal.facts)
    sys.stderr.flush()
    os._exit(
        1
    )  # what TensorFlow does at an exit in order takes longer than the parent waits on a busy machine


def _statistics(equipment: Equipment) -> StatisticsCache | None:
    if equipment.statistics is None:
        return None
    folder, most = Path(equipment.statistics), equipment.statistics_bytes
    if not equipment.studies_only:
        return StatisticsCache(folder, most)
    studies = {card.name for card in catalogue.cards()}
    return StatisticsCache(folder, most, studies.__contains__)


def _skills(session: "Session", device: Device, equipment: Equipment) -> Skills:
    """What the device can do, measured now or before."""
    measured, keep = _measured(session, equipment)
    return Skills(
        measured,
        keep,
        batch=equipment.batch or device.usual_batch,
        label=device.label,
        lacks=session.lacks,
        gauge=gauge() if device.is_gpu else None,
    )


def _measured(session: "Session", equipment: Equipment) -> tuple[Measured, Callable[[Measured], None]]:
    """What was measured, and where to keep what is learnt."""
    if equipment.speeds is None:
        return session.warm_up(), lambda _: None
    cache = MachineCache(Path(equipment.speeds), machine(session.network_digest), session.fixed_precision)
    return cache.measured(session), cache.keep


def _bytes_besides_loops(session: "Session") -> int:
    """What this process has that no loop is kept in; 0 where nothing says."""
    heap.give_back()
    return (resident_bytes() or session.kept_bytes) - session.kept_bytes


def main(equipment: Equipment) -> None:
    """Warm up, say so, and paint until the parent hangs up."""
    engine.log.set_up()
    # A service manager sends it to all processes of the engine, whose own part it is to stop the work.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    outbox = Outbox(claim_output())
    pulse = Pulse(outbox.say_alive)
    pulse.beat()
    # Not sys.stdin, which the interpreter wants to close when it ends, and the listening thread holds.
    inbox = Inbox(os.fdopen(os.dup(sys.stdin.fileno()), "rb"))
    os.nice(NICENESS)
    session, device = _open_session(equipment, pulse)
    pulse.enter(Activity.MEASURING)
    skills = _skills(session, device, equipment)
    outbox.say(Ready(abilities=skills.abilities))
    warm = _bytes_besides_loops(session)
    reach(CrashPoint.WORKER_READY)
    painter = Painter(session, device, skills, inbox, equipment, pulse)
    recent = Recent(session.compiled)
    while (batch := inbox.next_work(pulse)) is not None:
        reach(CrashPoint.WORK_TAKEN)
        for report in painter.paint(batch):
            outbox.report(report)
        inbox.settle(batch)
        recent.note(batch)
        grown = max(_bytes_besides_loops(session) - warm, 0)
        outbox.say(Idle(grown=grown, at_hand=recent.at_hand(), abilities=skills.abilities))
    os._exit(1)  # before the listening thread does


if __name__ == "__main__":
    main(Equipment.model_validate_json(sys.argv[1]))
