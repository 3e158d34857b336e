"""What one gateway carries: `python -m bench.scale [--small]`.

Three kinds of process. The gateway is the engine's real service: HTTP over a socket, SQLite with its fsyncs, files, scheduler,
and a pipe to each of 100 workers, which are processes too, but sleep instead of painting (`bench.sleeper`; `--small`: 10). Those
who follow are the bot's own client and the bot's own pace (`bench.followers`). This process sends 10,000 jobs of 1,000 servers
(`--small`: 200 of 20), and every minute kills a tenth of the workers with SIGKILL (`--small`: every 10 s).

Three parts, each told by itself, one after the other: the jobs arrive as fast as they are taken, while the workers take
half a minute for a picture, as GPUs might; then as many more come as are painted, at that pace; then the workers are told to be
ten times as fast, until all is done. Leaves scale.txt: processor seconds of the gateway by itself, for each second of the part (goal:
under half a core), the seconds of a submit as a client sees them (goal: p99 under 50 ms), Jain's index of the servers' shares
while all of them wait (goal: above 0.95), jobs lost and doubled (goal: none), memory, disk, events.
"""

import argparse
import asyncio
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import statistics
import sys
import tempfile
import time
import urllib.request
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from PIL import Image

from bench import sleeper
from bench.report import arguments, folder, leave, met
from bench.service import peak_megabytes
from bot.engine_client import EngineClient, open_engine
from bot.errors import EngineUnreachable
from engine.protocol import JobRequest, Owner, StyleChoice
from engine.service.config import EngineConfig
from engine.storage.address import address_of
from engine.styles import catalogue

PHOTO = Path(__file__).parents[1] / "demo" / "photos" / "rocket.jpg"
T = TypeVar("T")

GOAL_CORE, GOAL_MS, GOAL_JAIN = 0.5, 50.0, 0.95
SIZE = 512
SHAPES = [
    (640, 480),
    (480, 640),
    (640, 360),
    (360, 640),
    (640, 640),
    (600, 400),
    (400, 600),
    (640, 512),
    (512, 640),
    (640, 272),
]
USERS = 5  # of each server
SUBMITTERS = 4  # at once, while all arrive
CHANCE = random.Random(1)  # noqa: S311 - chooses, guards nothing
FAST = 10.0
TICK = 0.5  # between two looks at the metrics
LOOK_SECONDS = 5.0  # the same while all end: to look takes the gateway as long as a job
LONGEST = 900.0


@dataclass(frozen=True)
class Scale:
    """How much of everything; kill_seconds: between two killings. steady_seconds: of the second part."""

    jobs: int
    servers: int
    workers: int
    kill_seconds: float
    steady_seconds: float


WHOLE = Scale(jobs=10_000, servers=1_000, workers=100, kill_seconds=60.0, steady_seconds=60.0)
SMALL = Scale(jobs=200, servers=20, workers=10, kill_seconds=5.0, steady_seconds=5.0)


# --- processes --------------------------------------------------------------------------------------------


def processor_seconds(pid: int, *, children: bool = False) -> float:
    """Of a process so far; children: with those of its children that have ended."""
    facts = _stat(pid)
    ticks = sum(map(int, facts[11:15] if children else facts[11:13]))  # see proc_pid_stat(5)
    return ticks / os.sysconf("SC_CLK_TCK")


