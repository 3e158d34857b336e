"""A real bot process and a real engine process, on the two sides of the Discord stand-in.

One engine serves the whole session, since loading the network takes longer than a test; every test has its own
Discord and its own bot.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from simcord.backend.models import Message
from simcord.results import InteractionResult

from bot.storage.settings import Consent, Output
from demo.album import Album
from demo.first_picture import PHOTOS
from demo.processes import BOT_SECONDS, Child, Crew, running
from demo.standin import StandIn, stand_in
from engine.protocol import RecipeName
from tests.engine.engine_process import share_speeds
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


@pytest.fixture(scope="session")
def crew_and_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Crew, Child]]:
    """The engine of the session, warm."""
    folder = tmp_path_factory.mktemp("engine")
    share_speeds(folder / "engine")
    crew = Crew.assemble(folder)
    with running(crew.engine()) as engine:
        asyncio.run(crew.engine_ready(engine))
        yield crew, engine


@pytest.fixture
async def scene(crew_and_engine: tuple[Crew, Child], tmp_path: Path) -> AsyncIterator[Scene]:
    """A fresh Discord and a fresh bot in it."""
    session, engine = crew_and_engine
    crew = session.beside(tmp_path)
    async with stand_in() as discord:
        with running(crew.bot(discord.origin)) as bot:
            scene = Scene(discord, Album(discord.world, tmp_path), bot, engine, crew)
            await scene.connected()
            await discord.set_up(output=Output.CHANNEL, consent=Consent.OPEN)
            discord.api.calls.clear()
            yield scene
