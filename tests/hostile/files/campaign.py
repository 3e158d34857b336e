"""Suites of files, each decoded and counted, and what must not be."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice

from engine.images import sandbox
from engine.protocol import MAX_ANIMATED_SIDE, MAX_PAINTED_FRAMES, ErrorCode, Refusal
from engine.words import sentence
from tests.hostile.files.child import LONG_SIDE, SHOWN, Child, Seen

GIANT_PIXELS = 8_000_000  # of all frames; from here on a file may cost more
SECONDS, MEGABYTES = 1.0, 300
GIANT_SECONDS, GIANT_MEGABYTES = 3.0, 700
_AT_ONCE = 64  # files that are held in memory


@dataclass
class Suite:
    """What came of some files."""

    name: str
    outcomes: Counter[str] = field(default_factory=Counter)
    deaths: list[str] = field(default_factory=list)
    asked: int = 0  # of the engine's own sandbox
    slowest: tuple[float, str] = (0.0, "")
    fattest: tuple[float, str] = (0.0, "")
    faults: list[str] = field(default_factory=list)

    def count(self, name: str, seen: Seen, answer: str | None) -> None:
        """Take in what came of one file; answer: the sandbox's, if it was asked."""
        self.outcomes[seen.outcome] += 1
        self.slowest = max(self.slowest, (seen.seconds, name))
        self.fattest = max(self.fattest, (seen.megabytes, name))
        giant = seen.pixels > GIANT_PIXELS
        if seen.seconds > (GIANT_SECONDS if giant else SECONDS):
            self.faults.append(f"{name} takes {seen.seconds:.2f} s")
        if seen.megabytes > (GIANT_MEGABYTES if giant else MEGABYTES):
            self.faults.append(f"{name} takes {seen.megabytes:.0f} MB")
        if seen.died:
            self.deaths.append(f"{name} {seen.outcome}, answered by {answer}")
        self.asked += answer is not None
        if answer not in (None, seen.outcome) and not seen.died:
            self.faults.append(f"{name} is {seen.outcome}, and {answer} in the sandbox")
        if answer == "busy":
            self.faults.append(f"{name} is called busy")

    def row(self) -> tuple[str, ...]:
        """For the table."""
        refused = sum(count for outcome, count in self.outcomes.items() if outcome != SHOWN)
        return (
            self.name,
            f"{self.outcomes.total():,}",
            f"{self.outcomes[SHOWN]:,}",
            f"{refused - len(self.deaths):,}",
            f"{len(self.deaths):,}",
            f"{self.asked:,}",
            f"{self.slowest[0]:.2f}",
            f"{self.fattest[0]:.0f}",
        )


HEADINGS = ("suite", "files", "shown", "refused", "died", "in the sandbox", "slowest, s", "fattest, MB")


def run(name: str, files: Iterable[tuple[str, bytes]], *, jobs: int, ask_every: int = 1) -> Suite:
    """Decode all files, and ask the engine's own sandbox of each so-many-th image, and of each that ended its process."""
    suite = Suite(name)
    local = threading.local()
    numbered = enumerate(files)
    with (
        ExitStack() as children,
        ThreadPoolExecutor(jobs, initializer=lambda: _equip(local, children)) as threads,
    ):

        def examine(item: tuple[int, tuple[str, bytes]]) -> tuple[str, Seen, str | None]:
            number, (file, data) = item
            seen: Seen = local.child.decode(data)
            wanted = seen.died or (number % ask_every == 0 and seen.outcome != ErrorCode.NOT_AN_IMAGE)
            return file, seen, asyncio.run(_answer(data)) if wanted else None

        while batch := list(islice(numbered, _AT_ONCE)):
            for file, seen, answer in threads.map(examine, batch):
                suite.count(file, seen, answer)
    return suite


def _equip(local: threading.local, children: ExitStack) -> None:
    local.child = children.enter_context(Child())


async def _answer(data: bytes) -> str:
    """What somebody who sent it is told, for which there is a sentence."""
    try:
        await sandbox.decode_content(
            data, "content", most=MAX_PAINTED_FRAMES, long_side=LONG_SIDE, frame_side=MAX_ANIMATED_SIDE
        )
    except Refusal as refusal:
        return str(refusal.code) if sentence(refusal) else "nothing"
    return SHOWN


def table(suites: Iterable[Suite]) -> Iterator[str]:
    """All of it in lines: a row each, then the codes of what was refused, the slowest and the fattest."""
    suites = list(suites)
    rows = [HEADINGS, *(suite.row() for suite in suites)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(
            cell.ljust(width) if index == 0 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
    for suite in suites:
        codes = ", ".join(
            f"{count:,} {code}" for code, count in suite.outcomes.most_common() if code != SHOWN
        )
        yield f"{suite.name}: {codes or 'all shown'}; slowest {suite.slowest[1]}; fattest {suite.fattest[1]}"
        yield from (f"{suite.name}: {death}" for death in suite.deaths)
