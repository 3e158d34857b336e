"""Some thousand mutated requests against one engine process, and what came of them."""

import asyncio
import random
import secrets
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from engine import images
from engine.protocol import ImageFormat
from tests.engine.engine_process import Client, EngineProcess, request
from tests.engine.sketch.worker import PAUSE_VARIABLE
from tests.hostile.http.exchange import TOLD, Exchange, exchange, leaks
from tests.hostile.http.mutations import MUTATIONS, Wire, requests

PARALLEL = 24  # connections at once
WARM_UP = 0.3  # of the requests, before the memory counts
MOST_GROWTH = 0.05  # of the memory after that
PHOTOS = Path(__file__).parents[3] / "demo" / "photos"


@dataclass
class Campaign:
    """What came of all requests; memory: in bytes, after the warm-up and in the end; descriptors: before and after."""

    statuses: Counter[int] = field(default_factory=Counter)
    endings: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)  # answers of 5xx, by mutation
    improper: list[str] = field(default_factory=list)  # no ErrorBody, or not the headers of the status
    echoed: int = 0
    logged: int = 0
    tracebacks: list[str] = field(default_factory=list)
    jobs: int = 0
    alive: bool = False
    memory: tuple[int, int] = (0, 0)
    descriptors: tuple[int, int] = (0, 0)

    def count(self, kind: str, sent: bytes, seen: Exchange, token: str) -> None:
        """Take in what came of one request."""
        self.kinds[kind] += 1
        self.statuses.update(answer.status for answer in seen.answers)
        if seen.ending:
            self.endings[seen.ending] += 1
        self.echoed += seen.holds(token)
        for answer in seen.answers:
            if answer.status >= 500 and answer.status not in TOLD:
                self.broken.append(f"{kind}: {sent[:300]!r}")
            if not answer.proper:
                self.improper.append(f"{kind}: {answer.status}: {sent[:300]!r} -> {seen.data[:300]!r}")

    def faults(self) -> list[str]:
        """What must not be, in words; nothing if all is well."""
        held = sum(count for ending, count in self.endings.items() if ending.startswith("HELD"))
        bars = {
            f"{len(self.broken)} answers of 5xx: {self.broken[:3]}": not self.broken,
            f"{len(self.improper)} answers without a proper body: {self.improper[:3]}": not self.improper,
            f"the token came back {self.echoed} times": not self.echoed,
            f"the token is in {self.logged} lines of the log": not self.logged,
            f"{len(self.tracebacks)} tracebacks in the log: {self.tracebacks[:3]}": not self.tracebacks,
            f"{held} connections were held": not held,
            "the engine is gone, or paints no more": self.alive,
            f"descriptors went from {self.descriptors[0]} to {self.descriptors[1]}": self.descriptors[1]
            <= self.descriptors[0],
            f"memory went from {self.memory[0]} to {self.memory[1]}": self.memory[1]
            <= self.memory[0] * (1 + MOST_GROWTH),
        }
        return [words for words, holds in bars.items() if not holds]

    def table(self) -> str:
        """All of it, a line each."""
        rows = [
            *(
                (f"answers of {status or 'no HTTP'}", count)
                for status, count in sorted(self.statuses.items())
            ),
            *((f"no answer: {ending}", count) for ending, count in sorted(self.endings.items())),
            ("answers of 5xx", len(self.broken)),
            ("answers without a proper body", len(self.improper)),
            ("token in an answer", self.echoed),
            ("token in the log", self.logged),
            ("tracebacks in the log", len(self.tracebacks)),
            ("jobs taken in", self.jobs),
            ("engine alive and painting", "yes" if self.alive else "no"),
            ("descriptors before and after", " ".join(map(str, self.descriptors))),
            ("MiB after warm-up and in the end", " ".join(f"{size / 2**20:.1f}" for size in self.memory)),
        ]
        kinds = ", ".join(f"{name} {count}" for name, count in sorted(self.kinds.items()))
        return "\n".join([f"{sum(self.kinds.values())} requests: {kinds}", *(f"{a:40} {b}" for a, b in rows)])


async def run_against_new_engine(count: int, seed: int) -> Campaign:
    """Start an engine whose worker only sketches, and send it so many mutated requests."""
    with tempfile.TemporaryDirectory() as folder:
        token = secrets.token_hex(24)
        with EngineProcess(
            Path(folder) / "data",
            token=token,
            program="tests.engine.sketch",
            environment={PAUSE_VARIABLE: "0"},
            batch=1,
        ) as engine:
            engine.ready()
            headers = {"Authorization": f"Bearer {token}"}
            async with aiohttp.ClientSession(engine.url, headers=headers) as session:
                return await _run(engine, Client(session), token, count, random.Random(seed))


async def _run(engine: EngineProcess, client: Client, token: str, count: int, rng: random.Random) -> Campaign:
    campaign, images = Campaign(), _images()
    job = (await client.submit(request(group="seed"), images)).id
    await client.painted(job)
    wire = Wire(engine.url.removeprefix("http://"), token, job)
    seeds = requests(wire, request(group="mutant"), images)
    before = _descriptors(engine)
    work = [(mutation.__name__, mutation(rng, seeds)) for mutation in rng.choices(MUTATIONS, k=count)]
    warm = round(count * WARM_UP)
    await _send_all(work[:warm], wire, campaign)
    await _quiet(engine, before)
    after_warm_up = _memory(engine)
    await _send_all(work[warm:], wire, campaign)
    campaign.descriptors = before, await _quiet(engine, before)
    campaign.memory = after_warm_up, _memory(engine)
    with suppress(aiohttp.ClientError, AssertionError):
        await client.painted((await client.submit(request("end", "end"), images)).id)
        campaign.alive = engine.process.poll() is None
    log = engine.output()
    campaign.logged = sum(leaks(token, line) for line in log.splitlines())
    campaign.tracebacks = [line for line in log.splitlines() if "Traceback" in line]
    campaign.jobs = len(engine.events("job admitted"))
    return campaign


async def _send_all(work: Sequence[tuple[str, bytes]], wire: Wire, campaign: Campaign) -> None:
    host, _, port = wire.host.partition(":")
    places = asyncio.Semaphore(PARALLEL)

    async def send(kind: str, data: bytes) -> None:
        async with places:
            campaign.count(kind, data, await exchange(host, int(port), data), wire.token)

    await asyncio.gather(*(send(kind, data) for kind, data in work))


def _images() -> Mapping[str, bytes]:
    photos = {"content": "chelsea.png", "style-1": "coffee.png"}
    decoded = {part: images.decode((PHOTOS / name).read_bytes(), "content") for part, name in photos.items()}
    return {
        part: images.encode(images.resize(picture, 48, 40), ImageFormat.PNG)
        for part, picture in decoded.items()
    }


# --- the process ------------------------------------------------------------------------------------------


async def _quiet(engine: EngineProcess, descriptors: int) -> int:
    """How many descriptors are open when what was sent is over, or after ten seconds."""
    for _ in range(100):
        if _descriptors(engine) <= descriptors:
            break
        await asyncio.sleep(0.1)
    return _descriptors(engine)


def _descriptors(engine: EngineProcess) -> int:
    return len([*Path(f"/proc/{engine.process.pid}/fd").iterdir()])


def _memory(engine: EngineProcess) -> int:
    lines = Path(f"/proc/{engine.process.pid}/status").read_text().splitlines()
    kilobytes = next(line.split()[1] for line in lines if line.startswith("VmRSS"))
    return int(kilobytes) * 2**10
