"""A real bot process and a real engine process, on the two sides of the Discord stand-in.

One engine serves the whole session, since starting it takes longer than a test; every test has its own Discord and its
own bot. Its worker sketches; a module that looks at what the network paints has an engine of its own.
"""

import asyncio
import io
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from simcord.backend.models import Message
from simcord.results import InteractionResult, ResponseMessage

from bot.storage.settings import Consent, Output
from demo.album import Album
from demo.first_picture import PHOTOS
from demo.processes import BOT_SECONDS, Child, Crew, running
from demo.standin import StandIn, stand_in
from engine.protocol import RecipeName
from tests.engine.conftest import PAUSE
from tests.engine.engine_process import share_speeds
from tests.engine.sketch.worker import PAUSE_VARIABLE
from tests.first_start import first_start
from tests.wire.channel import messages, pressable

SECONDS = 180.0  # for whatever is waited for; only a failure takes so long


def photo(name: str) -> tuple[str, bytes]:
    """A test picture, as an attachment."""
    return name, (PHOTOS / name).read_bytes()


@dataclass
class Scene:
    """What a test needs: the people and their channel, and the two processes."""

    discord: StandIn
    album: Album
    bot: Child
    engine: Child
    crew: Crew

    async def stylize(
        self, recipe: RecipeName = RecipeName.DRAFT, size: int = 96, content: str = "chelsea.png"
    ) -> InteractionResult:
        """Alice gives two attachments."""
        answer = await self.discord.alice.slash(
            self.discord.studio,
            "stylize",
            content=photo(content),
            style_image=photo("coffee.png"),
            recipe=recipe.value,
            size=size,
        )
        assert answer.acknowledged
        return answer

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for something to be seen in the channel."""
        await self.discord.world.until(condition, SECONDS)

    async def framed(self) -> None:
        """Wait for the first frame."""
        await self.until(lambda: self.album.frames)

    async def painted(self, number: int = 1) -> Message:
        """Wait for painting `number`, and until its ticket is gone; its message."""
        await self.until(lambda: len(self.album.paintings) >= number and not self.tickets)
        assert len(self.album.paintings) == number
        return self.messages[-1]

    @property
    def messages(self) -> list[Message]:
        """What the bot has in the channel, oldest first."""
        return messages(self.discord)

    @property
    def tickets(self) -> list[Message]:
        """The open tickets in the channel: they can be cancelled."""
        return pressable(self.discord, "Cancel")

    async def connected(self) -> None:
        """Wait for the bot to be on the line."""
        await self.discord.ready(BOT_SECONDS)


def grey(data: bytes) -> NDArray[np.float64]:
    """Small, grey and normalised, to compare what two pictures show."""
    with Image.open(io.BytesIO(data)) as image:
        small: NDArray[np.float64] = np.array(image.convert("L").resize((24, 16)), dtype=np.float64)
    small -= small.mean()
    small /= small.std()
    return small


def likeness(one: bytes, other: bytes) -> float:
    """The correlation of two pictures, -1 to 1."""
    return float((grey(one) * grey(other)).mean())


def mentions_alice(scene: Scene, message: Message) -> bool:
    return message.ping_user_ids == [scene.discord.alice.id]


def open_ticket(scene: Scene) -> ResponseMessage:
    """The open ticket, as something to click on."""
    return ResponseMessage(scene.discord.world, scene.tickets[0])


@contextmanager
def warm(crew: Crew, engine: Child) -> Iterator[tuple[Crew, Child]]:
    """This engine, once it takes jobs."""
    with running(engine):
        asyncio.run(crew.engine_ready(engine))
        yield crew, engine


@pytest.fixture(scope="module")
def painter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Crew, Child]]:
    """An engine that paints with the network; it takes a gigabyte, so not for long."""
    folder = tmp_path_factory.mktemp("painter")
    share_speeds(folder / "engine")
    crew = Crew.assemble(folder)
    with warm(crew, crew.engine()) as started:
        yield started


@pytest.fixture(scope="session")
def sketcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Crew, Child]]:
    """The one that sketches."""
    crew = Crew.assemble(tmp_path_factory.mktemp("sketcher"))
    engine = crew.engine()
    command = tuple("tests.engine.sketch" if part == "engine" else part for part in engine.command)
    environment = {**engine.environment, PAUSE_VARIABLE: PAUSE}
    with warm(crew, replace(engine, command=command, environment=environment)) as started:
        yield started


@pytest.fixture
def crew_and_engine(sketcher: tuple[Crew, Child]) -> tuple[Crew, Child]:
    """The engine of a test; a module that needs it takes the one that paints."""
    return sketcher


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a first start leaves, with nothing in it."""
    return first_start(tmp_path_factory.mktemp("first-start"))


@pytest.fixture
async def scene(crew_and_engine: tuple[Crew, Child], tmp_path: Path, database: Path) -> AsyncIterator[Scene]:
    """A fresh Discord and a fresh bot in it, which has been started before."""
    session, engine = crew_and_engine
    crew = session.beside(tmp_path)
    (data := tmp_path / "bot").mkdir(mode=0o700)
    shutil.copy(database, data)
    async with stand_in() as discord:
        with running(crew.bot(discord.origin)) as bot:
            scene = Scene(discord, Album(discord.world, tmp_path), bot, engine, crew)
            await scene.connected()
            await discord.set_up(output=Output.CHANNEL, consent=Consent.OPEN)
            discord.api.calls.clear()
            yield scene
