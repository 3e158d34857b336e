"""The process that has Ray: `python -m engine.workers.cluster.driver SETTINGS` (as JSON), started by `Office`.

It relays between the engine's pipe and the booths, and reads no more of either than to whom it goes. Rule: it may end at any
moment, by Ray's own doing too, and nothing is lost by it but time: the booths are detached, and found again by their names.
"""

import asyncio
import os
import secrets
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any, BinaryIO

import structlog

import engine.log
from engine.protocol import CrashPoint, reach
from engine.workers.cluster.booth import Booth
from engine.workers.cluster.scratch import Scratch, default_root
from engine.workers.cluster.wire import (
    ERRANDS,
    LENGTH_BYTES,
    LOCAL,
    Answered,
    Ask,
    Dismiss,
    DriverSettings,
    Gone,
    Hire,
    Message,
    NoCluster,
    Post,
    Said,
    Unanswered,
    Up,
    frame,
)
from engine.workers.main import claim_output

log = structlog.get_logger()

BEAT_SECONDS = 2.0
CLOSE_SECONDS = 10.0  # for a booth to end its painter, which may not obey, and to remove its files
STORE_BYTES = 256 * 2**20  # of a cluster that is this machine alone: pieces pass through, nothing stays

# Set before Ray is loaded, where the operator has not. On Linux the first keeps a cluster of this machine alone on 127.0.0.1
# (Ray's name for it is odd); token: nobody talks to the cluster without the one of its head.
_ENVIRONMENT = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "token"}
_LOCAL_ENVIRONMENT = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}


def booth_class() -> Any:
    """The actor's class; loads Ray."""
    import ray

    class RayBooth(Booth):
        """A booth that Ray can make."""

        def __init__(self, post: str) -> None:
            engine.log.set_up()
            actor = ray.get_runtime_context().current_actor
            self._identity = post
            super().__init__(
                Post.model_validate_json(post), Scratch(default_root()), partial(ray.kill, actor)
            )

        async def identity(self) -> str:
            """The post that it was made for."""
            return self._identity

    return RayBooth