def children_of(pid: int) -> list[int]:
    """The processes that one has started and that live."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()


def _runs(pid: int, program: str) -> bool:
    with suppress(FileNotFoundError, ProcessLookupError):
        return program in Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    return False


@dataclass
class Gateway:
    """The engine, its folder, and how it is asked."""

    process: Process
    home: Path
    url: str

    @property
    def workers(self) -> list[int]:
        """The processes of the workers that live."""
        return [pid for pid in children_of(self.process.pid) if _runs(pid, "bench.sleeper")]

    @property
    def decoding(self) -> float:
        """Processor seconds of those that decode strangers' images, without the gateway's own."""
        others = [pid for pid in children_of(self.process.pid) if not _runs(pid, "bench.sleeper")]
        return sum(processor_seconds(pid, children=True) for pid in others)

    def metric(self, pattern: str) -> float:
        """The sum of all samples whose name and labels match."""
        with urllib.request.urlopen(f"{self.url}/metrics") as answer:  # noqa: S310 - our own process
            lines = answer.read().decode().splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if re.match(pattern, line))

    @property
    def over(self) -> float:
        """How many jobs are."""
        return self.metric("atelier_jobs_ended_total")

    def at_hand(self, what: str) -> float:
        """The share of it that the worker had who began it."""
        hit, miss = (self.metric(rf'atelier_{what}_total.*"{result}"') for result in ("hit", "miss"))
        return hit / max(hit + miss, 1)

    def pace(self, times: float) -> None:
        """Let the workers be so many times as fast as planned, from their next job on."""
        part = self.home / "pace.part"
        part.write_text(str(times))
        part.rename(self.home / "pace")


@asynccontextmanager
async def gateway(home: Path, scale: Scale, profile: Path | None) -> AsyncIterator[Gateway]:
    """Start one, and wait until all its workers are warm."""
    config = EngineConfig(
        port=0,
        data_dir=home / "data",
        devices=tuple(f"gpu:{number}" for number in range(scale.workers)),
        jobs_total=2 * scale.jobs,
        jobs_per_group=2 * scale.jobs,
        jobs_per_user=2 * scale.jobs,
        keep_megabytes=100_000,
    )
    environment = {sleeper.PACE_VARIABLE: str(home / "pace"), sleeper.LOG_VARIABLE: str(home / "painted")}
    (home / "painted").touch()
    program = ["-m", "cProfile", "-o", str(profile), "-m"] if profile else ["-m"]
    with (home / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *program,
            "bench.gateway",
            config.model_dump_json(),
            env=os.environ | environment,
            stdout=log,
            stderr=log,
        )
    try:
        url = await until(lambda: address_of(home / "data"), f"the gateway is not up: {home / 'log'}")
        found = Gateway(process, home, url)
        found.pace(1.0)
        warm = f"atelier_workers_warm {scale.workers:.1f}"
        await until(lambda: found.metric(warm) == scale.workers, "workers do not get warm")
        yield found
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def until(look: Callable[[], T | None], otherwise: str, seconds: float = TICK) -> T:
    """Wait for something to be so, with so many seconds between two looks. Raises SystemExit."""
    deadline = time.monotonic() + LONGEST
    while not (found := await asyncio.to_thread(look)):
        if time.monotonic() > deadline:
            raise SystemExit(otherwise)
        await asyncio.sleep(seconds)
    return found


async def kill_some(engine: Gateway, scale: Scale, killed: list[int]) -> None:
    """Kill a tenth of the workers, again and again."""
    while True:
        await asyncio.sleep(scale.kill_seconds)
        for pid in CHANCE.sample(engine.workers, scale.workers // 10):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)


# --- clients ----------------------------------------------------------------------------------------------


@dataclass
class Sender:
    """Sends jobs, and has them followed."""

    engine: EngineClient
    followers: Process
    photos: Sequence[Path]
    servers: int
    seconds: list[float] = field(default_factory=list)  # that each submit took
    sent: dict[str, str] = field(default_factory=dict)  # job: server
    busy: int = 0

    async def send(self, number: int) -> None:
        """The number'th job, by each server's turn."""
        server = f"server-{number % self.servers}"
        user = f"user-{number // self.servers % USERS}"
        styles = sorted(card.name for card in catalogue.cards())
        request = JobRequest(
            owner=Owner(group=server, user=f"{server}-{user}"),
            styles=(StyleChoice(name=CHANCE.choice(styles)),),
            size=SIZE,
            seed=number,
        )
        images = {"content": CHANCE.choice(self.photos)}  # the same at each try, as its key is
        began = time.perf_counter()
        while True:
            try:
                view = await self.engine.submit(f"key-{number}", request, images)
                break
            except EngineUnreachable:  # it is busy, and says so
                self.busy += 1
                await asyncio.sleep(1)
        self.seconds.append(time.perf_counter() - began)
        self.sent[view.id] = server
        if self.followers.stdin is not None:
            self.followers.stdin.write(f"{view.id} {server}\n".encode())

    async def send_all(self, numbers: range) -> None:
        """Some at once, until all are sent."""
        left = iter(numbers)

        async def some() -> None:
            for number in left:
                await self.send(number)

        await asyncio.gather(*(some() for _ in range(SUBMITTERS)))

    async def send_as_members(self, numbers: range, rate: float) -> None:
        """So many a second on average, each when it comes (Poisson), however long the others take."""
        async with asyncio.TaskGroup() as tasks:
            for number in numbers:
                tasks.create_task(self.send(number), name=f"send {number}")
                await asyncio.sleep(CHANCE.expovariate(rate))


def make_photos(home: Path) -> list[Path]:
    """One photo in all shapes."""
    paths = []
    with Image.open(PHOTO) as photo:
        for width, height in SHAPES:
            paths.append(home / f"{width}x{height}.jpg")
            photo.convert("RGB").resize((width, height)).save(paths[-1], quality=85)
    return paths


# --- what is told -----------------------------------------------------------------------------------------


class Part:
    """One part of the run: what the gateway used of the processor meanwhile, and how many jobs came and went."""

    def __init__(self, name: str, engine: Gateway, sender: Sender) -> None:
        self._name, self._engine, self._sender = name, engine, sender
        self._before = self._facts()

    def told(self) -> str:
        """One part of the report."""
        after = self._facts()
        seconds, own, decoding, over, sent, events = (
            now - then for now, then in zip(after, self._before, strict=True)
        )
        core = own / seconds
        times = self._sender.seconds[-int(sent) :] if sent else []
        lines = [
            f"{self._name}: {seconds:.0f} s, {sent:.0f} jobs came ({sent / seconds:.1f}/s),"
            f" {over:.0f} ended ({over / seconds:.1f}/s), {events:.0f} frames fetched",
            f"  gateway {own:.1f} processor seconds, {core:.2f} of a core   goal, {GOAL_CORE}: {met(core < GOAL_CORE)}"
            f"   (decoders {decoding / seconds:.2f}; load {os.getloadavg()[0]:.1f})",
        ]
        if len(times) > 1:
            late = statistics.quantiles(times, n=100)[98] * 1000
            lines.append(
                f"  submit p50 {statistics.median(times) * 1000:.0f} ms, p99 {late:.0f} ms, max {max(times) * 1000:.0f} ms"
                f"   goal, p99 {GOAL_MS:.0f} ms: {met(late < GOAL_MS)}"
            )
        return "\n".join(lines)

    def _facts(self) -> tuple[float, ...]:
        pid = self._engine.process.pid
        frames = self._engine.metric(r'atelier_http_request_seconds_count.*previews.*status="200"')
        over = self._engine.over
        own, decoding = processor_seconds(pid), self._engine.decoding
        return time.monotonic(), own, decoding, over, len(self._sender.sent), frames


def jain(shares: Sequence[float]) -> float:
    """Jain's fairness index (Jain, Chiu and Hawe 1984): 1 if all have the same, 1/n if one has all."""
    return sum(shares) ** 2 / (len(shares) * sum(share**2 for share in shares))


