"""An hour of members: `python -m tests.faults.soak [--minutes N] [--sketch]`, or `make soak`.

A real bot, a real engine and the Discord stand-in; two members ask, react, press, delete, and now and then the line
drops, Discord fails or the worker dies. Prints a sample every half minute and in the end whether memory stayed
within 5 % of what it was after the first third, whether descriptors and disk are flat, and what became of the asked.
Exit code 1 unless all is well. The disk fills until what is kept is first removed, which takes twenty minutes: a soak
of less than forty does not judge it, and says so. `--sketch`: with a worker that only sketches, which asks more of all
the rest.
"""

import argparse
import asyncio
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path

from simcord.backend.errors import BackendError, SetupError
from simcord.backend.models import Message
from simcord.results import ResponseMessage

from bot.storage.settings import Consent, Output
from demo.api import Fault
from demo.processes import Child, Crew, running
from demo.standin import StandIn, stand_in
from engine.protocol import RecipeName
from engine.service.app import EXPIRY_SECONDS
from engine.service.retention import SPARED_SECONDS
from tests.wire.channel import pressable
from tests.wire.conftest import photo

SAMPLE_SECONDS = 30.0
TROUBLE_SECONDS = 45.0
LAST_SECONDS = 180.0  # for what is open in the end
OPEN_AT_ONCE = 3
TOLERANCE = 0.05
# In samples: from one look of the engine at what it keeps to the next, and until the disk is as full as it gets.
ROUND, FULL = (int(each / SAMPLE_SECONDS) for each in (EXPIRY_SECONDS, EXPIRY_SECONDS + SPARED_SECONDS))
FEW_FILES = 4  # descriptors of what happens to go on while they are counted
KEPT = "keep_megabytes = 20\n"  # so that the disk is full of what is kept within the first third
SETTINGS = {"[engine]\n": f"{KEPT}jobs_per_user = 50\njobs_per_group = 50\n", "[bot]\n": KEPT}
FRESH = "🌌"
FAULTS = (
    Fault("PATCH", "/webhooks/*/messages/*", 500),
    Fault("POST", "/channels/*/messages", 429),
    Fault("POST", "/channels/*/messages", 502, lost=True),
)


@dataclass(frozen=True)
class Sample:
    """Of one moment: resident megabytes of bot, engine and worker, open descriptors of the first two, megabytes on disk."""

    bot: float
    engine: float
    worker: float
    bot_files: float
    engine_files: float
    disk: float


NAMES = [each.name for each in fields(Sample)]
Verdict = tuple[str, bool | None]  # None: not judged
_SAID = {True: "met", False: "MISSED", None: "not judged"}


def judged(samples: Sequence[Sample]) -> list[Verdict]:
    """Whether what was measured is flat."""
    names = [name for name in NAMES if name not in ("worker", "disk")]  # the worker was ended again and again
    return [*(_flat(samples, name) for name in names), _disk_flat(samples)]


def _disk_flat(samples: Sequence[Sample]) -> Verdict:
    if len(samples) < FULL + 2 * ROUND:
        return "disk: it still fills, and is judged from forty minutes on", None
    return _flat(samples, "disk", FULL)