class Driver:
    """The relay of one engine."""

    def __init__(self, settings: DriverSettings, orders: StreamReader, news: StreamWriter) -> None:
        import ray

        self._ray = ray
        self._settings = settings
        self._orders = orders
        self._news = news
        self._booth_class = booth_class()
        self._booths: dict[int, Any] = {}
        self._streams: dict[int, asyncio.Task[None]] = {}
        self._calls: set[asyncio.Task[None]] = set()

    async def relay(self) -> None:
        """Until the engine hangs up."""
        beating = asyncio.create_task(self._beat(), name="beat")
        with suppress(asyncio.IncompleteReadError):
            while True:
                lengths = await self._orders.readexactly(2 * LENGTH_BYTES)
                head = await self._orders.readexactly(int.from_bytes(lengths[:LENGTH_BYTES]))
                data = await self._orders.readexactly(int.from_bytes(lengths[LENGTH_BYTES:]))
                await self._take(head, data)
        for task in (beating, *self._streams.values(), *self._calls):
            task.cancel()

    async def _beat(self) -> None:
        while True:
            await self._tell(Up())
            await asyncio.sleep(BEAT_SECONDS)

    async def _take(self, head: bytes, data: bytes) -> None:
        match ERRANDS.validate_json(head):
            case Hire() as hire:
                if (before := self._streams.pop(hire.worker, None)) is not None:
                    before.cancel()
                self._streams[hire.worker] = asyncio.create_task(
                    self._listen(hire), name=f"hear-{hire.worker}"
                )
            case Ask() as ask:
                demand, rest = data[: ask.demand_bytes], data[ask.demand_bytes :]
                # Made here, so that they arrive in their order.
                booth = self._booths.get(ask.worker)
                answer = None if booth is None else booth.answer.remote(ask.lease, demand, rest)
                self._follow(self._pass_on(ask.call, answer))
            case Dismiss() as dismissed:
                self._follow(self._dismiss(dismissed))

    def _follow(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _listen(self, hire: Hire) -> None:
        from ray.exceptions import RayError

        try:
            booth = await self._find(hire)
            reach(CrashPoint.BOOTH_FOUND)
            async for said in booth.attend.remote(hire.lease, self._settings.holder, fresh=hire.fresh):
                await self._tell(Said(worker=hire.worker, lease=hire.lease), await said)
            why = "it has ended"
        except RayError as error:
            why = sentence_of(error)
        await self._tell(Gone(worker=hire.worker, lease=hire.lease, why=why))

    async def _find(self, hire: Hire) -> Any:
        """The booth of this number, made anew where what is there is for another post, or of another version."""
        identity = hire.post.model_dump_json()
        booth = self._make(hire, identity)
        if not await self._is_of(booth, identity):
            log.info("replacing a booth that is for something else", worker=hire.worker)
            await self._end(booth)
            booth = self._make(hire, identity)
        return booth

    async def _is_of(self, booth: Any, identity: str) -> bool:
        from ray.exceptions import RayActorError, RayTaskError

        try:
            return bool(await booth.identity.remote() == identity)
        except RayActorError:  # one that has just died, whose name is free now
            return False
        except (RayTaskError, AttributeError):  # of a version that does not know what it is asked
            return False

    def _make(self, hire: Hire, identity: str) -> Any:
        post = hire.post
        remote = self._ray.remote(self._booth_class).options(
            name=f"booth-{hire.worker}",
            namespace=self._settings.namespace,
            lifetime="detached",
            get_if_exists=True,
            max_restarts=0,  # what becomes of its work, and of it, the engine decides
            max_task_retries=0,
            num_cpus=post.num_cpus,
            num_gpus=post.num_gpus,
            resources=dict(post.resources),
        )
        booth = self._booths[hire.worker] = remote.remote(identity)  # which may have to wait for a place
        return booth

    async def _pass_on(self, call: int, answer: Any) -> None:
        from ray.exceptions import RayError

        if answer is None:
            await self._tell(Unanswered(call=call, why="there is no booth"))
            return
        try:
            await self._tell(Answered(call=call), await answer)
        except RayError as error:
            await self._tell(Unanswered(call=call, why=sentence_of(error)))

    async def _dismiss(self, dismissed: Dismiss) -> None:
        from ray.exceptions import RayError

        if (stream := self._streams.pop(dismissed.worker, None)) is not None:
            stream.cancel()
        if (booth := self._booths.pop(dismissed.worker, None)) is not None:
            # Or what it has of others' pictures would stay until the next begins there.
            with suppress(RayError, TimeoutError):
                await asyncio.wait_for(booth.close.remote(), CLOSE_SECONDS)
            await self._end(booth)
        await self._tell(Answered(call=dismissed.call))

    async def _end(self, booth: Any) -> None:
        """Kill it, and wait until its name is free."""
        from ray.exceptions import RayError

        await asyncio.to_thread(self._ray.kill, booth)
        with suppress(RayError):
            await booth.identity.remote()

    async def _tell(self, message: Message, data: bytes = b"") -> None:
        self._news.write(frame(message, data))
        await self._news.drain()


def sentence_of(error: Exception) -> str:
    """What it says, without what Ray has around it: of an error in a booth, that error."""
    error = getattr(error, "cause", error)
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def connect(settings: DriverSettings) -> None:
    """Join the cluster, or make one of this machine alone, which ends with this process. Raises whatever Ray does."""
    for name, value in environment(settings.address).items():
        os.environ.setdefault(name, value)
    is_local = settings.address == LOCAL
    if is_local:
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    import ray

    alone: Mapping[str, Any] = {
        "num_cpus": max(int(-(-settings.num_cpus // 1)), os.cpu_count() or 1),
        "include_dashboard": False,
        "object_store_memory": STORE_BYTES,
    }
    ray.init(
        address=settings.address,
        namespace=settings.namespace,
        log_to_driver=False,
        configure_logging=False,
        **(alone if is_local else {}),
    )


def environment(address: str) -> dict[str, str]:
    """What Ray is to find set, unless the operator has said otherwise."""
    return _ENVIRONMENT | (_LOCAL_ENVIRONMENT if address == LOCAL else {})


async def _run(settings: DriverSettings, orders: BinaryIO, news: BinaryIO) -> None:
    loop = asyncio.get_running_loop()
    reader = StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), orders)
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, news)
    await Driver(settings, reader, StreamWriter(transport, protocol, reader, loop)).relay()


def main(settings: DriverSettings) -> None:
    """Connect, say so, and relay until the engine hangs up."""
    engine.log.set_up()
    news = claim_output()
    orders = os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0)
    try:
        connect(settings)
    except Exception as error:  # noqa: BLE001 - of Ray's there are many, which have nothing else in common
        news.write(frame(NoCluster(why=sentence_of(error))))
        news.flush()
        sys.exit(1)
    import ray

    try:
        asyncio.run(_run(settings, orders, news))
    finally:
        ray.shutdown()


if __name__ == "__main__":
    main(DriverSettings.model_validate_json(sys.argv[1]))
