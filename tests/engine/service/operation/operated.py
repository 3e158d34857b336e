"""An engine with a life to look at: workers that paint, a queue, results, failures and hours that have gone by.

Rule: all of it is the service's own but the workers, who say what they are told, and the pictures, which are gradients.
"""

import io
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from PIL import Image
from pydantic import SecretStr

from engine.protocol import (
    ErrorCode,
    Fact,
    ImageFormat,
    JobRequest,
    Owner,
    Problem,
    RecipeName,
    Sample,
    StyleChoice,
)
from engine.service.app import STORE, listening, make_app
from engine.service.config import EngineConfig
from engine.service.operation.routes import RECORDER
from engine.service.routes import JOBS
from engine.storage.jobs import JobRecord, JobStore
from engine.workers.ipc import Failure, Progress
from tests.engine.engine_process import TOKEN
from tests.engine.scripted import FILES, ScriptedWorker, record, result, settle


def picture(hue: int, kind: str = "JPEG", side: int = 320) -> bytes:
    """A gradient, told from others by its hue (0 to 255)."""
    ramp = Image.linear_gradient("L").resize((side, side * 3 // 4))
    image = Image.merge(
        "HSV", (ramp.point(lambda level: (hue + level // 6) % 256), ramp.point(lambda _: 150), ramp)
    )
    data = io.BytesIO()
    image.convert("RGB").save(data, kind)
    return data.getvalue()


def frame(done: float, hue: int) -> Progress:
    """A worker's word with a preview that can be looked at."""
    return Progress(
        preview=picture(hue),
        progress=done,
        evaluation=round(done * 10),
        evaluations=10,
        width=8,
        height=8,
        losses={"total": 1.0},
    )


def job(style: str, user: int, recipe: RecipeName = RecipeName.STANDARD) -> JobRecord:
    """One of a member of a server."""
    owner = Owner(group="812045117765124096", user=f"{310245117765124096 + user}")
    request = JobRequest(owner=owner, styles=(StyleChoice(name=style),), recipe=recipe)
    found = record()
    plan = found.plan.model_copy(update={"recipe": recipe, "width": 1024, "height": 768, "seconds": 95.0})
    return found.but(request=request, plan=plan, sources=(style,))


@dataclass
class Operated:
    """What a test gets at."""

    app: web.Application
    url: str
    workers: list[ScriptedWorker]

    async def admit(self, *jobs: JobRecord) -> list[str]:
        """Take jobs in; the first ones are begun."""
        return [(await self.app[JOBS].admit(each, FILES)).id for each in jobs]

    async def paint(self, style: str, user: int, hue: int) -> str:
        """Have a picture painted to its end by whoever is free."""
        (name,) = await self.admit(job(style, user))
        (await self.painter_of(name)).say(
            frame(0.5, hue), result(picture(hue, "PNG"), format=ImageFormat.PNG)
        )
        await self.over(name)
        return name

    async def fail(self, style: str, user: int, code: ErrorCode, **facts: Fact) -> str:
        """Have a picture fail."""
        (name,) = await self.admit(job(style, user))
        (await self.painter_of(name)).say(Failure(error=Problem(code=code, facts=facts)))
        await self.over(name)
        return name

    async def painter_of(self, name: str) -> ScriptedWorker:
        """Whoever paints this job, once somebody does."""
        found: list[ScriptedWorker] = []

        async def begun() -> bool:
            found[:] = [worker for worker in self.workers if worker.batches and name in worker.batches[-1]]
            return bool(found)

        await settle(begun)
        return found[0]

    def remember(self, hours: float = 3.0) -> None:
        """Let hours have gone by that were busy now and then."""
        recorder, now = self.app[RECORDER], time.time()
        for number in range(round(hours * 360)):
            at = now - hours * 3600 + number * 10
            load = max(0.0, math.sin(number / 97) * 0.6 + math.sin(number / 23) * 0.35 + 0.35)
            recorder._samples.append(
                Sample(
                    at=at,
                    seconds=10.0,
                    busy=min(load, 1.0),
                    queued=round(max(0.0, load - 0.5) * 11),
                    evaluations=round(min(load, 1.0) * 34),
                    finished=int(load > 0.2 and number % 9 == 0),
                    failed=int(number % 331 == 330),
                )
            )

    async def over(self, name: str) -> None:
        """Wait until a job is over."""

        async def is_over() -> bool:
            return (await self.app[JOBS].view(name)).state.is_final

        await settle(is_over)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until this holds."""

        async def holds() -> bool:
            return condition()

        await settle(holds)

    @property
    def store(self) -> JobStore:
        """Where its jobs are kept."""
        return self.app[STORE]


@asynccontextmanager
async def operated(data_dir: Path, workers: int = 2, token: str | None = TOKEN) -> AsyncIterator[Operated]:
    """An engine that listens, with warm workers."""
    crew = [ScriptedWorker() for _ in range(workers)]
    hired = iter(crew)
    config = EngineConfig(
        data_dir=data_dir,
        devices=("cpu",) * workers,
        token=SecretStr(token) if token else None,
    )
    app = make_app(config, lambda _: next(hired))
    async with listening(app, "127.0.0.1", 0) as (host, port):

        async def warm() -> bool:
            return len(app[JOBS].crew) == workers

        await settle(warm)
        yield Operated(app, f"http://{host}:{port}/", crew)
