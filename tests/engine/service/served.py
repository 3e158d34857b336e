"""The whole service in the test's own process, with a worker that only says what it is told, and its raw socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from aiohttp import web
from pydantic import SecretStr

from engine.service.app import listening, make_app
from engine.service.config import EngineConfig
from engine.service.routes import DISPATCHER, UPLOADS
from engine.service.uploads import USUAL_LIMITS, Load, UploadLimits
from tests.engine.engine_process import TOKEN, Client
from tests.engine.scripted import ScriptedWorker, settle


@dataclass(frozen=True)
class Served:
    """An engine that listens."""

    app: web.Application
    host: str
    port: int
    worker: ScriptedWorker
    client: Client
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def raw(self, data: bytes) -> bytes:
        """All that comes back for what is sent as it is, until the engine hangs up."""
        reader, writer = await self.connect(data)
        answer = await reader.read()
        await hang_up(writer)
        return answer

    async def connect(self, data: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection on which this is sent; it is closed with the engine, if not before."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        self.writers.append(writer)
        writer.write(data)
        await writer.drain()
        return reader, writer

    @property
    def load(self) -> Load:
        """What uploads take."""
        return self.app[UPLOADS].load

    async def until_uploads(self, count: int) -> None:
        """Wait until so many are there."""

        async def there() -> bool:
            return self.load.uploads == count

        await settle(there)


@asynccontextmanager
async def serve(
    data_dir: Path,
    *,
    token: str | None = TOKEN,
    limits: UploadLimits = USUAL_LIMITS,
    ready: bool = True,
    jobs_total: int = 100,
) -> AsyncIterator[Served]:
    """An engine on this folder; ready: its worker is warm."""
    worker = ScriptedWorker()
    if not ready:
        worker.holds = asyncio.Event()
    config = EngineConfig(
        data_dir=data_dir,
        devices=("cpu",),
        token=SecretStr(token) if token else None,
        jobs_total=jobs_total,
    )
    app = make_app(config, lambda _: worker, limits)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        listening(app, "127.0.0.1", 0) as (host, port),
        aiohttp.ClientSession(f"http://{host}:{port}", headers=headers) as session,
    ):

        async def warm() -> bool:
            return app[DISPATCHER].is_ready

        if ready:
            await settle(warm)
        served = Served(app, host, port, worker, Client(session))
        try:
            yield served
        finally:
            for writer in served.writers:
                await hang_up(writer)


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """Close a connection, whatever the other side has done to it."""
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
