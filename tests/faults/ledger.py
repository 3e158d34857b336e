"""What members have asked an engine for and what it has answered, to be held against what there is in the end."""

import asyncio
import hashlib
import random
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from engine import images
from engine.protocol import ErrorBody, JobRequest, JobState, JobView, StyleChoice
from engine.service.job import files_of
from engine.storage.jobs import open_store
from tests.engine.engine_process import Client, request
from tests.faults.tally import Tally

PHOTOS = Path(__file__).parents[2] / "demo" / "photos"
UPLOAD = {"content": (PHOTOS / "chelsea.png").read_bytes(), "style-1": (PHOTOS / "coffee.png").read_bytes()}
KINDS = [
    *(request(size=size, evaluations=evaluations) for size, evaluations in ((64, 3), (80, 20), (96, 60))),
    request(size=96, evaluations=3, audition=True, styles=(StyleChoice(part="style-1"),) * 3),
]
GONE = (aiohttp.ClientError, ConnectionError, TimeoutError)  # what a member sees of an engine that was killed
ORDERS_AT_ONCE = 4
STUCK_SECONDS = 120.0  # in which nothing of all that is open comes to its end


@dataclass
class Order:
    """One picture that was asked for; job: its id, once it was acknowledged."""

    kind: int
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    job: str | None = None
    image: str | None = None  # hash of the result as it was first fetched
    pixels: str | None = (
        None  # of what is seen of it: its provenance has the plan, and that how long it was to take
    )
    cut_short: bool = False  # whether somebody has said "cancel" or "finish", heard or not


class Ledger:
    """All orders of one engine's life; `tally` counts as they come in."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.orders: list[Order] = []
        self.tally = Tally()
        self._destroyed: set[str] = set()

    async def live(self, client: Client, seconds: float) -> None:
        """Ask, ask again, cancel, finish and look, as members do, for so long or until the engine is gone."""
        most = len(self.orders) + ORDERS_AT_ONCE
        with suppress(*GONE):
            async with asyncio.timeout(seconds):
                while True:
                    await self._do_something(client, asks=len(self.orders) < most)
                    await asyncio.sleep(self._random.random() * 0.05)

    async def submit(self, client: Client, order: Order | None = None) -> Order:
        """Ask for a picture, or once more for the same. Raises one of GONE."""
        if order is None:
            order = Order(self._random.randrange(len(KINDS)))
            self.orders.append(order)
        status, body = await client.post(self._request(order), UPLOAD, order.key)
        if status == 202:
            self._acknowledge(order, JobView.model_validate_json(body).id)
        else:
            ErrorBody.model_validate_json(body)
            self.tally.refused += 1
        return order

    async def back_up(self, client: Client) -> None:
        """As an owner does."""
        with suppress(*GONE):
            await client.session.post("/v1/backup")

    def forget(self, job: str) -> None:
        """Expect nothing any more of a job whose row was destroyed."""
        self.orders = [order for order in self.orders if order.job != job]
        self._destroyed.add(job)

    def forget_all(self) -> None:
        """Expect nothing of all that was asked for so far, as the database was destroyed."""
        self._destroyed |= {order.job for order in self.orders if order.job}
        self.orders = []

    async def audit(self, client: Client) -> None:
        """Let everything come to its end with an engine that nobody harms, and see what became of it."""
        for order in self.orders:
            if order.job is None:
                await self.submit(client, order)
        while still_open := [order for order in self.orders if not await self._is_over(client, order)]:
            try:
                async with asyncio.timeout(STUCK_SECONDS):
                    await self._one_over(client, still_open)
            except TimeoutError:
                self.tally.stuck += len(still_open)
                break
        for order in self.orders:
            await self._look(client, order)
        self.tally.changed += sum(self._changed(kind) for kind in range(len(KINDS)))

    async def audit_files(self, data_dir: Path) -> None:
        """See what is on the disk, after the engine has ended."""
        store = await open_store(data_dir)
        try:
            keys = {order.key for order in self.orders}
            ids = set(await asyncio.to_thread(store.files.jobs)) - self._destroyed
            records = {job: await store.by_id(job) for job in ids}
            for job, record in records.items():
                wanted = files_of(record) if record else ()
                there = {path.name for path in store.files.path(job, "").glob("*")}
                self.tally.orphaned += len(there - set(wanted)) or (not wanted)
                if record:
                    self.tally.doubled += record.key not in keys
                    self.tally.interrupted += max(record.attempt - 1, 0)
        finally:
            await store.close()

    # --- within -------------------------------------------------------------------------------------------

    async def _do_something(self, client: Client, *, asks: bool) -> None:
        known = [order for order in self.orders if order.job]
        dice = self._random.random()
        if asks and (dice < 0.4 or not known):
            await self.submit(client)
        if not known:
            return
        order = self._random.choice(known[-8:])
        if dice < 0.55:
            await self.submit(client, order)
        elif dice < 0.75:
            order.cut_short = True
            await client.session.post(f"/v1/jobs/{order.job}/{'cancel' if dice < 0.65 else 'finish'}")
        elif dice < 0.8:
            await client.fetch(f"/v1/jobs/{order.job}/timelapse")
        elif (view := await self._view(client, order)) and view.state is JobState.FINISHED:
            await self._fetch(client, order)

    def _request(self, order: Order) -> JobRequest:
        return KINDS[order.kind]

    def _acknowledge(self, order: Order, job: str) -> None:
        if order.job is None:
            self.tally.acknowledged += 1
        elif order.job != job:
            self.tally.doubled += 1
        order.job = job

    async def _view(self, client: Client, order: Order) -> JobView | None:
        status, _, body = await client.fetch(f"/v1/jobs/{order.job}")
        return JobView.model_validate_json(body) if status == 200 else None

    async def _is_over(self, client: Client, order: Order) -> bool:
        view = await self._view(client, order)
        return view is None or view.state.is_final

    async def _one_over(self, client: Client, still_open: list[Order]) -> None:
        while not any([await self._is_over(client, order) for order in still_open]):  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.2)

    async def _look(self, client: Client, order: Order) -> None:
        """Count what is not as it was promised."""
        view = await self._view(client, order)
        if view is None:
            self.tally.lost += 1
        elif view.state is JobState.FAILED:
            self.tally.given_up += 1
            print(f"job {order.job} was given up: {view.error}")  # noqa: T201 - for whoever runs the harness
        elif view.state is JobState.CANCELLED:
            self.tally.lost += not order.cut_short
        elif view.state is JobState.FINISHED:
            await self._fetch(client, order)

    async def _fetch(self, client: Client, order: Order) -> None:
        status, _, body = await client.fetch(f"/v1/jobs/{order.job}/result")
        if status != 200:
            self.tally.lost += 1
            return
        image = hashlib.sha256(body).hexdigest()
        self.tally.changed += order.image not in (None, image)
        order.image = image
        order.pixels = await asyncio.to_thread(_hash_of_pixels, body)

    def _changed(self, kind: int) -> int:
        whole = {order.pixels for order in self.orders if order.kind == kind and not order.cut_short}
        return max(0, len(whole - {None}) - 1)


def _hash_of_pixels(image: bytes) -> str:
    return hashlib.sha256(images.decode(image, "content").rgb.tobytes()).hexdigest()