def fairness(database: Path, servers: int, each: int) -> tuple[float, int, int, int]:
    """Jain's index of the turns that servers got while all had jobs waiting, how many these were, the fewest and the most.

    From the first turn after all had arrived that are counted, until a server got its last one. each: jobs of a server.
    """
    with closing(sqlite3.connect(database)) as connection:
        query = "SELECT json_extract(request, '$.owner.group') FROM jobs WHERE turn > 0 AND key GLOB 'key-*' ORDER BY turn"
        turns = [group for (group,) in connection.execute(query)]
    counts: Counter[str] = Counter()
    for group in turns:
        counts[group] += 1
        if counts[group] == each - 1:
            break
    shares = [*counts.values(), *[0] * (servers - len(counts))]
    return jain(shares), sum(shares), min(shares), max(shares)


def verdict(home: Path, sender: Sender, followed: dict[str, int]) -> list[str]:
    """What became of all jobs."""
    with closing(sqlite3.connect(home / "data" / "jobs.db")) as connection:
        states = dict(connection.execute("SELECT state, count(*) FROM jobs GROUP BY state").fetchall())
        tries = dict(connection.execute("SELECT attempt, count(*) FROM jobs GROUP BY attempt").fetchall())
        rows = {job for (job,) in connection.execute("SELECT id FROM jobs")}
    painted = Counter((home / "painted").read_text().split())
    lost = len(sender.sent) - states.get("finished", 0)
    unheard = len(sender.sent) - followed.get("results", 0)
    doubled = (
        len(rows - sender.sent.keys())
        + followed["told an end twice"]
        + followed.get("results of another job", 0)
    )
    again = sum(count - 1 for count in painted.values())
    return [
        f"{len(sender.sent)} jobs: {states}; attempts {tries}",
        f"  lost {lost}, results not had {unheard}   goal, none: {met(not lost and not unheard)}",
        f"  doubled {doubled}   goal, none: {met(not doubled)}   (painted to the end twice, as the first one's worker was killed"
        f" before it was heard: {again})",
        f"  followers: {followed}",
    ]


