"""A real engine process for the tests, on a free port of 127.0.0.1, and a client that speaks the wire to it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any, Self
from urllib.error import HTTPError

import aiohttp

from engine.protocol import (
    ErrorBody,
    EventEnvelope,
    Finished,
    JobRequest,
    JobView,
    Owner,
    StyleChoice,
    parse_event,
)
from engine.service.config import TOKEN_VARIABLE
from tests.speeds import SPEEDS

TOKEN = "a token for the tests only"  # noqa: S105
LONGEST_WAIT = 300.0  # seconds, for whatever is waited for; only a failure takes so long


def share_speeds(data_dir: Path) -> None:
    """Let an engine know what another one of the same tests has measured of this machine; a bench's measures for itself."""
    data_dir.mkdir(parents=True, exist_ok=True)
    speeds = data_dir / "speed"
    if SPEEDS in os.environ and not speeds.exists():
        speeds.symlink_to(os.environ[SPEEDS])


class EngineProcess:
    """`python -m engine serve` (or another program) on a data directory; `stop` or `kill` ends it, and so does leaving its block."""

    def __init__(
        self,
        data_dir: Path,
        name: str = "engine",
        token: str | None = TOKEN,
        *,
        program: str = "engine",
        environment: Mapping[str, str] = {},
        **settings: object,
    ) -> None:
        self.data_dir = data_dir
        self._log = data_dir.with_name(f"{name}.log")
        config = data_dir.with_name(f"{name}.toml")
        table = {"port": 0, "data_dir": str(data_dir), "devices": ["cpu"]} | settings
        lines = (f"{key} = {json.dumps(value)}" for key, value in table.items())
        config.write_text("[engine]\n" + "\n".join(lines))
        share_speeds(data_dir)
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", program, "serve", "--config", str(config)],
                stdout=log,
                stderr=log,
                env={**os.environ, TOKEN_VARIABLE: token or "", **environment},
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self.kill()

    def events(self, name: str) -> list[dict[str, Any]]:
        """All log lines with this event."""
        found = []
        for line in self._log.read_text().splitlines():
            with suppress(json.JSONDecodeError):
                entry = json.loads(line)
                if entry["event"] == name:
                    found.append(entry)
        return found

    def output(self) -> str:
        """Everything it has printed."""
        return self._log.read_text()

    @property
    def url(self) -> str:
        """Where it listens, waiting until it does."""
        self._wait(lambda: bool(self.events("listening")))
        return f"http://127.0.0.1:{self.events('listening')[0]['port']}"

    def has_said(self, *names: str) -> list[dict[str, Any]]:
        """The log lines with any of these events, waiting for the first."""
        self._wait(lambda: any(map(self.events, names)))
        return [entry for name in names for entry in self.events(name)]

    def ready(self, *, to_take_jobs: bool = True) -> Self:
        """Wait until the first worker is warm, and jobs are taken in, if they are to be."""
        url = self.url
        self._wait(
            lambda: _status(f"{url}/readyz") == 200 if to_take_jobs else bool(self.events("worker is warm"))
        )
        return self

    def worker(self) -> int:
        """Process id of the newest warm worker."""
        return int(self.events("worker is warm")[-1]["pid"])

    def stop(self) -> int:
        """End it as an operator does; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LONGEST_WAIT)

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self.process.wait(LONGEST_WAIT)

    def _wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + LONGEST_WAIT
        while not condition():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the engine is not up:\n{self.output()}")
            time.sleep(0.05)


async def until_gone(pid: int) -> None:
    """Wait for the end of a process that is not a child of ours."""
    with suppress(ProcessLookupError):
        async with asyncio.timeout(LONGEST_WAIT):
            while True:
                os.kill(pid, 0)
                await asyncio.sleep(0.05)


def _status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=LONGEST_WAIT) as answer:  # noqa: S310 - our own process
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code


class Client:
    """The wire from the bot's side."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session

    async def post(
        self, request: JobRequest | str, images: Mapping[str, bytes], key: str | None = None
    ) -> tuple[int, bytes]:
        """Submit; returns status and body."""
        form = aiohttp.FormData()
        form.add_field("request", request if isinstance(request, str) else request.model_dump_json())
        for name, data in images.items():
            form.add_field(name, BytesIO(data), filename=f"{name}.png", content_type="image/png")
        headers = {"Idempotency-Key": key} if key else {}
        async with self.session.post("/v1/jobs", data=form, headers=headers) as answer:
            return answer.status, await answer.read()

    async def submit(
        self, request: JobRequest, images: Mapping[str, bytes], key: str | None = None
    ) -> JobView:
        """Submit what has to be accepted."""
        status, body = await self.post(request, images, key)
        assert status == 202, body
        return JobView.model_validate_json(body)

    async def refused(
        self, request: JobRequest | str, images: Mapping[str, bytes], key: str | None = None
    ) -> tuple[int, ErrorBody]:
        """Submit what has to be refused."""
        status, body = await self.post(request, images, key)
        assert status >= 400, body
        return status, ErrorBody.model_validate_json(body)

    async def view(self, job: str) -> JobView:
        async with self.session.get(f"/v1/jobs/{job}") as answer:
            assert answer.status == 200, await answer.text()
            return JobView.model_validate_json(await answer.read())

    async def order(self, job: str, what: str) -> JobView:
        """Cancel or finish."""
        async with self.session.post(f"/v1/jobs/{job}/{what}") as answer:
            assert answer.status == 200, await answer.text()
            return JobView.model_validate_json(await answer.read())

    async def fetch(self, path: str) -> tuple[int, str, bytes]:
        """Status, content type and body of a page."""
        async with self.session.get(path) as answer:
            return answer.status, answer.content_type, await answer.read()

    async def events(self, job: str, after: int | None = None) -> AsyncGenerator[EventEnvelope, None]:
        """All events until the stream ends."""
        headers = {} if after is None else {"Last-Event-ID": str(after)}
        async with self.session.get(f"/v1/jobs/{job}/events", headers=headers) as answer:
            assert answer.content_type == "text/event-stream", await answer.text()
            number = 0
            async for line in answer.content:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "id":
                    number = int(value)
                elif name == "data":
                    yield EventEnvelope(id=number, event=parse_event(value))

    async def painted(self, job: str) -> JobView:
        """Wait for a job's end, which has to be a good one."""
        async with asyncio.timeout(LONGEST_WAIT):
            told = [envelope.event async for envelope in self.events(job)]
        assert isinstance(told[-1], Finished), told
        return await self.view(job)


@asynccontextmanager
async def talk(engine: EngineProcess) -> AsyncIterator[Client]:
    """Open a client that has the token."""
    async with aiohttp.ClientSession(engine.url, headers={"Authorization": f"Bearer {TOKEN}"}) as session:
        yield Client(session)


def request(user: str = "ann", group: str = "oaks", **settings: Any) -> JobRequest:
    """A small, quick picture unless told otherwise."""
    defaults: dict[str, Any] = {"size": 64, "evaluations": 2, "styles": (StyleChoice(part="style-1"),)}
    return JobRequest(owner=Owner(group=group, user=user), **(defaults | settings))