def _flat(samples: Sequence[Sample], name: str, warm: int = 0) -> Verdict:
    """Whether something is no more in the last part than in the one before; warm: samples that count for neither."""
    values = [getattr(sample, name) for sample in samples[max(warm, len(samples) // 3) :]]
    half = len(values) // 2
    if not half:
        return f"{name}: too few samples", None
    early, late = statistics.median(values[:half]), statistics.median(values[half:])
    slack = FEW_FILES if name.endswith("files") else early * TOLERANCE
    return f"{name}: {early:.1f} then {late:.1f}", late <= early + slack


class Soak:
    """The members, their troubles, and what is measured."""

    def __init__(self, discord: StandIn, bot: Child, engine: Child, folder: Path, seed: int) -> None:
        self._discord, self._bot, self._engine, self._folder = discord, bot, engine, folder
        self._random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.samples: list[Sample] = []
        self.asked = self.troubles = 0

    async def run(self, seconds: float) -> None:
        """Do it for so long, then wait until nothing is open."""
        tasks = [asyncio.create_task(work) for work in (self._ask(), self._trouble(), self._measure())]
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        for error in ended:
            if not isinstance(error, asyncio.CancelledError | None):
                raise error
        with suppress(TimeoutError):
            await self._discord.world.until(lambda: not self.open, LAST_SECONDS)

    @property
    def open(self) -> list[Message]:
        """Tickets that are not over."""
        return pressable(self._discord, "Cancel")

    @property
    def results(self) -> list[Message]:
        """Finished pictures."""
        return pressable(self._discord, "More style")

    # --- within -------------------------------------------------------------------------------------------

    async def _ask(self) -> None:
        while True:
            with suppress(BackendError, SetupError):  # what a member wants to press may be gone by then
                await self._do_something()
            await asyncio.sleep(self._random.random())

    async def _do_something(self) -> None:
        member = self._random.choice([self._discord.alice, self._discord.bob])
        dice = self._random.random()
        if len(self.open) < OPEN_AT_ONCE and dice < 0.35:
            self.asked += 1
            await member.slash(
                self._discord.studio,
                "stylize",
                content=photo("chelsea.png"),
                style_image=photo("coffee.png"),
                recipe=RecipeName.DRAFT.value,
                size=self._random.choice([64, 96, 128]),
            )
        elif len(self.open) < OPEN_AT_ONCE and dice < 0.5:
            self.asked += 1
            post = await member.send(self._discord.studio, "Look", attachments=[photo("coffee.png")])
            await member.react(post, FRESH)
        elif self.open and dice < 0.6:
            await member.click(self._shown(self.open), label="Cancel")
        elif self.results and dice < 0.7:
            await member.click(
                self._shown(self.results[-5:]), label=self._random.choice(["More…", "More style"])
            )
        elif len(self.results) > 10 and dice < 0.8:
            world = self._discord.world
            world.backend.delete_message(self._discord.studio.id, self.results[0].id)  # as a moderator may

    def _shown(self, messages: Sequence[Message]) -> ResponseMessage:
        return ResponseMessage(self._discord.world, self._random.choice(messages))

    async def _trouble(self) -> None:
        while True:
            await asyncio.sleep(TROUBLE_SECONDS * (0.5 + self._random.random()))
            self.troubles += 1
            match self._random.randrange(3):
                case 0:
                    await self._discord.gateway.drop()
                case 1:
                    self._discord.api.faults += [replace(fault) for fault in FAULTS]
                case _:
                    for pid in _children(self._engine.pid, "workers"):
                        os.kill(pid, signal.SIGKILL)

    async def _measure(self) -> None:
        while True:
            await asyncio.sleep(SAMPLE_SECONDS)
            self._bot.check()
            self._engine.check()
            bot, engine = self._bot.pid, self._engine.pid
            sample = Sample(
                _megabytes(bot),
                _megabytes(engine),
                sum(map(_megabytes, _children(engine, "worker"))),
                _descriptors(bot),
                _descriptors(engine),
                await asyncio.to_thread(_disk, self._folder),
            )
            self.samples.append(sample)
            figures = "  ".join(
                f"{name} {value:.1f}" for name, value in zip(NAMES, astuple(sample), strict=True)
            )
            print(f"asked {self.asked:4}  troubles {self.troubles:3}  {figures}", flush=True)  # noqa: T201


def _children(pid: int, word: str) -> list[int]:
    """Processes below this one, at any depth, whose command has the word."""
    found = []
    for path in Path(f"/proc/{pid}/task/{pid}").glob("children"):
        for child in map(int, path.read_text().split()):
            command = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            found += [child] if word in command else []
            found += _children(child, word)
    return found


def _megabytes(pid: int) -> float:
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return 0.0
    return int(pages) * os.sysconf("SC_PAGESIZE") / 1e6


def _descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 - names of files that may be gone


def _disk(folder: Path) -> float:
    total = 0
    for place, _, names in os.walk(folder):  # which goes on where a folder has just been removed
        for name in names:
            with suppress(OSError):
                total += 0 if name.endswith(".log") else (Path(place) / name).stat().st_size
    return total / 1e6


async def soak(folder: Path, seconds: float, seed: int, *, sketches: bool) -> Soak:
    """Open everything, let them live, close everything."""
    crew = Crew.assemble(folder)
    config = folder / "atelier.toml"
    text = config.read_text()
    for head, settings in SETTINGS.items():
        text = text.replace(head, head + settings, 1)
    config.write_text(text)
    engine = crew.engine()
    if sketches:
        command = tuple("tests.engine.sketch" if word == "engine" else word for word in engine.command)
        engine = replace(engine, command=command)
    with running(engine):
        await crew.engine_ready(engine)
        async with stand_in() as discord:
            with running(crew.bot(discord.origin)) as bot:
                await discord.ready(60.0)
                await discord.set_up(output=Output.CHANNEL, consent=Consent.OPEN, open_per_member="50")
                result = Soak(discord, bot, engine, folder, seed)
                await result.run(seconds)
                return result


def main() -> int:
    """Run it and print the verdict."""
    parser = argparse.ArgumentParser(description="Live through an hour of members and troubles.")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sketch", action="store_true", help="with a worker that only sketches")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="atelier-soak-") as folder:
        start = time.monotonic()
        seconds = options.minutes * 60
        result = asyncio.run(soak(Path(folder), seconds, options.seed, sketches=options.sketch))
    verdicts: list[Verdict] = [("nothing is left open", not result.open), *judged(result.samples)]
    print(f"{result.asked} asked, {result.troubles} troubles in {time.monotonic() - start:.0f} s")  # noqa: T201
    for words, holds in verdicts:
        print(f"{_SAID[holds]:10} {words}")  # noqa: T201
    return any(holds is False for _, holds in verdicts)


if __name__ == "__main__":
    sys.exit(main())
