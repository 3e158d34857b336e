"""Small pictures, and the engine processes that tests share: one that sketches, one that paints."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from engine import images
from engine.protocol import ImageFormat
from tests.engine.engine_process import Client, EngineProcess, talk
from tests.engine.sketch.worker import PAUSE_VARIABLE

PHOTOS = Path(__file__).parents[2] / "demo" / "photos"
PAUSE = "0.1"  # seconds of an evaluation: a thousand take longer than a test needs them to


def small(photo: str, width: int, height: int) -> bytes:
    picture = images.decode((PHOTOS / photo).read_bytes(), "content")
    return images.encode(images.resize(picture, width, height), ImageFormat.PNG)


@pytest.fixture(scope="session")
def upload() -> dict[str, bytes]:
    """A picture and a style image as they are sent along."""
    return {"content": small("chelsea.png", 96, 64), "style-1": small("coffee.png", 80, 80)}


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    """An engine that is ready, real but for the network; its jobs are shared, so every test has its own group."""
    with EngineProcess(
        tmp_path_factory.mktemp("engine") / "data",
        program="tests.engine.sketch",
        environment={PAUSE_VARIABLE: PAUSE},
    ) as process:
        yield process.ready()
        assert process.stop() == 0, process.output()


@pytest.fixture(scope="module")
def painter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    """The same with the network: for what is seen in pictures, and told of them; it takes a gigabyte, so not for long."""
    with EngineProcess(tmp_path_factory.mktemp("painter") / "data") as process:
        yield process.ready()
        assert process.stop() == 0, process.output()


@pytest.fixture
async def client(engine: EngineProcess) -> AsyncIterator[Client]:
    """The wire to the shared engine, with its token."""
    async with talk(engine) as client:
        yield client
