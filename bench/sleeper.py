"""A worker's process that sleeps instead of painting: `python -m bench.sleeper EQUIPMENT`, started by `LocalWorker`.

For `bench.scale`, which has a hundred of them: it says and leaves behind what a worker on a GPU does (what it has to compile, a
preview a second of a real one's size, checkpoints, a result), over the same pipe and the same files, and takes no processor.
Rule: the standard library alone, so that many are cheap.
"""

import base64
import json
import os
import select
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

PACE_VARIABLE = "ATELIER_SLEEPER_PACE"  # names a file of how many times as fast as planned it sleeps
LOG_VARIABLE = "ATELIER_SLEEPER_LOG"  # names a file that gets a line for each job it comes to the end of
OVERHEAD, PER_MEGAPIXEL = 0.15, 1.0  # with which a picture of 512 pixels is planned to take half a minute
COMPILING = 1.0  # seconds for a level of a shape that it does not have
WARM_UP = 3.0
MEMORY = 80 * 10**9
FASTER = 4  # of so many workers one is twice as fast as the others
KEPT_SHAPES = 8
PREVIEW_SECONDS = 1.0
CHECKPOINT_SECONDS = 5.0
PREVIEW_BYTES, RESULT_BYTES = 40_000, 100_000
MOMENTS = 3
IDLE_SECONDS = 5.0

Report = dict[str, Any]