# --- the run ----------------------------------------------------------------------------------------------


async def measure(home: Path, scale: Scale, profile: Path | None) -> str:
    """All of it."""
    photos, killed = make_photos(home), list[int]()
    async with gateway(home, scale, profile) as engine, open_engine(engine.url, None) as client:
        followers = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.followers", engine.url, stdin=PIPE, stdout=PIPE
        )
        sender = Sender(client, followers, photos, scale.servers)
        killing = asyncio.create_task(kill_some(engine, scale, killed), name="killing")
        try:
            told = await parts(engine, sender, scale)
        finally:
            killing.cancel()
        if followers.stdin is not None:
            followers.stdin.close()
        output, _ = await followers.communicate()
        megabytes = peak_megabytes(engine.process.pid)
        levels, styles = engine.at_hand("compiled_levels"), engine.at_hand("styles_at_hand")
        waited = json.loads(output)
    disk = await asyncio.to_thread(
        lambda: sum(each.stat().st_size for each in (home / "data").rglob("*") if each.is_file())
    )
    database = home / "data" / "jobs.db"
    index, turns, fewest, most = fairness(database, scale.servers, scale.jobs // scale.servers)
    told += [
        f"Jain's index {index:.4f} of {turns} turns of {scale.servers} servers, {fewest} to {most} each"
        f"   goal, {GOAL_JAIN}: {met(index > GOAL_JAIN)}",
        *verdict(home, sender, waited),
        f"begun by a worker that had it at hand: {levels:.0%} of levels, {styles:.0%} of styles",
        f"workers killed {len(killed)}, told to come again {sender.busy} times",
        f"gateway's peak memory {megabytes:.0f} MB; disk {disk / 1e6:.0f} MB, of which the database {database.stat().st_size / 1e6:.0f} MB",
    ]
    return "\n".join(told)


async def parts(engine: Gateway, sender: Sender, scale: Scale) -> list[str]:
    """The three parts."""
    told = []
    part = Part("all arrive", engine, sender)
    await sender.send_all(range(scale.jobs))
    told.append(part.told())
    print(told[-1], flush=True)
    rate = scale.workers / 30
    part = Part("as many come as are painted", engine, sender)
    more = range(scale.jobs, scale.jobs + round(rate * scale.steady_seconds))
    await sender.send_as_members(more, rate)
    told.append(part.told())
    print(told[-1], flush=True)
    engine.pace(FAST)
    part = Part(f"{FAST:.0f} times as fast", engine, sender)
    await until(lambda: engine.over >= len(sender.sent), "the jobs do not end", LOOK_SECONDS)
    told.append(part.told())
    print(told[-1], flush=True)
    return told


def _parser() -> argparse.ArgumentParser:
    parser = arguments("Measure what one gateway carries.", small="a fiftieth of the jobs, ten workers")
    parser.add_argument("--jobs", type=int, help="of a tenth as many servers, in place of 10,000")
    parser.add_argument("--profile", type=Path, help="where to leave a profile of the gateway (cProfile)")
    parser.add_argument("--home", type=Path, help="a folder for all that is written, kept afterwards")
    return parser


def main() -> None:
    """Run the measurement."""
    options = _parser().parse_args()
    scale = SMALL if options.small else WHOLE
    if options.jobs:
        scale = replace(scale, jobs=options.jobs, servers=options.jobs // 10)
    head = f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before; {scale}"
    home = options.home or Path(tempfile.mkdtemp(prefix="atelier-scale-"))
    home.mkdir(parents=True, exist_ok=True)
    try:
        leave(f"{head}\n{asyncio.run(measure(home, scale, options.profile))}", folder(options) / "scale.txt")
    finally:
        if options.home is None:
            shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
