"""The engine with a sketch for a network does what the other does: paints, shows frames, goes on from a checkpoint."""

from pathlib import Path

import pytest

from engine.protocol import JobState, Preview
from tests.engine.engine_process import EngineProcess, request, talk
from tests.engine.sketch.worker import PAUSE_VARIABLE

PHOTOS = Path(__file__).parents[2] / "demo" / "photos"
UPLOAD = {
    "content": (PHOTOS / "chelsea.png").read_bytes(),
    "style-1": (PHOTOS / "coffee.png").read_bytes(),
}


def sketching(folder: Path, name: str = "engine", pause: float = 0.001) -> EngineProcess:
    return EngineProcess(
        folder / "data",
        name,
        program="tests.engine.sketch",
        environment={PAUSE_VARIABLE: str(pause)},
        batch=1,
    )


pytestmark = pytest.mark.integration


async def test_a_sketch_is_the_same_whether_or_not_the_engine_was_killed(tmp_path: Path) -> None:
    whole = request(group="whole", evaluations=60)
    with sketching(tmp_path) as engine:
        async with talk(engine.ready()) as client:
            painted = await client.painted((await client.submit(whole, UPLOAD)).id)
            image = (await client.fetch(f"/v1/jobs/{painted.id}/result"))[2]
    with sketching(tmp_path, "slow", pause=0.1) as engine:
        async with talk(engine.ready()) as client:
            job = await client.submit(whole, UPLOAD)
            async for envelope in client.events(job.id):
                if isinstance(envelope.event, Preview) and envelope.event.evaluation > 10:
                    break
            engine.kill()
    with sketching(tmp_path, "again") as engine:
        async with talk(engine.ready()) as client:
            view = await client.painted(job.id)
            assert view.state is JobState.FINISHED
            assert (await client.fetch(f"/v1/jobs/{job.id}/result"))[2] == image