class Pipe:
    """Orders come in, reports leave; it sleeps by waiting for an order."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "wb")
        self._unread = b""
        self.stopped: dict[tuple[str, int], bool] = {}  # attempts, and whether what there is shall be kept

    def say(self, **message: Any) -> None:
        """Tell the engine."""
        body = json.dumps(message).encode()
        self._out.write(len(body).to_bytes(4) + body)
        self._out.flush()

    def sleep(self, seconds: float) -> Report | None:
        """Wait so long, or until there is work, which is returned. Raises EOFError."""
        until = time.monotonic() + seconds
        while (work := self._take()) is None and (left := until - time.monotonic()) > 0:
            if select.select([0], [], [], left)[0]:
                chunk = os.read(0, 2**16)
                if not chunk:
                    raise EOFError
                self._unread += chunk
        return work

    def _take(self) -> Report | None:
        while len(self._unread) >= 4 and len(self._unread) >= 4 + (size := int.from_bytes(self._unread[:4])):
            order, self._unread = json.loads(self._unread[4 : 4 + size]), self._unread[4 + size :]
            if order["type"] == "batch":
                return dict(order)
            self.stopped[order["job"], order["attempt"]] = order["keep"]
        return None


class Sleeper:
    """What is one worker; `speed` is how many times as fast as planned it is."""

    def __init__(self, pipe: Pipe, speed: float, pace: Callable[[], float]) -> None:
        self._pipe, self._speed, self._pace = pipe, speed, pace
        self._shapes: OrderedDict[str, None] = OrderedDict()
        self._styles: OrderedDict[str, None] = OrderedDict()
        self._preview = b"\xff\xd8\xff" + os.urandom(PREVIEW_BYTES)

    def ready(self) -> None:
        """Get warm."""
        self._pipe.sleep(WARM_UP)
        speed = {"overhead": OVERHEAD / self._speed, "per_megapixel": PER_MEGAPIXEL / self._speed}
        abilities = {"speed": {**speed, "compiling": COMPILING}, "device": "Sleeper", "memory": MEMORY}
        self._pipe.say(type="ready", abilities=abilities)

    def paint(self, batch: Report) -> None:
        """All runs of a batch, one after the other."""
        for number, run in enumerate(batch["runs"]):
            for report in self._reports(run):
                self._pipe.say(type="report", number=number, report=report)
        at_hand = {"shapes": [*self._shapes], "styles": [*self._styles]}
        self._pipe.say(type="idle", grown=0, at_hand=at_hand)

    def _reports(self, run: Report) -> Iterator[Report]:
        plan, attempt, pace = run["plan"], (run["job"], run["attempt"]), self._pace()
        compiling = 0.0 if _shape(plan) in self._shapes else COMPILING
        yield {"type": "began", "compiling": [compiling] * len(plan["levels"])}
        self._pipe.say(type="alive", activity="compiling", seconds=compiling)
        self._pipe.sleep(compiling * len(plan["levels"]) / pace)
        self._remember(run)
        saved = Path(run["checkpoint"])
        before = float(saved.read_text()) if saved.exists() else 0.0
        seconds, evaluations = (
            _seconds(plan, self._speed) / pace,
            sum(level["evaluations"] for level in plan["levels"]),
        )
        began, next_save = time.monotonic(), CHECKPOINT_SECONDS / pace
        while (done := before + (time.monotonic() - began) / seconds) < 1:
            yield self._progress(plan, done, before, evaluations)
            if attempt in self._pipe.stopped:
                break
            if time.monotonic() - began > next_save:
                next_save += CHECKPOINT_SECONDS / pace
                _write(saved, str(done).encode())
            self._pipe.sleep(min(PREVIEW_SECONDS, (1 - done) * seconds))
        if self._pipe.stopped.pop(attempt, True):
            yield self._result(run, min(done, 1.0), evaluations)
        else:
            yield {"type": "stopped"}

    def _remember(self, run: Report) -> None:
        for kept, names in (
            (self._shapes, [_shape(run["plan"])]),
            (self._styles, run["provenance"]["styles"]),
        ):
            for name in names:
                kept[name] = None
                kept.move_to_end(name)
                while len(kept) > KEPT_SHAPES:
                    kept.popitem(last=False)

    def _progress(self, plan: Report, done: float, before: float, evaluations: int) -> Report:
        level = plan["levels"][min(int(done * len(plan["levels"])), len(plan["levels"]) - 1)]
        return {
            "type": "progress",
            "preview": base64.urlsafe_b64encode(self._preview).decode(),
            "progress": done,
            "evaluation": int(done * evaluations),
            "evaluations": evaluations,
            "taken_over": int(before * evaluations),
            "width": level["width"],
            "height": level["height"],
            "losses": {"total": 1.0 - done, "content": 0.25, "style": 0.25},
        }

    def _result(self, run: Report, done: float, evaluations: int) -> Report:
        outbox, last = Path(run["outbox"]), run["plan"]["levels"][-1]
        outbox.mkdir(exist_ok=True)
        for name, size in {
            "result.png": RESULT_BYTES,
            **{f"moment-{n + 1:02}": 20_000 for n in range(MOMENTS)},
        }.items():
            (outbox / name).write_bytes(b"\x89PNG\r\n\x1a\n" + run["job"].encode() + os.urandom(size))
        with Path(os.environ[LOG_VARIABLE]).open("a") as log:
            log.write(f"{run['job']}\n")
        return {
            "type": "result",
            "format": "PNG",
            "moments": MOMENTS,
            "width": last["width"],
            "height": last["height"],
            "likeness": {"style_reached": 80, "content_kept": 60},
            "seconds": run["plan"]["seconds"] * done,
            "evaluation": int(done * evaluations),
            "stopped_early": done < 1,
            "losses": {"total": 0.5},
        }


def _shape(plan: Report) -> str:
    """See `engine.planning.placement.shape_of`."""
    return f"{plan['recipe']}/{plan['precision']}/" + ",".join(
        f"{each['width']}x{each['height']}" for each in plan["levels"]
    )


def _seconds(plan: Report, speed: float) -> float:
    of_level = (
        level["evaluations"] * (OVERHEAD + PER_MEGAPIXEL * level["width"] * level["height"] / 1e6)
        for level in plan["levels"]
    )
    return float(sum(of_level) / speed)


def _write(path: Path, data: bytes) -> None:
    whole = path.with_suffix(".part")
    whole.write_bytes(data)
    whole.rename(path)


def main(equipment: Report) -> None:
    """Get warm, and sleep over whatever comes until the engine hangs up."""
    pace_file = Path(os.environ[PACE_VARIABLE])
    pipe = Pipe()
    number = int(equipment["device"].rpartition(":")[2])
    speed = 1.0 if number % FASTER else 2.0
    sleeper = Sleeper(pipe, speed, lambda: float(pace_file.read_text()))
    try:
        sleeper.ready()
        while True:
            if (batch := pipe.sleep(IDLE_SECONDS)) is None:
                pipe.say(type="alive", activity="idle", seconds=0.0)
            else:
                sleeper.paint(batch)
    except (EOFError, BrokenPipeError):
        os._exit(0)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
