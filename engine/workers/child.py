"""The process that paints: `python -m engine.workers.child WEIGHTS DEVICE`, started by `LocalWorker`.

Orders come in on standard input and reports leave on what was standard output, which is kept from everybody
else. Rule: it lives no longer than its parent; when the pipe ends, it ends, whatever it was doing.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from queue import SimpleQueue
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import structlog
from numpy.typing import NDArray

import engine.log
from engine import images
from engine.protocol import ErrorBody, ErrorCode, ImageFormat, Refusal
from engine.workers.messages import (
    LENGTH_BYTES,
    ORDERS,
    Failure,
    Progress,
    Ready,
    Report,
    Result,
    Run,
    Stop,
    Stopped,
    pack,
)

if TYPE_CHECKING:
    from engine.studio import Step, Studio

log = structlog.get_logger()

NICENESS = 10  # the gateway answers first, the painting takes what is left
FRAME_SECONDS = 1.0
FRAME_LONG_SIDE = 512
FRAME_BYTES = 90 * 1024


class Inbox:
    """The orders: work waits its turn, a stop is noted for the attempt that it means, even an early one."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._work: SimpleQueue[Run] = SimpleQueue()
        self._stops: dict[tuple[str, int], Stop] = {}
        threading.Thread(target=self._listen, name="inbox", daemon=True).start()

    def next_work(self) -> Run:
        """Wait for something to paint."""
        return self._work.get()

    def stop_for(self, run: Run) -> Stop | None:
        """Return the stop that was asked for, if one was."""
        return self._stops.get((run.job, run.attempt))

    def settle(self, run: Run) -> None:
        """Forget the stops of work that is over."""
        self._stops.pop((run.job, run.attempt), None)

    def _listen(self) -> None:
        try:
            while head := self._stream.read(LENGTH_BYTES):
                self._take(self._stream.read(int.from_bytes(head)))
        finally:
            os._exit(1)  # the parent is gone; the main thread may be deep inside TensorFlow

    def _take(self, order: bytes) -> None:
        match ORDERS.validate_json(order):
            case Run() as run:
                self._work.put(run)
            case Stop() as stop:
                self._stops[stop.job, stop.attempt] = stop


def paint(studio: "Studio", run: Run, inbox: Inbox) -> Iterator[Report]:
    """Paint one job; the last report is a Result, or Stopped."""
    started = time.monotonic()
    next_frame = started
    content = images.decode(run.content, "picture")
    styles = [(images.decode(style.image, "style image"), style.weight) for style in run.styles]
    last = None
    for last in studio.paint(content, styles, run.plan, strength=run.strength, seed=run.seed):
        stop = inbox.stop_for(run)
        if stop is not None:
            yield _result(run, last, started, stopped_early=True) if stop.keep else Stopped()
            return
        if time.monotonic() >= next_frame:
            yield _progress(last)
            next_frame = time.monotonic() + FRAME_SECONDS
    if last is None:
        raise RuntimeError("the plan has no steps")
    yield _result(run, last, started, stopped_early=False)


def _progress(step: "Step") -> Progress:
    return Progress(
        frame=images.jpeg_frame(_on_white(step.picture()), FRAME_LONG_SIDE, FRAME_BYTES),
        progress=step.progress,
        evaluation=step.evaluation,
        evaluations=step.evaluations,
        width=step.width,
        height=step.height,
        losses=step.losses,
    )


def _result(run: Run, step: "Step", started: float, *, stopped_early: bool) -> Result:
    picture = step.picture()
    recipe = json.loads(run.recipe) | {"evaluations_done": step.evaluation}
    return Result(
        image=images.encode(picture, ImageFormat.PNG, recipe=json.dumps(recipe)),
        width=picture.width,
        height=picture.height,
        seconds=time.monotonic() - started,
        evaluation=step.evaluation,
        stopped_early=stopped_early,
        losses=step.losses,
    )


def _on_white(picture: images.Picture) -> NDArray[np.uint8]:
    if picture.alpha is None:
        return picture.rgb
    opacity = picture.alpha[..., None] / np.float32(255)
    return (picture.rgb * opacity + 255 * (1 - opacity)).round().astype(np.uint8)


def _guarded(studio: "Studio", run: Run, inbox: Inbox) -> Iterator[Report]:
    from tensorflow.errors import OpError, ResourceExhaustedError  # the studio has loaded it already

    try:
        yield from paint(studio, run, inbox)
    except (MemoryError, ResourceExhaustedError):
        yield _failure(Refusal(ErrorCode.OUT_OF_MEMORY))
    except OpError:
        raise  # a device in trouble fails every later job too, until a new process opens it
    except Refusal as refusal:
        yield _failure(refusal)
    except Exception:
        log.exception("painting failed", job=run.job, attempt=run.attempt)
        yield _failure(Refusal(ErrorCode.INTERNAL))


def _failure(refusal: Refusal) -> Failure:
    return Failure(error=ErrorBody.of(refusal))


def _choose(device: str) -> None:
    """Show TensorFlow, not loaded yet, only the device meant; "auto" leaves the choice to it."""
    if device != "auto":
        os.environ["CUDA_VISIBLE_DEVICES"] = device.removeprefix("gpu:") if device != "cpu" else "-1"


def _check(device: str) -> None:
    """End the process if TensorFlow, now loaded, would quietly take the processor instead of a GPU."""
    from tensorflow.config import list_physical_devices

    if device.startswith("gpu") and not list_physical_devices("GPU"):
        log.critical("there is no such device, or TensorFlow cannot use it", device=device)
        sys.exit(1)


def _claim_output() -> BinaryIO:
    """Take standard output for the reports; what libraries print goes to standard error."""
    reports = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return reports


def main(weights: str, device: str) -> None:
    """Warm up, say so, and paint until the parent hangs up."""
    engine.log.set_up()
    # A service manager sends it to all processes of the engine, whose own part it is to stop the work.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    reports = _claim_output()
    # Not sys.stdin, which the interpreter wants to close when it ends, and the listening thread holds.
    inbox = Inbox(os.fdopen(os.dup(sys.stdin.fileno()), "rb"))
    os.nice(NICENESS)
    _choose(device)
    # This brings in TensorFlow, which has to see the choice.
    from engine.studio import Studio, WeightsError

    _check(device)
    try:
        studio = Studio(weights)
    except WeightsError as error:
        log.critical("the weights cannot be used", why=str(error))
        sys.exit(1)
    speed = studio.warm_up()
    reports.write(pack(Ready(overhead=speed.overhead, per_megapixel=speed.per_megapixel)))
    reports.flush()
    while True:
        run = inbox.next_work()
        for report in _guarded(studio, run, inbox):
            reports.write(pack(report))
            reports.flush()
        inbox.settle(run)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
