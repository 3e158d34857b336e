"""What we made we take: whatever an allowed request became can be gone on from, and tells how it was made."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

from engine import images
from engine.images import Animation, Picture, sandbox
from engine.painting import preprocess
from engine.planning.cost_model import Speed
from engine.protocol import (
    MAX_IMAGE_BYTES,
    MAX_RESULT_BYTES,
    MAX_SIDE,
    ImageFormat,
    JobRequest,
    Owner,
    Preset,
    Start,
    StyleChoice,
)
from engine.service import intake
from engine.service.dispatcher import Dispatcher
from engine.service.metrics import Metrics
from engine.storage.files import JobFiles, result_file
from engine.storage.jobs import JobRecord
from engine.workers import runner
from engine.workers.checkpoints import Checkpoints
from engine.workers.ipc import Result
from tests.engine.counting import CountingSession
from tests.engine.sent import arrived

if TYPE_CHECKING:
    from engine.painting.session import Session
    from engine.service.jobs import Jobs

SHAPES = [(96, 64), (640, 40), (40, 640), (2560, 32), (32, 2560)]
SPEED = Speed(overhead=1.0, per_megapixel=1.0)


def content_of(width: int, height: int, frames: int) -> bytes:
    numbers = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    animation = Animation(tuple(Picture(np.roll(numbers, n, 1)) for n in range(frames)), (50,) * frames)
    if frames > 1:
        return images.encode_animation(animation, ImageFormat.PNG)
    return images.encode(animation.frames[0], ImageFormat.PNG)


async def prepared(content: bytes, previous: bytes | None = None, **knobs: Any) -> tuple[JobRecord, Any]:
    parts = {"content": content} | ({} if previous is None else {"previous": previous})
    if previous is not None:
        knobs["start"] = Start.PREVIOUS
    wish = JobRequest(
        owner=Owner(group="a", user="b"), styles=(StyleChoice(name="great_wave"),), seed=1, **knobs
    )
    record, files = await intake.prepare(arrived(wish, parts), "key", SPEED)
    levels = tuple(level.model_copy(update={"evaluations": 1}) for level in record.plan.levels)
    plan = record.plan.model_copy(
        update={"levels": levels, "frame_evaluations": min(record.plan.frame_evaluations, 1)}
    )
    return record.but(plan=plan), files


def painted(folder: Path, record: JobRecord, files: Any) -> bytes:
    """The file of the result, by the way that a worker takes."""
    job_files = JobFiles(folder)
    job_files.write(record.id, files)
    run = Dispatcher([], cast("Jobs", None), job_files, Metrics())._run_of(record)
    *_, result = runner.paint(
        cast("Session", CountingSession()),
        run,
        Checkpoints(None, b"", 1000.0),
        stop=lambda: None,
        is_over=lambda: False,
        previews=None,
    )
    assert isinstance(result, Result)
    return (Path(run.outbox) / result_file(result.format)).read_bytes()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("frames", [1, 3])
@pytest.mark.parametrize("preset", [None, *Preset])
async def test_every_result_can_be_gone_on_from_twice(
    tmp_path: Path, shape: tuple[int, int], frames: int, preset: Preset | None
) -> None:
    content, previous = content_of(*shape, frames), None
    knobs: dict[str, Any] = {"preset": preset} if preset else {"size": 64}
    for attempt in range(2):
        record, files = await prepared(content, previous, **knobs)
        if previous is not None:
            kept, earlier = (images.decode(files[name], "content", max_bytes=None) for name in files)
            assert earlier.rgb.shape == kept.rgb.shape
        previous = painted(tmp_path / str(attempt), record, files)
        provenance = await sandbox.read_provenance(previous)
        assert (provenance.plan, provenance.network) == (record.plan, CountingSession.network_digest)


async def test_a_large_result_is_taken_back_though_such_a_picture_is_not() -> None:
    edge = content_of(96, 64, 1)
    large = edge.ljust(MAX_IMAGE_BYTES + 1, b"\0")
    record, _ = await prepared(edge, large, size=96)
    assert record.previous is not None
    with pytest.raises(Exception, match="too_many_bytes"):
        await prepared(large, size=96)


def test_no_result_is_larger_than_what_is_taken_back() -> None:
    side = MAX_SIDE // 4  # a sixteenth of it, since the bytes of noise grow as its pixels do
    noise = np.random.default_rng(0).integers(0, 256, (side, side, 4), np.uint8)
    data = images.encode(Picture(noise[..., :3], noise[..., 3]), ImageFormat.PNG, text="x" * 30_000)
    assert 16 * len(data) <= MAX_RESULT_BYTES


@pytest.mark.parametrize("kept", [(500, 33), (33, 500), (4000, 33), (96, 64), (64, 64)])
@pytest.mark.parametrize("long_side", [64, 100, 256])
def test_an_earlier_result_that_was_rounded_is_taken_whole(kept: tuple[int, int], long_side: int) -> None:
    width, height = (max(round(side * long_side / max(kept)), 1) for side in kept)
    halves = np.zeros((height, width, 3), np.uint8)
    long = 1 if width >= height else 0
    halves[tuple(slice(None) if axis != long else slice(long_side // 2) for axis in (0, 1))] = 255
    fitted = preprocess.fit_previous(Picture(halves), preprocess.Sizes(kept, kept, max(kept), 1.0))
    side = np.moveaxis(fitted.rgb, long, 0)
    assert side[: len(side) * 2 // 5].min() > 200
    assert side[len(side) * 3 // 5 :].max() < 50
